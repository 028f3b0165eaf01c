/* The register's facts beside the tiles. */
#include "support.h"

#include "audit/leaf.h"

/* Entries that are committed to a fact, at every third index. */
static bool has_fact(uint64_t index)
{
    return index % 3 == 0;
}

static void append_one(struct log_bench *b)
{
    static const uint8_t digest[LEAF_COMMITMENT] = {1};
    struct buf entry = BUF_INIT(LEAF_MAX), fact = BUF_INIT(64);
    struct leaf leaf = {.index = tiles_size(b->tiles), .event = AUDIT_RELEASED};
    leaf.fact = has_fact(leaf.index) ? digest : NULL;
    assert_int_equal(leaf_write(&leaf, &entry), RESULT_OK);
    buf_printf(&fact, "fact %llu", (unsigned long long)leaf.index);
    if (leaf.fact != NULL)
        tiles_append_fact(b->tiles, buf_view(&fact));
    tiles_append(b->tiles, buf_view(&entry));
    buf_free(&entry);
    buf_free(&fact);
}

static void append_to(struct log_bench *b, uint64_t size)
{
    while (tiles_size(b->tiles) < size)
        append_one(b);
}

struct seen {
    size_t count;
    uint64_t last;
    bool wrong;
};

static enum result see(void *arg, uint64_t index, struct bytes fact)
{
    struct seen *s = arg;
    char expected[64];
    (void)snprintf(expected, sizeof expected, "fact %llu", (unsigned long long)index);
    s->wrong = s->wrong || !bytes_is(fact, expected) || (s->count > 0 && index <= s->last);
    s->last = index;
    s->count++;
    return RESULT_OK;
}

static size_t count(struct log_bench *b, uint64_t from, uint64_t to)
{
    struct seen s = {0};
    assert_int_equal(tiles_each_fact(b->tiles, from, to, see, &s), RESULT_OK);
    assert_false(s.wrong);
    return s.count;
}

static void facts_are_read_back_in_order_before_and_after_they_are_settled(void **state)
{
    (void)state;
    struct log_bench b;
    log_init(&b);
    append_to(&b, 700);
    assert_int_equal(count(&b, 0, 700), 234);
    assert_int_equal(count(&b, 0, UINT64_MAX), 234);
    assert_int_equal(count(&b, 3, 4), 1);
    assert_int_equal(count(&b, 4, 6), 0);
    assert_int_equal(count(&b, 255, 259), 2);
    assert_int_equal(count(&b, 5, 5), 0);
    log_publish(&b);
    assert_int_equal(log_open(&b), RESULT_OK);
    assert_int_equal(tiles_size(b.tiles), 700);
    assert_int_equal(count(&b, 0, 700), 234);
    append_to(&b, 800);
    log_publish(&b);
    assert_int_equal(log_open(&b), RESULT_OK);
    assert_int_equal(count(&b, 0, 800), 267);
    log_free(&b);
}

static void a_full_file_takes_the_place_of_the_partial_ones(void **state)
{
    (void)state;
    struct log_bench b;
    log_init(&b);
    append_to(&b, 200);
    log_publish(&b);
    assert_true(file_exists(&b, "register/000.p/200"));
    append_to(&b, 300);
    log_publish(&b);
    assert_true(file_exists(&b, "register/000"));
    assert_false(file_exists(&b, "register/000.p"));
    assert_true(file_exists(&b, "register/001.p/44"));
    assert_false(file_exists(&b, "tile/register"));
    log_free(&b);
}

static void a_bundle_without_facts_has_no_file(void **state)
{
    (void)state;
    struct log_bench b;
    log_init(&b);
    log_append_to(&b, 300);
    log_publish(&b);
    assert_false(file_exists(&b, "register"));
    assert_int_equal(log_open(&b), RESULT_OK);
    assert_int_equal(count(&b, 0, 300), 0);
    log_free(&b);
}

static void a_fact_that_is_missing_is_damage(void **state)
{
    (void)state;
    struct log_bench b;
    log_init(&b);
    append_to(&b, 10);
    log_publish(&b);
    file_put(&b, "register/000.p/10", bytes_of("\0\0\1x\3\0\1x\6\0\1x", 12));
    assert_int_equal(log_open(&b), RESULT_DAMAGED);
    assert_non_null(strstr(b.why, "register/000.p/10"));
    file_put(&b, "register/000.p/10", bytes_of("\0\0\1x\3\0\1x\6\0\1x\7\0\1x", 16));
    assert_int_equal(log_open(&b), RESULT_DAMAGED);
    file_put(&b, "register/000.p/10", bytes_of("\0\0\1x\3\0\1x\6\0\1x\11\0\1x", 16));
    assert_int_equal(log_open(&b), RESULT_OK);
    assert_int_equal(unlinkat(b.folder.fd, "register/000.p/10", 0), 0);
    assert_int_equal(log_open(&b), RESULT_DAMAGED);
    log_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_are_read_back_in_order_before_and_after_they_are_settled),
        cmocka_unit_test(a_full_file_takes_the_place_of_the_partial_ones),
        cmocka_unit_test(a_bundle_without_facts_has_no_file),
        cmocka_unit_test(a_fact_that_is_missing_is_damage),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

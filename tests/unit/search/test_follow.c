/* The index goes after a log in its folder. */
#include "audit/leaf.h"
#include "audit/pruned.h"

#include "../audit/support.h"

#include "support.h"

#include <signal.h>
#include <sys/resource.h>

struct both {
    struct log_bench log;
    struct bench index;
    struct log say;
    int64_t now_us, step_us; /* a clock that goes on by itself */
    uint8_t salt;            /* of all entries */
};

static int64_t steady(void *arg)
{
    struct both *b = arg;
    return b->now_us += b->step_us;
}

static void open_index(struct both *b)
{
    b->say = (struct log){.fd = -1, .clock = {steady, steady, b}};
    assert_int_equal(search_open(b->index.folder.fd, W(LOG_NAME), &b->say, &b->index.s), RESULT_OK);
}

static void both_init(struct both *b)
{
    *b = (struct both){.step_us = 1, .salt = 1};
    log_init(&b->log);
    b->index.folder = temp_folder_in_memory();
    open_index(b);
}

static void both_free(struct both *b)
{
    bench_free(&b->index);
    log_free(&b->log);
}

/* Entries of ours up to this size, one of them in ten an act; published. */
static void grow(struct both *b, uint64_t size)
{
    struct buf entry = BUF_INIT(LEAF_MAX);
    while (tiles_size(b->log.tiles) < size) {
        struct leaf leaf = {.index = tiles_size(b->log.tiles), .source = W(POLICE)};
        leaf.event = leaf.index % 10 == 0 ? AUDIT_ACT : AUDIT_SESSION_OPENED;
        leaf.time_us = TEN + (int64_t)leaf.index;
        memset(leaf.salt, b->salt, sizeof leaf.salt);
        buf_clear(&entry);
        assert_int_equal(leaf_write(&leaf, &entry), RESULT_OK);
        tiles_append(b->log.tiles, buf_view(&entry));
    }
    buf_free(&entry);
    log_publish(&b->log);
}

static enum result follow(struct both *b, uint64_t upto, int64_t within_us)
{
    return search_follow(b->index.s, b->log.folder.fd, upto, within_us);
}

static void assert_has(const struct both *b, uint64_t from, uint64_t size)
{
    uint64_t at = UINT64_MAX, page[100], seen = 0;
    size_t found;
    bool more = true;
    assert_int_equal(search_size(b->index.s), size);
    struct search_query q = ask(SEARCH_EVENT, W("act"));
    for (; more; q.before = at, seen += found) {
        assert_int_equal(search_find(b->index.s, &q, page, 100, &found, &more), RESULT_OK);
        if (found > 0)
            at = page[found - 1];
    }
    assert_int_equal(seen, (size + 9) / 10 - (from + 9) / 10);
}

static void it_has_what_is_published(void **state)
{
    (void)state;
    struct both b;
    both_init(&b);
    assert_int_equal(follow(&b, 0, INT64_MAX), RESULT_OK);
    grow(&b, 1000);
    assert_int_equal(follow(&b, 1000, INT64_MAX), RESULT_OK);
    assert_has(&b, 0, 1000);
    both_free(&b);
}

static void partial_bundles_are_gone_on_with(void **state)
{
    (void)state;
    struct both b;
    both_init(&b);
    for (uint64_t size = 1; size < 1500; size += size / 3 + 1) {
        grow(&b, size);
        assert_int_equal(follow(&b, size, INT64_MAX), RESULT_OK);
        assert_has(&b, 0, size);
    }
    both_free(&b);
}

static void it_takes_so_much_time_and_goes_on(void **state)
{
    (void)state;
    struct both b;
    unsigned turns = 1;
    both_init(&b);
    grow(&b, 20000);
    b.step_us = 1000;
    while (follow(&b, 20000, 5000) == RESULT_AGAIN)
        turns++;
    assert_has(&b, 0, 20000);
    assert_true(turns > 10 && turns < 80);
    both_free(&b);
}

static void what_was_half_taken_is_taken_again(void **state)
{
    (void)state;
    struct both b;
    both_init(&b);
    grow(&b, 20000);
    for (unsigned i = 0; i < 40; i++)
        assert_int_equal(follow(&b, 20000, 0), RESULT_AGAIN);
    assert_true(search_size(b.index.s) > 0);
    search_close(b.index.s);
    open_index(&b);
    assert_int_equal(follow(&b, 20000, INT64_MAX), RESULT_OK);
    assert_has(&b, 0, 20000);
    both_free(&b);
}

/* ---- what is not there */

static void what_was_let_go_is_passed_over(void **state)
{
    (void)state;
    struct both b;
    both_init(&b);
    grow(&b, 1000);
    for (uint64_t n = 0; n < 2; n++)
        assert_int_equal(pruned_forget(b.log.folder.fd, n), RESULT_OK);
    assert_int_equal(follow(&b, 1000, INT64_MAX), RESULT_NOT_FOUND); /* nobody said so */
    assert_int_equal(pruned_write(b.log.folder.fd, W("\nsubject: entries before 512\n"), W("x")),
                     RESULT_OK);
    assert_int_equal(follow(&b, 1000, INT64_MAX), RESULT_OK);
    assert_has(&b, 512, 1000);
    both_free(&b);
}

static void what_is_found_stays_when_its_entry_is_let_go(void **state)
{
    (void)state;
    struct both b;
    both_init(&b);
    grow(&b, 512);
    assert_int_equal(follow(&b, 512, INT64_MAX), RESULT_OK);
    search_close(b.index.s);
    for (uint64_t n = 0; n < 2; n++)
        assert_int_equal(pruned_forget(b.log.folder.fd, n), RESULT_OK);
    grow(&b, 600);
    open_index(&b);
    assert_int_equal(follow(&b, 600, INT64_MAX), RESULT_OK);
    assert_has(&b, 0, 600);
    both_free(&b);
}

static void what_is_no_entry_of_ours_is_passed_over(void **state)
{
    (void)state;
    struct both b;
    both_init(&b);
    grow(&b, 10);
    tiles_append(b.log.tiles, W("{\"event\":\"of a later version\"}"));
    grow(&b, 21);
    assert_int_equal(follow(&b, 21, INT64_MAX), RESULT_OK);
    assert_int_equal(search_size(b.index.s), 21);
    assert_int_equal(count_of(&b.index, SEARCH_EVENT, W("act")), 2); /* 0 and 20, not 10 */
    both_free(&b);
}

/* ---- another log of the same name */

static void another_log_begins_anew(void **state)
{
    (void)state;
    struct both b, other;
    both_init(&b);
    both_init(&other);
    other.salt = 2;
    grow(&b, 300);
    grow(&other, 400);
    assert_int_equal(follow(&b, 300, INT64_MAX), RESULT_OK);
    search_close(b.index.s);
    open_index(&b);
    const int was = b.log.folder.fd;
    b.log.folder.fd = other.log.folder.fd;
    assert_int_equal(follow(&b, 400, INT64_MAX), RESULT_OK);
    assert_has(&b, 0, 400);
    b.log.folder.fd = was;
    assert_int_equal(follow(&b, 300, INT64_MAX), RESULT_OK); /* a log does not shrink */
    assert_has(&b, 0, 300);
    both_free(&b);
    both_free(&other);
}

static void a_full_disk_is_told_and_nothing_is_left_out(void **state)
{
    (void)state;
    struct both b;
    struct rlimit before;
    both_init(&b);
    grow(&b, 20000);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit small = {200000, before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum result r = RESULT_AGAIN;
    for (unsigned i = 0; i < 200 && r == RESULT_AGAIN; i++)
        r = follow(&b, 20000, 0);
    assert_int_equal(r, RESULT_FULL);
    assert_int_equal(follow(&b, 20000, 0), RESULT_FULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(follow(&b, 20000, INT64_MAX), RESULT_OK);
    assert_has(&b, 0, 20000);
    both_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_what_is_published),
        cmocka_unit_test(partial_bundles_are_gone_on_with),
        cmocka_unit_test(it_takes_so_much_time_and_goes_on),
        cmocka_unit_test(what_was_half_taken_is_taken_again),
        cmocka_unit_test(what_was_let_go_is_passed_over),
        cmocka_unit_test(what_is_found_stays_when_its_entry_is_let_go),
        cmocka_unit_test(what_is_no_entry_of_ours_is_passed_over),
        cmocka_unit_test(another_log_begins_anew),
        cmocka_unit_test(a_full_disk_is_told_and_nothing_is_left_out),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

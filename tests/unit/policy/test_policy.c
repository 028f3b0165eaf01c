#include "ask.h"

#include "policy/snapshot.h"

static enum result open_bytes(const uint8_t *p, size_t n)
{
    struct policy *opened = NULL;
    enum result r = policy_open(bytes_of(p, n), &opened);
    policy_close(opened);
    return r;
}

static void a_snapshot_says_what_the_set_said(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_open(&s);
    assert_int_equal(policy_serial(s.policy), 7);
    assert_string_equal(policy_name(s.policy), "test");
    struct box area = policy_service_area(s.policy);
    assert_true(area.south_west.latitude == 36.20 && area.south_west.longitude == 127.20);
    assert_true(area.north_east.latitude == 36.50 && area.north_east.longitude == 127.60);
    set_free(&s);
}

/* The same files make the same bytes, wherever they are compiled. */
static void equal_sets_make_equal_snapshots(void **state)
{
    struct set s, again;
    (void)state;
    set_new(&s);
    set_new(&again);
    set_open(&s);
    set_open(&again);
    assert_int_equal(s.block.n, again.block.n);
    assert_memory_equal(s.block.p, again.block.p, s.block.n);
    set_free(&s);
    set_free(&again);
}

static void a_cut_block_is_refused(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_open(&s);
    assert_int_equal(open_bytes(NULL, 0), RESULT_MALFORMED);
    for (size_t n = 1; n < s.block.n; n += n < 1024 ? 1 : 97) {
        uint8_t *cut = mem_new(n);
        memcpy(cut, s.block.p, n);
        assert_int_equal(open_bytes(cut, n), RESULT_MALFORMED);
        mem_free(cut);
    }
    set_free(&s);
}

static void a_block_with_more_behind_it_is_refused(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_open(&s);
    uint8_t *longer = mem_new(s.block.n + 8);
    memcpy(longer, s.block.p, s.block.n);
    assert_int_equal(open_bytes(longer, s.block.n + 8), RESULT_MALFORMED);
    mem_free(longer);
    set_free(&s);
}

static void a_block_at_an_odd_address_is_refused(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_open(&s);
    uint8_t *moved = mem_new(s.block.n + 8);
    memcpy(moved + 4, s.block.p, s.block.n);
    assert_int_equal(open_bytes(moved + 4, s.block.n), RESULT_MALFORMED);
    mem_free(moved);
    set_free(&s);
}

static void a_header_that_does_not_fit_its_block_is_refused(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_open(&s);
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        const uint64_t offset[] = {s.block.n, s.block.n + 8, 4, UINT64_MAX - 7};
        const uint64_t count[] = {s.block.n + 1, UINT64_MAX, UINT64_MAX / 16, UINT64_C(1) << 61};
        for (size_t k = 0; k < ARRAY_LEN(offset); k++) {
            uint8_t *block = set_copy_block(&s);
            struct snapshot_header *h = (void *)block;
            h->section[i].count = 1;
            h->section[i].offset = offset[k];
            assert_int_equal(open_bytes(block, s.block.n), RESULT_MALFORMED);
            memcpy(block, s.block.p, s.block.n);
            h->section[i].count = count[k];
            assert_int_equal(open_bytes(block, s.block.n), RESULT_MALFORMED);
            mem_free(block);
        }
    }
    uint8_t *block = set_copy_block(&s);
    block[0] ^= 1; /* another format */
    assert_int_equal(open_bytes(block, s.block.n), RESULT_MALFORMED);
    mem_free(block);
    set_free(&s);
}

static void texts_end_within_the_block(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_open(&s);
    uint8_t *block = set_copy_block(&s);
    struct snapshot_header *h = (void *)block;
    block[h->section[SECTION_TEXTS].offset + h->section[SECTION_TEXTS].count - 1] = 'x';
    assert_int_equal(open_bytes(block, s.block.n), RESULT_MALFORMED);
    memcpy(block, s.block.p, s.block.n);
    h->section[SECTION_TEXTS].count = 0;
    assert_int_equal(open_bytes(block, s.block.n), RESULT_MALFORMED);
    mem_free(block);
    set_free(&s);
}

/* Everything that follows references, asked of a policy that may be damaged. */
static void ask_everything(struct ask *a)
{
    static const char *const grants[] = {"report", "request",  "live",    "photo",
                                         "alert",  "position", "dispatch"};
    const char *failed;
    uint32_t to[POLICY_REACH_MAX];
    bool is_crl;
    struct bytes der;
    for (size_t i = 0; i < ARRAY_LEN(grants); i++) {
        struct obligations o;
        ask_message(a, grants[i]);
        uint32_t unit = policy_unit(a->set.policy, bytes_of_text(a->to));
        if (ask_words(a, &failed) != REASON_PERMITTED || unit == POLICY_NONE)
            continue;
        policy_decide(&a->q, unit, &a->d);
        (void)strlen(a->d.clause);
        (void)strlen(a->d.failed);
        (void)strlen(a->d.law);
        if (a->d.grant != POLICY_NONE) {
            policy_obligations(&a->q, a->d.grant, &o);
            (void)policy_duty(a->set.policy, a->d.grant, 0);
        }
        policy_decide_send(&a->q, &unit, &a->d);
        (void)policy_reach(a->set.policy, a->facts.kind, a->q.from, to);
    }
    for (size_t i = 0; policy_certificate(a->set.policy, i, &is_crl, &der); i++)
        (void)der;
}

/* A block with any byte wrong is refused, or does no harm. Its bytes come from another process. */
static void a_damaged_block_is_refused_or_harmless(void **state)
{
    struct ask a;
    size_t refused = 0;
    (void)state;
    ask_new(&a);
    ask_open(&a, "report");
    uint8_t *block = set_copy_block(&a.set);
    policy_close(a.set.policy);
    for (size_t i = 0; i < a.set.block.n; i += i < 1024 ? 1 : 3) {
        block[i] ^= 0xff;
        a.set.policy = NULL;
        if (policy_open(bytes_of(block, a.set.block.n), &a.set.policy) == RESULT_OK)
            ask_everything(&a);
        else
            refused++;
        policy_close(a.set.policy);
        block[i] ^= 0xff;
    }
    a.set.policy = NULL;
    assert_true(refused > 1000);
    mem_free(block);
    ask_free(&a);
}

static void a_grant_is_found_by_its_clause_alone(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_open(&s);
    for (uint32_t i = 0; i < policy_grants(s.policy); i++)
        assert_int_equal(policy_clause(s.policy, bytes_of_text(policy_text(
                                                     s.policy, s.policy->grants[i].clause))),
                         i);
    assert_int_equal(policy_clause(s.policy, bytes_of_text("a#reports")), POLICY_NONE);
    assert_int_equal(policy_clause(s.policy, bytes_of_text("a#")), POLICY_NONE);
    assert_int_equal(policy_clause(s.policy, bytes_of_text("")), POLICY_NONE);
    set_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_snapshot_says_what_the_set_said),
        cmocka_unit_test(a_grant_is_found_by_its_clause_alone),
        cmocka_unit_test(equal_sets_make_equal_snapshots),
        cmocka_unit_test(a_cut_block_is_refused),
        cmocka_unit_test(a_block_with_more_behind_it_is_refused),
        cmocka_unit_test(a_block_at_an_odd_address_is_refused),
        cmocka_unit_test(a_header_that_does_not_fit_its_block_is_refused),
        cmocka_unit_test(texts_end_within_the_block),
        cmocka_unit_test(a_damaged_block_is_refused_or_harmless)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* policy/coverage.c: what tests reached, and what they did not. */
#include "tests.h"

struct reached {
    struct policy_coverage counts;
    struct buf missing;
};

static void measure(struct tests_bench *b, const char *text, struct reached *out)
{
    *out = (struct reached){.missing = BUF_INIT(1 << 16)};
    if (text != NULL && !tests_run(b, text))
        fail_msg("%s", buf_c(&b->said));
    policy_tests_coverage(b->tests, &out->counts, &out->missing);
    (void)buf_c(&out->missing);
}

static bool lists(const struct reached *r, const char *part)
{
    return strstr((const char *)r->missing.p, part) != NULL;
}

static void without_tests_nothing_is_reached(void **state)
{
    (void)state;
    struct tests_bench b;
    struct reached r;
    tests_bench_new(&b);
    measure(&b, NULL, &r);
    assert_int_equal(r.counts.percent, 0);
    assert_int_equal(r.counts.clauses, 0);
    assert_int_equal(r.counts.clauses_of, 8); /* seven grants and a prohibition */
    assert_int_equal(r.counts.conditions, 0);
    assert_true(lists(&r, "mou/a.yaml:"));
    assert_true(lists(&r, ": a#live: no test is permitted by it\n"));
    assert_true(lists(&r, ": a#live: actor: required: no test asks it\n"));
    assert_true(lists(&r, ": b#positions-to-others: no test asks it\n"));
    buf_free(&r.missing);
    tests_bench_free(&b);
}

static void a_condition_counts_when_it_was_seen_to_hold_and_to_fail(void **state)
{
    (void)state;
    struct tests_bench b;
    struct reached r;
    tests_bench_new(&b);
    measure(&b, DEFAULTS "  - {test: t, expect: permitted}\n", &r);
    assert_int_equal(r.counts.clauses, 2); /* with the prohibition, which spared it */
    assert_int_equal(r.counts.conditions, 0);
    assert_true(lists(&r, ": a#live: actor: required: no test sees it fail\n"));
    buf_free(&r.missing);
    measure(&b, DEFAULTS "  - {test: t, watcher: {actor: none}, expect: refused}\n", &r);
    assert_int_equal(r.counts.conditions, 1);
    assert_false(lists(&r, "actor: required"));
    buf_free(&r.missing);
    tests_bench_free(&b);
}

static void a_condition_that_only_failed_does_not_count(void **state)
{
    (void)state;
    struct tests_bench b;
    struct reached r;
    tests_bench_new(&b);
    measure(&b, DEFAULTS "  - {test: t, watcher: {actor: none}, expect: refused}\n", &r);
    assert_int_equal(r.counts.conditions, 0);
    assert_true(lists(&r, ": a#live: actor: required: no test sees it hold\n"));
    assert_true(lists(&r, ": a#live: incident.state: open: no test asks it\n"));
    buf_free(&r.missing);
    tests_bench_free(&b);
}

static void what_a_sender_leaves_to_watchers_was_not_asked(void **state)
{
    (void)state;
    struct tests_bench b;
    struct reached r;
    tests_bench_new(&b);
    measure(&b, DEFAULTS "  - {test: t, watcher: none, expect: permitted}\n", &r);
    assert_true(lists(&r, ": a#live: actor: required: no test asks it\n"));
    buf_free(&r.missing);
    tests_bench_free(&b);
}

#define POSITION                                                                                   \
    "tests:\n  - test: position\n    now: 2026-11-21T21:00:00+09:00\n"                             \
    "    message: {kind: location_update, from: carrier/alerts, service: protection, purpose: "    \
    "life-rescue, basis: kr/location/29, evidence: emergency-call, origin: lia-29}\n"

static void a_prohibition_that_no_grant_can_meet_counts_when_it_spared(void **state)
{
    (void)state;
    struct tests_bench b;
    struct reached r;
    tests_bench_new(&b);
    measure(&b, POSITION "    expect: {to: police/control, verdict: permitted}\n", &r);
    assert_false(lists(&r, "b#positions-to-others"));
    buf_free(&r.missing);
    tests_bench_free(&b);
}

static void a_prohibition_that_can_forbid_has_to_be_seen_to(void **state)
{
    (void)state;
    struct tests_bench b;
    struct reached r;
    tests_bench_new(&b);
    tests_bench_change(&b, B, "role: [police, rescue-agency]}\n    because",
                       "role: rescue-agency}\n    because", false);
    measure(&b, POSITION "    expect: {to: rescue/control, verdict: permitted}\n", &r);
    assert_true(lists(&r, ": b#positions-to-others: no test sees it hold\n"));
    buf_free(&r.missing);
    measure(&b, POSITION "    expect: {to: police/control, verdict: refused}\n", &r);
    assert_false(lists(&r, "b#positions-to-others"));
    buf_free(&r.missing);
    tests_bench_free(&b);
}

static void an_emergency_counts_when_it_was_seen_to_apply_and_not_to(void **state)
{
    (void)state;
    struct tests_bench b;
    struct reached r;
    tests_bench_new(&b);
    tests_bench_change(&b, NULL, NULL, NULL, true);
    measure(&b, DEFAULTS "  - {test: t, message: {camera: cam-3}, expect: refused}\n", &r);
    assert_true(lists(&r, ": emergency: no test sees it hold\n"));
    buf_free(&r.missing);
    measure(&b,
            DEFAULTS
            "  - {test: t, message: {camera: cam-3}, incident: {emergency: {mou: a, until: in 1 "
            "second}}, expect: emergency}\n",
            &r);
    assert_false(lists(&r, ": emergency: "));
    buf_free(&r.missing);
    tests_bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_tests_nothing_is_reached),
        cmocka_unit_test(a_condition_counts_when_it_was_seen_to_hold_and_to_fail),
        cmocka_unit_test(a_condition_that_only_failed_does_not_count),
        cmocka_unit_test(what_a_sender_leaves_to_watchers_was_not_asked),
        cmocka_unit_test(a_prohibition_that_no_grant_can_meet_counts_when_it_spared),
        cmocka_unit_test(a_prohibition_that_can_forbid_has_to_be_seen_to),
        cmocka_unit_test(an_emergency_counts_when_it_was_seen_to_apply_and_not_to)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

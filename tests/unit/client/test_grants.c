/* What a unit may send and receive, as the gateway tells it. */
#include "support.h"

struct got {
    unsigned answers, failures;
    uint32_t next;
    unsigned passes, closed;
    int64_t now_us;
    char from[40], basis[40];
};

static void done(void *arg, const struct fedgate_grants *g, const struct fedgate_end *end)
{
    struct got *t = arg;
    if (g == NULL) {
        t->failures++;
        assert_int_not_equal(end->status, 0);
        return;
    }
    t->answers++;
    t->next = g->next;
    t->now_us = g->now_us;
    assert_string_equal(g->unit, "npa/112");
    assert_string_equal(g->policy, "test");
    assert_int_equal(g->serial, 7);
    assert_int_equal(g->grants, 1);
    assert_int_equal(g->grant[0].way, FEDGATE_WAY_DIRECT);
    t->passes = g->grant[0].passes;
    t->closed = g->grant[0].closed;
    (void)snprintf(t->from, sizeof t->from, "%s", g->grant[0].from);
    (void)snprintf(t->basis, sizeof t->basis, "%s", g->grant[0].basis[0]);
}

static const struct fedgate_grants_events events = {done};

static void grants_come_page_by_page_with_what_may_pass_or_why_not(void **state)
{
    struct pair *p = *state;
    struct got first = {0}, then = {0};
    assert_int_equal(fedgate_grants_get(p->client, 0, &events, &first), FEDGATE_OK);
    TURN_UNTIL(p, first.answers == 1);
    assert_int_equal(first.next, 5);
    assert_int_equal(first.passes, FEDGATE_PASSES_ACTUAL | FEDGATE_PASSES_TEST);
    assert_int_equal(first.now_us, INT64_C(1800000000) * US_PER_S + 250000);
    assert_string_equal(first.from, "npa/112");
    assert_string_equal(first.basis, "kr/pipa/18-2-3");
    assert_int_equal(fedgate_grants_get(p->client, first.next, &events, &then), FEDGATE_OK);
    TURN_UNTIL(p, then.answers == 1);
    assert_true(then.next == 0 && then.passes == 0);
    assert_string_equal(fedgate_reason_word(then.closed), "mou-not-in-force");
    assert_string_equal(then.from, "centre/desk");
}

static void a_question_that_the_connection_did_not_outlive_is_told(void **state)
{
    struct pair *p = *state;
    struct got g = {0};
    assert_int_equal(fedgate_grants_get(p->client, 0, &events, &g), FEDGATE_OK);
    grpc_connection_close(p->fake->connection, "cut");
    TURN_UNTIL(p, g.answers + g.failures == 1);
    assert_int_equal(g.failures, 1);
    TURN_UNTIL(p, p->lost == 1);
    assert_int_equal(fedgate_grants_get(p->client, 0, &events, &g), FEDGATE_WAIT);
    assert_int_equal(g.failures, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(grants_come_page_by_page_with_what_may_pass_or_why_not,
                                        pair_connected_once, pair_end),
        cmocka_unit_test_setup_teardown(a_question_that_the_connection_did_not_outlive_is_told,
                                        pair_connected_once, pair_end)};
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

/* Vaults: the gateway's half of a key, opened here and nowhere between. */
#include "support.h"

struct got {
    unsigned answers, failures;
    struct fedgate_half half;
    char clause[64];
    int status;
};

static void done(void *arg, const struct fedgate_half *half, const struct fedgate_end *end)
{
    struct got *g = arg;
    g->status = end->status;
    if (half == NULL) {
        g->failures++;
        return;
    }
    g->answers++;
    g->half = *half;
    (void)snprintf(g->clause, sizeof g->clause, "%s", half->clause);
}

static const struct fedgate_half_events events = {done};
static const struct fedgate_actor who = {"p-417", "duty-officer", NULL, NULL};

static struct fedgate_record record(uint64_t index)
{
    return (struct fedgate_record){"gateway.example/log", index};
}

static void a_half_comes_for_storing_and_the_same_for_opening(void **state)
{
    struct pair *p = *state;
    struct got stored = {0}, opened = {0};
    const struct fedgate_record r = record(7);
    assert_int_equal(fedgate_half_to_store(p->client, &r, &events, &stored), FEDGATE_OK);
    assert_int_equal(fedgate_half_to_open(p->client, &r, &who, "case 2026-17", &events, &opened),
                     FEDGATE_OK);
    TURN_UNTIL(p, stored.answers + opened.answers == 2);
    assert_true(stored.half.has_half && opened.half.has_half);
    assert_int_equal(stored.half.half[31], 7);
    assert_memory_equal(stored.half.half, opened.half.half, 32);
    assert_true(opened.half.uses_limited && opened.half.uses_left == 2);
    assert_int_equal(opened.half.refused, 0);
    assert_string_equal(opened.clause, "molit#alerts");
    assert_int_equal(opened.half.record.index, 107);
    assert_string_equal(p->fake->staff, "p-417");
    assert_string_equal(p->fake->purpose, "case 2026-17");
}

static void a_refusal_has_its_reason_and_no_half(void **state)
{
    struct pair *p = *state;
    struct got g = {0};
    const struct fedgate_record r = record(13);
    assert_int_equal(fedgate_half_to_open(p->client, &r, &who, "x", &events, &g), FEDGATE_OK);
    TURN_UNTIL(p, g.answers == 1);
    assert_false(g.half.has_half);
    assert_string_equal(fedgate_reason_word(g.half.refused), "purpose-fulfilled");
}

static void a_half_that_was_sealed_for_another_is_no_answer(void **state)
{
    struct pair *p = *state;
    struct got g = {0};
    const struct fedgate_record r = record(14);
    assert_int_equal(fedgate_half_to_store(p->client, &r, &events, &g), FEDGATE_OK);
    TURN_UNTIL(p, g.failures + g.answers == 1);
    assert_int_equal(g.failures, 1);
    assert_int_not_equal(g.status, 0);
}

static void an_opening_without_the_gateway_is_told_with_its_time(void **state)
{
    struct pair *p = *state;
    struct got g = {0};
    const struct fedgate_record r = record(7);
    assert_int_equal(
        fedgate_use_report(p->client, &r, &who, "x", INT64_C(1800000000) * US_PER_S, &events, &g),
        FEDGATE_OK);
    TURN_UNTIL(p, g.answers == 1);
    assert_false(g.half.has_half);
    assert_int_equal(g.half.refused, 0);
}

struct heard {
    unsigned answers;
    size_t holds;
    uint64_t next;
    int64_t since_us;
};

static void heard(void *arg, const struct fedgate_held *held, const struct fedgate_end *end)
{
    struct heard *h = arg;
    assert_non_null(held);
    assert_int_equal(end->status, 0);
    assert_string_equal(held->origin, "gateway.example/log");
    h->answers++;
    h->holds = held->holds;
    h->next = held->next;
    if (held->holds == 0)
        return;
    h->since_us = held->hold[0].since_us;
    assert_string_equal(held->hold[0].subject, "incident npa/112:1");
    assert_int_equal(held->hold[0].count, 2);
    assert_int_equal(held->hold[0].index[1], 9);
}

static void what_is_held_comes_with_where_to_ask_on(void **state)
{
    static const struct fedgate_held_events held_events = {heard};
    struct pair *p = *state;
    struct heard first = {0}, then = {0};
    assert_int_equal(fedgate_vault_held(p->client, 7, &held_events, &first), FEDGATE_OK);
    assert_int_equal(fedgate_vault_held(p->client, 11, &held_events, &then), FEDGATE_OK);
    TURN_UNTIL(p, first.answers + then.answers == 2);
    assert_int_equal(first.holds, 1);
    assert_int_equal(first.next, 11);
    assert_int_equal(first.since_us, INT64_C(1800000000) * US_PER_S);
    assert_true(then.holds == 0 && then.next == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_half_comes_for_storing_and_the_same_for_opening,
                                        pair_connected_once, pair_end),
        cmocka_unit_test_setup_teardown(a_refusal_has_its_reason_and_no_half, pair_connected_once,
                                        pair_end),
        cmocka_unit_test_setup_teardown(a_half_that_was_sealed_for_another_is_no_answer,
                                        pair_connected_once, pair_end),
        cmocka_unit_test_setup_teardown(an_opening_without_the_gateway_is_told_with_its_time,
                                        pair_connected_once, pair_end),
        cmocka_unit_test_setup_teardown(what_is_held_comes_with_where_to_ask_on,
                                        pair_connected_once, pair_end),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

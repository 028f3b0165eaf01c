#include "ask.h"

#include "policy/snapshot.h"

static void expect_judged_by_its_own_conditions(const struct policy *p, const struct row_grant *g)
{
    const uint32_t *judged = grant_judged(p, g);
    for (uint32_t i = 0; i < g->conditions; i++) {
        struct row_condition own = p->conditions[g->condition_first + i];
        own.line = 0;
        assert_memory_equal(&own, &p->distinct[judged[i]], sizeof own);
    }
}

static void equal_conditions_of_several_grants_stand_once(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_open(&s);
    const struct policy *p = s.policy;
    for (size_t i = 0; i < p->grants_count; i++)
        expect_judged_by_its_own_conditions(p, &p->grants[i]);
    for (size_t i = 1; i < p->distinct_count; i++)
        assert_true(memcmp(&p->distinct[i - 1], &p->distinct[i], sizeof *p->distinct) < 0);
    /* "state: open" and "participant: police/control" of request and live. */
    assert_int_equal(p->distinct_count, p->conditions_count - 2);
    set_free(&s);
}

static void without_conditions_nothing_stands_there(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_put(&s, B, NULL);
    set_put(&s, A,
            MOU_HEAD("a") "  - grant: report\n"
                          "    service: onsite-video\n"
                          "    kind: incident_report\n"
                          "    from: police/control\n"
                          "    to: gateway/self\n"
                          "    purpose: crime-response\n"
                          "    basis_any_of: [kr/pipa/18-2-3, kr/pipa/18-2-7]\n"
                          "    destroy: {starts_at: incident-end, delay: 0 seconds}\n");
    set_open(&s);
    assert_int_equal(s.policy->distinct_count, 0);
    set_free(&s);
}

/* Eight stand in the grant's row, as many as `live` has; two more and they stand elsewhere. */
static void a_grant_with_more_conditions_than_its_row_holds_is_judged_by_all(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    set_change(&a.set, A, "      actor: required\n",
               "      evidence: case-number\n"
               "      period: {hours: 00:00-23:59, days: [mon, tue, wed, thu, fri, sat, sun]}\n"
               "      actor: required\n");
    ask_open(&a, "live");
    const struct row_grant *g =
        &a.set.policy->grants[policy_clause(a.set.policy, bytes_of_text("a#live"))];
    assert_true(g->conditions > GRANT_JUDGED);
    expect_judged_by_its_own_conditions(a.set.policy, g);
    expect_permitted(&a, "a#live");
    a.watcher.has_actor = false;
    assert_int_equal(ask_decide(&a)->reason, REASON_ACTOR_MISSING);
    ask_message(&a, "live");
    a.incident[0].opened_us = NOW_US - 6 * US_PER_HOUR;
    assert_int_equal(ask_decide(&a)->reason, REASON_INCIDENT_TOO_OLD);
    ask_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_conditions_of_several_grants_stand_once),
        cmocka_unit_test(without_conditions_nothing_stands_there),
        cmocka_unit_test(a_grant_with_more_conditions_than_its_row_holds_is_judged_by_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

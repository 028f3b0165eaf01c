/* policy_trace: the steps of a decision, told while it is made. */
#include "ask.h"

#include "policy/snapshot.h"

struct told {
    const struct policy *p;
    struct buf text;
};

/* "live: dimensions; envelope; actor: required; -incident.state: open (incident-closed)". */
static void note(const struct policy_tried *t, void *arg)
{
    static const char *const steps[] = {"dimensions", "envelope", NULL, "emergency", "prohibition"};
    struct told *told = arg;
    const char *what = t->step == POLICY_STEP_CONDITION
                           ? policy_text(told->p, told->p->conditions[t->row].text)
                           : steps[t->step];
    buf_printf(&told->text, "%s%s%s", told->text.n == 0 ? "" : "; ",
               t->reason == REASON_PERMITTED ? ""
               : t->passed_over              ? "~"
                                             : "-",
               what);
    if (t->reason != REASON_PERMITTED)
        buf_printf(&told->text, " (%s)", reason_word(t->reason));
}

/* The trace, which ends in the very decision. */
static void expect_trace(struct ask *a, const char *expected)
{
    struct told told = {a->set.policy, BUF_INIT(1 << 16)};
    const struct policy_visitor visitor = {note, &told};
    const struct decision *d = ask_decide(a);
    struct decision traced;
    policy_trace(&a->q, policy_unit(a->set.policy, bytes_of_text(a->to)), &visitor, &traced);
    assert_string_equal(buf_c(&told.text), expected);
    assert_int_equal(traced.reason, d->reason);
    assert_string_equal(traced.clause, d->clause);
    assert_string_equal(traced.failed, d->failed);
    buf_free(&told.text);
}

static void every_step_that_held_is_told(void **state)
{
    (void)state;
    struct ask a;
    ask_new(&a);
    ask_open(&a, "alert");
    expect_trace(&a, "dimensions; envelope; subject.category: child, living-alone; "
                     "subject.age_band: 14-to-17, adult; consent.given_by: subject; "
                     "consent.names_recipient: yes; consent.names_purpose: yes; "
                     "origin: lia-consent, device; prohibition");
    ask_free(&a);
}

static void what_comes_behind_a_failure_is_not_asked(void **state)
{
    (void)state;
    struct ask a;
    ask_new(&a);
    ask_open(&a, "alert");
    a.facts.age_band = AGE_9_TO_13;
    expect_trace(&a, "dimensions; envelope; subject.category: child, living-alone; "
                     "-subject.age_band: 14-to-17, adult (age-band-not-covered)");
    a.facts.evidences = 0;
    expect_trace(&a, "dimensions; -envelope (evidence-missing)");
    a.facts.basis = bytes_of_text("kr/pipa/18-2-3");
    expect_trace(&a, "-dimensions (basis-not-accepted)");
    ask_free(&a);
}

static void every_incident_is_tried(void **state)
{
    (void)state;
    struct ask a;
    ask_new(&a);
    ask_open(&a, "live");
    a.facts.incident[1] = bytes_of_text("police/control:" UUID_2);
    a.facts.incidents = 2;
    end_incident(&a.incident[0]);
    const struct decision *d = ask_decide(&a);
    assert_int_equal(d->reason, REASON_PERMITTED);
    assert_int_equal(d->incident, 1);
    struct told told = {a.set.policy, BUF_INIT(1 << 16)};
    const struct policy_visitor visitor = {note, &told};
    struct decision traced;
    policy_trace(&a.q, policy_unit(a.set.policy, bytes_of_text(a.to)), &visitor, &traced);
    assert_non_null(strstr(buf_c(&told.text), "-incident.state: open (incident-closed); "));
    assert_non_null(strstr(buf_c(&told.text), "; incident.state: open; "));
    buf_free(&told.text);
    ask_free(&a);
}

static void a_prohibition_that_forbids_is_told(void **state)
{
    (void)state;
    struct ask a;
    ask_new(&a);
    set_change(&a.set, B, "role: [police, rescue-agency]}\n    because",
               "role: rescue-agency}\n    because");
    ask_open(&a, "position");
    expect_trace(&a, "dimensions; envelope; -prohibition (origin-prohibited)");
    ask_free(&a);
}

static void what_an_emergency_passes_over_is_told(void **state)
{
    (void)state;
    struct ask a;
    ask_new(&a);
    struct buf mou = BUF_INIT(1 << 16);
    buf_printf(&mou,
               "%semergency:\n"
               "  who: {units: [police/control], role: duty-officer}\n"
               "  kinds: [video]\n"
               "  basis_any_of: [kr/pipa/18-2-7]\n"
               "  reason: required\n"
               "  lasts: 30 minutes\n"
               "  review: {persons: 2, within: 24 hours}\n",
               set_file(&a.set, A)->text);
    set_put(&a.set, A, buf_c(&mou));
    buf_free(&mou);
    ask_open(&a, "live");
    a.facts.camera[0] = bytes_of_text("cam-3");
    ask_decide(&a);
    assert_int_equal(a.d.reason, REASON_OUTSIDE_RADIUS);
    struct told told = {a.set.policy, BUF_INIT(1 << 16)};
    const struct policy_visitor visitor = {note, &told};
    struct decision traced;
    uint32_t to = policy_unit(a.set.policy, bytes_of_text(a.to));
    policy_trace(&a.q, to, &visitor, &traced);
    assert_non_null(strstr(buf_c(&told.text), "-emergency (no-grant)"));
    buf_clear(&told.text);
    a.incident[0].emergency[0] =
        (struct incident_emergency){.mou = "a", .until_us = NOW_US + US_PER_MINUTE};
    policy_trace(&a.q, to, &visitor, &traced);
    assert_int_equal(traced.reason, REASON_PERMITTED_EMERGENCY);
    assert_non_null(strstr(buf_c(&told.text), "; emergency; "));
    assert_non_null(
        strstr(buf_c(&told.text), "~camera.within_m_of_incident: 500 (outside-radius); "));
    buf_free(&told.text);
    ask_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_step_that_held_is_told),
                                       cmocka_unit_test(what_comes_behind_a_failure_is_not_asked),
                                       cmocka_unit_test(every_incident_is_tried),
                                       cmocka_unit_test(a_prohibition_that_forbids_is_told),
                                       cmocka_unit_test(what_an_emergency_passes_over_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* policy/explain*.c: a decision with everything that was asked on the way to it. */
#include "ask.h"
#include "golden.h"

#include "policy/tools.h"

static uint32_t recipient(const struct ask *a)
{
    return policy_unit(a->set.policy, bytes_of_text(a->to));
}

/* The text of an explanation, which has the decision's own answer. */
static void explain(struct ask *a, bool korean, struct buf *out)
{
    struct policy_explanation e;
    const struct decision *d = ask_decide(a);
    policy_explain(&a->q, recipient(a), &e);
    assert_int_equal(e.decision.reason, d->reason);
    assert_int_equal(e.verdict == POLICY_REFUSED, !policy_permits(d->reason));
    policy_explanation_text(&e, korean, 0, out);
    policy_explanation_free(&e);
}

static void a_permission_tells_its_duties(void **state)
{
    (void)state;
    struct ask a;
    struct buf out = BUF_INIT(1 << 20);
    ask_new(&a);
    ask_open(&a, "request");
    explain(&a, false, &out);
    expect_golden("explain-permitted.en.txt", &out);
    buf_clear(&out);
    explain(&a, true, &out);
    expect_golden("explain-permitted.ko.txt", &out);
    buf_free(&out);
    ask_free(&a);
}

static void a_refusal_tells_what_held_what_did_not_and_what_was_not_asked(void **state)
{
    (void)state;
    struct ask a;
    struct buf out = BUF_INIT(1 << 20);
    ask_new(&a);
    ask_open(&a, "alert");
    a.facts.age_band = AGE_9_TO_13;
    explain(&a, false, &out);
    expect_golden("explain-refused.en.txt", &out);
    buf_clear(&out);
    explain(&a, true, &out);
    expect_golden("explain-refused.ko.txt", &out);
    buf_free(&out);
    ask_free(&a);
}

static void the_second_trial_in_an_emergency_says_so_and_counts_what_it_did_not_ask(void **state)
{
    (void)state;
    struct ask a;
    struct buf yaml = BUF_INIT(1 << 16), out = BUF_INIT(1 << 20);
    ask_new(&a);
    buf_printf(&yaml,
               "%semergency:\n"
               "  who: {units: [police/control], role: duty-officer}\n"
               "  kinds: [video_request]\n"
               "  basis_any_of: [kr/pipa/18-2-7]\n"
               "  reason: required\n"
               "  lasts: 30 minutes\n"
               "  review: {persons: 2, within: 24 hours}\n",
               a_yaml);
    set_put(&a.set, A, buf_c(&yaml));
    ask_open(&a, "request");
    a.incident[0].participant[0].open = false;
    explain(&a, false, &out);
    const char *again = strstr(buf_c(&out), "again, as an emergency\n");
    assert_non_null(again);
    assert_non_null(strstr(again, "not asked              2 conditions\n"));
    buf_clear(&out);
    explain(&a, true, &out);
    assert_non_null(strstr(buf_c(&out), "긴급 예외로 다시 판단\n"));
    buf_free(&yaml);
    buf_free(&out);
    ask_free(&a);
}

static size_t count(const struct policy_explanation *e, enum policy_outcome outcome)
{
    size_t n = 0;
    for (size_t i = 0; i < e->steps; i++)
        n += e->step[i].outcome == outcome;
    return n;
}

static void conditions_that_were_not_asked_are_listed_once(void **state)
{
    (void)state;
    struct ask a;
    struct policy_explanation e;
    ask_new(&a);
    ask_open(&a, "alert");
    a.facts.evidences = 0;
    (void)ask_decide(&a);
    policy_explain(&a.q, recipient(&a), &e);
    assert_int_equal(count(&e, POLICY_DID_HOLD), 1); /* the dimensions */
    assert_int_equal(count(&e, POLICY_DID_NOT), 1);  /* the evidence */
    assert_int_equal(count(&e, POLICY_NOT_ASKED), 6);
    policy_explanation_free(&e);
    ask_free(&a);
}

static void alternatives_have_numbers(void **state)
{
    (void)state;
    struct ask a;
    struct policy_explanation e;
    ask_new(&a);
    set_change(&a.set, B,
               "      consent: {given_by: subject, names_recipient: yes, names_purpose: yes}\n",
               "      consent: {given_by: subject, names_recipient: yes, names_purpose: yes}\n"
               "      any: [{evidence: consent-reference}, {actor: required}]\n");
    ask_open(&a, "alert");
    (void)ask_decide(&a);
    policy_explain(&a.q, recipient(&a), &e);
    const struct policy_explained *last = &e.step[e.steps - 2]; /* before the prohibition */
    assert_int_equal(last->alternative, 2);
    assert_string_equal(last->text, "actor: required");
    assert_int_equal(last[-1].alternative, 1);
    policy_explanation_free(&e);
    ask_free(&a);
}

static void a_prohibition_tells_its_own_place(void **state)
{
    (void)state;
    struct ask a;
    struct buf out = BUF_INIT(1 << 20);
    ask_new(&a);
    set_change(&a.set, B, "role: [police, rescue-agency]}\n    because",
               "role: rescue-agency}\n    because");
    ask_open(&a, "position");
    explain(&a, false, &out);
    assert_non_null(strstr(buf_c(&out), "ORIGIN_PROHIBITED"));
    assert_non_null(strstr(buf_c(&out), "b#positions-to-others  mou/b.yaml:"));
    assert_non_null(strstr(buf_c(&out), "  forbids "));
    buf_free(&out);
    ask_free(&a);
}

static void fields_that_change_are_named(void **state)
{
    (void)state;
    struct ask a;
    char path[100];
    ask_new(&a);
    ask_open(&a, "request");
    uint32_t grant = policy_clause(a.set.policy, bytes_of_text("a#request"));
    assert_true(policy_changed_field(a.set.policy, grant, 0, path, sizeof path));
    assert_string_equal(path, "around");
    assert_false(policy_changed_field(a.set.policy, grant, 1, path, sizeof path));
    ask_free(&a);
}

static void a_word_that_is_unknown_is_told_before_any_grant(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(1000);
    policy_unasked_text(REASON_PURPOSE_UNKNOWN, "purpose: a word of vocabulary.yaml", false, 2,
                        &out);
    assert_string_equal(buf_c(&out),
                        "  answer          refused\n"
                        "  reason          PURPOSE_UNKNOWN: the vocabulary has no such purpose\n"
                        "  did not hold    purpose: a word of vocabulary.yaml\n"
                        "  what to do      use a purpose of the vocabulary\n");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_permission_tells_its_duties),
        cmocka_unit_test(a_refusal_tells_what_held_what_did_not_and_what_was_not_asked),
        cmocka_unit_test(the_second_trial_in_an_emergency_says_so_and_counts_what_it_did_not_ask),
        cmocka_unit_test(conditions_that_were_not_asked_are_listed_once),
        cmocka_unit_test(alternatives_have_numbers),
        cmocka_unit_test(a_prohibition_tells_its_own_place),
        cmocka_unit_test(fields_that_change_are_named),
        cmocka_unit_test(a_word_that_is_unknown_is_told_before_any_grant)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

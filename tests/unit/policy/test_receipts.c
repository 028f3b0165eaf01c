#include "keys.h"

static void a_recipient_retains_under_the_acts_that_its_grant_names(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_change(&s, A, "delay: 2 hours}\n",
               "delay: 2 hours}\n"
               "    keep: {basis_any_of: [kr/pipa/21-1-proviso], evidence: [case-number]}\n");
    set_open(&s);
    const uint32_t photo = policy_clause(s.policy, bytes_of_text("a#photo"));
    assert_true(policy_may_keep(s.policy, photo, bytes_of_text("kr/pipa/21-1-proviso")));
    assert_false(policy_may_keep(s.policy, photo, bytes_of_text("kr/pipa/18-2-7")));
    assert_false(policy_may_keep(s.policy, photo, bytes_of_text("no such Act")));
    assert_false(policy_may_keep(s.policy, policy_clause(s.policy, bytes_of_text("a#live")),
                                 bytes_of_text("kr/pipa/21-1-proviso")));
    assert_string_equal(policy_keep_role(s.policy, photo), "");
    assert_string_equal(policy_keep_role(s.policy, POLICY_NONE), "");
    assert_false(policy_may_keep(s.policy, POLICY_NONE, bytes_of_text("kr/pipa/21-1-proviso")));
    set_free(&s);
}

static void an_officer_may_have_to_approve_what_is_kept(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_change(&s, A, "delay: 2 hours}\n",
               "delay: 2 hours}\n"
               "    keep: {basis_any_of: [kr/pipa/21-1-proviso], evidence: [case-number], "
               "approval: {role: privacy-officer}}\n");
    set_open(&s);
    assert_string_equal(
        policy_keep_role(s.policy, policy_clause(s.policy, bytes_of_text("a#photo"))),
        "privacy-officer");
    set_free(&s);
}

static void a_grant_tells_its_words(void **state)
{
    struct policy_words words;
    struct set s;
    (void)state;
    set_new(&s);
    set_open(&s);
    policy_grant_words(s.policy, policy_clause(s.policy, bytes_of_text("a#photo")), &words);
    assert_string_equal(words.service, "patrol");
    assert_string_equal(words.purpose, "crime-response");
    assert_string_equal(words.basis, "kr/pipa/18-2-7");
    set_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recipient_retains_under_the_acts_that_its_grant_names),
        cmocka_unit_test(an_officer_may_have_to_approve_what_is_kept),
        cmocka_unit_test(a_grant_tells_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

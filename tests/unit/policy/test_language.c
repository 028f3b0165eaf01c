/* policy/LANGUAGE.md: its examples together are one valid set. Run from the project's folder. */
#include "language.h"

#include "policy/snapshot.h"
#include "policy/tools.h"

static void note_result(const struct policy_test_result *r, void *arg)
{
    (void)arg;
    if (!r->passed)
        fail_msg("%s:%u: %s\n%s", r->file, r->line, r->name, r->report);
}

/* The example's own tests. */
static void run_own_tests(struct set *s)
{
    struct policy_tests *tests = policy_tests_new(s->policy, false, note_result, NULL);
    struct diagnose *d = diagnose_new();
    const char *text = set_file(s, "tests/example.yaml")->text;
    bool good = policy_tests_run(tests, "tests/example.yaml", bytes_of_text(text), d);
    diagnose_print(d, DIAGNOSE_ENGLISH, &s->said);
    if (!good)
        fail_msg("%s", buf_c(&s->said));
    assert_int_equal(policy_tests_passed(tests), 6);
    policy_tests_free(tests);
    diagnose_free(d);
}

static void the_examples_are_a_valid_set(void **state)
{
    struct set s;
    (void)state;
    language_set(&s);
    set_open(&s);
    assert_int_equal(s.counts.memoranda, 1);
    assert_true(s.counts.grants >= 6);
    run_own_tests(&s);
    set_free(&s);
}

static void every_condition_and_role_is_described(void **state)
{
    static const char *const words[] = {
#define CONDITION(NAME, reason, ground, text) "| `" text "` |",
#include "policy/conditions.def"
#undef CONDITION
#define ROLE(NAME, word) "`" word "`",
#include "policy/party_roles.def"
#undef ROLE
#define OFFICER(NAME, word) "`" word "`",
#include "policy/officer_roles.def"
#undef OFFICER
#define CONSOLE(NAME, word, ko) "`" word "`",
#include "policy/console_roles.def"
#undef CONSOLE
#define K(NAME, name, lane, sender, state) "`" #name "`",
#include "message/kinds.def"
#undef K
    };
    struct buf document = BUF_INIT(1 << 20);
    (void)state;
    append_file(DOCUMENT, &document);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strstr(buf_c(&document), words[i]) == NULL)
            fail_msg("%s is not in " DOCUMENT, words[i]);
    buf_free(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_examples_are_a_valid_set),
                                       cmocka_unit_test(every_condition_and_role_is_described)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

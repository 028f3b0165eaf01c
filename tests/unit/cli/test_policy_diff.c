/* fedgatectl policy diff, between the small set of the policy's tests and one that was changed. Run
 * from the project's folder. */
#include "../policy/golden.h"
#include "../policy/set.h"
#include "capture.h"
#include "cli/commands.h"
#include "json/json.h"

static struct printed printed;

/* The set as it is, and the same with some changes. */
struct folders {
    struct temp_folder old, new;
};

static struct folders folders_new(const struct change *change, size_t changes)
{
    struct folders f = {temp_folder_new(), temp_folder_new()};
    set_write_changed(&f.old, NULL, 0);
    set_write_changed(&f.new, change, changes);
    return f;
}

static void folders_free(struct folders *f)
{
    temp_folder_free(&f->old);
    temp_folder_free(&f->new);
}

/* Longer incidents, photos kept longer and without one of their cameras. */
static struct folders changed(void)
{
    static const struct change row[] = {
        {A, "younger_than: 6 hours", "younger_than: 8 hours", NULL},
        {A, "starts_at: arrival, delay: 2 hours", "starts_at: arrival, delay: 3 hours", NULL},
        {A, "{kind: [fixed, vehicle]}", "{kind: [fixed]}", NULL}};
    return folders_new(row, ARRAY_LEN(row));
}

static int policy(int argc, char **argv)
{
    return cli_run("policy", "0", cli_policy_commands, argc, argv);
}

static void run(const char *words, const char *old, const char *new)
{
    char line[800];
    (void)snprintf(line, sizeof line, "policy diff %s %s %s", words, old, new);
    run_line(&printed, policy, line);
}

static void expect_printed_golden(const char *file)
{
    struct buf out = BUF_INIT(PRINTED_MAX);
    buf_text(&out, printed.out);
    expect_golden(file, &out);
    buf_free(&out);
}

static void differences_are_told_in_both_languages(void **state)
{
    struct folders t = changed();
    (void)state;
    run("--now 2026-11-21T21:00:00+09:00 --lang en", t.old.path, t.new.path);
    assert_int_equal(printed.code, CLI_NO);
    expect_printed_golden("diff.en.txt");
    run("--now 2026-11-21T21:00:00+09:00 --lang ko", t.old.path, t.new.path);
    assert_int_equal(printed.code, CLI_NO);
    expect_printed_golden("diff.ko.txt");
    folders_free(&t);
}

static void what_is_newly_permitted_comes_first(void **state)
{
    struct folders t = changed();
    (void)state;
    run("--lang en --limit 1", t.old.path, t.new.path);
    assert_says(printed.out, "refused -> permitted: a#live\n");
    assert_says(printed.out, "\nand 2 more (--limit shows them)\n\ndifferences: 3\n");
    assert_null(strstr(printed.out, "a#photo"));
    folders_free(&t);
}

static void json_is_for_programs(void **state)
{
    struct folders t = changed();
    struct json *root;
    char why[100];
    (void)state;
    run("--json", t.old.path, t.new.path);
    assert_int_equal(printed.code, CLI_NO);
    assert_int_equal(json_read(bytes_of_text(printed.out), &root, why, sizeof why), RESULT_OK);
    const struct json *list = json_member(root, "differences"), *first = json_item(list, 0);
    assert_int_equal(json_integer_of(json_member(root, "total")), 3);
    assert_int_equal(json_count(list), 3);
    assert_true(
        bytes_is(json_text_of(json_member(json_member(first, "old"), "verdict")), "refused"));
    assert_true(bytes_is(json_text_of(json_member(json_member(first, "old"), "reason")),
                         "incident-too-old"));
    assert_true(bytes_is(json_text_of(json_member(json_member(first, "new"), "clause")), "a#live"));
    const struct json *pair = json_item(json_member(first, "message"), 0);
    assert_true(bytes_is(json_text_of(json_item(pair, 0)), "kind"));
    assert_true(bytes_is(json_text_of(json_item(pair, 1)), "video"));
    json_free(root);
    folders_free(&t);
}

static void sets_that_decide_alike_are_said_to(void **state)
{
    static const struct change row[] = {{A, "{en: A memorandum,", "{en: The memorandum,", NULL}};
    struct folders t = folders_new(row, ARRAY_LEN(row));
    (void)state;
    run("--lang en", t.old.path, t.new.path);
    assert_int_equal(printed.code, CLI_OK);
    assert_string_equal(printed.out, "no message is decided differently\n");
    run("--lang ko", t.old.path, t.new.path);
    assert_string_equal(printed.out, "다르게 판정되는 메시지가 없습니다\n");
    run("--json", t.old.path, t.new.path);
    assert_int_equal(printed.code, CLI_OK);
    assert_string_equal(printed.out,
                        "{\"console\":[],\"differences\":[],\"not_compared\":[],\"total\":0,"
                        "\"unconfirmed\":0}\n");
    folders_free(&t);
}

/* Its story: a set could make a unit an officer of the console, and the diff said that nothing was
 * decided differently. */
static void who_may_do_what_in_the_console_is_told(void **state)
{
    static const struct change old[] = {
        {PARTIES, "{name: Alerts}", "{name: Alerts, console: operator}", NULL},
        {PARTIES, "{name: Bench}", "{name: Bench, console: operator}", NULL}};
    static const struct change new[] = {
        {PARTIES, "{name: Alerts}", "{name: Alerts, console: officer}", NULL},
        {PARTIES, "{name: Car}", "{name: Car, console: officer}", NULL}};
    struct folders t = {temp_folder_new(), temp_folder_new()};
    (void)state;
    set_write_changed(&t.old, old, ARRAY_LEN(old));
    set_write_changed(&t.new, new, ARRAY_LEN(new));
    run("--lang en", t.old.path, t.new.path);
    assert_int_equal(printed.code, CLI_NO);
    assert_string_equal(printed.out, "no message is decided differently\n"
                                     "console: police/car: none -> officer (wider)\n"
                                     "console: carrier/alerts: operator -> officer (other rights)\n"
                                     "console: lab/bench: operator -> none (narrower)\n");
    run("--lang ko", t.old.path, t.new.path);
    assert_says(printed.out, "콘솔 역할: police/car: 없음 -> 담당관 (넓어짐)\n");
    run("--json", t.old.path, t.new.path);
    assert_int_equal(printed.code, CLI_NO);
    assert_says(printed.out, "{\"console\":[{\"change\":\"wider\",\"new\":\"officer\",\"old\":"
                             "\"none\",\"unit\":\"police/car\"},");
    folders_free(&t);
}

static void what_cannot_be_compared_ends_with_2(void **state)
{
    static const struct {
        const char *words, *new, *says;
    } row[] = {{"", "", "policy diff takes two folders"},
               {"--limit few", "policy", "--limit is a number"},
               {"--now soon", "policy", "--now is a day (2026-11-21) or a time"},
               {"--lang fr", "policy", "--lang is en or ko"},
               {"", "policy/mou", "set.yaml"},
               {"", "policy/nowhere", "policy/nowhere"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        run(row[i].words, "policy", row[i].new);
        assert_int_equal(printed.code, CLI_USAGE);
        assert_string_equal(printed.out, "");
        assert_says(printed.err, row[i].says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(differences_are_told_in_both_languages),
                                       cmocka_unit_test(what_is_newly_permitted_comes_first),
                                       cmocka_unit_test(json_is_for_programs),
                                       cmocka_unit_test(sets_that_decide_alike_are_said_to),
                                       cmocka_unit_test(who_may_do_what_in_the_console_is_told),
                                       cmocka_unit_test(what_cannot_be_compared_ends_with_2)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

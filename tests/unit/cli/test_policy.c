/* fedgatectl policy, on the set that is shipped. Run from the project's folder. */
#include "../journal/temp_folder.h"
#include "capture.h"
#include "cli/commands.h"

#include <fcntl.h>
#include <string.h>

static struct printed printed;

static int policy(int argc, char **argv)
{
    return cli_run("policy", "0", cli_policy_commands, argc, argv);
}

static void run(const char *words)
{
    char line[800];
    (void)snprintf(line, sizeof line, "policy %s", words);
    run_line(&printed, policy, line);
}

static void expect_usage(const char *words, const char *says)
{
    run(words);
    assert_int_equal(printed.code, CLI_USAGE);
    assert_string_equal(printed.out, "");
    assert_says(printed.err, says);
}

/* ---- show */

static void show_says_every_memorandum_or_one(void **state)
{
    (void)state;
    run("show --lang en policy");
    assert_int_equal(printed.code, CLI_OK);
    assert_says(printed.out, "molit-npa-2015  mou/molit-npa-2015.yaml");
    assert_says(printed.out, "molit-mpss-2015  mou/molit-mpss-2015.yaml");
    run("show --lang en --mou molit-npa-2015 policy");
    assert_int_equal(printed.code, CLI_OK);
    assert_says(printed.out, "Daejeon Metropolitan Police (112 control room)");
    assert_null(strstr(printed.out, "mou/molit-mpss-2015.yaml"));
    run("show --lang ko --mou molit-npa-2015 policy");
    assert_says(printed.out, "대전광역시경찰청 112 치안종합상황실");
}

static void a_page_is_self_contained(void **state)
{
    (void)state;
    run("show --lang ko --html --mou molit-npa-2015 policy");
    assert_int_equal(printed.code, CLI_OK);
    assert_int_equal(strncmp(printed.out, "<!doctype html>\n<html lang=\"ko\">", 32), 0);
    assert_null(strstr(printed.out, "<script"));
    assert_null(strstr(printed.out, "src="));
    assert_null(strstr(printed.out, "href="));
    assert_says(printed.out, "default-src 'none'");
    assert_says(printed.out, "</html>\n");
}

static void show_names_the_nearest_memorandum(void **state)
{
    (void)state;
    expect_usage("show --mou molit-npa-2016 policy", "did you mean \"molit-npa-2015\"?");
    expect_usage("show", "policy show takes one folder");
    expect_usage("show --lang fr policy", "--lang is en or ko");
}

static void a_set_with_errors_is_not_shown(void **state)
{
    (void)state;
    run("show policy/mou");
    assert_int_equal(printed.code, CLI_NO);
    assert_string_equal(printed.out, "");
    run("show policy/nowhere");
    assert_int_equal(printed.code, CLI_FAILED);
}

/* ---- who */

static void who_filters(void **state)
{
    (void)state;
    run("who --lang en --kind video --to npa-daejeon policy");
    assert_int_equal(printed.code, CLI_OK);
    assert_says(printed.out,
                "npa-daejeon/112-control    video  daejeon-city-center/video-monitoring");
    assert_null(strstr(printed.out, "daejeon-fire"));
    run("who --lang en --kind video --to daejeon-tax policy");
    assert_int_equal(printed.code, CLI_OK);
    assert_string_equal(printed.out, "Nobody can.\n");
}

static void csv_is_for_spreadsheets(void **state)
{
    (void)state;
    run("who --csv --lang ko --kind video --to npa-daejeon policy");
    assert_int_equal(printed.code, CLI_OK);
    assert_int_equal(strncmp(printed.out, "\xef\xbb\xbfto,to_title,kind,", 20), 0);
    assert_says(printed.out, "\r\n\"npa-daejeon/112-control\",\"대전광역시경찰청 112 "
                             "치안종합상황실\",\"video\",\"영상(실시간 또는 녹화)\",");
    assert_says(printed.out, "\"molit-npa-2015#onsite-live-video\",\"mou/molit-npa-2015.yaml\",");
    for (const char *at = printed.out; (at = strchr(at, '\n')) != NULL; at++)
        assert_int_equal(at[-1], '\r');
}

static void who_is_a_page_too(void **state)
{
    (void)state;
    run("who --html --lang en policy");
    assert_int_equal(printed.code, CLI_OK);
    assert_says(printed.out, "<h1>Who can receive what</h1>");
    assert_says(printed.out, "<code>molit-npa-2015#onsite-live-video</code>");
}

static void who_knows_its_words(void **state)
{
    (void)state;
    expect_usage("who --kind vidoe policy", "did you mean \"video\"?");
    expect_usage("who --to npa-daejon policy", "did you mean \"npa-daejeon\"?");
    expect_usage("who --purpose fishing policy", "there is no purpose \"fishing\"");
    expect_usage("who --csv --html policy", "--csv or --html, not both");
    expect_usage("who", "policy who takes one folder");
}

/* ---- test */

/* A folder with a set: links to the shipped one's files, and tests of its own. */
struct folder {
    struct temp_folder temp;
    char words[400];
};

static void put_file(int folder, const char *path, const char *text)
{
    int fd = openat(folder, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    (void)close(fd);
}

static void folder_new(struct folder *f, const char *tests)
{
    char command[500];
    f->temp = temp_folder_new();
    (void)snprintf(command, sizeof command, "cp -r policy/. %s", f->temp.path);
    assert_int_equal(system(command), 0);
    (void)snprintf(command, sizeof command, "rm %s/tests/*.yaml", f->temp.path);
    assert_int_equal(system(command), 0);
    if (tests != NULL)
        put_file(f->temp.fd, "tests/own.yaml", tests);
}

static void run_test_of(struct folder *f, const char *options)
{
    (void)snprintf(f->words, sizeof f->words, "test --lang en %s %s", options, f->temp.path);
    run(f->words);
}

static void folder_free(struct folder *f)
{
    temp_folder_free(&f->temp);
}

#define REPORT_OF_112                                                                              \
    "    now: 2026-11-21T21:00:00+09:00\n"                                                         \
    "    message: {kind: incident_report, from: npa-daejeon/112-control, service: "                \
    "112-onsite-video, purpose: crime-response, basis: kr/pipa/18-2-7, evidence: case-number}\n"

static void the_shipped_set_is_covered(void **state)
{
    (void)state;
    run("test --lang en --coverage-min 100 --quiet policy");
    if (printed.code != CLI_OK)
        fail_msg("%s%s", printed.out, printed.err);
    assert_int_equal(strncmp(printed.out, "coverage: clauses ", 18), 0);
    assert_says(printed.out, " (100 %)\n");
    assert_says(printed.out, " passed, 0 failed\n");
    assert_string_equal(printed.err, "");
}

static void a_test_that_fails_says_why_and_ends_with_1(void **state)
{
    (void)state;
    struct folder f;
    folder_new(&f, "tests:\n"
                   "  - test: good\n" REPORT_OF_112 "    expect: permitted\n"
                   "  - test: bad & <wrong>\n" REPORT_OF_112 "    expect: refused NO_GRANT\n");
    run_test_of(&f, "");
    assert_int_equal(printed.code, CLI_NO);
    assert_says(printed.out, "tests/own.yaml:6: FAILED: bad & <wrong>\n  asked: incident_report, "
                             "npa-daejeon/112-control → gateway/self, 2026-11-21T21:00:00+09:00\n"
                             "    service 112-onsite-video; purpose crime-response; basis "
                             "kr/pipa/18-2-7; evidence case-number\n"
                             "  verdict: expected 'refused', answered 'permitted'\n"
                             "  reason: expected 'NO_GRANT', answered 'PERMITTED'\n");
    assert_says(printed.out, "tests/own.yaml: 1 passed, 1 failed\n");
    assert_says(printed.out, "#feedback: no test is permitted by it\n");
    const char *end = printed.out + strlen(printed.out) - strlen("\n1 passed, 1 failed\n");
    assert_string_equal(end, "\n1 passed, 1 failed\n");
    folder_free(&f);
}

static void too_little_coverage_is_an_error(void **state)
{
    (void)state;
    struct folder f;
    folder_new(&f, "tests:\n  - test: good\n" REPORT_OF_112 "    expect: permitted\n");
    run_test_of(&f, "--coverage-min 0");
    assert_int_equal(printed.code, CLI_OK);
    run_test_of(&f, "--coverage-min 50");
    assert_int_equal(printed.code, CLI_NO);
    assert_says(printed.err, "and at least 50 % is asked for");
    run_test_of(&f, "--coverage-min 101");
    assert_int_equal(printed.code, CLI_USAGE);
    folder_free(&f);
}

static void junit_has_every_test(void **state)
{
    (void)state;
    struct folder f;
    char options[300], text[20000] = "";
    folder_new(&f, "tests:\n"
                   "  - test: good\n" REPORT_OF_112 "    expect: permitted\n"
                   "  - test: bad & <wrong>\n" REPORT_OF_112 "    expect: refused\n");
    (void)snprintf(options, sizeof options, "--junit %s/junit.xml", f.temp.path);
    run_test_of(&f, options);
    int fd = openat(f.temp.fd, "junit.xml", O_RDONLY);
    assert_true(fd >= 0 && read(fd, text, sizeof text - 1) > 0);
    (void)close(fd);
    assert_says(text, "<testsuites tests=\"2\" failures=\"1\">");
    assert_says(text, "<testcase classname=\"tests/own.yaml\" name=\"good\" line=\"2\"/>\n");
    assert_says(text, "name=\"bad &amp; &lt;wrong&gt;\"");
    assert_says(text, "</failure></testcase>\n</testsuite>\n</testsuites>\n");
    folder_free(&f);
}

static void an_error_in_a_file_of_tests_ends_with_1(void **state)
{
    (void)state;
    struct folder f;
    folder_new(&f, "tests:\n  - {test: t, expect: perhaps}\n");
    run_test_of(&f, "");
    assert_int_equal(printed.code, CLI_NO);
    assert_says(printed.err, "tests/own.yaml:2:23: error: ");
    assert_says(printed.out, "0 passed, 0 failed\n");
    folder_free(&f);
    folder_new(&f, NULL);
    run_test_of(&f, "");
    assert_int_equal(printed.code, CLI_NO);
    assert_says(printed.err, "/tests: no file ends with .yaml");
    folder_free(&f);
}

/* ---- explain */

static void a_request_is_explained_for_each_recipient(void **state)
{
    (void)state;
    struct folder f;
    folder_new(&f, NULL);
    put_file(f.temp.fd, "request.yaml",
             "{kind: incident_report, from: npa-daejeon/112-control, service: 112-onsite-video, "
             "purpose: crime-response, basis: kr/pipa/18-2-7, evidence: case-number}\n");
    (void)snprintf(f.words, sizeof f.words,
                   "explain --lang en --now 2026-11-21 policy %s/request.yaml", f.temp.path);
    run(f.words);
    assert_int_equal(printed.code, CLI_OK);
    assert_says(printed.out, "gateway/self\n  answer          permitted\n");
    assert_says(printed.out, "molit-npa-2015#incident-report  mou/molit-npa-2015.yaml:");
    (void)snprintf(f.words, sizeof f.words,
                   "explain --json --to daejeon-tax/audit-desk --now 2026-11-21 policy "
                   "%s/request.yaml",
                   f.temp.path);
    run(f.words);
    assert_int_equal(printed.code, CLI_NO);
    assert_int_equal(strncmp(printed.out, "[{\"clause\":\"", 12), 0);
    assert_says(printed.out, "\"reason\":\"NO_GRANT\"");
    assert_says(printed.out, "\"to\":\"daejeon-tax/audit-desk\",\"verdict\":\"refused\"}]\n");
    folder_free(&f);
}

#define VIDEO_REQUEST "policy tests/data/message/video-request.json"

static void a_message_of_the_agent_is_explained(void **state)
{
    (void)state;
    struct folder f;
    run("explain --lang en --from npa-daejeon/112-control --now 2026-11-21 " VIDEO_REQUEST);
    assert_int_equal(printed.code, CLI_NO);
    assert_says(printed.out, "INCIDENT_UNKNOWN");
    folder_new(&f, NULL);
    put_file(f.temp.fd, "given.yaml",
             "now: 2026-11-21T21:00:00+09:00\n"
             "incident:\n"
             "  id: npa-daejeon/112-control:01a1fce6-0000-7000-8000-000000000112\n"
             "  opened: 1 hour ago\n"
             "  participants: npa-daejeon/112-control\n");
    (void)snprintf(
        f.words, sizeof f.words,
        "explain --lang ko --from npa-daejeon/112-control --given %s/given.yaml " VIDEO_REQUEST,
        f.temp.path);
    run(f.words);
    assert_int_equal(printed.code, CLI_OK);
    assert_says(printed.out, "daejeon-city-center/video-monitoring\n  답");
    assert_says(printed.out, "바뀌는 필드     around\n");
    folder_free(&f);
}

static void what_the_gateway_would_refuse_by_itself_is_told(void **state)
{
    (void)state;
    run("explain --lang en --from daejeon-city-center/video-monitoring policy "
        "tests/data/message/scene-image.json");
    assert_int_equal(printed.code, CLI_NO);
    assert_says(printed.out, "MALFORMED");
    assert_says(printed.out, "scene_image.taken_at: required");
    run("explain " VIDEO_REQUEST);
    assert_int_equal(printed.code, CLI_FAILED);
    assert_says(printed.err, "--from says which unit sends it");
}

static void explain_knows_its_words(void **state)
{
    (void)state;
    expect_usage("explain policy", "policy explain takes a folder and a request");
    expect_usage("explain --now soon policy x.yaml", "--now is a day or a time");
    run("explain policy nowhere.yaml");
    assert_int_equal(printed.code, CLI_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(show_says_every_memorandum_or_one),
        cmocka_unit_test(a_page_is_self_contained),
        cmocka_unit_test(show_names_the_nearest_memorandum),
        cmocka_unit_test(a_set_with_errors_is_not_shown),
        cmocka_unit_test(who_filters),
        cmocka_unit_test(csv_is_for_spreadsheets),
        cmocka_unit_test(who_is_a_page_too),
        cmocka_unit_test(who_knows_its_words),
        cmocka_unit_test(the_shipped_set_is_covered),
        cmocka_unit_test(a_test_that_fails_says_why_and_ends_with_1),
        cmocka_unit_test(too_little_coverage_is_an_error),
        cmocka_unit_test(junit_has_every_test),
        cmocka_unit_test(an_error_in_a_file_of_tests_ends_with_1),
        cmocka_unit_test(a_request_is_explained_for_each_recipient),
        cmocka_unit_test(a_message_of_the_agent_is_explained),
        cmocka_unit_test(what_the_gateway_would_refuse_by_itself_is_told),
        cmocka_unit_test(explain_knows_its_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* fedgatectl policy, on the set that is shipped. Run from the project's folder. */
#include "capture.h"
#include "cli/commands.h"

#include <string.h>

static struct printed printed;

static int policy(int argc, char **argv)
{
    return cli_run("policy", "0", cli_policy_commands, argc, argv);
}

static void run(const char *words)
{
    char line[500];
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
                "npa-daejeon/112-control  video  daejeon-city-center/video-monitoring");
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(show_says_every_memorandum_or_one),
                                       cmocka_unit_test(a_page_is_self_contained),
                                       cmocka_unit_test(show_names_the_nearest_memorandum),
                                       cmocka_unit_test(a_set_with_errors_is_not_shown),
                                       cmocka_unit_test(who_filters),
                                       cmocka_unit_test(csv_is_for_spreadsheets),
                                       cmocka_unit_test(who_is_a_page_too),
                                       cmocka_unit_test(who_knows_its_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "cli/agent/agent.h"

#include "base/clock.h"
#include "capture.h"

#include <string.h>

static struct printed printed;
static struct agent_list list;
static int words_left;

static int take_list(int argc, char **argv)
{
    bool taken = agent_list_option("to", &list, &argc, argv);
    words_left = argc;
    for (size_t i = 0; taken && i < list.count; i++) /* now: the words go with the line */
        (void)printf("to %s, ", list.item[i]);
    for (int i = 1; taken && i < argc; i++)
        (void)printf("%s ", argv[i]);
    return taken ? CLI_OK : CLI_USAGE;
}

static void run(const char *line)
{
    list = (struct agent_list){0};
    run_line(&printed, take_list, line);
}

static void an_option_that_comes_several_times_becomes_a_list(void **state)
{
    (void)state;
    run("publish --to a/b file --to=c/d --top x --key k");
    assert_int_equal(printed.code, CLI_OK);
    assert_string_equal(printed.out, "to a/b, to c/d, file --top x --key k ");
}

static void two_hyphens_end_the_options_of_a_list_too(void **state)
{
    (void)state;
    run("publish --to a/b -- --to c/d");
    assert_string_equal(printed.out, "to a/b, -- --to c/d ");
    assert_int_equal(words_left, 4);
}

static void a_list_without_a_value_or_past_its_room_is_refused(void **state)
{
    (void)state;
    run("publish --to");
    assert_int_equal(printed.code, CLI_USAGE);
    assert_says(printed.err, "the option --to needs a value");
    for (int i = 0; i < AGENT_LIST_MAX; i++)
        list.item[i] = "x";
    list.count = AGENT_LIST_MAX;
    run_line(&printed, take_list, "publish --to x");
    assert_int_equal(printed.code, CLI_USAGE);
    assert_says(printed.err, "more than 16 times");
}

static void a_number_is_within_its_bounds_and_nothing_else(void **state)
{
    static const char *const bad[] = {"",   "0",  "11",  "-1",  "+1",
                                      " 1", "1 ", "0x1", "1e1", "99999999999999999999"};
    unsigned long n = 7;
    (void)state;
    assert_true(agent_number("count", NULL, 1, 10, &n));
    assert_int_equal(n, 7);
    assert_true(agent_number("count", "10", 1, 10, &n));
    assert_int_equal(n, 10);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(agent_number("count", bad[i], 1, 10, &n));
    assert_int_equal(n, 10);
}

static void a_time_is_given_outright_or_from_now(void **state)
{
    static const struct {
        const char *text;
        bool from_now;
        int64_t us;
    } good[] = {{"2026-11-21T10:00:00+09:00", false, INT64_C(1795222800) * US_PER_S},
                {"2026-11-21", false, INT64_C(1795186800) * US_PER_S},
                {"+30m", true, 30 * US_PER_MINUTE},
                {"-5s", true, -5 * US_PER_S},
                {"+90d", true, 90 * US_PER_DAY},
                {"+2h", true, 2 * US_PER_HOUR}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct agent_time t = {0};
        assert_true(agent_time_option("sent", good[i].text, &t));
        assert_true(t.given);
        assert_int_equal(t.from_now, good[i].from_now);
        assert_int_equal(t.us, good[i].us);
    }
}

static void what_is_no_time_is_refused(void **state)
{
    static const char *const bad[] = {"",    "noon", "+",    "+5",  "+m",
                                      "+5y", "+5mm", "+-5m", "30m", "+1000000s"};
    struct agent_time t = {0};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(agent_time_option("sent", bad[i], &t));
    t = (struct agent_time){0};
    assert_true(agent_time_option("sent", NULL, &t));
    assert_false(t.given);
}

static void the_first_option_that_is_missing_is_named(void **state)
{
    const struct agent_needed all[] = {{"camera", "dj-1"}, {"basis", "kr"}, {NULL, NULL}};
    const struct agent_needed some[] = {{"camera", "dj-1"}, {"basis", NULL}, {NULL, NULL}};
    (void)state;
    assert_true(agent_has(all));
    assert_false(agent_has(some));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_option_that_comes_several_times_becomes_a_list),
        cmocka_unit_test(two_hyphens_end_the_options_of_a_list_too),
        cmocka_unit_test(a_list_without_a_value_or_past_its_room_is_refused),
        cmocka_unit_test(a_number_is_within_its_bounds_and_nothing_else),
        cmocka_unit_test(a_time_is_given_outright_or_from_now),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(the_first_option_that_is_missing_is_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

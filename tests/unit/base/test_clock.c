#include "base/clock.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const struct zone *seoul(void)
{
    return zone_named("Asia/Seoul");
}

static const struct zone *utc(void)
{
    return zone_named("UTC");
}

static int64_t parsed(const char *text, const struct zone *z)
{
    int64_t us = 0;
    if (!time_parse(text, strlen(text), z, &us))
        fail_msg("refused: %s", text);
    return us;
}

static int64_t two(void *arg)
{
    return *(const int64_t *)arg * 2;
}

static int64_t three(void *arg)
{
    return *(const int64_t *)arg * 3;
}

static void a_clock_is_whoever_turns_it(void **state)
{
    (void)state;
    int64_t now = 7;
    const struct clock c = {two, three, &now};
    assert_int_equal(clock_wall_us(&c), 14);
    assert_int_equal(clock_steady_us(&c), 21);
}

static void the_systems_clock_is_that_of_time_2(void **state)
{
    (void)state;
    struct clock c = clock_system();
    int64_t before = (int64_t)time(NULL) * US_PER_S, now = clock_wall_us(&c);
    assert_true(now >= before - US_PER_S && now < before + 60 * US_PER_S);
    int64_t steady = clock_steady_us(&c);
    assert_true(steady > 0 && clock_steady_us(&c) >= steady);
}

static void zones_are_known_by_name(void **state)
{
    (void)state;
    assert_int_equal(seoul()->offset_s, 9 * 3600);
    assert_int_equal(utc()->offset_s, 0);
    assert_null(zone_named("asia/seoul"));
    assert_null(zone_named(""));
}

static void times_are_written_with_the_offset_of_the_zone(void **state)
{
    (void)state;
    char text[TIME_TEXT];
    time_text(0, utc(), text);
    assert_string_equal(text, "1970-01-01T00:00:00.000Z");
    time_text(0, seoul(), text);
    assert_string_equal(text, "1970-01-01T09:00:00.000+09:00");
    time_text(INT64_C(1795222800123456), seoul(), text);
    assert_string_equal(text, "2026-11-21T10:00:00.123+09:00");
    time_text_s(INT64_C(1795222800123456), seoul(), text);
    assert_string_equal(text, "2026-11-21T10:00:00+09:00");
    time_text(-1, utc(), text);
    assert_string_equal(text, "1969-12-31T23:59:59.999Z");
    const struct zone newfoundland = {"NST", -(3 * 3600 + 1800)};
    time_text_s(0, &newfoundland, text);
    assert_string_equal(text, "1969-12-31T20:30:00-03:30");
}

static void times_at_the_end_of_the_numbers_are_written_too(void **state)
{
    (void)state;
    char text[TIME_TEXT];
    time_text(INT64_MAX, seoul(), text);
    assert_true(strlen(text) < TIME_TEXT);
    time_text(INT64_MIN, seoul(), text);
    assert_true(strlen(text) < TIME_TEXT);
}

static void a_date_is_midnight_in_the_zone(void **state)
{
    (void)state;
    assert_int_equal(parsed("1970-01-01", utc()), 0);
    assert_int_equal(parsed("1970-01-01", seoul()), -9 * US_PER_HOUR);
    assert_int_equal(parsed("2026-11-21", seoul()), INT64_C(1795186800000000));
}

static void the_offset_of_a_time_counts_and_not_the_zone(void **state)
{
    (void)state;
    int64_t t = INT64_C(1795222800000000);
    assert_int_equal(parsed("2026-11-21T10:00:00+09:00", utc()), t);
    assert_int_equal(parsed("2026-11-21T01:00:00Z", seoul()), t);
    assert_int_equal(parsed("2026-11-20T20:30:00-04:30", seoul()), t);
    assert_int_equal(parsed("2026-11-21T15:59:00+14:59", seoul()), t);
    assert_int_equal(parsed("2026-11-21T01:00:00-00:00", seoul()), t);
}

static void fractions_are_read_to_the_microsecond(void **state)
{
    (void)state;
    int64_t t = parsed("2026-11-21T10:00:00Z", utc());
    assert_int_equal(parsed("2026-11-21T10:00:00.5Z", utc()), t + 500000);
    assert_int_equal(parsed("2026-11-21T10:00:00.000001Z", utc()), t + 1);
    assert_int_equal(parsed("2026-11-21T10:00:00.1234567899Z", utc()), t + 123456);
    assert_int_equal(parsed("2026-11-21T10:00:00.250+09:00", utc()), t + 250000 - 9 * US_PER_HOUR);
}

static void anything_else_is_no_time(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "2026-11-2",
                                        "2026-11-211",
                                        "2026/11/21",
                                        "26-11-2021",
                                        "2026-11-21 ",
                                        " 2026-11-21",
                                        "2026-13-01",
                                        "2026-00-01",
                                        "2026-01-00",
                                        "2026-01-32",
                                        "2026-04-31",
                                        "2026-02-29", /* no leap year */
                                        "1900-02-29", /* nor this */
                                        "2100-02-29",
                                        "1899-12-31",
                                        "-026-01-01",
                                        "2026-1a-01",
                                        "2026-11-21T",
                                        "2026-11-21t10:00:00Z",
                                        "2026-11-21 10:00:00Z",
                                        "2026-11-21T10:00:00", /* no offset */
                                        "2026-11-21T10:00Z",
                                        "2026-11-21T24:00:00Z",
                                        "2026-11-21T10:60:00Z",
                                        "2026-11-21T10:00:60Z",
                                        "2026-11-21T10:00:00z",
                                        "2026-11-21T10:00:00.Z", /* RFC 3339, 5.6: 1*DIGIT */
                                        "2026-11-21T10:00:00.",
                                        "2026-11-21T10:00:00.5",
                                        "2026-11-21T10:00:00.5x",
                                        "2026-11-21T10:00:00,5Z",
                                        "2026-11-21T10:00:00+9:00",
                                        "2026-11-21T10:00:00+0900",
                                        "2026-11-21T10:00:00+09",
                                        "2026-11-21T10:00:00+15:00",
                                        "2026-11-21T10:00:00+09:60",
                                        "2026-11-21T10:00:00*09:00",
                                        "2026-11-21T10:00:00+09:00x",
                                        "2026-11-21T10:00:00ZZ",
                                        "2026-11-21T1O:00:00Z"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int64_t us = 42;
        if (time_parse(wrong[i], strlen(wrong[i]), utc(), &us))
            fail_msg("taken: %s", wrong[i]);
        assert_int_equal(us, 42);
    }
}

static void months_have_their_days(void **state)
{
    (void)state;
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (int month = 1; month <= 12; month++) {
        for (int day = 1; day <= 32; day++) {
            char text[32];
            int64_t us;
            (void)snprintf(text, sizeof text, "2026-%02d-%02d", month, day);
            assert_int_equal(time_parse(text, 10, utc(), &us), day <= days[month - 1]);
        }
    }
}

static void every_prefix_of_a_time_is_refused_without_a_look_beyond(void **state)
{
    (void)state;
    static const char whole[] = "2026-11-21T10:00:00.123456+09:00";
    for (size_t n = 0; n < sizeof whole - 1; n++) {
        int64_t us;
        char *exact =
            malloc(n == 0 ? 1 : n); /* nothing behind it: a sanitizer sees a look beyond */
        memcpy(exact, whole, n);
        assert_int_equal(time_parse(exact, n, utc(), &us), n == 10);
        free(exact);
    }
}

/* Every day of eight hundred years against the C library. */
static void days_are_numbered_as_the_c_library_does(void **state)
{
    (void)state;
    int64_t day = parsed("1900-01-01", utc()) / US_PER_DAY;
    for (size_t i = 0; i < 292194; i++, day++) {
        time_t t = (time_t)(day * 86400);
        struct tm tm;
        char text[32];
        assert_non_null(gmtime_r(&t, &tm));
        assert_int_equal(strftime(text, sizeof text, "%Y-%m-%d", &tm), 10);
        assert_int_equal(parsed(text, utc()), day * US_PER_DAY);
    }
}

static void what_was_written_is_read_again(void **state)
{
    (void)state;
    struct chance c = {0};
    for (size_t i = 0; i < 20000; i++) {
        char text[TIME_TEXT];
        int64_t ms = (int64_t)chance_below(&c, (size_t)250000000000000) - INT64_C(2000000000000);
        const struct zone *z = i % 2 == 0 ? utc() : seoul();
        time_text(ms * 1000, z, text);
        assert_int_equal(parsed(text, i % 3 == 0 ? utc() : seoul()), ms * 1000);
    }
}

static void lengths_of_time_are_written_in_the_largest_whole_unit(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } row[] = {{0, "0 seconds"},
               {US_PER_S, "1 second"},
               {90 * US_PER_S, "90 seconds"},
               {60 * US_PER_S, "1 minute"},
               {6 * US_PER_HOUR, "6 hours"},
               {24 * US_PER_HOUR, "1 day"},
               {30 * US_PER_DAY, "30 days"},
               {36 * US_PER_HOUR, "36 hours"},
               {US_PER_DAY + US_PER_S, "86401 seconds"},
               {2 * US_PER_S + 5, "2 seconds"}};
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        char text[TIME_TEXT];
        duration_text(row[i].us, text);
        assert_string_equal(text, row[i].text);
    }
}

static void a_time_after_another_ends_with_time(void **state)
{
    (void)state;
    assert_int_equal(time_after(5, 7), 12);
    assert_int_equal(time_after(-5, 7), 2);
    assert_true(time_after(1, INT64_MAX - 1) == INT64_MAX);
    assert_true(time_after(2, INT64_MAX - 1) == INT64_MAX);
    assert_true(time_after(INT64_MAX, INT64_MAX) == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_after_another_ends_with_time),
        cmocka_unit_test(a_clock_is_whoever_turns_it),
        cmocka_unit_test(the_systems_clock_is_that_of_time_2),
        cmocka_unit_test(zones_are_known_by_name),
        cmocka_unit_test(times_are_written_with_the_offset_of_the_zone),
        cmocka_unit_test(times_at_the_end_of_the_numbers_are_written_too),
        cmocka_unit_test(a_date_is_midnight_in_the_zone),
        cmocka_unit_test(the_offset_of_a_time_counts_and_not_the_zone),
        cmocka_unit_test(fractions_are_read_to_the_microsecond),
        cmocka_unit_test(anything_else_is_no_time),
        cmocka_unit_test(months_have_their_days),
        cmocka_unit_test(every_prefix_of_a_time_is_refused_without_a_look_beyond),
        cmocka_unit_test(days_are_numbered_as_the_c_library_does),
        cmocka_unit_test(what_was_written_is_read_again),
        cmocka_unit_test(lengths_of_time_are_written_in_the_largest_whole_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "config/read.h"

#include "support.h"

#include <stdio.h>

/* One value, read from a text, and what was said about it. */
struct bench {
    struct told t;
    struct reader r;
    struct buf said;
};

static const struct node *begin(struct bench *b, const char *text)
{
    struct buf source = BUF_INIT(100000);
    buf_printf(&source, "v: %s\n", text);
    *b = (struct bench){.t = tell(buf_view(&source)), .said = BUF_INIT(1 << 20)};
    buf_free(&source);
    if (b->t.doc == NULL)
        fail_msg("%s", buf_c(&b->t.text));
    b->r = (struct reader){b->t.d, zone_named("Asia/Seoul"), NULL};
    return node_member(document_root(b->t.doc), "v");
}

/* What was said, without place and line. */
static const char *said(struct bench *b)
{
    diagnose_print(b->t.d, DIAGNOSE_ENGLISH, &b->said);
    const char *text = strstr(buf_c(&b->said), ": error: ");
    return text == NULL ? "" : text + strlen(": error: ");
}

static void end(struct bench *b)
{
    buf_free(&b->said);
    told_free(&b->t);
}

static void assert_said(struct bench *b, const char *text)
{
    const char *is = said(b);
    if (strncmp(is, text, strlen(text)) != 0)
        fail_msg("said: %s", is);
    end(b);
}

/* ---- scalars */

static void texts_are_bounded_and_not_empty(void **state)
{
    (void)state;
    struct bench b;
    struct bytes t = bytes_of_text("as it was");
    const struct node *n = begin(&b, "대전");
    assert_true(read_text(&b.r, n, "the name", 6, &t));
    assert_bytes(t, "대전");
    assert_false(read_text(&b.r, n, "the name", 5, &t));
    assert_bytes(t, "대전");
    assert_said(&b, "the name is longer than 5 bytes");
    n = begin(&b, "\"\"");
    assert_false(read_text(&b.r, n, "the name", 5, &t));
    assert_said(&b, "expected a text for the name\n");
    n = begin(&b, "[a]");
    assert_false(read_text(&b.r, n, "the name", 5, &t));
    assert_said(&b, "expected a text for the name\n");
}

static void words_are_names(void **state)
{
    (void)state;
    struct bench b;
    struct bytes t;
    assert_true(read_word(&b.r, begin(&b, "npa-daejeon"), "the party", &t));
    assert_bytes(t, "npa-daejeon");
    end(&b);
    assert_false(read_word(&b.r, begin(&b, "NPA"), "the party", &t));
    assert_said(&b, "'NPA' is not a name: lower-case letters");
    assert_false(read_word(&b.r, begin(&b, "{}"), "the party", &t));
    assert_said(&b, "expected a text for the party");
}

static void types_are_asked_for_by_name(void **state)
{
    (void)state;
    struct bench b;
    assert_false(read_is_list(&b.r, begin(&b, "x"), "the list"));
    assert_said(&b, "expected a list for the list\n");
    assert_false(read_is_map(&b.r, begin(&b, "[x]"), "the map"));
    assert_said(&b, "expected 'key: value' lines for the map\n");
    assert_true(read_is_list(&b.r, begin(&b, "[]"), "the list"));
    end(&b);
    assert_true(read_is_map(&b.r, begin(&b, "{}"), "the map"));
    end(&b);
}

static void numbers_are_whole_decimal_and_within_their_bounds(void **state)
{
    (void)state;
    static const char *const wrong[] = {"4",
                                        "11",
                                        "-5",
                                        "+5",
                                        "5.0",
                                        "5e0",
                                        "0x5",
                                        "five",
                                        "",
                                        "5 kg",
                                        "[5]",
                                        "{}",
                                        "5,0",
                                        "5_0",
                                        "\" 5\"",
                                        "99999999999999999999",
                                        "9223372036854775808"};
    struct bench b;
    int64_t v = 77;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_false(read_number(&b.r, begin(&b, wrong[i]), "the count", 5, 10, &v));
        assert_said(&b, "expected a whole number from 5 to 10 for the count\n");
        assert_int_equal(v, 77);
    }
    assert_true(read_number(&b.r, begin(&b, "5"), "the count", 5, 10, &v));
    assert_int_equal(v, 5);
    end(&b);
    assert_true(read_number(&b.r, begin(&b, "\"10\""), "the count", 5, 10, &v));
    assert_int_equal(v, 10);
    end(&b);
    assert_true(read_number(&b.r, begin(&b, "9223372036854775807"), "the count", 0, INT64_MAX, &v));
    assert_true(v == INT64_MAX);
    end(&b);
}

static void yes_and_no_are_the_only_answers(void **state)
{
    (void)state;
    static const char *const wrong[] = {"true", "false", "Yes", "NO", "y", "1", "\"\"", "[yes]"};
    struct bench b;
    bool v = false;
    assert_true(read_yes_no(&b.r, begin(&b, "yes"), "audio", &v) && v);
    end(&b);
    assert_true(read_yes_no(&b.r, begin(&b, "no"), "audio", &v) && !v);
    end(&b);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_false(read_yes_no(&b.r, begin(&b, wrong[i]), "audio", &v));
        assert_said(&b, "expected yes or no for audio\n");
    }
}

static void lengths_of_time_are_words_in_english_and_korean(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } row[] = {{"0 seconds", 0},
               {"1 second", US_PER_S},
               {"90 seconds", 90 * US_PER_S},
               {"90초", 90 * US_PER_S},
               {"1 minute", US_PER_MINUTE},
               {"5 minutes", 5 * US_PER_MINUTE},
               {"5분", 5 * US_PER_MINUTE},
               {"1 hour", US_PER_HOUR},
               {"6 hours", 6 * US_PER_HOUR},
               {"6시간", 6 * US_PER_HOUR},
               {"6 시간", 6 * US_PER_HOUR},
               {"1 day", US_PER_DAY},
               {"30 days", 30 * US_PER_DAY},
               {"30일", 30 * US_PER_DAY},
               {"1 year", 365 * US_PER_DAY},
               {"3 years", 3 * 365 * US_PER_DAY},
               {"3년", 3 * 365 * US_PER_DAY},
               {"6hours", 6 * US_PER_HOUR},
               {"100 years", 100 * 365 * US_PER_DAY}};
    struct bench b;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        int64_t us = -1;
        if (!read_duration(&b.r, begin(&b, row[i].text), "delay", &us))
            fail_msg("refused: %s", row[i].text);
        assert_int_equal(us, row[i].us);
        end(&b);
    }
}

static void anything_else_is_no_length_of_time(void **state)
{
    (void)state;
    static const char *const wrong[] = {"6",
                                        "hours",
                                        "six hours",
                                        "-6 hours",
                                        "1.5 hours",
                                        "6 Hours",
                                        "6 h",
                                        "6개월",
                                        "6 hours 5 minutes",
                                        "101 years",
                                        "36501 days",
                                        "99999999999999999 days",
                                        "18446744073709551617 seconds",
                                        "[6 hours]",
                                        "\"\"",
                                        "\"6\\thours\""};
    struct bench b;
    int64_t us = 77;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        if (read_duration(&b.r, begin(&b, wrong[i]), "delay", &us))
            fail_msg("taken: %s", wrong[i]);
        assert_int_equal(us, 77);
        assert_said(&b, "expected a length of time such as '6 hours' or '30 days' for delay\n");
    }
}

static void distances_are_metres(void **state)
{
    (void)state;
    static const char *const wrong[] = {"250",   "0 m",        "m",         "2.5 km", "-1 m",
                                        "250 M", "250 metres", "1000001 m", "{}"};
    struct bench b;
    double m = 0;
    assert_true(read_length(&b.r, begin(&b, "250 m"), "grid", &m) && m == 250);
    end(&b);
    assert_true(read_length(&b.r, begin(&b, "2km"), "grid", &m) && m == 2000);
    end(&b);
    assert_true(read_length(&b.r, begin(&b, "1 m"), "grid", &m) && m == 1);
    end(&b);
    assert_true(read_length(&b.r, begin(&b, "1000 km"), "grid", &m) && m == 1000000);
    end(&b);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_false(read_length(&b.r, begin(&b, wrong[i]), "grid", &m));
        assert_said(&b, "expected metres such as '250 m' for grid\n");
    }
}

static void sizes_are_powers_of_1024(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "64", "64 MB", "64 mib", "1 bytes", "2 GiB", "9007199254740993 MiB", "[]"};
    struct bench b;
    int64_t v = 0;
    assert_true(read_size(&b.r, begin(&b, "2 bytes"), "queue", 2, 1 << 30, &v) && v == 2);
    end(&b);
    assert_true(read_size(&b.r, begin(&b, "64 KiB"), "queue", 2, 1 << 30, &v) && v == 65536);
    end(&b);
    assert_true(read_size(&b.r, begin(&b, "3 MiB"), "queue", 2, 1 << 30, &v) && v == 3 << 20);
    end(&b);
    assert_true(read_size(&b.r, begin(&b, "1 GiB"), "queue", 2, 1 << 30, &v) && v == 1 << 30);
    end(&b);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_false(read_size(&b.r, begin(&b, wrong[i]), "queue", 2, 1 << 30, &v));
        assert_said(
            &b, "expected a size such as '64 MiB' from 2 bytes to 1073741824 bytes for queue\n");
    }
}

static void dates_are_midnight_in_the_readers_zone(void **state)
{
    (void)state;
    struct bench b;
    int64_t us = 0;
    assert_true(read_time(&b.r, begin(&b, "2026-11-21"), "from", &us));
    assert_int_equal(us, INT64_C(1795186800000000));
    end(&b);
    assert_true(read_time(&b.r, begin(&b, "2026-11-21T10:00:00+09:00"), "from", &us));
    assert_int_equal(us, INT64_C(1795222800000000));
    end(&b);
    static const char *const wrong[] = {"2026-02-29", "21.11.2026", "tomorrow", "[2026-11-21]",
                                        "\"\""};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_false(read_time(&b.r, begin(&b, wrong[i]), "from", &us));
        assert_said(&b, "expected a date (2026-11-21) or a time with offset");
    }
}

static void a_choice_is_one_of_its_words(void **state)
{
    (void)state;
    static const char *const words[] = {"alarm", "suspend", "refuse"};
    struct bench b;
    unsigned v = 9;
    assert_true(read_choice(&b.r, begin(&b, "suspend"), "overdue", words, 3, &v));
    assert_int_equal(v, 1);
    end(&b);
    assert_false(read_choice(&b.r, begin(&b, "suspned"), "overdue", words, 3, &v));
    assert_int_equal(v, 1);
    const char *text = said(&b);
    assert_non_null(strstr(text, "unknown overdue 'suspned'\n"));
    assert_non_null(strstr(text, "= did you mean 'suspend'?\n"));
    assert_non_null(strstr(text, "= valid here: alarm, suspend, refuse\n"));
    end(&b);
    assert_false(read_choice(&b.r, begin(&b, "[alarm]"), "overdue", words, 3, &v));
    assert_said(&b, "expected a text for overdue");
}

/* ---- maps */

struct seen {
    char order[16];
    size_t n;
};

static void see(struct reader *r, const struct node *n, void *target)
{
    struct seen *s = target;
    (void)r;
    s->order[s->n++] = node_c(n)[0];
}

static const struct read_key keys[] = {
    {"first", true, see}, {"second", false, see}, {"third", true, see}};

static void keys_are_read_in_the_order_of_the_table(void **state)
{
    (void)state;
    struct bench b;
    struct seen s = {0};
    assert_true(
        read_map(&b.r, begin(&b, "{third: 3, first: 1, second: 2}"), "a thing", keys, 3, &s));
    assert_string_equal(s.order, "123");
    assert_int_equal(diagnose_errors(b.t.d), 0);
    end(&b);
    memset(&s, 0, sizeof s);
    assert_true(read_map(&b.r, begin(&b, "{third: 3, first: 1}"), "a thing", keys, 3, &s));
    assert_string_equal(s.order, "13");
    assert_int_equal(diagnose_errors(b.t.d), 0);
    end(&b);
}

static void unknown_and_missing_keys_are_told_where_they_are(void **state)
{
    (void)state;
    struct bench b;
    struct seen s = {0};
    assert_true(read_map(&b.r,
                         begin(&b, "\n  secnod: 2\n  frist: 1\n  wholly-other: 0\n  third: 3"),
                         "a thing", keys, 3, &s));
    assert_string_equal(s.order, "3");
    assert_int_equal(diagnose_errors(b.t.d), 4);
    diagnose_print(b.t.d, DIAGNOSE_ENGLISH, &b.said);
    assert_string_equal(buf_c(&b.said),
                        "set.yaml:2:3: error: a thing needs the key 'first'\n"
                        "    2 |   secnod: 2\n"
                        "      |   ^\n"
                        "set.yaml:2:3: error: unknown key 'secnod' in a thing\n"
                        "    2 |   secnod: 2\n"
                        "      |   ^~~~~~\n"
                        "      = did you mean 'second'?\n"
                        "      = valid here: first, second, third\n"
                        "set.yaml:3:3: error: unknown key 'frist' in a thing\n"
                        "    3 |   frist: 1\n"
                        "      |   ^~~~~\n"
                        "      = did you mean 'first'?\n"
                        "      = valid here: first, second, third\n"
                        "set.yaml:4:3: error: unknown key 'wholly-other' in a thing\n"
                        "    4 |   wholly-other: 0\n"
                        "      |   ^~~~~~~~~~~~\n"
                        "      = valid here: first, second, third\n"
                        "4 errors, 0 warnings\n");
    end(&b);
}

static void what_is_no_map_is_not_read_as_one(void **state)
{
    (void)state;
    struct bench b;
    struct seen s = {0};
    assert_false(read_map(&b.r, begin(&b, "[first]"), "a thing", keys, 3, &s));
    assert_int_equal(s.n, 0);
    assert_said(&b, "expected 'key: value' lines for a thing\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_bounded_and_not_empty),
        cmocka_unit_test(words_are_names),
        cmocka_unit_test(types_are_asked_for_by_name),
        cmocka_unit_test(numbers_are_whole_decimal_and_within_their_bounds),
        cmocka_unit_test(yes_and_no_are_the_only_answers),
        cmocka_unit_test(lengths_of_time_are_words_in_english_and_korean),
        cmocka_unit_test(anything_else_is_no_length_of_time),
        cmocka_unit_test(distances_are_metres),
        cmocka_unit_test(sizes_are_powers_of_1024),
        cmocka_unit_test(dates_are_midnight_in_the_readers_zone),
        cmocka_unit_test(a_choice_is_one_of_its_words),
        cmocka_unit_test(keys_are_read_in_the_order_of_the_table),
        cmocka_unit_test(unknown_and_missing_keys_are_told_where_they_are),
        cmocka_unit_test(what_is_no_map_is_not_read_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

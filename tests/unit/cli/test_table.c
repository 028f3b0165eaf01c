#include "cli/cli.h"

#include "capture.h"

static char text[2000];

static const char *print(const struct cli_table *t, size_t width, bool colour)
{
    FILE *f = fmemopen(text, sizeof text, "w");
    cli_table_print_as(t, f, width, colour);
    (void)fclose(f);
    return text;
}

static struct cli_table *table_of(size_t columns, const char *const *cell)
{
    struct cli_table *t = cli_table_new(columns);
    for (; *cell != NULL; cell++)
        cli_table_cell(t, *cell);
    return t;
}

static void columns_are_as_wide_as_they_need(void **state)
{
    (void)state;
    static const char *const cells[] = {"name", "n",      "what", "a",         "12345",
                                        "one",  "longer", "",     "two words", NULL};
    struct cli_table *t = table_of(3, cells);
    assert_string_equal(print(t, 0, false), "name    n      what\n"
                                            "a       12345  one\n"
                                            "longer         two words\n");
    cli_table_free(t);
}

static void korean_letters_are_two_wide(void **state)
{
    (void)state;
    static const char *const cells[] = {"경찰", "x", "ab", "y", NULL};
    struct cli_table *t = table_of(2, cells);
    assert_string_equal(print(t, 0, false), "경찰  x\nab    y\n");
    cli_table_free(t);
    assert_int_equal(cli_width("경찰 112"), 8);
    assert_int_equal(cli_width("e\xcc\x81"), 1);        /* a combining accent */
    assert_int_equal(cli_width("\xe2\x86\x92"), 1);     /* an arrow */
    assert_int_equal(cli_width("\xf0\x9f\x9a\x92"), 2); /* a fire engine */
    assert_int_equal(cli_width("\xe3\x80\x82"), 2);     /* an ideographic full stop */
    assert_int_equal(cli_width(""), 0);
}

static void blanks_never_end_a_line(void **state)
{
    (void)state;
    static const char *const cells[] = {"a", "b", "c", "x", "", "", NULL};
    struct cli_table *t = table_of(3, cells);
    assert_string_equal(print(t, 0, false), "a  b  c\nx\n");
    cli_table_free(t);
}

static void the_last_column_wraps_at_blanks(void **state)
{
    (void)state;
    static const char *const cells[] = {"id", "text",
                                        "1",  "these are several words that do not fit in one line",
                                        "2",  "anunbrokenwordthatislongerthanitscolumnmayever",
                                        NULL};
    struct cli_table *t = table_of(2, cells);
    assert_string_equal(print(t, 28, false), "id  text\n"
                                             "1   these are several words\n"
                                             "    that do not fit in one\n"
                                             "    line\n"
                                             "2   anunbrokenwordthatislong\n"
                                             "    erthanitscolumnmayever\n");
    assert_string_equal(print(t, 10, false),
                        "id  text\n"
                        "1   these are several words that do not fit in one line\n"
                        "2   anunbrokenwordthatislongerthanitscolumnmayever\n");
    cli_table_free(t);
}

static void colours_do_not_count_as_width(void **state)
{
    (void)state;
    struct cli_table *t = cli_table_new(2);
    cli_table_cell(t, "good");
    cli_table_paint(t, CLI_GOOD);
    cli_table_cell(t, "x");
    cli_table_cell(t, "longer");
    cli_table_cell(t, "bad");
    cli_table_paint(t, CLI_BAD);
    assert_string_equal(print(t, 0, true), "\x1b[32mgood\x1b[0m    x\n"
                                           "longer  \x1b[31mbad\x1b[0m\n");
    assert_string_equal(print(t, 0, false), "good    x\nlonger  bad\n");
    cli_table_free(t);
}

static void what_a_terminal_would_obey_is_not_printed(void **state)
{
    (void)state;
    static const char *const cells[] = {"a\x1b[2Jb\r\n\tc\x7f", "x\xc2\x9by\xff\xc2", "?",
                                        "to\xe2\x80\xaeme", NULL};
    struct cli_table *t = table_of(2, cells);
    assert_string_equal(print(t, 0, false), "a?[2Jb???c?  x?y??\n?            to?me\n");
    cli_table_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_as_wide_as_they_need),
        cmocka_unit_test(korean_letters_are_two_wide),
        cmocka_unit_test(blanks_never_end_a_line),
        cmocka_unit_test(the_last_column_wraps_at_blanks),
        cmocka_unit_test(colours_do_not_count_as_width),
        cmocka_unit_test(what_a_terminal_would_obey_is_not_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

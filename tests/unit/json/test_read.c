#include "json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static char why[200];

static struct json *read_text(const char *text)
{
    struct json *root;
    assert_int_equal(json_read(bytes_of_text(text), &root, why, sizeof why), RESULT_OK);
    return root;
}

static void assert_refused(struct bytes text, const char *expected)
{
    struct json *root;
    assert_int_equal(json_read(text, &root, why, sizeof why), RESULT_MALFORMED);
    assert_null(root);
    assert_string_equal(why, expected);
}

static void every_type_is_told_apart(void **state)
{
    (void)state;
    struct json *root = read_text("[{}, [], \"\", 1, 1.5, true, false, null]");
    static const enum json_type expected[] = {JSON_MAP,          JSON_LIST,        JSON_TEXT,
                                              JSON_WHOLE_NUMBER, JSON_REAL_NUMBER, JSON_BOOL,
                                              JSON_BOOL,         JSON_NOTHING};
    assert_int_equal(json_count(root), 8);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(json_type_of(json_item(root, i)), expected[i]);
    assert_null(json_item(root, 8));
    assert_int_equal(json_type_of(NULL), JSON_NOTHING);
    json_free(root);
}

static void values_come_back(void **state)
{
    (void)state;
    struct json *root =
        read_text("{\"t\": \"\\uc0ac\\u0022\", \"i\": -9007199254740991, \"r\": 2.5, \"b\": true}");
    assert_true(bytes_is(json_text_of(json_member(root, "t")), "사\""));
    assert_true(json_integer_of(json_member(root, "i")) == INT64_C(-9007199254740991));
    assert_true(json_number_of(json_member(root, "r")) == 2.5);
    assert_true(json_number_of(json_member(root, "i")) == -9007199254740991.0);
    assert_true(json_bool_of(json_member(root, "b")));
    assert_null(json_member(root, "x"));
    json_free(root);
}

static void a_value_of_another_type_reads_as_empty(void **state)
{
    (void)state;
    struct json *root = read_text("[7]");
    const struct json *seven = json_item(root, 0);
    assert_int_equal(json_text_of(seven).n, 0);
    assert_false(json_bool_of(seven));
    assert_null(json_member(seven, "a"));
    assert_null(json_item(seven, 0));
    assert_int_equal(json_count(seven), 0);
    assert_int_equal(json_integer_of(root), 0);
    assert_int_equal(json_integer_of(NULL), 0);
    json_free(root);
}

static void members_are_walked_once_each(void **state)
{
    (void)state;
    struct json *root = read_text("{\"one\": 1, \"two\": 2, \"four\": 4}");
    const struct json *value;
    const char *key;
    void *at = NULL;
    int64_t sum = 0;
    size_t letters = 0;
    while ((key = json_each(root, &at, &value)) != NULL) {
        sum += json_integer_of(value);
        letters += strlen(key);
    }
    assert_int_equal(sum, 7);
    assert_int_equal(letters, 10);
    json_free(root);
    root = read_text("{}");
    at = NULL;
    assert_null(json_each(root, &at, &value));
    json_free(root);
}

static void a_key_that_occurs_twice_is_refused(void **state)
{
    (void)state;
    assert_refused(bytes_of_text("{\"a\": 1,\n \"a\": 1}"),
                   "line 2, column 4: a key occurs twice in one object");
}

static void nothing_may_follow_the_value(void **state)
{
    (void)state;
    assert_refused(bytes_of_text("{} {}"), "line 1, column 4: nothing may follow the value");
}

static void nul_is_refused_in_every_place(void **state)
{
    (void)state;
    assert_refused(bytes_of_text("\"a\\u0000b\""),
                   "line 1, column 10: NUL characters are not allowed");
    assert_refused(bytes_of_text("{\"\\u0000\": 1}"),
                   "line 1, column 9: NUL characters are not allowed");
    assert_refused(bytes_of("\"a\0b\"", 5), "line 1, column 3: NUL characters are not allowed");
    assert_refused(bytes_of("1\0", 2), "line 1, column 2: NUL characters are not allowed");
}

static void text_that_is_no_utf8_is_refused(void **state)
{
    (void)state;
    assert_refused(bytes_of_text("\"\xed\xa0\x80\""),
                   "line 1, column 1: the text is not valid UTF-8");
}

static void an_error_text_never_quotes_the_input(void **state)
{
    (void)state;
    struct json *root;
    assert_int_equal(json_read(bytes_of_text("{\"phone\": 01012345678}"), &root, why, sizeof why),
                     RESULT_MALFORMED);
    assert_null(strstr(why, "010"));
    assert_null(strstr(why, "phone"));
    assert_refused(bytes_of(NULL, 0),
                   "line 1, column 0: the text ends before the value is complete");
}

static void numbers_beyond_an_int64_are_refused(void **state)
{
    (void)state;
    assert_refused(bytes_of_text("18446744073709551615"),
                   "line 1, column 20: a number is too large");
    assert_refused(bytes_of_text("1e999"), "line 1, column 5: a number is too large");
}

static void sixty_four_levels_are_read_and_one_more_is_not(void **state)
{
    (void)state;
    char text[2 * 65 + 1];
    memset(text, '[', 65);
    memset(text + 65, ']', 65);
    assert_refused(bytes_of(text, 130), "line 1, column 65: values are nested too deeply");
    text[1 + 128] = '\0';
    json_free(read_text(text + 1));
}

static void brackets_inside_strings_do_not_count_as_levels(void **state)
{
    (void)state;
    char text[4 + 200 + 1] = "[\"\\\"";
    memset(text + 4, '[', 198);
    memcpy(text + 202, "\"]", 3);
    json_free(read_text(text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_is_told_apart),
        cmocka_unit_test(values_come_back),
        cmocka_unit_test(a_value_of_another_type_reads_as_empty),
        cmocka_unit_test(members_are_walked_once_each),
        cmocka_unit_test(a_key_that_occurs_twice_is_refused),
        cmocka_unit_test(nothing_may_follow_the_value),
        cmocka_unit_test(nul_is_refused_in_every_place),
        cmocka_unit_test(text_that_is_no_utf8_is_refused),
        cmocka_unit_test(an_error_text_never_quotes_the_input),
        cmocka_unit_test(numbers_beyond_an_int64_are_refused),
        cmocka_unit_test(sixty_four_levels_are_read_and_one_more_is_not),
        cmocka_unit_test(brackets_inside_strings_do_not_count_as_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

static void assert_written(struct buf *b, const char *expected)
{
    assert_int_equal(buf_status(b), RESULT_OK);
    assert_string_equal(buf_c(b), expected);
    buf_free(b);
}

static void text_is_escaped_as_rfc_8785_says(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(1000);
    json_put_text(&b, bytes_of_text("\xe2\x82\xac$\x0f\nA'B\"\\\\\"/\b\t\f\r\x1f\x7f한"));
    assert_written(&b, "\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\\b\\t\\f\\r\\u001f\x7f한\"");
    json_put_text(&b, bytes_of(NULL, 0));
    assert_written(&b, "\"\"");
}

static void what_was_written_reads_back_the_same(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(1000);
    uint8_t all[127];
    struct json *root;
    char why[100];
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (uint8_t)(i + 1);
    json_put_text(&b, bytes_of(all, sizeof all));
    assert_int_equal(json_read(buf_view(&b), &root, why, sizeof why), RESULT_OK);
    assert_true(bytes_equal(json_text_of(root), bytes_of(all, sizeof all)));
    json_free(root);
    buf_free(&b);
}

static void a_letter_is_escaped_wherever_it_stands(void **state)
{
    (void)state;
    static const char escaped[] = "\"\\\n\x1f";
    struct buf b = BUF_INIT(1000);
    char text[20], expected[sizeof text + 8];
    for (size_t n = 1; n <= sizeof text; n++) {
        for (size_t at = 0; at < n; at++) {
            for (const char *c = escaped; *c != '\0'; c++) {
                const char *as = *c == '\n' ? "\\n" : *c == '\x1f' ? "\\u001f" : NULL;
                memset(text, 'q', n);
                text[at] = *c;
                (void)snprintf(expected, sizeof expected, "\"%.*s%s%.*s\"", (int)at, text,
                               as != NULL  ? as
                               : *c == '"' ? "\\\""
                                           : "\\\\",
                               (int)(n - at - 1), text + at + 1);
                json_put_text(&b, bytes_of(text, n));
                assert_string_equal(buf_c(&b), expected);
                buf_clear(&b);
            }
        }
    }
    buf_free(&b);
}

static void members_are_separated_by_commas(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(1000);
    buf_text(&b, "{");
    json_put_member_bool(&b, "a", true);
    json_put_member_integer(&b, "b", -15);
    json_put_member_text(&b, "c", bytes_of_text("{"));
    json_put_key(&b, "d");
    buf_text(&b, "{");
    json_put_member_bool(&b, "e", false);
    buf_text(&b, "}}");
    assert_written(&b, "{\"a\":true,\"b\":-15,\"c\":\"{\",\"d\":{\"e\":false}}");
}

static void integers_are_written_whole(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(1000);
    buf_text(&b, "{");
    json_put_member_integer(&b, "max", INT64_MAX);
    json_put_member_integer(&b, "min", INT64_MIN);
    json_put_member_integer(&b, "zero", 0);
    buf_text(&b, "}");
    assert_written(&b, "{\"max\":9223372036854775807,\"min\":-9223372036854775808,\"zero\":0}");
}

static void a_full_buffer_fails_and_stays_within_its_ceiling(void **state)
{
    (void)state;
    for (size_t room = 0; room < 14; room++) {
        struct buf b = BUF_INIT(room);
        buf_text(&b, "{");
        json_put_member_text(&b, "key", bytes_of_text("a\nb"));
        assert_int_equal(buf_status(&b), room < 13 ? RESULT_TOO_LARGE : RESULT_OK);
        assert_true(b.n <= room);
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped_as_rfc_8785_says),
        cmocka_unit_test(what_was_written_reads_back_the_same),
        cmocka_unit_test(a_letter_is_escaped_wherever_it_stands),
        cmocka_unit_test(members_are_separated_by_commas),
        cmocka_unit_test(integers_are_written_whole),
        cmocka_unit_test(a_full_buffer_fails_and_stays_within_its_ceiling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

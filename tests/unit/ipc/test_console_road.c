#include "ipc/console_road.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct console_view view = {.ticket = 7,
                                         .unit = {(const uint8_t *)"board/audit", 11},
                                         .page = {(const uint8_t *)"records", 7},
                                         .form = {(const uint8_t *)"csv", 3},
                                         .has_record = true,
                                         .record = 9,
                                         .from = 3,
                                         .to = UINT64_MAX,
                                         .reason = {(const uint8_t *)"a complaint", 11},
                                         .certificate = {1, 2, 3}};

static void a_view_comes_back_and_nothing_shorter_or_longer_does(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(1000);
    struct console_view v;
    console_view_put(&view, &out);
    assert_int_equal(buf_status(&out), RESULT_OK);
    for (size_t n = 0; n <= out.n; n++) {
        struct cursor in = cursor_over(bytes_of(out.p, n));
        assert_true((console_view_take(&in, &v) == RESULT_OK) == (n == out.n));
    }
    assert_true(v.ticket == 7 && v.has_record && v.record == 9 && v.from == 3);
    assert_true(v.to == UINT64_MAX);
    assert_true(bytes_is(v.unit, "board/audit") && bytes_is(v.page, "records"));
    assert_true(bytes_is(v.form, "csv") && bytes_is(v.reason, "a complaint"));
    assert_memory_equal(v.certificate, view.certificate, CONSOLE_FINGERPRINT);
    buf_u8(&out, 0);
    struct cursor in = cursor_over(buf_view(&out));
    assert_int_equal(console_view_take(&in, &v), RESULT_MALFORMED);
    buf_free(&out);
}

/* The ledger answers it with a code; the channel stays for everybody else's pages. */
static void a_view_with_a_text_of_any_bytes_is_a_view(void **state)
{
    static const uint8_t odd[] = {0xff, 0, '\n'};
    (void)state;
    struct buf out = BUF_INIT(1000);
    struct console_view v = view;
    v.reason = v.unit = bytes_of(odd, sizeof odd);
    console_view_put(&v, &out);
    struct cursor in = cursor_over(buf_view(&out));
    assert_int_equal(console_view_take(&in, &v), RESULT_OK);
    assert_true(bytes_equal(v.reason, bytes_of(odd, sizeof odd)));
    buf_free(&out);
}

static void what_becomes_of_a_view_comes_back(void **state)
{
    (void)state;
    const struct console_viewed said = {9, CONTROL_CODE_TOO_MANY, 1234};
    struct buf out = BUF_INIT(100);
    struct console_viewed v;
    console_viewed_put(&said, &out);
    struct cursor in = cursor_over(buf_view(&out));
    assert_int_equal(console_viewed_take(&in, &v), RESULT_OK);
    assert_true(v.ticket == 9 && v.code == CONTROL_CODE_TOO_MANY && v.index == 1234);
    buf_free(&out);
}

static void a_question_and_its_answer_come_back(void **state)
{
    (void)state;
    const struct console_ask ask = {3, bytes_of_text("a/b"), bytes_of_text("a request")};
    const struct console_said said = {3, bytes_of_text("an answer")};
    struct buf out = BUF_INIT(1000);
    struct console_ask a;
    struct console_said s;
    console_ask_put(&ask, &out);
    console_said_put(&said, &out); /* refused: nothing may stand behind the first */
    struct cursor in = cursor_over(buf_view(&out));
    assert_int_equal(console_ask_take(&in, &a), RESULT_MALFORMED);
    buf_clear(&out);
    console_ask_put(&ask, &out);
    in = cursor_over(buf_view(&out));
    assert_int_equal(console_ask_take(&in, &a), RESULT_OK);
    assert_true(a.ticket == 3 && bytes_is(a.unit, "a/b") && bytes_is(a.request, "a request"));
    buf_clear(&out);
    console_said_put(&said, &out);
    in = cursor_over(buf_view(&out));
    assert_int_equal(console_said_take(&in, &s), RESULT_OK);
    assert_true(s.ticket == 3 && bytes_is(s.answer, "an answer"));
    buf_free(&out);
}

static void what_no_console_and_no_ledger_says_is_refused(void **state)
{
    static const uint8_t much[CONTROL_ANSWER_MAX + 1];
    (void)state;
    struct buf out = BUF_INIT(2 * sizeof much);
    console_ask_put(&(struct console_ask){0, bytes_of_text("a/b"), bytes_of_text("x")}, &out);
    assert_true(out.failed);
    out.failed = false;
    console_ask_put(
        &(struct console_ask){.ticket = 1, .request = bytes_of(much, CONTROL_REQUEST_MAX + 1)},
        &out);
    assert_true(out.failed);
    out.failed = false;
    console_ask_put(&(struct console_ask){.ticket = 1, .unit = bytes_of(much, IDENT_UNIT_MAX + 1)},
                    &out);
    assert_true(out.failed);
    out.failed = false;
    console_said_put(&(struct console_said){1, bytes_of(much, sizeof much)}, &out);
    assert_true(out.failed);
    out.failed = false;
    console_viewed_put(&(struct console_viewed){1, CONTROL_CODES, 0}, &out);
    assert_true(out.failed);
    out.failed = false;
    console_view_put(&(struct console_view){.ticket = 0}, &out);
    assert_true(out.failed);
    buf_free(&out);
}

static void pages_and_forms_are_words_of_the_table(void **state)
{
    (void)state;
    assert_true(console_is_page(bytes_of_text("records")));
    assert_false(console_is_page(bytes_of_text("record s")));
    assert_false(console_is_page(bytes_of_text("csv")));
    assert_false(console_is_page(bytes_of_text("")));
    assert_true(console_is_form(bytes_of_text("csv")));
    assert_false(console_is_form(bytes_of_text("records")));
    assert_false(console_is_form(bytes_of_text("html ")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_comes_back_and_nothing_shorter_or_longer_does),
        cmocka_unit_test(a_view_with_a_text_of_any_bytes_is_a_view),
        cmocka_unit_test(what_becomes_of_a_view_comes_back),
        cmocka_unit_test(a_question_and_its_answer_come_back),
        cmocka_unit_test(what_no_console_and_no_ledger_says_is_refused),
        cmocka_unit_test(pages_and_forms_are_words_of_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "ipc/control.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct control_request list = {
    .ask = CONTROL_LIST, .list = ROAD_APPROVAL, .after = {(const uint8_t *)"7-0", 3}};
static const struct control_request prepare = {.ask = CONTROL_PREPARE,
                                               .act = CONTROL_SUSPEND,
                                               .subject = {(const uint8_t *)"unit a/b", 8},
                                               .officer = {(const uint8_t *)"a/kim", 5},
                                               .reason = {(const uint8_t *)"why", 3}};
static const struct control_request submit = {.ask = CONTROL_SUBMIT,
                                              .text = {(const uint8_t *)"t", 1},
                                              .signature = {(const uint8_t *)"s", 1}};

static bool goes(const struct control_request *r)
{
    struct buf b = BUF_INIT(CONTROL_REQUEST_MAX);
    struct control_request out;
    control_request_put(r, &b);
    struct cursor in = cursor_over(buf_view(&b));
    bool good = buf_status(&b) == RESULT_OK && control_request_take(&in, &out) == RESULT_OK &&
                out.ask == r->ask && out.act == r->act && bytes_equal(out.subject, r->subject) &&
                bytes_equal(out.officer, r->officer) && bytes_equal(out.reason, r->reason) &&
                bytes_equal(out.text, r->text) && bytes_equal(out.signature, r->signature);
    buf_free(&b);
    return good;
}

static void each_question_has_its_own_fields_and_no_others(void **state)
{
    (void)state;
    const struct control_request *const good[] = {&list, &prepare, &submit};
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_true(goes(good[i]));
        struct control_request r = *good[i];
        r.act = r.ask == CONTROL_PREPARE ? CONTROL_ACTS : CONTROL_APPROVE;
        assert_false(goes(&r));
        r = *good[i];
        r.list = r.ask == CONTROL_LIST ? CONTROL_LISTS : ROAD_APPROVAL;
        assert_false(goes(&r));
        r = *good[i];
        r.ask = 5;
        assert_false(goes(&r));
    }
    struct control_request r = prepare;
    r.act = 0; /* no row of the table */
    assert_false(goes(&r));
    r = prepare;
    r.text = bytes_of_text("t");
    assert_false(goes(&r));
    r = submit;
    r.subject = bytes_of_text("1-0");
    assert_false(goes(&r));
    r = list;
    r.reason = bytes_of_text("why");
    assert_false(goes(&r));
}

static void nothing_shorter_or_longer_is_a_request(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(CONTROL_REQUEST_MAX);
    struct control_request out;
    control_request_put(&prepare, &b);
    for (size_t n = 0; n < b.n; n++) {
        struct cursor in = cursor_over(bytes_of(b.p, n));
        assert_int_not_equal(control_request_take(&in, &out), RESULT_OK);
    }
    buf_u8(&b, 0);
    struct cursor in = cursor_over(buf_view(&b));
    assert_int_not_equal(control_request_take(&in, &out), RESULT_OK);
    b.p[0]++; /* another version */
    in = cursor_over(bytes_of(b.p, b.n - 1));
    assert_int_not_equal(control_request_take(&in, &out), RESULT_OK);
    buf_free(&b);
}

static void an_answer_comes_back_with_its_items(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(CONTROL_ANSWER_MAX);
    const struct control_answer was = {.code = CONTROL_CODE_SAME_PERSON,
                                       .text = bytes_of_text("글"),
                                       .done = true,
                                       .index = 77,
                                       .items = 1,
                                       .more = true};
    const struct control_item item = {.subject = bytes_of_text("7-0"),
                                      .envelope = {.kind = bytes_of_text("video_request"),
                                                   .incident = {bytes_of_text("a/b:x")},
                                                   .incidents = 1},
                                      .unit = bytes_of_text("c/d"),
                                      .failed = bytes_of_text("why"),
                                      .party = {bytes_of_text("a")},
                                      .parties = 1,
                                      .officer = {bytes_of_text("a/kim")},
                                      .officers = 1,
                                      .persons = 2,
                                      .since_us = 5,
                                      .due_us = 9,
                                      .overdue = true};
    control_answer_put(&was, &b);
    control_item_put(&item, &b);
    assert_int_equal(buf_status(&b), RESULT_OK);
    struct cursor in = cursor_over(buf_view(&b));
    struct control_answer a;
    struct control_item i;
    assert_int_equal(control_answer_take(&in, &a), RESULT_OK);
    assert_int_equal(control_item_take(&in, &i), RESULT_OK);
    assert_int_equal(in.left, 0);
    assert_true(a.code == was.code && a.done && a.index == 77 && a.items == 1 && a.more);
    assert_true(bytes_equal(a.text, was.text));
    assert_true(bytes_is(i.failed, "why"));
    assert_true(bytes_is(i.envelope.incident[0], "a/b:x") && bytes_is(i.officer[0], "a/kim"));
    assert_true(i.persons == 2 && i.since_us == 5 && i.due_us == 9 && i.overdue && !i.went_ahead);
    buf_free(&b);
}

static void every_number_has_a_word_and_texts(void **state)
{
    (void)state;
    static const unsigned act[] = {
#define A(NAME, number, word, en, ko) number,
#include "ipc/acts.def"
#undef A
    };
    for (size_t i = 0; i < ARRAY_LEN(act); i++) {
        assert_string_not_equal(control_act_word(act[i]), "?");
        assert_string_not_equal(control_act_text(act[i], false), control_act_text(act[i], true));
    }
    for (unsigned i = 0; i < CONTROL_CODES; i++) {
        assert_string_not_equal(control_code_word(i), "?");
        assert_string_not_equal(control_code_text(i, false), control_code_text(i, true));
    }
    assert_string_equal(control_act_word(0), "?");
    assert_string_equal(control_code_word(CONTROL_CODES), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_question_has_its_own_fields_and_no_others),
        cmocka_unit_test(nothing_shorter_or_longer_is_a_request),
        cmocka_unit_test(an_answer_comes_back_with_its_items),
        cmocka_unit_test(every_number_has_a_word_and_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "ipc/log_road.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct log_ask good = {.ticket = 7,
                                    .what = LOG_TILE,
                                    .unit = {(const uint8_t *)"npa/112", 7},
                                    .index = UINT64_MAX,
                                    .text = {(const uint8_t *)"tile/0/000", 10}};

static void a_question_comes_back_and_nothing_shorter_or_longer_does(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(1000);
    struct log_ask a;
    log_ask_put(&good, &out);
    assert_int_equal(buf_status(&out), RESULT_OK);
    for (size_t n = 0; n <= out.n; n++) {
        struct cursor in = cursor_over(bytes_of(out.p, n));
        assert_true((log_ask_take(&in, &a) == RESULT_OK) == (n == out.n));
    }
    assert_int_equal(a.ticket, 7);
    assert_int_equal(a.what, LOG_TILE);
    assert_true(bytes_is(a.unit, "npa/112") && bytes_is(a.text, "tile/0/000"));
    assert_true(a.index == UINT64_MAX);
    buf_u8(&out, 0);
    struct cursor in = cursor_over(buf_view(&out));
    assert_int_equal(log_ask_take(&in, &a), RESULT_MALFORMED);
    buf_free(&out);
}

static void an_answer_comes_back(void **state)
{
    (void)state;
    const struct log_said said = {.ticket = 9,
                                  .answer = LOG_HERE,
                                  .text = bytes_of_text("a proof"),
                                  .entry = bytes_of_text("an entry")};
    struct buf out = BUF_INIT(1000);
    struct log_said s;
    log_said_put(&said, &out);
    struct cursor in = cursor_over(buf_view(&out));
    assert_int_equal(log_said_take(&in, &s), RESULT_OK);
    assert_true(s.ticket == 9 && s.answer == LOG_HERE);
    assert_true(bytes_is(s.text, "a proof") && bytes_is(s.entry, "an entry"));
    buf_free(&out);
}

static void assert_refused(struct log_ask a)
{
    struct buf out = BUF_INIT(LOG_NOTE_MAX + 1000);
    log_ask_put(&a, &out);
    assert_true(out.failed);
    buf_free(&out);
}

static void what_no_edge_asks_is_refused(void **state)
{
    (void)state;
    static const uint8_t much[LOG_NOTE_MAX + 1];
    struct log_ask a = good;
    a.ticket = 0;
    assert_refused(a);
    a = good;
    a.what = 0;
    assert_refused(a);
    a.what = LOG_COSIGN + 1;
    assert_refused(a);
    a = good;
    a.unit = bytes_of_text("npa");
    assert_refused(a);
    a = good;
    a.text = bytes_of(much, sizeof much);
    assert_refused(a);
}

static void no_answer_is_larger_than_its_parts_may_be(void **state)
{
    (void)state;
    static const uint8_t much[LOG_ENTRY_MAX + 1];
    struct buf out = BUF_INIT(2 * sizeof much);
    const struct log_said said = {
        .ticket = 1, .answer = LOG_HERE, .entry = bytes_of(much, sizeof much)};
    log_said_put(&said, &out);
    assert_true(out.failed);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_comes_back_and_nothing_shorter_or_longer_does),
        cmocka_unit_test(an_answer_comes_back),
        cmocka_unit_test(what_no_edge_asks_is_refused),
        cmocka_unit_test(no_answer_is_larger_than_its_parts_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

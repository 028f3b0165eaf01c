#include "ipc/half_road.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct half_ask good = {.ticket = 7,
                                     .what = HALF_STORE,
                                     .unit = {(const uint8_t *)"npa/112", 7},
                                     .index = 4711,
                                     .reader = "a public key"};

static void a_question_comes_back_and_nothing_shorter_or_longer_does(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(1000);
    struct half_ask a;
    half_ask_put(&good, &out);
    assert_int_equal(buf_status(&out), RESULT_OK);
    for (size_t n = 0; n <= out.n; n++) {
        struct cursor in = cursor_over(bytes_of(out.p, n));
        assert_true((half_ask_take(&in, &a) == RESULT_OK) == (n == out.n));
    }
    assert_true(a.ticket == 7 && a.what == HALF_STORE && a.index == 4711);
    assert_true(bytes_is(a.unit, "npa/112"));
    assert_memory_equal(a.reader, good.reader, HALF_READER);
    buf_u8(&out, 0);
    struct cursor in = cursor_over(buf_view(&out));
    assert_int_equal(half_ask_take(&in, &a), RESULT_MALFORMED);
    buf_free(&out);
}

static void assert_refused(struct half_ask a)
{
    struct buf out = BUF_INIT(1000);
    half_ask_put(&a, &out);
    assert_true(out.failed);
    buf_free(&out);
}

static void what_no_edge_asks_is_refused(void **state)
{
    (void)state;
    struct half_ask a = good;
    a.ticket = 0;
    assert_refused(a);
    a = good;
    a.what = HALF_HELD + 1;
    assert_refused(a);
    a = good;
    a.unit = bytes_of_text("nobody");
    assert_refused(a);
    a = good;
    a.used_us = -1;
    assert_refused(a);
}

static void an_answer_comes_back(void **state)
{
    (void)state;
    static const uint8_t box[HALF_BOX] = "sealed";
    const struct half_said said = {.ticket = 9,
                                   .answer = HALF_GIVEN,
                                   .limited = true,
                                   .left = 2,
                                   .entry = 12,
                                   .clause = bytes_of_text("mou#grant"),
                                   .box = bytes_of(box, sizeof box)};
    struct buf out = BUF_INIT(1000);
    struct half_said s;
    half_said_put(&said, &out);
    struct cursor in = cursor_over(buf_view(&out));
    assert_int_equal(half_said_take(&in, &s), RESULT_OK);
    assert_true(s.ticket == 9 && s.answer == HALF_GIVEN && s.limited && s.left == 2);
    assert_true(s.entry == 12 && bytes_is(s.clause, "mou#grant"));
    assert_true(bytes_equal(s.box, said.box));
    assert_true(s.held.n == 0 && s.next == 0);
    out.p[out.n - 12 - HALF_BOX - 1]--; /* a box is whole or not there */
    in = cursor_over(buf_view(&out));
    assert_int_equal(half_said_take(&in, &s), RESULT_MALFORMED);
    buf_free(&out);
}

static void holds_come_back_and_none_out_of_order(void **state)
{
    (void)state;
    struct buf records = BUF_INIT(100), out = BUF_INIT(1000);
    struct half_hold h;
    buf_u64(&records, 3);
    buf_u64(&records, 7);
    const struct half_hold hold = {bytes_of_text("record 7"), 1000, buf_view(&records)};
    half_hold_put(&hold, &out);
    half_hold_put(&hold, &out);
    struct cursor in = cursor_over(buf_view(&out));
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(half_hold_take(&in, &h), RESULT_OK);
        assert_true(bytes_is(h.subject, "record 7") && h.since_us == 1000);
        assert_int_equal(road_items(h.records), 2);
        assert_int_equal(road_item(h.records, 1), 7);
    }
    assert_int_equal(in.left, 0);
    out.p[out.n - 1] = 2; /* 3, 2 */
    in = cursor_over(bytes_of(out.p + out.n / 2, out.n / 2));
    assert_int_equal(half_hold_take(&in, &h), RESULT_MALFORMED);
    buf_free(&records);
    buf_free(&out);
}

static void a_vaults_scope_is_known_by_its_tuple(void **state)
{
    (void)state;
    uint8_t one[ROAD_DIGEST], two[ROAD_DIGEST], other[ROAD_DIGEST] = {7};
    half_tuple(1, one);
    half_tuple(256, two);
    assert_true(half_is_tuple(one) && half_is_tuple(two) && !half_is_tuple(other));
    assert_memory_not_equal(one, two, ROAD_DIGEST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_comes_back_and_nothing_shorter_or_longer_does),
        cmocka_unit_test(what_no_edge_asks_is_refused),
        cmocka_unit_test(an_answer_comes_back),
        cmocka_unit_test(holds_come_back_and_none_out_of_order),
        cmocka_unit_test(a_vaults_scope_is_known_by_its_tuple),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

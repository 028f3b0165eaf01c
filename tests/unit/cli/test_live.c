/* What fedgatectl prints of a running gateway. */
#include "capture.h"

#include "base/clock.h"
#include "cli/live.h"

#include <string.h>

#define NOON (INT64_C(1795262400) * US_PER_S) /* 2026-11-21T21:00:00+09:00 */

static const struct live_column column[] = {
    {"since", {"since", "시각"}, LIVE_TIME}, {"bytes", {"carried", "전송량"}, LIVE_BYTES},
    {"unit", {"unit", "단위"}, LIVE_TEXT},   {"certificate", {"certificate", "인증서"}, LIVE_HEX},
    {"open", {"open", "진행"}, LIVE_FLAG},   {"count", {"count", "수"}, LIVE_NUMBER}};
static const uint8_t digest[] = {0x0a, 0xff};

static void fill(struct live_value v[ARRAY_LEN(column)])
{
    const struct live_value value[ARRAY_LEN(column)] = {{.number = NOON},
                                                        {.number = 3 << 19},
                                                        {.text = bytes_of_text("a/\"b")},
                                                        {.text = bytes_of(digest, 2)},
                                                        {.number = 1},
                                                        {.number = 0}};
    memcpy(v, value, sizeof value);
}

static void assert_text(size_t i, bool korean, const char *expected)
{
    struct live_value v[ARRAY_LEN(column)];
    char text[LIVE_CELL];
    fill(v);
    live_text(&column[i], &v[i], korean, text);
    assert_string_equal(text, expected);
}

static void values_have_units_and_times_their_zone(void **state)
{
    (void)state;
    assert_text(0, false, "2026-11-21T21:00:00+09:00");
    assert_text(1, false, "1.5 MiB");
    assert_text(2, false, "a/\"b");
    assert_text(3, false, "0aff");
    assert_text(4, false, "yes");
    assert_text(4, true, "예");
    assert_text(5, false, "0");
}

static void an_object_has_its_keys_in_order_and_leaves_out_what_is_empty(void **state)
{
    (void)state;
    struct live_value v[ARRAY_LEN(column)];
    struct buf out = BUF_INIT(4096);
    fill(v);
    live_put_json(&out, column, v, ARRAY_LEN(column));
    assert_string_equal(buf_c(&out), "{\"bytes\":1572864,\"certificate\":\"0aff\",\"count\":0,"
                                     "\"open\":true,\"since\":\"2026-11-21T21:00:00+09:00\","
                                     "\"unit\":\"a/\\\"b\"}");
    buf_clear(&out);
    v[0].number = 0;
    v[2].text = v[3].text = bytes_of(NULL, 0);
    live_put_json(&out, column, v, ARRAY_LEN(column));
    assert_string_equal(buf_c(&out), "{\"bytes\":1572864,\"count\":0,\"open\":true}");
    buf_free(&out);
}

static void units_are_counted_by_party_or_alone(void **state)
{
    (void)state;
    struct buf units = BUF_INIT(4096);
    struct live_unit sum;
    static const char *const name[] = {"a/b", "a/c", "ab/c"};
    for (size_t i = 0; i < ARRAY_LEN(name); i++) {
        const struct live_unit u = {
            .number = i + 1, .unit = bytes_of_text(name[i]), .sessions = 1, .streams = 2};
        live_unit_put(&u, &units);
    }
    live_count(buf_view(&units), "a", &sum);
    assert_true(sum.sessions == 2 && sum.streams == 4);
    live_count(buf_view(&units), "ab/c", &sum);
    assert_true(sum.sessions == 1 && sum.streams == 2);
    live_count(buf_view(&units), "b", &sum);
    assert_int_equal(sum.sessions, 0);
    buf_free(&units);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_have_units_and_times_their_zone),
        cmocka_unit_test(an_object_has_its_keys_in_order_and_leaves_out_what_is_empty),
        cmocka_unit_test(units_are_counted_by_party_or_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "ipc/road.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void items_are_ascending_and_no_more_than_an_order_has(void **state)
{
    struct buf items = BUF_INIT(1 << 20);
    size_t at;
    (void)state;
    assert_true(road_items_fit(bytes_of(NULL, 0)));
    for (uint64_t i = 0; i < ROAD_ITEMS_MAX; i++)
        buf_u64(&items, 10 + 2 * i);
    assert_true(road_items_fit(buf_view(&items)));
    assert_int_equal(road_items(buf_view(&items)), ROAD_ITEMS_MAX);
    assert_int_equal(road_item(buf_view(&items), 3), 16);
    assert_true(road_find_item(buf_view(&items), 16, &at));
    assert_int_equal(at, 3);
    assert_false(road_find_item(buf_view(&items), 17, &at));
    assert_false(road_find_item(buf_view(&items), 9, &at));
    assert_false(road_find_item(bytes_of(NULL, 0), 9, &at));
    assert_false(road_items_fit(bytes_of(items.p, 15)));
    buf_u64(&items, UINT64_MAX);
    assert_false(road_items_fit(buf_view(&items))); /* one too many */
    buf_clear(&items);
    buf_u64(&items, 5);
    buf_u64(&items, 5);
    assert_false(road_items_fit(buf_view(&items)));
    buf_free(&items);
}

/* Whether a receipt goes over the channel and comes back as it was. */
static bool goes(const struct road_settle *s)
{
    struct buf b = BUF_INIT(1 << 20), again = BUF_INIT(1 << 20);
    struct road_settle back;
    road_settle_put(s, &b);
    bool good = buf_status(&b) == RESULT_OK;
    struct cursor in = cursor_over(buf_view(&b));
    if (good) {
        assert_int_equal(road_settle_take(&in, &back), RESULT_OK);
        road_settle_put(&back, &again);
        assert_true(bytes_equal(buf_view(&b), buf_view(&again)));
    }
    buf_free(&b);
    buf_free(&again);
    return good;
}

static void a_receipt_names_acts_dates_and_items_in_order(void **state)
{
    static const uint8_t two[16] = {[7] = 1, [15] = 2}, falling[16] = {[7] = 2, [15] = 1};
    struct road_settle s = {.destroyed = bytes_of(two, sizeof two),
                            .retained = {{5, bytes_of_text("kr/pipa/21-1-proviso"), 1},
                                         {6, bytes_of_text("kr/pipa/21-1-proviso"), 1}},
                            .retains = 2,
                            .at_us = 1,
                            .method = 2};
    (void)state;
    assert_true(goes(&s));
    s.never_stored = bytes_of(falling, sizeof falling);
    assert_false(goes(&s));
    s.never_stored.n = 0;
    s.retained[1].item = 5;
    assert_false(goes(&s));
    s.retained[1].item = 6;
    s.retained[1].until_us = 0;
    assert_false(goes(&s));
    s.retained[1].until_us = 1;
    s.retained[1].act.n = 0;
    assert_false(goes(&s));
}

static void each_item_of_an_order_has_a_state(void **state)
{
    static const uint8_t one[8] = {[7] = 1}, states[] = {ROAD_RETAINED, ROAD_RETAINED + 1};
    struct road_order_state s = {.ticket = 3,
                                 .found = true,
                                 .unit = bytes_of_text("a/b"),
                                 .items = bytes_of(one, sizeof one),
                                 .state = bytes_of(states, 1)};
    struct buf b = BUF_INIT(4096);
    struct road_order_state back;
    (void)state;
    road_order_state_put(&s, &b);
    struct cursor in = cursor_over(buf_view(&b));
    assert_int_equal(road_order_state_take(&in, &back), RESULT_OK);
    assert_int_equal(back.state.p[0], ROAD_RETAINED);
    s.state = bytes_of(states + 1, 1);
    road_order_state_put(&s, &b);
    assert_int_not_equal(buf_status(&b), RESULT_OK);
    buf_free(&b);
    b = BUF_INIT(4096);
    s.state.n = 0;
    road_order_state_put(&s, &b);
    assert_int_not_equal(buf_status(&b), RESULT_OK);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_ascending_and_no_more_than_an_order_has),
        cmocka_unit_test(a_receipt_names_acts_dates_and_items_in_order),
        cmocka_unit_test(each_item_of_an_order_has_a_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

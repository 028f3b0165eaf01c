#include "base/bucket.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct bucket_size size = {.most = 50, .a_second = 10};

static void a_burst_is_paid_once(void **state)
{
    struct bucket b;
    (void)state;
    bucket_init(&b, &size, 7);
    assert_int_equal(bucket_left(&b, &size, 7), 50);
    assert_true(bucket_spend(&b, &size, 7, 50));
    assert_int_equal(bucket_left(&b, &size, 7), 0);
    assert_false(bucket_spend(&b, &size, 7, 1));
}

static void time_fills_it_without_rounding_and_no_further(void **state)
{
    struct bucket b;
    (void)state;
    bucket_init(&b, &size, 0);
    (void)bucket_spend(&b, &size, 0, 50);
    for (int64_t at = 1; at <= US_PER_S; at += 3)
        (void)bucket_left(&b, &size, at);
    assert_int_equal(bucket_left(&b, &size, US_PER_S), 10);
    assert_int_equal(bucket_left(&b, &size, 4 * US_PER_S), 40);
    assert_int_equal(bucket_left(&b, &size, INT64_MAX), 50);
}

static void a_debt_is_paid_by_time_first(void **state)
{
    struct bucket b;
    (void)state;
    bucket_init(&b, &size, 0);
    assert_false(bucket_spend(&b, &size, 0, 70));
    assert_int_equal(bucket_left(&b, &size, 2 * US_PER_S), 0);
    assert_int_equal(bucket_left(&b, &size, 3 * US_PER_S), 10);
}

static void a_debt_is_no_deeper_than_time_makes_up_for_at_once(void **state)
{
    struct bucket b;
    (void)state;
    bucket_init(&b, &size, 0);
    assert_false(bucket_spend(&b, &size, 0, UINT32_MAX));
    assert_int_equal(bucket_left(&b, &size, 5 * US_PER_S), 0);
    assert_int_equal(bucket_left(&b, &size, 6 * US_PER_S), 10);
    assert_false(bucket_spend(&b, &size, 6 * US_PER_S, 1000));
    assert_int_equal(bucket_left(&b, &size, US_PER_HOUR), 50);
}

static void what_is_earned_fills_it_no_further_than_full(void **state)
{
    struct bucket b;
    (void)state;
    bucket_init(&b, &size, 0);
    (void)bucket_spend(&b, &size, 0, 20);
    bucket_earn(&b, &size, 5);
    assert_int_equal(bucket_left(&b, &size, 0), 35);
    bucket_earn(&b, &size, UINT64_MAX);
    assert_int_equal(bucket_left(&b, &size, 0), 50);
}

static void a_clock_that_goes_back_fills_nothing(void **state)
{
    struct bucket b;
    (void)state;
    bucket_init(&b, &size, US_PER_HOUR);
    (void)bucket_spend(&b, &size, US_PER_HOUR, 50);
    assert_int_equal(bucket_left(&b, &size, 0), 0);
    assert_int_equal(bucket_left(&b, &size, US_PER_S), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_is_paid_once),
        cmocka_unit_test(time_fills_it_without_rounding_and_no_further),
        cmocka_unit_test(a_debt_is_paid_by_time_first),
        cmocka_unit_test(a_debt_is_no_deeper_than_time_makes_up_for_at_once),
        cmocka_unit_test(what_is_earned_fills_it_no_further_than_full),
        cmocka_unit_test(a_clock_that_goes_back_fills_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* How long a client waits before it tries again. */
#include "client/backoff.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void the_wait_doubles_from_a_fifth_of_a_second_to_half_a_minute(void **state)
{
    static const int64_t wanted[] = {200000,  400000,   800000,   1600000,  3200000,
                                     6400000, 12800000, 25600000, 30000000, 30000000};
    struct backoff b = {0};
    int64_t now = US_PER_HOUR;
    (void)state;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        int64_t wait = backoff_next(&b, now, 0);
        assert_int_equal(wait, wanted[i]);
        now += wait;
    }
}

static void chance_takes_up_to_half_of_it_away(void **state)
{
    struct backoff b = {0}, c = {0};
    (void)state;
    assert_int_equal(backoff_next(&b, US_PER_HOUR, UINT32_MAX), 100001);
    assert_int_equal(backoff_next(&c, US_PER_HOUR, UINT32_MAX / 2 + 1), 150000);
}

static void a_minute_without_failure_begins_anew(void **state)
{
    struct backoff b = {0};
    int64_t now = US_PER_HOUR;
    (void)state;
    for (int i = 0; i < 9; i++)
        (void)backoff_next(&b, now, 0);
    assert_int_equal(backoff_next(&b, now + US_PER_MINUTE, 0), 30 * US_PER_S);
    assert_int_equal(backoff_next(&b, now + 2 * US_PER_MINUTE + 1, 0), 200000);
}

static void an_answer_of_the_gateway_s_begins_anew(void **state)
{
    struct backoff b = {0};
    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(backoff_next(&b, US_PER_HOUR, 0), 200000);
        assert_int_equal(backoff_next(&b, US_PER_HOUR, 0), 400000);
        backoff_worked(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wait_doubles_from_a_fifth_of_a_second_to_half_a_minute),
        cmocka_unit_test(chance_takes_up_to_half_of_it_away),
        cmocka_unit_test(a_minute_without_failure_begins_anew),
        cmocka_unit_test(an_answer_of_the_gateway_s_begins_anew)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

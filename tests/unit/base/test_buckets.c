#include "base/buckets.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const struct bucket_size size = {.most = 5, .a_second = 2};

/* How many of so many payments of this name are taken. */
static unsigned pay(struct buckets *b, const char *name, unsigned times, int64_t now_us)
{
    unsigned taken = 0;
    for (unsigned i = 0; i < times; i++)
        taken += buckets_pay(b, bytes_of_text(name), now_us);
    return taken;
}

static void each_name_has_a_budget_of_its_own(void **state)
{
    (void)state;
    struct buckets *b = buckets_new(64, size);
    assert_int_equal(pay(b, "one", 9, 0), 5);
    assert_int_equal(pay(b, "other", 9, 0), 5);
    buckets_free(b);
}

static void whoever_asks_too_often_owes_nothing_for_the_asking(void **state)
{
    (void)state;
    struct buckets *b = buckets_new(64, size);
    assert_int_equal(pay(b, "one", 1000, 0), 5);
    assert_int_equal(pay(b, "one", 9, US_PER_S), 2);
    assert_int_equal(pay(b, "one", 9, 100 * US_PER_S), 5);
    buckets_free(b);
}

static void what_is_charged_is_owed_until_time_has_given_it_back(void **state)
{
    (void)state;
    struct buckets *b = buckets_new(64, size);
    buckets_charge(b, bytes_of_text("one"), 0, 9); /* has 5, owes 4 */
    assert_int_equal(pay(b, "one", 9, 0), 0);
    assert_int_equal(pay(b, "one", 9, 2 * US_PER_S), 0);
    assert_int_equal(pay(b, "one", 9, 3 * US_PER_S), 2);
    assert_int_equal(pay(b, "other", 9, 0), 5);
    buckets_free(b);
}

/* Strangers fill the table many times over, each of whom has paid less: who pays most is known. */
static void whoever_spends_most_is_not_forgotten_for_strangers(void **state)
{
    (void)state;
    char name[16];
    struct buckets *b = buckets_new(64, size);
    assert_int_equal(pay(b, "one", 9, 0), 5);
    for (unsigned i = 0; i < 10000; i++) {
        (void)snprintf(name, sizeof name, "stranger %u", i);
        assert_int_equal(pay(b, name, 1, 0), 1);
    }
    assert_int_equal(pay(b, "one", 9, 0), 0);
    buckets_free(b);
}

/* Whatever is in the way: the first one of a newcomer is always taken. */
static void a_newcomer_has_a_full_budget_when_all_others_have_none(void **state)
{
    (void)state;
    char name[16];
    struct buckets *b = buckets_new(8, size);
    for (unsigned i = 0; i < 100; i++) {
        (void)snprintf(name, sizeof name, "%u", i);
        assert_int_equal(pay(b, name, 9, 0), 5);
    }
    buckets_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_name_has_a_budget_of_its_own),
        cmocka_unit_test(whoever_asks_too_often_owes_nothing_for_the_asking),
        cmocka_unit_test(what_is_charged_is_owed_until_time_has_given_it_back),
        cmocka_unit_test(whoever_spends_most_is_not_forgotten_for_strangers),
        cmocka_unit_test(a_newcomer_has_a_full_budget_when_all_others_have_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

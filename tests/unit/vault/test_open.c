#include "support.h"

static const struct vault_use use = {5, NOON, "p-417", "duty-officer", "car-7", "review"};

/* One that may be opened for an hour without the gateway, which was there at noon. */
static void store_for_the_road(struct bench *b, uint32_t uses)
{
    struct vault_entry e = an_entry(5);
    e.offline_us = US_PER_HOUR;
    e.destroy_by_us = NOON + US_PER_DAY;
    e.uses = uses;
    assert_int_equal(vault_contact(b->v), RESULT_OK);
    assert_int_equal(store(b, &e, bytes_of_text(CONTENT)), RESULT_OK);
}

static enum result offline(struct bench *b)
{
    uint8_t half[KEY_BYTES];
    struct buf out = BUF_INIT(1 << 20);
    enum result r = vault_offline_half(b->v, &use, half);
    if (r == RESULT_OK) {
        assert_int_equal(read_all(b, 5, half, &out), RESULT_END);
        assert_true(bytes_is(buf_view(&out), CONTENT));
    }
    buf_free(&out);
    return r;
}

static void what_may_not_be_opened_without_the_gateway_is_not(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(vault_contact(b.v), RESULT_OK);
    store_one(&b, 5);
    assert_int_equal(offline(&b), RESULT_DENIED);
    assert_null(vault_use_at(b.v, 0));
    bench_free(&b);
}

static void a_car_without_the_gateway_opens_for_as_long_as_the_grant_says(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    store_for_the_road(&b, 0);
    b.now_us = NOON + US_PER_HOUR - 1;
    reopen(&b);
    assert_int_equal(offline(&b), RESULT_OK);
    b.now_us = NOON + US_PER_HOUR;
    assert_int_equal(offline(&b), RESULT_STALE);
    assert_int_equal(vault_contact(b.v), RESULT_OK);
    assert_int_equal(offline(&b), RESULT_OK);
    bench_free(&b);
}

static void a_clock_that_goes_back_opens_nothing(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    store_for_the_road(&b, 0);
    b.now_us = NOON + 10 * US_PER_MINUTE;
    assert_int_equal(offline(&b), RESULT_OK);
    b.now_us = NOON + 5 * US_PER_MINUTE;
    assert_int_equal(offline(&b), RESULT_STALE);
    bench_free(&b);
}

static void each_opening_waits_to_be_reported_and_counts(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    store_for_the_road(&b, 2);
    assert_int_equal(offline(&b), RESULT_OK);
    assert_int_equal(offline(&b), RESULT_OK);
    assert_int_equal(offline(&b), RESULT_RANGE);
    reopen(&b);
    assert_int_equal(vault_get(b.v, 5)->uses_left, 0);
    assert_string_equal(vault_use_at(b.v, 0)->staff, "p-417");
    assert_non_null(vault_use_at(b.v, 1));
    assert_null(vault_use_at(b.v, 2));
    assert_int_equal(vault_uses_reported(b.v, 1), RESULT_OK);
    assert_null(vault_use_at(b.v, 1));
    bench_free(&b);
}

static void the_gateways_half_is_erased_once_it_may_not_be_used(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    store_for_the_road(&b, 0);
    assert_int_equal(vault_drop_stale_halves(b.v), RESULT_OK);
    assert_int_equal(offline(&b), RESULT_OK);
    b.now_us = NOON + US_PER_HOUR;
    assert_int_equal(vault_drop_stale_halves(b.v), RESULT_OK);
    b.now_us++;
    assert_int_equal(vault_contact(b.v), RESULT_OK);
    assert_int_equal(offline(&b), RESULT_STALE); /* the window is open, the half is gone */
    assert_true(opens(&b, 5));                   /* with the gateway's help */
    bench_free(&b);
}

/* A clock that is set right, by half a second or by half an hour, says nothing of how long the
 * gateway has been away: a car would stand without its halves for good. */
static void a_clock_that_goes_back_erases_no_half(void **state)
{
    (void)state;
    struct bench b;
    const uint64_t other = 6;
    bench_init(&b);
    store_for_the_road(&b, 0);
    store_one(&b, other);
    b.now_us = NOON + 2 * US_PER_HOUR;
    assert_int_equal(vault_contact(b.v), RESULT_OK);
    b.now_us -= US_PER_S / 2;
    assert_int_equal(vault_drop_stale_halves(b.v), RESULT_OK);
    b.now_us -= US_PER_HOUR / 2;
    assert_int_equal(vault_contact(b.v), RESULT_OK);
    assert_int_equal(vault_drop_stale_halves(b.v), RESULT_OK);
    assert_int_equal(vault_destroy(b.v, &other, 1, "", 1), RESULT_OK);
    assert_int_equal(offline(&b), RESULT_STALE); /* as long as it is back */
    b.now_us = NOON + 2 * US_PER_HOUR + US_PER_S;
    assert_int_equal(offline(&b), RESULT_OK);
    bench_free(&b);
}

static void past_its_deadline_nothing_opens_without_the_gateway(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    store_for_the_road(&b, 0);
    b.now_us = NOON + US_PER_DAY;
    assert_int_equal(vault_contact(b.v), RESULT_OK);
    assert_int_equal(offline(&b), RESULT_STALE);
    bench_free(&b);
}

static void what_the_gateway_counts_is_shown(void **state)
{
    (void)state;
    struct bench b;
    struct vault_entry e = an_entry(5);
    bench_init(&b);
    e.uses = 3;
    assert_int_equal(store(&b, &e, bytes_of_text(CONTENT)), RESULT_OK);
    assert_int_equal(vault_get(b.v, 5)->uses_left, 3);
    assert_int_equal(vault_used(b.v, 5, 2), RESULT_OK);
    reopen(&b);
    assert_int_equal(vault_get(b.v, 5)->uses_left, 2);
    assert_int_equal(vault_used(b.v, 6, 2), RESULT_NOT_FOUND);
    bench_free(&b);
}

/* Who opened once without the gateway, once with it, and once more without it had three of two. */
static void what_the_gateway_was_not_told_of_yet_counts_too(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    store_for_the_road(&b, 2);
    assert_int_equal(offline(&b), RESULT_OK);
    assert_int_equal(vault_used(b.v, 5, 1), RESULT_OK);
    assert_int_equal(vault_get(b.v, 5)->uses_left, 0);
    assert_int_equal(offline(&b), RESULT_RANGE);
    assert_int_equal(vault_used(b.v, 5, 0), RESULT_OK);
    assert_int_equal(vault_get(b.v, 5)->uses_left, 0);
    assert_int_equal(vault_uses_reported(b.v, 1), RESULT_OK);
    assert_int_equal(vault_used(b.v, 5, 1), RESULT_OK);
    assert_int_equal(vault_get(b.v, 5)->uses_left, 1);
    bench_free(&b);
}

static void what_is_not_here_does_not_open(void **state)
{
    (void)state;
    struct bench b;
    struct buf out = BUF_INIT(64);
    bench_init(&b);
    assert_int_equal(read_all(&b, 5, gateways, &out), RESULT_NOT_FOUND);
    buf_free(&out);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_may_not_be_opened_without_the_gateway_is_not),
        cmocka_unit_test(a_car_without_the_gateway_opens_for_as_long_as_the_grant_says),
        cmocka_unit_test(a_clock_that_goes_back_opens_nothing),
        cmocka_unit_test(each_opening_waits_to_be_reported_and_counts),
        cmocka_unit_test(the_gateways_half_is_erased_once_it_may_not_be_used),
        cmocka_unit_test(a_clock_that_goes_back_erases_no_half),
        cmocka_unit_test(past_its_deadline_nothing_opens_without_the_gateway),
        cmocka_unit_test(what_the_gateway_counts_is_shown),
        cmocka_unit_test(what_the_gateway_was_not_told_of_yet_counts_too),
        cmocka_unit_test(what_is_not_here_does_not_open),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

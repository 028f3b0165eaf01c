/* What an order of the Commission or a court keeps is kept past its time, and not longer. */
#include "support.h"

static const char incident[] =
    "incident npa-daejeon/112-control:019aa2b0-0000-7000-8000-000000000001";

/* The gateway holds these records, and no other of those that it speaks of. */
static void say_of(struct bench *b, uint64_t from, uint64_t below, const uint64_t *record, size_t n)
{
    const struct vault_hold hold = {incident, NOON - US_PER_HOUR, record, n};
    assert_int_equal(vault_hold(b->v, from, below, &hold, n == 0 ? 0 : 1), RESULT_OK);
}

static void say(struct bench *b, uint64_t record)
{
    say_of(b, 0, 0, &record, 1);
}

static void say_nothing_is_held(struct bench *b)
{
    say_of(b, 0, 0, NULL, 0);
}

static size_t due(const struct bench *b)
{
    uint64_t record[VAULT_ASK_MAX];
    return vault_due(b->v, record, VAULT_ASK_MAX);
}

static void what_is_held_is_not_due_until_it_is_held_no_more(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    store_one(&b, 5);
    store_one(&b, 6);
    say(&b, 5);
    reopen(&b);
    assert_int_equal(vault_get(b.v, 5)->held_us, NOON - US_PER_HOUR);
    assert_string_equal(vault_get(b.v, 5)->hold, incident);
    assert_int_equal(vault_get(b.v, 6)->held_us, 0);
    b.now_us += US_PER_DAY;
    assert_int_equal(due(&b), 1);
    assert_int_equal(vault_next_due(b.v), NOON + US_PER_HOUR);
    assert_true(opens(&b, 5)); /* with both halves: whether, is the gateway's to say */
    say_nothing_is_held(&b);
    assert_int_equal(vault_get(b.v, 5)->held_us, 0);
    assert_int_equal(due(&b), 2);
    bench_free(&b);
}

static void nobody_here_destroys_what_is_held(void **state)
{
    static const uint64_t both[] = {5, 6};
    (void)state;
    struct bench b;
    bench_init(&b);
    store_one(&b, 5);
    store_one(&b, 6);
    say(&b, 5);
    assert_int_equal(vault_destroy(b.v, both, 2, "", 1), RESULT_OK);
    assert_int_equal(state_of(&b, 5), VAULT_KEPT);
    assert_int_equal(state_of(&b, 6), VAULT_DESTROYED);
    assert_true(opens(&b, 5));
    bench_free(&b);
}

/* It makes none of what it holds. */
static void an_order_of_the_gateway_counts_all_the_same(void **state)
{
    static const uint64_t five = 5;
    (void)state;
    struct bench b;
    bench_init(&b);
    store_one(&b, 5);
    say(&b, 5);
    assert_int_equal(vault_destroy(b.v, &five, 1, "order-1", 2), RESULT_OK);
    assert_int_equal(state_of(&b, 5), VAULT_DESTROYED);
    assert_int_equal(vault_get(b.v, 5)->held_us, 0);
    say(&b, 5); /* an answer that crossed it */
    assert_int_equal(vault_get(b.v, 5)->held_us, 0);
    bench_free(&b);
}

/* A thousand at a time: what the gateway did not speak of stays as it was. */
static void only_what_was_spoken_of_changes(void **state)
{
    static const uint64_t all[] = {5, 6, 7};
    (void)state;
    struct bench b;
    bench_init(&b);
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        store_one(&b, all[i]);
    say_of(&b, 0, 0, all, ARRAY_LEN(all));
    say_of(&b, 6, 7, NULL, 0);
    assert_true(vault_get(b.v, 5)->held_us != 0 && vault_get(b.v, 7)->held_us != 0);
    assert_int_equal(vault_get(b.v, 6)->held_us, 0);
    say_of(&b, 7, 0, NULL, 0);
    assert_true(vault_get(b.v, 5)->held_us != 0);
    assert_int_equal(vault_get(b.v, 7)->held_us, 0);
    bench_free(&b);
}

/* The gateway alone knows whether its time is over. */
static void what_is_held_opens_with_the_gateway_alone(void **state)
{
    static const struct vault_use use = {5, NOON, "p-417", "duty-officer", "car-7", "review"};
    (void)state;
    struct bench b;
    struct vault_entry e = an_entry(5);
    uint8_t half[KEY_BYTES];
    bench_init(&b);
    e.offline_us = US_PER_HOUR;
    assert_int_equal(vault_contact(b.v), RESULT_OK);
    assert_int_equal(store(&b, &e, bytes_of_text(CONTENT)), RESULT_OK);
    say(&b, 5);
    assert_int_equal(vault_offline_half(b.v, &use, half), RESULT_DENIED);
    say_nothing_is_held(&b);
    assert_int_equal(vault_offline_half(b.v, &use, half), RESULT_OK);
    bench_free(&b);
}

static void a_name_that_no_gateway_gives_changes_nothing(void **state)
{
    static const uint64_t five = 5;
    static char name[VAULT_HOLD_MAX + 2];
    (void)state;
    struct bench b;
    memset(name, 'x', sizeof name - 1);
    const struct vault_hold hold = {name, NOON, &five, 1};
    bench_init(&b);
    store_one(&b, 5);
    assert_int_equal(vault_hold(b.v, 0, 0, &hold, 1), RESULT_TOO_LARGE);
    assert_int_equal(vault_get(b.v, 5)->held_us, 0);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_held_is_not_due_until_it_is_held_no_more),
        cmocka_unit_test(nobody_here_destroys_what_is_held),
        cmocka_unit_test(an_order_of_the_gateway_counts_all_the_same),
        cmocka_unit_test(only_what_was_spoken_of_changes),
        cmocka_unit_test(what_is_held_opens_with_the_gateway_alone),
        cmocka_unit_test(a_name_that_no_gateway_gives_changes_nothing),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

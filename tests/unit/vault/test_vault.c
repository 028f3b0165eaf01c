#include "support.h"

static void a_vault_begins_empty_and_knows_whose_it_is(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_string_equal(vault_origin(b.v), ORIGIN);
    assert_string_equal(vault_unit(b.v), UNIT);
    assert_null(vault_at(b.v, 0));
    assert_int_equal(vault_next_due(b.v), INT64_MAX);
    assert_int_equal(vault_create(&b.config, ORIGIN, UNIT), RESULT_EXISTS);
    bench_free(&b);
}

static void where_there_is_none_none_is_found(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b);
    assert_int_equal(vault_open(&b.config, &b.v), RESULT_NOT_FOUND);
    bench_free(&b);
}

static void a_key_store_inside_the_item_folder_is_refused(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b);
    assert_int_equal(mkdirat(b.items.fd, "a", 0700), 0);
    assert_int_equal(mkdirat(b.items.fd, "a/keys", 0700), 0);
    b.config.keys = openat(b.items.fd, "a/keys", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(vault_create(&b.config, ORIGIN, UNIT), RESULT_DENIED);
    const struct vault_config turned = {b.config.keys, b.items.fd, b.config.clock},
                              same = {b.items.fd, b.items.fd, b.config.clock};
    assert_int_equal(vault_create(&turned, ORIGIN, UNIT), RESULT_DENIED);
    assert_int_equal(vault_create(&same, ORIGIN, UNIT), RESULT_DENIED);
    (void)close(b.config.keys);
    bench_free(&b);
}

static void a_folder_that_others_may_look_into_is_refused(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b);
    assert_int_equal(fchmod(b.keys.fd, 0750), 0);
    assert_int_equal(vault_create(&b.config, ORIGIN, UNIT), RESULT_DENIED);
    bench_free(&b);
}

static void another_vaults_key_store_opens_nothing(void **state)
{
    (void)state;
    struct bench b, other;
    bench_init(&b);
    bench_init(&other);
    vault_close(b.v);
    b.v = NULL;
    const struct vault_config mixed = {b.items.fd, other.keys.fd, b.config.clock};
    assert_int_equal(vault_open(&mixed, &b.v), RESULT_MISMATCH);
    bench_free(&b);
    bench_free(&other);
}

static void only_one_process_stores(void **state)
{
    (void)state;
    struct bench b;
    struct vault *other;
    bench_init(&b);
    struct vault_config config = b.config;
    config.items = open(b.items.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(vault_claim(b.v), RESULT_OK);
    assert_int_equal(vault_open(&config, &other), RESULT_OK);
    assert_int_equal(vault_claim(other), RESULT_EXISTS);
    vault_close(other);
    (void)close(config.items);
    bench_free(&b);
}

static void bytes_that_were_never_acknowledged_are_removed(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    store_one(&b, 5);
    write_whole(b.items.fd, "6.item", bytes_of_text("half an item"));
    write_whole(b.items.fd, "notes", bytes_of_text("somebody's own"));
    assert_int_equal(vault_claim(b.v), RESULT_OK);
    assert_int_equal(size_of(b.items.fd, "6.item"), -1);
    assert_true(size_of(b.items.fd, "notes") > 0);
    assert_true(opens(&b, 5));
    bench_free(&b);
}

static void the_clock_never_goes_back(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    b.now_us = NOON + US_PER_HOUR;
    store_one(&b, 5);
    b.now_us = NOON;
    reopen(&b);
    assert_int_equal(vault_now(b.v), NOON + US_PER_HOUR);
    assert_int_equal(vault_told_us(b.v, vault_now(b.v)), NOON); /* others go by a clock of theirs */
    assert_int_equal(vault_told_us(b.v, NOON - 1), NOON - 1);
    bench_free(&b);
}

/* It was a hundred years ahead for a moment. */
static void
a_clock_that_was_ahead_stores_nothing_before_somebody_says_that_it_is_right(void **state)
{
    (void)state;
    struct bench b;
    struct vault_entry five = an_entry(5);
    struct vault_use use = {.record = 5, .at_us = NOON};
    uint64_t due;
    uint8_t half[KEY_BYTES];
    five.offline_us = US_PER_HOUR;
    bench_init(&b);
    b.now_us = NOON + 36500 * US_PER_DAY;
    assert_int_equal(vault_contact(b.v), RESULT_OK);
    b.now_us = NOON;
    assert_true(vault_clock_is_behind(b.v));
    assert_int_equal(store(&b, &five, bytes_of_text(CONTENT)), RESULT_RANGE);
    assert_null(vault_get(b.v, 5));
    assert_int_equal(vault_set_clock(b.v), RESULT_OK);
    reopen(&b);
    assert_false(vault_clock_is_behind(b.v));
    assert_int_equal(store(&b, &five, bytes_of_text(CONTENT)), RESULT_OK);
    assert_int_equal(vault_due(b.v, &due, 1), 0);
    assert_int_equal(vault_offline_half(b.v, &use, half), RESULT_STALE);
    assert_int_equal(vault_contact(b.v), RESULT_OK);
    assert_int_equal(vault_offline_half(b.v, &use, half), RESULT_OK);
    b.now_us = NOON - US_PER_HOUR + 1; /* small steps are a clock's habit */
    store_one(&b, 6);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vault_begins_empty_and_knows_whose_it_is),
        cmocka_unit_test(where_there_is_none_none_is_found),
        cmocka_unit_test(a_key_store_inside_the_item_folder_is_refused),
        cmocka_unit_test(a_folder_that_others_may_look_into_is_refused),
        cmocka_unit_test(another_vaults_key_store_opens_nothing),
        cmocka_unit_test(only_one_process_stores),
        cmocka_unit_test(bytes_that_were_never_acknowledged_are_removed),
        cmocka_unit_test(the_clock_never_goes_back),
        cmocka_unit_test(
            a_clock_that_was_ahead_stores_nothing_before_somebody_says_that_it_is_right),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

#include "support.h"

#include "spool/slots.h"
#include "vault/keys.h"

struct store {
    struct temp_folder folder;
    struct vault_keys *k;
    uint64_t slot[4];
    uint8_t half[4][KEY_BYTES];
};

static void open_store(struct store *s)
{
    assert_int_equal(vault_keys_open(s->folder.fd, &s->k), RESULT_OK);
    assert_int_equal(vault_keys_lock(s->k), RESULT_OK);
}

static void store_init(struct store *s)
{
    *s = (struct store){.folder = temp_folder_in_memory()};
    assert_int_equal(vault_keys_create(s->folder.fd), RESULT_OK);
    open_store(s);
}

static void close_store(struct store *s)
{
    vault_keys_unlock(s->k);
    vault_keys_close(s->k);
}

static void store_free(struct store *s)
{
    close_store(s);
    temp_folder_free(&s->folder);
}

/* As a new process would. */
static void again(struct store *s)
{
    close_store(s);
    open_store(s);
}

static void add(struct store *s, size_t i, const uint8_t *beside)
{
    assert_int_equal(vault_keys_add(s->k, beside, s->half[i], &s->slot[i]), RESULT_OK);
}

static bool has(const struct store *s, size_t i)
{
    uint8_t half[KEY_BYTES];
    enum result r = vault_keys_get(s->k, s->slot[i], false, half);
    if (r == RESULT_OK)
        assert_memory_equal(half, s->half[i], KEY_BYTES);
    else
        assert_int_equal(r, RESULT_NOT_FOUND);
    return r == RESULT_OK;
}

static bool all_but_the_second(void *arg, uint64_t slot, bool gateway)
{
    const struct store *s = arg;
    (void)gateway;
    return slot != s->slot[1];
}

static void halves_come_back_after_a_restart(void **state)
{
    (void)state;
    struct store s;
    uint8_t half[KEY_BYTES];
    store_init(&s);
    add(&s, 0, NULL);
    add(&s, 1, gateways);
    again(&s);
    assert_true(has(&s, 0) && has(&s, 1));
    assert_int_equal(vault_keys_get(s.k, s.slot[1], true, half), RESULT_OK);
    assert_memory_equal(half, gateways, KEY_BYTES);
    assert_int_equal(vault_keys_get(s.k, s.slot[0], true, half), RESULT_NOT_FOUND);
    store_free(&s);
}

static void no_half_stands_in_any_file_as_it_is(void **state)
{
    (void)state;
    struct store s;
    struct buf fresh = BUF_INIT(1 << 20);
    store_init(&s);
    add(&s, 0, gateways);
    read_whole(s.folder.fd, "fresh", &fresh);
    assert_int_equal(fresh.n, 2 * VAULT_FRESH_BYTES);
    assert_null(memmem(fresh.p, fresh.n, s.half[0], KEY_BYTES));
    assert_null(memmem(fresh.p, fresh.n, gateways, KEY_BYTES));
    buf_free(&fresh);
    store_free(&s);
}

static void what_is_not_kept_is_erased_and_the_rest_stays(void **state)
{
    (void)state;
    struct store s;
    store_init(&s);
    for (size_t i = 0; i < 3; i++)
        add(&s, i, NULL);
    assert_int_equal(vault_keys_keep(s.k, all_but_the_second, &s), RESULT_OK);
    assert_true(has(&s, 0) && !has(&s, 1) && has(&s, 2));
    assert_int_equal(size_of(s.folder.fd, "fresh"), 0);
    add(&s, 3, NULL);
    again(&s);
    assert_true(has(&s, 0) && !has(&s, 1) && has(&s, 2) && has(&s, 3));
    assert_int_equal(vault_keys_keep(s.k, all_but_the_second, &s), RESULT_OK);
    again(&s);
    assert_true(has(&s, 0) && has(&s, 2) && has(&s, 3));
    store_free(&s);
}

/* Every file of the key store but the secret, from before: useless without the old secret. */
static void a_copy_of_the_slots_without_the_old_secret_opens_nothing(void **state)
{
    (void)state;
    struct store s;
    struct buf fresh = BUF_INIT(1 << 20);
    store_init(&s);
    add(&s, 0, NULL);
    add(&s, 1, NULL);
    read_whole(s.folder.fd, "fresh", &fresh);
    assert_int_equal(vault_keys_keep(s.k, all_but_the_second, &s), RESULT_OK);
    close_store(&s);
    write_whole(s.folder.fd, "fresh", buf_view(&fresh));
    open_store(&s);
    assert_true(has(&s, 0) && !has(&s, 1));
    assert_int_equal(size_of(s.folder.fd, "fresh"), 0); /* of another generation */
    buf_free(&fresh);
    store_free(&s);
}

static void a_torn_addition_is_cut_off(void **state)
{
    (void)state;
    struct store s;
    store_init(&s);
    add(&s, 0, NULL);
    add(&s, 1, NULL);
    close_store(&s);
    for (off_t left = VAULT_FRESH_BYTES; left < 2 * VAULT_FRESH_BYTES; left += 37) {
        char path[96];
        (void)snprintf(path, sizeof path, "%s/fresh", s.folder.path);
        assert_int_equal(truncate(path, left), 0);
        open_store(&s);
        assert_true(has(&s, 0) && !has(&s, 1));
        add(&s, 1, NULL);
        assert_int_equal(size_of(s.folder.fd, "fresh"), 2 * VAULT_FRESH_BYTES);
        close_store(&s);
    }
    open_store(&s);
    store_free(&s);
}

static void damage_before_the_end_is_never_taken_for_a_torn_addition(void **state)
{
    (void)state;
    struct store s;
    store_init(&s);
    for (size_t i = 0; i < 4; i++)
        add(&s, i, NULL);
    close_store(&s);
    flip_byte(s.folder.fd, "fresh", 50);
    assert_int_equal(vault_keys_open(s.folder.fd, &s.k), RESULT_OK);
    assert_int_equal(vault_keys_lock(s.k), RESULT_DAMAGED);
    assert_int_equal(size_of(s.folder.fd, "fresh"), 4 * VAULT_FRESH_BYTES);
    flip_byte(s.folder.fd, "fresh", 50);
    assert_int_equal(vault_keys_lock(s.k), RESULT_OK);
    assert_true(has(&s, 0) && has(&s, 3));
    store_free(&s);
}

/* As a destruction leaves them that ended in the middle: but not before slots that are in force. */
static void zeros_before_slots_in_force_are_damage(void **state)
{
    static const uint8_t zeros[VAULT_FRESH_BYTES];
    (void)state;
    struct store s;
    store_init(&s);
    for (size_t i = 0; i < 4; i++)
        add(&s, i, NULL);
    close_store(&s);
    int fd = openat(s.folder.fd, "fresh", O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, zeros, sizeof zeros, 0), sizeof zeros);
    (void)close(fd);
    assert_int_equal(vault_keys_open(s.folder.fd, &s.k), RESULT_OK);
    assert_int_equal(vault_keys_lock(s.k), RESULT_DAMAGED);
    assert_int_equal(size_of(s.folder.fd, "fresh"), 4 * VAULT_FRESH_BYTES);
    store_free(&s);
}

static void another_process_sees_what_was_added_and_erased(void **state)
{
    (void)state;
    struct store s;
    struct vault_keys *other;
    uint8_t half[KEY_BYTES];
    store_init(&s);
    add(&s, 0, NULL);
    add(&s, 1, NULL);
    vault_keys_unlock(s.k);
    assert_int_equal(vault_keys_open(s.folder.fd, &other), RESULT_OK);
    assert_int_equal(vault_keys_lock(other), RESULT_OK);
    assert_int_equal(vault_keys_get(other, s.slot[1], false, half), RESULT_OK);
    assert_int_equal(vault_keys_keep(other, all_but_the_second, &s), RESULT_OK);
    vault_keys_unlock(other);
    vault_keys_close(other);
    assert_int_equal(vault_keys_lock(s.k), RESULT_OK);
    assert_true(has(&s, 0) && !has(&s, 1));
    store_free(&s);
}

static void a_second_key_store_is_not_made_over_the_first(void **state)
{
    (void)state;
    struct store s;
    store_init(&s);
    assert_int_equal(vault_keys_create(s.folder.fd), RESULT_EXISTS);
    store_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(halves_come_back_after_a_restart),
        cmocka_unit_test(no_half_stands_in_any_file_as_it_is),
        cmocka_unit_test(what_is_not_kept_is_erased_and_the_rest_stays),
        cmocka_unit_test(a_copy_of_the_slots_without_the_old_secret_opens_nothing),
        cmocka_unit_test(a_torn_addition_is_cut_off),
        cmocka_unit_test(damage_before_the_end_is_never_taken_for_a_torn_addition),
        cmocka_unit_test(zeros_before_slots_in_force_are_damage),
        cmocka_unit_test(another_process_sees_what_was_added_and_erased),
        cmocka_unit_test(a_second_key_store_is_not_made_over_the_first),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

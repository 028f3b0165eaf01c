/* A vault that is full: its disk, or its index. What is to be destroyed is destroyed all the same.
 * The operating system's calls stand between the vault and the kernel here. */
#include "support.h"

#include "vault/state.h"

#include <errno.h>
#include <sys/syscall.h>

static bool limited;
static uint64_t room;     /* bytes that the disk has, when that is limited */
static bool sync_is_lost; /* the sync of a folder behind the next `skip_syncs` answers EIO */
static int skip_syncs;

/* What is written over bytes that are there needs none. */
static bool has_room(int fd, uint64_t end)
{
    struct stat s;
    if (!limited || fstat(fd, &s) != 0 || end <= (uint64_t)s.st_size)
        return true;
    if (end - (uint64_t)s.st_size > room) {
        errno = ENOSPC;
        return false;
    }
    room -= end - (uint64_t)s.st_size;
    return true;
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    return has_room(fd, (uint64_t)at + n) ? (ssize_t)syscall(SYS_pwrite64, fd, p, n, at) : -1;
}

ssize_t write(int fd, const void *p, size_t n)
{
    off_t at = limited ? lseek(fd, 0, SEEK_CUR) : 0;
    return has_room(fd, (uint64_t)at + n) ? (ssize_t)syscall(SYS_write, fd, p, n) : -1;
}

int unlinkat(int folder, const char *name, int flags)
{
    struct stat s;
    if (fstatat(folder, name, &s, 0) == 0)
        room += (uint64_t)s.st_size;
    return (int)syscall(SYS_unlinkat, folder, name, flags);
}

int fsync(int fd)
{
    struct stat s;
    if (!sync_is_lost || fstat(fd, &s) != 0 || !S_ISDIR(s.st_mode) || skip_syncs-- > 0)
        return (int)syscall(SYS_fsync, fd);
    sync_is_lost = false;
    errno = EIO;
    return -1;
}

static const uint64_t five = 5;

/* An item that has room for all that a destruction writes. */
static void store_a_large_one(struct bench *b, uint64_t record)
{
    static uint8_t content[64 << 10];
    const struct vault_entry e = an_entry(record);
    assert_int_equal(store(b, &e, bytes_of(content, sizeof content)), RESULT_OK);
}

static enum result destroy_five(struct bench *b, uint64_t bytes_left)
{
    limited = true;
    room = bytes_left;
    enum result r = vault_destroy(b->v, &five, 1, "order-1", 1);
    limited = false;
    return r;
}

static void on_a_full_disk_what_is_to_be_destroyed_makes_the_room_for_that(void **state)
{
    (void)state;
    for (uint64_t left = 0; left < 4096; left += 256) { /* it ends at one step or at another */
        struct bench b;
        bench_init(&b);
        store_one(&b, 4);
        store_a_large_one(&b, 5);
        assert_int_equal(destroy_five(&b, left), RESULT_OK);
        assert_int_equal(state_of(&b, 5), VAULT_DESTROYED);
        assert_int_equal(size_of(b.items.fd, "5.item"), -1);
        reopen(&b);
        assert_int_equal(state_of(&b, 5), VAULT_DESTROYED);
        assert_true(opens(&b, 4));
        bench_free(&b);
    }
}

/* Its room was used up by others; when there is some again, it goes on where it was. */
static void what_a_full_disk_kept_from_being_destroyed_is_destroyed_later(void **state)
{
    (void)state;
    for (uint64_t left = 0; left < 2048; left += 128) {
        struct bench b;
        bench_init(&b);
        store_one(&b, 4);
        store_one(&b, 5);
        enum result r = destroy_five(&b, left);
        assert_true(r == RESULT_OK || r == RESULT_FULL);
        reopen(&b);
        assert_int_equal(vault_destroy(b.v, &five, 1, "order-1", 1), RESULT_OK);
        assert_int_equal(state_of(&b, 5), VAULT_DESTROYED);
        assert_true(opens(&b, 4));
        bench_free(&b);
    }
}

/* ---- the disk fails */

/* Nobody knows then whether the new index stands there. An item that it names is not stored again
 * when it comes again, so its bytes must be there. */
static void an_item_whose_index_perhaps_was_written_keeps_its_bytes(void **state)
{
    (void)state;
    struct bench b;
    const struct vault_entry e = an_entry(5);
    struct vault_writer *w;
    bench_init(&b);
    assert_int_equal(vault_begin(b.v, &e, false, gateways, &w), RESULT_OK);
    assert_int_equal(vault_write(w, bytes_of_text(CONTENT)), RESULT_OK);
    skip_syncs = 1; /* of the item's name */
    sync_is_lost = true;
    assert_int_equal(vault_finish(w), RESULT_IO);
    reopen(&b);
    assert_int_equal(vault_claim(b.v), RESULT_OK);
    assert_int_equal(state_of(&b, 5), VAULT_KEPT);
    assert_true(opens(&b, 5));
    bench_free(&b);
}

/* ---- the index */

static void fill_index(struct bench *b)
{
    assert_int_equal(vault_lock(b->v), RESULT_OK);
    for (uint64_t record = 100; b->v->index->entries < VAULT_ITEMS_MAX; record++) {
        struct vault_entry *e = vault_index_add(b->v->index, record);
        assert_non_null(e);
        e->state = VAULT_DESTROYED;
        e->destroyed_us = b->now_us;
    }
    assert_int_equal(vault_save(b->v), RESULT_OK);
    vault_unlock(b->v);
}

static void a_full_vault_stores_nothing_and_carries_out_every_order(void **state)
{
    (void)state;
    struct bench b;
    const uint64_t ordered[] = {99, 5};
    const struct vault_entry six = an_entry(6);
    bench_init(&b);
    store_one(&b, 5);
    fill_index(&b);
    assert_int_equal(store(&b, &six, bytes_of_text(CONTENT)), RESULT_FULL);
    assert_int_equal(vault_destroy(b.v, ordered, 2, "order-1", 1), RESULT_OK);
    assert_int_equal(state_of(&b, 99), VAULT_NEVER_STORED);
    assert_int_equal(state_of(&b, 5), VAULT_DESTROYED);
    reopen(&b);
    assert_int_equal(state_of(&b, 99), VAULT_NEVER_STORED);
    assert_int_equal(store(&b, &six, bytes_of_text(CONTENT)), RESULT_FULL);
    bench_free(&b);
}

/* Where no receipt is asked for, none is ever accepted. */
static void what_was_destroyed_long_ago_gives_its_place_also_without_an_order(void **state)
{
    (void)state;
    struct bench b;
    const struct vault_entry six = an_entry(6);
    bench_init(&b);
    fill_index(&b);
    b.now_us += VAULT_REPORTED_KEPT;
    assert_int_equal(vault_contact(b.v), RESULT_OK); /* with the next writing, whatever it is of */
    assert_int_equal(store(&b, &six, bytes_of_text(CONTENT)), RESULT_OK);
    assert_null(vault_get(b.v, 100));
    bench_free(&b);
}

/* Its order is to be answered with what became of it, however far ahead a clock was meanwhile. */
static void what_is_still_to_be_answered_is_not_forgotten_by_a_clock_alone(void **state)
{
    (void)state;
    struct bench b;
    const uint64_t six = 6;
    bench_init(&b);
    store_one(&b, 5);
    store_one(&b, 6);
    assert_int_equal(vault_destroy(b.v, &five, 1, "order-1", 1), RESULT_OK);
    assert_int_equal(vault_destroy(b.v, &six, 1, "", 1), RESULT_OK); /* its order is to come */
    b.now_us += 36500 * US_PER_DAY;
    assert_int_equal(vault_contact(b.v), RESULT_OK);
    assert_int_equal(state_of(&b, 5), VAULT_DESTROYED);
    assert_int_equal(state_of(&b, 6), VAULT_DESTROYED);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_a_full_disk_what_is_to_be_destroyed_makes_the_room_for_that),
        cmocka_unit_test(what_a_full_disk_kept_from_being_destroyed_is_destroyed_later),
        cmocka_unit_test(an_item_whose_index_perhaps_was_written_keeps_its_bytes),
        cmocka_unit_test(a_full_vault_stores_nothing_and_carries_out_every_order),
        cmocka_unit_test(what_was_destroyed_long_ago_gives_its_place_also_without_an_order),
        cmocka_unit_test(what_is_still_to_be_answered_is_not_forgotten_by_a_clock_alone),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

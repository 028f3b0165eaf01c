/* The operating system's calls stand between the key file and the kernel here, and fail on demand.
 */
#include "spool/slots.h"

#include "../journal/temp_folder.h"
#include "support.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static struct {
    int fail_write, fail_sync; /* errno of the next ones; 0: none */
} os;

ssize_t write(int fd, const void *p, size_t n)
{
    errno = os.fail_write;
    return os.fail_write != 0 && fd > 2 ? -1 : (ssize_t)syscall(SYS_write, fd, p, n);
}

int fsync(int fd)
{
    errno = os.fail_sync;
    return os.fail_sync != 0 ? -1 : (int)syscall(SYS_fsync, fd);
}

static const uint8_t key[ROAD_KEY] = "a key for damage";

struct bench {
    struct temp_folder folder;
    struct slots *s;
    uint64_t id[16]; /* of the slots that came back */
    size_t count;
};

static void bench_init(struct bench *b)
{
    *b = (struct bench){.folder = temp_folder_new()};
    b->s = slots_new(b->folder.fd, key);
    os.fail_write = os.fail_sync = 0;
}

static void bench_free(struct bench *b)
{
    slots_free(b->s);
    temp_folder_free(&b->folder);
}

static void keep(void *arg, const struct keys_slot *slot)
{
    struct bench *b = arg;
    assert_true(b->count < ARRAY_LEN(b->id));
    b->id[b->count++] = slot->id;
}

/* As a new process would. */
static enum result read_again(struct bench *b, uint64_t generation)
{
    slots_free(b->s);
    b->s = slots_new(b->folder.fd, key);
    b->count = 0;
    return slots_read(b->s, generation, keep, b);
}

static enum result write_slots(struct bench *b, uint64_t generation, uint64_t first, uint64_t count)
{
    struct buf encoded = BUF_INIT(1 << 20);
    for (uint64_t id = first; id < first + count; id++) {
        struct keys_slot slot = {.id = id, .generation = generation};
        memset(slot.wrapped, 'w', sizeof slot.wrapped);
        keys_slot_put(&slot, &encoded);
    }
    enum result r = slots_write(b->s, generation, buf_view(&encoded));
    buf_free(&encoded);
    return r;
}

static off_t size_of(const struct bench *b, const char *name)
{
    struct stat st;
    return fstatat(b->folder.fd, name, &st, 0) == 0 ? st.st_size : -1;
}

static void flip(const struct bench *b, const char *name, off_t at)
{
    uint8_t c;
    int fd = openat(b->folder.fd, name, O_RDWR | O_CLOEXEC);
    assert_int_equal(pread(fd, &c, 1, at), 1);
    c ^= 1;
    assert_int_equal(pwrite(fd, &c, 1, at), 1);
    (void)close(fd);
}

static void the_first_generation_has_no_slots_and_empties_what_a_crash_left(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(read_again(&b, 1), RESULT_NOT_FOUND);
    assert_int_equal(write_slots(&b, 2, 100, 3), RESULT_OK);
    assert_int_equal(size_of(&b, "slots.1"), 24 + 3 * KEYS_SLOT_BYTES + 32);
    assert_int_equal(read_again(&b, 1), RESULT_NOT_FOUND);
    assert_int_equal(b.count, 0);
    assert_int_equal(size_of(&b, "slots.1"), 0);
    bench_free(&b);
}

static void looking_at_the_key_file_changes_nothing(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(read_again(&b, 1), RESULT_NOT_FOUND);
    assert_int_equal(write_slots(&b, 2, 100, 3), RESULT_OK);
    assert_int_equal(slots_switch(b.s), RESULT_OK);
    assert_int_equal(write_slots(&b, 3, 100, 2), RESULT_OK); /* not in force yet */
    b.count = 0;
    assert_int_equal(slots_look(b.s, keep, &b), RESULT_OK);
    assert_int_equal(b.count, 5);
    flip(&b, "slots.0", 60); /* a half that is not whole is passed over */
    b.count = 0;
    assert_int_equal(slots_look(b.s, keep, &b), RESULT_OK);
    assert_int_equal(b.count, 3);
    assert_int_equal(size_of(&b, "slots.0"), 24 + 2 * KEYS_SLOT_BYTES + 32);
    assert_int_equal(read_again(&b, 2), RESULT_OK);
    bench_free(&b);
}

static void each_generation_is_written_to_the_half_that_is_not_in_use(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    for (uint64_t generation = 2; generation < 6; generation++) {
        const char *half = generation % 2 == 0 ? "slots.1" : "slots.0";
        const char *other = generation % 2 == 0 ? "slots.0" : "slots.1";
        assert_int_equal(write_slots(&b, generation, generation * 10, 2), RESULT_OK);
        assert_int_equal(slots_switch(b.s), RESULT_OK);
        assert_true(size_of(&b, half) > 0);
        assert_true(size_of(&b, other) <= 0);
        assert_int_equal(read_again(&b, generation), RESULT_OK);
        assert_int_equal(b.count, 2);
        assert_int_equal(b.id[0], generation * 10);
    }
    bench_free(&b);
}

/* The secret decides which of the two halves holds; it is overwritten between write and switch. */
static void a_crash_before_or_behind_the_secret_leaves_one_whole_half(void **state)
{
    (void)state;
    for (uint64_t in_force = 2; in_force <= 3; in_force++) {
        struct bench b;
        bench_init(&b);
        assert_int_equal(write_slots(&b, 2, 20, 4), RESULT_OK);
        assert_int_equal(slots_switch(b.s), RESULT_OK);
        assert_int_equal(write_slots(&b, 3, 20, 1), RESULT_OK);
        assert_int_equal(read_again(&b, in_force), RESULT_OK);
        assert_int_equal(b.count, in_force == 2 ? 4 : 1);
        assert_int_equal(size_of(&b, in_force == 2 ? "slots.0" : "slots.1"), 0);
        assert_int_equal(write_slots(&b, in_force + 1, 20, 1), RESULT_OK); /* and it goes on */
        assert_int_equal(slots_switch(b.s), RESULT_OK);
        assert_int_equal(read_again(&b, in_force + 1), RESULT_OK);
        bench_free(&b);
    }
}

static void a_half_torn_anywhere_keeps_the_older_one(void **state)
{
    (void)state;
    off_t whole = 24 + KEYS_SLOT_BYTES + 32;
    for (off_t n = 0; n < whole; n += 13) {
        struct bench b;
        bench_init(&b);
        assert_int_equal(write_slots(&b, 2, 20, 4), RESULT_OK);
        assert_int_equal(slots_switch(b.s), RESULT_OK);
        assert_int_equal(write_slots(&b, 3, 20, 1), RESULT_OK);
        int fd = openat(b.folder.fd, "slots.0", O_RDWR | O_CLOEXEC);
        assert_int_equal(ftruncate(fd, n), 0);
        (void)close(fd);
        assert_int_equal(read_again(&b, 2), RESULT_OK);
        assert_int_equal(b.count, 4);
        assert_int_equal(read_again(&b, 3), RESULT_DAMAGED);
        bench_free(&b);
    }
}

static void a_changed_byte_or_another_key_is_damage(void **state)
{
    (void)state;
    static const uint8_t another[ROAD_KEY] = "another";
    struct bench b;
    bench_init(&b);
    assert_int_equal(write_slots(&b, 2, 20, 2), RESULT_OK);
    off_t whole = size_of(&b, "slots.1");
    for (off_t at = 0; at < whole; at++) {
        flip(&b, "slots.1", at);
        assert_int_equal(read_again(&b, 2), RESULT_DAMAGED);
        assert_int_equal(b.count, 0);
        flip(&b, "slots.1", at);
    }
    struct slots *s = slots_new(b.folder.fd, another);
    assert_int_equal(slots_read(s, 2, keep, &b), RESULT_DAMAGED);
    slots_free(s);
    assert_int_equal(read_again(&b, 2), RESULT_OK);
    bench_free(&b);
}

/* It was once an error of the disk, which hid the good half beside it. */
static void a_half_longer_than_any_is_damage_and_hides_no_good_one(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(write_slots(&b, 2, 20, 2), RESULT_OK);
    int fd = openat(b.folder.fd, "slots.0", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(ftruncate(fd, 20 << 20), 0);
    (void)close(fd);
    assert_int_equal(read_again(&b, 2), RESULT_OK);
    assert_int_equal(b.count, 2);
    bench_free(&b);
}

/* A full disk once ended the ledger with every destruction that was tried. */
static void a_full_disk_is_told_and_the_half_in_use_holds(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(write_slots(&b, 2, 20, 4), RESULT_OK);
    assert_int_equal(slots_switch(b.s), RESULT_OK);
    os.fail_write = ENOSPC;
    assert_int_equal(write_slots(&b, 3, 20, 1), RESULT_FULL);
    os.fail_write = 0;
    assert_int_equal(read_again(&b, 2), RESULT_OK);
    assert_int_equal(b.count, 4);
    assert_int_equal(write_slots(&b, 3, 20, 1), RESULT_OK);
    assert_int_equal(slots_switch(b.s), RESULT_OK);
    assert_int_equal(read_again(&b, 3), RESULT_OK);
    bench_free(&b);
}

static void an_error_of_the_disk_is_final(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    os.fail_write = EIO;
    assert_int_equal(write_slots(&b, 2, 20, 1), RESULT_IO);
    os.fail_write = 0;
    os.fail_sync = EIO;
    assert_int_equal(write_slots(&b, 2, 20, 1), RESULT_IO);
    os.fail_sync = 0;
    assert_int_equal(write_slots(&b, 2, 20, 1), RESULT_OK);
    assert_int_equal(slots_switch(b.s), RESULT_OK);
    assert_int_equal(write_slots(&b, 3, 20, 1), RESULT_OK);
    os.fail_sync = EIO;
    assert_int_equal(slots_switch(b.s), RESULT_IO);
    bench_free(&b);
}

static void what_are_no_whole_slots_is_not_written(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(slots_write(b.s, 2, bytes_of("abc", 3)), RESULT_MALFORMED);
    assert_int_equal(size_of(&b, "slots.1"), -1);
    bench_free(&b);
}

/* What a drive kept of the file's blocks is overwritten before they are given back. */
static void the_old_half_is_zeroed_before_it_is_cut_off(void **state)
{
    (void)state;
    uint8_t content[24 + KEYS_SLOT_BYTES + 32];
    struct bench b;
    bench_init(&b);
    assert_int_equal(write_slots(&b, 2, 20, 1), RESULT_OK);
    assert_int_equal(slots_switch(b.s), RESULT_OK);
    assert_int_equal(write_slots(&b, 3, 20, 1), RESULT_OK);
    os.fail_sync = EIO; /* stops it behind the zeros */
    assert_int_equal(slots_switch(b.s), RESULT_IO);
    int fd = openat(b.folder.fd, "slots.1", O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, content, sizeof content), sizeof content);
    (void)close(fd);
    for (size_t i = 0; i < sizeof content; i++)
        assert_int_equal(content[i], 0);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_generation_has_no_slots_and_empties_what_a_crash_left),
        cmocka_unit_test(looking_at_the_key_file_changes_nothing),
        cmocka_unit_test(each_generation_is_written_to_the_half_that_is_not_in_use),
        cmocka_unit_test(a_crash_before_or_behind_the_secret_leaves_one_whole_half),
        cmocka_unit_test(a_half_torn_anywhere_keeps_the_older_one),
        cmocka_unit_test(a_changed_byte_or_another_key_is_damage),
        cmocka_unit_test(a_half_longer_than_any_is_damage_and_hides_no_good_one),
        cmocka_unit_test(a_full_disk_is_told_and_the_half_in_use_holds),
        cmocka_unit_test(an_error_of_the_disk_is_final),
        cmocka_unit_test(what_are_no_whole_slots_is_not_written),
        cmocka_unit_test(the_old_half_is_zeroed_before_it_is_cut_off),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

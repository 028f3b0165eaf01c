/* The operating system's calls stand between the journal and the kernel here, and fail on demand.
 */
#include "support.h"

#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>

static struct {
    int fail_sync, fail_write; /* errno of the next ones; 0: none */
    int fail_aside;            /* the same of a sync by another thread than the test's */
    pthread_t owner;
    bool full; /* no space may be reserved */
    bool short_writes;
    _Atomic size_t syncs, writes;
} os;

int fdatasync(int fd)
{
    const int failed = pthread_equal(pthread_self(), os.owner) ? os.fail_sync : os.fail_aside;
    os.syncs++;
    errno = failed;
    return failed != 0 ? -1 : (int)syscall(SYS_fdatasync, fd);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    os.writes++;
    errno = os.fail_write;
    if (os.fail_write != 0)
        return -1;
    return (ssize_t)syscall(SYS_pwrite64, fd, p, os.short_writes && n > 700 ? 700 : n, at);
}

int fallocate(int fd, int mode, off_t at, off_t n)
{
    errno = ENOSPC;
    return os.full ? -1 : (int)syscall(SYS_fallocate, fd, mode, at, n);
}

static int reset(void **state)
{
    (void)state;
    memset(&os, 0, sizeof os);
    os.owner = pthread_self();
    return 0;
}

static void assert_final(struct bench *b)
{
    struct journal_place place;
    size_t syncs = os.syncs, writes = os.writes;
    os.fail_sync = os.fail_write = 0;
    assert_int_equal(journal_commit(b->j), RESULT_IO);
    assert_int_equal(journal_add(b->j, 1, bytes_of_text("x"), &place), RESULT_IO);
    assert_int_equal(journal_retire(b->j, 2), RESULT_IO);
    journal_close(b->j);
    b->j = NULL;
    assert_int_equal(os.syncs, syncs);
    assert_int_equal(os.writes, writes);
}

static void nothing_is_written_or_synced_after_fdatasync_failed(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    (void)bench_commit(&b, bytes_of_text("one"));
    (void)bench_add(&b, bytes_of_text("two"));
    os.fail_sync = EIO;
    assert_int_equal(journal_commit(b.j), RESULT_IO);
    assert_final(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_in_range(b.seen, 1, 2);
    bench_free(&b);
}

static void nothing_is_written_or_synced_after_a_write_failed(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    (void)bench_add(&b, bytes_of_text("one"));
    os.fail_write = EIO;
    assert_int_equal(journal_commit(b.j), RESULT_IO);
    assert_final(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, 0);
    bench_free(&b);
}

static void a_failed_sync_of_the_reserve_is_final_too(void **state)
{
    (void)state;
    uint8_t room[5000];
    struct journal_place place;
    struct bench b;
    enum result r = RESULT_OK;
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    os.fail_sync = EIO;
    for (uint32_t i = 0; r == RESULT_OK && i < 100; i++)
        r = journal_add(b.j, 1, body_of(i, sizeof room, room), &place);
    assert_int_equal(r, RESULT_IO);
    assert_final(&b);
    bench_free(&b);
}

static void short_writes_are_completed(void **state)
{
    (void)state;
    uint8_t room[5000];
    struct bench b;
    os.short_writes = true;
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    for (uint32_t i = 0; i < 30; i++)
        (void)bench_commit(&b, body_of(i, sizeof room, room));
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, 30);
    for (uint32_t i = 0; i < 30; i++)
        assert_int_equal(b.digest[i], digest_of(body_of(i, sizeof room, room)));
    bench_free(&b);
}

/* Commits until the disk is full; returns how many bodies went in. */
static uint32_t fill(struct bench *b)
{
    uint8_t room[5000];
    struct journal_place place;
    uint32_t n = 0;
    enum result r;
    while ((r = journal_add(b->j, 1, body_of(n, sizeof room, room), &place)) == RESULT_OK) {
        assert_int_equal(journal_commit(b->j), RESULT_OK);
        n++;
    }
    assert_int_equal(r, RESULT_FULL);
    return n;
}

/* A ledger that may record nothing commits nothing: it once never looked for room again. */
static void room_is_found_again_by_a_commit_of_nothing(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    os.full = true;
    (void)fill(&b);
    assert_int_equal(journal_commit(b.j), RESULT_OK);
    assert_true(journal_is_low(b.j));
    os.full = false;
    assert_int_equal(journal_commit(b.j), RESULT_OK);
    assert_false(journal_is_low(b.j));
    bench_free(&b);
}

static void a_full_disk_is_known_a_segment_ahead_and_loses_nothing(void **state)
{
    (void)state;
    struct journal_place place;
    struct bench b;
    uint8_t room[5000];
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_false(journal_is_low(b.j));
    os.full = true;
    (void)bench_commit(&b, bytes_of_text("first"));
    uint32_t n = 1, after_low = 0;
    for (; journal_add(b.j, 1, body_of(n, sizeof room, room), &place) == RESULT_OK; n++) {
        assert_int_equal(journal_commit(b.j), RESULT_OK);
        after_low += journal_is_low(b.j);
    }
    assert_true(after_low > 0);
    assert_true(journal_is_low(b.j));
    os.full = false;
    (void)bench_commit(&b, bytes_of_text("there is room again"));
    assert_false(journal_is_low(b.j));
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, n + 1);
    bench_free(&b);
}

static void what_was_added_before_the_disk_was_full_still_commits(void **state)
{
    (void)state;
    static uint8_t room[200000];
    struct journal_place place;
    struct bench b;
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    (void)bench_add(&b, bytes_of_text("small"));
    os.full = true;
    assert_int_equal(journal_add(b.j, 1, bytes_of(room, sizeof room), &place), RESULT_FULL);
    (void)bench_add(&b, bytes_of_text("small too"));
    assert_int_equal(journal_commit(b.j), RESULT_OK);
    os.full = false;
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, 2);
    bench_free(&b);
}

static void retiring_makes_room(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    while (journal_newest(b.j) < 3) {
        uint8_t room[5000];
        (void)bench_commit(&b, body_of(1, sizeof room, room));
    }
    os.full = true;
    (void)fill(&b);
    assert_true(journal_is_low(b.j));
    os.full = false; /* as the unlinked segments do */
    assert_int_equal(journal_retire(b.j, 3), RESULT_OK);
    assert_false(journal_is_low(b.j));
    bench_free(&b);
}

static void a_disk_without_room_for_the_copy_is_told(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    os.full = true;
    assert_int_equal(bench_open(&b), RESULT_FULL);
    os.full = false;
    assert_int_equal(bench_open(&b), RESULT_OK);
    (void)bench_commit(&b, bytes_of_text("x"));
    os.full = true;
    assert_int_equal(bench_open(&b), RESULT_FULL);
    assert_string_equal(b.fault.text, result_text(RESULT_FULL));
    os.full = false;
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, 1);
    bench_free(&b);
}

static void spare_segments_are_used_when_the_disk_is_full_and_made_again(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    b.config.spares = 2;
    assert_int_equal(bench_open(&b), RESULT_OK);
    while (journal_spare(b.j) < (uint64_t)3 * SEGMENT) {
        uint8_t room[5000];
        (void)bench_commit(&b, body_of(1, sizeof room, room));
    }
    os.full = true;
    uint32_t before = journal_newest(b.j), count = fill(&b);
    assert_true(journal_is_low(b.j));
    assert_int_equal(journal_spare(b.j), SEGMENT); /* for the next start */
    assert_int_equal(journal_newest(b.j), before + 2);
    assert_true(count > 12);
    os.full = false;
    for (int i = 0; i < 40; i++)
        (void)bench_commit(&b, bytes_of_text("there is room again"));
    assert_false(journal_is_low(b.j));
    bench_free(&b);
}

static void a_start_on_a_full_disk_takes_a_spare_segment(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    b.config.spares = 1;
    assert_int_equal(bench_open(&b), RESULT_OK);
    while (journal_spare(b.j) < (uint64_t)2 * SEGMENT) {
        uint8_t room[5000];
        (void)bench_commit(&b, body_of(1, sizeof room, room));
    }
    os.full = true;
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(journal_spare(b.j), SEGMENT);
    (void)bench_commit(&b, bytes_of_text("x"));
    os.full = false;
    size_t seen = b.seen;
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, seen + 1);
    bench_free(&b);
}

/* A small record takes a sector or two. Counted by its bytes alone, the reserve fell behind the
 * segments: each new one was zeroed while everybody waited, and spare ones were never made. */
static void the_next_segment_is_ready_before_the_present_one_is_full_of_small_frames(void **state)
{
    (void)state;
    struct bench b;
    struct journal_place place;
    bench_init(&b);
    b.config.spares = 2;
    assert_int_equal(bench_open(&b), RESULT_OK);
    while (journal_newest(b.j) < 5) {
        bool was_ready = journal_has_next(b.j);
        uint32_t newest = journal_newest(b.j);
        assert_int_equal(journal_add(b.j, 1, bytes_of_text("small"), &place), RESULT_OK);
        assert_true(newest == journal_newest(b.j) || was_ready);
        assert_int_equal(journal_commit(b.j), RESULT_OK);
    }
    assert_true(journal_spare(b.j) >= (uint64_t)2 * SEGMENT);
    bench_free(&b);
}

/* A file of another size, or behind a gap, is no spare segment. */
static void only_whole_spare_segments_are_taken_over(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    b.config.spares = 3;
    static const struct {
        const char *name;
        off_t size;
    } file[] = {{"spare-1", SEGMENT}, {"spare-2", SEGMENT - 512}, {"spare-3", SEGMENT}};
    for (size_t i = 0; i < ARRAY_LEN(file); i++) {
        int fd = openat(b.folder.fd, file[i].name, O_WRONLY | O_CREAT, 0600);
        assert_int_equal(ftruncate(fd, file[i].size), 0);
        (void)close(fd);
    }
    os.full = true;
    assert_int_equal(bench_open(&b), RESULT_OK); /* the first segment is that one */
    assert_int_equal(journal_spare(b.j), 0);
    assert_int_equal(faccessat(b.folder.fd, "spare-3", F_OK, 0), -1);
    bench_free(&b);
}

/* ---- aside */

static struct aside *open_with_aside(struct bench *b)
{
    struct aside *a = aside_new();
    assert_non_null(a);
    bench_init(b);
    b->config.aside = a;
    b->config.spares = 2;
    assert_int_equal(bench_open(b), RESULT_OK);
    return a;
}

static void free_with(struct bench *b, struct aside *a)
{
    bench_free(b);
    aside_free(a);
}

static bool is_there(const struct bench *b, const char *name)
{
    return faccessat(b->folder.fd, name, F_OK, 0) == 0;
}

/* Commits until there are these spare segments; the thread has its turn after each. */
static void commit_until_spare(struct bench *b, struct aside *a, uint32_t spares)
{
    uint8_t room[5000];
    for (uint32_t i = 0; journal_spare(b->j) < (uint64_t)spares * SEGMENT; i++) {
        assert_in_range(i, 0, 100);
        (void)bench_commit(b, body_of(i, sizeof room, room));
        aside_wait(a);
    }
}

static void segments_are_made_and_unlinked_aside_and_nothing_is_lost(void **state)
{
    (void)state;
    uint8_t room[5000];
    struct bench b;
    struct aside *a = open_with_aside(&b);
    uint32_t i = 0;
    for (; journal_newest(b.j) < 6; i++)
        (void)bench_commit(&b, body_of(i, sizeof room, room));
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, i);
    for (uint32_t k = 0; k < i; k++)
        assert_int_equal(b.digest[k], digest_of(body_of(k, sizeof room, room)));
    for (size_t tries = 0; journal_oldest(b.j) < 5; tries++) {
        assert_in_range(tries, 0, 100);
        assert_int_equal(journal_retire(b.j, 5), RESULT_OK);
        aside_wait(a);
    }
    assert_false(is_there(&b, "segment-0000000004"));
    assert_true(is_there(&b, "segment-0000000005"));
    commit_until_spare(&b, a, 3);
    assert_true(is_there(&b, "spare-3"));
    free_with(&b, a);
}

static void a_segment_that_is_needed_is_waited_for(void **state)
{
    (void)state;
    struct bench b;
    struct aside *a = open_with_aside(&b);
    for (uint32_t i = 0; i < 10; i++) { /* nothing is ready, each time */
        (void)bench_commit(&b, bytes_of_text("x"));
        assert_int_equal(journal_begin_segment(b.j), RESULT_OK);
    }
    assert_int_equal(journal_newest(b.j), 11);
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, 10);
    free_with(&b, a);
}

static void a_disk_that_is_full_aside_makes_the_journal_low_until_it_has_room(void **state)
{
    (void)state;
    uint8_t room[5000];
    struct bench b;
    struct aside *a = open_with_aside(&b);
    commit_until_spare(&b, a, 1);
    os.full = true;
    for (uint32_t i = 0; !journal_is_low(b.j); i++) {
        assert_in_range(i, 0, 20);
        (void)bench_commit(&b, body_of(i, sizeof room, room));
        aside_wait(a);
    }
    os.full = false;
    assert_int_equal(journal_commit(b.j), RESULT_OK);
    assert_false(journal_is_low(b.j));
    commit_until_spare(&b, a, 3);
    free_with(&b, a);
}

static void a_sync_that_failed_aside_is_final_too(void **state)
{
    (void)state;
    uint8_t room[5000];
    struct bench b;
    struct aside *a = open_with_aside(&b);
    enum result r = RESULT_OK;
    struct journal_place place;
    os.fail_aside = EIO;
    for (uint32_t i = 0; r == RESULT_OK && i < 100; i++) {
        (void)bench_add(&b, body_of(i, sizeof room, room));
        r = journal_commit(b.j); /* begins one, or tells what became of the one before */
        aside_wait(a);
    }
    assert_int_equal(r, RESULT_IO);
    assert_int_equal(journal_add(b.j, 1, bytes_of_text("x"), &place), RESULT_IO);
    free_with(&b, a);
}

static void one_commit_is_one_write_and_one_sync(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    (void)bench_commit(&b, bytes_of_text("first"));
    for (int i = 0; i < 3; i++) {
        size_t writes = os.writes, syncs = os.syncs;
        for (int k = 0; k < 20; k++)
            (void)bench_add(&b, bytes_of_text("record"));
        assert_int_equal(journal_commit(b.j), RESULT_OK);
        assert_int_equal(os.writes, writes + 1);
        assert_int_equal(os.syncs, syncs + 1);
    }
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_is_written_or_synced_after_fdatasync_failed, reset),
        cmocka_unit_test_setup(nothing_is_written_or_synced_after_a_write_failed, reset),
        cmocka_unit_test_setup(a_failed_sync_of_the_reserve_is_final_too, reset),
        cmocka_unit_test_setup(short_writes_are_completed, reset),
        cmocka_unit_test_setup(room_is_found_again_by_a_commit_of_nothing, reset),
        cmocka_unit_test_setup(a_full_disk_is_known_a_segment_ahead_and_loses_nothing, reset),
        cmocka_unit_test_setup(what_was_added_before_the_disk_was_full_still_commits, reset),
        cmocka_unit_test_setup(retiring_makes_room, reset),
        cmocka_unit_test_setup(a_disk_without_room_for_the_copy_is_told, reset),
        cmocka_unit_test_setup(spare_segments_are_used_when_the_disk_is_full_and_made_again, reset),
        cmocka_unit_test_setup(a_start_on_a_full_disk_takes_a_spare_segment, reset),
        cmocka_unit_test_setup(
            the_next_segment_is_ready_before_the_present_one_is_full_of_small_frames, reset),
        cmocka_unit_test_setup(only_whole_spare_segments_are_taken_over, reset),
        cmocka_unit_test_setup(segments_are_made_and_unlinked_aside_and_nothing_is_lost, reset),
        cmocka_unit_test_setup(a_segment_that_is_needed_is_waited_for, reset),
        cmocka_unit_test_setup(a_disk_that_is_full_aside_makes_the_journal_low_until_it_has_room,
                               reset),
        cmocka_unit_test_setup(a_sync_that_failed_aside_is_final_too, reset),
        cmocka_unit_test_setup(one_commit_is_one_write_and_one_sync, reset),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

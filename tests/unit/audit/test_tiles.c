#include "audit/tiles.h"

#include "support.h"

#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* The disk may be full, and the process may end, at any of these calls. */
static struct {
    bool full;
    size_t calls, dead_from; /* 0: never */
    size_t unsynced;         /* files written that no sync has covered */
    pthread_mutex_t disk;    /* held by a test: the disk takes its time */
} os = {.disk = PTHREAD_MUTEX_INITIALIZER};

static bool is_dead(void)
{
    errno = EIO;
    return os.dead_from != 0 && ++os.calls >= os.dead_from;
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    if (is_dead())
        return -1;
    (void)pthread_mutex_lock(&os.disk);
    (void)pthread_mutex_unlock(&os.disk);
    errno = ENOSPC;
    os.unsynced++;
    return os.full ? -1 : (ssize_t)syscall(SYS_pwrite64, fd, p, n, at);
}

/* Of the one file that takes another's name. */
int fdatasync(int fd)
{
    (void)fd;
    if (is_dead())
        return -1;
    os.unsynced--;
    return 0;
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    assert_int_equal(os.full ? 0 : os.unsynced, 0); /* what a name promises is on the disk */
    return is_dead() ? -1 : (int)syscall(SYS_renameat, from_folder, from, to_folder, to);
}

int unlinkat(int folder, const char *name, int flags)
{
    return is_dead() ? -1 : (int)syscall(SYS_unlinkat, folder, name, flags);
}

int mkdirat(int folder, const char *name, mode_t mode)
{
    return is_dead() ? -1 : (int)syscall(SYS_mkdirat, folder, name, mode);
}

int syncfs(int fd)
{
    (void)fd; /* the tests need not wait for the disk */
    if (is_dead())
        return -1;
    os.unsynced = 0;
    return 0;
}

static int reset(void **state)
{
    (void)state;
    os.full = false;
    os.calls = os.dead_from = os.unsynced = 0;
    return 0;
}

static void paths_are_those_of_the_specification(void **state)
{
    (void)state;
    static const struct {
        int level;
        uint64_t number;
        unsigned width;
        const char *path;
    } row[] = {
        {0, 0, 0, "tile/0/000"},
        {-1, 1234067, 0, "tile/entries/x001/x234/067"},
        {2, 1067, 12, "tile/2/x001/067.p/12"},
        {1, 999, 255, "tile/1/999.p/255"},
        {0, 1000, 0, "tile/0/x001/000"},
        {7, UINT64_MAX, 1, "tile/7/x018/x446/x744/x073/x709/x551/615.p/1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        char path[TILE_PATH];
        tile_path(row[i].level, row[i].number, row[i].width, path);
        assert_string_equal(path, row[i].path);
    }
}

static void a_new_log_is_empty(void **state)
{
    (void)state;
    struct log_bench b;
    struct buf out = BUF_INIT(100);
    log_init(&b);
    assert_int_equal(tiles_size(b.tiles), 0);
    assert_int_equal(tiles_settle(b.tiles), RESULT_OK);
    assert_int_equal(tiles_read_checkpoint(b.folder.fd, &out), RESULT_NOT_FOUND);
    assert_int_equal(tiles_read(b.folder.fd, 0, 0, 1, &out), RESULT_NOT_FOUND);
    log_publish(&b);
    assert_int_equal(log_open(&b), RESULT_OK);
    assert_int_equal(tiles_size(b.tiles), 0);
    log_free(&b);
}

/* Whether the tree of this size has these files and no partial ones beside them. */
static void assert_files_of_70000(const struct log_bench *b)
{
    static const char *const there[] = {"tile/0/272",
                                        "tile/0/273.p/112",
                                        "tile/1/000",
                                        "tile/1/001.p/17",
                                        "tile/2/000.p/1",
                                        "tile/entries/272",
                                        "tile/entries/273.p/112"};
    static const char *const absent[] = {"tile/0/273",        "tile/0/272.p", "tile/1/000.p",
                                         "tile/1/001",        "tile/2/000",   "tile/3",
                                         "tile/entries/272.p"};
    for (size_t i = 0; i < ARRAY_LEN(there); i++)
        if (!file_exists(b, there[i]))
            fail_msg("%s is missing", there[i]);
    for (size_t i = 0; i < ARRAY_LEN(absent); i++)
        if (file_exists(b, absent[i]))
            fail_msg("%s is there", absent[i]);
}

static void the_files_are_those_of_the_specification(void **state)
{
    (void)state;
    struct log_bench b;
    log_init(&b);
    log_append_to(&b, 65500);
    assert_int_equal(tiles_settle(b.tiles), RESULT_OK);
    log_append_to(&b, 69900);
    assert_int_equal(tiles_settle(b.tiles), RESULT_OK);
    log_append_to(&b, 70000);
    assert_int_equal(tiles_settle(b.tiles), RESULT_OK);
    assert_files_of_70000(&b);
    log_free(&b);
}

static void partial_tiles_stay_until_their_tile_is_full(void **state)
{
    (void)state;
    struct log_bench b;
    log_init(&b);
    for (uint64_t size = 10; size <= 250; size += 40) {
        log_append_to(&b, size);
        assert_int_equal(tiles_settle(b.tiles), RESULT_OK);
    }
    assert_true(file_exists(&b, "tile/entries/000.p/10"));
    assert_true(file_exists(&b, "tile/0/000.p/210"));
    log_append_to(&b, 256);
    assert_int_equal(tiles_settle(b.tiles), RESULT_OK);
    assert_false(file_exists(&b, "tile/entries/000.p"));
    assert_false(file_exists(&b, "tile/0/000.p"));
    assert_true(file_exists(&b, "tile/1/000.p/1"));
    log_free(&b);
}

/* A log opened again at each of these sizes grows as one that never was closed. */
static void a_log_that_is_opened_again_goes_on_where_it_was(void **state)
{
    (void)state;
    static const uint64_t size[] = {1, 2, 255, 256, 257, 511, 512, 513, 65535, 65536, 65537, 66000};
    struct log_bench one, many;
    log_init(&one);
    log_init(&many);
    for (size_t i = 0; i < ARRAY_LEN(size); i++) {
        log_append_to(&one, size[i]);
        log_append_to(&many, size[i]);
        assert_int_equal(tiles_settle(many.tiles), RESULT_OK);
        assert_int_equal(log_open(&many), RESULT_OK);
        assert_int_equal(tiles_size(many.tiles), size[i]);
        struct tree_hash a = tiles_root(one.tiles), b = tiles_root(many.tiles);
        assert_memory_equal(&a, &b, sizeof a);
    }
    log_free(&one);
    log_free(&many);
}

static void what_was_not_settled_comes_again(void **state)
{
    (void)state;
    struct log_bench b;
    log_init(&b);
    log_append_to(&b, 100);
    assert_int_equal(tiles_settle(b.tiles), RESULT_OK);
    log_append_to(&b, 1000);
    assert_int_equal(log_open(&b), RESULT_OK);
    assert_int_equal(tiles_size(b.tiles), 100);
    log_append_to(&b, 1000);
    log_publish(&b);
    assert_int_equal(log_open(&b), RESULT_OK);
    assert_int_equal(tiles_size(b.tiles), 1000);
    log_free(&b);
}

/* Ends the process at each call of a settling in turn; returns how many there were. */
static size_t settle_with_crashes(uint64_t from, uint64_t to)
{
    struct log_bench b;
    for (size_t at = 1;; at++) {
        log_init(&b);
        log_append_to(&b, from);
        log_publish(&b);
        struct tree_hash before = tiles_root(b.tiles);
        os.calls = 0;
        os.dead_from = at;
        log_append_to(&b, to);
        enum result r = tiles_settle(b.tiles);
        struct tree_hash after = tiles_root(b.tiles), now;
        os.dead_from = 0;
        if (log_open(&b) != RESULT_OK)
            fail_msg("crash at call %zu: %s", at, b.why);
        now = tiles_root(b.tiles);
        assert_true(tiles_size(b.tiles) == from || tiles_size(b.tiles) == to);
        assert_memory_equal(&now, tiles_size(b.tiles) == from ? &before : &after, sizeof now);
        if (r == RESULT_OK)
            assert_int_equal(tiles_size(b.tiles), to);
        log_append_to(&b, to + 300);
        log_publish(&b);
        assert_int_equal(log_open(&b), RESULT_OK);
        log_free(&b);
        if (r == RESULT_OK)
            return at - 1;
    }
}

static void a_crash_at_any_call_leaves_the_old_size_or_the_new(void **state)
{
    (void)state;
    assert_true(settle_with_crashes(0, 3) > 5);
    assert_true(settle_with_crashes(3, 4) > 4);
    assert_true(settle_with_crashes(250, 520) > 10);
    assert_true(settle_with_crashes(512, 600) > 4);
}

static void after_a_failure_nothing_is_promised_any_more(void **state)
{
    (void)state;
    struct log_bench b;
    log_init(&b);
    os.dead_from = 1;
    log_append_to(&b, 300);
    os.dead_from = 0;
    assert_int_equal(tiles_settle(b.tiles), RESULT_IO);
    assert_int_equal(tiles_settle(b.tiles), RESULT_IO);
    log_free(&b);
}

static void a_full_disk_loses_nothing(void **state)
{
    (void)state;
    struct log_bench b;
    log_init(&b);
    log_append_to(&b, 10);
    log_publish(&b);
    os.full = true;
    log_append_to(&b, 1000);
    assert_int_equal(tiles_settle(b.tiles), RESULT_FULL);
    log_append_to(&b, 2000);
    assert_int_equal(tiles_settle(b.tiles), RESULT_FULL);
    os.full = false;
    log_publish(&b);
    struct tree_hash root = tiles_root(b.tiles), again;
    assert_int_equal(log_open(&b), RESULT_OK);
    assert_int_equal(tiles_size(b.tiles), 2000);
    again = tiles_root(b.tiles);
    assert_memory_equal(&root, &again, sizeof root);
    assert_true(file_exists(&b, "tile/0/000"));
    log_free(&b);
}

static void assert_entry(const struct log_bench *b, uint64_t index)
{
    struct buf is = BUF_INIT(65535);
    char entry[64];
    size_t n = entry_at(index, entry);
    assert_int_equal(tiles_entry(b->tiles, index, &is), RESULT_OK);
    assert_true(bytes_equal(buf_view(&is), bytes_of(entry, n)));
    buf_free(&is);
}

static void every_entry_can_be_read_again_settled_or_not_also_when_the_disk_is_full(void **state)
{
    (void)state;
    struct log_bench b;
    struct buf is = BUF_INIT(65535);
    log_init(&b);
    log_append_to(&b, 600);
    assert_int_equal(tiles_settle(b.tiles), RESULT_OK);
    os.full = true;
    log_append_to(&b, 1000);
    static const uint64_t index[] = {0, 255, 256, 511, 512, 599, 600, 767, 768, 999};
    for (size_t i = 0; i < ARRAY_LEN(index); i++)
        assert_entry(&b, index[i]);
    assert_int_equal(tiles_entry(b.tiles, 1000, &is), RESULT_NOT_FOUND);
    log_free(&b);
}

static enum result read_entry(const struct log_bench *b, uint64_t index)
{
    struct buf is = BUF_INIT(65535);
    enum result r = tiles_entry(b->tiles, index, &is);
    buf_free(&is);
    return r;
}

/* An entry was handed out as its file had it. */
static void an_entry_or_a_hash_that_was_changed_is_told(void **state)
{
    (void)state;
    struct log_bench b;
    unsigned good = 0;
    log_init(&b);
    log_append_to(&b, 1000);
    log_publish(&b);
    file_flip(&b, "tile/entries/000");
    for (uint64_t i = 0; i < 256; i++)
        good += read_entry(&b, i) == RESULT_OK;
    assert_in_range(good, 1, 255);
    file_flip(&b, "tile/0/001");
    assert_int_equal(read_entry(&b, 300), RESULT_MISMATCH);
    assert_int_equal(unlinkat(b.folder.fd, "tile/0/001", 0), 0);
    assert_int_equal(read_entry(&b, 300), RESULT_MISMATCH);
    assert_entry(&b, 600);
    log_free(&b);
}

/* Another log's entries with their hashes, which fit each other. */
static void entries_of_another_tree_are_told_by_the_tile_above(void **state)
{
    (void)state;
    static const char *const path[] = {"tile/entries/000", "tile/0/000"};
    struct log_bench b, other;
    log_init(&b);
    log_init(&other);
    log_append_to(&b, 1000);
    tiles_append(other.tiles, bytes_of_text("another"));
    log_append_to(&other, 1000);
    log_publish(&b);
    log_publish(&other);
    for (size_t i = 0; i < ARRAY_LEN(path); i++) {
        struct buf content = BUF_INIT(1 << 20);
        file_get(&other, path[i], &content);
        file_put(&b, path[i], buf_view(&content));
        buf_free(&content);
    }
    assert_int_equal(read_entry(&b, 7), RESULT_MISMATCH);
    assert_entry(&b, 256);
    log_free(&b);
    log_free(&other);
}

static void the_hashes_of_a_long_log_are_found_up_to_the_one_in_memory(void **state)
{
    (void)state;
    struct log_bench b;
    log_init(&b);
    log_append_to(&b, 66000);
    log_publish(&b);
    assert_int_equal(log_open(&b), RESULT_OK);
    assert_entry(&b, 3);
    assert_entry(&b, 65535);
    assert_entry(&b, 65536);
    assert_entry(&b, 65999);
    file_flip(&b, "tile/1/000");
    assert_int_equal(read_entry(&b, 3), RESULT_MISMATCH);
    assert_entry(&b, 65600);
    log_free(&b);
}

/* ---- aside */

static struct aside *write_aside(const struct log_bench *b)
{
    struct aside *a = aside_new();
    assert_non_null(a);
    tiles_write_aside(b->tiles, a);
    return a;
}

static void free_with(struct log_bench *b, struct aside *a)
{
    log_free(b); /* the thread is the caller's, and is there until nothing is written any more */
    aside_free(a);
}

static enum result try_to_begin_publishing(const struct log_bench *b)
{
    struct buf note = BUF_INIT(1000);
    log_note(b, LOG_NAME, tiles_size(b->tiles), tiles_root(b->tiles), &note);
    enum result r = tiles_begin_publishing(b->tiles, buf_view(&note));
    buf_free(&note);
    return r;
}

static void begin_publishing(const struct log_bench *b)
{
    assert_int_equal(try_to_begin_publishing(b), RESULT_OK);
}

static void assert_published(const struct log_bench *b, uint64_t size)
{
    struct buf note = BUF_INIT(1000);
    struct bytes body;
    struct checkpoint c = {0};
    assert_int_equal(tiles_read_checkpoint(b->folder.fd, &note), RESULT_OK);
    assert_int_equal(note_body(buf_view(&note), &body), RESULT_OK);
    assert_int_equal(checkpoint_read(body, &c), RESULT_OK);
    assert_int_equal(c.size, size);
    buf_free(&note);
}

/* While the disk takes its time, entries are appended and read; what was begun covers none of them.
 */
static void nobody_waits_for_a_disk_that_takes_its_time(void **state)
{
    (void)state;
    struct log_bench b;
    log_init(&b);
    struct aside *a = write_aside(&b);
    log_append_to(&b, 700);
    tiles_wait(b.tiles);
    (void)pthread_mutex_lock(&os.disk);
    begin_publishing(&b);
    assert_int_equal(tiles_end_publishing(b.tiles), RESULT_AGAIN);
    log_append_to(&b, 2000);
    for (uint64_t i = 0; i < 2000; i += 50)
        assert_entry(&b, i);
    assert_int_equal(tiles_settled(b.tiles), 0);
    (void)pthread_mutex_unlock(&os.disk);
    tiles_wait(b.tiles);
    assert_int_equal(tiles_end_publishing(b.tiles), RESULT_OK);
    assert_int_equal(tiles_settled(b.tiles), 700);
    assert_published(&b, 700);
    assert_true(file_exists(&b, "tile/entries/002.p/188"));
    assert_int_equal(log_open(&b), RESULT_OK);
    assert_int_equal(tiles_size(b.tiles), 700);
    free_with(&b, a);
}

static void what_is_written_aside_is_the_same(void **state)
{
    (void)state;
    struct log_bench b;
    log_init(&b);
    struct aside *a = write_aside(&b);
    static const uint64_t size[] = {65500, 69900, 70000};
    for (size_t i = 0; i < ARRAY_LEN(size); i++) {
        log_append_to(&b, size[i]);
        begin_publishing(&b);
        tiles_wait(b.tiles);
        assert_int_equal(tiles_end_publishing(b.tiles), RESULT_OK);
        assert_published(&b, size[i]);
    }
    assert_files_of_70000(&b);
    free_with(&b, a);
}

static void a_disk_that_is_full_aside_is_told_and_loses_nothing(void **state)
{
    (void)state;
    struct log_bench b;
    log_init(&b);
    struct aside *a = write_aside(&b);
    os.full = true;
    log_append_to(&b, 1000);
    begin_publishing(&b);
    tiles_wait(b.tiles);
    assert_int_equal(tiles_end_publishing(b.tiles), RESULT_FULL);
    for (uint64_t i = 0; i < 1000; i += 50)
        assert_entry(&b, i);
    os.full = false;
    begin_publishing(&b);
    tiles_wait(b.tiles);
    assert_int_equal(tiles_end_publishing(b.tiles), RESULT_OK);
    assert_int_equal(log_open(&b), RESULT_OK);
    assert_int_equal(tiles_size(b.tiles), 1000);
    free_with(&b, a);
}

static void a_failure_aside_ends_all_writing(void **state)
{
    (void)state;
    struct log_bench b;
    log_init(&b);
    struct aside *a = write_aside(&b);
    log_append_to(&b, 10);
    os.dead_from = 1;
    /* The thread may have failed before this returns. */
    enum result r = try_to_begin_publishing(&b);
    tiles_wait(b.tiles);
    os.dead_from = 0;
    assert_int_equal(r == RESULT_OK ? tiles_end_publishing(b.tiles) : r, RESULT_IO);
    assert_int_equal(tiles_settle(b.tiles), RESULT_IO);
    free_with(&b, a);
}

static void damage_at_the_right_edge_is_told(void **state)
{
    (void)state;
    static const char *const path[] = {"settled", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1",
                                       "tile/entries/001.p/44"};
    for (size_t i = 0; i < ARRAY_LEN(path); i++) {
        struct log_bench b;
        log_init(&b);
        log_append_to(&b, 300);
        log_publish(&b);
        file_flip(&b, path[i]);
        assert_int_equal(log_open(&b), RESULT_DAMAGED);
        assert_true(strlen(b.why) > 0);
        file_flip(&b, path[i]);
        assert_int_equal(log_open(&b), RESULT_OK);
        assert_int_equal(unlinkat(b.folder.fd, path[i], 0), 0);
        assert_int_equal(log_open(&b), RESULT_DAMAGED);
        log_free(&b);
    }
}

static void an_earlier_state_of_the_log_is_told_by_the_checkpoint(void **state)
{
    (void)state;
    struct log_bench b;
    struct buf old = BUF_INIT(1000);
    log_init(&b);
    log_append_to(&b, 100);
    log_publish(&b);
    file_get(&b, "settled", &old);
    log_append_to(&b, 120);
    log_publish(&b);
    file_put(&b, "settled", buf_view(&old));
    assert_int_equal(log_open(&b), RESULT_DAMAGED);
    assert_string_equal(b.why, "checkpoint: it covers more entries than are there");
    buf_free(&old);
    log_free(&b);
}

static void a_checkpoint_covers_what_is_settled_and_never_shrinks(void **state)
{
    (void)state;
    struct log_bench b;
    struct buf note = BUF_INIT(1000);
    log_init(&b);
    log_append_to(&b, 100);
    struct tree_hash root = tiles_root(b.tiles);
    log_note(&b, LOG_NAME, 100, root, &note);
    assert_int_equal(tiles_publish(b.tiles, buf_view(&note)), RESULT_STATE);
    assert_int_equal(tiles_settle(b.tiles), RESULT_OK);
    log_append_to(&b, 150); /* more came while the keeper signed */
    assert_int_equal(tiles_publish(b.tiles, buf_view(&note)), RESULT_OK);
    log_publish(&b);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(tiles_publish(b.tiles, buf_view(&note)), RESULT_STATE);
        assert_int_equal(log_open(&b), RESULT_OK);
    }
    assert_int_equal(tiles_publish(b.tiles, bytes_of_text("no note")), RESULT_MALFORMED);
    buf_free(&note);
    log_free(&b);
}

static void an_entry_beyond_65535_bytes_stops_the_log(void **state)
{
    (void)state;
    static uint8_t entry[65536];
    struct log_bench b;
    log_init(&b);
    tiles_append(b.tiles, bytes_of(entry, sizeof entry - 1));
    assert_int_equal(tiles_settle(b.tiles), RESULT_OK);
    tiles_append(b.tiles, bytes_of(entry, sizeof entry));
    assert_int_equal(tiles_settle(b.tiles), RESULT_STATE);
    log_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(paths_are_those_of_the_specification, reset),
        cmocka_unit_test_setup(a_new_log_is_empty, reset),
        cmocka_unit_test_setup(the_files_are_those_of_the_specification, reset),
        cmocka_unit_test_setup(partial_tiles_stay_until_their_tile_is_full, reset),
        cmocka_unit_test_setup(a_log_that_is_opened_again_goes_on_where_it_was, reset),
        cmocka_unit_test_setup(what_was_not_settled_comes_again, reset),
        cmocka_unit_test_setup(a_crash_at_any_call_leaves_the_old_size_or_the_new, reset),
        cmocka_unit_test_setup(after_a_failure_nothing_is_promised_any_more, reset),
        cmocka_unit_test_setup(a_full_disk_loses_nothing, reset),
        cmocka_unit_test_setup(
            every_entry_can_be_read_again_settled_or_not_also_when_the_disk_is_full, reset),
        cmocka_unit_test_setup(an_entry_or_a_hash_that_was_changed_is_told, reset),
        cmocka_unit_test_setup(entries_of_another_tree_are_told_by_the_tile_above, reset),
        cmocka_unit_test_setup(the_hashes_of_a_long_log_are_found_up_to_the_one_in_memory, reset),
        cmocka_unit_test_setup(nobody_waits_for_a_disk_that_takes_its_time, reset),
        cmocka_unit_test_setup(what_is_written_aside_is_the_same, reset),
        cmocka_unit_test_setup(a_disk_that_is_full_aside_is_told_and_loses_nothing, reset),
        cmocka_unit_test_setup(a_failure_aside_ends_all_writing, reset),
        cmocka_unit_test_setup(damage_at_the_right_edge_is_told, reset),
        cmocka_unit_test_setup(an_earlier_state_of_the_log_is_told_by_the_checkpoint, reset),
        cmocka_unit_test_setup(a_checkpoint_covers_what_is_settled_and_never_shrinks, reset),
        cmocka_unit_test_setup(an_entry_beyond_65535_bytes_stops_the_log, reset),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

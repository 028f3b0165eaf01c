/*
 * Power cuts. The calls of the operating system are replaced by a model: what was written and not
 * synced is lost sector by sector, by chance, and what was renamed or unlinked and not synced is
 * undone from some point on. What a sync has failed for is shown as if it were there and is never
 * written, as Linux does it. The process ends at any call, also while it recovers, and the power
 * may be cut then or some lives later. Whatever happens: every acknowledged record is there, in
 * order, and nothing else but what was added. With a second folder the first one's disk is full now
 * and then, and each of the two loses what it had not synced on its own; one that cannot be read
 * is missed.
 */
#include "support.h"

#include <errno.h>
#include <sys/syscall.h>

enum { WRITES_MAX = 4096, MOVES_MAX = 256, RECORDS_MAX = 4000, BODY_MAX = 9000 };

/* A write that no sync has covered yet, with what stood there before. */
struct write {
    dev_t device;
    ino_t inode;
    int fd; /* of our own */
    off_t at;
    size_t n;
    uint8_t *before;
    bool failed; /* its sync failed: no later one covers it */
};

/* A rename or an unlink that no sync of the folder has covered yet. */
struct move {
    int folder;
    char from[64], to[64]; /* to: empty for an unlink */
    char saved[64];        /* a second name for the file that was lost; empty when none was */
};

static struct {
    bool on;
    size_t calls, stop_at; /* from this call on the machine is dead */
    struct write write[WRITES_MAX];
    size_t writes;
    struct move move[MOVES_MAX];
    size_t moves;
    unsigned names;
    bool full;         /* no space may be reserved in the first folder */
    const char *first; /* its path */
    size_t over;       /* segments that were begun in the second */
    size_t kept;       /* whose files became spare ones */
    uint32_t random;
} os;

static uint32_t chance(uint32_t n)
{
    os.random = os.random * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)os.random * n) >> 32);
}

static bool is_dead(void)
{
    if (!os.on || os.calls++ < os.stop_at)
        return false;
    errno = EIO;
    return true;
}

static void note_write(int fd, off_t at, size_t n)
{
    struct write *w = &os.write[os.writes++];
    struct stat s;
    assert_true(os.writes <= WRITES_MAX);
    assert_int_equal(fstat(fd, &s), 0);
    *w = (struct write){s.st_dev, s.st_ino, dup(fd), at, n, calloc(1, n), false};
    assert_true(pread(fd, w->before, n, at) >= 0);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    if (is_dead())
        return -1;
    if (os.on)
        note_write(fd, at, n);
    return (ssize_t)syscall(SYS_pwrite64, fd, p, n, at);
}

static bool is_of(const struct write *w, const struct stat *file)
{
    return w->inode == file->st_ino && w->device == file->st_dev;
}

static void drop_write(struct write *w)
{
    free(w->before);
    (void)close(w->fd);
}

static void sync_writes(const struct stat *file)
{
    size_t kept = 0;
    for (size_t i = 0; i < os.writes; i++) {
        if (is_of(&os.write[i], file) && !os.write[i].failed)
            drop_write(&os.write[i]);
        else
            os.write[kept++] = os.write[i];
    }
    os.writes = kept;
}

int fdatasync(int fd)
{
    struct stat s;
    assert_int_equal(fstat(fd, &s), 0);
    if (!is_dead()) {
        sync_writes(&s);
        return 0;
    }
    for (size_t i = 0; i < os.writes; i++)
        os.write[i].failed = os.write[i].failed || is_of(&os.write[i], &s);
    return -1;
}

static void forget_moves(int folder)
{
    size_t kept = 0;
    for (size_t i = 0; i < os.moves; i++) {
        const struct move *m = &os.move[i];
        if (m->folder != folder)
            os.move[kept++] = *m;
        else if (m->saved[0] != '\0')
            (void)syscall(SYS_unlinkat, folder, m->saved, 0);
    }
    os.moves = kept;
}

/* Only a folder is synced in this way. */
int fsync(int fd)
{
    if (is_dead())
        return -1;
    forget_moves(fd);
    return 0;
}

int fallocate(int fd, int mode, off_t at, off_t n)
{
    char link[32], path[128] = "";
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    assert_true(readlink(link, path, sizeof path - 1) > 0);
    errno = ENOSPC;
    if (os.on && os.full && strncmp(path, os.first, strlen(os.first)) == 0)
        return -1;
    return (int)syscall(SYS_fallocate, fd, mode, at, n);
}

static void save(struct move *m, const char *name)
{
    (void)snprintf(m->saved, sizeof m->saved, "saved-%u", os.names++);
    if (linkat(m->folder, name, m->folder, m->saved, 0) != 0)
        m->saved[0] = '\0';
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    if (is_dead())
        return -1;
    if (os.on) {
        struct move *m = &os.move[os.moves++];
        assert_true(os.moves <= MOVES_MAX);
        m->folder = to_folder;
        (void)snprintf(m->from, sizeof m->from, "%s", from);
        (void)snprintf(m->to, sizeof m->to, "%s", to);
        save(m, to);
        os.over += strncmp(to, "reached-", 8) == 0;
        os.kept += strcmp(to, "retired") == 0;
    }
    return (int)syscall(SYS_renameat, from_folder, from, to_folder, to);
}

int unlinkat(int folder, const char *name, int flags)
{
    if (is_dead())
        return -1;
    if (os.on && strncmp(name, "segment-", 8) == 0) {
        struct move *m = &os.move[os.moves++];
        assert_true(os.moves <= MOVES_MAX);
        m->folder = folder;
        (void)snprintf(m->from, sizeof m->from, "%s", name);
        m->to[0] = '\0';
        save(m, name);
    }
    return (int)syscall(SYS_unlinkat, folder, name, flags);
}

static void undo(const struct move *m)
{
    if (m->to[0] != '\0')
        assert_int_equal(syscall(SYS_renameat, m->folder, m->to, m->folder, m->from), 0);
    if (m->saved[0] != '\0')
        assert_int_equal(syscall(SYS_renameat, m->folder, m->saved, m->folder,
                                 m->to[0] != '\0' ? m->to : m->from),
                         0);
}

static void cut_names(int folder)
{
    uint32_t pending = 0;
    for (size_t i = 0; i < os.moves; i++)
        pending += os.move[i].folder == folder;
    uint32_t lost = pending == 0 ? 0 : chance(pending + 1);
    for (size_t i = os.moves; i-- > 0 && lost > 0;)
        if (os.move[i].folder == folder) {
            undo(&os.move[i]);
            os.move[i].saved[0] = '\0';
            lost--;
        }
    forget_moves(folder);
}

/* Sector by sector, back to front, what was not synced goes or stays. */
static void cut_power(const struct journal_config *config)
{
    uint32_t loss = chance(4); /* of 3: none, some, most, all */
    for (size_t i = os.writes; i-- > 0;) {
        const struct write *w = &os.write[i];
        for (size_t at = 0; at < w->n; at += SECTOR) {
            size_t n = w->n - at < SECTOR ? w->n - at : SECTOR;
            if (chance(3) < loss)
                assert_int_equal(syscall(SYS_pwrite64, w->fd, w->before + at, n, w->at + (off_t)at),
                                 n);
        }
    }
    cut_names(config->folder);
    cut_names(config->second_folder);
    for (size_t i = 0; i < os.writes; i++)
        drop_write(&os.write[i]);
    os.writes = 0;
}

/* ---- the journal's owner */

struct life {
    struct bench *b;
    uint32_t added, acknowledged; /* records; the seed of each body is its number */
    uint32_t oldest;              /* number of the first record that was not retired, at least */
};

static size_t size_of_body(uint32_t seed)
{
    return seed * 2654435761u % (seed % 7 == 0 ? BODY_MAX : 700);
}

static void check(struct life *l)
{
    static uint8_t room[BODY_MAX];
    const struct bench *b = l->b;
    uint32_t last = b->seen == 0 ? 0 : (uint32_t)b->record[b->seen - 1].sequence;
    if (last < l->acknowledged || last > l->added)
        fail_msg("%u records, %u acknowledged, %u added", last, l->acknowledged, l->added);
    for (size_t i = 0; i < b->seen; i++) {
        uint32_t seed = (uint32_t)b->record[i].sequence;
        assert_int_equal(seed, b->record[0].sequence + i);
        assert_int_equal(b->digest[i], digest_of(body_of(seed, size_of_body(seed), room)));
    }
    if (b->seen > 0)
        assert_true(b->record[0].sequence <= l->oldest + 1);
    l->added = l->acknowledged = last;
}

/* Works until the machine stops. */
static void work(struct life *l)
{
    static uint8_t room[BODY_MAX];
    struct journal *j = l->b->j;
    struct journal_place place;
    for (;;) {
        for (uint32_t n = 1 + chance(6); n > 0; n--) {
            uint32_t seed = l->added + 1;
            if (journal_add(j, 1, body_of(seed, size_of_body(seed), room), &place) != RESULT_OK)
                return;
            l->added++;
        }
        if (journal_commit(j) != RESULT_OK)
            return;
        l->acknowledged = l->added;
        if (l->b->config.second_folder != 0 && chance(15) == 0)
            os.full = !os.full;
        if (chance(20) == 0) {
            l->oldest = l->acknowledged;
            if (journal_retire(j, journal_newest(j)) != RESULT_OK)
                return;
        }
    }
}

static void one_history(uint32_t seed, bool has_second, uint32_t kept)
{
    static struct bench b;
    struct life l = {.b = &b};
    struct temp_folder second = temp_folder_new();
    bench_init(&b);
    if (has_second) {
        b.config.second_folder = second.fd;
        b.config.spares = 1;
        b.config.second_spares = 1;
    }
    os.first = b.folder.path;
    os.random = seed;
    for (int life = 0; life < 12; life++) {
        os.on = true;
        os.calls = 0;
        os.stop_at = chance(life % 3 == 0 ? 25 : has_second || kept > 0 ? 400 : 120);
        os.full = has_second && chance(3) == 0;
        enum result r = bench_open(&b);
        bool is_missed = has_second && os.calls > os.stop_at && r == RESULT_DAMAGED;
        if (r != RESULT_OK && r != RESULT_IO && (r != RESULT_FULL || !os.full) && !is_missed)
            fail_msg("seed %u, life %d: segment %u, %s", seed, life, b.fault.segment, b.fault.text);
        if (r == RESULT_OK) {
            check(&l);
            journal_keep_retired(b.j, kept);
            work(&l);
        }
        journal_close(b.j);
        b.j = NULL;
        os.on = false;
        if (chance(3) == 0)
            cut_power(&b.config); /* else only the process ended: the page cache shows it all */
    }
    cut_power(&b.config);
    os.full = false;
    if (bench_open(&b) != RESULT_OK)
        fail_msg("seed %u, last life: segment %u at %lu, %s", seed, b.fault.segment,
                 (unsigned long)b.fault.offset, b.fault.text);
    check(&l);
    bench_free(&b);
    temp_folder_free(&second);
}

static void no_acknowledged_record_is_lost_wherever_the_power_is_cut(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 60; seed++)
        one_history(seed, false, 0);
}

static void no_acknowledged_record_is_lost_where_files_are_written_again(void **state)
{
    (void)state;
    os.kept = 0;
    for (uint32_t seed = 1; seed <= 100; seed++)
        one_history(seed, false, 1 + seed % 5);
    print_message("%zu files were kept\n", os.kept);
    assert_true(os.kept > 500);
}

static void no_acknowledged_record_is_lost_when_the_journal_goes_over_and_comes_back(void **state)
{
    (void)state;
    os.over = 0;
    for (uint32_t seed = 1; seed <= 150; seed++)
        one_history(seed, true, seed % 2 * 3);
    print_message("%zu times \"reached\" was set\n", os.over);
    assert_true(os.over > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_acknowledged_record_is_lost_wherever_the_power_is_cut),
        cmocka_unit_test(no_acknowledged_record_is_lost_where_files_are_written_again),
        cmocka_unit_test(no_acknowledged_record_is_lost_when_the_journal_goes_over_and_comes_back),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

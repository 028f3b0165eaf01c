/*
 * Power cuts. The calls of the operating system are replaced by a model: what was written and not
 * synced is lost sector by sector, by chance, and what was renamed or unlinked and not synced is
 * undone from some point on. What a sync has failed for is shown as if it were there and is never
 * written, as Linux does it. The process ends at any call, also while it recovers, and the power
 * may be cut then or some lives later. Whatever happens: every acknowledged record is there, in
 * order, and nothing else but what was added.
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
    int folder;
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

static void forget_moves(void)
{
    for (size_t i = 0; i < os.moves; i++)
        if (os.move[i].saved[0] != '\0')
            (void)syscall(SYS_unlinkat, os.folder, os.move[i].saved, 0);
    os.moves = 0;
}

int fsync(int fd)
{
    (void)fd; /* only the folder is synced in this way */
    if (is_dead())
        return -1;
    forget_moves();
    return 0;
}

static void save(struct move *m, const char *name)
{
    (void)snprintf(m->saved, sizeof m->saved, "saved-%u", os.names++);
    if (linkat(os.folder, name, os.folder, m->saved, 0) != 0)
        m->saved[0] = '\0';
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    if (is_dead())
        return -1;
    if (os.on) {
        struct move *m = &os.move[os.moves++];
        assert_true(os.moves <= MOVES_MAX);
        (void)snprintf(m->from, sizeof m->from, "%s", from);
        (void)snprintf(m->to, sizeof m->to, "%s", to);
        save(m, to);
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
        (void)snprintf(m->from, sizeof m->from, "%s", name);
        m->to[0] = '\0';
        save(m, name);
    }
    return (int)syscall(SYS_unlinkat, folder, name, flags);
}

static void undo(const struct move *m)
{
    if (m->to[0] != '\0')
        assert_int_equal(syscall(SYS_renameat, os.folder, m->to, os.folder, m->from), 0);
    if (m->saved[0] != '\0')
        assert_int_equal(syscall(SYS_renameat, os.folder, m->saved, os.folder,
                                 m->to[0] != '\0' ? m->to : m->from),
                         0);
}

/* Sector by sector, back to front, what was not synced goes or stays. */
static void cut_power(void)
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
    size_t lasting = os.moves == 0 ? 0 : chance((uint32_t)os.moves + 1);
    for (size_t i = os.moves; i-- > lasting;) {
        undo(&os.move[i]);
        os.move[i].saved[0] = '\0';
    }
    for (size_t i = 0; i < os.writes; i++)
        drop_write(&os.write[i]);
    os.writes = 0;
    forget_moves();
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
        if (chance(20) == 0) {
            l->oldest = l->acknowledged;
            if (journal_retire(j, journal_newest(j)) != RESULT_OK)
                return;
        }
    }
}

static void one_history(uint32_t seed)
{
    static struct bench b;
    struct life l = {.b = &b};
    bench_init(&b);
    os.folder = b.folder.fd;
    os.random = seed;
    for (int life = 0; life < 12; life++) {
        os.on = true;
        os.calls = 0;
        os.stop_at = chance(life % 3 == 0 ? 25 : 120);
        enum result r = bench_open(&b);
        if (r != RESULT_OK && r != RESULT_IO)
            fail_msg("seed %u, life %d: segment %u, %s", seed, life, b.fault.segment, b.fault.text);
        if (r == RESULT_OK) {
            check(&l);
            work(&l);
        }
        journal_close(b.j);
        b.j = NULL;
        os.on = false;
        if (chance(3) == 0)
            cut_power(); /* else only the process ended: the page cache shows it all */
    }
    cut_power();
    if (bench_open(&b) != RESULT_OK)
        fail_msg("seed %u, last life: segment %u at %lu, %s", seed, b.fault.segment,
                 (unsigned long)b.fault.offset, b.fault.text);
    check(&l);
    bench_free(&b);
}

static void no_acknowledged_record_is_lost_wherever_the_power_is_cut(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 60; seed++)
        one_history(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_acknowledged_record_is_lost_wherever_the_power_is_cut),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

/*
 * A disk in memory. While it records, every call by which a ledger changes files below one folder
 * is noted in order, with the syncs between them; from any prefix of that a folder is made as a
 * power cut there may have left it: what was not synced is there or not, sector by sector, and
 * names that were not synced are undone from some point on, on each of two disks for itself.
 */
#ifndef FEDGATE_TESTS_LEDGER_DISK_MODEL_H
#define FEDGATE_TESTS_LEDGER_DISK_MODEL_H

#include "support.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { OPS_MAX = 1 << 15, FILES_MAX = 4096, NAMES_MAX = 1024, OP_PATH = 96, OP_SECTOR = 512 };

enum op_kind {
    OP_WRITE,
    OP_SIZE,
    OP_SYNC,
    OP_SYNC_FOLDER,
    OP_SYNC_ALL,
    OP_CREATE,
    OP_RENAME,
    OP_UNLINK,
    OP_MARK
};

struct op {
    enum op_kind kind;
    int file;
    uint64_t at, n; /* OP_MARK: the caller's */
    uint8_t *data;
    char from[OP_PATH], to[OP_PATH];
};

static struct {
    bool on;
    bool full; /* no space may be reserved, but on the device of `second` */
    const char *root;
    const char *second; /* a folder below the root, with a slash in front: a disk of its own */
    struct op op[OPS_MAX];
    size_t ops;
    ino_t inode[FILES_MAX];
    int files;
    uint32_t random;
} disk;

static inline uint32_t disk_chance(uint32_t n)
{
    disk.random = disk.random * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)disk.random * n) >> 32);
}

/* ---- recording */

static inline struct op *disk_note(enum op_kind kind)
{
    assert_true(disk.ops < OPS_MAX);
    struct op *o = &disk.op[disk.ops++];
    *o = (struct op){.kind = kind};
    return o;
}

/* Below the root, without it; empty when it lies elsewhere. */
static inline void disk_path(int folder, const char *name, char out[OP_PATH])
{
    char link[32], path[256];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t n = readlink(link, path, sizeof path - 1);
    path[n < 0 ? 0 : n] = '\0';
    size_t root = strlen(disk.root);
    out[0] = '\0';
    if (strncmp(path, disk.root, root) == 0)
        (void)snprintf(out, OP_PATH, "%s%s%s", path + root, name == NULL ? "" : "/",
                       name == NULL ? "" : name);
}

static inline int disk_file(int fd)
{
    struct stat s;
    int i = disk.files - 1;
    assert_int_equal(fstat(fd, &s), 0);
    while (i >= 0 && disk.inode[i] != s.st_ino)
        i--;
    return i;
}

static inline void disk_write(int fd, const void *p, size_t n, off_t at)
{
    int file = disk_file(fd);
    if (file < 0)
        return;
    struct op *o = disk_note(OP_WRITE);
    o->file = file;
    o->at = (uint64_t)at;
    o->n = n;
    o->data = mem_new(n + 1);
    memcpy(o->data, p, n);
}

static inline void disk_size(int fd, uint64_t size)
{
    int file = disk_file(fd);
    if (file < 0)
        return;
    struct op *o = disk_note(OP_SIZE);
    o->file = file;
    o->n = size;
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    if (disk.on)
        disk_write(fd, p, n, at);
    return (ssize_t)syscall(SYS_pwrite64, fd, p, n, at);
}

ssize_t write(int fd, const void *p, size_t n)
{
    if (disk.on && disk_file(fd) >= 0)
        disk_write(fd, p, n, lseek(fd, 0, SEEK_CUR));
    return (ssize_t)syscall(SYS_write, fd, p, n);
}

int ftruncate(int fd, off_t size)
{
    if (disk.on)
        disk_size(fd, (uint64_t)size);
    return (int)syscall(SYS_ftruncate, fd, size);
}

/* Whether a path below the root is of the second disk. */
static inline bool disk_is_second(const char *path)
{
    return disk.second != NULL && strncmp(path, disk.second, strlen(disk.second)) == 0;
}

int fallocate(int fd, int mode, off_t at, off_t n)
{
    char path[OP_PATH];
    disk_path(fd, NULL, path);
    errno = ENOSPC;
    if (disk.on && disk.full && !disk_is_second(path))
        return -1;
    if (disk.on)
        disk_size(fd, (uint64_t)(at + n));
    return (int)syscall(SYS_fallocate, fd, mode, at, n);
}

int fdatasync(int fd)
{
    if (disk.on)
        disk_note(OP_SYNC)->file = disk_file(fd);
    return 0;
}

int fsync(int fd)
{
    struct stat s;
    assert_int_equal(fstat(fd, &s), 0);
    if (disk.on && S_ISDIR(s.st_mode))
        disk_path(fd, NULL, disk_note(OP_SYNC_FOLDER)->from);
    else if (disk.on)
        disk_note(OP_SYNC)->file = disk_file(fd);
    return 0;
}

int syncfs(int fd)
{
    (void)fd;
    if (disk.on)
        (void)disk_note(OP_SYNC_ALL);
    return 0;
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    if (disk.on) {
        struct op *o = disk_note(OP_RENAME);
        disk_path(from_folder, from, o->from);
        disk_path(to_folder, to, o->to);
    }
    return (int)syscall(SYS_renameat, from_folder, from, to_folder, to);
}

int unlinkat(int folder, const char *name, int flags)
{
    int r = (int)syscall(SYS_unlinkat, folder, name, flags);
    if (disk.on && r == 0 && flags == 0)
        disk_path(folder, name, disk_note(OP_UNLINK)->from);
    return r;
}

int openat(int folder, const char *name, int flags, ...)
{
    va_list arg;
    struct stat s;
    va_start(arg, flags);
    unsigned mode = (flags & O_CREAT) != 0 ? va_arg(arg, unsigned) : 0;
    va_end(arg);
    bool was_there = fstatat(folder, name, &s, AT_SYMLINK_NOFOLLOW) == 0;
    int fd = (int)syscall(SYS_openat, folder, name, flags, mode);
    if (!disk.on || fd < 0 || (flags & O_CREAT) == 0)
        return fd;
    if (was_there) {
        if ((flags & O_TRUNC) != 0)
            disk_size(fd, 0);
        return fd;
    }
    assert_int_equal(fstat(fd, &s), 0);
    assert_true(disk.files < FILES_MAX);
    disk.inode[disk.files] = s.st_ino;
    struct op *o = disk_note(OP_CREATE);
    o->file = disk.files++;
    disk_path(folder, name, o->from);
    return fd;
}

/* ---- what a power cut leaves */

struct made_name {
    char path[OP_PATH];
    int file; /* -1: gone */
};

struct made {
    struct buf content[FILES_MAX];
    struct made_name name[NAMES_MAX];
    size_t names;
    size_t synced[FILES_MAX]; /* ops before it are on the disk */
};

static inline size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? 0 : (size_t)(slash - path);
}

/* Whether a sync before op `until` took the name's change to the disk. */
static inline bool name_is_synced(size_t i, size_t until)
{
    const char *path = disk.op[i].kind == OP_RENAME ? disk.op[i].to : disk.op[i].from;
    for (size_t k = i; k < until; k++) {
        const struct op *o = &disk.op[k];
        if (o->kind == OP_SYNC_ALL ||
            (o->kind == OP_SYNC_FOLDER && strlen(o->from) == folder_length(path) &&
             strncmp(o->from, path, folder_length(path)) == 0))
            return true;
    }
    return false;
}

static inline struct made_name *made_find(struct made *m, const char *path)
{
    for (size_t i = 0; i < m->names; i++)
        if (strcmp(m->name[i].path, path) == 0)
            return &m->name[i];
    assert_true(m->names < NAMES_MAX);
    struct made_name *x = &m->name[m->names++];
    (void)snprintf(x->path, sizeof x->path, "%s", path);
    x->file = -1;
    return x;
}

static inline void made_resize(struct buf *b, uint64_t size)
{
    if (size < b->n)
        b->n = (size_t)size;
    else if (size > b->n) {
        size_t more = (size_t)size - b->n;
        uint8_t *p = buf_extend(b, more);
        assert_non_null(p);
        memset(p, 0, more);
    }
}

static inline void made_write(struct buf *b, const struct op *o, bool whole, uint32_t loss)
{
    for (uint64_t at = 0; at < o->n;) {
        uint64_t room = OP_SECTOR - (o->at + at) % OP_SECTOR;
        uint64_t n = room < o->n - at ? room : o->n - at;
        if (whole || disk_chance(3) >= loss) {
            if (b->n < o->at + at + n)
                made_resize(b, o->at + at + n);
            memcpy(b->p + o->at + at, o->data + at, n);
        }
        at += n;
    }
}

static inline void made_change_name(struct made *m, const struct op *o)
{
    struct made_name *from = made_find(m, o->from);
    if (o->kind == OP_CREATE) {
        from->file = o->file;
    } else if (o->kind == OP_UNLINK) {
        from->file = -1;
    } else if (from->file >= 0) {
        int file = from->file;
        from->file = -1;
        made_find(m, o->to)->file = file;
    }
}

static inline bool is_of_a_name(const struct op *o)
{
    return o->kind == OP_CREATE || o->kind == OP_RENAME || o->kind == OP_UNLINK;
}

static inline void made_names(struct made *m, size_t until)
{
    size_t pending[2] = {0, 0}, lasting[2];
    for (size_t i = 0; i < until; i++)
        if (is_of_a_name(&disk.op[i]) && !name_is_synced(i, until))
            pending[disk_is_second(disk.op[i].from)]++;
    for (size_t i = 0; i < 2; i++)
        lasting[i] = pending[i] == 0 && i > 0 ? 0 : disk_chance((uint32_t)pending[i] + 1);
    for (size_t i = 0; i < until; i++) {
        if (!is_of_a_name(&disk.op[i]))
            continue;
        if (!name_is_synced(i, until)) {
            if (lasting[disk_is_second(disk.op[i].from)] == 0)
                continue;
            lasting[disk_is_second(disk.op[i].from)]--;
        }
        made_change_name(m, &disk.op[i]);
    }
}

static inline void made_contents(struct made *m, size_t until)
{
    uint32_t loss = disk_chance(4); /* of 3: none, some, most, all */
    for (size_t i = 0; i < until; i++) {
        const struct op *o = &disk.op[i];
        if (o->kind == OP_SYNC && o->file >= 0)
            m->synced[o->file] = i;
        for (int f = 0; o->kind == OP_SYNC_ALL && f < disk.files; f++)
            m->synced[f] = i;
    }
    for (size_t i = 0; i < until; i++) {
        const struct op *o = &disk.op[i];
        bool whole = o->file >= 0 && i < m->synced[o->file];
        if (o->kind == OP_WRITE)
            made_write(&m->content[o->file], o, whole, loss);
        else if (o->kind == OP_SIZE && (whole || disk_chance(2) == 0))
            made_resize(&m->content[o->file], o->n);
    }
}

static inline void make_folders(const char *path)
{
    char part[512];
    for (const char *p = strchr(path + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
        (void)snprintf(part, sizeof part, "%.*s", (int)(p - path), path);
        (void)mkdir(part, 0755);
    }
}

/* The folder as it may stand after a power cut behind the first `until` calls. */
static inline void disk_cut(size_t until, const char *folder)
{
    static struct made m;
    m.names = 0;
    memset(m.synced, 0, sizeof m.synced);
    for (int f = 0; f < disk.files; f++)
        m.content[f] = BUF_INIT(64 << 20);
    made_names(&m, until);
    made_contents(&m, until);
    for (size_t i = 0; i < m.names; i++) {
        char path[512];
        if (m.name[i].file < 0)
            continue;
        const struct buf *b = &m.content[m.name[i].file];
        (void)snprintf(path, sizeof path, "%s%s", folder, m.name[i].path);
        make_folders(path);
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        assert_true(fd >= 0);
        assert_int_equal(syscall(SYS_pwrite64, fd, b->p, b->n, 0), b->n);
        (void)close(fd);
    }
    for (int f = 0; f < disk.files; f++)
        buf_free(&m.content[f]);
}

static inline void disk_forget(void)
{
    for (size_t i = 0; i < disk.ops; i++)
        mem_free(disk.op[i].data);
    disk.ops = 0;
    disk.files = 0;
}

#endif

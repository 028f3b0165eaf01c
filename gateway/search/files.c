#include "search/files.h"

#include "base/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define DATA_FILE    "search.db"
#define JOURNAL_FILE "search.journal"

/* What SQLite allocates for an open file. */
struct file {
    sqlite3_file base;
    int fd;
    bool has_sums;
};

static const struct file *of(const sqlite3_file *f)
{
    return (const struct file *)(const void *)f;
}

static int failed(int otherwise)
{
    return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? SQLITE_FULL : otherwise;
}

/* ---- one file */

static int f_close(sqlite3_file *f)
{
    (void)f; /* the descriptor goes on: nothing can be opened any more */
    return SQLITE_OK;
}

static uint64_t sum_of(const void *page, sqlite3_int64 at)
{
    return bytes_hash(bytes_of(page, FILES_PAGE - FILES_SUM)) ^ (uint64_t)at;
}

static bool is_page(const struct file *f, int n, sqlite3_int64 at)
{
    return f->has_sums && n == FILES_PAGE && at % FILES_PAGE == 0;
}

static int f_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
    ssize_t got, done = 0;
    while (done < n &&
           (got = pread(of(f)->fd, (char *)to + done, (size_t)(n - done), at + done)) != 0) {
        if (got < 0 && errno != EINTR)
            return SQLITE_IOERR_READ;
        done += got > 0 ? got : 0;
    }
    if (done < n) {
        memset((char *)to + done, 0, (size_t)(n - done));
        return SQLITE_IOERR_SHORT_READ;
    }
    if (is_page(of(f), n, at)) {
        uint64_t sum;
        memcpy(&sum, (const char *)to + FILES_PAGE - FILES_SUM, sizeof sum);
        if (sum != sum_of(to, at))
            return SQLITE_CORRUPT;
    }
    return SQLITE_OK;
}

static int put(int fd, const char *from, size_t n, off_t at)
{
    while (n > 0) {
        ssize_t done = pwrite(fd, from, n, at);
        if (done < 0 && errno != EINTR)
            return failed(SQLITE_IOERR_WRITE);
        if (done > 0) {
            from += done;
            at += done;
            n -= (size_t)done;
        }
    }
    return SQLITE_OK;
}

static int f_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
    char page[FILES_PAGE];
    if (is_page(of(f), n, at)) {
        const uint64_t sum = sum_of(from, at);
        memcpy(page, from, FILES_PAGE - FILES_SUM);
        memcpy(page + FILES_PAGE - FILES_SUM, &sum, sizeof sum);
        from = page;
    }
    return put(of(f)->fd, from, (size_t)n, at);
}

static int f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return ftruncate(of(f)->fd, size) == 0 ? SQLITE_OK : failed(SQLITE_IOERR_TRUNCATE);
}

/* When it has to be on the disk say we (files_sync). */
static int f_sync(sqlite3_file *f, int flags)
{
    (void)f;
    (void)flags;
    return SQLITE_OK;
}

static int f_size(sqlite3_file *f, sqlite3_int64 *size)
{
    struct stat st;
    if (fstat(of(f)->fd, &st) != 0)
        return SQLITE_IOERR_FSTAT;
    *size = st.st_size;
    return SQLITE_OK;
}

/* This process has them alone (files_open), and one connection. */
static int f_lock(sqlite3_file *f, int level)
{
    (void)f;
    (void)level;
    return SQLITE_OK;
}

static int f_is_reserved(sqlite3_file *f, int *out)
{
    (void)f;
    *out = 0;
    return SQLITE_OK;
}

static int f_control(sqlite3_file *f, int what, void *arg)
{
    (void)f;
    (void)what;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int f_sector(sqlite3_file *f)
{
    (void)f;
    return FILES_PAGE;
}

static int f_traits(sqlite3_file *f)
{
    (void)f;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods methods = {.iVersion = 1,
                                           .xClose = f_close,
                                           .xRead = f_read,
                                           .xWrite = f_write,
                                           .xTruncate = f_truncate,
                                           .xSync = f_sync,
                                           .xFileSize = f_size,
                                           .xLock = f_lock,
                                           .xUnlock = f_lock,
                                           .xCheckReservedLock = f_is_reserved,
                                           .xFileControl = f_control,
                                           .xSectorSize = f_sector,
                                           .xDeviceCharacteristics = f_traits};

/* ---- the file system that has just these two */

static const struct files *files_of(const sqlite3_vfs *v)
{
    return v->pAppData;
}

static int v_open(sqlite3_vfs *v, const char *name, sqlite3_file *out, int flags, int *got)
{
    struct file *f = (struct file *)(void *)out;
    const bool is_data = (flags & SQLITE_OPEN_MAIN_DB) != 0;
    (void)name;
    *f = (struct file){0};
    if (!is_data && (flags & SQLITE_OPEN_MAIN_JOURNAL) == 0)
        return SQLITE_CANTOPEN;
    *f = (struct file){{&methods}, is_data ? files_of(v)->data : files_of(v)->journal, is_data};
    if (got != NULL)
        *got = flags;
    return SQLITE_OK;
}

static bool is_journal(const char *name)
{
    const size_t n = strlen(name);
    return n > 8 && strcmp(name + n - 8, "-journal") == 0;
}

static int v_delete(sqlite3_vfs *v, const char *name, int sync)
{
    (void)sync;
    if (is_journal(name) && ftruncate(files_of(v)->journal, 0) != 0)
        return SQLITE_IOERR_DELETE;
    return SQLITE_OK;
}

static int v_access(sqlite3_vfs *v, const char *name, int flags, int *out)
{
    struct stat st;
    (void)flags;
    *out = is_journal(name) && fstat(files_of(v)->journal, &st) == 0 && st.st_size > 0;
    return SQLITE_OK;
}

static int v_full_path(sqlite3_vfs *v, const char *name, int n, char *out)
{
    (void)v;
    (void)snprintf(out, (size_t)n, "%s", name);
    return SQLITE_OK;
}

static int v_random(sqlite3_vfs *v, int n, char *out)
{
    (void)v;
    return getrandom(out, (size_t)n, 0) == n ? n : 0;
}

static int v_sleep(sqlite3_vfs *v, int us)
{
    (void)v;
    return us;
}

/* No statement of ours asks for the time. */
static int v_time(sqlite3_vfs *v, double *out)
{
    (void)v;
    *out = 0;
    return SQLITE_OK;
}

int files_connect(struct files *f, sqlite3 **out)
{
    (void)snprintf(f->name, sizeof f->name, "search-%p", (void *)f);
    f->vfs = (sqlite3_vfs){.iVersion = 1,
                           .szOsFile = sizeof(struct file),
                           .mxPathname = 64,
                           .zName = f->name,
                           .pAppData = f,
                           .xOpen = v_open,
                           .xDelete = v_delete,
                           .xAccess = v_access,
                           .xFullPathname = v_full_path,
                           .xRandomness = v_random,
                           .xSleep = v_sleep,
                           .xCurrentTime = v_time};
    *out = NULL;
    int r = sqlite3_vfs_register(&f->vfs, 0);
    if (r == SQLITE_OK)
        r = sqlite3_open_v2("search", out,
                            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                            f->name);
    (void)sqlite3_vfs_unregister(&f->vfs); /* the connection has it; nobody else will */
    return r;
}

/* ---- opening */

static enum result open_one(int folder, const char *name, int *out)
{
    *out = openat(folder, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (*out < 0)
        return errno == ENOSPC || errno == EDQUOT ? RESULT_FULL : RESULT_IO;
    if (flock(*out, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? RESULT_EXISTS : RESULT_IO;
    return RESULT_OK;
}

enum result files_open(struct files *f, int folder)
{
    *f = (struct files){.data = -1, .journal = -1};
    enum result r = open_one(folder, DATA_FILE, &f->data);
    if (r == RESULT_OK)
        r = open_one(folder, JOURNAL_FILE, &f->journal);
    if (r != RESULT_OK)
        files_close(f);
    return r;
}

void files_close(struct files *f)
{
    if (f->data >= 0)
        (void)close(f->data);
    if (f->journal >= 0)
        (void)close(f->journal);
    f->data = f->journal = -1;
}

sqlite3_int64 files_size(const struct files *f)
{
    struct stat st;
    return fstat(f->data, &st) == 0 ? st.st_size : 0;
}

enum result files_empty(const struct files *f)
{
    return ftruncate(f->journal, 0) == 0 && ftruncate(f->data, 0) == 0 ? RESULT_OK : RESULT_IO;
}

enum result files_sync(const struct files *f)
{
    return fdatasync(f->data) == 0 && fdatasync(f->journal) == 0 ? RESULT_OK : RESULT_IO;
}

#include "journal/segment.h"

#include "base/mem.h"
#include "journal/file.h"
#include "journal/frame.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char RESERVE_NAME[] = "reserve", PREFIX[] = "segment-";

const char reserve_retired[] = "retired";

enum { DIGITS = 10, SPARES_MOST = 1024 };

void segment_name(uint32_t number, char out[SEGMENT_NAME])
{
    (void)snprintf(out, SEGMENT_NAME, "%s%010lu", PREFIX, (unsigned long)number);
}

/* The number that a name stands for; 0 when it is no such name. */
static uint32_t number_of(const char *name, const char *prefix)
{
    uint64_t number = 0;
    if (strlen(name) != sizeof PREFIX - 1 + DIGITS || strncmp(name, prefix, sizeof PREFIX - 1) != 0)
        return 0;
    for (const char *p = name + sizeof PREFIX - 1; *p != '\0'; p++) {
        if (*p < '0' || *p > '9')
            return 0;
        number = number * 10 + (uint64_t)(*p - '0');
    }
    return number > UINT32_MAX ? 0 : (uint32_t)number;
}

enum result segment_list(int folder, const char *prefix, uint32_t **number, size_t *count)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    if (dir == NULL) {
        if (fd >= 0)
            (void)close(fd);
        return RESULT_IO;
    }
    for (errno = 0; (entry = readdir(dir)) != NULL; errno = 0) {
        uint32_t n = number_of(entry->d_name, prefix);
        if (n == 0)
            continue;
        *number = mem_grow_array(*number, *count, *count + 1, sizeof **number);
        (*number)[(*count)++] = n;
    }
    enum result r = errno == 0 ? RESULT_OK : RESULT_IO;
    (void)closedir(dir);
    return r;
}

/* Takes the space at once, so that a full disk shows here; a file system that cannot will show it
 * when the zeros are written. */
static enum result allocate(int fd, uint64_t size)
{
    int failed;
    do
        failed = fallocate(fd, 0, 0, (off_t)size);
    while (failed != 0 && errno == EINTR);
    return failed == 0 || errno == EOPNOTSUPP ? RESULT_OK : file_result();
}

static enum result remove_if_there(int folder, const char *name)
{
    if (unlinkat(folder, name, 0) != 0 && errno != ENOENT)
        return file_result();
    return RESULT_OK;
}

enum result segment_create(int folder, const char *name, uint64_t size, int *fd)
{
    TRY(remove_if_there(folder, name));
    *fd = openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (*fd < 0)
        return file_result();
    enum result r = allocate(*fd, size);
    if (r != RESULT_OK) {
        (void)close(*fd);
        *fd = -1;
        (void)unlinkat(folder, name, 0);
    }
    return r;
}

enum result segment_extend(int fd, uint64_t size, uint64_t to)
{
    enum result r = allocate(fd, to);
    if (r == RESULT_OK)
        r = file_zero(fd, size, to);
    if (r == RESULT_FULL && ftruncate(fd, (off_t)size) != 0)
        return RESULT_IO;
    return r;
}

enum result segment_place(int folder, const char *from, uint32_t number)
{
    char name[SEGMENT_NAME];
    segment_name(number, name);
    if (renameat(folder, from, folder, name) != 0)
        return file_result();
    return folder_sync(folder);
}

/* ---- the reserve */

static void spare_name(uint32_t number, char out[SEGMENT_NAME])
{
    (void)snprintf(out, SEGMENT_NAME, "spare-%" PRIu32, number);
}

static bool has_size(const struct reserve *r, const char *name)
{
    struct stat s;
    return fstatat(r->folder, name, &s, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(s.st_mode) &&
           s.st_size == (off_t)r->size;
}

/* Whether the file's last life, which its first sector tells, was before this segment's. */
static bool is_older(int folder, const char *name, uint32_t segment)
{
    uint8_t sector[SECTOR];
    size_t got = 0;
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    enum result r = file_read(fd, 0, sector, sizeof sector, &got);
    (void)close(fd);
    return r == RESULT_OK && got == sizeof sector && sector_is_unwritten(sector, segment);
}

/* Whether a complete one of this number is there. */
static bool is_spare(const struct reserve *r, uint32_t number, uint32_t newest)
{
    char name[SEGMENT_NAME];
    spare_name(number, name);
    return has_size(r, name) && is_older(r->folder, name, newest);
}

/* From the last one on, so that a crash leaves no gap. */
static enum result remove_behind(const struct reserve *r)
{
    char name[SEGMENT_NAME];
    uint32_t last = r->ready;
    do
        spare_name(++last, name);
    while (faccessat(r->folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0);
    while (--last > r->ready) {
        spare_name(last, name);
        TRY(remove_if_there(r->folder, name));
    }
    return RESULT_OK;
}

enum result reserve_open(struct reserve *r, uint32_t newest)
{
    TRY(remove_if_there(r->folder, RESERVE_NAME));
    TRY(remove_if_there(r->folder, reserve_retired));
    while (r->ready < SPARES_MOST && is_spare(r, r->ready + 1, newest))
        r->ready++;
    return remove_behind(r);
}

/* The thread's part: one that is written whole is synced, and named by its owner. */
static enum result fill(struct reserve *r)
{
    if (r->fd < 0) {
        r->zeroed = 0;
        TRY(segment_create(r->folder, RESERVE_NAME, r->size, &r->fd));
    }
    TRY(file_zero_ahead(r->fd, r->zeroed, r->to));
    r->zeroed = r->to;
    return r->zeroed < r->size ? RESULT_OK : file_sync(r->fd);
}

static void make(void *arg)
{
    struct reserve *r = arg;
    r->result = fill(r);
    r->error = errno;
}

static enum result add_spare(struct reserve *r, const char *from)
{
    char name[SEGMENT_NAME];
    spare_name(r->ready + 1, name);
    if (renameat(r->folder, from, r->folder, name) != 0)
        return file_result();
    r->ready++;
    return RESULT_OK;
}

static enum result complete(struct reserve *r)
{
    int fd = r->fd;
    TRY(add_spare(r, RESERVE_NAME));
    r->fd = -1;
    return close(fd) == 0 ? RESULT_OK : RESULT_IO;
}

static enum result drop(struct reserve *r)
{
    if (r->fd >= 0)
        (void)close(r->fd);
    r->fd = -1;
    TRY(remove_if_there(r->folder, RESERVE_NAME));
    return RESULT_FULL;
}

/* What became of what was being made. */
static enum result take_back(struct reserve *r)
{
    r->is_making = false;
    errno = r->error;
    r->full = r->result == RESULT_FULL;
    if (r->full)
        return drop(r);
    TRY(r->result);
    return r->zeroed == r->size ? complete(r) : RESULT_OK;
}

static struct aside *helper(const struct reserve *r)
{
    return r->full ? NULL : r->aside;
}

static enum result advance(struct reserve *r, uint32_t bytes)
{
    struct aside *aside = helper(r);
    uint32_t from = r->fd < 0 ? 0 : r->zeroed;
    r->to = aside == NULL && bytes < r->size - from ? from + bytes : r->size;
    r->is_making = true;
    aside_do(aside, make, r);
    return aside == NULL ? take_back(r) : RESULT_OK;
}

/* It is another's for now, when it makes nothing of this one. */
static bool is_busy(const struct reserve *r)
{
    return !aside_is_done(helper(r));
}

enum result reserve_advance(struct reserve *r, uint32_t bytes)
{
    if (is_busy(r))
        return RESULT_OK;
    if (r->is_making)
        TRY(take_back(r));
    return r->ready >= r->most ? RESULT_OK : advance(r, bytes);
}

static enum result make_now(struct reserve *r)
{
    aside_wait(r->aside);
    if (r->is_making)
        TRY(take_back(r));
    while (r->ready == 0) {
        TRY(advance(r, r->size));
        aside_wait(r->aside);
        if (r->is_making)
            TRY(take_back(r));
    }
    return RESULT_OK;
}

enum result reserve_keep_retired(struct reserve *r)
{
    return add_spare(r, reserve_retired);
}

bool reserve_wants(const struct reserve *r, const char *name, uint32_t beside)
{
    const uint32_t most = beside < SPARES_MOST - r->most ? r->most + beside : SPARES_MOST;
    return r->ready < most && has_size(r, name);
}

void reserve_close(struct reserve *r)
{
    aside_wait(r->aside);
    if (r->fd >= 0)
        (void)close(r->fd);
    r->fd = -1;
}

enum result reserve_take(struct reserve *r, const char *name, int *fd)
{
    char spare[SEGMENT_NAME];
    if (r->ready == 0)
        TRY(make_now(r));
    spare_name(r->ready, spare);
    *fd = openat(r->folder, spare, O_RDWR | O_CLOEXEC);
    if (*fd < 0)
        return RESULT_IO;
    if (renameat(r->folder, spare, r->folder, name) != 0) {
        (void)close(*fd);
        return file_result();
    }
    r->ready--;
    return RESULT_OK;
}

#include "journal/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ZEROS = 256 << 10, NAME_ROOM = 64, PAGE = 4096 };

enum result file_result(void)
{
    switch (errno) {
    case ENOSPC:
    case EDQUOT: return RESULT_FULL;
    case ENOENT: return RESULT_NOT_FOUND;
    default: return RESULT_IO;
    }
}

enum result file_write(int fd, uint64_t at, struct bytes b)
{
    while (b.n > 0) {
        ssize_t n = pwrite(fd, b.p, b.n, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return file_result();
        b = bytes_of(b.p + n, b.n - (size_t)n);
        at += (uint64_t)n;
    }
    return RESULT_OK;
}

enum result file_read(int fd, uint64_t at, void *to, size_t n, size_t *got)
{
    uint8_t *p = to;
    *got = 0;
    while (*got < n) {
        ssize_t part = pread(fd, p + *got, n - *got, (off_t)(at + *got));
        if (part < 0 && errno == EINTR)
            continue;
        if (part < 0)
            return file_result();
        if (part == 0)
            break;
        *got += (size_t)part;
    }
    return RESULT_OK;
}

static const _Alignas(PAGE) uint8_t zeros[ZEROS];

enum result file_zero(int fd, uint64_t from, uint64_t to)
{
    for (uint64_t at = from; at < to; at += ZEROS)
        TRY(file_write(fd, at, bytes_of(zeros, to - at < ZEROS ? (size_t)(to - at) : ZEROS)));
    (void)sync_file_range(fd, (off_t)from, (off_t)(to - from), SYNC_FILE_RANGE_WRITE);
    return RESULT_OK;
}

static bool set_flags(int fd, int flags)
{
    return fcntl(fd, F_SETFL, flags) == 0;
}

enum result file_zero_ahead(int fd, uint64_t from, uint64_t to)
{
    int flags = fcntl(fd, F_GETFL);
    uint64_t at = from;
    if (flags >= 0 && from % PAGE == 0 && to % PAGE == 0 && set_flags(fd, flags | O_DIRECT)) {
        enum result r = RESULT_OK;
        for (; r == RESULT_OK && at < to; at += r == RESULT_OK ? ZEROS : 0)
            r = file_write(fd, at, bytes_of(zeros, to - at < ZEROS ? (size_t)(to - at) : ZEROS));
        bool cannot = r != RESULT_OK && errno == EINVAL;
        if (!set_flags(fd, flags))
            return RESULT_IO;
        if (r != RESULT_OK && !cannot)
            return r;
    }
    return at < to ? file_zero(fd, at, to) : RESULT_OK;
}

enum result file_size(int fd, uint64_t *size)
{
    struct stat s;
    if (fstat(fd, &s) != 0)
        return file_result();
    *size = (uint64_t)s.st_size;
    return RESULT_OK;
}

enum result file_sync(int fd)
{
    return fdatasync(fd) == 0 ? RESULT_OK : RESULT_IO;
}

enum result folder_sync(int folder)
{
    return fsync(folder) == 0 ? RESULT_OK : RESULT_IO;
}

static enum result write_new(int folder, const char *name, struct bytes content)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return file_result();
    enum result r = file_write(fd, 0, content);
    if (r == RESULT_OK)
        r = file_sync(fd);
    if (close(fd) != 0 && r == RESULT_OK)
        r = RESULT_IO;
    return r;
}

static enum result name_beside(const char *name, char out[NAME_ROOM])
{
    return snprintf(out, NAME_ROOM, "%s.new", name) < NAME_ROOM ? RESULT_OK : RESULT_STATE;
}

enum result file_replace(int folder, const char *name, struct bytes content)
{
    char beside[NAME_ROOM];
    TRY(name_beside(name, beside));
    TRY(write_new(folder, beside, content));
    if (renameat(folder, beside, folder, name) != 0)
        return file_result();
    return folder_sync(folder);
}

/* ---- so that no free block has what was there */

static enum result erase(int fd)
{
    uint64_t size;
    TRY(file_size(fd, &size));
    TRY(file_zero(fd, 0, size));
    return file_sync(fd);
}

enum result file_erase_left(int folder, const char *name)
{
    char beside[NAME_ROOM];
    TRY(name_beside(name, beside));
    int fd = openat(folder, beside, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? RESULT_OK : file_result();
    enum result r = erase(fd);
    (void)close(fd);
    if (r == RESULT_OK && unlinkat(folder, beside, 0) != 0)
        r = file_result();
    return r;
}

/* The old one keeps a name, so that a crash does not lose it; not where there is none, nor where
 * the file system cannot. */
static enum result exchange(int folder, const char *beside, const char *name)
{
    if (renameat2(folder, beside, folder, name, RENAME_EXCHANGE) != 0 &&
        ((errno != ENOENT && errno != EINVAL) || renameat(folder, beside, folder, name) != 0))
        return file_result();
    return folder_sync(folder);
}

enum result file_replace_erasing(int folder, const char *name, struct bytes content)
{
    char beside[NAME_ROOM];
    TRY(name_beside(name, beside));
    TRY(file_erase_left(folder, name));
    TRY(write_new(folder, beside, content));
    int old = openat(folder, name, O_WRONLY | O_CLOEXEC);
    if (old < 0 && errno != ENOENT)
        return file_result();
    enum result r = exchange(folder, beside, name);
    if (r == RESULT_OK && old >= 0)
        r = erase(old);
    if (old >= 0)
        (void)close(old);
    if (r == RESULT_OK && unlinkat(folder, beside, 0) != 0 && errno != ENOENT)
        r = file_result();
    return r;
}

#include "fuzz.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void fuzz_fails(const char *condition, const char *file, unsigned line)
{
    (void)fprintf(stderr, "%s:%u: does not hold: %s\n", file, line, condition);
    abort();
}

uint8_t fuzz_byte(struct cursor *in)
{
    uint8_t v = 0;
    if (in->left > 0 && cursor_u8(in, &v) != RESULT_OK)
        return 0;
    return v;
}

uint16_t fuzz_u16(struct cursor *in)
{
    uint16_t high = fuzz_byte(in);
    return (uint16_t)(high << 8 | fuzz_byte(in));
}

struct bytes fuzz_piece(struct cursor *in)
{
    struct bytes piece;
    size_t n = fuzz_byte(in);
    HOLDS(cursor_take(in, n < in->left ? n : in->left, &piece) == RESULT_OK);
    return piece;
}

/* ---- files */

static char folder_path[256];

static int remove_one(const char *path, const struct stat *s, int type, struct FTW *walk)
{
    (void)s;
    (void)type;
    (void)walk;
    return remove(path);
}

static void remove_all(const char *path)
{
    HOLDS(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT);
}

static void remove_folder(void)
{
    remove_all(folder_path);
}

int fuzz_folder(void)
{
    static int fd = -1;
    if (fd >= 0)
        return fd;
    const char *in = getenv("TMPDIR");
    (void)snprintf(folder_path, sizeof folder_path, "%s/fedgate-fuzz-XXXXXX",
                   in == NULL ? "/tmp" : in);
    HOLDS(mkdtemp(folder_path) != NULL && atexit(remove_folder) == 0);
    fd = open(folder_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    HOLDS(fd >= 0);
    return fd;
}

int fuzz_folder_empty(const char *name)
{
    char path[sizeof folder_path + 32];
    int all = fuzz_folder();
    (void)snprintf(path, sizeof path, "%s/%s", folder_path, name);
    remove_all(path);
    fuzz_folder_make(all, name);
    int fd = openat(all, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    HOLDS(fd >= 0);
    return fd;
}

void fuzz_file_write(int folder, const char *path, struct bytes content)
{
    int fd = openat(folder, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    HOLDS(fd >= 0 && write(fd, content.p, content.n) == (ssize_t)content.n);
    HOLDS(close(fd) == 0);
}

struct bytes fuzz_file_read(int folder, const char *path)
{
    struct stat s;
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return bytes_of(NULL, 0);
    HOLDS(fd >= 0 && fstat(fd, &s) == 0);
    uint8_t *content = mem_new((size_t)s.st_size + 1);
    HOLDS(read(fd, content, (size_t)s.st_size) == s.st_size && close(fd) == 0);
    return bytes_of(content, (size_t)s.st_size);
}

void fuzz_file_remove(int folder, const char *path)
{
    HOLDS(unlinkat(folder, path, 0) == 0 || errno == ENOENT);
}

void fuzz_folder_make(int folder, const char *path)
{
    HOLDS(mkdirat(folder, path, 0700) == 0 || errno == EEXIST);
}

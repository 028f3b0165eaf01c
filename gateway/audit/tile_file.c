#include "audit/tile_file.h"

#include "audit/note.h"
#include "audit/tower.h"
#include "base/cursor.h"
#include "journal/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GROUPS = 7 /* of three digits: 2^64 has twenty */, BEGUN_LEAST = 64 << 10 };

/* "x001/x234/067" (tlog-tiles, Merkle Tree), without what is not needed in front. */
static void number_path(uint64_t number, char out[TILE_PATH])
{
    unsigned group[GROUPS];
    size_t n = 0, at = 0;
    do {
        group[n++] = (unsigned)(number % 1000);
        number /= 1000;
    } while (number > 0);
    while (n > 0) {
        n--;
        at += (size_t)snprintf(out + at, TILE_PATH - at, n > 0 ? "x%03u/" : "%03u", group[n]);
    }
}

void tile_path(int level, uint64_t number, unsigned width, char out[TILE_PATH])
{
    char name[16] = "tile/entries", of[TILE_PATH], partial[16] = "";
    if (level >= 0)
        (void)snprintf(name, sizeof name, "tile/%d", level);
    else if (level == LEVEL_FACTS)
        (void)snprintf(name, sizeof name, "register");
    if (width > 0)
        (void)snprintf(partial, sizeof partial, ".p/%u", width);
    number_path(number, of);
    (void)snprintf(out, TILE_PATH, "%s/%.48s%s", name, of, partial);
}

static bool take_level(struct bytes part, int *level)
{
    uint64_t n;
    *level = LEVEL_ENTRIES;
    if (bytes_is(part, "entries"))
        return true;
    if (!checkpoint_number(part, &n) || n >= TOWER_LEVELS)
        return false;
    *level = (int)n;
    return true;
}

/* One group of three digits; all but the last have an x in front. */
static bool take_group(struct bytes part, uint64_t *number)
{
    uint64_t group = 0;
    if (part.n != 3 && part.n != 4)
        return false;
    for (size_t i = part.n - 3; i < part.n; i++) {
        if (part.p[i] < '0' || part.p[i] > '9')
            return false;
        group = group * 10 + (uint64_t)(part.p[i] - '0');
    }
    if (*number > (UINT64_MAX - group) / 1000)
        return false;
    *number = *number * 1000 + group;
    return true;
}

/* Takes the width of a partial tile off the end; 0: there is none. */
static bool take_width(struct bytes *text, unsigned *width)
{
    size_t n = text->n;
    uint64_t w;
    *width = 0;
    while (n > 0 && text->p[n - 1] != '/')
        n--;
    if (n < 4 || memcmp(text->p + n - 3, ".p/", 3) != 0)
        return true;
    if (!checkpoint_number(bytes_of(text->p + n, text->n - n), &w) || w >= TILE_WIDTH)
        return false;
    *width = (unsigned)w;
    text->n = n - 3;
    return *width > 0;
}

/* Reads loosely: what was read is right if it writes the same path. */
bool tile_path_read(struct bytes text, int *level, uint64_t *number, unsigned *width)
{
    struct bytes rest = text, part;
    char again[TILE_PATH];
    *number = 0;
    if (text.n >= TILE_PATH || !take_width(&rest, width))
        return false;
    struct cursor c = cursor_over(rest);
    if (cursor_until(&c, '/', &part) != RESULT_OK || cursor_until(&c, '/', &part) != RESULT_OK ||
        !take_level(part, level))
        return false;
    while (cursor_until(&c, '/', &part) == RESULT_OK)
        if (!take_group(part, number))
            return false;
    if (!take_group(bytes_of(c.at, c.left), number))
        return false;
    tile_path(*level, *number, *width, again);
    return bytes_is(text, again);
}

/* ---- writing */

static enum result make_folders(int folder, const char *path)
{
    char parent[TILE_PATH];
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        (void)snprintf(parent, sizeof parent, "%.*s", (int)(slash - path), path);
        if (mkdirat(folder, parent, 0755) != 0 && errno != EEXIST)
            return file_result();
    }
    return RESULT_OK;
}

/* Its writing to the disk is begun, so that little is left for the sync of all; not for a small
 * one, for each beginning is a request of its own to the disk. */
enum result tile_write(int folder, const char *path, struct bytes content)
{
    const int how = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
    int fd = openat(folder, path, how, 0644);
    if (fd < 0 && errno == ENOENT) {
        TRY(make_folders(folder, path));
        fd = openat(folder, path, how, 0644);
    }
    if (fd < 0)
        return file_result();
    enum result r = file_write(fd, 0, content);
    if (content.n >= BEGUN_LEAST)
        (void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    if (close(fd) != 0 && r == RESULT_OK)
        r = RESULT_IO;
    return r;
}

static enum result empty_folder(int fd)
{
    DIR *dir = fdopendir(fd);
    const struct dirent *entry;
    if (dir == NULL) {
        (void)close(fd);
        return RESULT_IO;
    }
    enum result r = RESULT_OK;
    while (r == RESULT_OK && (entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.' && unlinkat(fd, entry->d_name, 0) != 0)
            r = file_result();
    (void)closedir(dir);
    return r;
}

enum result tile_remove_partials(int folder, int level, uint64_t number)
{
    char path[TILE_PATH], partials[TILE_PATH + 2];
    tile_path(level, number, 0, path);
    (void)snprintf(partials, sizeof partials, "%s.p", path);
    int fd = openat(folder, partials, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? RESULT_OK : file_result();
    TRY(empty_folder(fd));
    return unlinkat(folder, partials, AT_REMOVEDIR) == 0 ? RESULT_OK : file_result();
}

/* ---- reading */

static enum result read_open(int fd, struct buf *out)
{
    uint64_t size;
    size_t before = out->n, got;
    TRY(file_size(fd, &size));
    uint8_t *to = buf_extend(out, (size_t)size);
    if (to == NULL)
        return RESULT_TOO_LARGE;
    TRY(file_read(fd, 0, to, (size_t)size, &got));
    out->n = before + got;
    return RESULT_OK;
}

/* A folder may come from somebody else: a pipe in it is not waited for, and a link does not lead to
 * what the reader alone may see, which an export would then hand on. */
enum result tile_read_file(int folder, const char *path, struct buf *out)
{
    int fd = openat(folder, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return file_result();
    enum result r = read_open(fd, out);
    (void)close(fd);
    return r;
}

enum result tiles_read(int folder, int level, uint64_t number, unsigned width, struct buf *out)
{
    char path[TILE_PATH];
    tile_path(level, number, width, path);
    return tile_read_file(folder, path, out);
}

enum result tile_read_either(int folder, int level, uint64_t number, unsigned width,
                             struct buf *out, bool *longer)
{
    enum result r = tiles_read(folder, level, number, width, out);
    *longer = r == RESULT_NOT_FOUND && width > 0;
    return *longer ? tiles_read(folder, level, number, 0, out) : r;
}

enum result tiles_read_checkpoint(int folder, struct buf *out)
{
    return tile_read_file(folder, "checkpoint", out);
}

static enum result
each_of_bundle(int folder, uint64_t number, unsigned count, struct buf *bundle,
               enum result (*each)(void *arg, uint64_t index, struct bytes entry), void *arg)
{
    bool longer;
    buf_clear(bundle);
    TRY(tile_read_either(folder, LEVEL_ENTRIES, number, count % TILE_WIDTH, bundle, &longer));
    struct cursor c = cursor_over(buf_view(bundle));
    for (unsigned i = 0; i < count; i++) {
        struct bytes entry;
        if (cursor_bytes16(&c, &entry) != RESULT_OK)
            return RESULT_MALFORMED;
        TRY(each(arg, number * TILE_WIDTH + i, entry));
    }
    return RESULT_OK;
}

/* How many entries of a log of this size stand in the bundle that begins at `at`. */
static unsigned count_at(uint64_t size, uint64_t at)
{
    return size - at < TILE_WIDTH ? (unsigned)(size - at) : TILE_WIDTH;
}

enum result tiles_each_of(int folder, uint64_t size, uint64_t index,
                          enum result (*each)(void *arg, uint64_t index, struct bytes entry),
                          void *arg)
{
    uint64_t number = index / TILE_WIDTH;
    struct buf bundle = BUF_INIT(TILE_BUNDLE_MAX);
    if (index >= size)
        return RESULT_NOT_FOUND;
    enum result r =
        each_of_bundle(folder, number, count_at(size, number * TILE_WIDTH), &bundle, each, arg);
    buf_free(&bundle);
    return r;
}

/* Entries may be absent, their hashes never: without them nothing says that there were any but the
 * size of a checkpoint, which anybody can write. */
static bool has_hashes(int folder, uint64_t number, unsigned count)
{
    char path[TILE_PATH];
    tile_path(0, number, count % TILE_WIDTH, path);
    if (faccessat(folder, path, F_OK, 0) == 0)
        return true;
    tile_path(0, number, 0, path);
    return faccessat(folder, path, F_OK, 0) == 0;
}

enum result tiles_each_there(int folder, uint64_t size,
                             enum result (*each)(void *arg, uint64_t index, struct bytes entry),
                             void *arg, uint64_t *absent)
{
    struct buf bundle = BUF_INIT(TILE_BUNDLE_MAX);
    enum result r = RESULT_OK;
    for (uint64_t at = 0; r == RESULT_OK && at < size; at += TILE_WIDTH) {
        unsigned count = count_at(size, at);
        r = each_of_bundle(folder, at / TILE_WIDTH, count, &bundle, each, arg);
        if (r == RESULT_NOT_FOUND && absent != NULL && has_hashes(folder, at / TILE_WIDTH, count)) {
            *absent += count;
            r = RESULT_OK;
        }
    }
    buf_free(&bundle);
    return r;
}

enum result tiles_each(int folder, uint64_t size,
                       enum result (*each)(void *arg, uint64_t index, struct bytes entry),
                       void *arg)
{
    return tiles_each_there(folder, size, each, arg, NULL);
}

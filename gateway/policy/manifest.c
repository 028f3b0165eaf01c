/* The list of a set's files: found in the folder, read from set.yaml, written into it. */
#include "base/cursor.h"
#include "base/mem.h"
#include "policy/seal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 4, FILE_MAX = 64 << 20, PIECE = 65536 };

void manifest_free(struct manifest *m)
{
    mem_free(m->file);
    *m = (struct manifest){0};
}

/* Where the path stands, or would stand. */
static size_t place_of(const struct manifest *m, const char *path)
{
    size_t low = 0, high = m->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(m->file[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct manifest_file *manifest_get(const struct manifest *m, const char *path)
{
    size_t i = place_of(m, path);
    return i < m->count && strcmp(m->file[i].path, path) == 0 ? &m->file[i] : NULL;
}

bool manifest_add(struct manifest *m, const char *path, const uint8_t sha256[SHA256_BYTES])
{
    size_t at = place_of(m, path);
    if (m->count == SEAL_FILES_MAX || strlen(path) >= SEAL_PATH || manifest_get(m, path) != NULL)
        return false;
    if (m->count == m->room) {
        m->file = mem_grow_array(m->file, m->room, 2 * m->room + 64, sizeof *m->file);
        m->room = 2 * m->room + 64;
    }
    memmove(m->file + at + 1, m->file + at, (m->count - at) * sizeof *m->file);
    m->count++;
    m->file[at] = (struct manifest_file){0};
    (void)snprintf(m->file[at].path, SEAL_PATH, "%s", path);
    memcpy(m->file[at].sha256, sha256, SHA256_BYTES);
    return true;
}

/* ---- what the folder has */

/* Hashes what is left of a file, and copies it to `to` unless that is -1. */
static enum result digest_file(int fd, int to, uint8_t out[SHA256_BYTES])
{
    struct hasher *h = hasher_new();
    uint8_t *piece = mem_room(PIECE);
    size_t total = 0;
    ssize_t n;
    enum result r = RESULT_OK;
    hasher_begin(h);
    while (r == RESULT_OK && (n = read(fd, piece, PIECE)) != 0) {
        if (n < 0 || (to >= 0 && write(to, piece, (size_t)n) != n))
            r = RESULT_IO;
        else if ((total += (size_t)n) > FILE_MAX)
            r = RESULT_TOO_LARGE;
        else
            hasher_add(h, bytes_of(piece, (size_t)n));
    }
    hasher_end(h, out);
    mem_free(piece);
    hasher_free(h);
    return r;
}

static enum result add_file(int fd, const char *path, struct manifest *m)
{
    uint8_t sha256[SHA256_BYTES];
    TRY(digest_file(fd, -1, sha256));
    return manifest_add(m, path, sha256) ? RESULT_OK : RESULT_TOO_LARGE;
}

static enum result list_folder(int fd, const char *prefix, unsigned depth, struct manifest *m,
                               char path[SEAL_PATH]);

/* Of the set's own folder, set.yaml and signatures/ are left out. */
static enum result list_entry(int folder, const char *prefix, const char *name, unsigned depth,
                              struct manifest *m, char path[SEAL_PATH])
{
    struct stat st;
    bool top = prefix[0] == '\0';
    if (name[0] == '.' ||
        (top && (strcmp(name, "set.yaml") == 0 || strcmp(name, "signatures") == 0)))
        return RESULT_OK;
    if (snprintf(path, SEAL_PATH, "%s%s%s", prefix, top ? "" : "/", name) >= SEAL_PATH)
        return RESULT_TOO_LARGE;
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ELOOP || errno == ENXIO ? RESULT_DENIED : RESULT_IO;
    enum result r = fstat(fd, &st) != 0 ? RESULT_IO : RESULT_DENIED;
    if (r == RESULT_DENIED && S_ISREG(st.st_mode))
        r = add_file(fd, path, m);
    else if (r == RESULT_DENIED && S_ISDIR(st.st_mode)) {
        char inner[SEAL_PATH];
        (void)snprintf(inner, sizeof inner, "%s", path);
        if (depth < DEPTH_MAX)
            return list_folder(fd, inner, depth + 1, m, path);
        r = RESULT_TOO_LARGE;
    }
    (void)close(fd);
    return r;
}

/* Takes the descriptor over. */
static enum result list_folder(int fd, const char *prefix, unsigned depth, struct manifest *m,
                               char path[SEAL_PATH])
{
    DIR *dir = fdopendir(fd);
    const struct dirent *e;
    enum result r = dir == NULL ? RESULT_IO : RESULT_OK;
    while (r == RESULT_OK && (e = readdir(dir)) != NULL)
        r = list_entry(fd, prefix, e->d_name, depth, m, path);
    if (dir == NULL)
        (void)close(fd);
    else
        (void)closedir(dir);
    return r;
}

enum result manifest_list(int folder, struct manifest *out, char path[SEAL_PATH])
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    path[0] = '\0';
    return fd < 0 ? RESULT_IO : list_folder(fd, "", 0, out, path);
}

void manifest_digest(const struct manifest *m, const uint8_t set_sha256[SHA256_BYTES],
                     uint8_t out[SHA256_BYTES])
{
    struct buf text = BUF_INIT(1 << 20);
    struct hasher *h = hasher_new();
    buf_put(&text, set_sha256, SHA256_BYTES);
    for (size_t i = 0; i < m->count; i++) {
        buf_put(&text, m->file[i].path, strlen(m->file[i].path) + 1);
        buf_put(&text, m->file[i].sha256, SHA256_BYTES);
    }
    const struct bytes all = buf_view(&text);
    hasher_sha256(h, &all, 1, out);
    hasher_free(h);
    buf_free(&text);
}

/* ---- set.yaml */

/* The next line with its end. */
static struct bytes next_line(struct bytes text, size_t at)
{
    const uint8_t *end = memchr(text.p + at, '\n', text.n - at);
    return bytes_of(text.p + at, end == NULL ? text.n - at : (size_t)(end - text.p) + 1 - at);
}

static bool is_indented(struct bytes line)
{
    return line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t');
}

/* Where `files` stands: its line and the indented ones behind it; at the end when nowhere. */
static void find_files(struct bytes text, size_t *begin, size_t *end)
{
    size_t at = 0;
    *begin = *end = text.n;
    while (at < text.n) {
        struct bytes line = next_line(text, at);
        if (bytes_begins(line, "files:")) {
            *begin = at;
            for (at += line.n; at < text.n && is_indented(line = next_line(text, at));)
                at += line.n;
            *end = at;
            return;
        }
        at += line.n;
    }
}

static void put_path(struct buf *out, const char *path)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
    bool quote = path[strspn(path, plain)] != '\0';
    buf_printf(out, quote ? "  \"%s\": " : "  %s: ", path);
}

enum result manifest_write(const struct manifest *m, struct bytes set_yaml, struct buf *out)
{
    size_t begin, end;
    find_files(set_yaml, &begin, &end);
    struct bytes head = begin < set_yaml.n ? next_line(set_yaml, begin) : bytes_of(NULL, 0);
    for (size_t i = strlen("files:"); i < head.n; i++)
        if (strchr(" \t\r\n", head.p[i]) == NULL && head.p[i] != '#')
            return RESULT_MALFORMED; /* in braces: on one line */
        else if (head.p[i] == '#')
            break;
    buf_put(out, set_yaml.p, begin);
    if (begin > 0 && set_yaml.p[begin - 1] != '\n')
        buf_text(out, "\n");
    if (head.n > 0)
        buf_put(out, head.p, head.n); /* with its comment */
    else
        buf_text(out, "files:   # SHA-256 of every file; fedgatectl policy seal writes them\n");
    for (size_t i = 0; i < m->count; i++) {
        char hex[2 * SHA256_BYTES + 1];
        if (strpbrk(m->file[i].path, "\"\\\n\r\t") != NULL)
            return RESULT_MALFORMED;
        bytes_to_hex(bytes_of(m->file[i].sha256, SHA256_BYTES), hex);
        put_path(out, m->file[i].path);
        buf_printf(out, "%s\n", hex);
    }
    buf_put(out, set_yaml.p + end, set_yaml.n - end);
    return buf_status(out);
}

/* ---- the archive */

/* The folders of a path, below `to`. */
static enum result make_parents(int to, const char *path)
{
    char parent[SEAL_PATH];
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        (void)snprintf(parent, sizeof parent, "%.*s", (int)(slash - path), path);
        if (mkdirat(to, parent, 0700) != 0 && errno != EEXIST)
            return RESULT_IO;
    }
    return RESULT_OK;
}

/* `sha256` NULL: whatever it is. It is on its way to the disk then, not there. */
static enum result copy_file(int from, int to, const char *path, const uint8_t *sha256)
{
    uint8_t is[SHA256_BYTES];
    TRY(make_parents(to, path));
    int in = openat(from, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    int out = openat(to, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    enum result r = in < 0 || out < 0 ? RESULT_IO : digest_file(in, out, is);
    if (r == RESULT_OK && sha256 != NULL && memcmp(is, sha256, SHA256_BYTES) != 0)
        r = RESULT_MISMATCH;
    if (r == RESULT_OK)
        (void)sync_file_range(out, 0, 0, SYNC_FILE_RANGE_WRITE);
    if (in >= 0)
        (void)close(in);
    if (out >= 0)
        (void)close(out);
    return r;
}

static enum result copy_signatures(int folder, int to)
{
    struct manifest m = {0};
    char path[SEAL_PATH], whole[SEAL_PATH + 16];
    int fd = openat(folder, "signatures", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? RESULT_OK : RESULT_IO;
    enum result r = manifest_list(fd, &m, path);
    (void)close(fd);
    for (size_t i = 0; r == RESULT_OK && i < m.count; i++) {
        (void)snprintf(whole, sizeof whole, "signatures/%s", m.file[i].path);
        r = copy_file(folder, to, whole, m.file[i].sha256);
    }
    manifest_free(&m);
    return r;
}

enum result manifest_copy(const struct manifest *m, int folder, int to,
                          const uint8_t set_sha256[SHA256_BYTES])
{
    for (size_t i = 0; i < m->count; i++)
        TRY(copy_file(folder, to, m->file[i].path, m->file[i].sha256));
    TRY(copy_signatures(folder, to));
    if (syncfs(to) != 0) /* with all folders: a sync for each file would hold up the activation */
        return RESULT_IO;
    TRY(copy_file(folder, to, "set.yaml", set_sha256));
    return syncfs(to) == 0 ? RESULT_OK : RESULT_IO;
}

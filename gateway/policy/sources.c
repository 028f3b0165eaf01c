/* Files of a policy set, and values that several of them have. */
#include "policy/builder.h"

#include "base/limits.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void fail_file(struct compilation *c, const char *path, enum diagnose_code code,
                      const char *a1, const char *a2)
{
    const struct diagnose_place w = {path, {0}, 0, 0, 0};
    diagnose_add(c->reader.d, code, &w, a1, a2, NULL);
}

/* 0, an errno, or EFBIG when there is more than `most`. */
static int read_all(int fd, size_t most, struct buf *out)
{
    for (;;) {
        uint8_t *room = buf_reserve(out, 65536);
        ssize_t n = room == NULL ? 0 : read(fd, room, 65536);
        if (n < 0)
            return errno;
        out->n += (size_t)n;
        if (room == NULL || out->n > most)
            return EFBIG;
        if (n == 0)
            return 0;
    }
}

static const struct policy_instead *instead_of(const struct compilation *c, int folder,
                                               const char *path)
{
    const struct policy_sources *s = c->sources;
    for (size_t i = 0; i < s->insteads && folder == s->folder; i++)
        if (strcmp(s->instead[i].path, path) == 0)
            return &s->instead[i];
    return NULL;
}

bool source_is_there(const struct compilation *c, int folder, const char *path)
{
    return instead_of(c, folder, path) != NULL || faccessat(folder, path, F_OK, 0) == 0;
}

/* Waits for nobody: what is no file may be a pipe that nothing is ever written to. */
static int read_file(int fd, size_t most, struct buf *out)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return errno;
    return S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) ? read_all(fd, most, out) : EINVAL;
}

/* What stands in for a file is as its owner has it: bounded there. */
bool source_bytes(struct compilation *c, int folder, const char *path, size_t most, struct buf *out)
{
    char limit[24];
    const struct policy_instead *instead = instead_of(c, folder, path);
    if (instead != NULL) {
        buf_put(out, instead->text.p, instead->text.n);
        return true;
    }
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    int error = fd < 0 ? errno : read_file(fd, most, out);
    if (fd >= 0)
        (void)close(fd);
    (void)snprintf(limit, sizeof limit, "%zu", most);
    if (error == ENOENT)
        fail_file(c, path, DIAGNOSE_FILE_MISSING, path, NULL);
    else if (error == EFBIG)
        fail_file(c, path, DIAGNOSE_FILE_TOO_LARGE, limit, NULL);
    else if (error == ELOOP)
        fail_file(c, path, DIAGNOSE_FILE_LINK, NULL, NULL);
    else if (error != 0)
        fail_file(c, path, DIAGNOSE_FILE_UNREADABLE, strerror(error), NULL);
    return error == 0;
}

bool source_text(struct compilation *c, int folder, const char *path, size_t most, struct buf *out)
{
    return source_bytes(c, folder, path, most, out) && seal_saw(c, folder, path, buf_view(out));
}

const struct node *source_document(struct compilation *c, const char *path)
{
    struct buf text = BUF_INIT(LIMIT_YAML_BYTES + 2 * 65536);
    struct document *doc = NULL;
    if (c->documents == COMPILATION_DOCUMENTS_MAX)
        fail_file(c, path, DIAGNOSE_TOO_MANY, "256", "files");
    else if (source_text(c, c->sources->folder, path, LIMIT_YAML_BYTES, &text))
        doc = document_read(buf_view(&text), path, c->reader.d);
    buf_free(&text);
    if (doc == NULL)
        return NULL;
    c->document[c->documents++] = doc;
    return document_root(doc);
}

const struct node *source_root(const struct compilation *c, const char *path)
{
    for (size_t i = 0; i < c->documents; i++)
        if (strcmp(document_file(c->document[i]), path) == 0)
            return document_root(c->document[i]);
    return NULL;
}

/* ---- the files of a folder */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_yaml(const char *name)
{
    static const char suffix[] = ".yaml";
    size_t n = strlen(name), m = sizeof suffix - 1;
    return n > m && strcmp(name + n - m, suffix) == 0;
}

struct listing {
    char **name;
    size_t count, room;
};

static void add_name(struct listing *l, const char *name)
{
    if (l->count == l->room) {
        l->name = mem_grow_array(l->name, l->room, 2 * l->room + 16, sizeof *l->name);
        l->room = 2 * l->room + 16;
    }
    l->name[l->count++] = mem_text(name, strlen(name));
}

/* False, after an error, when the folder cannot be read. */
static bool list_folder(struct compilation *c, const char *folder, struct listing *l)
{
    int fd = openat(c->sources->folder, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *e;
    if (dir == NULL) {
        enum diagnose_code code =
            errno == ENOENT ? DIAGNOSE_FILE_MISSING : DIAGNOSE_FILE_UNREADABLE;
        fail_file(c, folder, code, errno == ENOENT ? folder : strerror(errno), NULL);
        if (fd >= 0)
            (void)close(fd);
        return false;
    }
    while ((e = readdir(dir)) != NULL)
        if (e->d_name[0] != '.')
            add_name(l, e->d_name);
    (void)closedir(dir);
    return true;
}

void source_each(struct compilation *c, const char *folder,
                 void (*each)(struct compilation *c, const char *path))
{
    struct listing l = {0};
    char path[PATH_TEXT];
    if (!list_folder(c, folder, &l))
        return;
    if (l.count > 0)
        qsort(l.name, l.count, sizeof l.name[0], by_name);
    for (size_t i = 0; i < l.count; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, l.name[i]);
        if (is_yaml(l.name[i]))
            each(c, path);
        else
            fail_file(c, path, DIAGNOSE_FILE_UNEXPECTED, folder, ".yaml");
        mem_free(l.name[i]);
    }
    mem_free(l.name);
}

/* ---- values */

void source_title(struct reader *r, const struct node *n, const char *what, uint32_t *out)
{
    struct bytes t;
    if (read_text(r, n, what, LIMIT_TEXT, &t))
        *out = builder_text(COMPILATION_OF(r), t);
}

struct both {
    const char *what;
    uint32_t en, ko;
};

static void read_en(struct reader *r, const struct node *n, void *target)
{
    struct both *b = target;
    source_title(r, n, b->what, &b->en);
}

static void read_ko(struct reader *r, const struct node *n, void *target)
{
    struct both *b = target;
    source_title(r, n, b->what, &b->ko);
}

void source_both(struct reader *r, const struct node *n, const char *what, uint32_t *en,
                 uint32_t *ko)
{
    static const struct read_key keys[] = {{"en", true, read_en}, {"ko", true, read_ko}};
    struct both b = {what, 0, 0};
    if (node_type(n) == NODE_TEXT) {
        source_title(r, n, what, &b.en);
        b.ko = b.en;
    } else {
        (void)read_map(r, n, what, keys, ARRAY_LEN(keys), &b);
    }
    *en = b.en;
    *ko = b.ko;
}

bool source_told(struct reader *r, const struct node *n, const char *what, uint32_t *out)
{
    struct compilation *c = COMPILATION_OF(r);
    const size_t before = diagnose_errors(r->d);
    struct buf text = BUF_INIT(2 * LIMIT_TEXT + 16);
    uint32_t en, ko;
    source_both(r, n, what, &en, &ko);
    if (diagnose_errors(r->d) != before)
        return false;
    buf_text(&text, builder_text_at(c, en));
    if (en != ko)
        buf_printf(&text, " (%s)", builder_text_at(c, ko));
    *out = builder_text(c, buf_view(&text));
    buf_free(&text);
    return true;
}

bool source_degrees(const char *text, double most, double *out)
{
    char *end;
    *out = 0;
    if (*text == '\0' || text[strspn(text, "-.0123456789")] != '\0')
        return false;
    *out = strtod(text, &end);
    return *end == '\0' && *out >= -most && *out <= most;
}

void source_place(struct reader *r, const struct node *n, const char *what, struct point *out)
{
    if (node_type(n) == NODE_LIST && node_count(n) == 2 &&
        source_degrees(node_c(node_item(n, 0)), 90, &out->latitude) &&
        source_degrees(node_c(node_item(n, 1)), 180, &out->longitude))
        return;
    read_fail(r, n, DIAGNOSE_NOT_A_PLACE, what, NULL, NULL);
}

bool source_end(struct reader *r, const struct node *n, const char *what, int64_t *out_us)
{
    enum { DATE_TEXT = 10 };
    if (!read_time(r, n, what, out_us))
        return false;
    if (node_text(n).n == DATE_TEXT)
        *out_us += US_PER_DAY;
    return true;
}

void source_each_text(struct reader *r, const struct node *n, const char *what,
                      void (*each)(struct reader *r, const struct node *item, void *target),
                      void *target)
{
    if (node_type(n) == NODE_TEXT) {
        each(r, n, target);
        return;
    }
    if (!read_is_list(r, n, what))
        return;
    if (node_count(n) == 0)
        read_fail(r, n, DIAGNOSE_EMPTY_LIST, what, NULL, NULL);
    for (size_t i = 0; i < node_count(n); i++)
        each(r, node_item(n, i), target);
}

const struct node *source_first(const struct node *list, const char *key, struct bytes name)
{
    for (size_t i = 0; list != NULL && node_type(list) == NODE_LIST && i < node_count(list); i++) {
        const struct node *found = node_member(node_item(list, i), key);
        if (found != NULL && bytes_equal(node_text(found), name))
            return found;
    }
    return NULL;
}

uint32_t source_quote(struct compilation *c, const char *key, const struct node *n)
{
    struct buf text = BUF_INIT(8192);
    buf_printf(&text, "%s: ", key);
    if (node_type(n) == NODE_TEXT)
        buf_text(&text, node_c(n));
    for (size_t i = 0; node_type(n) == NODE_LIST && i < node_count(n); i++)
        buf_printf(&text, "%s%s", i == 0 ? "" : ", ", node_c(node_item(n, i)));
    uint32_t out = builder_text(c, buf_view(&text));
    buf_free(&text);
    return out;
}

/* Files of a policy set, and the words in them. */
#include "policy/builder.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/nearest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void fail_file(struct compilation *c, const char *path, enum diagnose_code code,
                      const char *a1)
{
    const struct diagnose_place w = {path, {0}, 0, 0, 0};
    diagnose_add(c->reader.d, code, &w, a1, NULL, NULL);
}

static bool read_all(int fd, size_t most, struct buf *out)
{
    for (;;) {
        uint8_t *room = buf_reserve(out, 65536);
        ssize_t n = room == NULL ? -1 : read(fd, room, 65536);
        if (n < 0)
            return false;
        if (n == 0)
            return true;
        out->n += (size_t)n;
        if (out->n > most)
            return false;
    }
}

bool source_text(struct compilation *c, int folder, const char *path, size_t most, struct buf *out)
{
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        if (errno == ENOENT)
            fail_file(c, path, DIAGNOSE_FILE_MISSING, path);
        else
            fail_file(c, path, DIAGNOSE_FILE_UNREADABLE, strerror(errno));
        return false;
    }
    bool ok = read_all(fd, most, out);
    if (!ok)
        fail_file(c, path, DIAGNOSE_FILE_TOO_LARGE, "4194304");
    (void)close(fd);
    return ok;
}

const struct node *source_document(struct compilation *c, const char *path)
{
    struct buf text = BUF_INIT(LIMIT_YAML_BYTES + 65536);
    struct document *doc = NULL;
    if (c->documents < COMPILATION_DOCUMENTS_MAX &&
        source_text(c, c->sources->folder, path, LIMIT_YAML_BYTES, &text))
        doc = document_read(buf_view(&text), path, c->reader.d);
    buf_free(&text);
    if (doc == NULL)
        return NULL;
    c->document[c->documents++] = doc;
    return document_root(doc);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool ends_with(const char *name, const char *suffix)
{
    size_t n = strlen(name), m = strlen(suffix);
    return n > m && name[0] != '.' && strcmp(name + n - m, suffix) == 0;
}

static size_t list_names(int fd, const char *suffix, char **names, size_t most)
{
    DIR *dir = fdopendir(fd);
    size_t count = 0;
    const struct dirent *e;
    if (dir == NULL) {
        (void)close(fd);
        return 0;
    }
    while (count < most && (e = readdir(dir)) != NULL)
        if (ends_with(e->d_name, suffix))
            names[count++] = mem_text(e->d_name, strlen(e->d_name));
    (void)closedir(dir);
    return count;
}

void source_each(struct compilation *c, const char *folder, const char *suffix,
                 void (*each)(struct compilation *c, const char *path))
{
    char *names[COMPILATION_DOCUMENTS_MAX], path[PATH_TEXT];
    int fd = openat(c->sources->folder, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        fail_file(c, folder, DIAGNOSE_FILE_MISSING, folder);
        return;
    }
    size_t count = list_names(fd, suffix, names, ARRAY_LEN(names));
    qsort(names, count, sizeof names[0], by_name);
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        each(c, path);
        mem_free(names[i]);
    }
}

static void take_text(struct reader *r, const struct node *n, const char *what, uint32_t *out)
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
    take_text(r, n, b->what, &b->en);
}

static void read_ko(struct reader *r, const struct node *n, void *target)
{
    struct both *b = target;
    take_text(r, n, b->what, &b->ko);
}

void source_both(struct reader *r, const struct node *n, const char *what, uint32_t *en,
                 uint32_t *ko)
{
    static const struct read_key keys[] = {{"en", true, read_en}, {"ko", true, read_ko}};
    struct both b = {what, 0, 0};
    if (node_type(n) == NODE_TEXT) {
        take_text(r, n, what, &b.en);
        b.ko = b.en;
    } else {
        (void)read_map(r, n, what, keys, ARRAY_LEN(keys), &b);
    }
    *en = b.en;
    *ko = b.ko;
}

/* The names are looked at a second time only for the message. */
static void fail_word(struct reader *r, const struct node *n, enum word_class class,
                      const char *what)
{
    struct compilation *c = COMPILATION_OF(r);
    const char *nearest = NULL;
    struct buf expected = BUF_INIT(16384);
    for (uint32_t i = 0; i < c->header.words_in[class]; i++) {
        const struct row_word *w = builder_row(c, SECTION_WORDS, c->header.word_first[class] + i);
        const char *name = builder_text_at(c, w->name);
        nearest_offer(node_text(n), name, &nearest);
        buf_printf(&expected, "%s%s", i == 0 ? "" : ", ", name);
    }
    read_fail(r, n, DIAGNOSE_UNKNOWN_WORD, node_c(n), what, NULL);
    diagnose_hint(r->d, nearest, buf_c(&expected));
    buf_free(&expected);
}

uint16_t source_word(struct reader *r, const struct node *n, enum word_class class,
                     const char *what)
{
    struct compilation *c = COMPILATION_OF(r);
    if (!read_is_text(r, n, what))
        return NO_WORD;
    for (uint32_t i = 0; i < c->header.words_in[class]; i++) {
        const struct row_word *w = builder_row(c, SECTION_WORDS, c->header.word_first[class] + i);
        if (bytes_is(node_text(n), builder_text_at(c, w->name)))
            return (uint16_t)i;
    }
    fail_word(r, n, class, what);
    return NO_WORD;
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

struct word_mask {
    enum word_class class;
    const char *what;
    uint64_t mask;
};

static void add_word(struct reader *r, const struct node *n, void *target)
{
    struct word_mask *m = target;
    uint16_t word = source_word(r, n, m->class, m->what);
    if (word != NO_WORD)
        m->mask |= UINT64_C(1) << word;
}

void source_words(struct reader *r, const struct node *n, enum word_class class, const char *what,
                  uint64_t *mask)
{
    struct word_mask m = {class, what, 0};
    source_each_text(r, n, what, add_word, &m);
    *mask = m.mask;
}

/* The row of `section` whose name (its first member) is the node's text; ROW_NONE after an error
 * with the nearest name. */
static uint32_t find_named(struct reader *r, const struct node *n, enum section section,
                           const char *what, enum diagnose_code unknown)
{
    struct compilation *c = COMPILATION_OF(r);
    const char *nearest = NULL;
    if (!read_is_text(r, n, what))
        return ROW_NONE;
    for (size_t i = 0; i < builder_count(c, section); i++)
        if (bytes_is(node_text(n),
                     builder_text_at(c, *(const uint32_t *)builder_row(c, section, i))))
            return (uint32_t)i;
    for (size_t i = 0; i < builder_count(c, section); i++)
        nearest_offer(node_text(n),
                      builder_text_at(c, *(const uint32_t *)builder_row(c, section, i)), &nearest);
    read_fail(r, n, unknown, node_c(n), what, NULL);
    diagnose_hint(r->d, nearest, NULL);
    return ROW_NONE;
}

static void add_basis(struct reader *r, const struct node *n, void *target)
{
    uint64_t *mask = target;
    uint32_t basis = find_named(r, n, SECTION_BASES, "legal basis", DIAGNOSE_UNKNOWN_WORD);
    if (basis != ROW_NONE)
        *mask |= UINT64_C(1) << basis;
}

void source_bases(struct reader *r, const struct node *n, uint64_t *mask)
{
    *mask = 0;
    source_each_text(r, n, "legal bases", add_basis, mask);
}

static const char *const role_words[] = {
#define ROLE(NAME, word) word,
#include "policy/party_roles.def"
#undef ROLE
};

static void add_role(struct reader *r, const struct node *n, void *target)
{
    uint32_t *mask = target;
    unsigned role;
    if (read_choice(r, n, "role", role_words, ARRAY_LEN(role_words), &role))
        *mask |= 1u << role;
}

void source_roles(struct reader *r, const struct node *n, uint32_t *mask)
{
    *mask = 0;
    source_each_text(r, n, "roles", add_role, mask);
}

uint32_t source_unit(struct reader *r, const struct node *n)
{
    return find_named(r, n, SECTION_UNITS, "a unit", DIAGNOSE_UNKNOWN_UNIT);
}

uint32_t source_party(struct reader *r, const struct node *n)
{
    return find_named(r, n, SECTION_PARTIES, "a party", DIAGNOSE_UNKNOWN_PARTY);
}

/* The text of an entry in parties.yaml, and its place. Nothing is written anew: comments and form
 * of the file are people's. What comes of it is compiled before it counts. */
#include "cli/party.h"

#include <string.h>

enum { CONTEXT = 3 };

/* A YAML text in double quotes (YAML 1.2, 7.3.1). Control characters are left to the compiler,
 * which refuses them. */
static void put_quoted(struct buf *out, const char *text)
{
    buf_u8(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            buf_u8(out, '\\');
        buf_u8(out, (uint8_t)*text);
    }
    buf_u8(out, '"');
}

static void put_title(struct buf *out, const struct party_title *t)
{
    buf_text(out, t->ko == NULL ? "" : "{en: ");
    put_quoted(out, t->en);
    if (t->ko == NULL)
        return;
    buf_text(out, ", ko: ");
    put_quoted(out, t->ko);
    buf_u8(out, '}');
}

static void put_units(struct buf *out, const struct party_entry *e)
{
    for (size_t i = 0; i < e->units; i++) {
        buf_printf(out, "      %s: {name: ", e->unit[i].name);
        put_title(out, &e->unit[i].title);
        buf_text(out, "}\n");
    }
}

static void put_party(struct buf *out, const struct party_entry *e)
{
    buf_printf(out, "  %s:\n    name: ", e->party);
    put_title(out, &e->title);
    buf_text(out, "\n    role: [");
    for (size_t i = 0; i < e->roles; i++)
        buf_printf(out, "%s%s", i == 0 ? "" : ", ", e->role[i]);
    buf_printf(out, "]\n    public_institution: %s\n", e->public_institution ? "yes" : "no");
    if (e->synthetic)
        buf_text(out, "    synthetic: yes\n");
    buf_printf(out, "    root: %s.pem\n    units:\n", e->party);
    put_units(out, e);
}

/* ---- the place */

/* The next line without its end; false past the last. */
static bool next_line(struct bytes *rest, struct bytes *line)
{
    if (rest->n == 0)
        return false;
    const uint8_t *end = memchr(rest->p, '\n', rest->n);
    const size_t n = end == NULL ? rest->n : (size_t)(end - rest->p);
    *line = bytes_of(rest->p, n);
    *rest = bytes_of(rest->p + n + (end != NULL), rest->n - n - (end != NULL));
    return true;
}

/* Blanks in front; SIZE_MAX: an empty line or a comment, which belongs to no block. */
static size_t indent_of(struct bytes line)
{
    size_t i = 0;
    while (i < line.n && line.p[i] == ' ')
        i++;
    return i == line.n || line.p[i] == '#' || line.p[i] == '\r' ? SIZE_MAX : i;
}

/* "  KEY:" with nothing behind it but a comment. */
static bool is_key(struct bytes line, size_t indent, const char *key)
{
    const size_t n = indent + strlen(key) + 1;
    if (indent_of(line) != indent || line.n < n || line.p[n - 1] != ':' ||
        memcmp(line.p + indent, key, strlen(key)) != 0)
        return false;
    struct bytes rest = bytes_of(line.p + n, line.n - n);
    return rest.n == 0 || (rest.p[0] == ' ' && indent_of(rest) == SIZE_MAX);
}

/* Behind the last unit of the party: its units stand on lines of their own, six blanks in. */
static bool find_units(struct bytes file, const char *party, struct party_change *out)
{
    struct bytes rest = file, line;
    bool in_party = false, in_units = false;
    size_t number = 0;
    while (next_line(&rest, &line)) {
        const size_t indent = indent_of(line);
        number++;
        if (indent == SIZE_MAX)
            continue;
        if (indent <= 2)
            in_party = is_key(line, 2, party);
        if (indent <= 4)
            in_units = in_party && is_key(line, 4, "units");
        else if (in_units) {
            out->line = number;
            out->at = file.n - rest.n;
        }
    }
    return out->line > 0;
}

static void find_end(struct bytes file, struct party_change *out)
{
    struct bytes rest = file, line;
    while (next_line(&rest, &line))
        out->line++;
    out->at = file.n;
}

bool party_change_make(const struct party_entry *e, bool to_party, struct bytes file,
                       struct party_change *out)
{
    *out = (struct party_change){.added = BUF_INIT(PARTY_FILE_MAX)};
    if (file.n == 0 || file.p[file.n - 1] != '\n')
        return false;
    if (to_party && !find_units(file, e->party, out))
        return false;
    if (!to_party)
        find_end(file, out);
    (to_party ? put_units : put_party)(&out->added, e);
    return true;
}

/* ---- what comes of it */

void party_change_apply(const struct party_change *c, struct bytes file, struct buf *out)
{
    buf_put(out, file.p, c->at);
    buf_put(out, c->added.p, c->added.n);
    buf_put(out, file.p + c->at, file.n - c->at);
}

static void put_marked(struct buf *out, char mark, struct bytes lines)
{
    struct bytes line;
    while (next_line(&lines, &line))
        buf_printf(out, "%c%.*s\n", mark, (int)line.n, (const char *)line.p);
}

static size_t count_lines(struct bytes lines)
{
    struct bytes line;
    size_t n = 0;
    while (next_line(&lines, &line))
        n++;
    return n;
}

/* At most CONTEXT lines from the front. */
static struct bytes some_lines(struct bytes b)
{
    struct bytes rest = b, line;
    for (size_t i = 0; i < CONTEXT && next_line(&rest, &line); i++)
        ;
    return bytes_of(b.p, b.n - rest.n);
}

void party_change_diff(const struct party_change *c, struct bytes file, const char *path,
                       struct buf *out)
{
    const size_t before = c->line < CONTEXT ? c->line : CONTEXT;
    struct bytes front = bytes_of(file.p, c->at), line, added = {c->added.p, c->added.n};
    for (size_t i = before; i < c->line; i++)
        (void)next_line(&front, &line);
    const struct bytes back = some_lines(bytes_of(file.p + c->at, file.n - c->at));
    const size_t old = before + count_lines(back), begin = c->line - before + 1;
    buf_printf(out, "--- %s\n+++ %s\n@@ -%zu,%zu +%zu,%zu @@\n", path, path, begin, old, begin,
               old + count_lines(added));
    put_marked(out, ' ', front);
    put_marked(out, '+', added);
    put_marked(out, ' ', back);
}

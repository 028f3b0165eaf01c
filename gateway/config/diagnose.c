#include "config/diagnose.h"

#include "base/limits.h"
#include "base/mem.h"

#include <stdlib.h>

enum { ARGUMENTS = 3, LINE_SHOWN = 300 };
enum severity { ERROR, WARNING };

static const struct {
    enum severity severity;
    const char *text[2];
} table[DIAGNOSE_COUNT] = {
#define D(name, severity, en, ko) [DIAGNOSE_##name] = {severity, {en, ko}},
#include "config/messages.def"
#undef D
};

struct entry {
    enum diagnose_code code;
    char *file, *line_text; /* line_text NULL: not shown */
    unsigned line, column, length;
    char *argument[ARGUMENTS];
    char *nearest, *expected;
    size_t order;
};

struct diagnose {
    struct entry entry[LIMIT_DIAGNOSTICS];
    size_t entries, errors, warnings;
};

struct diagnose *diagnose_new(void)
{
    return mem_new(sizeof(struct diagnose));
}

void diagnose_free(struct diagnose *d)
{
    if (d == NULL)
        return;
    for (size_t i = 0; i < d->entries; i++) {
        for (size_t k = 0; k < ARGUMENTS; k++)
            mem_free(d->entry[i].argument[k]);
        mem_free(d->entry[i].file);
        mem_free(d->entry[i].line_text);
        mem_free(d->entry[i].nearest);
        mem_free(d->entry[i].expected);
    }
    mem_free(d);
}

static char *copy(const char *text)
{
    return text == NULL ? NULL : mem_text(text, strlen(text));
}

static struct bytes line_of(struct bytes source, unsigned line)
{
    const uint8_t *p = source.p, *end = source.p + source.n;
    for (unsigned i = 1; i < line && p < end; i++) {
        const uint8_t *nl = memchr(p, '\n', (size_t)(end - p));
        p = nl == NULL ? end : nl + 1;
    }
    const uint8_t *nl = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
    return bytes_of(p, (size_t)((nl == NULL ? end : nl) - p));
}

/* A copy of the line, unless there is none or it is too long to help. */
static char *copy_line(const struct diagnose_place *w)
{
    struct bytes line = w->line == 0 ? bytes_of(NULL, 0) : line_of(w->source, w->line);
    return line.n == 0 || line.n > LINE_SHOWN ? NULL : mem_text(line.p, line.n);
}

void diagnose_add(struct diagnose *d, enum diagnose_code code, const struct diagnose_place *where,
                  const char *a1, const char *a2, const char *a3)
{
    if (table[code].severity == ERROR)
        d->errors++;
    else
        d->warnings++;
    if (d->entries == LIMIT_DIAGNOSTICS)
        return;
    d->entry[d->entries] = (struct entry){.code = code,
                                          .file = copy(where->file),
                                          .line_text = copy_line(where),
                                          .line = where->line,
                                          .column = where->column,
                                          .length = where->length,
                                          .argument = {copy(a1), copy(a2), copy(a3)},
                                          .order = d->entries};
    d->entries++;
}

void diagnose_hint(struct diagnose *d, const char *nearest, const char *expected)
{
    if (d->entries == 0)
        return;
    struct entry *e = &d->entry[d->entries - 1];
    if (e->nearest == NULL)
        e->nearest = copy(nearest);
    if (e->expected == NULL)
        e->expected = copy(expected);
}

size_t diagnose_errors(const struct diagnose *d)
{
    return d->errors;
}

size_t diagnose_warnings(const struct diagnose *d)
{
    return d->warnings;
}

static void put_message(struct buf *out, const char *text, char *const argument[ARGUMENTS])
{
    for (; *text != '\0'; text++) {
        if (text[0] == '%' && text[1] >= '1' && text[1] <= '0' + ARGUMENTS) {
            const char *a = argument[text[1] - '1'];
            buf_text(out, a == NULL ? "" : a);
            text++;
        } else {
            buf_u8(out, (uint8_t)*text);
        }
    }
}

/* The line, and below it marks under the word. Columns count characters, so continuation bytes of
 * UTF-8 make no blank. */
static void put_source(struct buf *out, const struct entry *e)
{
    struct bytes line = bytes_of_text(e->line_text);
    if (line.n == 0)
        return;
    buf_printf(out, "%5u | %s\n      | ", e->line, e->line_text);
    unsigned column = 1;
    for (size_t i = 0; i < line.n && column < e->column; i++) {
        if ((line.p[i] & 0xc0) == 0x80)
            continue;
        buf_u8(out, line.p[i] == '\t' ? '\t' : ' ');
        if (line.p[i] >= 0xea) /* Korean letters are two columns wide */
            buf_u8(out, ' ');
        column++;
    }
    buf_u8(out, '^');
    for (unsigned i = 1; i < e->length; i++)
        buf_u8(out, '~');
    buf_u8(out, '\n');
}

static void put_entry(struct buf *out, const struct entry *e, enum diagnose_language language)
{
    static const char *const severity[2][2] = {{"error", "warning"}, {"오류", "경고"}};
    static const char *const meant[2] = {"did you mean '", "혹시 '"};
    static const char *const meant_end[2] = {"'?\n", "'입니까?\n"};
    static const char *const valid[2] = {"valid here: ", "쓸 수 있는 값: "};
    buf_text(out, e->file);
    if (e->line != 0)
        buf_printf(out, ":%u:%u", e->line, e->column);
    buf_printf(out, ": %s: ", severity[language][table[e->code].severity]);
    put_message(out, table[e->code].text[language], e->argument);
    buf_u8(out, '\n');
    put_source(out, e);
    if (e->nearest != NULL)
        buf_printf(out, "      = %s%s%s", meant[language], e->nearest, meant_end[language]);
    if (e->expected != NULL)
        buf_printf(out, "      = %s%s\n", valid[language], e->expected);
}

static int by_place(const void *a, const void *b)
{
    const struct entry *x = *(const struct entry *const *)a, *y = *(const struct entry *const *)b;
    int order = strcmp(x->file, y->file);
    if (order != 0)
        return order;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

void diagnose_print(const struct diagnose *d, enum diagnose_language language, struct buf *out)
{
    const struct entry *sorted[LIMIT_DIAGNOSTICS];
    for (size_t i = 0; i < d->entries; i++)
        sorted[i] = &d->entry[i];
    if (d->entries > 0)
        qsort(sorted, d->entries, sizeof sorted[0], by_place);
    for (size_t i = 0; i < d->entries; i++)
        put_entry(out, sorted[i], language);
    if (d->entries == 0)
        return;
    if (language == DIAGNOSE_KOREAN)
        buf_printf(out, "오류 %zu건, 경고 %zu건\n", d->errors, d->warnings);
    else
        buf_printf(out, "%zu errors, %zu warnings\n", d->errors, d->warnings);
}

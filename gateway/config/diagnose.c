#include "config/diagnose.h"

#include "base/limits.h"
#include "base/mem.h"

#include <stdlib.h>

enum { ARGUMENTS = 3, LINE_SHOWN = 300, ARGUMENT_SHOWN = 300 };
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
    bool newest_kept; /* false past the limit: help for it is left out too */
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

/* A word from a file may be as long as the file. */
static char *copy_argument(const char *text)
{
    struct bytes shown = bytes_of_text(text);
    if (shown.n <= ARGUMENT_SHOWN)
        return copy(text);
    struct buf out = BUF_INIT(ARGUMENT_SHOWN + 3);
    buf_put(&out, shown.p, bytes_text_prefix(bytes_of(shown.p, ARGUMENT_SHOWN)));
    buf_text(&out, "...");
    char *cut = copy(buf_c(&out));
    buf_free(&out);
    return cut;
}

static struct bytes line_of(struct bytes source, unsigned line)
{
    const uint8_t *p = source.p, *end = source.p + source.n;
    for (unsigned i = 1; i < line && p < end; i++) {
        const uint8_t *nl = memchr(p, '\n', (size_t)(end - p));
        p = nl == NULL ? end : nl + 1;
    }
    const uint8_t *nl = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
    end = nl == NULL ? end : nl;
    if (p < end && end[-1] == '\r')
        end--;
    return bytes_of(p, (size_t)(end - p));
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
    d->newest_kept = d->entries < LIMIT_DIAGNOSTICS;
    if (!d->newest_kept)
        return;
    d->entry[d->entries] =
        (struct entry){.code = code,
                       .file = copy(where->file),
                       .line_text = copy_line(where),
                       .line = where->line,
                       .column = where->column,
                       .length = where->length,
                       .argument = {copy_argument(a1), copy_argument(a2), copy_argument(a3)},
                       .order = d->entries};
    d->entries++;
}

void diagnose_hint(struct diagnose *d, const char *nearest, const char *expected)
{
    if (!d->newest_kept)
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

/* What came from a file goes to a terminal: no control characters, and nothing that is no text. */
static void put_shown(struct buf *out, const char *text)
{
    struct bytes rest = bytes_of_text(text);
    while (rest.n > 0) {
        const uint8_t *p = rest.p;
        bool valid = bytes_text_prefix(bytes_of(p, rest.n < 4 ? rest.n : 4)) > 0;
        uint32_t c = bytes_take_character(&rest);
        if (valid && ((c >= 0x20 && c < 0x7f) || c >= 0xa0 || c == '\t'))
            buf_put(out, p, (size_t)(rest.p - p));
        else
            buf_u8(out, '?');
    }
}

static void put_message(struct buf *out, const char *text, char *const argument[ARGUMENTS])
{
    for (; *text != '\0'; text++) {
        if (text[0] == '%' && text[1] >= '1' && text[1] <= '0' + ARGUMENTS) {
            const char *a = argument[text[1] - '1'];
            put_shown(out, a);
            text++;
        } else {
            buf_u8(out, (uint8_t)*text);
        }
    }
}

/* How many columns of a terminal a character takes (Unicode's East Asian Width, W and F). */
static unsigned width_of(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } wide[] = {{0x1100, 0x115f},  {0x2e80, 0x303e}, {0x3041, 0x4dbf},   {0x4e00, 0xa4cf},
                {0xa960, 0xa97c},  {0xac00, 0xd7a3}, {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
                {0xff00, 0xff60},  {0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff},
                {0x20000, 0x3fffd}};
    for (size_t i = 0; i < ARRAY_LEN(wide); i++)
        if (c >= wide[i].first && c <= wide[i].last)
            return 2;
    return 1;
}

/* The line, and below it marks under the word. */
static void put_source(struct buf *out, const struct entry *e)
{
    struct bytes rest = bytes_of_text(e->line_text);
    if (rest.n == 0)
        return;
    buf_printf(out, "%5u | ", e->line);
    put_shown(out, e->line_text);
    buf_text(out, "\n      | ");
    for (unsigned column = 1; column < e->column && rest.n > 0; column++) {
        uint32_t c = bytes_take_character(&rest);
        buf_text(out, c == '\t' ? "\t" : width_of(c) == 2 ? "  " : " ");
    }
    buf_u8(out, '^');
    for (unsigned i = 0; i < e->length && rest.n > 0; i++) {
        unsigned width = width_of(bytes_take_character(&rest));
        buf_text(out, i == 0 ? (width == 2 ? "~" : "") : (width == 2 ? "~~" : "~"));
    }
    buf_u8(out, '\n');
}

static void put_entry(struct buf *out, const struct entry *e, enum diagnose_language language)
{
    static const char *const severity[2][2] = {{"error", "warning"}, {"오류", "경고"}};
    static const char *const meant[2] = {"did you mean '", "혹시 '"};
    static const char *const meant_end[2] = {"'?\n", "'입니까?\n"};
    static const char *const valid[2] = {"valid here: ", "쓸 수 있는 값: "};
    put_shown(out, e->file);
    if (e->line != 0)
        buf_printf(out, ":%u:%u", e->line, e->column);
    buf_printf(out, ": %s: ", severity[language][table[e->code].severity]);
    put_message(out, table[e->code].text[language], e->argument);
    buf_u8(out, '\n');
    put_source(out, e);
    if (e->nearest != NULL)
        buf_printf(out, "      = %s%s%s", meant[language], e->nearest, meant_end[language]);
    if (e->expected != NULL && e->expected[0] != '\0')
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

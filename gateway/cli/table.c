#include "cli/cli.h"

#include "base/mem.h"

#include <string.h>
#include <sys/ioctl.h>

enum { GAP = 2, WRAP_LEAST = 20, CELLS_FIRST = 64 };

struct cell {
    char *text;
    enum cli_paint paint;
};

struct cli_table {
    size_t columns, count, room;
    struct cell *cell;
};

struct cli_table *cli_table_new(size_t columns)
{
    struct cli_table *t = mem_new(sizeof *t);
    t->columns = columns;
    return t;
}

void cli_table_free(struct cli_table *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->count; i++)
        mem_free(t->cell[i].text);
    mem_free(t->cell);
    mem_free(t);
}

/* ---- text */

/* The next character; what is no UTF-8 counts as one byte, '?'. */
static uint32_t next_character(const char **at)
{
    const unsigned char *p = (const unsigned char *)*at;
    size_t n = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
    uint32_t c = *p;
    if (!bytes_is_text(bytes_of(p, strnlen(*at, n)))) {
        *at += 1;
        return '?';
    }
    if (n > 1) {
        c = *p & (0xffu >> (n + 1));
        for (size_t i = 1; i < n; i++)
            c = c << 6 | (p[i] & 0x3fu);
    }
    *at += n;
    return c;
}

/* Ranges of characters that are two columns wide: East Asian Width W and F (Unicode, Annex 11). */
static const struct {
    uint32_t from, to;
} wide[] = {{0x1100, 0x115f}, {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xa960, 0xa97f},
            {0xac00, 0xd7a3}, {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
            {0xffe0, 0xffe6}, {0x1f300, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};

/* And those that take none: they combine with the one before. */
static const struct {
    uint32_t from, to;
} narrow[] = {
    {0x0300, 0x036f}, {0x1160, 0x11ff}, {0x200b, 0x200f}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}};

static size_t width_of(uint32_t c)
{
    for (size_t i = 0; i < ARRAY_LEN(narrow); i++)
        if (c >= narrow[i].from && c <= narrow[i].to)
            return 0;
    for (size_t i = 0; i < ARRAY_LEN(wide); i++)
        if (c >= wide[i].from && c <= wide[i].to)
            return 2;
    return 1;
}

size_t cli_width(const char *text)
{
    size_t n = 0;
    while (*text != '\0')
        n += width_of(next_character(&text));
    return n;
}

/* Replaces what a terminal would obey, and what would mislead its reader; and broken UTF-8. */
static char *printable(const char *text)
{
    struct buf out = BUF_INIT(4 * strlen(text) + 1);
    while (*text != '\0') {
        const char *from = text;
        uint32_t c = next_character(&text);
        bool bad = character_misleads(c) || (c == '?' && *from != '?');
        buf_put(&out, bad ? "?" : from, bad ? 1 : (size_t)(text - from));
    }
    char *copy = mem_text(out.p, out.n);
    buf_free(&out);
    return copy;
}

void cli_table_cell(struct cli_table *t, const char *text)
{
    if (t->count == t->room) {
        size_t room = t->room == 0 ? CELLS_FIRST : 2 * t->room;
        t->cell = mem_grow_array(t->cell, t->room, room, sizeof *t->cell);
        t->room = room;
    }
    t->cell[t->count++] = (struct cell){printable(text), CLI_PLAIN};
}

void cli_table_paint(struct cli_table *t, enum cli_paint paint)
{
    if (t->count > 0)
        t->cell[t->count - 1].paint = paint;
}

/* ---- printing */

static const char *paint_code(enum cli_paint paint)
{
    switch (paint) {
    case CLI_GOOD: return "\x1b[32m";
    case CLI_BAD: return "\x1b[31m";
    case CLI_FAINT: return "\x1b[2m";
    case CLI_PLAIN: break;
    }
    return "";
}

/* Where a line of at most `width` columns ends: at a blank if there is one, and how much is skipped
 * behind it. */
static size_t line_length(const char *text, size_t width, size_t *skip)
{
    const char *at = text, *blank = NULL;
    *skip = 0;
    for (size_t used = 0; *at != '\0';) {
        const char *from = at;
        used += width_of(next_character(&at));
        if (used > width && from > text) {
            *skip = blank == NULL ? 0 : 1;
            return (size_t)((blank == NULL ? from : blank) - text);
        }
        if (*from == ' ' && from > text)
            blank = from;
    }
    return (size_t)(at - text);
}

static void put_blanks(FILE *stream, size_t n)
{
    (void)fprintf(stream, "%*s", (int)n, "");
}

/* The last cell of a row; `indent` is where its column begins, `width` 0 when it may be as long as
 * it likes. */
static void print_last(const struct cell *cell, FILE *stream, size_t indent, size_t width,
                       bool colour)
{
    const char *text = cell->text;
    const char *code = colour ? paint_code(cell->paint) : "";
    for (bool first = true; first || *text != '\0'; first = false) {
        size_t skip = 0, n = width == 0 ? strlen(text) : line_length(text, width, &skip);
        if (!first)
            put_blanks(stream, indent);
        (void)fprintf(stream, "%s%.*s%s\n", code, (int)n, text, code[0] == '\0' ? "" : "\x1b[0m");
        text += n + skip;
    }
}

/* Blank cells at the end of a row leave no blanks. */
static size_t cells_in_row(const struct cli_table *t, size_t row)
{
    size_t n = t->count - row < t->columns ? t->count - row : t->columns;
    while (n > 1 && t->cell[row + n - 1].text[0] == '\0')
        n--;
    return n;
}

static void print_row(const struct cli_table *t, size_t row, FILE *stream, const size_t *widths,
                      size_t width, bool colour)
{
    size_t indent = 0, cells = cells_in_row(t, row);
    for (size_t i = 0; i + 1 < cells; i++) {
        const struct cell *cell = &t->cell[row + i];
        const char *code = colour ? paint_code(cell->paint) : "";
        (void)fprintf(stream, "%s%s%s", code, cell->text, code[0] == '\0' ? "" : "\x1b[0m");
        put_blanks(stream, widths[i] - cli_width(cell->text) + GAP);
        indent += widths[i] + GAP;
    }
    bool may_wrap = cells == t->columns && width >= indent + WRAP_LEAST;
    print_last(&t->cell[row + cells - 1], stream, indent, may_wrap ? width - indent : 0, colour);
}

void cli_table_print_as(const struct cli_table *t, FILE *stream, size_t width, bool colour)
{
    size_t *widths = mem_new_array(t->columns, sizeof *widths);
    for (size_t i = 0; i < t->count; i++) {
        size_t n = cli_width(t->cell[i].text);
        if (n > widths[i % t->columns])
            widths[i % t->columns] = n;
    }
    for (size_t row = 0; row < t->count; row += t->columns)
        print_row(t, row, stream, widths, width, colour);
    mem_free(widths);
}

void cli_table_print(const struct cli_table *t, FILE *stream)
{
    struct winsize size = {0};
    bool terminal = ioctl(fileno(stream), TIOCGWINSZ, &size) == 0;
    cli_table_print_as(t, stream, terminal ? size.ws_col : 0, cli_colour(stream));
}

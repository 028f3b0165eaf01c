#include "report/table.h"

#include "base/arena.h"
#include "base/mem.h"
#include "json/json.h"
#include "report/page.h"

#include <inttypes.h>
#include <stdio.h>

enum { NOTES_MAX = 8, COUNTS_MAX = 8 };

struct report_table {
    const char *word, *title;
    const struct report_column *column;
    size_t columns;
    bool korean;
    struct arena *arena;
    struct bytes *cell;
    size_t cells, room;
    struct bytes note[NOTES_MAX]; /* with a NUL behind */
    size_t notes;
    struct {
        const char *word, *title;
        uint64_t n;
    } count[COUNTS_MAX];
    size_t counts;
};

struct report_table *table_new(const char *word, const char *const title[2],
                               const struct report_column *column, size_t columns, bool korean)
{
    struct report_table *t = mem_new(sizeof *t);
    *t = (struct report_table){.word = word,
                               .title = title[korean],
                               .column = column,
                               .columns = columns,
                               .korean = korean,
                               .arena = arena_new(SIZE_MAX)};
    return t;
}

void table_free(struct report_table *t)
{
    if (t == NULL)
        return;
    arena_reset(t->arena); /* wipes */
    arena_free(t->arena);
    mem_free(t->cell);
    mem_free(t);
}

void table_put(struct report_table *t, struct bytes text)
{
    if (t->cells == t->room) {
        size_t room = t->room == 0 ? 64 : 2 * t->room;
        t->cell = mem_grow_array(t->cell, t->room, room, sizeof *t->cell);
        t->room = room;
    }
    bool good = text.n == 0 || bytes_is_text(text);
    t->cell[t->cells++] = good ? arena_copy(t->arena, text) : bytes_of(NULL, 0);
}

void table_take(struct report_table *t, struct buf *cell)
{
    table_put(t, buf_view(cell));
    buf_clear(cell);
}

void table_text(struct report_table *t, const char *text)
{
    table_put(t, bytes_of_text(text));
}

void table_number(struct report_table *t, uint64_t n)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, n);
    table_text(t, text);
}

void table_time_text(int64_t us, char out[TIME_TEXT])
{
    enum { DAY = 10, SECONDS = 19 }; /* characters of 2026-11-21T10:00:00 */
    time_text_s(us, zone_named("Asia/Seoul"), out);
    out[DAY] = ' ';
    out[SECONDS] = '\0';
}

void table_time(struct report_table *t, int64_t us)
{
    char text[TIME_TEXT] = "";
    if (us != 0)
        table_time_text(us, text);
    table_text(t, text);
}

void table_note(struct report_table *t, const char *text)
{
    if (t->notes < NOTES_MAX)
        t->note[t->notes++] = arena_copy(t->arena, bytes_of(text, strlen(text) + 1));
}

void table_count(struct report_table *t, const char *word, const char *title, uint64_t n)
{
    if (t->counts == COUNTS_MAX)
        return;
    t->count[t->counts].word = word;
    t->count[t->counts].title = title;
    t->count[t->counts++].n = n;
}

const char *table_title(const struct report_table *t)
{
    return t->title;
}

size_t table_rows(const struct report_table *t)
{
    return t->columns == 0 ? 0 : t->cells / t->columns;
}

size_t table_columns(const struct report_table *t)
{
    return t->columns;
}

const char *table_word(const struct report_table *t, size_t column)
{
    return t->column[column].word;
}

const char *table_heading(const struct report_table *t, size_t column)
{
    return t->column[column].title[t->korean];
}

struct bytes table_cell(const struct report_table *t, size_t row, size_t column)
{
    return t->cell[row * t->columns + column];
}

const char *table_note_at(const struct report_table *t, size_t i)
{
    return i < t->notes ? (const char *)t->note[i].p : NULL;
}

/* ---- CSV */

/* What Excel, Calc and others compute when it stands first; in East Asian settings also as wide
 * characters. */
static bool is_formula(struct bytes text)
{
    static const char *const marks[] = {"=",  "+",  "-",  "@",  "\t", "\r",
                                        "\n", "＝", "＋", "－", "＠"};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (bytes_begins(text, marks[i]))
            return true;
    return false;
}

void table_csv_cell(struct buf *out, struct bytes text)
{
    buf_text(out, "\"");
    if (is_formula(text))
        buf_text(out, "'");
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"')
            buf_u8(out, '"');
        buf_u8(out, text.p[i]);
    }
    buf_text(out, "\"");
}

void table_csv_count(struct buf *out, size_t columns, const char *what, uint64_t n)
{
    buf_text(out, "\"# ");
    buf_text(out, what); /* texts of ours, without quotes */
    buf_printf(out, "\",\"%" PRIu64 "\"", n);
    for (size_t i = 2; i < columns; i++)
        buf_text(out, ",");
    buf_text(out, "\r\n");
}

static void csv_head(const struct report_table *t, struct buf *out)
{
    buf_text(out, "\xef\xbb\xbf");
    for (size_t c = 0; c < t->columns; c++) {
        buf_text(out, c == 0 ? "" : ",");
        table_csv_cell(out, bytes_of_text(table_heading(t, c)));
    }
    buf_text(out, "\r\n");
}

static void csv_row(const struct report_table *t, size_t row, struct buf *out)
{
    for (size_t c = 0; c < t->columns; c++) {
        buf_text(out, c == 0 ? "" : ",");
        table_csv_cell(out, table_cell(t, row, c));
    }
    buf_text(out, "\r\n");
}

static void csv_end(const struct report_table *t, struct buf *out)
{
    for (size_t i = 0; i < t->counts; i++)
        table_csv_count(out, t->columns, t->count[i].title, t->count[i].n);
}

/* A form that a table has in files. */
struct form {
    void (*head)(const struct report_table *t, struct buf *out);
    void (*row)(const struct report_table *t, size_t row, struct buf *out);
    void (*end)(const struct report_table *t, struct buf *out);
};

static bool put_part(const struct report_table *t, const struct form *f, size_t *row, size_t most,
                     struct buf *out)
{
    const size_t rows = table_rows(t);
    if (*row == 0)
        f->head(t, out);
    while (*row < rows) {
        f->row(t, (*row)++, out);
        if (out->n >= most && *row < rows)
            return false;
    }
    f->end(t, out);
    return true;
}

bool table_csv_part(const struct report_table *t, size_t *row, size_t most, struct buf *out)
{
    static const struct form csv = {csv_head, csv_row, csv_end};
    return put_part(t, &csv, row, most, out);
}

void table_csv(const struct report_table *t, struct buf *out)
{
    size_t row = 0;
    (void)table_csv_part(t, &row, SIZE_MAX, out);
}

/* ---- JSON */

static void json_head(const struct report_table *t, struct buf *out)
{
    buf_u8(out, '{');
    json_put_member_text(out, "table", bytes_of_text(t->word));
    json_put_member_text(out, "title", bytes_of_text(t->title));
    json_put_key(out, "rows");
    buf_u8(out, '[');
}

static void json_row(const struct report_table *t, size_t row, struct buf *out)
{
    buf_text(out, row == 0 ? "{" : ",\n {");
    for (size_t c = 0; c < t->columns; c++)
        json_put_member_text(out, t->column[c].word, table_cell(t, row, c));
    buf_u8(out, '}');
}

static void put_counts(const struct report_table *t, struct buf *out)
{
    if (t->counts == 0)
        return;
    json_put_key(out, "counts");
    buf_u8(out, '{');
    for (size_t i = 0; i < t->counts; i++)
        json_put_member_integer(out, t->count[i].word, (int64_t)t->count[i].n);
    buf_u8(out, '}');
}

static void json_end(const struct report_table *t, struct buf *out)
{
    buf_u8(out, ']');
    json_put_key(out, "notes");
    buf_u8(out, '[');
    for (size_t i = 0; i < t->notes; i++) {
        buf_text(out, i == 0 ? "" : ",");
        json_put_text(out, bytes_of_text(table_note_at(t, i)));
    }
    buf_u8(out, ']');
    put_counts(t, out);
    buf_u8(out, '}');
}

bool table_json_part(const struct report_table *t, size_t *row, size_t most, struct buf *out)
{
    static const struct form json = {json_head, json_row, json_end};
    return put_part(t, &json, row, most, out);
}

void table_json(const struct report_table *t, struct buf *out)
{
    size_t row = 0;
    (void)table_json_part(t, &row, SIZE_MAX, out);
}

/* ---- HTML */

static void html_rows(const struct report_table *t, struct buf *out)
{
    for (size_t r = 0; r < table_rows(t); r++) {
        buf_text(out, "<tr>");
        for (size_t c = 0; c < t->columns; c++) {
            buf_text(out, c == 0 ? "<th scope=\"row\">" : "<td>");
            page_escape(out, table_cell(t, r, c));
            buf_text(out, c == 0 ? "</th>" : "</td>");
        }
        buf_text(out, "</tr>\n");
    }
}

void table_html(const struct report_table *t, struct buf *out)
{
    buf_text(out, "<section>\n<h2>");
    page_escape(out, bytes_of_text(t->title));
    buf_text(out, "</h2>\n");
    if (table_rows(t) > 0) {
        buf_text(out, "<table>\n<thead><tr>");
        for (size_t c = 0; c < t->columns; c++) {
            buf_text(out, "<th scope=\"col\">");
            page_escape(out, bytes_of_text(table_heading(t, c)));
            buf_text(out, "</th>");
        }
        buf_text(out, "</tr></thead>\n<tbody>\n");
        html_rows(t, out);
        buf_text(out, "</tbody>\n</table>\n");
    } else {
        buf_text(out, t->korean ? "<p>해당 없음</p>\n" : "<p>None.</p>\n");
    }
    for (size_t i = 0; i < t->notes; i++) {
        buf_text(out, "<p class=\"note\">");
        page_escape(out, bytes_of_text(table_note_at(t, i)));
        buf_text(out, "</p>\n");
    }
    buf_text(out, "</section>\n");
}

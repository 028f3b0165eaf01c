#include "console/tables.h"

#include <string.h>

/* Columns that hold the number of an entry. */
static bool is_index(const char *word)
{
    static const char *const words[] = {"index", "last", "told", "published_index"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

static bool is_number(struct bytes text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
    return text.n > 0;
}

static bool fits(char shape, uint8_t byte)
{
    return shape == '0' ? byte >= '0' && byte <= '9' : byte == (uint8_t)shape;
}

/* Whether "2026-11-21" begins here, or "2026-11-21 10:00:00"; how many characters. */
static size_t time_at(struct bytes text)
{
    static const char shape[] = "0000-00-00 00:00:00";
    enum { DAY = 10, SECOND = sizeof shape - 1 };
    size_t n = 0;
    while (n < SECOND && n < text.n && fits(shape[n], text.p[n]))
        n++;
    return n == SECOND ? SECOND : n >= DAY ? DAY : 0;
}

void tables_put_text(struct html *h, struct bytes text)
{
    size_t at = 0;
    while (at < text.n) {
        const size_t n = time_at(bytes_of(text.p + at, text.n - at));
        if (n == 0) {
            at++;
            continue;
        }
        html_put(h, bytes_of(text.p, at));
        html_element(h, "time", NULL, bytes_of(text.p + at, n));
        text = bytes_of(text.p + at + n, text.n - at - n);
        at = 0;
    }
    html_put(h, text);
}

static void put_cell(struct web_call *w, const struct report_table *t, size_t row, size_t column)
{
    const struct bytes text = table_cell(t, row, column);
    struct html *h = &w->html;
    struct buf to = BUF_INIT(64);
    html_open(h, column == 0 ? "th" : "td");
    if (column == 0)
        html_attr_text(h, "scope", "row");
    if (is_index(table_word(t, column)) && is_number(text) && text.n < 20 &&
        web_may_open(w, "record/")) {
        web_path(w, "record/", &to);
        buf_put(&to, text.p, text.n);
        html_link(h, buf_view(&to), text);
    } else {
        tables_put_text(h, text);
    }
    html_close(h);
    buf_free(&to);
}

static void put_rows(struct web_call *w, const struct report_table *t, size_t rows)
{
    struct html *h = &w->html;
    html_open(h, "table");
    html_open(h, "thead");
    html_open(h, "tr");
    for (size_t c = 0; c < table_columns(t); c++) {
        html_open(h, "th");
        html_attr_text(h, "scope", "col");
        html_text(h, table_heading(t, c));
        html_close(h);
    }
    html_close(h);
    html_close(h);
    html_open(h, "tbody");
    for (size_t r = 0; r < rows; r++) {
        html_open(h, "tr");
        for (size_t c = 0; c < table_columns(t); c++)
            put_cell(w, t, r, c);
        html_close(h);
    }
    html_close(h);
    html_close(h);
}

void tables_put(struct web_call *w, const struct report_table *t)
{
    struct html *h = &w->html;
    const size_t all = table_rows(t), rows = all < TABLES_ROWS_MAX ? all : TABLES_ROWS_MAX;
    html_open(h, "section");
    html_attr_text(h, "class", "wide");
    if (rows > 0)
        html_attr_text(h, "tabindex", "0"); /* it may scroll, and a keyboard has to reach that */
    html_attr_text(h, "aria-label", table_title(t));
    html_element_text(h, "h2", NULL, table_title(t));
    if (rows > 0)
        put_rows(w, t, rows);
    else
        html_element_t(h, "p", "empty", TEXT_NONE);
    if (rows < all) {
        html_open(h, "p");
        html_attr_text(h, "class", "remedy");
        html_t(h, TEXT_ROWS_LEFT_OUT);
        html_say(h, " %zu / %zu", rows, all);
        html_close(h);
    }
    for (size_t i = 0; table_note_at(t, i) != NULL; i++)
        html_element_text(h, "p", "note", table_note_at(t, i));
    html_close(h);
}

#include "console/table.h"

#include <inttypes.h>
#include <stdio.h>

static bool is_number(struct bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] < '0' || b.p[i] > '9')
            return false;
    return b.n > 0;
}

/* Columns that hold the number of an entry. */
static bool is_index(const char *word)
{
    static const char *const words[] = {"index", "last", "told", "published_index"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

static void put_cell(struct web_call *w, bool leads, struct bytes cell)
{
    struct html *h = &w->html;
    if (!leads || !is_number(cell)) {
        html_put(h, cell);
        return;
    }
    struct buf to = BUF_INIT(256);
    web_path(w, "record/", &to);
    buf_put(&to, cell.p, cell.n);
    html_link(h, buf_view(&to), cell);
    buf_free(&to);
}

static void put_head(struct html *h, const struct report_table *t)
{
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
}

static void put_rows(struct web_call *w, const struct report_table *t, size_t rows)
{
    struct html *h = &w->html;
    bool leads = w->visitor.role != POLICY_CONSOLE_OPERATOR;
    html_open(h, "tbody");
    for (size_t r = 0; r < rows; r++) {
        html_open(h, "tr");
        for (size_t c = 0; c < table_columns(t); c++) {
            html_open(h, c == 0 ? "th" : "td");
            if (c == 0)
                html_attr_text(h, "scope", "row");
            put_cell(w, leads && is_index(table_word(t, c)), table_cell(t, r, c));
            html_close(h);
        }
        html_close(h);
        html_text(h, "\n");
    }
    html_close(h);
}

void table_put_page(struct web_call *w, const struct report_table *t)
{
    const size_t all = table_rows(t), rows = all < TABLE_ROWS_MAX ? all : TABLE_ROWS_MAX;
    struct html *h = &w->html;
    const char *note;
    html_open(h, "section");
    html_element_text(h, "h2", NULL, table_title(t));
    if (rows == 0) {
        html_element_t(h, "p", "faint", TEXT_NONE);
    } else {
        html_open(h, "div");
        html_attr_text(h, "class", "wide");
        html_open(h, "table");
        html_attr_text(h, "aria-label", table_title(t));
        put_head(h, t);
        put_rows(w, t, rows);
        html_close(h);
        html_close(h);
    }
    if (rows < all) {
        html_open(h, "p");
        html_attr_text(h, "class", "todo");
        html_t(h, TEXT_ROWS_LEFT_OUT);
        html_say(h, " %zu / %zu", rows, all);
        html_close(h);
    }
    for (size_t i = 0; (note = table_note_at(t, i)) != NULL; i++)
        html_element_text(h, "p", "note", note);
    html_close(h);
}

void fact_put(struct html *h, enum text name, struct bytes value)
{
    html_open(h, "div");
    html_element_t(h, "dt", NULL, name);
    html_element(h, "dd", NULL, value);
    html_close(h);
}

void fact_put_number(struct html *h, enum text name, uint64_t n)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, n);
    fact_put(h, name, bytes_of_text(text));
}

#include "cli/report_tools.h"

#include "report/page.h"

#include <string.h>

enum { OUTPUT_MAX = 1 << 30 };

/* ---- policy sets */

bool report_sets_options(struct report_sets *s, int *argc, char **argv)
{
    s->paths = cli_repeated("policy", argc, argv, s->path, NAMES_SETS_MAX);
    return s->paths >= 0;
}

bool report_sets_open(struct report_sets *s)
{
    for (int i = 0; i < s->paths; i++) {
        if (policy_set_open(&s->set[i], s->path[i], s->names.korean ? "ko" : "en") != CLI_OK) {
            policy_set_close(&s->set[i]);
            return false;
        }
        s->names.set[s->names.sets++] = s->set[i].policy;
    }
    return true;
}

void report_sets_close(struct report_sets *s)
{
    for (size_t i = 0; i < s->names.sets; i++)
        policy_set_close(&s->set[i]);
    s->names.sets = 0;
}

/* ---- printing */

bool report_format_is_known(const char *format)
{
    static const char *const formats[] = {"table", "csv", "json", "html"};
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (strcmp(format, formats[i]) == 0)
            return true;
    cli_error("--format is table, csv, json or html");
    return false;
}

static void print_terminal(const struct report_table *t)
{
    struct cli_table *table = cli_table_new(table_columns(t));
    struct buf cell = BUF_INIT(1 << 20);
    for (size_t c = 0; c < table_columns(t); c++) {
        cli_table_cell(table, table_heading(t, c));
        cli_table_paint(table, CLI_FAINT);
    }
    for (size_t r = 0; r < table_rows(t); r++)
        for (size_t c = 0; c < table_columns(t); c++) {
            const struct bytes text = table_cell(t, r, c);
            buf_clear(&cell);
            buf_put(&cell, text.p, text.n);
            cli_table_cell(table, buf_c(&cell));
        }
    (void)printf("%s\n", table_title(t));
    cli_table_print(table, stdout);
    for (size_t i = 0; table_note_at(t, i) != NULL; i++)
        (void)printf("%s\n", table_note_at(t, i));
    cli_table_free(table);
    buf_free(&cell);
}

static void put_page(const struct report_print *p, struct report_table *const *table, size_t tables,
                     struct buf *out)
{
    page_begin(out, p->title, p->below, p->korean);
    if (p->html != NULL)
        p->html(table, out);
    for (size_t i = 0; p->html == NULL && i < tables; i++)
        table_html(table[i], out);
    page_end(out);
}

int report_print(const struct report_print *p, struct report_table *const *table, size_t tables)
{
    struct buf out = BUF_INIT(OUTPUT_MAX);
    bool json = strcmp(p->format, "json") == 0;
    if (strcmp(p->format, "table") == 0) {
        for (size_t i = 0; i < tables; i++)
            print_terminal(table[i]);
        return CLI_OK;
    }
    if (strcmp(p->format, "html") == 0) {
        put_page(p, table, tables, &out);
    } else {
        for (size_t i = 0; i < tables; i++) {
            if (json)
                table_json(table[i], &out);
            else
                table_csv(table[i], &out);
            buf_text(&out, json ? "\n" : "");
        }
    }
    int code = policy_set_print(&out);
    buf_free(&out);
    return code;
}

#include "console/asked.h"

#include "console/state.h"
#include "console/tables.h"
#include "report/table.h"

#include <inttypes.h>
#include <stdio.h>

/* How much was read, and what was not there. */
enum count { READ, LET_GO, UNREADABLE, NO_LEAVES, FACTS_WRONG, LET_GO_BEFORE, COUNTS };

static const struct {
    const char *word;
    enum text text;
} counts[COUNTS] = {[READ] = {"entries", TEXT_READ},
                    [LET_GO] = {"let_go", TEXT_LET_GO},
                    [UNREADABLE] = {"unreadable", TEXT_UNREADABLE},
                    [NO_LEAVES] = {"unknown", TEXT_NO_LEAVES},
                    [FACTS_WRONG] = {"wrong_facts", TEXT_FACTS_WRONG},
                    [LET_GO_BEFORE] = {"let_go_before", TEXT_LET_GO_BEFORE}};

static void count(const struct asked *a, uint64_t n[COUNTS])
{
    struct job_progress p;
    inquiry_progress(a->inquiry, &p);
    n[READ] = p.of - p.let_go - p.missing;
    n[LET_GO] = p.let_go;
    n[UNREADABLE] = p.missing;
    n[NO_LEAVES] = p.left_out;
    n[FACTS_WRONG] = inquiry_wrong(a->inquiry);
    n[LET_GO_BEFORE] = p.let_go_before;
}

void asked_count(const struct asked *a, bool korean, struct report_table *t)
{
    uint64_t n[COUNTS];
    count(a, n);
    for (size_t i = 0; i < COUNTS; i++)
        if (n[i] > 0 || i == READ)
            table_count(t, counts[i].word, text_of(counts[i].text, korean), n[i]);
}

/* ---- on a page */

static void put_row(struct html *h, enum text name, const char *value)
{
    if (value[0] == '\0')
        return;
    html_open_row(h);
    html_t(h, name);
    html_close(h);
    html_open(h, "td");
    tables_put_text(h, bytes_of_text(value));
    html_close(h);
    html_close(h);
}

static void put_row_time(struct html *h, enum text name, int64_t us)
{
    char text[TIME_TEXT] = "";
    if (us != INT64_MIN && us != INT64_MAX)
        table_time_text(us, text);
    put_row(h, name, text);
}

static void put_row_number(struct html *h, enum text name, uint64_t n)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, n);
    if (n > 0)
        put_row(h, name, text);
}

void asked_put(const struct asked *a, struct web_call *w)
{
    struct html *h = &w->html;
    uint64_t n[COUNTS];
    count(a, n);
    html_open(h, "table");
    html_attr_text(h, "class", "facts");
    html_open(h, "tbody");
    put_row(h, TEXT_ARGUMENT, a->argument);
    put_row_time(h, TEXT_FROM, a->from_us);
    put_row_time(h, TEXT_UNTIL, a->until_us);
    put_row_time(h, TEXT_MADE, console_wall(w->console));
    put_row(h, TEXT_MADE_FOR, w->unit);
    put_row_number(h, TEXT_LOG_SIZE, a->size);
    for (size_t i = 0; i < COUNTS; i++)
        put_row_number(h, counts[i].text, n[i]);
    html_close(h);
    html_close(h);
    if (!w->visitor.reads_all)
        html_element_t(h, "p", "note", TEXT_OWN_ALONE);
}

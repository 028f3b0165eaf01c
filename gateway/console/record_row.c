#include "console/record_row.h"

#include "console/filter.h"
#include "report/names.h"
#include "report/table.h"

#include <inttypes.h>
#include <stdio.h>

enum { NAMED_MOST = 3 /* recipients, reasons, clauses in one cell */ };

static const struct {
    const char *word;
    enum text name;
} columns[] = {{"index", TEXT_C_INDEX},
               {"time", TEXT_C_TIME},
               {"event", TEXT_F_EVENT},
               {"source", TEXT_F_SOURCE},
               {"to", TEXT_C_TO},
               {"kind", TEXT_F_KIND},
               {"service", TEXT_F_SERVICE},
               {"purpose", TEXT_F_PURPOSE},
               {"decision", TEXT_C_DECISION},
               {"clause", TEXT_F_CLAUSE},
               {"incident", TEXT_F_INCIDENT},
               {"refers", TEXT_C_REFERS}};
_Static_assert(ARRAY_LEN(columns) == RECORD_COLUMNS, "record_row.h says how many there are");

static struct bytes part_of(const struct leaf_recipient *r, enum record_part part)
{
    return part == RECORD_TO ? r->unit : part == RECORD_DECISION ? r->reason : r->clause;
}

static bool came_before(const struct leaf *leaf, size_t at, enum record_part part)
{
    for (size_t i = 0; i < at; i++)
        if (bytes_equal(part_of(&leaf->recipient[i], part), part_of(&leaf->recipient[at], part)))
            return true;
    return false;
}

void record_put_part(const struct leaf *leaf, enum record_part part, bool korean, struct buf *out)
{
    const struct names names = {.korean = true}; /* in English the reasons' words are short */
    size_t said = 0, left = 0;
    for (size_t i = 0; i < leaf->recipients; i++) {
        struct bytes text = part_of(&leaf->recipient[i], part);
        if (text.n == 0 || came_before(leaf, i, part))
            continue;
        if (said == NAMED_MOST) {
            left++;
            continue;
        }
        buf_text(out, said++ == 0 ? "" : ", ");
        if (part == RECORD_DECISION && korean)
            names_put_reason(&names, text, out);
        else
            buf_put(out, text.p, text.n);
    }
    if (left > 0)
        buf_printf(out, " (+%zu)", left);
}

static struct bytes event_text(const struct leaf *leaf, bool korean)
{
    return bytes_of_text(korean ? audit_event_text(leaf->event, true)
                                : audit_event_word(leaf->event));
}

/* ---- on a page */

void record_put_head(struct web_call *w)
{
    struct html *h = &w->html;
    html_open(h, "thead");
    html_open(h, "tr");
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        html_open(h, "th");
        html_attr_text(h, "scope", "col");
        html_t(h, columns[i].name);
        html_close(h);
    }
    html_close(h);
    html_close(h);
}

void record_put_link(struct web_call *w, uint64_t index)
{
    struct buf to = BUF_INIT(64);
    char number[24];
    (void)snprintf(number, sizeof number, "%" PRIu64, index);
    web_path(w, "record/", &to);
    buf_text(&to, number);
    html_link(&w->html, buf_view(&to), bytes_of_text(number));
    buf_free(&to);
}

static void put_part(struct web_call *w, const struct leaf *leaf, enum record_part part)
{
    struct buf text = BUF_INIT(LEAF_MAX + 4096);
    record_put_part(leaf, part, w->korean, &text);
    html_element(&w->html, "td", NULL, buf_view(&text));
    buf_free(&text);
}

static void put_kind(struct web_call *w, const struct leaf *leaf)
{
    const struct names names = {.korean = w->korean};
    struct buf text = BUF_INIT(LEAF_MAX);
    names_put(&names, 0, POLICY_NAME_KIND, leaf->kind, &text);
    html_element(&w->html, "td", NULL, buf_view(&text));
    buf_free(&text);
}

static void put_incidents(struct web_call *w, const struct leaf *leaf)
{
    html_open(&w->html, "td");
    for (size_t i = 0; i < leaf->incidents && i < NAMED_MOST; i++) {
        html_text(&w->html, i == 0 ? "" : ", ");
        filter_put_link(w, SEARCH_INCIDENT, leaf->incident[i], leaf->incident[i]);
    }
    html_close(&w->html);
}

void record_put_row(struct web_call *w, const struct leaf *leaf)
{
    struct html *h = &w->html;
    html_open_row(h);
    record_put_link(w, leaf->index);
    html_close(h);
    html_open(h, "td");
    html_time(h, leaf->time_us);
    html_close(h);
    html_element(h, "td", NULL, event_text(leaf, w->korean));
    html_element(h, "td", NULL, leaf->source);
    put_part(w, leaf, RECORD_TO);
    put_kind(w, leaf);
    html_element(h, "td", NULL, leaf->service);
    html_element(h, "td", NULL, leaf->purpose);
    put_part(w, leaf, RECORD_DECISION);
    put_part(w, leaf, RECORD_CLAUSE);
    put_incidents(w, leaf);
    html_open(h, "td");
    if (leaf->has_refers)
        record_put_link(w, leaf->refers);
    html_close(h);
    html_close(h);
    html_text(h, "\n");
}

/* ---- for spreadsheet programs */

void record_csv_head(bool korean, struct buf *out)
{
    buf_text(out, "\xef\xbb\xbf");
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        buf_text(out, i == 0 ? "" : ",");
        table_csv_cell(out, bytes_of_text(text_of(columns[i].name, korean)));
    }
    buf_text(out, "\r\n");
}

static void csv_part(const struct leaf *leaf, enum record_part part, bool korean, struct buf *out)
{
    struct buf text = BUF_INIT(LEAF_MAX + 4096);
    record_put_part(leaf, part, korean, &text);
    buf_text(out, ",");
    table_csv_cell(out, buf_view(&text));
    buf_free(&text);
}

static void csv_cell(struct buf *out, struct bytes text)
{
    buf_text(out, ",");
    table_csv_cell(out, text);
}

void record_csv_row(const struct leaf *leaf, bool korean, struct buf *out)
{
    char time[TIME_TEXT];
    time_text(leaf->time_us, zone_named("Asia/Seoul"), time);
    buf_printf(out, "\"%" PRIu64 "\",\"%s\"", leaf->index, time);
    csv_cell(out, event_text(leaf, korean));
    csv_cell(out, leaf->source);
    csv_part(leaf, RECORD_TO, korean, out);
    csv_cell(out, leaf->kind);
    csv_cell(out, leaf->service);
    csv_cell(out, leaf->purpose);
    csv_part(leaf, RECORD_DECISION, korean, out);
    csv_part(leaf, RECORD_CLAUSE, korean, out);
    csv_cell(out, leaf->incidents > 0 ? leaf->incident[0] : bytes_of(NULL, 0));
    buf_text(out, ",");
    if (leaf->has_refers)
        buf_printf(out, "\"%" PRIu64 "\"", leaf->refers);
    buf_text(out, "\r\n");
}

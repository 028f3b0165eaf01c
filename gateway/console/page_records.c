/* Records: what the log has, by time, party, incident, memorandum, clause, reason, kind. */
#include "console/filter.h"
#include "console/gaps.h"
#include "console/index.h"
#include "console/record_row.h"
#include "console/state.h"

#include <inttypes.h>
#include <stdio.h>

enum { ROWS = 50 };

struct found {
    uint64_t index[ROWS], reached;
    size_t count;
    bool more;
};

/* ---- what is to be said of the index */

/* A page is shown with what the index has; without any it says how far it is. */
static bool has_index(struct web_call *w)
{
    const struct search *s = w->console->config.search;
    const struct leaves_head *head = leaves_look(w->console->leaves, console_now(w->console));
    if (!head->is_there)
        web_fail(w, 503, TEXT_NO_LOG, TEXT_NO_CHECKPOINT);
    else if (s == NULL || (search_size(s) == 0 && head->checkpoint.size > 0))
        web_fail(w, 503, TEXT_NO_INDEX, TEXT_NO_INDEX_DO);
    else
        return true;
    return false;
}

/* ---- paging */

static void put_step(struct web_call *w, enum text name, const char *rel, const char *bound,
                     uint64_t at)
{
    struct html *h = &w->html;
    struct buf to = BUF_INIT(4 * CONSOLE_PATH_MAX);
    char number[24];
    (void)snprintf(number, sizeof number, "%" PRIu64, at);
    web_path(w, "records", &to);
    filter_link(w, &to);
    if (bound != NULL)
        query_put(&to, bound, bytes_of_text(number));
    html_open(h, "a");
    html_attr_text(h, "rel", rel);
    html_attr(h, "href", buf_view(&to));
    html_t(h, name);
    html_close(h);
    html_text(h, " ");
    buf_free(&to);
}

static void put_steps(struct web_call *w, const struct search_query *q, const struct found *f)
{
    struct html *h = &w->html;
    bool at_end = !q->oldest_first && q->before == UINT64_MAX;
    bool newer = q->oldest_first ? f->more : !at_end;
    bool older = q->oldest_first ? q->after > 0 : f->more;
    uint64_t newest = f->count > 0 ? f->index[0] : q->oldest_first ? q->after : q->before;
    uint64_t oldest = f->count > 0 ? f->index[f->count - 1] : q->before;
    html_open(h, "nav");
    html_attr_text(h, "class", "actions paging");
    html_attr_text(h, "aria-label", text_of(TEXT_PAGING, w->korean));
    if (newer) {
        put_step(w, TEXT_NEWEST, "first", NULL, 0);
        put_step(w, TEXT_NEWER, "prev", "after",
                 f->more && q->oldest_first ? f->reached : newest + (f->count > 0));
    }
    if (older)
        put_step(w, TEXT_OLDER, "next", "before",
                 f->more && !q->oldest_first ? f->reached : oldest);
    html_close(h);
}

static void put_export(struct web_call *w, const char *path, enum text name)
{
    struct buf to = BUF_INIT(4 * CONSOLE_PATH_MAX);
    web_path(w, path, &to);
    filter_link(w, &to);
    html_link(&w->html, buf_view(&to), bytes_of_text(text_of(name, w->korean)));
    html_text(&w->html, " ");
    buf_free(&to);
}

/* ---- rows */

static void put_row(struct web_call *w, uint64_t index, struct gaps *gaps)
{
    struct leaf leaf;
    struct leaf_room *room;
    if (gaps_read(gaps, w, index, &leaf, &room))
        record_put_row(w, &leaf);
    leaf_room_free(room);
}

static void put_rows(struct web_call *w, const struct found *f, struct gaps *gaps)
{
    struct html *h = &w->html;
    html_open(h, "div");
    html_attr_text(h, "class", "wide");
    html_open(h, "table");
    html_attr_text(h, "aria-label", text_of(TEXT_NAV_RECORDS, w->korean));
    record_put_head(w);
    html_open(h, "tbody");
    for (size_t i = 0; i < f->count; i++)
        put_row(w, f->index[i], gaps);
    html_close(h);
    html_close(h);
    html_close(h);
}

static void turn_round(struct found *f)
{
    for (size_t i = 0; i < f->count / 2; i++) {
        uint64_t t = f->index[i];
        f->index[i] = f->index[f->count - 1 - i];
        f->index[f->count - 1 - i] = t;
    }
}

static void show_records(struct web_call *w, const struct search_query *q, struct found *f)
{
    struct html *h = web_begin_page(w, 200, bytes_of_text(text_of(TEXT_NAV_RECORDS, w->korean)));
    if (q->oldest_first)
        turn_round(f);
    struct web_seen seen = {.form = "html"};
    struct gaps gaps;
    if (f->count > 0) {
        seen.from = f->index[f->count - 1];
        seen.to = f->index[0] + 1;
    }
    filter_put(w);
    if (index_is_behind(w))
        index_put_progress(w);
    gaps_begin(&gaps, w);
    if (f->count == 0)
        html_element_t(h, "p", "remedy", f->more ? TEXT_LOOK_ON : TEXT_NOTHING_FOUND);
    else
        put_rows(w, f, &gaps);
    gaps_put(&gaps, h, q->oldest_first ? q->after == 0 : !f->more);
    put_steps(w, q, f);
    html_open(h, "p");
    html_attr_text(h, "class", "actions");
    put_export(w, "records/csv", TEXT_ALL_AS_CSV);
    put_export(w, "records/json", TEXT_ALL_AS_JSON);
    html_close(h);
    web_show(w, &seen);
}

static void fail_filter(struct web_call *w, const struct filter_fault *fault)
{
    struct html *h = web_begin_page(w, 400, bytes_of_text(text_of(TEXT_BAD_FILTER, w->korean)));
    html_open(h, "p");
    html_attr_text(h, "class", "remedy");
    html_element_text(h, "code", NULL, fault->field);
    html_text(h, ": ");
    html_t(h, fault->remedy);
    html_close(h);
    filter_put(w);
    web_show(w, NULL);
}

/* Whether there is something to look in, and what for; else it was answered. */
bool records_begin(struct web_call *w, struct search_query *q)
{
    if (!has_index(w))
        return false;
    struct filter_fault fault = filter_read(w, q);
    if (fault.field != NULL)
        fail_filter(w, &fault);
    return fault.field == NULL;
}

void page_records(struct web_call *w);
void page_records(struct web_call *w)
{
    struct search_query q;
    struct found f = {.count = 0};
    if (!records_begin(w, &q))
        return;
    q.reached = &f.reached;
    if (search_find(w->console->config.search, &q, f.index, ROWS, &f.count, &f.more) == RESULT_OK)
        show_records(w, &q, &f);
    else
        web_fail(w, 503, TEXT_NO_INDEX, TEXT_NO_INDEX_DO);
}

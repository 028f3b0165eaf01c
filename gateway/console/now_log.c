/* What the log itself says, on the page about now: refusals of the last day by reason, what is
 * late. Inside console/ only. */
#include "console/now.h"

#include "console/filter.h"
#include "console/index.h"
#include "console/state.h"
#include "message/reason.h"
#include "report/names.h"
#include "search/search.h"

#include <inttypes.h>

enum { REASONS_MOST = 64, SHOWN_MOST = 12, LATE_MOST = 20 };

/* ---- refusals of a day */

struct refused {
    char reason[64];
    uint64_t count;
};

struct refusals {
    struct refused row[REASONS_MOST];
    size_t rows;
    uint64_t others; /* of reasons past those */
};

static void add_refused(void *arg, const struct search_tally *t)
{
    struct refusals *all = arg;
    size_t i = 0;
    while (i < all->rows && !bytes_is(t->value, all->row[i].reason))
        i++;
    if (i == all->rows && (i == REASONS_MOST || t->value.n >= sizeof all->row[i].reason)) {
        all->others += t->count;
        return;
    }
    if (i == all->rows)
        memcpy(all->row[all->rows++].reason, t->value.p, t->value.n);
    all->row[i].count += t->count;
}

static void sort_refused(struct refusals *all)
{
    for (size_t i = 1; i < all->rows; i++)
        for (size_t k = i; k > 0 && all->row[k].count > all->row[k - 1].count; k--) {
            struct refused t = all->row[k];
            all->row[k] = all->row[k - 1];
            all->row[k - 1] = t;
        }
}

static void put_refused(struct web_call *w, const struct refused *r)
{
    const struct names names = {.korean = w->korean};
    struct html *h = &w->html;
    struct buf text = BUF_INIT(4096);
    names_put_reason(&names, bytes_of_text(r->reason), &text);
    html_open_row(h);
    if (web_may_open(w, "records"))
        filter_put_link(w, SEARCH_REASON, bytes_of_text(r->reason), buf_view(&text));
    else
        html_put(h, buf_view(&text));
    html_close(h);
    html_open(h, "td");
    html_number(h, r->count);
    html_close(h);
    html_close(h);
    buf_free(&text);
}

static void put_refusals(struct web_call *w, struct refusals *all)
{
    struct html *h = &w->html;
    sort_refused(all);
    html_element_t(h, "h2", NULL, TEXT_REFUSALS);
    if (all->rows == 0) {
        html_element_t(h, "p", "faint", TEXT_NONE);
        return;
    }
    html_open(h, "table");
    html_attr_text(h, "class", "facts");
    html_open(h, "tbody");
    for (size_t i = 0; i < all->rows && i < SHOWN_MOST; i++)
        put_refused(w, &all->row[i]);
    html_close(h);
    html_close(h);
}

/* ---- what is late */

/* The last leaves of an event. */
static size_t lasts_of(struct web_call *w, enum audit_event e, uint64_t index[LATE_MOST])
{
    const struct search_query q = {.term = {{SEARCH_EVENT, bytes_of_text(audit_event_word(e))}},
                                   .terms = 1,
                                   .from_us = INT64_MIN,
                                   .until_us = INT64_MAX,
                                   .before = UINT64_MAX};
    size_t found = 0;
    bool more;
    return search_find(w->console->config.search, &q, index, LATE_MOST, &found, &more) == RESULT_OK
               ? found
               : 0;
}

/* The witness that a leaf is about, copied; false: none. */
static bool witness_of(struct web_call *w, uint64_t index, struct buf *name)
{
    struct leaf leaf;
    struct leaf_room *room;
    struct bytes word;
    buf_clear(name);
    if (leaves_read(w->console->leaves, index, &leaf, &room) == RESULT_OK &&
        leaf_detail(&leaf.detail, "witness", &word))
        buf_put(name, word.p, word.n);
    leaf_room_free(room);
    return name->n > 0;
}

/* A witness is late from the record that says so until the one that it is back. */
static bool is_late(struct web_call *w, uint64_t since, struct bytes name)
{
    uint64_t back[LATE_MOST];
    size_t count = lasts_of(w, AUDIT_WITNESS_BACK, back);
    struct buf other = BUF_INIT(LEAF_MAX);
    bool late = true;
    for (size_t i = 0; i < count && late && back[i] > since; i++)
        late = !witness_of(w, back[i], &other) || !bytes_equal(buf_view(&other), name);
    buf_free(&other);
    return late;
}

bool now_witness_is_late(struct web_call *w, struct bytes witness)
{
    uint64_t late[LATE_MOST];
    const size_t count = lasts_of(w, AUDIT_WITNESS_LATE, late);
    struct buf name = BUF_INIT(LEAF_MAX);
    size_t i = 0;
    while (i < count && !(witness_of(w, late[i], &name) && bytes_equal(buf_view(&name), witness)))
        i++;
    buf_free(&name);
    return i < count && is_late(w, late[i], witness);
}

static void put_late(struct web_call *w, struct bytes name)
{
    struct html *h = &w->html;
    html_open(h, "p");
    html_attr_text(h, "class", "bad");
    html_t(h, TEXT_WITNESS_LATE);
    html_text(h, " ");
    html_put(h, name);
    html_close(h);
}

/* Whether the name stands among those judged; it does from now on. A ledger that begins anew says
 * once more that a witness is late. */
static bool was_judged(struct buf *judged, struct bytes name)
{
    struct cursor in = cursor_over(buf_view(judged));
    struct bytes one;
    while (cursor_bytes16(&in, &one) == RESULT_OK)
        if (bytes_equal(one, name))
            return true;
    buf_bytes16(judged, name);
    return false;
}

/* Also of those that the configuration does not name any more. */
void now_put_late(struct web_call *w)
{
    if (w->console->config.search == NULL)
        return;
    uint64_t late[LATE_MOST];
    size_t count = lasts_of(w, AUDIT_WITNESS_LATE, late), said = 0;
    struct buf name = BUF_INIT(LEAF_MAX), judged = BUF_INIT(LATE_MOST * LEAF_MAX);
    for (size_t i = 0; i < count; i++)
        if (witness_of(w, late[i], &name) && !was_judged(&judged, buf_view(&name)) &&
            is_late(w, late[i], buf_view(&name))) {
            put_late(w, buf_view(&name));
            said++;
        }
    buf_free(&judged);
    if (said == 0 && w->console->config.witnesses > 0 && !index_is_behind(w))
        html_element_t(&w->html, "p", "good", TEXT_WITNESS_GOOD);
    buf_free(&name);
}

static void put_overdue(struct web_call *w)
{
    static const enum audit_event events[] = {AUDIT_RECEIPT_OVERDUE, AUDIT_REVIEW_OVERDUE,
                                              AUDIT_REQUEST_OVERDUE};
    struct html *h = &w->html;
    html_element_t(h, "h2", NULL, TEXT_OVERDUE);
    html_open(h, "ul");
    for (size_t i = 0; i < ARRAY_LEN(events); i++) {
        struct leaf leaf;
        struct leaf_room *room = NULL;
        uint64_t last[LATE_MOST];
        size_t count = lasts_of(w, events[i], last);
        html_open(h, "li");
        html_text(h, audit_event_text(events[i], w->korean));
        html_text(h, ": ");
        if (count > 0 && leaves_read(w->console->leaves, last[0], &leaf, &room) == RESULT_OK)
            html_time(h, leaf.time_us);
        else
            html_t(h, TEXT_NEVER);
        html_close(h);
        leaf_room_free(room);
    }
    html_close(h);
}

void now_put_log(struct web_call *w)
{
    struct refusals all = {.rows = 0};
    int64_t now = console_wall(w->console);
    struct search *s = w->console->config.search;
    if (s == NULL || search_count(s, SEARCH_COUNT_REASON, now - US_PER_DAY, INT64_MAX, add_refused,
                                  &all) != RESULT_OK) {
        html_element_t(&w->html, "p", "note", TEXT_NO_INDEX);
        return;
    }
    put_refusals(w, &all);
    put_overdue(w);
}

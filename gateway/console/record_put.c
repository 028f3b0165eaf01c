/* A leaf and its chain, as parts of a page. */
#include "console/access.h"
#include "console/filter.h"
#include "console/record_row.h"
#include "console/record.h"
#include "console/state.h"
#include "console/tables.h"
#include "report/names.h"

#include <inttypes.h>
#include <stdio.h>

static struct names names_of(const struct web_call *w)
{
    struct names n = {.korean = w->korean};
    if (w->console->policy != NULL)
        n.set[n.sets++] = w->console->policy;
    return n;
}

/* What the table of the log's words calls it. */
static const char *word_text(enum audit_place place, const char *word, bool korean)
{
    const struct audit_word *row;
    for (size_t i = 0; (row = audit_word_at(i)) != NULL; i++)
        if (row->place == place && strcmp(row->word, word) == 0)
            return row->text[korean];
    return "";
}

/* ---- the leaf's own members */

/* What a reader calls it; the leaf's own word, which stands in the entry below, for the rest. */
static const char *row_name(const char *word, bool korean)
{
    static const struct {
        const char *word;
        enum text name;
    } names[] = {
        {"event", TEXT_F_EVENT}, {"time_us", TEXT_C_TIME},       {"source", TEXT_F_SOURCE},
        {"kind", TEXT_F_KIND},   {"service", TEXT_F_SERVICE},    {"purpose", TEXT_F_PURPOSE},
        {"basis", TEXT_C_BASIS}, {"status", TEXT_F_STATUS},      {"id", TEXT_F_ID},
        {"lane", TEXT_C_LANE},   {"incidents", TEXT_F_INCIDENT}, {"policy", TEXT_C_POLICY},
        {"size", TEXT_C_SIZE},   {"refers", TEXT_C_REFERS},      {"detail", TEXT_C_DETAIL}};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(names[i].word, word) == 0)
            return text_of(names[i].name, korean);
    return word;
}

static void begin_row(struct html *h, const char *word)
{
    html_open_row(h);
    html_attr_text(h, "title", word_text(AUDIT_LEAF, word, h->korean));
    html_text(h, row_name(word, h->korean));
    html_close(h);
    html_open(h, "td");
}

static void end_row(struct html *h)
{
    html_close(h);
    html_close(h);
    html_text(h, "\n");
}

/* A member that records can be found by leads to those. */
static void put_found(struct web_call *w, const char *word, enum search_field field,
                      struct bytes value, enum policy_name what)
{
    const struct names n = names_of(w);
    struct buf title = BUF_INIT(LEAF_MAX + 4096);
    if (value.n == 0)
        return;
    begin_row(&w->html, word);
    filter_put_link(w, field, value, value);
    names_put(&n, 0, what, value, &title);
    if (!bytes_equal(buf_view(&title), value)) {
        html_text(&w->html, " ");
        html_element(&w->html, "span", "faint", buf_view(&title));
    }
    end_row(&w->html);
    buf_free(&title);
}

static void put_text(struct web_call *w, const char *word, struct bytes value)
{
    if (value.n == 0)
        return;
    begin_row(&w->html, word);
    html_put(&w->html, value);
    end_row(&w->html);
}

static void put_number(struct web_call *w, const char *word, uint64_t n)
{
    if (n == 0)
        return;
    begin_row(&w->html, word);
    html_number(&w->html, n);
    end_row(&w->html);
}

static void put_incidents(struct web_call *w, const struct leaf *leaf)
{
    for (size_t i = 0; i < leaf->incidents; i++) {
        begin_row(&w->html, "incidents");
        filter_put_link(w, SEARCH_INCIDENT, leaf->incident[i], leaf->incident[i]);
        end_row(&w->html);
    }
}

static void put_event(struct web_call *w, const struct leaf *leaf)
{
    struct html *h = &w->html;
    begin_row(h, "event");
    filter_put_link(w, SEARCH_EVENT, bytes_of_text(audit_event_word(leaf->event)),
                    bytes_of_text(audit_event_word(leaf->event)));
    html_text(h, " ");
    html_element_text(h, "span", "faint", audit_event_text(leaf->event, w->korean));
    end_row(h);
    begin_row(h, "time_us");
    html_time(h, leaf->time_us);
    html_text(h, " KST");
    end_row(h);
}

/* ---- recipients */

static void put_cell_text(struct html *h, struct bytes text)
{
    html_element(h, "td", NULL, text);
}

static void put_recipient(struct web_call *w, const struct leaf_recipient *r)
{
    const struct names n = names_of(w);
    struct html *h = &w->html;
    struct buf reason = BUF_INIT(LEAF_MAX);
    names_put_reason(&n, r->reason, &reason);
    html_open_row(h);
    filter_put_link(w, SEARCH_UNIT, r->unit, r->unit);
    html_close(h);
    put_cell_text(h, buf_view(&reason));
    html_open(h, "td");
    filter_put_link(w, SEARCH_CLAUSE, r->clause, r->clause);
    html_close(h);
    put_cell_text(h, r->failed);
    put_cell_text(h, r->flags);
    html_open(h, "td");
    html_time(h, r->deadline_us);
    html_close(h);
    html_close(h);
    html_text(h, "\n");
    buf_free(&reason);
}

static void put_recipients(struct web_call *w, const struct leaf *leaf)
{
    static const char *const words[] = {"unit",   "reason", "clause",
                                        "failed", "flags",  "deadline_us"};
    static const enum text names[] = {TEXT_F_UNIT,   TEXT_C_DECISION, TEXT_F_CLAUSE,
                                      TEXT_C_FAILED, TEXT_C_FLAGS,    TEXT_C_DEADLINE};
    struct html *h = &w->html;
    if (leaf->recipients == 0)
        return;
    html_element_t(h, "h2", NULL, TEXT_DECIDED);
    html_open(h, "div");
    html_attr_text(h, "class", "wide");
    html_open(h, "table");
    html_open(h, "thead");
    html_open(h, "tr");
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        html_open(h, "th");
        html_attr_text(h, "scope", "col");
        html_attr_text(h, "title", word_text(AUDIT_RECIPIENT, words[i], w->korean));
        html_t(h, names[i]);
        html_close(h);
    }
    html_close(h);
    html_close(h);
    html_open(h, "tbody");
    for (size_t i = 0; i < leaf->recipients; i++)
        put_recipient(w, &leaf->recipient[i]);
    html_close(h);
    html_close(h);
    html_close(h);
}

void record_put_leaf(struct web_call *w, const struct leaf *leaf)
{
    struct html *h = &w->html;
    html_open(h, "table");
    html_attr_text(h, "class", "facts");
    html_open(h, "tbody");
    put_event(w, leaf);
    put_found(w, "source", SEARCH_SOURCE, leaf->source, POLICY_NAME_UNIT);
    put_found(w, "kind", SEARCH_KIND, leaf->kind, POLICY_NAME_KIND);
    put_found(w, "service", SEARCH_SERVICE, leaf->service, POLICY_NAME_SERVICE);
    put_found(w, "purpose", SEARCH_PURPOSE, leaf->purpose, POLICY_NAME_PURPOSE);
    put_text(w, "basis", leaf->basis);
    put_found(w, "status", SEARCH_STATUS, leaf->status, POLICY_NAME_FIELD);
    put_found(w, "id", SEARCH_ID, leaf->id, POLICY_NAME_FIELD);
    put_text(w, "lane", leaf->lane);
    put_incidents(w, leaf);
    put_number(w, "policy", leaf->policy);
    put_number(w, "size", leaf->size);
    if (leaf->has_refers) {
        begin_row(h, "refers");
        record_put_link(w, leaf->refers);
        end_row(h);
    }
    put_text(w, "detail", leaf->detail);
    html_close(h);
    html_close(h);
    put_recipients(w, leaf);
}

/* ---- the chain */

static const char *class_of(enum audit_event e)
{
    switch (e) {
    case AUDIT_DESTROYED:
    case AUDIT_RECIPIENT_DESTROYED: return "destroyed";
    case AUDIT_STREAM_REFUSED:
    case AUDIT_WATCH_REFUSED:
    case AUDIT_WITHHELD:
    case AUDIT_RECEIPT_OVERDUE: return "refused";
    default: return "step";
    }
}

static void put_step(struct web_call *w, const struct leaf *leaf, bool is_this)
{
    struct html *h = &w->html;
    html_open(h, "li");
    html_attr_text(h, "class", class_of(leaf->event));
    if (is_this)
        html_attr_text(h, "aria-current", "true");
    html_open(h, "span");
    html_attr_text(h, "class", "when");
    html_time(h, leaf->time_us);
    html_close(h);
    html_open(h, "strong");
    html_attr_text(h, "title", audit_event_text(leaf->event, w->korean));
    html_text(h, w->korean ? audit_event_text(leaf->event, true) : audit_event_word(leaf->event));
    html_close(h);
    html_text(h, " ");
    html_put(h, leaf->recipients == 1 ? leaf->recipient[0].unit : leaf->source);
    html_text(h, " · ");
    record_put_link(w, leaf->index);
    html_close(h);
}

/* Steps that are another party's alone are left out, and counted. */
static size_t put_steps(struct web_call *w, const struct chain *c, uint64_t index)
{
    size_t hidden = 0;
    html_open(&w->html, "ol");
    html_attr_text(&w->html, "class", "timeline");
    for (const struct chain_link *l = c->link; l != NULL; l = l->next) {
        struct leaf leaf;
        struct leaf_room *room = NULL;
        bool good = leaf_read(l->entry, &leaf, &room) == RESULT_OK;
        if (good && access_may_read(&w->visitor, &leaf))
            put_step(w, &leaf, leaf.index == index);
        else
            hidden++;
        leaf_room_free(room);
    }
    html_close(&w->html);
    return hidden;
}

/* Keys and recipients in tables: for who reads all; of the others' parties none of it is for an
 * officer. */
static void put_tables(struct web_call *w, const struct chain *c)
{
    const struct names names = names_of(w);
    const struct report r = {.names = &names};
    struct report_table *t[CHAIN_TABLES];
    chain_tables(&r, c, t);
    for (size_t i = 0; i < CHAIN_TABLES; i++) {
        if (i > 0) /* the first one has the steps */
            tables_put(w, t[i]);
        table_free(t[i]);
    }
}

void record_put_chain(struct web_call *w, const struct chain *c, uint64_t index, bool is_cut,
                      bool is_behind)
{
    struct html *h = &w->html;
    struct buf says = BUF_INIT(4096);
    html_element_t(h, "h2", NULL, TEXT_CHAIN);
    if (!is_behind) {
        chain_say(c, w->korean, &says);
        html_element(h, "p", NULL, buf_view(&says));
    }
    buf_free(&says);
    size_t hidden = put_steps(w, c, index);
    if (hidden > 0) {
        html_open(h, "p");
        html_attr_text(h, "class", "note");
        html_t(h, TEXT_STEPS_OF_OTHERS);
        html_say(h, " %zu", hidden);
        html_close(h);
    }
    if (is_cut || c->is_cut || c->is_full)
        html_element_t(h, "p", "remedy", TEXT_CHAIN_IS_CUT);
    if (w->visitor.reads_all && !is_behind)
        put_tables(w, c);
}

#include "console/filter.h"

#include "audit/note.h"
#include "console/access.h"
#include "console/when.h"
#include "message/reason.h"
#include "report/names.h"

enum { DATE = 10 /* characters of 2026-11-21 */ };

/* What the form offers; other fields of the index come by links, and are shown when they are set.
 */
static const struct {
    enum search_field field;
    enum text name;
    bool always;
} inputs[] = {{SEARCH_EVENT, TEXT_F_EVENT, true},
              {SEARCH_PARTY, TEXT_F_PARTY, true},
              {SEARCH_INCIDENT, TEXT_F_INCIDENT, true},
              {SEARCH_KIND, TEXT_F_KIND, true},
              {SEARCH_MOU, TEXT_F_MOU, true},
              {SEARCH_CLAUSE, TEXT_F_CLAUSE, true},
              {SEARCH_REASON, TEXT_F_REASON, true},
              {SEARCH_SERVICE, TEXT_F_SERVICE, true},
              {SEARCH_ID, TEXT_F_ID, true},
              {SEARCH_PURPOSE, TEXT_F_PURPOSE, false},
              {SEARCH_STATUS, TEXT_F_STATUS, false},
              {SEARCH_SOURCE, TEXT_F_SOURCE, false},
              {SEARCH_SOURCE_PARTY, TEXT_F_SOURCE_PARTY, false},
              {SEARCH_UNIT, TEXT_F_UNIT, false},
              {SEARCH_UNIT_PARTY, TEXT_F_UNIT_PARTY, false},
              {SEARCH_ABOUT, TEXT_F_ABOUT, false},
              {SEARCH_SCOPE, TEXT_F_SCOPE, false}};

/* ---- reading */

/* Of `until` a day counts as a whole. */
static bool read_time(struct bytes text, bool to_end, int64_t *us)
{
    if (!when_read(text, us))
        return false;
    if (to_end && text.n == DATE)
        *us = time_after(*us, US_PER_DAY);
    return true;
}

static bool read_index(struct bytes text, uint64_t *out)
{
    return checkpoint_number(text, out);
}

static struct filter_fault read_bounds(struct web_call *w, struct search_query *out)
{
    struct bytes from = query_get(&w->query, "from"), until = query_get(&w->query, "until");
    struct bytes before = query_get(&w->query, "before"), after = query_get(&w->query, "after");
    if (from.n > 0 && !read_time(from, false, &out->from_us))
        return (struct filter_fault){"from", TEXT_BAD_BOUND};
    if (until.n > 0 && !read_time(until, true, &out->until_us))
        return (struct filter_fault){"until", TEXT_BAD_BOUND};
    if (before.n > 0 && !read_index(before, &out->before))
        return (struct filter_fault){"before", TEXT_BAD_INDEX};
    if (after.n > 0 && !read_index(after, &out->after))
        return (struct filter_fault){"after", TEXT_BAD_INDEX};
    out->oldest_first = after.n > 0;
    return (struct filter_fault){0};
}

struct filter_fault filter_read(struct web_call *w, struct search_query *out)
{
    struct bytes own = access_party(&w->visitor);
    *out = (struct search_query){.from_us = INT64_MIN, .until_us = INT64_MAX, .before = UINT64_MAX};
    if (own.n > 0)
        out->term[out->terms++] = (struct search_term){SEARCH_PARTY, own};
    for (unsigned f = 0; f < SEARCH_FIELDS; f++) {
        struct bytes value = query_get(&w->query, search_field_word((enum search_field)f));
        if (value.n == 0)
            continue;
        if (out->terms == SEARCH_TERMS_MAX)
            return (struct filter_fault){search_field_word((enum search_field)f),
                                         TEXT_TOO_MANY_TERMS};
        out->term[out->terms++] = (struct search_term){(enum search_field)f, value};
    }
    return read_bounds(w, out);
}

/* ---- the form */

static void put_label(struct html *h, const char *word, enum text name)
{
    html_open(h, "label");
    html_attr_text(h, "for", word);
    html_t(h, name);
    html_close(h);
}

static void put_input(struct html *h, const char *word, enum text name, const char *type,
                      struct bytes value)
{
    html_open(h, "div");
    put_label(h, word, name);
    html_open(h, "input");
    html_attr_text(h, "id", word);
    html_attr_text(h, "name", word);
    html_attr_text(h, "type", type);
    html_attr_text(h, "autocomplete", "off");
    html_attr(h, "value", value);
    html_close(h);
    html_close(h);
}

static void put_option(struct html *h, struct bytes value, struct bytes text, struct bytes is)
{
    html_open(h, "option");
    html_attr(h, "value", value);
    if (bytes_equal(value, is))
        html_attr_text(h, "selected", "selected");
    html_put(h, text);
    html_close(h);
}

static void put_events(struct html *h, struct bytes is)
{
    for (unsigned e = 0; e < AUDIT_EVENT_COUNT; e++) {
        struct bytes word = bytes_of_text(audit_event_word((enum audit_event)e));
        put_option(h, word,
                   h->korean ? bytes_of_text(audit_event_text((enum audit_event)e, true)) : word,
                   is);
    }
}

static void put_reasons(struct html *h, struct bytes is)
{
    const struct reason_row *row;
    for (size_t i = 0; (row = reason_at(i)) != NULL; i++)
        put_option(h, bytes_of_text(row->word), bytes_of_text(h->korean ? row->text[1] : row->word),
                   is);
}

static void put_kinds(struct html *h, struct bytes is)
{
    static const char *const kinds[] = {
#define K(NAME, name, lane, sender, state) #name,
#include "message/kinds.def"
#undef K
        "video"};
    const struct names names = {.korean = h->korean};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct buf title = BUF_INIT(1024);
        names_put(&names, 0, POLICY_NAME_KIND, bytes_of_text(kinds[i]), &title);
        put_option(h, bytes_of_text(kinds[i]), buf_view(&title), is);
        buf_free(&title);
    }
}

/* A word that is none of the table's stays chosen all the same. */
static void put_select(struct html *h, const char *word, enum text name, enum search_field field,
                       struct bytes is)
{
    html_open(h, "div");
    put_label(h, word, name);
    html_open(h, "select");
    html_attr_text(h, "id", word);
    html_attr_text(h, "name", word);
    put_option(h, bytes_of(NULL, 0), bytes_of_text(text_of(TEXT_ANY, h->korean)), is);
    if (field == SEARCH_EVENT)
        put_events(h, is);
    else if (field == SEARCH_REASON)
        put_reasons(h, is);
    else
        put_kinds(h, is);
    html_close(h);
    html_close(h);
}

static void put_fields(struct web_call *w, struct html *h)
{
    for (size_t i = 0; i < ARRAY_LEN(inputs); i++) {
        enum search_field f = inputs[i].field;
        const char *word = search_field_word(f);
        struct bytes value = query_get(&w->query, word);
        if (!inputs[i].always && value.n == 0)
            continue;
        if (f == SEARCH_EVENT || f == SEARCH_REASON || f == SEARCH_KIND)
            put_select(h, word, inputs[i].name, f, value);
        else
            put_input(h, word, inputs[i].name, "text", value);
    }
}

void filter_put(struct web_call *w)
{
    struct html *h = &w->html;
    struct buf to = BUF_INIT(256);
    web_path(w, "records", &to);
    html_open(h, "form");
    html_attr_text(h, "class", "filter");
    html_attr_text(h, "method", "get");
    html_attr(h, "action", buf_view(&to));
    html_attr_text(h, "role", "search");
    html_attr_text(h, "aria-label", text_of(TEXT_FILTER, w->korean));
    put_input(h, "from", TEXT_F_FROM, "text", query_get(&w->query, "from"));
    put_input(h, "until", TEXT_F_UNTIL, "text", query_get(&w->query, "until"));
    put_fields(w, h);
    html_open(h, "div");
    html_attr_text(h, "class", "actions");
    html_open(h, "button");
    html_attr_text(h, "type", "submit");
    html_t(h, TEXT_FILTER);
    html_close(h);
    html_link(h, buf_view(&to), bytes_of_text(text_of(TEXT_ALL_RECORDS, w->korean)));
    html_close(h);
    html_close(h);
    buf_free(&to);
}

/* ---- links */

void filter_link(struct web_call *w, struct buf *to)
{
    query_put(to, "from", query_get(&w->query, "from"));
    query_put(to, "until", query_get(&w->query, "until"));
    for (unsigned f = 0; f < SEARCH_FIELDS; f++) {
        const char *word = search_field_word((enum search_field)f);
        query_put(to, word, query_get(&w->query, word));
    }
}

void filter_put_link(struct web_call *w, enum search_field field, struct bytes value,
                     struct bytes text)
{
    struct buf to = BUF_INIT(3 * LEAF_MAX);
    if (value.n == 0)
        return;
    web_path(w, "records", &to);
    query_put(&to, search_field_word(field), value);
    html_link(&w->html, buf_view(&to), text);
    buf_free(&to);
}

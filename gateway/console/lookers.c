#include "console/lookers.h"

#include "console/carried.h"
#include "console/state.h"
#include "console/tables.h"
#include "search/search.h"

#include <inttypes.h>
#include <stdio.h>

enum { MOST = 50 };

static const struct report_column columns[] = {{"index", {"log index", "기록 번호"}},
                                               {"time", {"time (+09:00)", "일시 (+09:00)"}},
                                               {"unit", {"unit", "단위"}},
                                               {"what", {"page and form", "화면과 형식"}},
                                               {"reason", {"stated reason", "적은 열람 목적"}}};

static struct bytes reason_of(struct web_call *w, const struct leaf *leaf)
{
    struct visit *visit = web_visit(w);
    struct facts_file *facts = visit == NULL ? NULL : carried_of(visit)->facts;
    struct fact fact;
    switch (facts_of(facts, leaf, &fact)) {
    case FACT_OPEN: return fact.reason;
    case FACT_SEALED: return bytes_of_text(text_of(TEXT_REASON_SEALED, w->korean));
    case FACT_WRONG: return bytes_of_text(text_of(TEXT_REASON_WRONG, w->korean));
    default: return bytes_of(NULL, 0);
    }
}

static void add(struct web_call *w, struct report_table *t, uint64_t index)
{
    struct leaf leaf;
    struct leaf_room *room;
    table_number(t, index);
    if (leaves_read(w->console->leaves, index, &leaf, &room) == RESULT_OK) {
        table_time(t, leaf.time_us);
        table_put(t, leaf.source);
        table_put(t, leaf.detail);
        table_put(t, reason_of(w, &leaf));
    } else {
        table_text(t, "");
        table_text(t, "");
        table_text(t, text_of(TEXT_VIEW_ABSENT, w->korean));
        table_text(t, "");
    }
    leaf_room_free(room);
}

void lookers_put(struct web_call *w, uint64_t index)
{
    char number[24];
    uint64_t view[MOST];
    size_t found = 0;
    bool more = false;
    const char *const title[2] = {text_of(TEXT_LOOKERS, false), text_of(TEXT_LOOKERS, true)};
    struct search *s = w->console->config.search;
    (void)snprintf(number, sizeof number, "%" PRIu64, index);
    const struct search_query q = {
        .term = {{SEARCH_EVENT, bytes_of_text(audit_event_word(AUDIT_VIEWED))},
                 {SEARCH_ABOUT, bytes_of_text(number)}},
        .terms = 2,
        .from_us = INT64_MIN,
        .until_us = INT64_MAX,
        .before = UINT64_MAX};
    if (!w->visitor.reads_all || s == NULL ||
        search_find(s, &q, view, MOST, &found, &more) != RESULT_OK)
        return;
    struct report_table *t = table_new("views", title, columns, ARRAY_LEN(columns), w->korean);
    for (size_t i = 0; i < found; i++)
        add(w, t, view[i]);
    if (more)
        table_note(t, text_of(TEXT_MORE_THAN_SHOWN, w->korean));
    table_note(t, text_of(TEXT_LOOKERS_WHAT, w->korean));
    tables_put(w, t);
    table_free(t);
}

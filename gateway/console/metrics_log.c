/* What the log and its index tell. Inside console/ only. */
#include "console/metrics.h"

#include "audit/witness.h"
#include "console/state.h"
#include "message/reason.h"
#include "search/search.h"

enum { ROWS_MOST = 1024 /* of one metric */, SERVICES_MOST = 64, BEHIND_MOST = 4096 };

static const struct bytes other = {(const uint8_t *)METRIC_OTHER, sizeof METRIC_OTHER - 1};

/* ---- counters since the log began */

struct counting {
    struct metric_set *set;
    enum metric metric, bytes; /* METRICS: bytes are not told */
    bool (*is_word)(struct bytes value);
    size_t rows;
    uint64_t others, other_bytes; /* of what is no word, or past the most rows */
};

static bool is_reason(struct bytes value)
{
    return reason_of_word(value) != REASON_NONE;
}

/* Kinds have an underscore where words have a hyphen. */
static bool is_kind(struct bytes value)
{
    char word[IDENT_WORD_MAX + 1];
    if (value.n == 0 || value.n > IDENT_WORD_MAX)
        return false;
    for (size_t i = 0; i < value.n; i++)
        word[i] = value.p[i] == '_' ? '-' : (char)value.p[i];
    return ident_is_word(bytes_of(word, value.n));
}

static void put_count(struct counting *c, struct bytes value, struct bytes second, uint64_t count,
                      uint64_t bytes)
{
    metric_put(c->set, c->metric, value, second, count);
    if (c->bytes != METRICS)
        metric_put(c->set, c->bytes, value, second, bytes);
}

static void count_one(void *arg, const struct search_tally *t)
{
    struct counting *c = arg;
    const bool is_good = c->is_word(t->value) && (t->second.n == 0 || ident_is_word(t->second));
    if (is_good && c->rows < ROWS_MOST) {
        put_count(c, t->value, t->second, t->count, t->bytes);
        c->rows++;
        return;
    }
    c->others += t->count;
    c->other_bytes += t->bytes;
}

static void put_counts(struct metric_set *s, struct search *search, enum search_count what,
                       struct counting c)
{
    c.set = s;
    if (search_count(search, what, INT64_MIN, INT64_MAX, count_one, &c) == RESULT_OK &&
        c.others > 0)
        put_count(&c, other, other, c.others, c.other_bytes);
}

/* Every event of the table, that of which there is none too: an alert on an increase has to have
 * seen it before. */
static void count_event(void *arg, const struct search_tally *t)
{
    uint64_t *count = arg;
    const enum audit_event e = audit_event_of_word(t->value);
    if (e != AUDIT_EVENT_COUNT)
        count[e] += t->count;
}

static void put_events(struct metric_set *s, struct search *search)
{
    uint64_t count[AUDIT_EVENT_COUNT] = {0};
    if (search_count(search, SEARCH_COUNT_EVENT, INT64_MIN, INT64_MAX, count_event, count) !=
        RESULT_OK)
        return;
    for (size_t e = 0; e < AUDIT_EVENT_COUNT; e++)
        metric_put_of(s, METRIC_EVENTS, audit_event_word((enum audit_event)e), count[e]);
}

/* ---- flows: by service, whoever the parties are */

struct flows {
    struct {
        char service[IDENT_WORD_MAX + 1];
        uint64_t count;
    } row[SERVICES_MOST];
    size_t rows;
    uint64_t others;
};

static void count_flow(void *arg, const struct search_tally *t)
{
    struct flows *f = arg;
    size_t i = 0;
    while (i < f->rows && !bytes_is(t->third, f->row[i].service))
        i++;
    if (i == f->rows && (i == SERVICES_MOST || !ident_is_word(t->third))) {
        f->others += t->count;
        return;
    }
    if (i == f->rows) {
        memcpy(f->row[i].service, t->third.p, t->third.n);
        f->rows++;
    }
    f->row[i].count += t->count;
}

static void put_flows(struct metric_set *s, struct search *search, enum search_count what,
                      const char *outcome)
{
    struct flows f = {.rows = 0};
    if (search_count(search, what, INT64_MIN, INT64_MAX, count_flow, &f) != RESULT_OK)
        return;
    for (size_t i = 0; i < f.rows; i++)
        metric_put(s, METRIC_FLOWS, bytes_of_text(f.row[i].service), bytes_of_text(outcome),
                   f.row[i].count);
    if (f.others > 0)
        metric_put(s, METRIC_FLOWS, other, bytes_of_text(outcome), f.others);
}

/* ---- the log */

static void put_witnesses(struct metric_set *s, const struct console_config *config)
{
    for (size_t i = 0; i < config->witnesses; i++) {
        const struct note_key *key = &config->witness[i];
        struct witness_confirmed last;
        const bool ever = witness_last(config->audit_folder, key, &last) == RESULT_OK;
        metric_put_of(s, METRIC_WITNESS_TIME, key->name, ever ? last.time_s : 0);
    }
}

void metrics_put_log(struct metric_set *s, struct console *c)
{
    const struct leaves_head *head = leaves_look(c->leaves, console_now(c));
    struct search *search = c->config.search;
    if (head->is_there && head->last_us > 0)
        metric_put_time(s, METRIC_CHECKPOINT_TIME, bytes_of(NULL, 0), head->last_us);
    put_witnesses(s, &c->config);
    if (search == NULL)
        return;
    metric_put_one(s, METRIC_INDEX_ENTRIES, search_size(search));
    /* Of an index that is being built, counters would rise as if all of it happened now. */
    if (!head->is_there || search_size(search) + BEHIND_MOST < head->checkpoint.size)
        return;
    put_events(s, search);
    put_counts(s, search, SEARCH_COUNT_KIND,
               (struct counting){
                   .metric = METRIC_MESSAGES, .bytes = METRIC_MESSAGE_BYTES, .is_word = is_kind});
    put_counts(
        s, search, SEARCH_COUNT_REASON,
        (struct counting){.metric = METRIC_REFUSALS, .bytes = METRICS, .is_word = is_reason});
    put_flows(s, search, SEARCH_COUNT_FLOW, "permitted");
    put_flows(s, search, SEARCH_COUNT_FLOW_REFUSED, "refused");
}

#include "console/inquiry.h"

#include "base/arena.h"
#include "base/mem.h"
#include "console/access.h"
#include "console/narrow.h"
#include "report/orders.h"

enum { ORDERS_MAX = INQUIRY_MOST / 1024 };

struct inquiry {
    struct inquiry_config config;
    char argument[INQUIRY_ARGUMENT_MAX + 1], party[IDENT_WORD_MAX + 1];
    struct world *world;
    struct orders *orders; /* INQUIRY_OVERDUE: instead of the world */
    size_t ordered;
    struct narrow *narrow; /* while it finds which entries are needed; then NULL */
    struct job *job;
    struct activated set[INQUIRY_SETS];
    size_t sets;
};

/* ---- whose entries */

bool inquiry_concerns(const struct leaf *leaf, struct bytes party)
{
    struct bytes detail = leaf->detail, officer;
    bool named = leaf->source.n > 0 || leaf->recipients > 0,
         its = access_is_of(leaf->source, party);
    for (size_t i = 0; i < leaf->recipients; i++)
        its = its || access_is_of(leaf->recipient[i].unit, party);
    if (leaf_detail(&detail, "officer", &officer)) {
        named = true;
        its = its || access_is_of(officer, party);
    }
    return its || !named;
}

/* ---- which entries: of these questions the index knows */

static bool add_events(struct narrow *n, const enum audit_event *event, size_t count)
{
    bool good = true;
    for (size_t i = 0; good && i < count; i++)
        good = narrow_add(n, SEARCH_EVENT, bytes_of_text(audit_event_word(event[i])),
                          AUDIT_EVENT_COUNT);
    return good;
}

/* An incident by its whole name; evidence may name it too, which stands in facts alone. */
static bool can_find_case(const struct inquiry_config *c)
{
    return strcmp(c->word, "case") == 0 && c->facts == NULL &&
           ident_split_incident(c->argument, NULL, NULL);
}

static bool begin_narrow(struct narrow *n, const struct inquiry_config *c)
{
    static const enum audit_event incidents[] = {AUDIT_INCIDENT_OPENED, AUDIT_INCIDENT_CHANGED,
                                                 AUDIT_INCIDENT_ENDED},
                                  reviews[] = {AUDIT_ACT, AUDIT_REVIEW_OVERDUE},
                                  requests[] = {AUDIT_ACT, AUDIT_REQUEST_OVERDUE},
                                  orders[] = {AUDIT_ORDERED, AUDIT_RECIPIENT_DESTROYED,
                                              AUDIT_NEVER_STORED, AUDIT_RETAINED,
                                              AUDIT_RECEIPT_OVERDUE};
    if (c->kind == INQUIRY_OVERDUE)
        return add_events(n, orders, ARRAY_LEN(orders));
    if (c->kind == INQUIRY_REGISTER && strcmp(c->word, "requests") == 0)
        return add_events(n, requests, ARRAY_LEN(requests));
    if (c->kind != INQUIRY_QUESTION)
        return false;
    if (strcmp(c->word, "incidents") == 0)
        return add_events(n, incidents, ARRAY_LEN(incidents));
    if (strcmp(c->word, "emergencies") == 0)
        return narrow_add(n, SEARCH_REASON, bytes_of_text("permitted-emergency"),
                          AUDIT_EVENT_COUNT) &&
               add_events(n, reviews, ARRAY_LEN(reviews));
    return can_find_case(c) && narrow_add(n, SEARCH_INCIDENT, c->argument, AUDIT_EVENT_COUNT);
}

static bool add_sets(struct narrow *n)
{
    static const enum audit_event sets[] = {AUDIT_POLICY_ACTIVATED};
    return add_events(n, sets, ARRAY_LEN(sets));
}

/* ---- reading */

static void keep_set(struct inquiry *q, const struct leaf *leaf)
{
    struct activated a;
    if (!activated_read(leaf, &a))
        return;
    if (q->sets == INQUIRY_SETS)
        memmove(q->set, q->set + 1, --q->sets * sizeof *q->set);
    q->set[q->sets++] = a;
}

/* Also what others did about what concerns the party, for its rows would be false without. */
static bool is_for_party(const struct inquiry *q, const struct leaf *leaf)
{
    return q->config.party.n == 0 || inquiry_concerns(leaf, q->config.party) ||
           (q->world != NULL && world_is_later(leaf));
}

static enum result take(void *arg, const struct leaf *leaf)
{
    struct inquiry *q = arg;
    keep_set(q, leaf);
    if (!is_for_party(q, leaf))
        return RESULT_OK;
    if (q->orders == NULL) {
        world_take(q->world, leaf);
        return arena_used(q->world->arena) > INQUIRY_MOST ? RESULT_TOO_LARGE : RESULT_OK;
    }
    q->ordered += leaf->event == AUDIT_ORDERED;
    orders_take(q->orders, leaf);
    return q->ordered > ORDERS_MAX ? RESULT_TOO_LARGE : RESULT_OK;
}

static enum result look(void *arg, const struct leaf *leaf)
{
    return narrow_look(((struct inquiry *)arg)->narrow, leaf) ? RESULT_OK : RESULT_TOO_LARGE;
}

/* Of `only` or of all (NULL). */
static void begin_job(struct inquiry *q, enum result (*each)(void *arg, const struct leaf *leaf),
                      const uint64_t *only, size_t count)
{
    const struct job_config c = {.folder = q->config.folder,
                                 .size = q->config.size,
                                 .clock = q->config.clock,
                                 .take = each,
                                 .arg = q,
                                 .only = only,
                                 .count = count};
    job_free(q->job);
    q->job = job_new(&c);
}

/* To the next entries that are to be looked at; or, when there are none, to the reading of all that
 * were found. */
static void go_on(struct inquiry *q)
{
    static const uint64_t none;
    const uint64_t *at;
    size_t count = narrow_settle(q->narrow, &at);
    if (count > 0) {
        begin_job(q, look, at, count);
        return;
    }
    count = narrow_all(q->narrow, &at);
    begin_job(q, take, count > 0 ? at : &none, count);
    narrow_free(q->narrow);
    q->narrow = NULL;
}

static void read_all(struct inquiry *q)
{
    narrow_free(q->narrow);
    q->narrow = NULL;
    begin_job(q, take, NULL, 0);
}

static struct bytes keep(struct bytes text, char *room, size_t most)
{
    const size_t n = text.n < most ? text.n : most;
    if (n > 0)
        memcpy(room, text.p, n);
    return bytes_of(room, n);
}

struct inquiry *inquiry_new(const struct inquiry_config *c)
{
    struct inquiry *q = mem_new(sizeof *q);
    q->config = *c;
    q->config.argument = keep(c->argument, q->argument, INQUIRY_ARGUMENT_MAX);
    q->config.party = keep(c->party, q->party, IDENT_WORD_MAX);
    if (c->kind == INQUIRY_OVERDUE)
        q->orders = orders_new();
    else
        q->world = world_new(c->facts, c->from_us, c->until_us);
    if (c->search != NULL) {
        q->narrow = narrow_new(c->search);
        if (begin_narrow(q->narrow, &q->config) && add_sets(q->narrow)) {
            go_on(q);
            return q;
        }
    }
    read_all(q);
    return q;
}

void inquiry_free(struct inquiry *q)
{
    if (q == NULL)
        return;
    job_free(q->job);
    narrow_free(q->narrow);
    world_free(q->world);
    orders_free(q->orders);
    mem_free(q);
}

enum job_state inquiry_turn(struct inquiry *q, int64_t within_us)
{
    const enum job_state state = job_turn(q->job, within_us);
    if (q->narrow == NULL || state == JOB_RUNS || state == JOB_FAILED)
        return state;
    if (state == JOB_DONE)
        go_on(q);
    else
        read_all(q);
    return JOB_RUNS;
}

void inquiry_progress(const struct inquiry *q, struct job_progress *out)
{
    job_progress(q->job, out);
}

uint64_t inquiry_wrong(const struct inquiry *q)
{
    return q->world == NULL ? 0 : q->world->wrong;
}

size_t inquiry_sets(const struct inquiry *q, struct activated out[INQUIRY_SETS])
{
    memcpy(out, q->set, q->sets * sizeof *out);
    return q->sets;
}

/* ---- answering */

size_t inquiry_answer(struct inquiry *q, const struct names *names,
                      struct report_table *out[INQUIRY_TABLES])
{
    const struct report r = {.world = q->world,
                             .names = names,
                             .from_us = q->config.from_us,
                             .until_us = q->config.until_us,
                             .now_us = q->config.now_us};
    switch (q->config.kind) {
    case INQUIRY_REGISTER: out[0] = register_make(q->config.word, &r); break;
    case INQUIRY_OVERDUE: out[0] = orders_overdue(&r, q->orders); break;
    case INQUIRY_STATISTICS: statistics_make(&r, out); return STATISTICS_TABLES;
    case INQUIRY_QUESTION:
        out[0] = question_named(q->config.word)->answer(&r, q->config.argument);
        break;
    }
    return 1;
}

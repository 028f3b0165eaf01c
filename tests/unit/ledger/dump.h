/* All that a ledger knows, as sorted lines, read from the structures themselves and not by what
 * writes snapshots: two ledgers know the same when their dumps are equal. */
#ifndef FEDGATE_TESTS_LEDGER_DUMP_H
#define FEDGATE_TESTS_LEDGER_DUMP_H

#include "ledger/claims.h"
#include "ledger/halves.h"
#include "ledger/preservation.h"
#include "ledger/owed.h"
#include "support.h"

struct dump {
    struct buf text;
    char **line;
    size_t lines, room;
};

static inline void dump_end_line(struct dump *d)
{
    if (d->lines == d->room) {
        size_t room = d->room == 0 ? 256 : 2 * d->room;
        d->line = mem_grow_array(d->line, d->room, room, sizeof(char *));
        d->room = room;
    }
    assert_int_equal(buf_status(&d->text), RESULT_OK);
    d->line[d->lines++] = mem_text(d->text.p, d->text.n);
    buf_clear(&d->text);
}

#define LINE(d, ...)                                                                               \
    do {                                                                                           \
        buf_printf(&(d)->text, __VA_ARGS__);                                                       \
        dump_end_line(d);                                                                          \
    } while (0)

#define U(x) ((unsigned long long)(x))

static inline void dump_hex(struct dump *d, const void *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_printf(&d->text, "%02x", ((const uint8_t *)p)[i]);
    buf_text(&d->text, " ");
}

static inline void dump_bytes(struct dump *d, struct bytes b)
{
    buf_printf(&d->text, "%.*s|", (int)b.n, (const char *)b.p);
}

/* What a clean start changes by itself is told apart: streams end, and the log says so. */
static inline void dump_counters(struct dump *d, const struct ledger *l)
{
    LINE(d, "start: leaves %llu clock %lld streams %zu", U(l->leaves), (long long)l->high_water_us,
         map_count(l->streams));
    LINE(d, "next entry %llu serial %llu register %llu until %lld", U(spool_next_number(l->queues)),
         U(l->highest_serial), U(l->register_scope), (long long)l->register_ends_us);
    buf_text(&d->text, "in force ");
    dump_hex(d, l->in_force.p, l->in_force.n);
    dump_end_line(d);
}

static inline void dump_streams(struct dump *d, const struct ledger *l)
{
    const struct ledger_stream *s;
    size_t at;
    MAP_FOREACH (s, l->streams, at)
        LINE(d, "start: stream %llu event %u %s %s", U(s->index), s->event, s->source, s->unit);
}

static inline void dump_incidents(struct dump *d, const struct ledger *l)
{
    const struct ledger_incident *i;
    size_t at;
    MAP_FOREACH (i, l->incidents, at) {
        struct buf whole = BUF_INIT(1 << 20);
        incident_put(&i->is, &whole);
        buf_printf(&d->text, "incident %s place %llu forgotten %lld ", i->is.id, U(i->place_scope),
                   (long long)(i->over.place == 0 ? 0 : i->over.due_us));
        dump_hex(d, whole.p, whole.n);
        dump_end_line(d);
        buf_free(&whole);
    }
}

static inline void dump_standing_item(void *arg, struct bytes item)
{
    struct dump *d = arg;
    buf_text(&d->text, "standing ");
    dump_hex(d, item.p, item.n);
    dump_end_line(d);
}

static inline void dump_scopes(struct dump *d, const struct ledger *l)
{
    const struct spool_scope *x;
    const struct delivery *v;
    size_t at = 0;
    while ((x = spool_scopes_next(l->scopes, &at)) != NULL) {
        size_t count = 0;
        TAILQ_FOREACH (v, &x->deliveries, of_scope)
            count++;
        buf_printf(&d->text, "scope %llu generation %llu %s [%s] starts %d %lld %lld %lld %lld ",
                   U(x->slot.id), U(x->slot.generation), x->incident,
                   x->regions == NULL ? "" : x->regions, (int)x->starts, (long long)x->delay_us,
                   (long long)x->deadline_us, (long long)x->ends_us, (long long)x->due.due_us);
        const struct bytes party = spool_scope_party(x);
        buf_printf(&d->text, "party [%.*s] mou [%s] cause %d preserved %u consent ", (int)party.n,
                   party.n == 0 ? "" : (const char *)party.p, x->mou, (int)x->cause, x->preserved);
        dump_hex(d, x->consent, x->has_consent ? ROAD_CONSENT : 0);
        dump_hex(d, x->slot.tuple, ROAD_DIGEST);
        dump_hex(d, x->slot.wrapped, ROAD_WRAPPED);
        LINE(d, "holds %zu deliveries %zu", x->holds, count);
    }
}

static inline int dump_by_id(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The numbers of what of this lane stands in a list. */
static inline void dump_list(const struct lanes_items *list, size_t lane, uint64_t *id, size_t *n)
{
    const struct lanes_item *i;
    TAILQ_FOREACH (i, list, next)
        if (i->flow->lane == lane)
            id[(*n)++] = entry_of(i)->id;
}

/* Of what waits, each sender's in the order in which it came. */
static inline void dump_waiting(const struct lanes_flow *f, uint64_t *id, size_t *n)
{
    const size_t first = *n;
    dump_list(&f->waiting, f->lane, id, n);
    for (size_t i = first + 1; i < *n; i++)
        assert_true(id[i] > id[i - 1]);
}

/* What is in a consumer's hands waits as before, once there is none. */
static inline void dump_lane(struct dump *d, const struct spool_queue *q, size_t lane)
{
    uint64_t id[4096];
    size_t n = 0;
    const struct lanes_flow *f;
    TAILQ_FOREACH (f, &q->lanes.lane[lane].turns, in_turn)
        dump_waiting(f, id, &n);
    dump_list(&q->hand, lane, id, &n);
    dump_list(&q->parked, lane, id, &n);
    qsort(id, n, sizeof id[0], dump_by_id);
    buf_printf(&d->text, " lane %zu:", lane);
    for (size_t i = 0; i < n; i++)
        buf_printf(&d->text, " %llu", U(id[i]));
}

static inline void dump_queues(struct dump *d, const struct ledger *l)
{
    struct spool_walk walk = {0};
    const struct spool_queue *q;
    while ((q = spool_queues_next(l->queues, &walk)) != NULL) {
        buf_printf(&d->text, "queue %s %s filter", q->unit, q->name);
        for (size_t i = 0; i < q->kinds; i++)
            buf_printf(&d->text, " %s", q->kind[i]);
        for (size_t i = 0; i < q->incidents; i++)
            buf_printf(&d->text, " in %s", q->incident[i]);
        for (size_t lane = 0; lane < LANES; lane++)
            dump_lane(d, q, lane);
        dump_end_line(d);
    }
}

static inline void dump_entry(struct dump *d, const struct entry *e)
{
    bool sent = e->sent_before || e->state == ENTRY_IN_FLIGHT || e->state == ENTRY_SETTLING;
    buf_printf(&d->text, " (%llu %s %s %s%s)", U(e->id), e->queue == NULL ? "held" : e->queue->unit,
               e->queue == NULL ? "" : e->queue->name, e->queue == NULL ? "" : e->item.flow->party,
               sent ? " sent" : "");
}

static inline void dump_delivery(struct dump *d, const struct ledger *l, const struct delivery *v)
{
    const struct entry *e;
    size_t entries = 0;
    buf_printf(&d->text,
               "delivery of %llu to %u lane %u duty %u%s size %u deadline %lld scope %llu ",
               U(v->stored->index), v->recipient, v->lane, v->duty, v->duty_waits ? " waits" : "",
               v->size, (long long)v->deadline_us, U(v->scope == NULL ? 0 : v->scope->slot.id));
    if (v->is_kept)
        buf_text(&d->text, "kept ");
    if (v->succession != NULL) {
        buf_text(&d->text, "succession ");
        dump_hex(d, succession_tag(v).p, ROAD_TAG);
    }
    if (v->was_released) {
        buf_printf(&d->text, "released %llu ", U(v->released_index));
        dump_hex(d, v->released_digest, ROAD_DIGEST);
    }
    if (v->is_order) {
        const struct order_delivery *o = (const struct order_delivery *)(const void *)v;
        assert_ptr_equal(o->order->queued, o);
        buf_printf(&d->text, "order %llu due %lld ", U(o->order->index), (long long)v->due.due_us);
    } else if (v->scope == NULL) {
        const struct ledger_outcome *o = (const struct ledger_outcome *)(const void *)v;
        buf_printf(&d->text, "outcome %llu %s %s %s %u due %lld ", U(o->about_index), o->sender,
                   o->to, o->reason, o->step, (long long)v->due.due_us);
        dump_hex(d, o->about.b, UUID_BYTES);
    }
    TAILQ_FOREACH (e, &v->all, of_delivery) {
        assert_ptr_equal(spool_entry(l->queues, e->id), e);
        dump_entry(d, e);
        entries++;
    }
    assert_int_equal(entries, v->entries);
    dump_end_line(d);
}

static inline void dump_body(struct dump *d, const struct road_commit *c, size_t recipient)
{
    const struct road_body *b = &c->body[c->recipient[recipient].body];
    buf_printf(&d->text, "body for %zu under %llu ", recipient, U(b->scope));
    dump_hex(d, b->seed, ROAD_SEED);
    dump_hex(d, b->sealed.p, b->sealed.n);
}

/* What anybody may still ask of the message's record. */
static inline void dump_record(struct dump *d, struct ledger *l, const struct stored *s)
{
    static struct road_commit c;
    const struct delivery *v;
    struct buf words = BUF_INIT(CHANNEL_MESSAGE_MAX);
    assert_int_equal(ledger_recall(l, s->place, &c), RESULT_OK);
    buf_printf(&d->text, "record of %llu ", U(s->index));
    for (unsigned i = 0; i < c.recipients; i++)
        LIST_FOREACH (v, &s->deliveries, of_stored)
            if (v->recipient == i)
                dump_body(d, &c, i);
    for (size_t i = 0; i < c.bodies; i++) {
        buf_printf(&d->text, "scope %llu ", U(c.body[i].scope));
        dump_hex(d, c.body[i].seed, ROAD_SEED);
        c.body[i].sealed.n = 0;
    }
    c.scopes = c.changes = 0;
    c.standing.n = c.fact.sealed.n = c.settle.n = 0;
    road_commit_put(&c, &words);
    assert_int_equal(buf_status(&words), RESULT_OK);
    dump_hex(d, words.p, words.n);
    dump_end_line(d);
    buf_free(&words);
}

static inline void dump_act(struct dump *d, struct ledger *l, const struct stored *s)
{
    struct buf record = BUF_INIT(1 << 20);
    assert_int_equal(journal_read(l->journal, s->place, &record), RESULT_OK);
    buf_printf(&d->text, "act %llu at %lld ", U(s->index), (long long)s->at_us);
    dump_hex(d, record.p, record.n);
    dump_end_line(d);
    buf_free(&record);
}

static inline void dump_messages(struct dump *d, struct ledger *l)
{
    struct stored *s;
    const struct delivery *v;
    TAILQ_FOREACH (s, &l->messages.turns, in_turn) {
        if (s->is_act) {
            dump_act(d, l, s);
            continue;
        }
        LINE(d, "message %llu at %lld refers %llu duties %u holds %zu", U(s->index),
             (long long)s->at_us, U(s->refers), s->duties, s->holds);
        LIST_FOREACH (v, &s->deliveries, of_stored)
            dump_delivery(d, l, v);
        if (s->place.segment != 0)
            dump_record(d, l, s);
    }
}

/* What is too old may be forgotten in one ledger, and still be there in another. */
static inline void dump_seen(struct dump *d, const struct ledger *l)
{
    const struct seen_message *m;
    for (m = seen_oldest(l->seen); m != NULL; m = TAILQ_NEXT(m, by_age)) {
        if (m->at_us < l->high_water_us - SEEN_KEPT)
            continue;
        buf_printf(&d->text, "seen %llu at %lld verdict %u ", U(m->index), (long long)m->at_us,
                   m->verdict);
        dump_hex(d, m->key, sizeof m->key);
        dump_hex(d, m->content, ROAD_TAG);
        for (size_t i = 0; i < m->copies; i++) {
            buf_printf(&d->text, "scope %llu ", U(m->copy[i].scope));
            dump_hex(d, m->copy[i].seed, ROAD_SEED);
        }
        dump_end_line(d);
    }
}

static inline void dump_duties(struct dump *d, const struct ledger *l)
{
    const struct ledger_duty *x;
    const struct duty_name *n;
    size_t at;
    MAP_FOREACH (x, l->duties, at) {
        LINE(d, "duty %llu/%llu of %llu within %lld by %lld waiting %zu%s%s reserve %d over %lld",
             U(x->key[0]), U(x->key[1]), U(x->stored->index), (long long)x->within_us,
             (long long)x->by_us, x->waiting, x->begun ? " begun" : "",
             x->escalated ? " escalated" : "", x->reserve == NULL ? -1 : x->reserve->recipient,
             (long long)(x->escalated ? x->due.due_us : 0));
        LIST_FOREACH (n, &x->names, of_duty)
            LINE(d, "name %llu of duty %llu/%llu %s", U(n->index), U(x->key[0]), U(x->key[1]),
                 n->unit);
    }
    LINE(d, "names %zu", map_count(l->names));
}

static inline void dump_cases(struct dump *d, const struct ledger *l)
{
    const struct ledger_case *x;
    size_t at;
    MAP_FOREACH (x, l->cases, at) {
        struct buf words = BUF_INIT(1 << 20);
        road_envelope_put(&x->envelope, &words);
        road_case_put(&x->is, &words);
        buf_printf(&d->text, "case ");
        dump_hex(d, x->key, CASE_KEY);
        buf_printf(&d->text, "%llu-%u ", U(x->index), x->recipient);
        dump_bytes(d, x->unit);
        dump_bytes(d, x->clause);
        dump_bytes(d, x->failed);
        dump_hex(d, words.p, words.n);
        buf_printf(&d->text, "received %lld due %lld state %d%s holds %d in due %lld over %lld",
                   (long long)x->received_us, (long long)x->due_us, (int)x->state,
                   x->is_overdue ? " overdue" : "", x->held == NULL ? -1 : x->held->recipient,
                   (long long)(x->due.place == 0 ? 0 : x->due.due_us),
                   (long long)(x->over.place == 0 ? 0 : x->over.due_us));
        for (size_t i = 0; i < x->voters; i++)
            buf_printf(&d->text, " %s", x->voter[i]);
        dump_end_line(d);
        buf_free(&words);
    }
}

static inline void dump_suspensions(struct dump *d, const struct ledger *l)
{
    const struct suspension *s;
    size_t at;
    MAP_FOREACH (s, l->acts->suspensions, at)
        LINE(d, "suspended %s by %s resumed by %s since %lld: %s", s->subject, s->officer,
             s->resumer, (long long)s->since_us, s->reason);
}

static inline void dump_owed(struct dump *d, const struct ledger *l)
{
    const struct ledger_owed *g;
    size_t at;
    MAP_FOREACH (g, l->owing->groups, at) {
        const struct spool_scope *x = g->clock;
        assert_ptr_equal(map_get(l->owing->open, bytes_of(g->key, g->key_bytes)),
                         g->is_closed ? NULL : g);
        buf_printf(&d->text,
                   "owed %llu within %lld%s cause %u preserved %u%s clock %s [%s] %d %lld "
                   "%lld %lld %lld items",
                   U(g->id), (long long)g->receipt_within_us, g->suspends ? " suspends" : "",
                   (unsigned)x->cause, x->preserved, g->is_closed ? " closed" : "", x->incident,
                   x->regions == NULL ? "" : x->regions, (int)x->starts, (long long)x->delay_us,
                   (long long)x->deadline_us, (long long)x->ends_us, (long long)x->due.due_us);
        for (size_t i = g->ordered; i < g->items; i++)
            buf_printf(&d->text, " %llu", U(g->item[i]));
        buf_printf(&d->text, " uses %u key ", (unsigned)g->uses);
        dump_hex(d, g->key, g->key_bytes);
        dump_end_line(d);
    }
}

static inline void dump_orders(struct dump *d, const struct ledger *l)
{
    const struct ledger_order *o;
    size_t at;
    MAP_FOREACH (o, l->owing->orders, at) {
        buf_text(&d->text, "order ");
        dump_hex(d, o->id.b, UUID_BYTES);
        buf_printf(&d->text,
                   "%llu %s %s %s cause %u due %lld at %lld by %lld settled %lld%s%s owed "
                   "%zu queued %d waits %lld items",
                   U(o->index), o->unit, o->incident, o->clause, o->cause, (long long)o->due_us,
                   (long long)o->at_us, (long long)o->receipt_by_us, (long long)o->settled_us,
                   o->suspends ? " suspends" : "", o->overdue ? " overdue" : "", o->owed,
                   o->queued != NULL, (long long)(o->due.place == 0 ? 0 : o->due.due_us));
        for (size_t i = 0; i < o->items; i++)
            buf_printf(&d->text, " %llu:%u", U(o->item[i]), o->state[i]);
        dump_end_line(d);
    }
}

static inline void dump_halves(struct dump *d, const struct ledger *l)
{
    const struct ledger_halves *x;
    size_t at = 0;
    while ((x = halves_next(l, &at)) != NULL) {
        buf_printf(&d->text, "halves of %llu scope %llu uses %u opened", U(x->group), U(x->scope),
                   (unsigned)x->uses);
        for (size_t i = 0; i < x->count; i++)
            buf_printf(&d->text, " %llu:%llu", U(x->opened[2 * i]), U(x->opened[2 * i + 1]));
        dump_end_line(d);
    }
}

static inline void dump_preservations(struct dump *d, const struct ledger *l)
{
    const struct preservation *p;
    size_t at;
    MAP_FOREACH (p, l->acts->preservations, at) {
        buf_printf(&d->text, "ordered %s by %s %s released by %s since %lld %d: %s", p->key,
                   p->officer[0], p->officer[1], p->releaser, (long long)p->since_us, p->placed,
                   p->reason);
        for (size_t i = 0; i < p->scopes; i++)
            buf_printf(&d->text, " %llu", U(p->scope[i]));
        dump_end_line(d);
    }
}

static inline void dump_claims(struct dump *d, const struct ledger *l)
{
    const struct claim *c;
    size_t at;
    MAP_FOREACH (c, l->acts->claims, at)
        LINE(
            d,
            "request %s by %u of %s received %lld%s masked [%s] by %s %u by %s told %u at %lld: %s",
            c->number, c->by, c->opener, (long long)c->received_us,
            c->postponed ? " postponed" : "", c->masked, c->masker, c->outcome, c->decider, c->told,
            (long long)(c->due.place == 0 ? 0 : c->due.due_us), c->what);
}

static inline int dump_by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static inline struct dump dump_of(struct ledger *l)
{
    struct dump d = {.text = BUF_INIT(16 << 20)};
    dump_counters(&d, l);
    dump_streams(&d, l);
    dump_incidents(&d, l);
    standing_each(l->standing, dump_standing_item, &d);
    dump_scopes(&d, l);
    dump_queues(&d, l);
    dump_messages(&d, l);
    dump_seen(&d, l);
    dump_duties(&d, l);
    dump_cases(&d, l);
    dump_suspensions(&d, l);
    dump_halves(&d, l);
    dump_preservations(&d, l);
    dump_claims(&d, l);
    dump_owed(&d, l);
    dump_orders(&d, l);
    qsort(d.line, d.lines, sizeof(char *), dump_by_text);
    return d;
}

static inline void dump_free(struct dump *d)
{
    for (size_t i = 0; i < d->lines; i++)
        mem_free(d->line[i]);
    mem_free(d->line);
    buf_free(&d->text);
}

/* How many lines begin so. */
static inline size_t dump_count(const struct dump *d, const char *begin)
{
    size_t count = 0;
    for (size_t i = 0; i < d->lines; i++)
        count += strncmp(d->line[i], begin, strlen(begin)) == 0;
    return count;
}

static inline size_t dump_skip(const struct dump *d, size_t i, bool with_start)
{
    while (!with_start && i < d->lines && strncmp(d->line[i], "start:", 6) == 0)
        i++;
    return i;
}

/* `with_start`: also what a start changes. */
static inline void assert_dumps_equal(const struct dump *a, const struct dump *b, bool with_start,
                                      const char *where)
{
    size_t i = 0, k = 0;
    for (;; i++, k++) {
        i = dump_skip(a, i, with_start);
        k = dump_skip(b, k, with_start);
        if (i == a->lines && k == b->lines)
            return;
        const char *x = i == a->lines ? "(nothing)" : a->line[i];
        const char *y = k == b->lines ? "(nothing)" : b->line[k];
        size_t same = 0;
        while (x[same] != '\0' && x[same] == y[same])
            same++;
        if (strcmp(x, y) != 0)
            fail_msg("%s: from character %zu on\n  %.200s ... %.80s\n  %.200s ... %.80s", where,
                     same, x, x + same, y, y + same);
    }
}

#endif

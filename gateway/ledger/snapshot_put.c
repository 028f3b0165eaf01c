/* What a snapshot writes: everything that the journal's records have made of the ledger's state.
 * What only this process knows (consumers, texts that wait for a signature, the batch that is being
 * destroyed) is left out, as recovery does not know it either. */
#include "ledger/acts.h"
#include "ledger/claims.h"
#include "ledger/owed.h"
#include "ledger/halves.h"
#include "ledger/preservation.h"
#include "ledger/snapshot.h"

/* ---- single things */

/* Bytes for the state of a message at least: a snapshot leaves the last of a full disk to what ends
 * and is destroyed. */
enum { LEFT_OVER = 16384 };

static struct buf *open_item(struct ledger *l, enum kept what)
{
    struct buf *item = &l->snapshot.item;
    buf_clear(item);
    buf_u8(item, (uint8_t)what);
    return item;
}

static enum result close_item(struct ledger *l)
{
    struct journal_place place;
    TRY(buf_status(&l->snapshot.item));
    TRY(snapshot_make_room(l, l->snapshot.item.n));
    return ledger_add(l, RECORD_KEPT, buf_view(&l->snapshot.item), &place);
}

static void put_list(char *const *word, size_t count, struct bytes *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = bytes_of_text(word[i]);
}

static enum result put_queues(struct ledger *l)
{
    struct spool_walk walk = {0};
    const struct spool_queue *q;
    while ((q = spool_queues_next(l->queues, &walk)) != NULL) {
        struct road_subscribe s = {.unit = bytes_of_text(q->unit),
                                   .queue = bytes_of_text(q->name),
                                   .kinds = q->kinds,
                                   .incidents = q->incidents};
        put_list(q->kind, q->kinds, s.kind);
        put_list(q->incident, q->incidents, s.incident);
        road_subscribe_put(&s, open_item(l, KEPT_QUEUE));
        TRY(close_item(l));
    }
    return RESULT_OK;
}

void clock_put(const struct spool_scope *x, struct buf *out)
{
    buf_bytes16(out, bytes_of_text(x->incident));
    buf_bytes16(out, bytes_of_text(x->regions == NULL ? "" : x->regions));
    buf_bytes16(out, bytes_of(x->consent, x->has_consent ? ROAD_CONSENT : 0));
    buf_bytes16(out, bytes_of_text(x->mou));
    buf_u8(out, (uint8_t)x->starts);
    buf_i64(out, x->delay_us);
    buf_i64(out, x->deadline_us);
    buf_i64(out, x->ends_us);
    buf_u8(out, (uint8_t)x->cause);
}

static enum result put_scopes(struct ledger *l)
{
    const struct spool_scope *x;
    size_t at = 0;
    while ((x = spool_scopes_next(l->scopes, &at)) != NULL) {
        struct buf *out = open_item(l, KEPT_SCOPE);
        keys_slot_put(&x->slot, out);
        clock_put(x, out);
        buf_bytes16(out, spool_scope_party(x));
        buf_u16(out, x->preserved);
        buf_i64(out, x->due.due_us);
        buf_u64(out, x->holds);
        TRY(close_item(l));
    }
    return RESULT_OK;
}

static enum result put_incidents(struct ledger *l)
{
    const struct ledger_incident *i;
    size_t at;
    MAP_FOREACH (i, l->incidents, at) {
        struct buf *out = open_item(l, KEPT_INCIDENT);
        buf_u64(out, i->place_scope);
        incident_put(&i->is, out);
        TRY(close_item(l));
    }
    return RESULT_OK;
}

static enum result put_streams(struct ledger *l)
{
    const struct ledger_stream *s;
    size_t at;
    MAP_FOREACH (s, l->streams, at) {
        struct buf *out = open_item(l, KEPT_STREAM);
        buf_u64(out, s->index);
        buf_u8(out, s->event);
        buf_bytes16(out, bytes_of_text(s->source));
        buf_bytes16(out, bytes_of_text(s->unit));
        TRY(close_item(l));
    }
    return RESULT_OK;
}

struct putting {
    struct ledger *l;
    enum result r;
};

static void put_standing_item(void *arg, struct bytes item)
{
    struct putting *p = arg;
    if (p->r != RESULT_OK)
        return;
    buf_put(open_item(p->l, KEPT_STANDING), item.p, item.n);
    p->r = close_item(p->l);
}

static enum result put_standing(struct ledger *l)
{
    struct putting p = {l, RESULT_OK};
    standing_each(l->standing, put_standing_item, &p);
    return p.r;
}

static enum result put_suspensions(struct ledger *l)
{
    const struct suspension *s;
    size_t at;
    MAP_FOREACH (s, l->acts->suspensions, at) {
        suspension_put(s, open_item(l, KEPT_SUSPENSION));
        TRY(close_item(l));
    }
    return RESULT_OK;
}

static enum result put_preservations(struct ledger *l)
{
    const struct preservation *p;
    size_t at;
    MAP_FOREACH (p, l->acts->preservations, at) {
        preservation_put(p, open_item(l, KEPT_PRESERVATION));
        TRY(close_item(l));
    }
    return RESULT_OK;
}

static enum result put_claims(struct ledger *l)
{
    const struct claim *c;
    size_t at;
    MAP_FOREACH (c, l->acts->claims, at) {
        claim_put(c, open_item(l, KEPT_CLAIM));
        TRY(close_item(l));
    }
    return RESULT_OK;
}

static enum result put_cases(struct ledger *l)
{
    const struct ledger_case *x;
    size_t at;
    MAP_FOREACH (x, l->cases, at) {
        case_put(x, open_item(l, KEPT_CASE));
        TRY(close_item(l));
    }
    return RESULT_OK;
}

static enum result put_halves(struct ledger *l)
{
    const struct ledger_halves *x;
    size_t at = 0;
    while ((x = halves_next(l, &at)) != NULL) {
        halves_put(x, open_item(l, KEPT_HALVES));
        TRY(close_item(l));
    }
    return RESULT_OK;
}

static enum result put_activation(struct ledger *l)
{
    if (l->in_force.n == 0)
        return RESULT_OK;
    buf_put(open_item(l, KEPT_ACTIVATED), l->in_force.p, l->in_force.n);
    return close_item(l);
}

static enum result put_owed(struct ledger *l)
{
    const struct ledger_owed *g;
    size_t at;
    MAP_FOREACH (g, l->owing->groups, at) {
        struct buf *out = open_item(l, KEPT_OWED);
        owed_put(g, out);
        size_t done = g->ordered + owed_put_items(g, g->ordered, out);
        TRY(close_item(l));
        while (done < g->items) {
            out = open_item(l, KEPT_OWED_MORE);
            buf_u64(out, g->id);
            done += owed_put_items(g, done, out);
            TRY(close_item(l));
        }
    }
    return RESULT_OK;
}

static enum result put_orders(struct ledger *l)
{
    const struct ledger_order *o;
    size_t at;
    MAP_FOREACH (o, l->owing->orders, at) {
        order_put(o, open_item(l, KEPT_ORDER));
        TRY(close_item(l));
    }
    return RESULT_OK;
}

/* Messages come later. */
static enum result put_none(struct ledger *l)
{
    (void)l;
    return RESULT_OK;
}

static enum result put_begin(struct ledger *l)
{
    struct journal_place place;
    struct buf *out = &l->snapshot.item;
    buf_clear(out);
    buf_u32(out, l->snapshot.segment);
    buf_u64(out, l->snapshot.leaves);
    buf_i64(out, l->high_water_us);
    buf_u64(out, spool_next_number(l->queues));
    buf_u64(out, l->highest_serial);
    buf_u64(out, l->register_scope);
    buf_i64(out, l->register_ends_us);
    return ledger_add(l, RECORD_SNAPSHOT, buf_view(out), &place);
}

enum result snapshot_put_standing(struct ledger *l)
{
    TRY(put_begin(l));
#define K(NAME, number, function, text) TRY(put_##function(l));
#include "ledger/kept.def"
#undef K
    return ledger_commit(l);
}

/* ---- messages */

static bool was_sent(const struct entry *e)
{
    return e->sent_before || e->state == ENTRY_IN_FLIGHT || e->state == ENTRY_SETTLING;
}

static void put_entries(const struct delivery *d, struct buf *out)
{
    const struct entry *e;
    buf_u8(out, (uint8_t)d->entries);
    TAILQ_FOREACH (e, &d->all, of_delivery) {
        buf_u64(out, e->id);
        buf_bool(out, was_sent(e));
        buf_bytes16(out, bytes_of_text(e->queue == NULL ? "" : e->queue->unit));
        buf_bytes16(out, bytes_of_text(e->queue == NULL ? "" : e->queue->name));
    }
}

static void put_release(const struct delivery *d, struct buf *out)
{
    buf_bool(out, d->was_released);
    buf_u64(out, d->released_index);
    buf_put(out, d->released_digest, ROAD_DIGEST);
}

/* Whether a case of this kind holds it. */
static bool is_held_by(const struct ledger *l, const struct delivery *d, enum road_case_kind kind)
{
    uint8_t key[CASE_KEY];
    case_key(d->stored->index, d->recipient, kind, key);
    const struct ledger_case *x = case_get(l, key);
    return x != NULL && x->held == d;
}

static void put_delivery(const struct ledger *l, const struct delivery *d, struct buf *out)
{
    buf_u64(out, d->scope->slot.id);
    buf_u8(out, d->recipient);
    buf_u8(out, d->lane);
    buf_u8(out, d->duty);
    buf_bool(out, d->duty_waits);
    buf_u32(out, d->size);
    buf_i64(out, d->deadline_us);
    buf_bool(out, d->is_kept);
    buf_bool(out, is_held_by(l, d, ROAD_APPROVAL));
    buf_bool(out, is_held_by(l, d, ROAD_QUARANTINE));
    buf_bytes16(out, succession_tag(d));
    put_release(d, out);
    put_entries(d, out);
}

static void put_state(const struct ledger *l, const struct stored *s, struct buf *out)
{
    const struct delivery *d;
    size_t deliveries = 0;
    buf_u64(out, s->index);
    buf_i64(out, s->at_us);
    LIST_FOREACH (d, &s->deliveries, of_stored)
        deliveries++;
    buf_u8(out, (uint8_t)deliveries);
    LIST_FOREACH (d, &s->deliveries, of_stored)
        put_delivery(l, d, out);
    buf_u8(out, s->duties);
    for (unsigned n = 1; n <= s->duties; n++)
        duty_put(l, s, n, out);
}

/* Leaves what somebody may still ask for: words, and bodies for deliveries. */
static void leave_needed(const struct stored *s, struct road_commit *c)
{
    bool needed[ROAD_BODIES_MAX] = {false};
    const struct delivery *d;
    LIST_FOREACH (d, &s->deliveries, of_stored)
        if (d->recipient < c->recipients && c->recipient[d->recipient].body < c->bodies)
            needed[c->recipient[d->recipient].body] = true;
    for (size_t i = 0; i < c->bodies; i++)
        if (!needed[i])
            c->body[i].sealed.n = 0;
    c->scopes = c->changes = 0;
    c->standing.n = c->fact.sealed.n = c->settle.n = 0;
}

/* The message as it was recorded, read again, into `item`. */
static enum result put_content(struct ledger *l, const struct stored *s, struct buf *item)
{
    struct road_commit c;
    uint64_t index, refers;
    buf_clear(&l->snapshot.read);
    TRY(journal_read(l->journal, s->place, &l->snapshot.read));
    struct cursor in = cursor_over(buf_view(&l->snapshot.read));
    if (cursor_u64(&in, &index) != RESULT_OK || cursor_u64(&in, &refers) != RESULT_OK ||
        index != s->index || road_commit_take(&in, &c) != RESULT_OK)
        return RESULT_DAMAGED;
    leave_needed(s, &c);
    buf_clear(item);
    buf_u64(item, index);
    buf_u64(item, refers);
    road_commit_put(&c, item);
    return buf_status(item);
}

static enum result put_outcome(struct ledger *l, const struct stored *s)
{
    const struct delivery *d = LIST_FIRST(&s->deliveries);
    struct buf *out = open_item(l, KEPT_OUTCOME);
    buf_u64(out, s->index);
    buf_i64(out, s->at_us);
    outcome_put((const struct ledger_outcome *)(const void *)d, out);
    put_release(d, out);
    put_entries(d, out);
    return close_item(l);
}

static enum result put_queued_order(struct ledger *l, const struct stored *s)
{
    const struct delivery *d = LIST_FIRST(&s->deliveries);
    struct buf *out = open_item(l, KEPT_ORDER_QUEUED);
    buf_put(out, ((const struct order_delivery *)(const void *)d)->order->id.b, UUID_BYTES);
    buf_i64(out, s->at_us);
    put_release(d, out);
    put_entries(d, out);
    return close_item(l);
}

static enum result put_act(struct ledger *l, struct stored *s)
{
    struct journal_place place;
    buf_clear(&l->snapshot.read);
    TRY(journal_read(l->journal, s->place, &l->snapshot.read));
    TRY(snapshot_make_room(l, l->snapshot.read.n));
    TRY(ledger_add(l, RECORD_KEPT_ACT, buf_view(&l->snapshot.read), &place));
    s->place = place;
    return RESULT_OK;
}

enum result snapshot_put_message(struct ledger *l, struct stored *s)
{
    struct buf *content = &l->snapshot.item, *state = &l->snapshot.read;
    struct journal_place place, ignored;
    if (s->is_act)
        return put_act(l, s);
    if (s->place.segment == 0)
        return LIST_FIRST(&s->deliveries)->is_order ? put_queued_order(l, s) : put_outcome(l, s);
    TRY(put_content(l, s, content));
    buf_clear(state); /* the content was copied out of it */
    buf_u8(state, KEPT_MESSAGE);
    put_state(l, s, state);
    TRY(buf_status(state));
    TRY(snapshot_make_room(l, content->n + (state->n < LEFT_OVER ? LEFT_OVER : state->n)));
    TRY(ledger_add(l, RECORD_KEPT_MESSAGE, buf_view(content), &place));
    TRY(ledger_add(l, RECORD_KEPT, buf_view(state), &ignored));
    s->place = place;
    return RESULT_OK;
}

enum result snapshot_put_seen(struct ledger *l, size_t most, size_t *bytes)
{
    struct buf *out = open_item(l, KEPT_SEEN);
    *bytes = 0;
    if (!seen_put(l->seen, most, l->high_water_us - SEEN_KEPT, out))
        return RESULT_OK;
    *bytes = out->n;
    return close_item(l);
}

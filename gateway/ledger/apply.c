/*
 * What records do to the ledger's state: the same functions when a record is written and when
 * recovery reads it again. They answer RESULT_DAMAGED for a record that does not fit the state,
 * which no correct ledger wrote.
 */
#include "ledger/acts.h"
#include "ledger/cases.h"
#include "ledger/owed.h"
#include "ledger/preservation.h"
#include "ledger/claims.h"
#include "ledger/clocks.h"
#include "ledger/halves.h"
#include "ledger/register.h"
#include "ledger/snapshot.h"

#include "base/mem.h"

/* ---- ends of deliveries */

static void free_delivery(struct ledger *l, struct delivery *d, int64_t now_us)
{
    snapshot_changes(l, d->stored);
    succession_leave(l->successions, d);
    if (d->duty != 0)
        duty_delivery_over(l, d, now_us);
    if (d->scope != NULL) {
        TAILQ_REMOVE(&d->scope->deliveries, d, of_scope);
        spool_scope_drop(l->scopes, d->scope, now_us);
    }
    heap_remove(&l->outcomes_due, &d->due);
    if (d->is_order)
        orders_delivery_over(l, (struct order_delivery *)(void *)d);
    LIST_REMOVE(d, of_stored);
    stored_drop(&l->messages, d->stored);
    mem_free(d); /* an outcome, or an order's, begins with its delivery */
}

/* A hold of officers keeps what is over: in no queue, for nobody, under its key. */
static bool keep(struct ledger *l, struct delivery *d, int64_t now_us)
{
    if (d->scope == NULL || d->scope->preserved == 0 || l->ending)
        return false;
    snapshot_changes(l, d->stored);
    if (d->duty != 0)
        duty_delivery_over(l, d, now_us);
    d->duty = 0;
    d->is_kept = true;
    succession_leave(l->successions, d);
    spool_keep(l->queues, d);
    return true;
}

void ledger_end_delivery(struct ledger *l, struct delivery *d, int64_t now_us)
{
    struct entry *e;
    if (keep(l, d, now_us))
        return;
    bool done = d->entries == 0;
    while (!done && (e = TAILQ_FIRST(&d->all)) != NULL)
        done = spool_settle(l->queues, e);
    free_delivery(l, d, now_us);
}

static void settle(struct ledger *l, struct entry *e, int64_t now_us)
{
    struct delivery *d = e->delivery;
    snapshot_changes(l, d->stored);
    if (d->entries == 1 && keep(l, d, now_us))
        return;
    if (spool_settle(l->queues, e))
        free_delivery(l, d, now_us);
}

/* ---- what becomes of a message */

static enum result apply_released(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    uint64_t id, index, group;
    int64_t at_us;
    uint8_t digest[ROAD_DIGEST];
    if (cursor_u64(&in, &id) != RESULT_OK || cursor_u64(&in, &index) != RESULT_OK ||
        cursor_u64(&in, &group) != RESULT_OK || cursor_i64(&in, &at_us) != RESULT_OK ||
        cursor_copy(&in, digest, sizeof digest) != RESULT_OK)
        return RESULT_DAMAGED;
    struct entry *e = spool_entry(l->queues, id);
    if (e == NULL || e->queue == NULL)
        return RESULT_DAMAGED;
    ledger_saw_time(l, at_us);
    snapshot_changes(l, e->delivery->stored);
    e->delivery->was_released = true;
    e->delivery->released_index = index;
    memcpy(e->delivery->released_digest, digest, ROAD_DIGEST);
    succession_leave(l->successions, e->delivery); /* its recipient may have it */
    if (e->delivery->duty != 0)
        duty_released(l, e->delivery, e->queue->unit);
    if (l->recovering)
        e->sent_before = true; /* it may have left before the end */
    return group == 0 ? RESULT_OK : owed_add(l, group, index);
}

/* WITHHELD and EXPIRED: one entry names its delivery, and all of it is over. */
static enum result apply_over(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    uint64_t id;
    int64_t at_us;
    if (cursor_u64(&in, &id) != RESULT_OK || cursor_i64(&in, &at_us) != RESULT_OK)
        return RESULT_DAMAGED;
    struct entry *e = spool_entry(l->queues, id);
    if (e == NULL)
        return RESULT_DAMAGED;
    ledger_saw_time(l, at_us);
    cases_delivery_over(l, e->delivery);
    ledger_end_delivery(l, e->delivery, at_us);
    return RESULT_OK;
}

static enum result apply_settled(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    int64_t at_us;
    if (cursor_i64(&in, &at_us) != RESULT_OK)
        return RESULT_DAMAGED;
    ledger_saw_time(l, at_us);
    while (in.left > 0) {
        uint64_t id;
        struct entry *e;
        if (cursor_u64(&in, &id) != RESULT_OK || (e = spool_entry(l->queues, id)) == NULL)
            return RESULT_DAMAGED;
        settle(l, e, at_us);
    }
    return RESULT_OK;
}

static enum result apply_outcome(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct ledger_outcome *o = mem_new(sizeof *o);
    uint64_t index;
    int64_t at_us;
    if (cursor_u64(&in, &index) != RESULT_OK || cursor_i64(&in, &at_us) != RESULT_OK ||
        outcome_take(&in, o) != RESULT_OK) {
        mem_free(o);
        return RESULT_DAMAGED;
    }
    const struct road_envelope envelope = {.source = bytes_of_text("gateway/self"),
                                           .kind = bytes_of_text("outcome"),
                                           .status = bytes_of_text(status_word(o->status)),
                                           .lane = 1};
    ledger_saw_time(l, at_us);
    outcome_begin(l, o, index, at_us);
    spool_enqueue(l->queues, &o->delivery, bytes_of_text(o->sender), &envelope);
    return RESULT_OK;
}

static enum result apply_destroyed(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    uint64_t id;
    int64_t at_us;
    if (cursor_i64(&in, &at_us) != RESULT_OK)
        return RESULT_DAMAGED;
    ledger_saw_time(l, at_us);
    while (in.left > 0) {
        if (cursor_u64(&in, &id) != RESULT_OK)
            return RESULT_DAMAGED;
        struct spool_scope *x = spool_scopes_get(l->scopes, id);
        if (x == NULL || !TAILQ_EMPTY(&x->deliveries))
            return RESULT_DAMAGED;
        halves_scope_gone(l, id);
        spool_scopes_remove(l->scopes, x);
    }
    return RESULT_OK;
}

static enum result apply_queue(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct road_subscribe s;
    if (road_subscribe_take(&in, &s) != RESULT_OK)
        return RESULT_DAMAGED;
    struct spool_queue *q = spool_queue(l->queues, s.unit, s.queue, true);
    if (q == NULL)
        return RESULT_DAMAGED;
    spool_queue_set_filter(q, &s);
    return RESULT_OK;
}

static bool opens(unsigned event)
{
    return event == AUDIT_STREAM_OPENED || event == AUDIT_WATCH_OPENED ||
           event == AUDIT_SESSION_OPENED;
}

static bool ends(unsigned event)
{
    return event == AUDIT_STREAM_ENDED || event == AUDIT_WATCH_ENDED ||
           event == AUDIT_SESSION_ENDED;
}

static enum result apply_event(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct ledger_stream *s = mem_new(sizeof *s);
    uint64_t refers, group, index;
    int64_t at_us;
    if (cursor_u64(&in, &s->index) != RESULT_OK || cursor_u8(&in, &s->event) != RESULT_OK ||
        cursor_u64(&in, &refers) != RESULT_OK || cursor_i64(&in, &at_us) != RESULT_OK ||
        ledger_take_text(&in, s->source, sizeof s->source) != RESULT_OK ||
        ledger_take_text(&in, s->unit, sizeof s->unit) != RESULT_OK ||
        cursor_u64(&in, &group) != RESULT_OK) {
        mem_free(s);
        return RESULT_DAMAGED;
    }
    ledger_saw_time(l, at_us);
    index = s->index;
    if (opens(s->event) && map_add(l->streams, s))
        return group == 0 ? RESULT_OK : owed_add(l, group, index);
    if (ends(s->event))
        mem_free(map_remove(l->streams, bytes_of(&refers, sizeof refers)));
    mem_free(s);
    return RESULT_OK;
}

/* Entries that the tiles have already are not appended again. */
static enum result apply_leaf(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    uint64_t index;
    if (cursor_u64(&in, &index) != RESULT_OK || index != l->leaves)
        return RESULT_DAMAGED;
    l->leaves++;
    if (index < tiles_size(l->tiles))
        return RESULT_OK;
    if (index > tiles_size(l->tiles))
        return RESULT_DAMAGED;
    tiles_append(l->tiles, bytes_of(in.at, in.left));
    return RESULT_OK;
}

enum result ledger_apply(struct ledger *l, enum record_type type, struct bytes body,
                         struct journal_place place)
{
    switch (type) {
    case RECORD_LEAF: return apply_leaf(l, body);
    case RECORD_MESSAGE: return ledger_apply_message(l, body, place);
    case RECORD_RELEASED: return apply_released(l, body);
    case RECORD_WITHHELD:
    case RECORD_EXPIRED: return apply_over(l, body);
    case RECORD_SUPERSEDED: return supersede_apply(l, body);
    case RECORD_SETTLED: return apply_settled(l, body);
    case RECORD_OUTCOME: return apply_outcome(l, body);
    case RECORD_DESTROYED: return apply_destroyed(l, body);
    case RECORD_QUEUE: return apply_queue(l, body);
    case RECORD_EVENT: return apply_event(l, body);
    case RECORD_ATTENDED: return duty_apply_attended(l, body);
    case RECORD_ESCALATED: return duty_apply_escalated(l, body);
    case RECORD_CASE: return cases_apply_opened(l, body);
    case RECORD_CASE_LATE: return cases_apply_late(l, body);
    case RECORD_ACTIVATED: return activation_apply(l, body);
    case RECORD_ACT: return acts_apply(l, body, place);
    case RECORD_REGISTER: return register_apply_scope(l, body);
    case RECORD_FACT: return register_apply_fact(l, body);
    case RECORD_OWED: return owed_apply(l, body);
    case RECORD_ORDERED: return orders_apply(l, body);
    case RECORD_OVERDUE: return orders_apply_overdue(l, body);
    case RECORD_CLOCK: return clocks_apply(l, body);
    case RECORD_HALVES: return halves_apply(l, body);
    case RECORD_OPENED: return halves_apply_opened(l, body);
    case RECORD_PRESERVED: return preservation_apply(l, body);
    case RECORD_ENDED: return ends_apply(l, body);
    case RECORD_CLAIM_DUE: return claims_apply_due(l, body);
    case RECORD_SNAPSHOT:
    case RECORD_KEPT:
    case RECORD_KEPT_MESSAGE:
    case RECORD_KEPT_ACT:
    case RECORD_WHOLE: break; /* snapshot_read takes them */
    }
    return RESULT_DAMAGED;
}

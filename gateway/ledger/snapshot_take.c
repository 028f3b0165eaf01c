/* Recovery: which of the journal's records count, and what a snapshot's make of the state. */
#include "ledger/acts.h"
#include "ledger/owed.h"
#include "ledger/halves.h"
#include "ledger/claims.h"
#include "ledger/preservation.h"
#include "ledger/snapshot.h"

#include "base/mem.h"

#include <stdio.h>

/* ---- what stands beside messages */

static enum result take_queue(struct ledger *l, struct cursor *in)
{
    struct road_subscribe s;
    TRY(road_subscribe_take(in, &s));
    struct spool_queue *q = spool_queue(l->queues, s.unit, s.queue, true);
    if (q == NULL || q->kinds + q->incidents > 0)
        return RESULT_DAMAGED;
    spool_queue_set_filter(q, &s);
    return RESULT_OK;
}

enum result clock_take(struct cursor *in, struct road_scope *x, int64_t *ends_us,
                       enum spool_cause *cause)
{
    uint8_t number;
    TRY(cursor_bytes16(in, &x->incident));
    TRY(cursor_bytes16(in, &x->regions));
    TRY(cursor_bytes16(in, &x->consent));
    TRY(cursor_bytes16(in, &x->mou));
    TRY(cursor_u8(in, &x->starts));
    TRY(cursor_i64(in, &x->delay_us));
    TRY(cursor_i64(in, &x->deadline_us));
    TRY(cursor_i64(in, ends_us));
    TRY(cursor_u8(in, &number));
    *cause = (enum spool_cause)number;
    return x->starts <= SPOOL_REGISTER && number <= SPOOL_MOU_ENDED ? RESULT_OK : RESULT_DAMAGED;
}

static enum result take_scope(struct ledger *l, struct cursor *in)
{
    struct keys_slot slot;
    struct road_scope x = {0};
    struct bytes party;
    int64_t ends_us, due_us;
    uint64_t holds;
    uint16_t preserved;
    enum spool_cause cause;
    TRY(keys_slot_take(in, &slot));
    TRY(clock_take(in, &x, &ends_us, &cause));
    TRY(cursor_bytes16(in, &party));
    TRY(cursor_u16(in, &preserved));
    TRY(cursor_i64(in, &due_us));
    TRY(cursor_u64(in, &holds));
    TRY(cursor_done(in));
    x.id = slot.id;
    struct spool_scope *scope = spool_scopes_add(l->scopes, &x);
    if (scope == NULL)
        return RESULT_DAMAGED;
    scope->slot = slot;
    spool_scope_charge(l->scopes, scope, party);
    if (preserved > 0)
        spool_scope_preserve(l->scopes, scope);
    scope->preserved = preserved;
    spool_scope_restore(l->scopes, scope, ends_us, cause, due_us, holds);
    return RESULT_OK;
}

static enum result take_incident(struct ledger *l, struct cursor *in)
{
    struct ledger_incident *i = mem_new(sizeof *i);
    enum result r = cursor_u64(in, &i->place_scope);
    if (r == RESULT_OK)
        r = incident_take(in, &i->is);
    if (r == RESULT_OK && !map_add(l->incidents, i))
        r = RESULT_DAMAGED;
    if (r != RESULT_OK)
        mem_free(i);
    else if (i->is.ended_us != 0)
        heap_set(&l->incidents_over, &i->over, i->is.ended_us + INCIDENT_KEPT);
    return r;
}

static enum result take_stream(struct ledger *l, struct cursor *in)
{
    struct ledger_stream *s = mem_new(sizeof *s);
    if (cursor_u64(in, &s->index) == RESULT_OK && cursor_u8(in, &s->event) == RESULT_OK &&
        ledger_take_text(in, s->source, sizeof s->source) == RESULT_OK &&
        ledger_take_text(in, s->unit, sizeof s->unit) == RESULT_OK && map_add(l->streams, s))
        return RESULT_OK;
    mem_free(s);
    return RESULT_DAMAGED;
}

/* ---- messages */

static enum result take_entries(struct ledger *l, struct delivery *d, const char *source,
                                struct cursor *in)
{
    uint8_t count;
    TRY(cursor_u8(in, &count));
    for (unsigned i = 0; i < count; i++) {
        struct bytes unit, name;
        struct spool_entry_kept e = {.source = bytes_of_text(source)};
        TRY(cursor_u64(in, &e.id));
        TRY(cursor_bool(in, &e.sent_before));
        TRY(cursor_bytes16(in, &unit));
        TRY(cursor_bytes16(in, &name));
        if (unit.n > 0 && (e.queue = spool_queue(l->queues, unit, name, false)) == NULL)
            return RESULT_DAMAGED;
        if (spool_entry(l->queues, e.id) != NULL || e.id >= spool_next_number(l->queues))
            return RESULT_DAMAGED;
        spool_restore(l->queues, d, &e);
    }
    return count > 0 ? RESULT_OK : RESULT_DAMAGED;
}

static enum result take_release(struct delivery *d, struct cursor *in)
{
    TRY(cursor_bool(in, &d->was_released));
    TRY(cursor_u64(in, &d->released_index));
    return cursor_copy(in, d->released_digest, ROAD_DIGEST);
}

static enum result hold_by(struct ledger *l, struct delivery *d, enum road_case_kind kind,
                           struct cursor *in)
{
    uint8_t key[CASE_KEY];
    bool holds;
    TRY(cursor_bool(in, &holds));
    case_key(d->stored->index, d->recipient, kind, key);
    struct ledger_case *x = case_get(l, key);
    if (holds && x == NULL)
        return RESULT_DAMAGED;
    if (holds)
        x->held = d;
    return RESULT_OK;
}

static enum result take_succession(struct ledger *l, struct delivery *d, struct bytes tag)
{
    if (tag.n != ROAD_TAG || spool_is_held(d))
        return RESULT_DAMAGED;
    succession_join(l->successions, d, tag.p);
    return RESULT_OK;
}

/* The scope counts its holds already. */
static enum result take_delivery(struct ledger *l, struct stored *s, struct cursor *in)
{
    struct delivery *d;
    uint64_t id;
    struct bytes tag;
    TRY(cursor_u64(in, &id));
    struct spool_scope *scope = spool_scopes_get(l->scopes, id);
    if (scope == NULL)
        return RESULT_DAMAGED;
    d = mem_new(sizeof *d);
    d->stored = s;
    d->scope = scope;
    TAILQ_INIT(&d->all);
    TAILQ_INSERT_TAIL(&scope->deliveries, d, of_scope);
    LIST_INSERT_HEAD(&s->deliveries, d, of_stored);
    stored_hold(s);
    TRY(cursor_u8(in, &d->recipient));
    TRY(cursor_u8(in, &d->lane));
    TRY(cursor_u8(in, &d->duty));
    TRY(cursor_bool(in, &d->duty_waits));
    TRY(cursor_u32(in, &d->size));
    TRY(cursor_i64(in, &d->deadline_us));
    TRY(cursor_bool(in, &d->is_kept));
    TRY(hold_by(l, d, ROAD_APPROVAL, in));
    TRY(hold_by(l, d, ROAD_QUARANTINE, in));
    TRY(cursor_bytes16(in, &tag));
    TRY(take_release(d, in));
    if (d->lane >= LANES)
        return RESULT_DAMAGED;
    TRY(take_entries(l, d, l->snapshot.source, in));
    return tag.n == 0 ? RESULT_OK : take_succession(l, d, tag);
}

static enum result take_parts(struct ledger *l, struct stored *s, struct cursor *in)
{
    uint8_t deliveries;
    TRY(cursor_u8(in, &deliveries));
    for (unsigned i = 0; i < deliveries; i++)
        TRY(take_delivery(l, s, in));
    TRY(cursor_u8(in, &s->duties));
    for (unsigned n = 1; n <= s->duties; n++)
        TRY(duty_restore(l, s, n, in));
    return cursor_done(in);
}

static enum result take_message(struct ledger *l, struct cursor *in)
{
    uint64_t index;
    int64_t at_us;
    TRY(cursor_u64(in, &index));
    TRY(cursor_i64(in, &at_us));
    if (index != l->snapshot.index || l->snapshot.place.segment == 0)
        return RESULT_DAMAGED;
    struct stored *s =
        stored_new(&l->messages, index, at_us, l->snapshot.place, l->snapshot.refers);
    l->snapshot.place.segment = 0;
    enum result r = take_parts(l, s, in);
    stored_drop(&l->messages, s);
    return r;
}

static enum result take_outcome(struct ledger *l, struct cursor *in)
{
    struct ledger_outcome *o = mem_new(sizeof *o);
    struct delivery *d = &o->delivery;
    uint64_t index;
    int64_t at_us;
    if (cursor_u64(in, &index) != RESULT_OK || cursor_i64(in, &at_us) != RESULT_OK ||
        outcome_take(in, o) != RESULT_OK) {
        mem_free(o);
        return RESULT_DAMAGED;
    }
    outcome_begin(l, o, index, at_us);
    TRY(take_release(d, in));
    TRY(take_entries(l, d, "gateway/self", in));
    return cursor_done(in);
}

static enum result take_queued_order(struct ledger *l, struct cursor *in)
{
    struct uuid id;
    int64_t at_us;
    TRY(cursor_copy(in, id.b, UUID_BYTES));
    TRY(cursor_i64(in, &at_us));
    struct ledger_order *o = map_get(l->owing->orders, bytes_of(id.b, UUID_BYTES));
    if (o == NULL || !o->is_queued || o->queued != NULL)
        return RESULT_DAMAGED;
    struct delivery *d = &order_delivery_new(l, o, at_us)->delivery;
    TRY(take_release(d, in));
    TRY(take_entries(l, d, "gateway/self", in));
    return cursor_done(in);
}

/* ---- the snapshot's records */

static enum result take_kept(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    uint8_t what;
    TRY(cursor_u8(&in, &what));
    switch ((enum kept)what) {
    case KEPT_QUEUE: return take_queue(l, &in);
    case KEPT_SCOPE: return take_scope(l, &in);
    case KEPT_INCIDENT: return take_incident(l, &in);
    case KEPT_STREAM: return take_stream(l, &in);
    case KEPT_STANDING: return standing_take(l->standing, bytes_of(in.at, in.left));
    case KEPT_SUSPENSION: return suspension_restore(l, &in);
    case KEPT_HALVES: return halves_take(l, &in);
    case KEPT_CASE: return case_restore(l, &in);
    case KEPT_PRESERVATION: return preservation_restore(l, &in);
    case KEPT_CLAIM: return claim_restore(l, &in);
    case KEPT_ACTIVATED: return activation_apply(l, bytes_of(in.at, in.left));
    case KEPT_MESSAGE: return take_message(l, &in);
    case KEPT_OUTCOME: return take_outcome(l, &in);
    case KEPT_OWED: return owed_take(l, &in);
    case KEPT_OWED_MORE: return owed_take_more(l, &in);
    case KEPT_ORDER: return order_take(l, &in);
    case KEPT_ORDER_QUEUED: return take_queued_order(l, &in);
    case KEPT_SEEN: return seen_take(l->seen, &in);
    }
    return RESULT_DAMAGED;
}

static enum result take_content(struct ledger *l, const struct journal_record *r)
{
    struct cursor in = cursor_over(r->body);
    TRY(cursor_u64(&in, &l->snapshot.index));
    TRY(cursor_u64(&in, &l->snapshot.refers));
    TRY(road_commit_source(&in, l->snapshot.source));
    l->snapshot.place = r->place;
    return RESULT_OK;
}

/* Everything before it is passed over. */
static enum result begin(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    uint64_t next;
    ledger_forget(l);
    TRY(cursor_u32(&in, &l->snapshot.segment));
    TRY(cursor_u64(&in, &l->leaves));
    TRY(cursor_i64(&in, &l->high_water_us));
    TRY(cursor_u64(&in, &next));
    TRY(cursor_u64(&in, &l->highest_serial));
    TRY(cursor_u64(&in, &l->register_scope));
    TRY(cursor_i64(&in, &l->register_ends_us));
    spool_set_next_number(l->queues, next);
    l->snapshot.base = BASE_PART;
    return cursor_done(&in);
}

static enum result end(struct ledger *l, const struct journal_record *r)
{
    struct cursor in = cursor_over(r->body);
    uint32_t segment;
    if (cursor_u32(&in, &segment) != RESULT_OK || segment != l->snapshot.segment)
        return RESULT_DAMAGED;
    l->snapshot.base = BASE_ALL;
    l->snapshot.segments = r->place.segment - segment + 1;
    return RESULT_OK;
}

static bool is_of_a_snapshot(enum record_type type)
{
    return type == RECORD_SNAPSHOT || type == RECORD_KEPT || type == RECORD_KEPT_MESSAGE ||
           type == RECORD_KEPT_ACT || type == RECORD_WHOLE;
}

static enum result apply(struct ledger *l, const struct journal_record *r)
{
    enum record_type type = (enum record_type)r->type;
    if (type == RECORD_SNAPSHOT)
        return begin(l, r->body);
    if (l->snapshot.base == BASE_NONE)
        return RESULT_OK;
    switch (type) {
    case RECORD_KEPT: return take_kept(l, r->body);
    case RECORD_KEPT_MESSAGE: return take_content(l, r);
    case RECORD_KEPT_ACT: return acts_keep(l, r->body, r->place);
    case RECORD_WHOLE: return end(l, r);
    default: return ledger_apply(l, type, r->body, r->place);
    }
}

/*
 * Where the beginning is there, or a whole snapshot was read, later snapshots say nothing new. What
 * does not fit one that is not whole was written after a crash had ended it: another one follows.
 */
enum result snapshot_read(struct ledger *l, const struct journal_record *r)
{
    struct snapshot *x = &l->snapshot;
    if (!x->any)
        x->base = r->sequence == 1 ? BASE_ALL : BASE_NONE;
    x->any = true;
    if (x->base == BASE_ALL && is_of_a_snapshot((enum record_type)r->type))
        return RESULT_OK;
    enum result result = apply(l, r);
    if (result != RESULT_OK && x->base == BASE_PART) {
        x->base = BASE_NONE;
        return RESULT_OK;
    }
    /* A record that does not fit was written by no correct ledger, whatever of it did not fit. */
    return result == RESULT_OK || result_group(result) == RESULT_STOP ? result : RESULT_DAMAGED;
}

enum result snapshot_read_all(struct ledger *l, struct journal_fault *fault)
{
    const char *why = NULL;
    if (l->snapshot.any && l->snapshot.base != BASE_ALL)
        why = "the journal's beginning is missing, and no whole snapshot stands in for it";
    else if (l->snapshot.base == BASE_ALL && tiles_size(l->tiles) < l->leaves)
        why = "the audit log lacks entries that the journal does not hold any more";
    spool_sort(l->queues);
    if (why == NULL)
        return RESULT_OK;
    (void)snprintf(fault->text, sizeof fault->text, "%s", why);
    return RESULT_DAMAGED;
}

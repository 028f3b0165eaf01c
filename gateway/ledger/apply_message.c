/*
 * What a message's record does to the ledger's state: it brings scopes, changes incidents, and so
 * starts and stops the clocks of scopes, and goes into queues.
 */
#include "ledger/cases.h"
#include "ledger/preservation.h"
#include "ledger/owed.h"

#include "base/mem.h"

struct ledger_incident *ledger_incident(const struct ledger *l, struct bytes id)
{
    return map_get(l->incidents, id);
}

static enum result add_scopes(struct ledger *l, const struct road_commit *c)
{
    for (size_t i = 0; i < c->scopes; i++) {
        if (spool_scopes_get(l->scopes, c->scope[i].id) != NULL)
            continue;
        struct spool_scope *x = spool_scopes_add(l->scopes, &c->scope[i]);
        if (x == NULL)
            return RESULT_DAMAGED;
        spool_scope_charge(l->scopes, x, intake_party(c));
        preservation_new_scope(l, x);
    }
    return RESULT_OK;
}

static struct ledger_incident *incident_for(struct ledger *l, struct bytes id)
{
    struct ledger_incident *i = ledger_incident(l, id);
    if (i != NULL || id.n > IDENT_INCIDENT_MAX)
        return i;
    i = mem_new(sizeof *i);
    memcpy(i->is.id, id.p, id.n);
    (void)map_add(l->incidents, i);
    return i;
}

/* Forgetting depends on records alone, so that recovery, which reads all of them again, forgets at
 * the same records: an id that came anew would else meet the one of old there. */
static void forget_old(struct ledger *l)
{
    const struct heap_entry *e;
    seen_forget(l->seen, l->high_water_us - SEEN_KEPT);
    duty_forget_old(l);
    cases_forget(l);
    orders_forget(l);
    while ((e = heap_first(&l->incidents_over)) != NULL && e->due_us <= l->high_water_us) {
        struct ledger_incident *i = CONTAINER_OF(e, struct ledger_incident, over);
        heap_remove(&l->incidents_over, &i->over);
        (void)map_remove(l->incidents, bytes_of_text(i->is.id));
        mem_free(i);
    }
}

static void let_place_go(struct ledger *l, struct ledger_incident *i, int64_t now_us)
{
    struct spool_scope *x = spool_scopes_get(l->scopes, i->place_scope);
    if (x != NULL) /* its deadline may have come before the incident's end */
        spool_scope_drop(l->scopes, x, now_us);
    i->place_scope = 0;
}

/* The sealed place is held as long as the incident is open. */
static void hold_place(struct ledger *l, struct ledger_incident *i, uint64_t scope, int64_t now_us)
{
    struct spool_scope *x = spool_scopes_get(l->scopes, scope);
    if (x == NULL || scope == i->place_scope)
        return;
    let_place_go(l, i, now_us);
    spool_scope_hold(l->scopes, x);
    i->place_scope = scope;
}

/* Of scopes, and of what recipients owe. */
static void start(struct ledger *l, const char *incident, enum spool_starts starts, int64_t at_us)
{
    spool_scopes_start(l->scopes, incident, starts, at_us);
    spool_scopes_start(l->owing->clocks, incident, starts, at_us);
}

static void stop(struct ledger *l, const char *incident, enum spool_starts starts)
{
    const struct spool_scope *x =
        spool_scopes_of(l->scopes, SPOOL_OF_INCIDENT, bytes_of_text(incident));
    spool_scopes_stop(l->scopes, incident, starts);
    spool_scopes_stop(l->owing->clocks, incident, starts);
    for (; x != NULL; x = spool_scopes_beside(x, SPOOL_OF_INCIDENT))
        outlet_go_on(l, x);
}

static void start_clocks(struct ledger *l, struct ledger_incident *i)
{
    if (i->is.ended_us != 0) {
        heap_set(&l->incidents_over, &i->over, i->is.ended_us + INCIDENT_KEPT);
        start(l, i->is.id, SPOOL_INCIDENT_END, i->is.ended_us);
        start(l, i->is.id, SPOOL_FOUND, i->is.ended_us);
    }
    if (i->is.found_us != 0)
        start(l, i->is.id, SPOOL_FOUND, i->is.found_us);
    if (i->is.ended_us != 0 && i->place_scope != 0) {
        let_place_go(l, i, i->is.ended_us);
        i->is.place_bytes = 0;
    }
}

static void stop_clocks(struct ledger *l, struct ledger_incident *i)
{
    heap_remove(&l->incidents_over, &i->over);
    stop(l, i->is.id, SPOOL_INCIDENT_END);
    stop(l, i->is.id, SPOOL_FOUND);
}

static enum result apply_changes(struct ledger *l, const struct road_commit *c)
{
    for (size_t k = 0; k < c->changes; k++) {
        struct cursor in = cursor_over(c->change[k]);
        struct incident_change change;
        if (incident_change_take(&in, &change) != RESULT_OK)
            return RESULT_DAMAGED;
        struct ledger_incident *i = incident_for(l, change.id);
        enum incident_verdict v = i == NULL ? INCIDENT_NOT_THERE : incident_apply(&i->is, &change);
        if (v != INCIDENT_APPLIED && v != INCIDENT_UNCHANGED)
            return RESULT_DAMAGED;
        if (change.place.n > 0)
            hold_place(l, i, c->change_scope, c->at_us);
        if (change.step == INCIDENT_REOPEN)
            stop_clocks(l, i);
        start_clocks(l, i);
    }
    /* Clocks that began before this message's scopes were there. */
    for (size_t k = 0; k < c->scopes; k++) {
        struct ledger_incident *i = ledger_incident(l, c->scope[k].incident);
        if (i != NULL)
            start_clocks(l, i);
    }
    return RESULT_OK;
}

/* One in reserve is held until nobody else attended to the message in time; another one until
 * persons have decided about it. */
static enum result add_delivery(struct ledger *l, const struct road_commit *c, size_t recipient,
                                struct stored *stored)
{
    const struct road_recipient *r = &c->recipient[recipient];
    struct spool_scope *scope = spool_scopes_get(l->scopes, c->body[r->body].scope);
    if (scope == NULL)
        return RESULT_DAMAGED;
    struct delivery *d = mem_new(sizeof *d);
    *d = (struct delivery){.stored = stored,
                           .scope = scope,
                           .recipient = (uint8_t)recipient,
                           .lane = c->envelope.lane,
                           .duty = r->duty,
                           .size = (uint32_t)c->envelope.size,
                           .deadline_us = r->deadline_us};
    TAILQ_INIT(&d->all);
    TAILQ_INSERT_TAIL(&scope->deliveries, d, of_scope);
    spool_scope_hold(l->scopes, scope);
    LIST_INSERT_HEAD(&stored->deliveries, d, of_stored);
    stored_hold(stored);
    if (r->reserve || road_is_held(r))
        spool_hold(l->queues, d);
    else
        spool_enqueue(l->queues, d, r->unit, &c->envelope);
    if (r->supersedes && !spool_is_held(d))
        succession_join(l->successions, d, c->succession.p);
    if (r->duty > 0)
        duty_add(l, d, r->reserve);
    cases_open(l, stored->index, c, recipient, d);
    return RESULT_OK;
}

/* The gateway itself keeps none, whoever else does. */
static bool gets_a_copy(const struct road_commit *c, const struct road_recipient *r)
{
    return r->permitted && r->body < c->bodies && !bytes_is(r->unit, "gateway/self");
}

enum result ledger_apply_commit(struct ledger *l, const struct road_commit *c, uint64_t index,
                                uint64_t refers, struct journal_place place)
{
    if (c->remembered)
        seen_expect(l->seen, &c->envelope);
    ledger_saw_time(l, c->at_us);
    TRY(add_scopes(l, c));
    TRY(apply_changes(l, c));
    TRY(standing_apply_record(l, c));
    TRY(settle_apply(l, c));
    struct stored *stored = stored_new(&l->messages, index, c->at_us, place, refers);
    duty_begin(l, c, stored);
    enum result r = RESULT_OK;
    for (size_t i = 0; r == RESULT_OK && i < c->recipients; i++)
        if (gets_a_copy(c, &c->recipient[i]))
            r = add_delivery(l, c, i, stored);
        else
            cases_open(l, index, c, i, NULL);
    if (c->remembered)
        seen_add(l->seen, c, index, l->high_water_us - SEEN_KEPT);
    stored_drop(&l->messages, stored);
    TRY(r);
    forget_old(l);
    return RESULT_OK;
}

enum result ledger_apply_message(struct ledger *l, struct bytes body, struct journal_place place)
{
    struct cursor in = cursor_over(body);
    struct road_commit c UNSET;
    uint64_t index, refers;
    if (cursor_u64(&in, &index) != RESULT_OK || cursor_u64(&in, &refers) != RESULT_OK ||
        road_commit_take(&in, &c) != RESULT_OK)
        return RESULT_DAMAGED;
    return ledger_apply_commit(l, &c, index, refers, place);
}

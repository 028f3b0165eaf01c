/* COMMIT: a decided message becomes records. */
#include "ledger/cases.h"
#include "ledger/owed.h"
#include "ledger/halves.h"
#include "ledger/register.h"
#include "ledger/snapshot.h"

#include <inttypes.h>
#include <stdio.h>

enum { SCOPES_MANY = KEYS_SCOPES_MAX / 10 * 9, SCOPES_FEWER = KEYS_SCOPES_MAX / 10 * 8 };

static bool is_new_scope(const struct road_commit *c, uint64_t id)
{
    for (size_t i = 0; i < c->scopes; i++)
        if (c->scope[i].id == id)
            return true;
    return false;
}

static bool is_live_scope(const struct ledger *l, uint64_t id)
{
    const struct spool_scope *x = spool_scopes_get(l->scopes, id);
    return x != NULL && !x->dying && x->cause == SPOOL_NOT_ENDED && x->starts != SPOOL_REGISTER &&
           !half_is_tuple(x->slot.tuple) && !(x->has_consent && standing_lacks(l, x->consent));
}

/* A new scope was wrapped under the secret in force; or it came with another message that was
 * faster. */
static bool scope_fits(const struct ledger *l, const struct road_scope *scope)
{
    const struct spool_scope *known = spool_scopes_get(l->scopes, scope->id);
    if (scope->consent.n > 0 && standing_lacks(l, scope->consent.p))
        return false; /* the edge decided before it heard of the change */
    if (half_is_tuple(scope->tuple))
        return false; /* no edge makes those */
    if (known == NULL)
        return scope->generation == l->generation;
    return !known->dying && known->cause == SPOOL_NOT_ENDED &&
           memcmp(known->slot.tuple, scope->tuple, ROAD_DIGEST) == 0;
}

static bool scopes_fit(const struct ledger *l, const struct road_commit *c)
{
    for (size_t i = 0; i < c->scopes; i++)
        if (!scope_fits(l, &c->scope[i]))
            return false;
    for (size_t i = 0; i < c->bodies; i++)
        if (!is_new_scope(c, c->body[i].scope) && !is_live_scope(l, c->body[i].scope))
            return false;
    return c->change_scope == 0 || is_new_scope(c, c->change_scope) ||
           is_live_scope(l, c->change_scope);
}

static bool is_ahead(const struct ledger *l, int64_t at_us)
{
    return at_us > ledger_now(l) + AHEAD_MOST;
}

/* One after the other, each upon what the one before has made of its incident. */
static bool changes_fit(const struct ledger *l, const struct road_commit *c)
{
    if (c->changes == 0)
        return true;
    struct incident after[ROAD_CHANGES_MAX] = {0};
    for (size_t i = 0; i < c->changes; i++) {
        struct cursor in = cursor_over(c->change[i]);
        struct incident_change change;
        if (incident_change_take(&in, &change) != RESULT_OK || is_ahead(l, change.at_us))
            return false;
        struct incident *x = &after[0];
        while (x < &after[i] && !bytes_is(change.id, x->id))
            x++;
        const struct ledger_incident *known = ledger_incident(l, change.id);
        if (x == &after[i] && known != NULL)
            *x = known->is;
        else if (x == &after[i])
            memcpy(x->id, change.id.p, change.id.n);
        enum incident_verdict v = incident_apply(x, &change);
        if (v != INCIDENT_APPLIED && v != INCIDENT_UNCHANGED)
            return false;
    }
    return true;
}

/* The keeper says whether it made the new scopes, and keeps them in case it was started again after
 * it had: what cannot be unwrapped one day would end every later destruction. RESULT_STALE also
 * without a keeper, which the edge needs first to decide again. */
static enum result adopt_scopes(struct ledger *l, const struct road_commit *c)
{
    struct buf body = BUF_INIT(ROAD_SCOPES_MAX * KEYS_SLOT_BYTES), reply = BUF_INIT(4096);
    enum result r = RESULT_OK;
    for (size_t i = 0; i < c->scopes; i++) {
        const struct road_scope *x = &c->scope[i];
        struct keys_slot slot = {.id = x->id, .generation = x->generation};
        memcpy(slot.tuple, x->tuple, ROAD_DIGEST);
        memcpy(slot.wrapped, x->wrapped, ROAD_WRAPPED);
        if (spool_scopes_get(l->scopes, x->id) == NULL)
            keys_slot_put(&slot, &body);
    }
    if (body.n > 0)
        r = l->config.ask(l->config.arg, IPC_SCOPES_ADOPT, buf_view(&body), IPC_SCOPES_ADOPTED,
                          &reply);
    if (r == RESULT_UNAVAILABLE || reply.n > 0)
        r = RESULT_STALE;
    buf_free(&body);
    buf_free(&reply);
    return r;
}

enum result intake_check(struct ledger *l, const struct road_commit *c)
{
    if (is_ahead(l, c->at_us) || !scopes_fit(l, c) || !changes_fit(l, c) || !standing_fits(l, c) ||
        !register_fits(l, &c->fact) || !settle_fits(l, c))
        return RESULT_STALE;
    return adopt_scopes(l, c);
}

/* ---- leaves */

static enum result leaf_received(struct ledger *l, const struct road_commit *c, uint64_t refers,
                                 uint64_t *index)
{
    struct leaf_recipient recipient[ROAD_RECIPIENTS_MAX] UNSET;
    char id[UUID_TEXT + 1];
    struct leaf leaf = {.event = AUDIT_RECEIVED,
                        .time_us = c->at_us,
                        .recipient = recipient,
                        .commitment = c->commitment,
                        .has_refers = refers != 0,
                        .refers = refers};
    struct buf detail = BUF_INIT(ROAD_TEXT_MAX);
    ledger_leaf_envelope(&leaf, &c->envelope, id);
    for (size_t i = 0; i < c->recipients; i++) {
        const struct road_recipient *r = &c->recipient[i];
        if (!r->reserve) /* it stands in the leaf "escalated", if it comes to that */
            recipient[leaf.recipients++] = (struct leaf_recipient){
                r->unit, r->reason, r->clause, r->failed, r->flags, r->deadline_us};
    }
    for (size_t i = 0; i < c->bodies; i++)
        buf_printf(&detail, "%s%" PRIu64, i == 0 ? "scopes=" : ",", c->body[i].scope);
    leaf.detail = buf_view(&detail);
    enum result r = ledger_leaf_with(l, &leaf, &c->fact, index);
    buf_free(&detail);
    return r;
}

static void put_word(struct buf *detail, const char *name, struct bytes word)
{
    if (word.n > 0)
        buf_printf(detail, " %s=%.*s", name, (int)word.n, (const char *)word.p);
}

/* One leaf for each change of an incident, beside the message that asked for it. */
static enum result leaf_incident(struct ledger *l, const struct road_commit *c, size_t change,
                                 uint64_t about)
{
    struct cursor in = cursor_over(c->change[change]);
    struct incident_change what;
    TRY(incident_change_take(&in, &what));
    const struct ledger_incident *i = ledger_incident(l, what.id);
    struct leaf leaf = {.event = AUDIT_INCIDENT_CHANGED,
                        .time_us = c->at_us,
                        .source = what.by,
                        .status = c->envelope.status,
                        .incident = &what.id,
                        .incidents = 1,
                        .policy = c->envelope.policy,
                        .has_refers = true,
                        .refers = about};
    if (i != NULL && what.step == INCIDENT_OPEN && i->is.generation == 1)
        leaf.event = AUDIT_INCIDENT_OPENED;
    if (i != NULL && i->is.ended_us == what.at_us && what.step == INCIDENT_CLOSE)
        leaf.event = AUDIT_INCIDENT_ENDED;
    static const char *const steps[] = {"",        "open",  "reopen",    "close", "assign",
                                        "release", "found", "emergency", "offer", "accept",
                                        "decline", "link",  "linked"};
    struct buf detail = BUF_INIT(ROAD_TEXT_MAX);
    buf_printf(&detail, "step=%s", steps[what.step]);
    put_word(&detail, "unit", what.unit);
    put_word(&detail, "other", what.other);
    put_word(&detail, "mou", what.mou);
    leaf.detail = buf_view(&detail);
    enum result r = ledger_leaf(l, &leaf, NULL);
    buf_free(&detail);
    return r;
}

/* ---- records */

enum result intake_record(struct ledger *l, const struct road_commit *c, struct bytes encoded,
                          uint64_t refers, uint64_t *index)
{
    TRY(leaf_received(l, c, refers, index));
    TRY(settle_leaves(l, c, *index));
    TRY(ledger_record_message(l, c, encoded, *index, refers));
    for (size_t i = 0; i < c->changes; i++)
        TRY(leaf_incident(l, c, i, *index));
    TRY(standing_leaf(l, c, *index));
    settle_tell(l, c);
    for (size_t i = 0; c->verdict != ROAD_REFUSED && i < c->named; i++)
        TRY(duty_attend(l, c->names[i], c->envelope.source, c->envelope.kind, c->envelope.status,
                        c->at_us));
    return RESULT_OK;
}

/* An operator hears of it while there is still time; and once, however the number goes up and down.
 */
static void watch_scopes(struct ledger *l)
{
    const size_t count = spool_scopes_count(l->scopes);
    const bool many = count >= (l->scopes_are_many ? SCOPES_FEWER : SCOPES_MANY);
    if (many && !l->scopes_are_many)
        log_line(l->config.log, LOG_ALARM, "scopes-many",
                 "count=%zu most=%d why=\"at the most, what needs a key of its own is refused\"",
                 count, KEYS_SCOPES_MAX);
    else if (!many && l->scopes_are_many)
        log_line(l->config.log, LOG_NOTE, "scopes-fewer", "count=%zu", count);
    l->scopes_are_many = many;
}

/* Notices are of the gateway, and share a scope for an hour. */
struct bytes intake_party(const struct road_commit *c)
{
    struct bytes party;
    return !bytes_is(c->envelope.source, "gateway/self") &&
                   ident_split_unit(c->envelope.source, &party, NULL)
               ? party
               : bytes_of(NULL, 0);
}

/* A party may have as many scopes as are left free: alone half of all, of two each a third; so
 * nobody takes the last one from those who have none. */
static bool has_share(const struct ledger *l, const struct road_commit *c)
{
    const struct bytes party = intake_party(c);
    const size_t all = spool_scopes_count(l->scopes) + c->scopes;
    return c->scopes == 0 || party.n == 0 ||
           spool_scopes_share(l->scopes, party) <= KEYS_SCOPES_MAX - all;
}

/* Once a minute at most: whoever goes on sending is refused each time. */
static void tell_share(struct ledger *l, const struct road_commit *c)
{
    const struct bytes party = intake_party(c);
    const int64_t now_us = clock_steady_us(&l->config.clock);
    if (l->share_told_us != 0 && now_us - l->share_told_us < US_PER_MINUTE)
        return;
    l->share_told_us = now_us;
    log_line(l->config.log, LOG_ALARM, "scopes-share",
             "party=%.*s count=%zu all=%zu most=%d why=\"what needs another key is refused to it\"",
             (int)party.n, (const char *)party.p, spool_scopes_share(l->scopes, party),
             spool_scopes_count(l->scopes), KEYS_SCOPES_MAX);
}

/* What is left of a low journal is for acknowledgements, destructions and ends of incidents, and on
 * a second device for the urgent lane. */
static bool has_room(const struct ledger *l, const struct road_commit *c, size_t bytes)
{
    bool low = journal_is_low(l->journal) || l->log_is_full;
    bool ends = c->changes > 0 || c->standing.n > 0 || c->settle.n > 0;
    bool urgent = c->envelope.lane == LEDGER_LANE_URGENT && journal_takes_urgent(l->journal);
    return (!low || ends || urgent) && ledger_has_room(l, bytes);
}

/* `out` is ROAD_STALE so far. */
static enum result enter(struct ledger *l, const struct road_commit *c, struct bytes body,
                         size_t bytes, struct road_committed *out)
{
    watch_scopes(l);
    if (spool_scopes_count(l->scopes) + c->scopes > KEYS_SCOPES_MAX) {
        out->answer = ROAD_MANY_KEYS;
        return RESULT_OK;
    }
    if (!has_share(l, c)) {
        out->answer = ROAD_MANY_OF_PARTY;
        tell_share(l, c);
        return RESULT_OK;
    }
    if (!has_room(l, c, bytes)) {
        out->answer = ROAD_NO_ROOM;
        return RESULT_OK;
    }
    enum result fits = intake_check(l, c);
    if (fits == RESULT_STALE)
        return RESULT_OK;
    TRY(fits);
    out->answer = ROAD_ON_DISK;
    TRY(intake_record(l, c, body, 0, &out->index));
    return supersede_older(l, c, out->index);
}

enum result intake_commit(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct road_commit c UNSET;
    struct road_committed out UNSET;
    TRY(road_commit_take(&in, &c));
    road_committed_init(&out, c.ticket, ROAD_STALE);
    out.verdict = c.verdict;
    const struct seen_message *known = receipt_find(l, c.envelope.source, &c.envelope.id);
    /* Also when it would be refused by now: what it did itself, such as to end an incident, may be
     * why. */
    if (known != NULL && memcmp(known->content, c.content, ROAD_TAG) == 0)
        return receipt_again(l, c.ticket, known);
    if (known != NULL && c.remembered) {
        out.answer = ROAD_ID_REUSED;
        receipt_answer(l, &out);
        return RESULT_OK;
    }
    const size_t bytes = body.n + settle_bytes(&c);
    TRY(snapshot_ready_for(l, &c, bytes));
    if (c.settle.n > 0)
        TRY(ledger_make_frame_room(l, bytes));
    TRY(enter(l, &c, body, bytes, &out));
    receipt_answer(l, &out);
    return RESULT_OK;
}

/*
 * Duties: somebody among the recipients of a clause is to attend to a message in time. When nobody
 * does, the clause's unit in reserve gets it too. Attending is the recipient's first message that
 * names what it was delivered, or its acknowledgement where that is enough; the log says so, and
 * the sender is told.
 *
 * A duty lives in two heaps, one after the other: of those that are due to be escalated, and of
 * those that were and may still be attended to. Its time runs once the first recipient may have the
 * message, which persons may hold. It ends with the first who attends, with the copy in reserve, or
 * when it is too old.
 */
#include "ledger/snapshot.h"

#include "base/mem.h"

#include <stdio.h>

enum { ESCALATED_A_TURN = 1000 };

/* ---- what there is */

struct ledger_duty *duty_of(const struct ledger *l, uint64_t index, uint64_t number)
{
    const uint64_t key[2] = {index, number};
    return map_get(l->duties, bytes_of(key, sizeof key));
}

static struct ledger_duty *duty_of_delivery(const struct ledger *l, const struct delivery *d)
{
    return d->duty == 0 ? NULL : duty_of(l, d->stored->index, d->duty);
}

static void free_duty(struct ledger *l, struct ledger_duty *duty)
{
    struct duty_name *name;
    while ((name = LIST_FIRST(&duty->names)) != NULL) {
        LIST_REMOVE(name, of_duty);
        (void)map_remove(l->names, bytes_of(&name->index, sizeof name->index));
        mem_free(name);
    }
    heap_remove(duty->escalated ? &l->duties_over : &l->duties_due, &duty->due);
    (void)map_remove(l->duties, bytes_of(duty->key, sizeof duty->key));
    stored_drop(&l->messages, duty->stored);
    mem_free(duty);
}

void duty_free_all(struct ledger *l)
{
    struct ledger_duty *duty;
    size_t at;
    MAP_FOREACH (duty, l->duties, at)
        free_duty(l, map_take(l->duties, &at));
}

/* ---- what records do */

void duty_begin(struct ledger *l, const struct road_commit *c, struct stored *stored)
{
    stored->duties = (uint8_t)c->duties;
    for (size_t i = 0; i < c->duties; i++) {
        struct ledger_duty *duty = mem_new(sizeof *duty);
        int64_t by_us = c->duty[i].by_us;
        *duty = (struct ledger_duty){.key = {stored->index, i + 1},
                                     .stored = stored,
                                     .within_us =
                                         by_us > c->at_us && c->at_us >= 0 ? by_us - c->at_us : 0,
                                     .by_us = by_us};
        LIST_INIT(&duty->names);
        stored_hold(stored);
        (void)map_add(l->duties, duty);
        heap_set(&l->duties_due, &duty->due, by_us);
    }
}

void duty_add(struct ledger *l, struct delivery *d, bool reserve)
{
    struct ledger_duty *duty = duty_of_delivery(l, d);
    if (reserve) {
        duty->reserve = d;
    } else if (spool_is_held(d)) {
        d->duty_waits = true;
        duty->waiting++;
    } else {
        duty->begun = true;
    }
}

void duty_let_go(struct ledger *l, struct delivery *d, int64_t at_us)
{
    struct ledger_duty *duty = duty_of_delivery(l, d);
    if (duty == NULL || !d->duty_waits)
        return;
    d->duty_waits = false;
    duty->waiting--;
    if (duty->begun)
        return;
    duty->begun = true;
    duty->by_us = time_after(at_us, duty->within_us);
    heap_set(&l->duties_due, &duty->due, duty->by_us);
}

int64_t duty_by_us(const struct ledger *l, const struct delivery *d)
{
    const struct ledger_duty *duty = duty_of_delivery(l, d);
    return duty == NULL || duty->reserve == d ? 0 : duty->by_us;
}

bool duty_holds(const struct ledger *l, const struct delivery *d)
{
    const struct ledger_duty *duty = duty_of_delivery(l, d);
    return duty != NULL && duty->reserve == d && !duty->escalated;
}

void duty_add_name(struct ledger *l, struct ledger_duty *duty, uint64_t index, const char *unit)
{
    struct duty_name *name = mem_new(sizeof *name);
    name->index = index;
    name->duty = duty;
    memcpy(name->unit, unit, strlen(unit));
    if (map_add(l->names, name))
        LIST_INSERT_HEAD(&duty->names, name, of_duty);
    else
        mem_free(name);
}

void duty_released(struct ledger *l, const struct delivery *d, const char *unit)
{
    struct ledger_duty *duty = duty_of_delivery(l, d);
    if (duty == NULL)
        return;
    duty_add_name(l, duty, d->released_index, unit);
}

/* Ends a duty that is not escalated, with its copy in reserve. */
static void end_duty(struct ledger *l, struct ledger_duty *duty, int64_t now_us)
{
    struct delivery *held = duty->reserve;
    free_duty(l, duty);
    if (held != NULL)
        ledger_end_delivery(l, held, now_us);
}

/* Without its copy in reserve, a duty that is not escalated yet has no end left but this; nor has
 * one when persons let none of its recipients have the message. */
void duty_delivery_over(struct ledger *l, const struct delivery *d, int64_t now_us)
{
    struct ledger_duty *duty = duty_of_delivery(l, d);
    if (duty == NULL)
        return;
    if (d->duty_waits)
        duty->waiting--;
    if (duty->reserve == d)
        duty->reserve = NULL;
    else if (duty->begun || duty->waiting > 0)
        return;
    if (!duty->escalated)
        end_duty(l, duty, now_us);
}

/* Somebody has it, or may get it yet. */
static bool is_in_hands(const struct ledger_duty *duty, const struct delivery *but)
{
    const struct delivery *d;
    LIST_FOREACH (d, &duty->stored->deliveries, of_stored)
        if (d != but && d != duty->reserve && d->duty == duty->key[1])
            return true;
    return !LIST_EMPTY(&duty->names);
}

/* So nobody's time begins anew with each position that comes. */
void duty_superseded(struct ledger *l, const struct delivery *older, const struct delivery *newer,
                     int64_t now_us)
{
    struct ledger_duty *was = duty_of_delivery(l, older), *is = duty_of_delivery(l, newer);
    if (was == NULL || was->escalated || is_in_hands(was, older))
        return;
    if (is != NULL && !is->escalated && was->by_us < is->by_us) {
        is->by_us = was->by_us;
        heap_set(&l->duties_due, &is->due, is->by_us);
    }
    end_duty(l, was, now_us);
}

void duty_forget_old(struct ledger *l)
{
    const struct heap_entry *e;
    while ((e = heap_first(&l->duties_over)) != NULL && e->due_us <= l->high_water_us)
        free_duty(l, CONTAINER_OF(e, struct ledger_duty, due));
}

static enum result take_duty(struct ledger *l, struct cursor *in, struct ledger_duty **out,
                             int64_t *at_us)
{
    uint64_t index, number;
    if (cursor_u64(in, &index) != RESULT_OK || cursor_u64(in, &number) != RESULT_OK ||
        cursor_i64(in, at_us) != RESULT_OK)
        return RESULT_DAMAGED;
    *out = duty_of(l, index, number);
    if (*out == NULL)
        return RESULT_DAMAGED;
    ledger_saw_time(l, *at_us);
    snapshot_changes(l, (*out)->stored);
    return RESULT_OK;
}

/* Who was in reserve is not needed; who got it already keeps it. */
enum result duty_apply_attended(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct ledger_duty *duty;
    int64_t at_us;
    TRY(take_duty(l, &in, &duty, &at_us));
    if (duty->escalated)
        free_duty(l, duty);
    else
        end_duty(l, duty, at_us);
    return RESULT_OK;
}

enum result duty_apply_escalated(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct ledger_duty *duty;
    struct road_envelope envelope;
    struct bytes unit;
    int64_t at_us;
    TRY(take_duty(l, &in, &duty, &at_us));
    if (duty->escalated || cursor_bytes16(&in, &unit) != RESULT_OK ||
        road_envelope_take(&in, &envelope) != RESULT_OK)
        return RESULT_DAMAGED;
    heap_remove(&l->duties_due, &duty->due);
    duty->escalated = true;
    heap_set(&l->duties_over, &duty->due, time_after(duty->by_us, DUTY_OVER_AFTER));
    if (duty->reserve != NULL)
        spool_unhold(l->queues, duty->reserve, unit, &envelope);
    return RESULT_OK;
}

/* ---- somebody attends */

static void begin_record(struct ledger *l, const struct ledger_duty *duty, int64_t now_us)
{
    buf_clear(&l->record);
    buf_u64(&l->record, duty->key[0]);
    buf_u64(&l->record, duty->key[1]);
    buf_i64(&l->record, now_us);
}

static bool is_met_by(const struct road_duty *d, struct bytes kind)
{
    if (kind.n == 0)
        return d->by_ack;
    for (size_t i = 0; i < d->answers; i++)
        if (bytes_equal(d->answer[i], kind))
            return true;
    return d->answers == 0;
}

static enum result leaf_about(struct ledger *l, enum audit_event event, const struct road_commit *c,
                              const struct ledger_duty *duty, const struct leaf_recipient *who,
                              int64_t now_us)
{
    char id[UUID_TEXT + 1];
    struct leaf leaf = {.event = event,
                        .time_us = now_us,
                        .recipient = who,
                        .recipients = 1,
                        .has_refers = true,
                        .refers = duty->key[0]};
    ledger_leaf_envelope(&leaf, &c->envelope, id);
    return ledger_leaf(l, &leaf, NULL);
}

/* Nobody attends to a real message by one of an exercise. */
static bool is_of_its_status(const struct road_commit *c, struct bytes status)
{
    return status.n == 0 || bytes_equal(status, c->envelope.status);
}

enum result duty_attend(struct ledger *l, uint64_t named, struct bytes unit, struct bytes kind,
                        struct bytes status, int64_t now_us)
{
    const struct duty_name *name = map_get(l->names, bytes_of(&named, sizeof named));
    struct road_commit c UNSET;
    if (name == NULL || !bytes_is(unit, name->unit))
        return RESULT_OK;
    const struct ledger_duty *duty = name->duty;
    TRY(ledger_recall(l, duty->stored->place, &c));
    if (!is_met_by(&c.duty[duty->key[1] - 1], kind) || !is_of_its_status(&c, status))
        return RESULT_OK;
    const struct leaf_recipient who = {.unit = unit};
    const struct outcome_news news = {&c.envelope, duty->key[0], unit, "permitted",
                                      OUTCOME_ATTENDED};
    TRY(leaf_about(l, AUDIT_ATTENDED, &c, duty, &who, now_us));
    TRY(ledger_tell_sender(l, &news, now_us));
    begin_record(l, duty, now_us);
    return ledger_record(l, RECORD_ATTENDED, buf_view(&l->record));
}

/* ---- nobody attends */

static const struct road_recipient *reserve_of(const struct road_commit *c, uint64_t number)
{
    size_t i = 0;
    while (!c->recipient[i].reserve || c->recipient[i].duty != number)
        i++; /* there is one: road.h */
    return &c->recipient[i];
}

static enum result escalate(struct ledger *l, const struct ledger_duty *duty, int64_t now_us)
{
    struct road_commit c UNSET;
    TRY(ledger_recall(l, duty->stored->place, &c));
    const struct road_recipient *r = reserve_of(&c, duty->key[1]);
    const struct leaf_recipient who = {r->unit,   r->reason, r->clause,
                                       r->failed, r->flags,  r->deadline_us};
    char reason[IDENT_WORD_MAX + 1];
    (void)snprintf(reason, sizeof reason, "%.*s", (int)r->reason.n, (const char *)r->reason.p);
    const struct outcome_news news = {&c.envelope, duty->key[0], r->unit, reason,
                                      OUTCOME_ESCALATED};
    TRY(leaf_about(l, AUDIT_ESCALATED, &c, duty, &who, now_us));
    TRY(ledger_tell_sender(l, &news, now_us));
    begin_record(l, duty, now_us);
    buf_bytes16(&l->record, r->unit);
    road_envelope_put(&c.envelope, &l->record);
    return ledger_record(l, RECORD_ESCALATED, buf_view(&l->record));
}

enum result duty_escalate_due(struct ledger *l, int64_t now_us)
{
    for (size_t n = 0; n < ESCALATED_A_TURN; n++) {
        const struct heap_entry *e = heap_first(&l->duties_due);
        if (e == NULL || e->due_us > now_us || !ledger_has_room(l, 0))
            break;
        struct ledger_duty *duty = CONTAINER_OF(e, struct ledger_duty, due);
        bool expires = duty->reserve != NULL && !ledger_may_leave(l, duty->reserve);
        if (expires || !duty->begun) {
            heap_remove(&l->duties_due, &duty->due); /* it ends, or begins, with its deliveries */
            continue;
        }
        TRY(snapshot_ready(l, duty->stored, 0));
        if (!ledger_has_room(l, 0))
            break;
        TRY(ledger_make_frame_room(l, 0));
        TRY(escalate(l, duty, now_us));
    }
    return RESULT_OK;
}

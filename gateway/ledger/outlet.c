/* Queues and their consumers: offers to the edge, the second decision coming back. */
#include "ledger/acts.h"
#include "ledger/owed.h"
#include "ledger/clocks.h"
#include "ledger/register.h"
#include "ledger/snapshot.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- consumers */

static enum result make_queue(struct ledger *l, const struct road_subscribe *s)
{
    struct road_subscribe record = *s;
    record.consumer = 0;
    record.most = 0;
    record.most_bytes = 0;
    buf_clear(&l->record);
    road_subscribe_put(&record, &l->record);
    return ledger_record(l, RECORD_QUEUE, buf_view(&l->record));
}

static void tell_ended(struct ledger *l, uint64_t consumer, enum road_consumer_end why)
{
    buf_clear(&l->answer);
    buf_u64(&l->answer, consumer);
    buf_u8(&l->answer, (uint8_t)why);
    ledger_answer(l, IPC_CONSUMER_ENDED, buf_view(&l->answer));
}

static void lose_consumer(struct ledger *l, struct spool_queue *queue)
{
    if (!queue->has_consumer)
        return;
    spool_lose_consumer(l->queues, queue);
    tell_ended(l, queue->consumer.id, ROAD_REPLACED);
}

/* The first SubscribeStart fixes a queue's filter; `default` and `exercise` have none. */
enum result outlet_subscribe(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct road_subscribe s;
    TRY(road_subscribe_take(&in, &s));
    struct spool_queue *queue = spool_queue(l->queues, s.unit, s.queue, false);
    const struct spool_queue *other = spool_queue_of(l->queues, s.consumer);
    if (other != NULL && other != queue)
        return RESULT_MALFORMED; /* a consumer has one queue */
    if (queue == NULL) {
        if (bytes_is(s.queue, "default") || bytes_is(s.queue, "exercise"))
            s.kinds = s.incidents = 0;
        bool has_room = ledger_has_room(l, body.n);
        if (!has_room || spool_queue(l->queues, s.unit, s.queue, true) == NULL) {
            tell_ended(l, s.consumer, has_room ? ROAD_MANY_QUEUES : ROAD_DISK_FULL);
            return RESULT_OK;
        }
        TRY(make_queue(l, &s));
        queue = spool_queue(l->queues, s.unit, s.queue, false);
    }
    lose_consumer(l, queue);
    spool_set_consumer(l->queues, queue, &s);
    return RESULT_OK;
}

enum result outlet_unsubscribe(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    uint64_t consumer;
    TRY(cursor_u64(&in, &consumer));
    TRY(cursor_done(&in));
    struct spool_queue *queue = spool_queue_of(l->queues, consumer);
    if (queue != NULL)
        spool_lose_consumer(l->queues, queue);
    return RESULT_OK;
}

/* ---- offers */

static void fill_outcome(const struct entry *e, struct road_deliver *out)
{
    const struct ledger_outcome *o = (const struct ledger_outcome *)(const void *)e->delivery;
    out->is_outcome = true;
    out->envelope = (struct road_envelope){.source = bytes_of_text("gateway/self"),
                                           .kind = bytes_of_text("outcome"),
                                           .status = bytes_of_text(status_word(o->status)),
                                           .lane = e->delivery->lane};
    out->outcome = (struct road_outcome){.about = o->about,
                                         .about_index = o->about_index,
                                         .to = bytes_of_text(o->to),
                                         .reason = bytes_of_text(o->reason),
                                         .step = o->step,
                                         .at_us = e->delivery->stored->at_us};
}

static void fill_body(const struct entry *e, const struct road_commit *c, struct road_deliver *out)
{
    const struct road_recipient *r = &c->recipient[e->delivery->recipient];
    out->envelope = c->envelope;
    out->clause = r->clause;
    out->flags = r->flags;
    out->body = c->body[r->body];
    out->sealed_deadline_us = r->deadline_us;
    out->reserve = r->reserve;
    out->approved = cases_approved(c, r);
    memcpy(out->commitment, c->commitment, ROAD_DIGEST);
}

static enum result offer(struct ledger *l, struct entry *e)
{
    const struct delivery *d = e->delivery;
    struct leaf_room *room = NULL; /* of what it draws on */
    struct buf items = BUF_INIT(ROAD_ITEMS_MAX * sizeof(uint64_t));
    struct road_commit c UNSET;
    struct road_deliver out = {.consumer = e->queue->consumer.id,
                               .entry = e->id,
                               .unit = bytes_of_text(e->queue->unit),
                               .received_us = d->stored->at_us,
                               .deadline_us = d->deadline_us,
                               .received_index = d->stored->index,
                               .refers = d->stored->refers,
                               .redelivery = e->sent_before,
                               .attend_by_us = duty_by_us(l, d),
                               .was_released = d->was_released,
                               .released_index = d->released_index};
    memcpy(out.released_digest, d->released_digest, ROAD_DIGEST);
    if (d->is_order) {
        orders_fill(l, d, &items, &out);
    } else if (d->scope == NULL) {
        fill_outcome(e, &out);
    } else {
        TRY(ledger_recall(l, d->stored->place, &c));
        fill_body(e, &c, &out);
        if (c.drawn > 0)
            TRY(provision_read(l, c.names[c.drawn - 1], &out.drawn, &room));
    }
    spool_offer(l->queues, e);
    buf_clear(&l->answer);
    road_deliver_put(&out, &l->answer);
    buf_free(&items);
    leaf_room_free(room);
    l->config.emit(l->config.arg, IPC_DELIVER, buf_view(&l->answer));
    return RESULT_OK;
}

/* What is past its deadline, or whose key is about to be erased, is not offered: it expires as soon
 * as no other destruction is under way. */
bool ledger_may_leave(const struct ledger *l, const struct delivery *d)
{
    int64_t now_us = ledger_now(l);
    return d->deadline_us > now_us &&
           (d->scope == NULL || (!d->scope->dying && d->scope->due.due_us > now_us));
}

bool ledger_is_suspended(const struct ledger *l, const struct delivery *d)
{
    return d->scope != NULL && d->scope->has_consent && d->scope->cause == SPOOL_NOT_ENDED &&
           standing_lacks(l, d->scope->consent);
}

/* Nobody gets it, for now or any more: others are not to wait behind it, however long the
 * destruction takes that is under way. */
static bool is_set_aside(const struct ledger *l, const struct delivery *d)
{
    return ledger_is_suspended(l, d) || clocks_bar(l, d) || !ledger_may_leave(l, d);
}

void outlet_go_on(struct ledger *l, const struct spool_scope *x)
{
    struct delivery *d;
    TAILQ_FOREACH (d, &x->deliveries, of_scope)
        spool_unpark(l->queues, d);
}

/* One turn of a queue. */
static enum result offer_some(struct ledger *l, struct spool_queue *queue)
{
    struct entry *e;
    size_t bytes = 0;
    if (suspensions_bar(l, queue->unit))
        return RESULT_OK; /* its session ends; the next consumer wakes the queue again */
    while ((e = spool_next(queue)) != NULL) {
        if (is_set_aside(l, e->delivery)) {
            spool_park(l->queues, e);
        } else if (bytes >= LANES_QUANTUM || !spool_has_room(l->queues, queue)) {
            spool_stay_awake(l->queues, queue);
            break;
        } else {
            bytes += e->delivery->size < LANES_LEAST ? LANES_LEAST : e->delivery->size;
            TRY(offer(l, e));
        }
    }
    return RESULT_OK;
}

enum result outlet_pump(struct ledger *l)
{
    struct spool_queue *queue;
    while ((queue = spool_take_awake(l->queues)) != NULL)
        TRY(offer_some(l, queue));
    return RESULT_OK;
}

/* ---- the second decision */

static void answer_release(struct ledger *l, const struct road_release *r, bool again, bool go,
                           uint64_t index)
{
    const struct road_released out = {r->consumer, r->entry, again, go, index};
    buf_clear(&l->answer);
    road_released_put(&out, &l->answer);
    ledger_answer(l, IPC_RELEASED, buf_view(&l->answer));
}

/* The envelope of the message that an entry is about, for its leaves; `about` is where it stays. */
static enum result leaf_about(struct ledger *l, const struct entry *e, struct leaf *leaf,
                              char id[UUID_TEXT + 1], struct road_envelope *about)
{
    static const struct road_envelope outcome = {.lane = 1};
    const struct delivery *d = e->delivery;
    leaf->has_refers = true;
    leaf->refers = d->stored->index;
    if (d->is_order) {
        orders_leaf_about(d, leaf);
        return RESULT_OK;
    }
    if (d->scope == NULL) {
        ledger_leaf_envelope(leaf, &outcome, id);
        leaf->source = bytes_of_text("gateway/self");
        leaf->kind = bytes_of_text("outcome");
        return RESULT_OK;
    }
    TRY(ledger_recall_envelope(l, d->stored->place, about)); /* its views stay in l->scratch */
    ledger_leaf_envelope(leaf, about, id);
    return RESULT_OK;
}

static enum result leaf_release(struct ledger *l, const struct entry *e,
                                const struct road_release *r, uint64_t *index)
{
    char id[UUID_TEXT + 1], detail[64];
    struct road_envelope about UNSET;
    const struct leaf_recipient recipient = {
        .unit = bytes_of_text(e->queue->unit),
        .reason = r->reason,
        .clause = r->clause,
        .failed = r->failed,
        .flags = r->flags,
        .deadline_us = e->delivery->is_order ? 0 : e->delivery->deadline_us};
    struct leaf leaf = {.event = r->permitted ? AUDIT_RELEASED : AUDIT_WITHHELD};
    TRY(leaf_about(l, e, &leaf, id, &about));
    leaf.time_us = r->at_us;
    leaf.recipient = &recipient;
    leaf.recipients = 1;
    leaf.policy = r->policy;
    leaf.size = r->size;
    leaf.commitment = r->permitted ? r->commitment : NULL;
    if (e->delivery->scope != NULL) {
        int n = snprintf(detail, sizeof detail, "scope=%" PRIu64 "%s", e->delivery->scope->slot.id,
                         r->permitted && r->onward ? ONWARD_DETAIL : "");
        leaf.detail = bytes_of(detail, (size_t)n);
    }
    return ledger_leaf_with(l, &leaf, &r->fact, index);
}

static enum result withhold(struct ledger *l, const struct entry *e, const struct road_release *r)
{
    TRY(leaf_release(l, e, r, NULL));
    buf_clear(&l->record);
    buf_u64(&l->record, e->id);
    buf_i64(&l->record, r->at_us);
    return ledger_record(l, RECORD_WITHHELD, buf_view(&l->record));
}

/* The notice that a release brings with it goes into the same frame: told and recorded together, or
 * neither. */
static enum result take_notice(const struct road_release *r, struct road_commit *notice)
{
    struct cursor in = cursor_over(r->notice);
    return r->notice.n == 0 ? RESULT_OK : road_commit_take(&in, notice);
}

static enum result record_notice(struct ledger *l, const struct road_release *r,
                                 const struct road_commit *notice, uint64_t released)
{
    uint64_t index;
    return r->notice.n == 0 ? RESULT_OK : intake_record(l, notice, r->notice, released, &index);
}

/* The second decision went past a condition where the first perhaps did not. */
static enum result record_review(struct ledger *l, const struct entry *e,
                                 const struct road_release *r)
{
    const struct delivery *d = e->delivery;
    if (r->review.kind == 0 || d->scope == NULL)
        return RESULT_OK;
    struct road_commit about UNSET;
    TRY(ledger_recall(l, d->stored->place, &about)); /* its views stay in l->scratch */
    const struct road_event use = {.envelope = about.envelope,
                                   .at_us = r->at_us,
                                   .unit = about.recipient[d->recipient].unit,
                                   .clause = r->clause,
                                   .failed = r->failed,
                                   .review = r->review};
    return cases_open_review(l, d->stored->index, d->recipient, &use);
}

static enum result release(struct ledger *l, struct entry *e, const struct road_release *r,
                           const struct road_commit *notice)
{
    struct delivery *d = e->delivery;
    uint64_t index = d->released_index;
    bool same = d->was_released && memcmp(d->released_digest, r->commitment, ROAD_DIGEST) == 0;
    if (!same) {
        uint64_t group;
        TRY(leaf_release(l, e, r, &index));
        TRY(owed_group(l, d, e->queue->unit, r, index, &group));
        buf_clear(&l->record);
        buf_u64(&l->record, e->id);
        buf_u64(&l->record, index);
        buf_u64(&l->record, group);
        buf_i64(&l->record, r->at_us);
        buf_put(&l->record, r->commitment, ROAD_DIGEST);
        TRY(ledger_record(l, RECORD_RELEASED, buf_view(&l->record)));
        TRY(record_notice(l, r, notice, index));
        TRY(record_review(l, e, r));
    }
    spool_release(l->queues, e);
    answer_release(l, r, false, true, index);
    return RESULT_OK;
}

/* The release will change its message, and its notice perhaps another one. */
static enum result ready(struct ledger *l, struct stored *s, const struct road_release *r,
                         const struct road_commit *notice, size_t bytes)
{
    TRY(snapshot_ready(l, s, bytes));
    return r->notice.n == 0 ? RESULT_OK : snapshot_ready_for(l, notice, bytes);
}

enum result outlet_release(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct road_release r;
    struct road_commit notice UNSET;
    TRY(road_release_take(&in, &r));
    TRY(take_notice(&r, &notice));
    struct entry *e = spool_entry(l->queues, r.entry);
    const struct spool_queue *queue = spool_queue_of(l->queues, r.consumer);
    const bool is_its =
        e != NULL && queue != NULL && e->queue == queue && e->state == ENTRY_OFFERED;
    /* Whatever the edge knew of it. */
    const bool aside =
        is_its && (is_set_aside(l, e->delivery) || suspensions_bar(l, e->queue->unit));
    if (aside)
        spool_park(l->queues, e);
    if (aside || !is_its) {
        answer_release(l, &r, false, false, 0); /* over meanwhile, or another consumer's */
        return RESULT_OK;
    }
    TRY(ready(l, e->delivery->stored, &r, &notice, body.n));
    bool now = r.at_us <= ledger_now(l) + AHEAD_MOST && ledger_has_room(l, body.n) &&
               register_fits(l, &r.fact);
    enum result fits = !now                            ? RESULT_STALE
                       : r.permitted && r.notice.n > 0 ? intake_check(l, &notice)
                                                       : RESULT_OK;
    if (fits == RESULT_STALE) {
        answer_release(l, &r, true, false, 0);
        return RESULT_OK;
    }
    TRY(fits);
    if (r.permitted)
        return release(l, e, &r, &notice);
    TRY(withhold(l, e, &r));
    answer_release(l, &r, false, false, 0);
    return RESULT_OK;
}

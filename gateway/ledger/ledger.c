#include "ledger/halves.h"
#include "ledger/ledger.h"

#include "ledger/acts.h"
#include "ledger/claims.h"
#include "ledger/owed.h"
#include "ledger/clocks.h"
#include "ledger/transparency.h"
#include "ledger/prune.h"
#include "ledger/register.h"
#include "ledger/scrub.h"
#include "ledger/snapshot.h"
#include "ledger/views.h"

#define LOOK_AGAIN INT64_C(2000) /* after what is written aside */

/* ---- the edge comes and goes */

void ledger_edge_came(struct ledger *l)
{
    l->has_edge = true;
}

void ledger_edge_went(struct ledger *l)
{
    struct spool_walk walk = {0};
    struct spool_queue *queue;
    l->has_edge = false;
    l->ended_below = l->leaves;
    while ((queue = spool_queues_next(l->queues, &walk)) != NULL)
        spool_lose_consumer(l->queues, queue);
    buf_clear(&l->outbox); /* nobody is there to be told */
    destruction_edge_went(l);
    transparency_edge_went(l);
}

static enum result view(struct ledger *l)
{
    const struct ledger_incident *i;
    size_t at;
    MAP_FOREACH (i, l->incidents, at) {
        struct buf body = BUF_INIT(CHANNEL_MESSAGE_MAX);
        incident_put(&i->is, &body);
        ledger_answer(l, IPC_VIEW_INCIDENT, buf_view(&body));
        buf_free(&body);
    }
    suspensions_tell(l);
    orders_tell(l);
    standing_view(l);
    clocks_tell(l);
    register_tell(l);
    ledger_answer(l, IPC_VIEW_DONE, bytes_of(NULL, 0));
    return RESULT_OK;
}

enum result ledger_handle(struct ledger *l, const struct channel_message *m)
{
    if (m->body.n > MESSAGE_MOST)
        return RESULT_TOO_LARGE;
    if (m->type != IPC_ACK)
        TRY(outlet_settle(l));
    TRY(ledger_make_frame_room(l, m->body.n));
    switch (m->type) {
    case IPC_VIEW: return view(l);
    case IPC_COMMIT: return intake_commit(l, m->body);
    case IPC_RECEIPT_GET: return receipt_get(l, m->body);
    case IPC_SUBSCRIBE: return outlet_subscribe(l, m->body);
    case IPC_UNSUBSCRIBE: return outlet_unsubscribe(l, m->body);
    case IPC_RELEASE: return outlet_release(l, m->body);
    case IPC_ACK: return outlet_ack(l, m->body);
    case IPC_EVENT: return events_record(l, m->body);
    case IPC_PROVISION_GET: return provision_get(l, m->body);
    case IPC_ORDER_GET: return settle_order_get(l, m->body);
    case IPC_WIPED: return destruction_wiped(l, m->body);
    case IPC_OFFENDER: return suspensions_take_offender(l, m->body);
    case IPC_LOG_ASK: return transparency_ask(l, m->body);
    case IPC_HALF_ASK: return halves_ask(l, m->body);
    default: return RESULT_MALFORMED;
    }
}

/* ---- turns */

/* The answers may go: what they tell is on disk. */
static void let_answers_go(struct ledger *l)
{
    struct cursor in = cursor_over(buf_view(&l->outbox));
    uint16_t type;
    struct bytes body;
    while (cursor_u16(&in, &type) == RESULT_OK && cursor_bytes32(&in, &body) == RESULT_OK)
        l->config.emit(l->config.arg, (enum ipc_type)type, body);
    buf_clear(&l->outbox);
    views_let_go(l);
    suspensions_tell_console(l);
}

static enum result sign(struct ledger *l, uint64_t size, const struct tree_hash *root,
                        struct buf *signature)
{
    struct keys_checkpoint asked = {.size = size};
    struct buf body = BUF_INIT(256);
    memcpy(asked.root, root->b, ROAD_DIGEST);
    keys_checkpoint_put(&asked, &body);
    enum result r = l->config.ask(l->config.arg, IPC_CHECKPOINT_SIGN, buf_view(&body),
                                  IPC_CHECKPOINT_SIGNED, signature);
    buf_free(&body);
    if (r == RESULT_OK && signature->n != SIGN_SIGNATURE)
        r = RESULT_DAMAGED; /* the keeper refused: another root at this size, or a log that shrank
                             */
    return r;
}

/* What the log's folder has no room for stays in memory: no new messages until it has. */
static void see_room(struct ledger *l, bool is_full)
{
    if (is_full && !l->log_is_full)
        log_line(l->config.log, LOG_ALARM, "audit-folder-full",
                 "why=\"new messages are refused until it has room\"");
    l->log_is_full = is_full;
}

/* Signs the log as it is, and begins to publish that. Without a keeper: again when the next one is
 * due. */
static enum result begin_checkpoint(struct ledger *l)
{
    struct buf signature = BUF_INIT(SIGN_SIGNATURE), *note = &l->publishing;
    struct checkpoint c = {.origin = bytes_of_text(l->config.log_name)};
    TRY(ledger_commit(l)); /* never a signature over what could be lost */
    c.size = tiles_size(l->tiles);
    c.root = tiles_root(l->tiles);
    enum result r = sign(l, c.size, &c.root, &signature);
    if (r == RESULT_OK) {
        buf_clear(note);
        checkpoint_put(&c, note);
        buf_text(note, "\n");
        note_put_signature(&l->log_key, signature.p, note);
        r = tiles_begin_publishing(l->tiles, buf_view(note));
        l->publishing_size = c.size;
        l->publishing_us = ledger_now(l);
    }
    l->published_us = clock_steady_us(&l->config.clock);
    buf_free(&signature);
    return r == RESULT_UNAVAILABLE ? RESULT_OK : r;
}

/* Without room: again when the next one is due. */
static enum result end_checkpoint(struct ledger *l)
{
    enum result r = l->publishing_size == 0 ? RESULT_AGAIN : tiles_end_publishing(l->tiles);
    if (r == RESULT_AGAIN)
        return RESULT_OK;
    if (r == RESULT_OK) {
        l->published_size = l->publishing_size;
        l->signed_us = l->publishing_us;
    }
    l->publishing_size = 0;
    if (r == RESULT_OK)
        r = transparency_published(l, buf_view(&l->publishing));
    if (r == RESULT_OK || r == RESULT_FULL)
        see_room(l, r == RESULT_FULL);
    return r == RESULT_FULL ? RESULT_OK : r;
}

enum result ledger_checkpoint(struct ledger *l)
{
    tiles_wait(l->tiles);
    TRY(end_checkpoint(l));
    TRY(begin_checkpoint(l));
    tiles_wait(l->tiles);
    return end_checkpoint(l);
}

static bool checkpoint_is_due(const struct ledger *l)
{
    return l->publishing_size == 0 && tiles_size(l->tiles) > l->published_size &&
           tiles_are_written(l->tiles) &&
           clock_steady_us(&l->config.clock) - l->published_us >= l->config.checkpoint_every_us;
}

/* The journal goes over and comes back by itself. */
static enum result record_where(struct ledger *l)
{
    bool is_over = journal_is_over(l->journal);
    struct leaf leaf = {.event = is_over ? AUDIT_JOURNAL_OVER : AUDIT_JOURNAL_BACK};
    if (is_over == l->is_over || !ledger_has_room(l, 0))
        return RESULT_OK;
    l->is_over = is_over;
    return ledger_leaf(l, &leaf, NULL);
}

enum result ledger_turn(struct ledger *l)
{
    TRY(outlet_settle(l));
    TRY(clocks_turn(l));
    int64_t now_us = ledger_now(l);
    TRY(events_end_all(l, "edge-ended"));
    TRY(ledger_make_frame_room(l, 0));
    TRY(record_where(l));
    TRY(register_renew(l, now_us));
    TRY(cases_begin(l, now_us));
    TRY(claims_turn(l, now_us));
    TRY(ends_turn(l, now_us));
    TRY(destruction_begin(l, now_us));
    TRY(duty_escalate_due(l, now_us));
    TRY(orders_turn(l, now_us));
    TRY(witnesses_turn(l, now_us));
    TRY(ledger_commit(l));
    let_answers_go(l);
    TRY(prune_turn(l));
    TRY(destruction_finish(l));
    TRY(outlet_pump(l));
    if (checkpoint_is_due(l))
        TRY(begin_checkpoint(l));
    TRY(end_checkpoint(l));
    TRY(scrub_turn(l));
    return snapshot_turn(l);
}

uint64_t ledger_entries(const struct ledger *l)
{
    return l->leaves;
}

int64_t ledger_idle_us(const struct ledger *l, int64_t most_us)
{
    const struct spool_scope *x = spool_scopes_first(l->scopes);
    const struct heap_entry *duty = heap_first(&l->duties_due);
    bool busy = snapshot_is_busy(l) || prune_is_busy(l);
    int64_t idle = busy ? 0 : most_us, now_us = ledger_now(l);
    if (duty != NULL && ledger_has_room(l, 0) && duty->due_us - now_us < idle)
        idle = duty->due_us - now_us;
    if (x != NULL && l->destruction.step == DESTRUCTION_IDLE && ledger_has_room(l, 0)) {
        const int64_t rest = l->destruction.rest_us - clock_steady_us(&l->config.clock),
                      due = x->due.due_us - now_us > rest ? x->due.due_us - now_us : rest;
        idle = due < idle ? due : idle;
    }
    const struct heap_entry *e = heap_first(&l->cases_due);
    if (e != NULL && e->due_us - now_us < idle && ledger_has_room(l, 0))
        idle = e->due_us - now_us;
    const int64_t claim_us = claims_due_us(l);
    if (claim_us < INT64_MAX && claim_us - now_us < idle && ledger_has_room(l, 0))
        idle = claim_us - now_us;
    int64_t order_us = orders_due_us(l);
    if (order_us < INT64_MAX && order_us - now_us < idle && ledger_has_room(l, 0))
        idle = order_us - now_us;
    if (!tiles_are_written(l->tiles) || !journal_may_retire(l->journal)) {
        idle = LOOK_AGAIN < idle ? LOOK_AGAIN : idle;
    } else if (tiles_size(l->tiles) > l->published_size) {
        int64_t due = l->published_us + l->config.checkpoint_every_us;
        int64_t left = due - clock_steady_us(&l->config.clock);
        idle = left < idle ? left : idle;
    }
    return idle < 0 ? 0 : idle;
}

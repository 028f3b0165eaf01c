/*
 * Destruction: what is due expires, the keeper gives its keys to nobody any more, the edge forgets
 * them, the survivors are wrapped under a new secret, the old secret is overwritten, the old slots
 * are zeroed, and then it is recorded. One batch at a time. ipc/road.pml is a model of these steps,
 * ledger/destruction.pml of what leads to them and what follows.
 *
 * Every point of a crash resumes. Before the secret is overwritten nothing is destroyed: the batch
 * is due again at the next start. After it, the scopes of the batch cannot be unwrapped by anyone;
 * the next start finds them without a slot and records them.
 */
#include "ledger/snapshot.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>

enum { BATCH_MAX = 16384, SCOPES_A_LEAF = 256, EXPIRED_A_TURN = 1000, FEW = 16 };

/* Each batch wraps all survivors anew and syncs four times: what is due together goes together, as
 * far as that can be collected so fast. */
#define COLLECT_FOR   (US_PER_S / 4)
#define RETRY_AFTER   US_PER_S
#define WIPE_PATIENCE (10 * US_PER_S) /* an edge that does not answer saves no key */
#define REST_MOST     (US_PER_S / 2)  /* within a second of its deadline a key is to be gone */

/* ---- what is due expires */

static enum result leaf_expired(struct ledger *l, const struct delivery *d,
                                const struct road_commit *c, int64_t now_us, const char *reason)
{
    char id[UUID_TEXT + 1], detail[96];
    const struct leaf_recipient recipient = {.unit = c->recipient[d->recipient].unit,
                                             .reason = bytes_of_text(reason),
                                             .clause = c->recipient[d->recipient].clause,
                                             .deadline_us = d->deadline_us};
    struct leaf leaf = {.event = AUDIT_EXPIRED};
    ledger_leaf_envelope(&leaf, &c->envelope, id);
    leaf.time_us = now_us;
    leaf.recipient = &recipient;
    leaf.recipients = 1;
    leaf.has_refers = true;
    leaf.refers = d->stored->index;
    int n = snprintf(detail, sizeof detail, "scope=%" PRIu64 " released=%s", d->scope->slot.id,
                     d->was_released ? "yes" : "no");
    leaf.detail = bytes_of(detail, (size_t)n);
    return ledger_leaf(l, &leaf, NULL);
}

static enum result record_over(struct ledger *l, const struct delivery *d, int64_t now_us)
{
    buf_clear(&l->record);
    buf_u64(&l->record, TAILQ_FIRST(&d->all)->id);
    buf_i64(&l->record, now_us);
    return ledger_record(l, RECORD_EXPIRED, buf_view(&l->record));
}

/* The word of a reason of the contract. */
static const char *why_over(const struct delivery *d, int64_t now_us)
{
    switch (d->scope->cause) {
    case SPOOL_CONSENT_WITHDRAWN: return "consent-withdrawn";
    case SPOOL_MOU_ENDED: return "mou-not-in-force";
    case SPOOL_UNLAWFUL: return "prohibited";
    default: return d->deadline_us <= now_us ? "deadline-passed" : "purpose-fulfilled";
    }
}

static enum result expire(struct ledger *l, struct delivery *d, int64_t now_us)
{
    if (d->is_kept) /* that it is over was told when it was */
        return record_over(l, d, now_us);
    const char *reason = why_over(d, now_us);
    struct road_commit c UNSET;
    TRY(ledger_recall(l, d->stored->place, &c));
    TRY(leaf_expired(l, d, &c, now_us, reason));
    /* One in reserve was no recipient yet. */
    if (!d->was_released && !duty_holds(l, d)) {
        const struct outcome_news news = {.envelope = &c.envelope,
                                          .index = d->stored->index,
                                          .unit = c.recipient[d->recipient].unit,
                                          .reason = reason,
                                          .step = OUTCOME_EXPIRED};
        TRY(ledger_tell_sender(l, &news, now_us));
    }
    return record_over(l, d, now_us);
}

static void add_to_batch(struct destruction *b, uint64_t scope)
{
    if (b->scopes == b->room) {
        size_t room = b->room == 0 ? 64 : b->room * 2;
        b->scope = mem_grow_array(b->scope, b->room, room, sizeof *b->scope);
        b->room = room;
    }
    b->scope[b->scopes++] = scope;
}

/* Makes room for one more that expires; RESULT_FULL: not now. */
static enum result begin_expiry(struct ledger *l, const struct delivery *d)
{
    TRY(snapshot_ready(l, d->stored, 0));
    return snapshot_make_room(l, 0);
}

static enum result expire_outcomes(struct ledger *l, int64_t now_us)
{
    const struct heap_entry *e;
    for (size_t n = 0; n < EXPIRED_A_TURN; n++) {
        e = heap_first(&l->outcomes_due);
        if (e == NULL || e->due_us > now_us)
            break;
        const struct delivery *d = CONTAINER_OF(e, struct delivery, due);
        TRY(begin_expiry(l, d));
        TRY(record_over(l, d, now_us));
    }
    return RESULT_OK;
}

/* Everything that waits in the scope, at most `*most`. RESULT_AGAIN when there is more. */
static enum result expire_all_in(struct ledger *l, struct spool_scope *x, int64_t now_us,
                                 size_t *most)
{
    struct delivery *d;
    for (; (d = TAILQ_FIRST(&x->deliveries)) != NULL; --*most) {
        if (*most == 0)
            return RESULT_AGAIN;
        TRY(begin_expiry(l, d));
        TRY(expire(l, d, now_us));
    }
    return RESULT_OK;
}

/* Collects the scopes that are due. An alert that comes meanwhile does not wait for all of them. */
static enum result collect(struct ledger *l, int64_t now_us)
{
    struct destruction *b = &l->destruction;
    struct spool_scope *x;
    size_t most = EXPIRED_A_TURN;
    while (b->scopes < BATCH_MAX && (x = spool_scopes_first(l->scopes)) != NULL &&
           x->due.due_us <= now_us) {
        TRY(expire_all_in(l, x, now_us, &most));
        spool_scope_doom(l->scopes, x);
        add_to_batch(b, x->slot.id);
    }
    return RESULT_OK;
}

static void put_ids(struct buf *out, const struct ledger *l, bool doomed)
{
    uint32_t count = 0;
    size_t at = 0;
    const struct spool_scope *x;
    struct buf ids = BUF_INIT(CHANNEL_MESSAGE_MAX);
    while ((x = spool_scopes_next(l->scopes, &at)) != NULL) {
        if (x->dying == doomed) {
            buf_u64(&ids, x->slot.id);
            count++;
        }
    }
    buf_u32(out, count);
    buf_put(out, ids.p, ids.n);
    buf_free(&ids);
}

/* Before the edge is asked to forget: a message of the same incident would bring it the key again.
 * A keeper that is not there has none; when it comes back it is not given the doomed. */
static enum result doom(struct ledger *l)
{
    struct buf body = BUF_INIT(CHANNEL_MESSAGE_MAX), reply = BUF_INIT(64);
    put_ids(&body, l, true);
    enum result r =
        l->config.ask(l->config.arg, IPC_SCOPES_DOOM, buf_view(&body), IPC_SCOPES_DOOMED, &reply);
    buf_free(&body);
    buf_free(&reply);
    return r == RESULT_UNAVAILABLE ? RESULT_OK : r;
}

static bool collects_on(const struct ledger *l, enum result collected)
{
    const struct destruction *b = &l->destruction;
    return collected == RESULT_AGAIN && b->scopes < BATCH_MAX &&
           clock_steady_us(&l->config.clock) - b->since_us < COLLECT_FOR;
}

enum result destruction_begin(struct ledger *l, int64_t now_us)
{
    struct destruction *b = &l->destruction;
    const struct spool_scope *x = spool_scopes_first(l->scopes);
    enum result r = expire_outcomes(l, now_us);
    if (r == RESULT_OK && b->step == DESTRUCTION_IDLE && x != NULL && x->due.due_us <= now_us &&
        clock_steady_us(&l->config.clock) >= b->rest_us) {
        if (b->scopes == 0)
            b->since_us = clock_steady_us(&l->config.clock);
        TRY(ledger_commit(l)); /* what expires is read back from the journal */
        r = collect(l, now_us);
    }
    if (b->step == DESTRUCTION_IDLE && b->scopes > 0 && !collects_on(l, r)) {
        TRY(doom(l));
        b->step = l->has_edge ? DESTRUCTION_WAITS_FOR_EDGE : DESTRUCTION_READY;
        b->wipe_is_out = b->unconfirmed = false;
        b->batch++;
    }
    return r == RESULT_FULL || r == RESULT_AGAIN ? RESULT_OK : r;
}

/* ---- the edge forgets */

static void ask_to_wipe(struct ledger *l)
{
    struct destruction *b = &l->destruction;
    struct buf body = BUF_INIT(CHANNEL_MESSAGE_MAX);
    buf_u64(&body, b->batch);
    for (size_t i = 0; i < b->scopes; i++)
        buf_u64(&body, b->scope[i]);
    l->config.emit(l->config.arg, IPC_WIPE, buf_view(&body));
    b->wipe_is_out = true;
    b->asked_us = clock_steady_us(&l->config.clock);
    buf_free(&body);
}

static void lose_patience(struct ledger *l)
{
    struct destruction *b = &l->destruction;
    if (clock_steady_us(&l->config.clock) - b->asked_us < WIPE_PATIENCE)
        return;
    log_line(l->config.log, LOG_ALARM, "wipe-unconfirmed", "scopes=%zu peer=edge", b->scopes);
    b->unconfirmed = true;
    b->step = DESTRUCTION_READY;
}

enum result destruction_wiped(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    uint64_t batch;
    TRY(cursor_u64(&in, &batch));
    TRY(cursor_done(&in));
    if (l->destruction.step == DESTRUCTION_WAITS_FOR_EDGE && batch == l->destruction.batch)
        l->destruction.step = DESTRUCTION_READY;
    return RESULT_OK;
}

void destruction_edge_went(struct ledger *l)
{
    if (l->destruction.step == DESTRUCTION_WAITS_FOR_EDGE)
        l->destruction.step = DESTRUCTION_READY; /* its memory went with it */
}

/* ---- keys are erased */

static enum result ask_rewrap(struct ledger *l, struct buf *reply)
{
    struct buf body = BUF_INIT(CHANNEL_MESSAGE_MAX);
    put_ids(&body, l, true);
    put_ids(&body, l, false);
    enum result r = l->config.ask(l->config.arg, IPC_SCOPES_REWRAP, buf_view(&body),
                                  IPC_SCOPES_REWRAPPED, reply);
    buf_free(&body);
    return r;
}

static enum result adopt_slots(struct ledger *l, struct bytes encoded)
{
    struct cursor in = cursor_over(encoded);
    struct keys_slot slot;
    while (in.left > 0) {
        TRY(keys_slot_take(&in, &slot));
        struct spool_scope *x = spool_scopes_get(l->scopes, slot.id);
        if (x != NULL)
            x->slot = slot;
    }
    return RESULT_OK;
}

/* From the survivors' new wrapping to the zeroed half. RESULT_UNAVAILABLE: the keeper is not there,
 * nothing has happened yet; RESULT_FULL: the disk has no room for the slots, the same. */
static enum result erase(struct ledger *l)
{
    struct buf reply = BUF_INIT(CHANNEL_MESSAGE_MAX), rotated = BUF_INIT(64);
    uint64_t generation = 0;
    struct cursor in = {0};
    enum result r = ask_rewrap(l, &reply);
    if (r == RESULT_OK) {
        in = cursor_over(buf_view(&reply));
        r = cursor_u64(&in, &generation);
    }
    if (r == RESULT_OK)
        r = slots_write(l->slots, generation, bytes_of(in.at, in.left));
    if (r == RESULT_OK) {
        r = l->config.ask(l->config.arg, IPC_SECRET_ROTATE, bytes_of(NULL, 0), IPC_SECRET_ROTATED,
                          &rotated);
        if (r != RESULT_OK)
            r = RESULT_IO; /* it may have happened or not: only a new start can tell */
    }
    if (r == RESULT_OK)
        r = slots_switch(l->slots);
    if (r == RESULT_OK) {
        l->generation = generation;
        r = adopt_slots(l, bytes_of(in.at, in.left));
    }
    buf_free(&reply);
    buf_free(&rotated);
    return r;
}

/* ---- and it is recorded */

/* What is left of a scope's life, or of what its clock waited for, is over. */
static enum spool_cause cause_of(const struct ledger *l, uint64_t scope)
{
    const struct spool_scope *x = spool_scopes_get(l->scopes, scope);
    if (x == NULL || x->cause != SPOOL_NOT_ENDED)
        return x == NULL ? SPOOL_DEADLINE : x->cause;
    return x->deadline_us <= ledger_now(l) ? SPOOL_DEADLINE : SPOOL_PURPOSE_FULFILLED;
}

static enum result leaf_destroyed(struct ledger *l, const uint64_t *scope, size_t count,
                                  enum spool_cause cause)
{
    struct buf detail = BUF_INIT(LEAF_MAX / 2);
    for (size_t i = 0; i < count; i++)
        buf_printf(&detail, "scope=%" PRIu64 " ", scope[i]);
    buf_printf(&detail, "cause=%s method=key-erased level=file", ends_cause_word(cause));
    if (l->destruction.unconfirmed)
        buf_text(&detail, " edge=unconfirmed");
    struct leaf leaf = {.event = AUDIT_DESTROYED, .size = count, .detail = buf_view(&detail)};
    enum result r = ledger_leaf(l, &leaf, NULL);
    buf_free(&detail);
    return r;
}

/* Those of one cause stand together, at most SCOPES_A_LEAF in an entry. */
static enum result leaves_destroyed(struct ledger *l, const uint64_t *scope, size_t count,
                                    enum spool_cause cause)
{
    uint64_t some[SCOPES_A_LEAF];
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (cause_of(l, scope[i]) == cause)
            some[n++] = scope[i];
        if (n > 0 && (n == SCOPES_A_LEAF || i + 1 == count)) {
            TRY(leaf_destroyed(l, some, n, cause));
            n = 0;
        }
    }
    return RESULT_OK;
}

static enum result record_destroyed(struct ledger *l, const uint64_t *scope, size_t count)
{
    for (unsigned cause = SPOOL_DEADLINE; cause <= SPOOL_MOU_ENDED; cause++)
        TRY(leaves_destroyed(l, scope, count, (enum spool_cause)cause));
    buf_clear(&l->record);
    buf_i64(&l->record, ledger_now(l));
    for (size_t i = 0; i < count; i++)
        buf_u64(&l->record, scope[i]);
    return ledger_record(l, RECORD_DESTROYED, buf_view(&l->record));
}

/*
 * Scopes without a slot of the generation in force: their key was erased, and the end came before
 * that could be recorded. What waited in them expired in the same batch; whatever did not, does
 * now.
 */
enum result destruction_record_lost(struct ledger *l)
{
    size_t at = 0, count = 0, most = SIZE_MAX;
    struct spool_scope *x;
    uint64_t *lost = mem_new_array(spool_scopes_count(l->scopes), sizeof *lost);
    enum result r = RESULT_OK;
    while ((x = spool_scopes_next(l->scopes, &at)) != NULL)
        if (x->slot.generation != l->generation)
            lost[count++] = x->slot.id;
    for (size_t i = 0; r == RESULT_OK && i < count; i++) {
        x = spool_scopes_get(l->scopes, lost[i]);
        r = expire_all_in(l, x, ledger_now(l), &most);
        spool_scope_doom(l->scopes, x);
    }
    if (r == RESULT_OK && count > 0)
        r = record_destroyed(l, lost, count);
    mem_free(lost);
    return r;
}

/* A batch of a few costs what one of many does, for all survivors are wrapped anew: the ledger
 * would do little else where a few are due at any time. So it rests three times as long as that
 * took. */
static void rest(struct ledger *l, int64_t from_us)
{
    struct destruction *b = &l->destruction;
    const int64_t now_us = clock_steady_us(&l->config.clock), rest_us = 3 * (now_us - from_us);
    if (b->scopes < spool_scopes_count(l->scopes) / FEW)
        b->rest_us = now_us + (rest_us < REST_MOST ? rest_us : REST_MOST);
}

enum result destruction_finish(struct ledger *l)
{
    struct destruction *b = &l->destruction;
    int64_t now_us = clock_steady_us(&l->config.clock);
    if (b->step == DESTRUCTION_WAITS_FOR_EDGE && !b->wipe_is_out)
        ask_to_wipe(l);
    else if (b->step == DESTRUCTION_WAITS_FOR_EDGE)
        lose_patience(l);
    if (b->step != DESTRUCTION_READY || now_us < b->retry_us)
        return RESULT_OK;
    TRY(ledger_make_frame_room(l, 32 * b->scopes));
    /* No key is erased that could not be recorded: 32 bytes of a leaf and 8 of a record each. */
    enum result r = ledger_has_room(l, 32 * b->scopes) ? erase(l) : RESULT_FULL;
    if (r == RESULT_UNAVAILABLE || r == RESULT_FULL) {
        b->retry_us = now_us + RETRY_AFTER;
        log_line(l->config.log, LOG_ALARM, "destruction-waits", "scopes=%zu why=\"%s\"", b->scopes,
                 result_text(r));
        return RESULT_OK;
    }
    TRY(r);
    TRY(record_destroyed(l, b->scope, b->scopes));
    log_line(l->config.log, LOG_NOTE, "destroyed", "scopes=%zu", b->scopes);
    rest(l, now_us);
    b->scopes = 0;
    b->retry_us = 0;
    b->step = DESTRUCTION_IDLE;
    return ledger_commit(l);
}

/* Questions of vaults: judged by the record and by what its unit owes, entered, answered
 * (halves.h). */
#include "ledger/halves.h"

#include "ledger/preservation.h"
#include "ledger/register.h"

#include <inttypes.h>
#include <stdio.h>

enum { ROOM = 8192 };

/* A question, with what the log and the ledger know of its record. */
struct asked {
    struct half_ask ask;
    struct leaf leaf; /* of the record, */
    struct leaf_room *room;
    bool is_its; /* which is of something that this unit was given */
    struct ledger_halves *halves;
    const struct ledger_owed *owed; /* NULL: it is in no group */
    bool is_over;
    struct buf box;
    uint64_t entry;
};

static void answer(struct ledger *l, const struct asked *q, enum half_answer what)
{
    const struct half_said said = {
        .ticket = q->ask.ticket,
        .answer = (uint8_t)what,
        .limited = q->halves != NULL && q->halves->uses > 0,
        .left =
            q->halves == NULL || q->halves->uses == 0 ? 0 : halves_left(q->halves, q->ask.index),
        .entry = q->entry,
        .clause = q->is_its ? q->leaf.recipient[0].clause : bytes_of(NULL, 0),
        .box = buf_view(&q->box)};
    buf_clear(&l->answer);
    half_said_put(&said, &l->answer);
    ledger_answer(l, IPC_HALF_SAID, buf_view(&l->answer));
}

static enum result read_record(struct ledger *l, struct asked *q)
{
    struct buf entry = BUF_INIT(LEAF_MAX);
    enum result r = ledger_leaf_read(l, q->ask.index, &entry, &q->leaf, &q->room);
    buf_free(&entry);
    if (r == RESULT_NOT_FOUND || r == RESULT_DAMAGED)
        return RESULT_OK;
    TRY(r);
    q->is_its = (q->leaf.event == AUDIT_RELEASED || q->leaf.event == AUDIT_WATCH_OPENED) &&
                q->leaf.recipients == 1 && bytes_equal(q->leaf.recipient[0].unit, q->ask.unit);
    return RESULT_OK;
}

/* What the gateway itself tells is nobody's to destroy. Everything else is, from its release on: in
 * no group any more, it was ordered to be destroyed, be that remembered or not, or needed no order.
 */
static void find_group(struct ledger *l, struct asked *q)
{
    const struct ledger_owed *g = owed_find(l, q->ask.unit, q->ask.index);
    q->owed = g;
    if (g == NULL) {
        q->is_over = !bytes_is(q->leaf.source, "gateway/self");
        return;
    }
    q->halves = halves_get(l, g->id);
    q->is_over = g->clock->ends_us <= ledger_now(l) || g->clock->cause != SPOOL_NOT_ENDED;
}

/* ---- what becomes of it */

static enum result leave_entry(struct ledger *l, struct asked *q, enum audit_event event,
                               const char *reason)
{
    char detail[96] = "";
    struct leaf_recipient recipient = q->leaf.recipient[0];
    struct leaf leaf = q->leaf;
    recipient.reason = bytes_of_text(reason);
    recipient.failed = recipient.flags = bytes_of(NULL, 0);
    leaf.event = event;
    leaf.time_us = 0;
    leaf.recipient = &recipient;
    leaf.commitment = NULL;
    leaf.has_refers = true;
    leaf.refers = q->ask.index;
    if (q->ask.what == HALF_REPORT)
        (void)snprintf(detail, sizeof detail, "used=%" PRId64, q->ask.used_us / US_PER_S);
    else if (event == AUDIT_OPENED && q->halves != NULL && q->halves->uses > 0)
        (void)snprintf(detail, sizeof detail, "left=%" PRIu32,
                       halves_left(q->halves, q->ask.index));
    leaf.detail = bytes_of_text(detail);
    return ledger_leaf_with(l, &leaf, &q->ask.fact, &q->entry);
}

/* Nothing is recorded of an opening whose half the keeper cannot give: RESULT_UNAVAILABLE, or
 * RESULT_NOT_FOUND for one whose key is gone. */
static enum result fetch_half(struct ledger *l, struct asked *q)
{
    struct half_make make = {.scope = q->halves->scope, .index = q->ask.index};
    struct buf body = BUF_INIT(256);
    memcpy(make.reader, q->ask.reader, HALF_READER);
    half_make_put(&make, &body);
    enum result r =
        l->config.ask(l->config.arg, IPC_HALF_MAKE, buf_view(&body), IPC_HALF_IS, &q->box);
    buf_free(&body);
    return r == RESULT_OK && q->box.n != HALF_BOX ? RESULT_NOT_FOUND : r;
}

static enum result give(struct ledger *l, struct asked *q, enum audit_event event,
                        enum half_answer *what)
{
    enum result r = q->ask.what == HALF_REPORT ? RESULT_OK : fetch_half(l, q);
    *what = r == RESULT_OK ? HALF_GIVEN : r == RESULT_NOT_FOUND ? HALF_ENDED : HALF_LATER;
    if (r == RESULT_NOT_FOUND || r == RESULT_UNAVAILABLE)
        return RESULT_OK;
    TRY(r);
    if (event == AUDIT_OPENED && q->halves->uses > 0)
        TRY(halves_record_opened(l, q->halves, q->ask.index));
    return leave_entry(l, q, event, "permitted");
}

static enum result store(struct ledger *l, struct asked *q, enum half_answer *what)
{
    if (q->is_over) {
        *what = HALF_ENDED;
        return RESULT_OK;
    }
    if (q->owed == NULL) {
        *what = HALF_FREE;
        return RESULT_OK;
    }
    if (q->halves == NULL) {
        enum result r = halves_begin(l, q->owed);
        if (r == RESULT_UNAVAILABLE || r == RESULT_FULL) {
            *what = HALF_LATER;
            return RESULT_OK;
        }
        TRY(r);
        q->halves = halves_get(l, q->owed->id);
    }
    return give(l, q, AUDIT_VAULT_STORED, what);
}

/* Why it may not be opened now; HALF_GIVEN: it may. */
static enum half_answer refusal(const struct ledger *l, const struct asked *q)
{
    if (q->is_over || q->halves == NULL)
        return HALF_ENDED;
    const struct spool_scope *clock = q->owed->clock;
    if (clock->has_consent && standing_lacks(l, clock->consent))
        return HALF_SUSPENDED;
    return q->halves->uses > 0 && halves_left(q->halves, q->ask.index) == 0 ? HALF_USED_UP
                                                                            : HALF_GIVEN;
}

static const char *refusal_word(enum half_answer why)
{
    return why == HALF_USED_UP     ? "use-count-exceeded"
           : why == HALF_SUSPENDED ? "consent-withdrawn"
                                   : "purpose-fulfilled";
}

/* A report is taken also of what has ended, and of what was opened too often: it says what was
 * done. */
static enum result use(struct ledger *l, struct asked *q, enum half_answer *what)
{
    bool report = q->ask.what == HALF_REPORT;
    if (q->owed == NULL && !q->is_over && !report) {
        *what = HALF_FREE;
        return leave_entry(l, q, AUDIT_OPENED, "permitted");
    }
    if (report && q->halves == NULL) {
        *what = HALF_GIVEN;
        return leave_entry(l, q, AUDIT_OPENED, "permitted");
    }
    *what = report ? HALF_GIVEN : refusal(l, q);
    if (*what != HALF_GIVEN)
        return leave_entry(l, q, AUDIT_OPENING_REFUSED, refusal_word(*what));
    return give(l, q, AUDIT_OPENED, what);
}

static enum result judge(struct ledger *l, struct asked *q)
{
    enum half_answer what = HALF_NONE;
    TRY(read_record(l, q));
    if (q->is_its) {
        find_group(l, q);
        TRY(q->ask.what == HALF_STORE ? store(l, q, &what) : use(l, q, &what));
    }
    answer(l, q, what);
    return RESULT_OK;
}

/* Nothing leaves by this, and nothing is recorded. */
static void say_held(struct ledger *l, const struct half_ask *a)
{
    struct buf held = BUF_INIT(HALF_HELD_BYTES);
    struct half_said said = {.ticket = a->ticket, .answer = HALF_GIVEN};
    said.next = preservation_held(l, a->unit, a->index, &held);
    said.held = buf_view(&held);
    buf_clear(&l->answer);
    half_said_put(&said, &l->answer);
    ledger_answer(l, IPC_HALF_SAID, buf_view(&l->answer));
    buf_free(&held);
}

enum result halves_ask(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct asked q = {.box = BUF_INIT(HALF_BOX)};
    TRY(half_ask_take(&in, &q.ask));
    if (q.ask.what == HALF_HELD) {
        say_held(l, &q.ask);
        return RESULT_OK;
    }
    if (!ledger_has_room(l, ROOM + body.n) || !register_fits(l, &q.ask.fact)) {
        answer(l, &q, HALF_LATER); /* what cannot be recorded does not happen */
        return RESULT_OK;
    }
    enum result r = judge(l, &q);
    leaf_room_free(q.room);
    buf_free(&q.box);
    return r;
}

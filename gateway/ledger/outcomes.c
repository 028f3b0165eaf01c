/* Outcomes: what the gateway tells a sender about its message, queued for it like any other
 * message. */
#include "ledger/state.h"

/* The step in four bits, and above them the status; none of a real message, as once. */
static uint8_t mark(unsigned step, unsigned status)
{
    return (uint8_t)(step | (status == STATUS_ACTUAL ? 0 : status) << 4);
}

static enum result take_mark(struct cursor *in, struct ledger_outcome *out)
{
    uint8_t byte;
    TRY(cursor_u8(in, &byte));
    out->step = byte & 15;
    out->status = byte >> 4;
    if (out->status == 0)
        out->status = STATUS_ACTUAL;
    else if (out->status != STATUS_EXERCISE && out->status != STATUS_TEST)
        return RESULT_MALFORMED;
    return RESULT_OK;
}

void outcome_put(const struct ledger_outcome *o, struct buf *out)
{
    buf_put(out, o->about.b, UUID_BYTES);
    buf_u64(out, o->about_index);
    buf_bytes16(out, bytes_of_text(o->sender));
    buf_bytes16(out, bytes_of_text(o->to));
    buf_bytes16(out, bytes_of_text(o->reason));
    buf_u8(out, mark(o->step, o->status));
}

void outcome_begin(struct ledger *l, struct ledger_outcome *o, uint64_t index, int64_t at_us)
{
    struct delivery *d = &o->delivery;
    d->stored = stored_new(&l->messages, index, at_us, (struct journal_place){0}, o->about_index);
    d->lane = 1;
    d->size = 256;
    d->deadline_us = at_us + OUTCOME_KEPT;
    TAILQ_INIT(&d->all);
    LIST_INSERT_HEAD(&d->stored->deliveries, d, of_stored);
    heap_set(&l->outcomes_due, &d->due, d->deadline_us);
}

enum result outcome_take(struct cursor *in, struct ledger_outcome *out)
{
    TRY(cursor_copy(in, out->about.b, UUID_BYTES));
    TRY(cursor_u64(in, &out->about_index));
    TRY(ledger_take_text(in, out->sender, sizeof out->sender));
    TRY(ledger_take_text(in, out->to, sizeof out->to));
    TRY(ledger_take_text(in, out->reason, sizeof out->reason));
    return take_mark(in, out);
}

static enum result leaf_outcome(struct ledger *l, const struct outcome_news *n, int64_t now_us,
                                uint64_t *index)
{
    const struct leaf_recipient to = {.unit = n->envelope->source,
                                      .reason = bytes_of_text("permitted"),
                                      .deadline_us = now_us + OUTCOME_KEPT};
    struct leaf leaf = {.event = AUDIT_RECEIVED,
                        .time_us = now_us,
                        .source = bytes_of_text("gateway/self"),
                        .kind = bytes_of_text("outcome"),
                        .status = n->envelope->status,
                        .recipient = &to,
                        .recipients = 1,
                        .has_refers = true,
                        .refers = n->index};
    return ledger_leaf(l, &leaf, index);
}

enum result ledger_tell_sender(struct ledger *l, const struct outcome_news *n, int64_t now_us)
{
    uint64_t index;
    if (bytes_is(n->envelope->source, "gateway/self"))
        return RESULT_OK;
    TRY(leaf_outcome(l, n, now_us, &index));
    buf_clear(&l->record);
    buf_u64(&l->record, index);
    buf_i64(&l->record, now_us);
    buf_put(&l->record, n->envelope->id.b, UUID_BYTES);
    buf_u64(&l->record, n->index);
    buf_bytes16(&l->record, n->envelope->source);
    buf_bytes16(&l->record, n->unit);
    buf_bytes16(&l->record, bytes_of_text(n->reason));
    buf_u8(&l->record, mark(n->step, status_of_word(n->envelope->status)));
    return ledger_record(l, RECORD_OUTCOME, buf_view(&l->record));
}

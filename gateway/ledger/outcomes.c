/* Outcomes: what the gateway tells a sender about its message, queued for it like any other
 * message. */
#include "ledger/state.h"

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
    buf_u8(&l->record, (uint8_t)n->step);
    return ledger_record(l, RECORD_OUTCOME, buf_view(&l->record));
}

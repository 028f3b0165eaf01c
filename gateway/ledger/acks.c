/* ACK: what consumers took over or refused. Most acknowledge each delivery alone, many in one
 * breath: what a consumer says without another word between is settled together, with one entry of
 * the log. */
#include "ledger/snapshot.h"

static const char *refusal_word(unsigned refuse)
{
    static const char *const words[] = {"", "not-for-us", "unreadable", "no-purpose"};
    return refuse < ARRAY_LEN(words) ? words[refuse] : "refused";
}

static enum result leaf_settled(struct ledger *l, const struct spool_queue *queue,
                                const struct road_ack *a, const uint64_t *index, size_t count)
{
    struct buf detail = BUF_INIT(LEAF_MAX / 2);
    struct leaf_recipient recipient = {.unit = bytes_of_text(queue->unit),
                                       .reason = bytes_of_text(refusal_word(a->refuse))};
    struct leaf leaf = {.event = a->refuse == 0 ? AUDIT_ACKNOWLEDGED : AUDIT_SET_ASIDE,
                        .recipient = &recipient,
                        .recipients = 1,
                        .has_refers = count == 1,
                        .refers = index[0]};
    buf_text(&detail, "received=");
    ledger_put_ranges(&detail, index, count);
    leaf.detail = buf_view(&detail);
    enum result r = ledger_leaf(l, &leaf, NULL);
    buf_free(&detail);
    return r;
}

/* What the journal needs for the duties that may be met by it: two leaves and two records each. */
static size_t duties_bytes(const struct ledger *l, const struct road_ack *a)
{
    enum { ATTENDED_BYTES = 2048 };
    size_t bytes = 0;
    for (size_t i = 0; a->refuse == 0 && i < a->entries; i++) {
        const struct entry *e = spool_entry(l->queues, a->entry[i]);
        if (e != NULL && e->delivery->duty != 0)
            bytes += ATTENDED_BYTES;
    }
    return bytes;
}

/* Over, and not out of the gateway: it leaves the consumer's hands, and nobody gets it. */
static void take_back(struct ledger *l, const struct road_ack *a)
{
    const struct spool_queue *queue = spool_queue_of(l->queues, a->consumer);
    for (size_t i = 0; i < a->entries; i++) {
        struct entry *e = spool_entry(l->queues, a->entry[i]);
        if (e != NULL && e->queue == queue && e->state == ENTRY_IN_FLIGHT)
            spool_park(l->queues, e);
    }
}

enum result outlet_ack(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct road_ack a UNSET, *heard = &l->heard;
    TRY(road_ack_take(&in, &a));
    if (a.unsent) {
        take_back(l, &a);
        return RESULT_OK;
    }
    if (heard->consumer != a.consumer || heard->refuse != a.refuse ||
        heard->entries + a.entries > ROAD_ACKS_MAX || journal_is_low(l->journal))
        TRY(outlet_settle(l)); /* on a full disk there may be room for a few, not for all */
    heard->consumer = a.consumer;
    heard->refuse = a.refuse;
    memcpy(heard->entry + heard->entries, a.entry, a.entries * sizeof a.entry[0]);
    heard->entries += a.entries;
    return RESULT_OK;
}

static enum result settle(struct ledger *l, const struct road_ack *a)
{
    uint64_t index[ROAD_ACKS_MAX] UNSET, named[ROAD_ACKS_MAX] UNSET;
    size_t count = 0;
    const struct spool_queue *queue = spool_queue_of(l->queues, a->consumer);
    const size_t bytes = a->entries * sizeof a->entry[0] + duties_bytes(l, a);
    TRY(ledger_make_frame_room(l, bytes));
    for (size_t i = 0; i < a->entries; i++) {
        const struct entry *e = spool_entry(l->queues, a->entry[i]);
        if (e != NULL)
            TRY(snapshot_ready(l, e->delivery->stored, bytes));
    }
    if (queue == NULL || !ledger_has_room(l, bytes))
        return RESULT_OK; /* nobody's, or not now: what is not settled is delivered again */
    buf_clear(&l->record);
    buf_i64(&l->record, ledger_now(l));
    for (size_t i = 0; i < a->entries; i++) {
        struct entry *e = spool_entry(l->queues, a->entry[i]);
        if (e == NULL || e->queue != queue || e->state != ENTRY_IN_FLIGHT)
            continue;              /* not in its hands: acknowledged twice, or expired */
        e->state = ENTRY_SETTLING; /* so that a number given twice counts once */
        named[count] = e->delivery->duty > 0 ? e->delivery->released_index : 0;
        index[count++] = e->delivery->stored->index;
        buf_u64(&l->record, e->id);
    }
    if (count == 0)
        return RESULT_OK;
    TRY(leaf_settled(l, queue, a, index, count));
    TRY(ledger_record(l, RECORD_SETTLED, buf_view(&l->record)));
    for (size_t i = 0; a->refuse == 0 && i < count; i++)
        if (named[i] != 0)
            TRY(duty_attend(l, named[i], bytes_of_text(queue->unit), bytes_of(NULL, 0),
                            bytes_of(NULL, 0), ledger_now(l)));
    return RESULT_OK;
}

enum result outlet_settle(struct ledger *l)
{
    if (l->heard.entries == 0)
        return RESULT_OK;
    enum result r = settle(l, &l->heard);
    l->heard.entries = 0;
    return r;
}

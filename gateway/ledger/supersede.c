/*
 * Positions that a newer one stands for, where the clause says so. What is superseded was accepted
 * with a receipt, so its end is on record: an entry of the log that names the newer message, and a
 * record of the journal, in one frame. It is never delivered, and its body goes as that of what was
 * delivered does. Without room for that on a full disk it simply waits on.
 */
#include "ledger/snapshot.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    SUPERSEDED_MOST = 64, /* by one message; the next one takes the others */
    RECORD_ROOM = 1024    /* an entry of the log and a record */
};

/* Who sends, what and for which purpose is the same of both. */
static enum result leaf_superseded(struct ledger *l, const struct delivery *older,
                                   const struct road_commit *c, const struct delivery *newer)
{
    char id[UUID_TEXT + 1], detail[96];
    const struct road_recipient *r = &c->recipient[newer->recipient];
    const struct leaf_recipient recipient = {
        .unit = r->unit, .clause = r->clause, .deadline_us = older->deadline_us};
    struct road_envelope about = c->envelope;
    struct leaf leaf = {.event = AUDIT_SUPERSEDED};
    about.id = (struct uuid){{0}};
    about.size = older->size;
    ledger_leaf_envelope(&leaf, &about, id);
    leaf.time_us = c->at_us;
    leaf.recipient = &recipient;
    leaf.recipients = 1;
    leaf.has_refers = true;
    leaf.refers = older->stored->index;
    int n = snprintf(detail, sizeof detail, "scope=%" PRIu64 " newer=%" PRIu64,
                     older->scope->slot.id, newer->stored->index);
    leaf.detail = bytes_of(detail, (size_t)n);
    return ledger_leaf(l, &leaf, NULL);
}

static enum result supersede(struct ledger *l, const struct delivery *older,
                             const struct road_commit *c, const struct delivery *newer)
{
    TRY(leaf_superseded(l, older, c, newer));
    buf_clear(&l->record);
    buf_u64(&l->record, TAILQ_FIRST(&older->all)->id);
    buf_u64(&l->record, TAILQ_FIRST(&newer->all)->id);
    buf_i64(&l->record, c->at_us);
    return ledger_record(l, RECORD_SUPERSEDED, buf_view(&l->record));
}

/* The newer one's message may be committed meanwhile: it is whole by itself. */
static enum result supersede_for(struct ledger *l, const struct road_commit *c,
                                 const struct delivery *newer)
{
    const struct delivery *older;
    for (size_t n = 0; n < SUPERSEDED_MOST && (older = succession_older(newer)) != NULL; n++) {
        TRY(snapshot_ready(l, older->stored, RECORD_ROOM));
        TRY(ledger_make_frame_room(l, RECORD_ROOM));
        if (!ledger_has_room(l, RECORD_ROOM))
            return RESULT_OK;
        TRY(supersede(l, older, c, newer));
    }
    return RESULT_OK;
}

enum result supersede_older(struct ledger *l, const struct road_commit *c, uint64_t index)
{
    const struct stored *s = TAILQ_LAST(&l->messages.turns, stored_turns);
    const struct delivery *d;
    if (c->succession.n == 0)
        return RESULT_OK;
    while (s != NULL && s->index > index) /* what senders were told meanwhile */
        s = TAILQ_PREV(s, stored_turns, in_turn);
    if (s == NULL || s->index < index)
        return RESULT_OK; /* nobody gets it */
    LIST_FOREACH (d, &s->deliveries, of_stored)
        TRY(supersede_for(l, c, d));
    return RESULT_OK;
}

enum result supersede_apply(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    uint64_t older_id, newer_id;
    int64_t at_us;
    if (cursor_u64(&in, &older_id) != RESULT_OK || cursor_u64(&in, &newer_id) != RESULT_OK ||
        cursor_i64(&in, &at_us) != RESULT_OK || cursor_done(&in) != RESULT_OK)
        return RESULT_DAMAGED;
    const struct entry *older = spool_entry(l->queues, older_id),
                       *newer = spool_entry(l->queues, newer_id);
    if (older == NULL || newer == NULL || !succession_may(older->delivery, newer->delivery))
        return RESULT_DAMAGED;
    struct delivery *over = older->delivery, *instead = newer->delivery;
    ledger_saw_time(l, at_us);
    snapshot_changes(l, instead->stored);
    duty_superseded(l, over, instead, at_us);
    succession_take_place(l->queues, over, instead);
    ledger_end_delivery(l, over, at_us);
    return RESULT_OK;
}

/* Entries of the audit log, as the ledger writes them. */
#include "ledger/register.h"

#include <inttypes.h>

void ledger_leaf_envelope(struct leaf *leaf, const struct road_envelope *e,
                          char id_text[UUID_TEXT + 1])
{
    static const struct uuid none;
    if (memcmp(&e->id, &none, sizeof none) != 0) {
        uuid_text(&e->id, id_text);
        leaf->id = bytes_of(id_text, UUID_TEXT);
    }
    leaf->source = e->source;
    leaf->kind = e->kind;
    leaf->service = e->service;
    leaf->purpose = e->purpose;
    leaf->basis = e->basis;
    leaf->status = e->status;
    leaf->lane = bytes_of_text(e->kind.n == 0 ? "" : road_lane_word(e->lane));
    leaf->incident = e->incident;
    leaf->incidents = e->incidents;
    leaf->policy = e->policy;
    leaf->size = e->size;
}

void ledger_put_ranges(struct buf *out, const uint64_t *index, size_t count)
{
    for (size_t i = 0; i < count;) {
        size_t end = i + 1;
        while (end < count && index[end] == index[end - 1] + 1)
            end++;
        buf_printf(out, "%s%" PRIu64, i == 0 ? "" : ",", index[i]);
        if (end - i > 1)
            buf_printf(out, "-%" PRIu64, index[end - 1]);
        i = end;
    }
}

enum result ledger_leaf(struct ledger *l, struct leaf *leaf, uint64_t *index)
{
    static const struct road_fact none;
    return ledger_leaf_with(l, leaf, &none, index);
}

/* What cannot be written as a leaf leaves no fact behind. */
enum result ledger_leaf_with(struct ledger *l, struct leaf *leaf, const struct road_fact *fact,
                             uint64_t *index)
{
    random_take(&l->random, leaf->salt, sizeof leaf->salt);
    leaf->index = l->leaves;
    leaf->fact = fact->sealed.n == 0 ? NULL : fact->commitment;
    if (leaf->time_us == 0)
        leaf->time_us = ledger_now(l);
    buf_clear(&l->leaf);
    buf_u64(&l->leaf, leaf->index);
    TRY(leaf_write(leaf, &l->leaf));
    if (index != NULL)
        *index = leaf->index;
    TRY(register_keep(l, fact));
    return ledger_record(l, RECORD_LEAF, buf_view(&l->leaf));
}

enum result ledger_leaf_read(const struct ledger *l, uint64_t index, struct buf *entry,
                             struct leaf *leaf, struct leaf_room **room)
{
    *room = NULL;
    enum result r = tiles_entry(l->tiles, index, entry);
    if (r == RESULT_OK)
        r = leaf_read(buf_view(entry), leaf, room);
    if (r == RESULT_OK || r == RESULT_NOT_FOUND || r == RESULT_IO)
        return r;
    log_line(l->config.log, LOG_ALARM, "log-damaged", "index=%" PRIu64 " why=\"%s\"", index,
             result_text(r));
    return RESULT_DAMAGED;
}

void ledger_answer(struct ledger *l, enum ipc_type type, struct bytes body)
{
    buf_u16(&l->outbox, (uint16_t)type);
    buf_bytes32(&l->outbox, body);
}

/* What became of a message: asked for by RECEIPT_GET, or by sending it again. */
#include "ledger/cases.h"

void receipt_answer(struct ledger *l, const struct road_committed *c)
{
    buf_clear(&l->answer);
    road_committed_put(c, &l->answer);
    ledger_answer(l, IPC_COMMITTED, buf_view(&l->answer));
}

const struct seen_message *receipt_find(const struct ledger *l, struct bytes source,
                                        const struct uuid *id)
{
    return seen_get(l->seen, source, id, l->high_water_us - SEEN_KEPT);
}

/* A body of the message whose scope is still there: its sender's salt can be found again. */
static void name_living_copy(const struct ledger *l, const struct seen_message *known,
                             struct road_committed *out)
{
    int64_t latest = INT64_MIN;
    for (size_t i = 0; i < known->copies; i++) {
        const struct spool_scope *x = spool_scopes_get(l->scopes, known->copy[i].scope);
        if (x == NULL || x->dying || x->due.due_us <= latest)
            continue;
        latest = x->due.due_us;
        out->scope = known->copy[i].scope;
        memcpy(out->seed, known->copy[i].seed, ROAD_SEED);
    }
}

/* What persons were asked about this recipient: their cases are kept longer than ids are. */
static void fill_cases(const struct ledger *l, uint64_t index, size_t recipient,
                       struct road_recipient *out)
{
    static const uint8_t kinds[] = {ROAD_QUARANTINE, ROAD_APPROVAL};
    uint8_t key[CASE_KEY];
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        case_key(index, (unsigned)recipient, kinds[i], key);
        const struct ledger_case *x = case_get(l, key);
        if (x != NULL)
            out->open[out->cases++] = x->is;
    }
}

/* The leaf's recipients are the message's but for those in reserve, which stand behind all others
 * and in no receipt. */
static void fill_recipients(const struct ledger *l, const struct leaf *leaf,
                            struct road_committed *out)
{
    for (size_t i = 0; i < leaf->recipients && i < ROAD_RECIPIENTS_MAX; i++) {
        const struct leaf_recipient *from = &leaf->recipient[i];
        out->recipient[i] =
            (struct road_recipient){.unit = from->unit,
                                    .reason = from->reason,
                                    .clause = from->clause,
                                    .failed = from->failed,
                                    .flags = from->flags,
                                    .permitted = bytes_begins(from->reason, "permitted"),
                                    .deadline_us = from->deadline_us};
        fill_cases(l, out->index, i, &out->recipient[i]);
        out->recipients++;
    }
}

static void fill(const struct ledger *l, const struct seen_message *known, const struct leaf *leaf,
                 struct road_committed *out)
{
    out->verdict = known->verdict;
    if (leaf->commitment != NULL)
        memcpy(out->commitment, leaf->commitment, ROAD_DIGEST);
    fill_recipients(l, leaf, out);
    if (out->verdict != ROAD_REFUSED && cases_amend(l, out->index, out->recipient, out->recipients))
        out->verdict = (uint8_t)road_verdict_of(out->recipient, out->recipients);
    name_living_copy(l, known, out);
}

enum result receipt_again(struct ledger *l, uint64_t ticket, const struct seen_message *known)
{
    struct buf entry = BUF_INIT(LEAF_MAX);
    struct leaf leaf;
    struct leaf_room *room;
    struct road_committed out UNSET;
    road_committed_init(&out, ticket, ROAD_REPEATED);
    out.index = known->index;
    enum result r = ledger_leaf_read(l, known->index, &entry, &leaf, &room);
    if (r == RESULT_OK)
        fill(l, known, &leaf, &out);
    else
        out.answer = ROAD_NOT_FOUND;
    receipt_answer(l, &out);
    leaf_room_free(room);
    buf_free(&entry);
    return r == RESULT_IO ? r : RESULT_OK;
}

enum result receipt_get(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    uint64_t ticket;
    struct uuid id;
    struct bytes source;
    TRY(cursor_u64(&in, &ticket));
    TRY(cursor_copy(&in, id.b, UUID_BYTES));
    TRY(cursor_bytes16(&in, &source));
    TRY(cursor_done(&in));
    const struct seen_message *known = receipt_find(l, source, &id);
    if (known != NULL)
        return receipt_again(l, ticket, known);
    struct road_committed out UNSET;
    road_committed_init(&out, ticket, ROAD_NOT_FOUND);
    receipt_answer(l, &out);
    return RESULT_OK;
}

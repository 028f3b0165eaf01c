/* Orders whose receipt did not come in time (owed.h). */
#include "ledger/owed.h"

#include "base/mem.h"

#include <inttypes.h>

enum {
    ORDERS_A_TURN = 16,
    ITEMS_A_TURN = 1000, /* each read again: an alert does not wait for more */
    PROVIDERS_MAX = 16   /* that hear of one order */
};

static enum result leaf_overdue(struct ledger *l, const struct ledger_order *o,
                                const uint64_t *item, int64_t now_us)
{
    const struct leaf_recipient who = {.unit = bytes_of_text(o->unit),
                                       .reason = bytes_of_text("destruction-overdue"),
                                       .clause = bytes_of_text(o->clause)};
    struct buf detail = BUF_INIT(LEAF_MAX / 2);
    order_put_words(&detail, &o->id, item, o->owed);
    struct leaf leaf = {.event = AUDIT_RECEIPT_OVERDUE,
                        .time_us = now_us,
                        .source = bytes_of_text("gateway/self"),
                        .kind = bytes_of_text("destruction_order"),
                        .recipient = &who,
                        .recipients = 1,
                        .size = o->owed,
                        .has_refers = true,
                        .refers = o->index,
                        .detail = buf_view(&detail)};
    enum result r = ledger_leaf(l, &leaf, NULL);
    buf_free(&detail);
    return r;
}

/* Units that were told already. */
struct told {
    char unit[PROVIDERS_MAX][IDENT_UNIT_MAX + 1];
    size_t count;
};

static bool is_told(struct told *t, struct bytes unit)
{
    for (size_t i = 0; i < t->count; i++)
        if (bytes_is(unit, t->unit[i]))
            return true;
    if (t->count == PROVIDERS_MAX || unit.n == 0 || unit.n > IDENT_UNIT_MAX)
        return true;
    memcpy(t->unit[t->count], unit.p, unit.n);
    t->unit[t->count++][unit.n] = '\0';
    return false;
}

/* Whoever provided one of the items hears of it, by the first of its messages. An entry that the
 * log let go has nobody to tell any more. */
static enum result tell_provider(struct ledger *l, const struct ledger_order *o, uint64_t item,
                                 struct told *t, int64_t now_us)
{
    struct leaf_room *room;
    struct leaf leaf;
    struct buf entry = BUF_INIT(LEAF_MAX);
    enum result r = ledger_leaf_read(l, item, &entry, &leaf, &room);
    bool is_there = r == RESULT_OK;
    r = r == RESULT_IO ? r : RESULT_OK;
    if (is_there && !is_told(t, leaf.source)) {
        struct road_envelope envelope = {.source = leaf.source, .status = leaf.status};
        (void)uuid_parse(leaf.id, &envelope.id);
        const struct outcome_news news = {.envelope = &envelope,
                                          .index = leaf.refers,
                                          .unit = bytes_of_text(o->unit),
                                          .reason = "destruction-overdue",
                                          .step = OUTCOME_DECIDED};
        r = ledger_tell_sender(l, &news, now_us);
    }
    leaf_room_free(room);
    buf_free(&entry);
    return r;
}

static enum result tell_overdue(struct ledger *l, struct ledger_order *o, int64_t now_us)
{
    struct told *told = mem_new(sizeof *told);
    uint64_t *owed = mem_new_array(o->owed, sizeof *owed);
    size_t count = 0;
    for (size_t i = 0; i < o->items; i++)
        if (o->state[i] == ROAD_OWED)
            owed[count++] = o->item[i];
    enum result r = leaf_overdue(l, o, owed, now_us);
    for (size_t i = 0; r == RESULT_OK && i < count && told->count < PROVIDERS_MAX; i++)
        r = tell_provider(l, o, owed[i], told, now_us);
    mem_free(owed);
    mem_free(told);
    TRY(r);
    buf_clear(&l->record);
    buf_put(&l->record, o->id.b, UUID_BYTES);
    buf_i64(&l->record, now_us);
    TRY(ledger_record(l, RECORD_OVERDUE, buf_view(&l->record)));
    char id[UUID_TEXT + 1];
    uuid_text(&o->id, id);
    log_line(l->config.log, LOG_ALARM, "destruction-overdue",
             "unit=%s clause=%s order=%s items=%zu", o->unit, o->clause, id, count);
    return RESULT_OK;
}

/* Its unit gets it again, unless it still has to take it over. */
enum result orders_apply_overdue(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct uuid id;
    int64_t at_us;
    if (cursor_copy(&in, id.b, UUID_BYTES) != RESULT_OK || cursor_i64(&in, &at_us) != RESULT_OK)
        return RESULT_DAMAGED;
    struct ledger_order *o = map_get(l->owing->orders, bytes_of(id.b, UUID_BYTES));
    if (o == NULL || o->overdue || o->owed == 0)
        return RESULT_DAMAGED;
    ledger_saw_time(l, at_us);
    heap_remove(&l->owing->receipts_due, &o->due);
    o->overdue = true;
    if (!o->is_queued)
        order_queue(l, o, at_us);
    return RESULT_OK;
}

enum result orders_overdue_turn(struct ledger *l, int64_t now_us)
{
    enum { BYTES = ORDER_BYTES_AN_ITEM * ROAD_ITEMS_MAX + 2048 * PROVIDERS_MAX };
    const struct heap_entry *e;
    size_t items = 0;
    bool suspends = false;
    for (size_t n = 0; n < ORDERS_A_TURN && items < ITEMS_A_TURN; n++) {
        e = heap_first(&l->owing->receipts_due);
        if (e == NULL || e->due_us > now_us || !ledger_has_room(l, BYTES))
            break;
        struct ledger_order *o = CONTAINER_OF(e, struct ledger_order, due);
        items += o->owed;
        suspends = suspends || o->suspends;
        TRY(ledger_make_frame_room(l, BYTES));
        TRY(tell_overdue(l, o, now_us));
    }
    if (suspends)
        orders_tell(l);
    return RESULT_OK;
}

void orders_tell(struct ledger *l)
{
    const struct ledger_order *o;
    size_t at;
    buf_clear(&l->answer);
    MAP_FOREACH (o, l->owing->orders, at) {
        if (!o->overdue || !o->suspends || o->owed == 0)
            continue;
        buf_bytes16(&l->answer, bytes_of_text(o->unit));
        buf_bytes16(&l->answer, bytes_of_text(o->clause));
    }
    ledger_answer(l, IPC_OVERDUE, buf_view(&l->answer));
}

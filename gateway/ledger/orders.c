/* Orders of destruction: made of groups that are due, queued for their units (owed.h). */
#include "ledger/owed.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    ORDERS_A_TURN = 16,
    ENDS_A_TURN = 1000,     /* of groups that need no order */
    ORDER_SIZE = 256,       /* a message with an order, about, and */
    ORDER_SIZE_AN_ITEM = 40 /* each of its items */
};

#define UNTIL_TAKEN (INT64_C(36500) * US_PER_DAY)

/* ---- one order */

void order_free(struct ledger_order *o)
{
    mem_free(o->clause);
    mem_free(o->item);
    mem_free(o->state);
    mem_free(o);
}

static void drop(struct ledger *l, struct ledger_order *o)
{
    (void)map_remove(l->owing->orders, bytes_of(o->id.b, UUID_BYTES));
    order_free(o);
}

void order_wait(struct ledger *l, struct ledger_order *o)
{
    int64_t settled_us = o->receipt_by_us == 0 ? o->at_us : o->settled_us;
    if (settled_us != 0)
        heap_set(&l->owing->over, &o->due, time_after(settled_us, ORDER_REMEMBERED));
    else if (o->owed > 0 && !o->overdue)
        heap_set(&l->owing->receipts_due, &o->due, o->receipt_by_us);
}

struct order_delivery *order_delivery_new(struct ledger *l, struct ledger_order *o, int64_t at_us)
{
    struct order_delivery *q = mem_new(sizeof *q);
    struct delivery *d = &q->delivery;
    d->stored = stored_new(&l->messages, o->index, at_us, (struct journal_place){0}, 0);
    d->is_order = true;
    d->size = (uint32_t)(ORDER_SIZE + ORDER_SIZE_AN_ITEM * o->items);
    d->deadline_us = time_after(at_us, o->receipt_by_us == 0 ? ORDER_REMEMBERED : UNTIL_TAKEN);
    TAILQ_INIT(&d->all);
    LIST_INSERT_HEAD(&d->stored->deliveries, d, of_stored);
    if (o->receipt_by_us == 0)
        heap_set(&l->outcomes_due, &d->due, d->deadline_us);
    q->order = o;
    o->queued = q;
    o->is_queued = true;
    return q;
}

/* What was delivered for an incident is of that incident's status; of the rest the order says
 * nothing. */
static unsigned status_of(const struct ledger *l, const struct ledger_order *o)
{
    const struct ledger_incident *i = ledger_incident(l, bytes_of_text(o->incident));
    return i != NULL && i->is.exists ? i->is.status : STATUS_ACTUAL;
}

static void envelope_of(const struct ledger *l, const struct ledger_order *o,
                        struct road_envelope *out)
{
    *out = (struct road_envelope){.source = bytes_of_text("gateway/self"),
                                  .kind = bytes_of_text("destruction_order"),
                                  .status = bytes_of_text(status_word(status_of(l, o)))};
    if (o->incident[0] != '\0')
        out->incident[out->incidents++] = bytes_of_text(o->incident);
}

void order_queue(struct ledger *l, struct ledger_order *o, int64_t at_us)
{
    struct road_envelope envelope;
    struct order_delivery *q = order_delivery_new(l, o, at_us);
    envelope_of(l, o, &envelope);
    spool_enqueue(l->queues, &q->delivery, bytes_of_text(o->unit), &envelope);
}

void orders_delivery_over(struct ledger *l, struct order_delivery *d)
{
    struct ledger_order *o = d->order;
    o->queued = NULL;
    o->is_queued = false;
    if (o->owed == 0 && o->due.place == 0 && !l->ending)
        drop(l, o); /* it was settled long ago */
}

void orders_end_deliveries(struct ledger *l)
{
    const struct ledger_order *o;
    size_t at;
    MAP_FOREACH (o, l->owing->orders, at)
        if (o->queued != NULL)
            ledger_end_delivery(l, &o->queued->delivery, 0);
}

void orders_forget(struct ledger *l)
{
    const struct heap_entry *e;
    while ((e = heap_first(&l->owing->over)) != NULL && e->due_us <= l->high_water_us) {
        struct ledger_order *o = CONTAINER_OF(e, struct ledger_order, due);
        heap_remove(&l->owing->over, &o->due);
        if (!o->is_queued)
            drop(l, o);
    }
}

void orders_fill(const struct ledger *l, const struct delivery *d, struct buf *items,
                 struct road_deliver *out)
{
    const struct ledger_order *o = ((const struct order_delivery *)(const void *)d)->order;
    for (size_t i = 0; i < o->items; i++)
        buf_u64(items, o->item[i]);
    out->is_order = true;
    out->clause = bytes_of_text(o->clause);
    out->order = (struct road_order){.id = o->id,
                                     .cause = o->cause,
                                     .due_us = o->due_us,
                                     .at_us = o->at_us,
                                     .items = buf_view(items)};
    envelope_of(l, o, &out->envelope);
}

void orders_leaf_about(const struct delivery *d, struct leaf *leaf)
{
    const struct ledger_order *o = ((const struct order_delivery *)(const void *)d)->order;
    leaf->source = bytes_of_text("gateway/self");
    leaf->kind = bytes_of_text("destruction_order");
    leaf->lane = bytes_of_text(road_lane_word(0));
    leaf->refers = o->index;
}

/* ---- a group is due */

/* Its unit was told the time with each delivery, and nobody asks whether it kept to it. */
static bool needs_no_order(const struct ledger_owed *g)
{
    return g->items == 0 ||
           (g->receipt_within_us == 0 && owed_cause(g) == SPOOL_DEADLINE && !owed_is_retained(g));
}

/* What there is to say of an order, as its record has it. */
struct ordering {
    struct uuid id;
    uint64_t index;
    uint8_t cause;
    int64_t at_us, due_us, receipt_by_us;
    size_t count;
};

void order_put_words(struct buf *detail, const struct uuid *id, const uint64_t *item, size_t count)
{
    char text[UUID_TEXT + 1];
    uuid_text(id, text);
    buf_printf(detail, "order=%s items=", text);
    ledger_put_ranges(detail, item, count);
}

static enum result leaf_ordered(struct ledger *l, const struct ledger_owed *g, struct ordering *x)
{
    const struct bytes incident = bytes_of_text(g->clock->incident);
    const struct leaf_recipient to = {.unit = bytes_of_text(g->unit),
                                      .clause = bytes_of_text(g->clause),
                                      .deadline_us = x->due_us};
    struct buf detail = BUF_INIT(LEAF_MAX / 2);
    buf_printf(&detail, "cause=%s ", ends_cause_word((enum spool_cause)x->cause));
    if (x->receipt_by_us != 0)
        buf_printf(&detail, "by=%" PRId64 " ", x->receipt_by_us / US_PER_S);
    order_put_words(&detail, &x->id, g->item + g->ordered, x->count);
    struct leaf leaf = {.event = AUDIT_ORDERED,
                        .time_us = x->at_us,
                        .source = bytes_of_text("gateway/self"),
                        .kind = bytes_of_text("destruction_order"),
                        .incident = &incident,
                        .incidents = incident.n > 0,
                        .recipient = &to,
                        .recipients = 1,
                        .size = x->count,
                        .detail = buf_view(&detail)};
    enum result r = ledger_leaf(l, &leaf, &x->index);
    buf_free(&detail);
    return r;
}

/* The next of a group's orders, or, with none needed, its end. */
static enum result order_next(struct ledger *l, const struct ledger_owed *g, int64_t now_us)
{
    size_t left = needs_no_order(g) ? 0 : g->items - g->ordered;
    struct ordering x = {.cause = (uint8_t)owed_cause(g),
                         .at_us = now_us,
                         .due_us = g->clock->ends_us,
                         .count = left < ROAD_ITEMS_MAX ? left : ROAD_ITEMS_MAX};
    if (x.count > 0) {
        x.id = random_uuid(now_us);
        if (g->receipt_within_us > 0)
            x.receipt_by_us = time_after(now_us, g->receipt_within_us);
        TRY(leaf_ordered(l, g, &x));
    }
    buf_clear(&l->record);
    buf_u64(&l->record, g->id);
    buf_put(&l->record, x.id.b, UUID_BYTES);
    buf_u64(&l->record, x.index);
    buf_u8(&l->record, x.cause);
    buf_i64(&l->record, x.at_us);
    buf_i64(&l->record, x.due_us);
    buf_i64(&l->record, x.receipt_by_us);
    buf_u32(&l->record, (uint32_t)x.count);
    return ledger_record(l, RECORD_ORDERED, buf_view(&l->record));
}

static enum result take_ordering(struct cursor *in, struct ordering *x)
{
    uint32_t count;
    TRY(cursor_copy(in, x->id.b, UUID_BYTES));
    TRY(cursor_u64(in, &x->index));
    TRY(cursor_u8(in, &x->cause));
    TRY(cursor_i64(in, &x->at_us));
    TRY(cursor_i64(in, &x->due_us));
    TRY(cursor_i64(in, &x->receipt_by_us));
    TRY(cursor_u32(in, &count));
    x->count = count;
    return cursor_done(in);
}

static struct ledger_order *make_order(struct ledger_owed *g, const struct ordering *x)
{
    struct ledger_order *o = mem_new(sizeof *o);
    *o = (struct ledger_order){.id = x->id,
                               .index = x->index,
                               .clause = mem_text(g->clause, strlen(g->clause)),
                               .cause = x->cause,
                               .due_us = x->due_us,
                               .at_us = x->at_us,
                               .receipt_by_us = x->receipt_by_us,
                               .suspends = g->suspends,
                               .item = mem_new_array(x->count, sizeof *o->item),
                               .state = mem_new(x->count),
                               .items = x->count,
                               .owed = x->receipt_by_us == 0 ? 0 : x->count};
    memcpy(o->unit, g->unit, strlen(g->unit));
    memcpy(o->incident, g->clock->incident, strlen(g->clock->incident));
    memcpy(o->item, g->item + g->ordered, x->count * sizeof *o->item);
    g->ordered += x->count;
    return o;
}

enum result orders_apply(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct ordering x;
    uint64_t id;
    if (cursor_u64(&in, &id) != RESULT_OK || take_ordering(&in, &x) != RESULT_OK)
        return RESULT_DAMAGED;
    struct ledger_owed *g = map_get(l->owing->groups, bytes_of(&id, sizeof id));
    if (g == NULL || x.count > g->items - g->ordered || x.count > ROAD_ITEMS_MAX)
        return RESULT_DAMAGED;
    ledger_saw_time(l, x.at_us);
    owed_close(l, g);
    if (x.count > 0) {
        struct ledger_order *o = make_order(g, &x);
        if (!map_add(l->owing->orders, o)) {
            order_free(o);
            return RESULT_DAMAGED;
        }
        order_wait(l, o);
        order_queue(l, o, x.at_us);
    }
    if (x.count == 0 || g->ordered == g->items)
        owed_remove(l, g);
    return RESULT_OK;
}

static struct ledger_owed *next_due(const struct ledger *l, int64_t now_us)
{
    const struct spool_scope *x = spool_scopes_first(l->owing->clocks);
    if (x == NULL || x->due.due_us > now_us)
        return NULL;
    return map_get(l->owing->groups, bytes_of(&x->slot.id, sizeof x->slot.id));
}

static enum result order_due(struct ledger *l, int64_t now_us)
{
    const struct ledger_owed *g;
    size_t orders = 0, ends = 0;
    while (orders < ORDERS_A_TURN && ends < ENDS_A_TURN && (g = next_due(l, now_us)) != NULL) {
        bool ends_only = needs_no_order(g);
        size_t bytes = ends_only ? 0 : (size_t)ORDER_BYTES_AN_ITEM * ROAD_ITEMS_MAX;
        if (!ledger_has_room(l, bytes))
            break;
        TRY(ledger_make_frame_room(l, bytes));
        TRY(order_next(l, g, now_us));
        *(ends_only ? &ends : &orders) += 1;
    }
    return RESULT_OK;
}

/* ---- turns */

enum result orders_turn(struct ledger *l, int64_t now_us)
{
    TRY(order_due(l, now_us));
    return orders_overdue_turn(l, now_us);
}

int64_t orders_due_us(const struct ledger *l)
{
    const struct spool_scope *x = spool_scopes_first(l->owing->clocks);
    const struct heap_entry *e = heap_first(&l->owing->receipts_due);
    int64_t due_us = x == NULL ? INT64_MAX : x->due.due_us;
    return e != NULL && e->due_us < due_us ? e->due_us : due_us;
}

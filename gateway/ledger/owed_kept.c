/* Groups and orders in a snapshot, and back (owed.h). */
#include "ledger/owed.h"

#include "base/mem.h"

uint64_t owed_bytes(const struct ledger *l)
{
    enum { THING = 600, ITEM = 9 };
    const struct ledger_owed *g;
    const struct ledger_order *o;
    uint64_t bytes = 0;
    size_t at;
    MAP_FOREACH (g, l->owing->groups, at)
        bytes += THING + ITEM * g->items;
    MAP_FOREACH (o, l->owing->orders, at)
        bytes += THING + ITEM * o->items;
    return bytes;
}

/* ---- groups */

void owed_put(const struct ledger_owed *g, struct buf *out)
{
    const struct spool_scope *x = g->clock;
    buf_u64(out, g->id);
    owed_put_group(bytes_of(g->key, g->key_bytes), x, g->receipt_within_us, g->suspends, g->uses,
                   out);
    buf_i64(out, x->due.due_us);
    buf_bool(out, g->is_closed);
}

size_t owed_put_items(const struct ledger_owed *g, size_t from, struct buf *out)
{
    size_t left = g->items - from, count = left < ROAD_ITEMS_MAX ? left : ROAD_ITEMS_MAX;
    for (size_t i = 0; i < count; i++)
        buf_u64(out, g->item[from + i]);
    return count;
}

static enum result take_items(struct ledger_owed *g, struct cursor *in)
{
    while (in->left > 0) {
        uint64_t item;
        TRY(cursor_u64(in, &item));
        TRY(owed_add_item(g, item));
    }
    return RESULT_OK;
}

enum result owed_take(struct ledger *l, struct cursor *in)
{
    struct ledger_owed *g = mem_new(sizeof *g);
    int64_t due_us;
    enum result r = cursor_u64(in, &g->id);
    if (r == RESULT_OK)
        r = owed_take_group(l, g, in); /* frees it when it cannot be read */
    else
        mem_free(g);
    TRY(r);
    TRY(cursor_i64(in, &due_us));
    TRY(cursor_bool(in, &g->is_closed));
    spool_scope_restore(l->owing->clocks, g->clock, g->clock->ends_us, g->clock->cause, due_us, 1);
    if (!g->is_closed && !map_add(l->owing->open, g))
        return RESULT_DAMAGED;
    return take_items(g, in);
}

enum result owed_take_more(struct ledger *l, struct cursor *in)
{
    uint64_t id;
    TRY(cursor_u64(in, &id));
    struct ledger_owed *g = map_get(l->owing->groups, bytes_of(&id, sizeof id));
    return g == NULL ? RESULT_DAMAGED : take_items(g, in);
}

/* ---- orders */

void order_put(const struct ledger_order *o, struct buf *out)
{
    buf_put(out, o->id.b, UUID_BYTES);
    buf_u64(out, o->index);
    buf_bytes16(out, bytes_of_text(o->unit));
    buf_bytes16(out, bytes_of_text(o->incident));
    buf_bytes16(out, bytes_of_text(o->clause));
    buf_u8(out, o->cause);
    buf_i64(out, o->due_us);
    buf_i64(out, o->at_us);
    buf_i64(out, o->receipt_by_us);
    buf_i64(out, o->settled_us);
    buf_bool(out, o->suspends);
    buf_bool(out, o->overdue);
    buf_bool(out, o->is_queued);
    buf_u32(out, (uint32_t)o->items);
    for (size_t i = 0; i < o->items; i++) {
        buf_u64(out, o->item[i]);
        buf_u8(out, o->state[i]);
    }
}

static enum result take_states(struct ledger_order *o, struct cursor *in)
{
    uint32_t count;
    TRY(cursor_u32(in, &count));
    if (count == 0 || count > ROAD_ITEMS_MAX)
        return RESULT_DAMAGED;
    o->items = count;
    o->item = mem_new_array(count, sizeof *o->item);
    o->state = mem_new(count);
    for (size_t i = 0; i < count; i++) {
        TRY(cursor_u64(in, &o->item[i]));
        TRY(cursor_u8(in, &o->state[i]));
        if (o->state[i] > ROAD_RETAINED || (i > 0 && o->item[i - 1] >= o->item[i]))
            return RESULT_DAMAGED;
        if (o->receipt_by_us != 0 && o->state[i] == ROAD_OWED)
            o->owed++;
    }
    return cursor_done(in);
}

static enum result take_order(struct ledger_order *o, struct cursor *in)
{
    struct bytes clause;
    TRY(cursor_copy(in, o->id.b, UUID_BYTES));
    TRY(cursor_u64(in, &o->index));
    TRY(ledger_take_text(in, o->unit, sizeof o->unit));
    TRY(ledger_take_text(in, o->incident, sizeof o->incident));
    TRY(cursor_bytes16(in, &clause));
    o->clause = mem_text(clause.p, clause.n);
    TRY(cursor_u8(in, &o->cause));
    TRY(cursor_i64(in, &o->due_us));
    TRY(cursor_i64(in, &o->at_us));
    TRY(cursor_i64(in, &o->receipt_by_us));
    TRY(cursor_i64(in, &o->settled_us));
    TRY(cursor_bool(in, &o->suspends));
    TRY(cursor_bool(in, &o->overdue));
    TRY(cursor_bool(in, &o->is_queued));
    return take_states(o, in);
}

enum result order_take(struct ledger *l, struct cursor *in)
{
    struct ledger_order *o = mem_new(sizeof *o);
    if (take_order(o, in) != RESULT_OK || !map_add(l->owing->orders, o)) {
        order_free(o);
        return RESULT_DAMAGED;
    }
    order_wait(l, o);
    return RESULT_OK;
}

/* Orders of destruction and their receipts, between edge and ledger. */
#include "ipc/codec.h"
#include "ipc/road.h"

enum { ITEM = sizeof(uint64_t) };

size_t road_items(struct bytes items)
{
    return items.n / ITEM;
}

uint64_t road_item(struct bytes items, size_t i)
{
    uint64_t item = 0;
    for (size_t k = 0; k < ITEM; k++)
        item = item << 8 | items.p[i * ITEM + k];
    return item;
}

bool road_find_item(struct bytes items, uint64_t item, size_t *at)
{
    size_t low = 0, high = road_items(items);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (road_item(items, middle) < item)
            low = middle + 1;
        else
            high = middle;
    }
    *at = low;
    return low < road_items(items) && road_item(items, low) == item;
}

bool road_items_fit(struct bytes items)
{
    const size_t count = road_items(items);
    if (items.n % ITEM != 0 || count > ROAD_ITEMS_MAX)
        return false;
    for (size_t i = 1; i < count; i++)
        if (road_item(items, i - 1) >= road_item(items, i))
            return false;
    return true;
}

static enum result code_retained(struct codec *c, struct road_retained *r)
{
    TRY(code_u64(c, &r->item));
    TRY(code_text(c, &r->act, ROAD_TEXT_MAX));
    TRY(code_i64(c, &r->until_us));
    return r->act.n > 0 && r->until_us > 0 ? RESULT_OK : RESULT_MALFORMED;
}

static enum result code_settle(struct codec *c, struct road_settle *s)
{
    TRY(code_raw(c, s->order.b, UUID_BYTES));
    TRY(code_bytes16(c, &s->destroyed));
    TRY(code_bytes16(c, &s->never_stored));
    TRY(code_count(c, &s->retains, ROAD_RETAINED_MAX));
    for (size_t i = 0; i < s->retains; i++) {
        TRY(code_retained(c, &s->retained[i]));
        if (i > 0 && s->retained[i - 1].item >= s->retained[i].item)
            return RESULT_MALFORMED;
    }
    TRY(code_i64(c, &s->at_us));
    TRY(code_u8(c, &s->method));
    TRY(code_end(c));
    return road_items_fit(s->destroyed) && road_items_fit(s->never_stored) ? RESULT_OK
                                                                           : RESULT_MALFORMED;
}

static enum result code_order_state(struct codec *c, struct road_order_state *s)
{
    TRY(code_u64(c, &s->ticket));
    TRY(code_bool(c, &s->found));
    TRY(code_text(c, &s->unit, ROAD_TEXT_MAX));
    TRY(code_text(c, &s->clause, ROAD_TEXT_MAX));
    TRY(code_bytes16(c, &s->items));
    TRY(code_bytes16(c, &s->state));
    TRY(code_end(c));
    if (!road_items_fit(s->items) || s->state.n != road_items(s->items))
        return RESULT_MALFORMED;
    for (size_t i = 0; i < s->state.n; i++)
        if (s->state.p[i] > ROAD_RETAINED)
            return RESULT_MALFORMED;
    return RESULT_OK;
}

CODEC_PAIR(road, settle)
CODEC_PAIR(road, order_state)

/*
 * Receipts of destruction (owed.h). The edge has checked signature and form, and what the clause
 * lets a recipient retain; here it is what the receipt names that is judged: by items of the order,
 * each settled once.
 */
#include "ledger/owed.h"

#include "base/mem.h"

#include <inttypes.h>

/* ---- what is owed */

static struct ledger_order *order_of(const struct ledger *l, const struct uuid *id)
{
    return map_get(l->owing->orders, bytes_of(id->b, UUID_BYTES));
}

enum result settle_order_get(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct road_order_state out = {0};
    struct uuid id;
    struct buf items = BUF_INIT(ROAD_ITEMS_MAX * sizeof(uint64_t));
    TRY(cursor_u64(&in, &out.ticket));
    TRY(cursor_copy(&in, id.b, UUID_BYTES));
    TRY(cursor_done(&in));
    const struct ledger_order *o = order_of(l, &id);
    if (o != NULL) {
        for (size_t i = 0; i < o->items; i++)
            buf_u64(&items, o->item[i]);
        out.found = true;
        out.unit = bytes_of_text(o->unit);
        out.clause = bytes_of_text(o->clause);
        out.items = buf_view(&items);
        out.state = bytes_of(o->state, o->items);
    }
    buf_clear(&l->answer);
    road_order_state_put(&out, &l->answer);
    ledger_answer(l, IPC_ORDER_IS, buf_view(&l->answer));
    buf_free(&items);
    return RESULT_OK;
}

/* ---- what a receipt says of it */

static uint8_t *state_of(const struct ledger_order *o, uint64_t item)
{
    size_t at = owed_place(o->item, o->items, item);
    return at < o->items ? &o->state[at] : NULL;
}

static bool may_become(const struct ledger_order *o, uint64_t item, enum road_item_state state)
{
    const uint8_t *now = state_of(o, item);
    return now != NULL && (*now == ROAD_OWED || *now == state);
}

static bool all_may_become(const struct ledger_order *o, struct bytes items,
                           enum road_item_state state)
{
    for (size_t i = 0; i < road_items(items); i++)
        if (!may_become(o, road_item(items, i), state))
            return false;
    return true;
}

static bool is_among(struct bytes items, uint64_t item)
{
    size_t at;
    return road_find_item(items, item, &at);
}

/* Each item is named once. */
static bool are_apart(const struct road_settle *s)
{
    for (size_t i = 0; i < road_items(s->never_stored); i++)
        if (is_among(s->destroyed, road_item(s->never_stored, i)))
            return false;
    for (size_t i = 0; i < s->retains; i++)
        if (is_among(s->destroyed, s->retained[i].item) ||
            is_among(s->never_stored, s->retained[i].item))
            return false;
    return true;
}

bool settle_fits(const struct ledger *l, const struct road_commit *c)
{
    struct cursor in = cursor_over(c->settle);
    struct road_settle s;
    if (c->settle.n == 0)
        return true;
    if (road_settle_take(&in, &s) != RESULT_OK)
        return false;
    const struct ledger_order *o = order_of(l, &s.order);
    if (o == NULL || !bytes_is(c->envelope.source, o->unit) || !are_apart(&s) ||
        !all_may_become(o, s.destroyed, ROAD_DESTROYED) ||
        !all_may_become(o, s.never_stored, ROAD_NEVER_STORED))
        return false;
    for (size_t i = 0; i < s.retains; i++)
        if (!may_become(o, s.retained[i].item, ROAD_RETAINED))
            return false;
    return true;
}

size_t settle_bytes(const struct road_commit *c)
{
    enum { EACH = 600 }; /* what is retained alone has an entry and a group; ledger_has_room */
    struct cursor in = cursor_over(c->settle);
    struct road_settle s;
    return c->settle.n == 0 || road_settle_take(&in, &s) != RESULT_OK ? 0 : EACH * s.retains;
}

/* ---- what its record does */

static void settle_item(struct ledger_order *o, uint64_t item, enum road_item_state state)
{
    uint8_t *now = state_of(o, item);
    if (*now != ROAD_OWED)
        return;
    *now = (uint8_t)state;
    if (o->owed > 0)
        o->owed--;
}

static void settle_items(struct ledger_order *o, struct bytes items, enum road_item_state state)
{
    for (size_t i = 0; i < road_items(items); i++)
        settle_item(o, road_item(items, i), state);
}

enum result settle_apply(struct ledger *l, const struct road_commit *c)
{
    struct cursor in = cursor_over(c->settle);
    struct road_settle s;
    if (c->settle.n == 0)
        return RESULT_OK;
    if (!settle_fits(l, c) || road_settle_take(&in, &s) != RESULT_OK)
        return RESULT_DAMAGED;
    struct ledger_order *o = order_of(l, &s.order);
    bool owed = o->owed > 0;
    settle_items(o, s.destroyed, ROAD_DESTROYED);
    settle_items(o, s.never_stored, ROAD_NEVER_STORED);
    for (size_t i = 0; i < s.retains; i++)
        settle_item(o, s.retained[i].item, ROAD_RETAINED);
    if (owed && o->owed == 0) {
        heap_remove(&l->owing->receipts_due, &o->due);
        o->settled_us = c->at_us;
        order_wait(l, o);
    }
    return RESULT_OK;
}

/* ---- what the log says of it */

/* Items that a receipt settles anew, as leaves say them. */
struct news {
    struct ledger *l;
    const struct road_commit *c;
    const struct ledger_order *o;
    const struct road_settle *s;
    uint64_t about;
    uint64_t *item;
    size_t count;
};

static enum result leaf_settled(struct news *n, enum audit_event event,
                                const struct road_retained *r, uint64_t *index)
{
    static const char *const methods[] = {"", "key-erased", "overwritten", "medium-destroyed"};
    const struct leaf_recipient who = {.unit = n->c->envelope.source,
                                       .clause = bytes_of_text(n->o->clause)};
    char id[UUID_TEXT + 1];
    struct buf detail = BUF_INIT(LEAF_MAX / 2);
    uuid_text(&n->o->id, id);
    buf_printf(&detail, "order=%s ", id);
    if (event == AUDIT_RECIPIENT_DESTROYED && n->s->method < ARRAY_LEN(methods))
        buf_printf(&detail, "destroyed=%" PRId64 " method=%s ", n->s->at_us / US_PER_S,
                   methods[n->s->method]);
    if (r != NULL)
        buf_printf(&detail, "under=%.*s until=%" PRId64 " ", (int)r->act.n, (const char *)r->act.p,
                   r->until_us / US_PER_S);
    buf_text(&detail, "items=");
    ledger_put_ranges(&detail, n->item, n->count);
    struct leaf leaf = {.event = event,
                        .time_us = n->c->at_us,
                        .source = n->c->envelope.source,
                        .kind = n->c->envelope.kind,
                        .status = n->c->envelope.status,
                        .policy = n->c->envelope.policy,
                        .recipient = &who,
                        .recipients = 1,
                        .size = n->count,
                        .has_refers = true,
                        .refers = n->about,
                        .detail = buf_view(&detail)};
    enum result result = ledger_leaf(n->l, &leaf, index);
    buf_free(&detail);
    return result;
}

static void add_owed(struct news *n, uint64_t item)
{
    if (*state_of(n->o, item) == ROAD_OWED)
        n->item[n->count++] = item;
}

static enum result leaf_items(struct news *n, enum audit_event event, struct bytes items)
{
    n->count = 0;
    for (size_t i = 0; i < road_items(items); i++)
        add_owed(n, road_item(items, i));
    return n->count == 0 ? RESULT_OK : leaf_settled(n, event, NULL, NULL);
}

/* When it may be retained no longer, it is ordered to be destroyed again: as a group of its own. */
static enum result record_retained(struct news *n, const struct road_retained *r, uint64_t index)
{
    const struct ledger_order *o = n->o;
    struct ledger *l = n->l;
    uint8_t tuple[ROAD_DIGEST];
    struct spool_scope until = {
        .starts = SPOOL_ARRIVAL, .deadline_us = r->until_us, .ends_us = r->until_us};
    memcpy(until.incident, o->incident, sizeof until.incident);
    owed_retained_tuple(index, tuple);
    buf_clear(&l->scratch);
    owed_put_key(&l->scratch, tuple, bytes_of_text(o->unit), bytes_of_text(o->clause));
    buf_clear(&l->record);
    buf_u64(&l->record, index);
    buf_i64(&l->record, n->c->at_us);
    owed_put_group(buf_view(&l->scratch), &until,
                   o->receipt_by_us == 0 ? 0 : o->receipt_by_us - o->at_us, o->suspends, 0,
                   &l->record);
    for (size_t i = 0; i < n->count; i++)
        buf_u64(&l->record, n->item[i]);
    return ledger_record(l, RECORD_OWED, buf_view(&l->record));
}

static bool is_like(const struct road_retained *a, const struct road_retained *b)
{
    return bytes_equal(a->act, b->act) && a->until_us == b->until_us;
}

/* One leaf for all that is retained under one Act until one time. */
static enum result leaf_retained(struct news *n, size_t first)
{
    const struct road_retained *r = n->s->retained;
    uint64_t index;
    for (size_t i = 0; i < first; i++)
        if (is_like(&r[i], &r[first]))
            return RESULT_OK; /* with an earlier one */
    n->count = 0;
    for (size_t i = first; i < n->s->retains; i++)
        if (is_like(&r[i], &r[first]))
            add_owed(n, r[i].item);
    if (n->count == 0)
        return RESULT_OK;
    TRY(leaf_settled(n, AUDIT_RETAINED, &r[first], &index));
    return record_retained(n, &r[first], index);
}

enum result settle_leaves(struct ledger *l, const struct road_commit *c, uint64_t about)
{
    struct cursor in = cursor_over(c->settle);
    struct road_settle s;
    if (c->settle.n == 0)
        return RESULT_OK;
    TRY(road_settle_take(&in, &s));
    struct news n = {.l = l, .c = c, .o = order_of(l, &s.order), .s = &s, .about = about};
    n.item = mem_new_array(ROAD_ITEMS_MAX, sizeof *n.item);
    enum result r = leaf_items(&n, AUDIT_RECIPIENT_DESTROYED, s.destroyed);
    if (r == RESULT_OK)
        r = leaf_items(&n, AUDIT_NEVER_STORED, s.never_stored);
    for (size_t i = 0; r == RESULT_OK && i < s.retains; i++)
        r = leaf_retained(&n, i);
    mem_free(n.item);
    return r;
}

void settle_tell(struct ledger *l, const struct road_commit *c)
{
    struct cursor in = cursor_over(c->settle);
    struct road_settle s;
    if (c->settle.n == 0 || road_settle_take(&in, &s) != RESULT_OK)
        return;
    const struct ledger_order *o = order_of(l, &s.order);
    if (o != NULL && o->overdue && o->suspends && o->owed == 0)
        orders_tell(l);
}

/* ---- what an officer of the recipient refused */

/* Whether the leaf at which the group began says what the receipt at `about` retains. An entry that
 * the log let go says nothing any more. */
static enum result is_retained_by(struct ledger *l, const struct ledger_owed *g, uint64_t about,
                                  bool *out)
{
    struct buf entry = BUF_INIT(LEAF_MAX);
    struct leaf_room *room = NULL;
    struct leaf leaf;
    *out = false;
    if (!owed_is_retained(g) || g->clock->cause != SPOOL_NOT_ENDED)
        return RESULT_OK;
    enum result r = ledger_leaf_read(l, g->id, &entry, &leaf, &room);
    *out = r == RESULT_OK && leaf.has_refers && leaf.refers == about;
    leaf_room_free(room);
    buf_free(&entry);
    return r == RESULT_IO ? r : RESULT_OK;
}

enum result settle_refused(struct ledger *l, uint64_t about)
{
    const struct ledger_owed *g;
    uint64_t *group = mem_new_array(map_count(l->owing->groups) + 1, sizeof *group);
    struct ends e = {.cause = SPOOL_PURPOSE_FULFILLED,
                     .about = bytes_of_text("keeping refused"),
                     .group = group};
    enum result r = RESULT_OK;
    bool is_its;
    size_t at;
    MAP_FOREACH (g, l->owing->groups, at) {
        if (r == RESULT_OK)
            r = is_retained_by(l, g, about, &is_its);
        if (r == RESULT_OK && is_its)
            group[e.groups++] = g->id;
    }
    if (r == RESULT_OK && e.groups > 0)
        r = ends_record(l, &e);
    mem_free(group);
    return r;
}

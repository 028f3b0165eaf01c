/* Holds over what recipients keep: groups of what they owe, and the gateway's halves of vaults. */
#include "ledger/preservation.h"

#include "base/mem.h"
#include "ipc/half_road.h"
#include "ledger/halves.h"

#include <stdlib.h>

/* ---- which */

static bool has_tuple(const struct ledger *l, const struct preservation_about *a,
                      const struct ledger_owed *g)
{
    for (size_t i = 0; i < a->scopes; i++) {
        const struct spool_scope *x = spool_scopes_get(l->scopes, a->scope[i]);
        if (x != NULL && memcmp(x->slot.tuple, g->key, ROAD_DIGEST) == 0)
            return true;
    }
    return false;
}

bool preservation_covers(const struct ledger *l, const struct preservation_about *a,
                         const struct ledger_owed *g)
{
    if (a->incident.n > 0)
        return bytes_is(a->incident, g->clock->incident);
    const size_t left = g->items - g->ordered;
    return has_tuple(l, a, g) ||
           (a->record != 0 && owed_place(g->item + g->ordered, left, a->record) < left);
}

static bool keeps(const struct ledger *l, const struct preservation *p, const struct ledger_owed *g)
{
    const struct preservation_about about = {.incident = preservation_incident(p),
                                             .record = preservation_record(p),
                                             .scope = p->scope,
                                             .scopes = p->scopes};
    return p->placed && preservation_covers(l, &about, g);
}

/* ---- what records do */

static struct spool_scope *half_scope(const struct ledger *l, const struct ledger_owed *g)
{
    const struct ledger_halves *x = halves_get(l, g->id);
    return x == NULL ? NULL : spool_scopes_get(l->scopes, x->scope);
}

static void change_kept(struct ledger *l, const struct preservation *p, bool halves,
                        void (*change)(struct spool_scopes *s, struct spool_scope *scope))
{
    const struct ledger_owed *g;
    struct spool_scope *half;
    size_t at;
    MAP_FOREACH (g, l->owing->groups, at) {
        if (!keeps(l, p, g))
            continue;
        change(l->owing->clocks, g->clock);
        if (halves && (half = half_scope(l, g)) != NULL)
            change(l->scopes, half);
    }
}

void preservation_keep_owed(struct ledger *l, const struct preservation *p, bool restores)
{
    change_kept(l, p, !restores, spool_scope_preserve);
}

void preservation_let_owed_go(struct ledger *l, const struct preservation *p)
{
    change_kept(l, p, true, spool_scope_let_go);
}

void preservation_new_group(struct ledger *l, const struct ledger_owed *g)
{
    const struct preservation *p;
    size_t at;
    MAP_FOREACH (p, l->acts->preservations, at)
        if (keeps(l, p, g))
            spool_scope_preserve(l->owing->clocks, g->clock);
}

void preservation_new_halves(struct ledger *l, uint64_t group, struct spool_scope *half)
{
    const struct ledger_owed *g = map_get(l->owing->groups, bytes_of(&group, sizeof group));
    for (unsigned i = 0; g != NULL && i < g->clock->preserved; i++)
        spool_scope_preserve(l->scopes, half);
}

/* ---- what a vault is told */

struct kept {
    uint64_t record;
    const struct preservation *by;
};

static int by_record(const void *a, const void *b)
{
    const uint64_t x = ((const struct kept *)a)->record, y = ((const struct kept *)b)->record;
    return (x > y) - (x < y);
}

static int by_hold(const void *a, const void *b)
{
    const struct kept *x = a, *y = b;
    const int order = strcmp(x->by->key, y->by->key);
    return order != 0 ? order : by_record(a, b);
}

/* The one that was ordered first. */
static const struct preservation *holder_of(const struct ledger *l, const struct ledger_owed *g)
{
    const struct preservation *p, *first = NULL;
    size_t at;
    MAP_FOREACH (p, l->acts->preservations, at)
        if (keeps(l, p, g) && (first == NULL || p->since_us < first->since_us ||
                               (p->since_us == first->since_us && strcmp(p->key, first->key) < 0)))
            first = p;
    return first;
}

/* All of the unit's from this record on, in ascending order. */
static struct kept *find_kept(const struct ledger *l, struct bytes unit, uint64_t from,
                              size_t *count)
{
    const struct ledger_owed *g;
    struct kept *out = NULL;
    size_t room = 0, at;
    *count = 0;
    MAP_FOREACH (g, l->owing->groups, at) {
        const struct preservation *by =
            g->clock->preserved > 0 && bytes_is(unit, g->unit) ? holder_of(l, g) : NULL;
        for (size_t i = g->ordered; by != NULL && i < g->items; i++) {
            if (g->item[i] < from)
                continue;
            if (*count == room) {
                const size_t more = room == 0 ? HALF_HELD_MAX : 2 * room;
                out = mem_grow_array(out, room, more, sizeof *out);
                room = more;
            }
            out[(*count)++] = (struct kept){g->item[i], by};
        }
    }
    if (*count > 1)
        qsort(out, *count, sizeof *out, by_record);
    return out;
}

static void put_holds(const struct kept *kept, size_t count, struct buf *out)
{
    struct buf records = BUF_INIT(HALF_HELD_MAX * sizeof(uint64_t));
    for (size_t i = 0; i < count;) {
        const struct preservation *by = kept[i].by;
        buf_clear(&records);
        for (; i < count && kept[i].by == by; i++)
            buf_u64(&records, kept[i].record);
        half_hold_put(&(struct half_hold){.subject = bytes_of_text(by->key + 1),
                                          .since_us = by->since_us,
                                          .records = buf_view(&records)},
                      out);
    }
    buf_free(&records);
}

uint64_t preservation_held(const struct ledger *l, struct bytes unit, uint64_t from,
                           struct buf *out)
{
    size_t count;
    struct kept *kept = find_kept(l, unit, from, &count);
    const uint64_t next = count > HALF_HELD_MAX ? kept[HALF_HELD_MAX].record : 0;
    if (count > HALF_HELD_MAX)
        count = HALF_HELD_MAX;
    if (count > 1)
        qsort(kept, count, sizeof *kept, by_hold);
    put_holds(kept, count, out);
    mem_free(kept);
    return next;
}

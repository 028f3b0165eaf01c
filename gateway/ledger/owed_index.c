/* Which open group a delivery is in (owed.h). */
#include "ledger/owed.h"

#include "base/mem.h"

struct place {
    uint64_t item;
    struct ledger_owed *group;
};

static struct bytes item_of(const void *p)
{
    return bytes_of(&((const struct place *)p)->item, sizeof(uint64_t));
}

void owed_index_add(struct owing *w, struct ledger_owed *g, uint64_t item)
{
    if (w->items == NULL)
        return;
    struct place *p = mem_new(sizeof *p);
    *p = (struct place){item, g};
    if (!map_add(w->items, p))
        mem_free(p);
}

void owed_index_drop(struct owing *w, const struct ledger_owed *g)
{
    for (size_t i = 0; w->items != NULL && i < g->items; i++)
        mem_free(map_remove(w->items, bytes_of(&g->item[i], sizeof g->item[i])));
}

void owed_index_free(struct owing *w)
{
    struct place *p;
    size_t at;
    if (w->items == NULL)
        return;
    MAP_FOREACH (p, w->items, at)
        mem_free(p);
    map_free(w->items);
    w->items = NULL;
}

static void make(struct owing *w)
{
    struct ledger_owed *g;
    size_t at;
    w->items = map_new(item_of);
    MAP_FOREACH (g, w->open, at)
        for (size_t i = 0; i < g->items; i++)
            owed_index_add(w, g, g->item[i]);
}

struct ledger_owed *owed_find(const struct ledger *l, struct bytes unit, uint64_t released)
{
    if (l->owing->items == NULL)
        make(l->owing);
    const struct place *p = map_get(l->owing->items, bytes_of(&released, sizeof released));
    return p != NULL && bytes_is(unit, p->group->unit) ? p->group : NULL;
}

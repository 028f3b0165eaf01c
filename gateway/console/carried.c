#include "console/carried.h"

#include "base/mem.h"

#include <stdio.h>

struct carried *carried_hold(struct carried *c)
{
    c->holders++;
    return c;
}

void carried_release(struct carried *c)
{
    if (c == NULL || --c->holders > 0)
        return;
    facts_free(c->facts);
    mem_free(c);
}

static void drop(void *own)
{
    struct carried *c = own;
    c->is_over = true;
    carried_release(c);
}

struct carried *carried_of(struct visit *v)
{
    if (v->own == NULL) {
        v->own = carried_hold(mem_new(sizeof(struct carried)));
        v->drop = drop;
    }
    return v->own;
}

void carried_bring(struct carried *c, struct facts_file *facts, size_t size, const char *unit)
{
    facts_free(c->facts);
    c->facts = facts;
    c->size = size;
    (void)snprintf(c->unit, sizeof c->unit, "%s", unit);
}

struct adding {
    const struct carried *but;
    const char *unit;
    struct carried_sum sum;
};

static void add(const void *own, void *arg)
{
    const struct carried *c = own;
    struct adding *a = arg;
    if (c == a->but)
        return;
    a->sum.of_all += c->size;
    a->sum.of_unit += strcmp(c->unit, a->unit) == 0 ? c->size : 0;
}

struct carried_sum carried_beside(const struct visits *v, const struct carried *c, const char *unit)
{
    struct adding a = {.but = c, .unit = unit};
    visits_each(v, add, &a);
    return a.sum;
}

#include "console/carried.h"

#include "base/mem.h"

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

void carried_bring(struct carried *c, struct facts_file *facts)
{
    facts_free(c->facts);
    c->facts = facts;
}

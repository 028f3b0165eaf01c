#include "policy/checks.h"

#include "base/mem.h"

/* Collects what the grants of the line ask. */
static void gather(struct line_grants *g)
{
    for (size_t i = 0; i < g->count; i++) {
        struct region none = {0};
        holds_normally(g->s, g->side, g->grant[i], &none);
        region_clear(&none);
        holds_prohibited(g->s, g->side, g->grant[i], &none);
        region_free(&none);
    }
}

static void check_line(const struct line_of *line, void *arg)
{
    struct checks *x = arg;
    struct space *s = x->space;
    struct line_grants *g = mem_new(sizeof *g);
    space_begin(s, &x->universe, line);
    const bool all = line_grants_find(g, s, 0);
    gather(g);
    space_build(s, space_most_incidents(s));
    for (size_t i = 0; i < g->count; i++)
        holds_normally(s, 0, g->grant[i], &g->holds[i]);
    check_overlap(x, g);
    check_reached(x, g);
    x->incomplete = x->incomplete || !all || s->full;
    line_grants_free(g);
    mem_free(g);
}

static void check_slots(struct checks *x)
{
    for (size_t i = 0; i < x->p->slots_count; i++) {
        const struct row_slot *slot = &x->p->slots[i];
        if (slot->count > 0 && slot_to(slot) < SLOT_REACH)
            lines_of_slot(x->p, slot, false, check_line, x);
    }
}

void check_clauses(struct compilation *c, struct bytes block)
{
    struct checks x = {.c = c};
    struct policy *p;
    if (policy_open(block, &p) != RESULT_OK)
        return;
    x.p = p;
    x.space = mem_new(sizeof *x.space);
    x.sample = mem_new(sizeof *x.sample);
    x.of = mem_new_array(p->grants_count + 1, sizeof *x.of);
    universe_init(&x.universe, p, NULL, c->sources->now_us);
    check_slots(&x);
    tell_dead(&x);
    universe_free(&x.universe);
    mem_free(x.of);
    mem_free(x.sample);
    mem_free(x.space);
    policy_close(p);
}

#include "policy/answers.h"

#include "base/mem.h"

static void gather(struct line_grants *g, uint32_t grant)
{
    static void (*const ask[])(struct space * s, unsigned side, uint32_t grant,
                               struct region *out) = {holds_normally, holds_prohibited,
                                                      holds_declared, holds_by_exception};
    for (size_t i = 0; i < ARRAY_LEN(ask); i++) {
        struct region none = {0};
        ask[i](g->s, g->side, grant, &none);
        region_free(&none);
    }
}

bool answers_begin(struct answers *a, struct space *s, unsigned side)
{
    *a = (struct answers){.p = s->u->p[side]};
    const bool all = line_grants_find(&a->grants, s, side);
    for (size_t i = 0; i < a->grants.count; i++)
        gather(&a->grants, a->grants.grant[i]);
    return all;
}

static void clear(struct answers *a)
{
    for (size_t i = 0; i < a->count; i++)
        region_free(&a->answer[i].where);
    for (size_t i = 0; i < a->grants.count; i++)
        region_free(&a->grants.holds[i]);
    a->count = 0;
    a->full = false;
}

void answers_free(struct answers *a)
{
    clear(a);
    mem_free(a->answer);
}

/* Takes the region over. */
static void add(struct answers *a, enum policy_verdict verdict, uint32_t grant,
                struct region *where)
{
    a->full = a->full || where->full;
    if (where->count == 0) {
        region_free(where);
        return;
    }
    if (a->count == a->room) {
        const size_t room = a->room == 0 ? 8 : a->room * 2;
        a->answer = mem_grow_array(a->answer, a->room, room, sizeof *a->answer);
        a->room = room;
    }
    a->answer[a->count++] = (struct one_answer){verdict, grant, *where};
}

/* What the i-th grant answers as it stands: where no narrower one does, and nothing forbids it. */
static void add_normal(struct answers *a, size_t i)
{
    const struct line_grants *g = &a->grants;
    const uint32_t grant = g->grant[i];
    struct region left = {0}, other = {0}, exception = {0};
    region_copy(&g->holds[i], &left);
    for (size_t k = 0; k < i && left.count > 0; k++)
        region_minus(&left, &g->holds[k]);
    holds_prohibited(g->s, g->side, grant, &other);
    region_minus(&left, &other);
    region_clear(&other);
    holds_declared(g->s, g->side, grant, &other);
    region_copy(&left, &exception);
    region_and(&exception, &other);
    region_minus(&left, &other);
    region_free(&other);
    add(a, POLICY_EMERGENCY, grant, &exception);
    add(a, a->p->duties[grant].approvers > 0 ? POLICY_HELD : POLICY_PERMITTED, grant, &left);
}

/* Where a person goes past its conditions: no grant holds as it stands, nor does one before it in
 * this way. `before` grows by it. */
static void add_exception(struct answers *a, size_t i, struct region *before)
{
    const struct line_grants *g = &a->grants;
    struct region left = {0}, other = {0};
    holds_by_exception(g->s, g->side, g->grant[i], &left);
    for (size_t k = 0; k < g->count && left.count > 0; k++)
        region_minus(&left, &g->holds[k]);
    region_copy(&left, &other);
    region_minus(&left, before);
    region_add_all(before, &other);
    region_clear(&other);
    holds_prohibited(g->s, g->side, g->grant[i], &other);
    region_minus(&left, &other);
    region_free(&other);
    add(a, POLICY_EMERGENCY, g->grant[i], &left);
}

void answers_find(struct answers *a)
{
    struct line_grants *g = &a->grants;
    struct region before = {0};
    clear(a);
    for (size_t i = 0; i < g->count; i++)
        holds_normally(g->s, g->side, g->grant[i], &g->holds[i]);
    for (size_t i = 0; i < g->count && !a->full; i++)
        add_normal(a, i);
    for (size_t i = 0; i < g->count && !a->full; i++)
        add_exception(a, i, &before);
    a->full = a->full || before.full;
    region_free(&before);
}

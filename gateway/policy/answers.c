#include "policy/answers.h"

#include "base/mem.h"

typedef void holds_fn(struct space *s, unsigned side, uint32_t grant, struct region *out);

static void ask(struct answers *a, size_t i)
{
    static holds_fn *const of[ASKED] = {[ASKED_HOLDS] = holds_normally,
                                        [ASKED_EMERGENCY] = holds_in_emergency,
                                        [ASKED_EXCEPTION] = holds_by_exception,
                                        [ASKED_PROHIBITED] = holds_prohibited};
    const struct line_grants *g = &a->grants;
    for (unsigned k = 0; k < ASKED; k++) {
        struct region *r = &a->asked[k][i];
        region_clear(r);
        of[k](g->s, g->side, g->grant[i], r);
    }
}

bool answers_begin(struct answers *a, struct space *s, unsigned side)
{
    *a = (struct answers){.p = s->u->p[side]};
    const bool all = line_grants_find(&a->grants, s, side);
    answers_ask(a);
    return all;
}

void answers_ask(struct answers *a)
{
    for (size_t i = 0; i < a->grants.count; i++)
        ask(a, i);
}

static void clear(struct answers *a)
{
    for (size_t i = 0; i < a->count; i++)
        region_free(&a->answer[i].where);
    region_clear(&a->refused);
    a->count = 0;
    a->full = false;
}

void answers_free(struct answers *a)
{
    clear(a);
    region_free(&a->refused);
    mem_free(a->answer);
    for (unsigned k = 0; k < ASKED; k++)
        for (size_t i = 0; i < a->grants.count; i++)
            region_free(&a->asked[k][i]);
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

/* What a prohibition stands against, is refused. */
static void forbid(struct answers *a, size_t i, struct region *left)
{
    struct region forbidden = {0};
    if (a->asked[ASKED_PROHIBITED][i].count == 0)
        return;
    region_copy(left, &forbidden);
    region_and(&forbidden, &a->asked[ASKED_PROHIBITED][i]);
    region_add_all(&a->refused, &forbidden);
    region_free(&forbidden);
    region_minus(left, &a->asked[ASKED_PROHIBITED][i]);
}

/* What the i-th grant answers as it stands: where no narrower one does, and nothing forbids it. */
static void add_normal(struct answers *a, size_t i, const struct box_cells *within)
{
    const uint32_t grant = a->grants.grant[i];
    struct region left = {0}, exception = {0};
    region_within(&a->asked[ASKED_HOLDS][i], within, &left);
    for (size_t k = 0; k < i && left.count > 0; k++)
        region_minus(&left, &a->asked[ASKED_HOLDS][k]);
    forbid(a, i, &left);
    region_copy(&left, &exception);
    region_and(&exception, &a->asked[ASKED_EMERGENCY][i]);
    region_minus(&left, &a->asked[ASKED_EMERGENCY][i]);
    add(a, POLICY_EMERGENCY, grant, &exception);
    add(a, a->p->duties[grant].approvers > 0 ? POLICY_HELD : POLICY_PERMITTED, grant, &left);
}

/* Where a person goes past its conditions: no grant holds as it stands, nor does one before it in
 * this way. */
static void add_exception(struct answers *a, size_t i, const struct box_cells *within)
{
    struct region left = {0};
    region_within(&a->asked[ASKED_EXCEPTION][i], within, &left);
    for (size_t k = 0; k < a->grants.count && left.count > 0; k++)
        region_minus(&left, &a->asked[ASKED_HOLDS][k]);
    for (size_t k = 0; k < i && left.count > 0; k++)
        region_minus(&left, &a->asked[ASKED_EXCEPTION][k]);
    forbid(a, i, &left);
    add(a, POLICY_EMERGENCY, a->grants.grant[i], &left);
}

/* Where no grant holds, not even by exception. */
static void add_refused(struct answers *a, const struct box_cells *within)
{
    struct region left = {0};
    region_add(&left, within);
    for (size_t k = 0; k < a->grants.count && left.count > 0; k++)
        region_minus(&left, &a->asked[ASKED_HOLDS][k]);
    for (size_t k = 0; k < a->grants.count && left.count > 0; k++)
        region_minus(&left, &a->asked[ASKED_EXCEPTION][k]);
    region_add_all(&a->refused, &left);
    a->full = a->full || a->refused.full;
    region_free(&left);
}

void answers_find(struct answers *a, const struct box_cells *within)
{
    clear(a);
    for (size_t i = 0; i < a->grants.count && !a->full; i++)
        add_normal(a, i, within);
    for (size_t i = 0; i < a->grants.count && !a->full; i++)
        add_exception(a, i, within);
    if (!a->full)
        add_refused(a, within);
}

#include "policy/holds.h"

/* ---- the envelope */

static void with_status(const struct asking *a, struct region *r)
{
    const uint32_t from = a->s->from[a->side], to = a->s->to[a->side];
    const bool test = test_passes(a->p, from, to),
               actual = !is_synthetic(a->p, to) && !is_synthetic(a->p, from);
    struct region exercise = {0};
    region_copy(r, &exercise);
    asking_narrow(a, DIM_STATUS, UINT64_C(1) << (STATUS_EXERCISE - 1), &exercise);
    asking_narrow(a, DIM_TIME, asking_cells(a, DIM_TIME, ATOM_WINDOW, 0), &exercise);
    asking_narrow(a, DIM_STATUS,
                  (test ? UINT64_C(1) << (STATUS_TEST - 1) : 0) |
                      (actual ? UINT64_C(1) << (STATUS_ACTUAL - 1) : 0),
                  r);
    region_add_all(r, &exercise);
    region_free(&exercise);
}

/* One of the grant's bases, with the evidence that it asks for. */
static void with_basis(const struct asking *a, enum dim basis, enum dim evidence, struct region *r)
{
    struct region out = {0};
    asking_narrow(a, basis, asking_cells(a, basis, ATOM_ROW_IN, a->g->bases), r);
    for (uint32_t b = 0; b < a->p->bases_count && b < MASK_WORDS; b++) {
        const uint64_t needed = a->p->bases[b].evidence;
        struct region one = {0};
        if (!has_bit(a->g->bases, b))
            continue;
        region_copy(r, &one);
        asking_narrow(a, basis, asking_cells(a, basis, ATOM_NEEDS, needed), &one);
        if (needed != 0)
            asking_narrow(a, evidence, asking_cells(a, evidence, ATOM_ANY_OF, needed), &one);
        region_add_all(&out, &one);
        region_free(&one);
    }
    region_free(r);
    *r = out;
}

/* What stands before the conditions: memorandum, status, bases; and that the set knows the words.
 */
static void envelope(const struct asking *a, struct region *r)
{
    const struct row_mou *m = &a->p->mous[a->g->mou];
    struct box_cells all;
    space_all(a->s, &all);
    region_add(r, &all);
    asking_narrow(
        a, DIM_TIME,
        space_ask(a->s, DIM_TIME,
                  (struct atom){.op = ATOM_IN_FORCE, .number = m->from_us, .until = m->until_us}),
        r);
    with_status(a, r);
    with_basis(a, DIM_BASIS, DIM_EVIDENCE, r);
    if (asking_watched(a))
        with_basis(a, DIM_WATCHER_BASIS, DIM_WATCHER_EVIDENCE, r);
    asking_narrow(a, DIM_CAMERA, asking_cells(a, DIM_CAMERA, ATOM_KNOWN, 0), r);
    asking_narrow(
        a, DIM_TYPE,
        asking_cells(a, DIM_TYPE, ATOM_KNOWN, 0) | ~asking_cells(a, DIM_TYPE, ATOM_GIVEN, 0), r);
}

static struct asking asking(struct space *s, unsigned side, uint32_t grant)
{
    const struct policy *p = s->u->p[side];
    return (struct asking){.s = s, .p = p, .g = &p->grants[grant], .side = side};
}

/* ---- the whole */

void holds_alternative(struct space *s, unsigned side, uint32_t grant, unsigned alternative,
                       struct region *out)
{
    struct asking a = asking(s, side, grant);
    struct region before = {0};
    envelope(&a, &before);
    const unsigned times = s->gathering || s->incidents == 0 ? 1 : s->incidents;
    for (unsigned i = 0; i < times; i++) {
        struct region one = {0};
        a.incident = i;
        a.named = s->gathering || s->incidents > 0;
        region_copy(&before, &one);
        asking_conditions(&a, alternative, &one);
        region_add_all(out, &one);
        region_free(&one);
    }
    region_free(&before);
}

void holds_normally(struct space *s, unsigned side, uint32_t grant, struct region *out)
{
    holds_alternative(s, side, grant, 0, out);
}

/* ---- emergencies */

static const struct row_emergency *emergency_of(const struct asking *a)
{
    const uint32_t row = a->p->mous[a->g->mou].emergency;
    return row == ROW_NONE ? NULL : &a->p->emergencies[row];
}

static bool may_decide(const struct asking *a, const struct row_emergency *e, uint32_t unit)
{
    for (uint32_t i = 0; i < e->units; i++)
        if (a->p->numbers[e->unit_first + i] == unit)
            return true;
    return false;
}

/* The kind, and the basis of who acts. */
static void is_meant(const struct asking *a, const struct row_emergency *e, struct region *r)
{
    const enum dim basis = asking_watched(a) ? DIM_WATCHER_BASIS : DIM_BASIS;
    if (!has_bit(e->kinds, a->s->line.kind))
        region_clear(r);
    asking_narrow(a, basis, asking_cells(a, basis, ATOM_ROW_IN, e->bases), r);
}

static void declared(const struct asking *a, const struct row_emergency *e, struct region *r)
{
    struct region open = {0};
    if (a->s->line.kind == KIND_VIDEO || !may_decide(a, e, a->s->from[a->side]))
        region_clear(r);
    is_meant(a, e, r);
    asking_narrow(a, DIM_DECLARES, asking_cells(a, DIM_DECLARES, ATOM_KNOWN, 0), r);
    asking_narrow(a, DIM_ROLE, asking_named(a, DIM_ROLE, policy_text(a->p, e->role)), r);
    asking_narrow(a, DIM_ACTOR, 2, r); /* a role is an actor's */
    for (unsigned i = 0; i < a->s->incidents || (a->s->gathering && i == 0); i++) {
        struct region one = {0};
        region_copy(r, &one);
        region_narrow(&one, dim_of(DIM_STATE, i), OPEN_STATE);
        region_add_all(&open, &one);
        region_free(&one);
    }
    region_free(r);
    *r = open;
}

static void covered(const struct asking *a, const struct row_emergency *e, struct region *r)
{
    if (!may_decide(a, e, a->s->from[a->side]) && !may_decide(a, e, a->s->to[a->side]))
        region_clear(r);
    is_meant(a, e, r);
    asking_state(a, KNOWN_STATES, r);
    asking_narrow(a, DIM_EMERGENCY,
                  asking_named(a, DIM_EMERGENCY, policy_text(a->p, a->p->mous[a->g->mou].name)), r);
}

/* Whichever of the incidents it is, whatever the grant asks of that one. */
static void covered_by_any(struct asking *a, const struct row_emergency *e, struct region *out)
{
    struct box_cells all;
    space_all(a->s, &all);
    a->named = true;
    for (unsigned i = 0; i < a->s->incidents || (a->s->gathering && i == 0); i++) {
        struct region one = {0};
        a->incident = i;
        region_add(&one, &all);
        covered(a, e, &one);
        region_add_all(out, &one);
        region_free(&one);
    }
}

void holds_in_emergency(struct space *s, unsigned side, uint32_t grant, struct region *out)
{
    struct asking a = asking(s, side, grant);
    const struct row_emergency *e = emergency_of(&a);
    struct box_cells all;
    if (e == NULL)
        return;
    space_all(s, &all);
    region_add(out, &all);
    declared(&a, e, out);
    if (a.p->duties[grant].approvers > 0)
        covered_by_any(&a, e, out);
}

static void by_exception(const struct asking *a, const struct row_emergency *e,
                         const struct region *before, struct region *out)
{
    struct region one = {0}, cover = {0};
    region_copy(before, &one);
    region_copy(before, &cover);
    declared(a, e, &one);
    covered(a, e, &cover);
    region_add_all(&one, &cover);
    asking_conditions(a, 0, &one);
    region_add_all(out, &one);
    region_free(&one);
    region_free(&cover);
}

void holds_by_exception(struct space *s, unsigned side, uint32_t grant, struct region *out)
{
    struct asking a = asking(s, side, grant);
    const struct row_emergency *e = emergency_of(&a);
    struct region before = {0};
    if (e == NULL)
        return;
    envelope(&a, &before);
    a.named = a.excepts = true;
    for (unsigned i = 0; i < s->incidents || (s->gathering && i == 0); i++) {
        a.incident = i;
        by_exception(&a, e, &before, out);
    }
    region_free(&before);
}

/* ---- prohibitions */

void holds_prohibited(struct space *s, unsigned side, uint32_t grant, struct region *out)
{
    const struct asking a = asking(s, side, grant);
    const struct policy *p = a.p;
    const uint32_t to = s->to[side], roles = p->parties[p->units[to].party].roles;
    for (size_t i = 0; i < p->prohibitions_count && to != p->header->self; i++) {
        const struct row_prohibition *x = &p->prohibitions[i];
        struct box_cells all;
        if ((x->kinds != 0 && !has_bit(x->kinds, s->line.kind)) || (roles & x->roles_spared) != 0 ||
            (x->origins != 0 && a.g->keeps_positions == 0))
            continue;
        space_all(s, &all);
        if (x->origins != 0)
            all.cells[DIM_ORIGIN] &=
                space_ask(s, DIM_ORIGIN, (struct atom){.op = ATOM_MEETS, .mask = x->origins});
        region_add(out, &all);
    }
}

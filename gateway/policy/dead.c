/*
 * Clauses that nothing can ever meet: a grant that contradicts itself, is always beaten by a
 * narrower one or always prohibited; an alternative that never holds or adds nothing; a prohibition
 * or an emergency without a grant to meet. They are warnings: the set decides as it stands, but
 * hardly as its author meant.
 */
#include "policy/checks.h"
#include "policy/when.h"

/* ---- what each grant of a line comes to */

/* Cells of places and of distances go together only where there is such a place. */
static bool is_somewhere(struct checks *x, const struct region *r)
{
    const struct space *s = x->space;
    if (s->dim[DIM_PLACE].atoms < 2 || s->dim[DIM_DISTANCE].atoms + s->dim[DIM_ROUTE].atoms == 0)
        return r->count > 0;
    for (size_t i = 0; i < r->count; i++)
        if (sample_make(x->space, &r->box[i], x->sample) || x->space->unproven)
            return true;
    return false;
}

static enum reached reach(struct checks *x, const struct line_grants *g, size_t i)
{
    struct region left = {0}, prohibited = {0};
    enum reached so_far = NEVER_HOLDS;
    region_copy(&g->holds[i], &left);
    if (is_somewhere(x, &left))
        so_far = ALWAYS_BEATEN;
    for (size_t k = 0; k < i && left.count > 0; k++)
        region_minus(&left, &g->holds[k]);
    if (so_far == ALWAYS_BEATEN && left.count > 0)
        so_far = ALWAYS_PROHIBITED;
    holds_prohibited(g->s, g->side, g->grant[i], &prohibited);
    region_minus(&left, &prohibited);
    if (so_far == ALWAYS_PROHIBITED && left.count > 0)
        so_far = ANSWERS;
    region_free(&left);
    region_free(&prohibited);
    return so_far;
}

static unsigned alternatives_of(const struct policy *p, uint32_t grant)
{
    const struct row_grant *g = &p->grants[grant];
    unsigned most = 0;
    for (uint32_t i = 0; i < g->conditions; i++) {
        const unsigned n = p->conditions[g->condition_first + i].alternative;
        most = n > most ? n : most;
    }
    return most;
}

/* From the last on: what the others cover is not needed. */
static void check_alternatives(struct checks *x, const struct line_grants *g, size_t i)
{
    struct region one[ALTERNATIVES_OF_A_GRANT] = {0};
    struct standing *of = &x->of[g->grant[i]];
    const unsigned count = alternatives_of(x->p, g->grant[i]);
    for (unsigned k = 1; k <= count; k++)
        holds_alternative(g->s, g->side, g->grant[i], k, &one[k]);
    for (unsigned k = count; k >= 1; k--) {
        struct region rest = {0};
        region_copy(&one[k], &rest);
        of->possible |= one[k].count > 0 ? UINT32_C(1) << k : 0;
        for (unsigned other = 1; other <= count && rest.count > 0; other++)
            if (other < k || (of->needed >> other & 1) != 0)
                region_minus(&rest, &one[other]);
        of->needed |= rest.count > 0 ? UINT32_C(1) << k : 0;
        region_free(&rest);
    }
    for (unsigned k = 1; k <= count; k++)
        region_free(&one[k]);
}

void check_reached(struct checks *x, struct line_grants *g)
{
    for (size_t i = 0; i < g->count; i++) {
        struct standing *of = &x->of[g->grant[i]];
        const enum reached here = reach(x, g, i);
        of->reached = here > of->reached ? (uint8_t)here : of->reached;
        if (here > NEVER_HOLDS)
            check_alternatives(x, g, i);
    }
}

/* ---- where a clause stands */

static const struct node *memorandum_of(const struct checks *x, uint32_t mou)
{
    const char *file = policy_text(x->p, x->p->mous[mou].file);
    for (size_t i = 0; i < x->c->documents; i++)
        if (strcmp(document_file(x->c->document[i]), file) == 0)
            return document_root(x->c->document[i]);
    return NULL;
}

/* The item of a list of the memorandum that begins on this line. */
static const struct node *item_at(const struct checks *x, uint32_t mou, const char *list,
                                  unsigned line)
{
    const struct node *n = node_member(memorandum_of(x, mou), list);
    for (size_t i = 0; i < node_count(n); i++)
        if (node_line(node_item(n, i)) == line)
            return node_item(n, i);
    return n;
}

static const struct node *alternative_at(const struct checks *x, uint32_t grant, unsigned k)
{
    const struct row_grant *g = &x->p->grants[grant];
    const struct node *when = node_member(item_at(x, g->mou, "grants", g->line), "when");
    return node_item(node_member(when, "any"), k - 1);
}

/* ---- why a grant never holds */

/* The first line of a grant. */
struct first_line {
    struct checks *x;
    uint32_t grant;
    bool found;
    enum dim why; /* DIMS_KINDS: no dimension alone */
};

/* Whether it would hold if one dimension asked nothing. */
static bool holds_without(struct space *s, uint32_t grant, enum dim dim)
{
    struct region r = {0};
    s->ignored = dim;
    holds_normally(s, 0, grant, &r);
    s->ignored = DIMS_KINDS;
    const bool some = r.count > 0;
    region_free(&r);
    return some;
}

static void find_why(const struct line_of *line, void *arg)
{
    struct first_line *f = arg;
    struct space *s = f->x->space;
    struct region none = {0};
    if (f->found)
        return;
    space_begin(s, &f->x->universe, line);
    holds_normally(s, 0, f->grant, &none);
    region_free(&none);
    space_build(s, space_most_incidents(s));
    f->found = true;
    f->why = DIM_PLACE; /* the rest goes together: there is no such place */
    if (holds_without(s, f->grant, DIMS_KINDS))
        return;
    f->why = DIM_STATUS; /* before the time: exercises pass at some time or other */
    if (holds_without(s, f->grant, DIM_STATUS))
        return;
    f->why = 0;
    while (f->why < DIMS_KINDS && !holds_without(s, f->grant, f->why))
        f->why++;
}

static enum diagnose_code why_never(struct checks *x, uint32_t grant, const char **key)
{
    const struct row_grant *g = &x->p->grants[grant];
    const uint32_t to = x->p->numbers[g->to_first];
    const struct row_slot own = {slot_key(g->kind, g->from, to), 1, {grant}};
    struct first_line f = {x, grant, false, DIMS_KINDS};
    lines_of_slot(x->p, &own, false, find_why, &f);
    *key = f.why < DIMS_KINDS ? dim_key(f.why) : "when";
    switch ((unsigned)f.why) {
    case DIM_TIME: return DIAGNOSE_DEAD_TIME;
    case DIM_STATUS: return DIAGNOSE_DEAD_STATUS;
    case DIM_CAMERA: return DIAGNOSE_DEAD_CAMERA;
    default: return DIAGNOSE_DEAD_CONDITIONS;
    }
}

/* ---- telling */

static bool decides(const struct policy *p, const struct row_emergency *e, uint32_t unit)
{
    for (uint32_t i = 0; i < e->units; i++)
        if (p->numbers[e->unit_first + i] == unit)
            return true;
    return false;
}

/* A person may go past conditions of the grant, so it may answer where these never hold. */
static bool may_be_excepted(const struct policy *p, uint32_t grant)
{
    const struct row_grant *g = &p->grants[grant];
    const uint32_t row = p->mous[g->mou].emergency;
    if (row == ROW_NONE)
        return false;
    const struct row_emergency *e = &p->emergencies[row];
    bool named = decides(p, e, g->from);
    for (uint32_t k = 0; k < g->tos; k++)
        named = named || decides(p, e, p->numbers[g->to_first + k]);
    return named && has_bit(e->kinds, g->kind) && (g->bases & e->bases) != 0;
}

static bool serves_a_grant(const struct policy *p, const struct row_emergency *e)
{
    for (uint32_t i = 0; i < p->grants_count; i++)
        if (p->grants[i].mou == e->mou && may_be_excepted(p, i))
            return true;
    return false;
}

static void tell_grant(struct checks *x, uint32_t grant)
{
    const struct standing *of = &x->of[grant];
    const struct node *place = builder_grant_place(x->c, grant);
    const char *clause = policy_text(x->p, x->p->grants[grant].clause), *key = NULL;
    const uint32_t wider = x->p->grants[grant].narrower_than;
    enum diagnose_code code = DIAGNOSE_DEAD_PROHIBITED;
    if (of->reached == NEVER_HOLDS)
        code = why_never(x, grant, &key);
    else if (of->reached == ALWAYS_BEATEN)
        code = DIAGNOSE_DEAD_BEATEN;
    if (of->reached != ANSWERS && may_be_excepted(x->p, grant))
        return;
    if (of->reached != ANSWERS)
        read_fail(&x->c->reader, place, code, clause, key, NULL);
    else if (wider != ROW_NONE && !of->meets)
        read_fail(&x->c->reader, place, DIAGNOSE_NARROWER_USELESS, clause,
                  policy_text(x->p, x->p->grants[wider].clause), NULL);
}

static void tell_alternatives(struct checks *x, uint32_t grant)
{
    const struct standing *of = &x->of[grant];
    const unsigned count = alternatives_of(x->p, grant);
    if (of->reached == NEVER_HOLDS || may_be_excepted(x->p, grant))
        return;
    for (unsigned k = 1; k <= count; k++) {
        if ((of->possible >> k & 1) == 0)
            read_fail(&x->c->reader, alternative_at(x, grant, k), DIAGNOSE_DEAD_ALTERNATIVE,
                      policy_text(x->p, x->p->grants[grant].clause), NULL, NULL);
        else if ((of->needed >> k & 1) == 0)
            read_fail(&x->c->reader, alternative_at(x, grant, k), DIAGNOSE_NEEDLESS_ALTERNATIVE,
                      policy_text(x->p, x->p->grants[grant].clause), NULL, NULL);
    }
}

/* Conditions of grants are not looked at: where they keep the data away, it is a second lock. */
static bool meets_a_grant(const struct policy *p, const struct row_prohibition *x)
{
    for (size_t i = 0; i < p->grants_count; i++) {
        const struct row_grant *g = &p->grants[i];
        if ((x->kinds != 0 && !has_bit(x->kinds, g->kind)) ||
            (x->origins != 0 && g->keeps_positions == 0))
            continue;
        for (uint32_t k = 0; k < g->tos; k++) {
            const uint32_t to = p->numbers[g->to_first + k];
            if (to != p->header->self &&
                (p->parties[p->units[to].party].roles & x->roles_spared) == 0)
                return true;
        }
    }
    return false;
}

void tell_dead(struct checks *x)
{
    const struct policy *p = x->p;
    if (diagnose_errors(x->c->reader.d) > 0)
        return;
    for (uint32_t i = 0; i < p->grants_count && !x->incomplete; i++) {
        tell_grant(x, i);
        tell_alternatives(x, i);
    }
    for (size_t i = 0; i < p->prohibitions_count; i++) {
        const struct row_prohibition *y = &p->prohibitions[i];
        if (!meets_a_grant(p, y))
            read_fail(&x->c->reader, item_at(x, y->mou, "prohibitions", y->line),
                      DIAGNOSE_DEAD_PROHIBITION, policy_text(p, y->clause), NULL, NULL);
    }
    for (size_t i = 0; i < p->emergencies_count; i++)
        if (!serves_a_grant(p, &p->emergencies[i]))
            read_fail(&x->c->reader,
                      node_member(memorandum_of(x, p->emergencies[i].mou), "emergency"),
                      DIAGNOSE_DEAD_EMERGENCY, NULL, NULL, NULL);
    if (x->incomplete)
        read_fail(&x->c->reader, memorandum_of(x, 0), DIAGNOSE_NOT_ALL_CHECKED, NULL, NULL, NULL);
}

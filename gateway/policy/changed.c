/*
 * Where two sets may answer the questions of one line differently. Grants of both that bring the
 * same are paired in their order; where all pairs hold alike, and no grant without a pair holds,
 * the answers are alike. So it suffices to look where they do not: mostly at nothing, or at the few
 * cells between the old number and the new.
 */
#include "policy/answers.h"
#include "policy/terms.h"

/* ---- two regions */

static bool same_box(const struct box_cells *a, const struct box_cells *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static bool has_box(const struct region *r, const struct box_cells *b)
{
    for (size_t i = 0; i < r->count; i++)
        if (same_box(&r->box[i], b))
            return true;
    return false;
}

/* The boxes that the other region does not have. */
static void boxes_without(const struct region *r, const struct region *other, struct region *out)
{
    for (size_t i = 0; i < r->count; i++)
        if (!has_box(other, &r->box[i]))
            region_add(out, &r->box[i]);
    out->full = out->full || r->full;
}

/* Holds all that just one of them does. Of equally many boxes the i-th came of the same words in
 * both: then it is what just one of these two holds. */
static void differing(const struct region *a, const struct region *b, struct region *out)
{
    struct region x = {0}, y = {0};
    boxes_without(a, b, &x);
    boxes_without(b, a, &y);
    for (size_t i = 0; x.count == y.count && i < x.count; i++) {
        box_minus(&x.box[i], &y.box[i], out);
        box_minus(&y.box[i], &x.box[i], out);
    }
    if (x.count != y.count) {
        region_add_all(out, &x);
        region_add_all(out, &y);
    }
    out->full = out->full || x.full || y.full;
    region_free(&x);
    region_free(&y);
}

/* ---- two grants */

static void add_grant(const struct answers *a, size_t i, struct region *out)
{
    region_add_all(out, &a->asked[ASKED_HOLDS][i]);
    region_add_all(out, &a->asked[ASKED_EXCEPTION][i]);
}

/* Where one answers, and what matters only then differs. */
static void add_while_it_holds(const struct answers *old, size_t i, const struct region *differs,
                               struct region *out)
{
    static const enum asked_of answering[] = {ASKED_HOLDS, ASKED_EXCEPTION};
    for (size_t k = 0; k < ARRAY_LEN(answering); k++) {
        struct region both = {0};
        region_copy(differs, &both);
        region_and(&both, &old->asked[answering[k]][i]);
        region_add_all(out, &both);
        region_free(&both);
    }
}

static void add_pair(const struct answers *old, size_t i, const struct answers *new, size_t k,
                     struct region *out)
{
    static const enum asked_of once[] = {ASKED_EMERGENCY, ASKED_PROHIBITED};
    differing(&old->asked[ASKED_HOLDS][i], &new->asked[ASKED_HOLDS][k], out);
    differing(&old->asked[ASKED_EXCEPTION][i], &new->asked[ASKED_EXCEPTION][k], out);
    for (size_t n = 0; n < ARRAY_LEN(once); n++) {
        struct region differs = {0};
        differing(&old->asked[once[n]][i], &new->asked[once[n]][k], &differs);
        add_while_it_holds(old, i, &differs, out);
        region_free(&differs);
    }
}

static bool are_pair(const struct answers *old, size_t i, const struct answers *new, size_t k)
{
    const uint32_t a = old->grants.grant[i], b = new->grants.grant[k];
    return strcmp(policy_text(old->p, old->p->grants[a].clause),
                  policy_text(new->p, new->p->grants[b].clause)) == 0 &&
           terms_differ(old->p, a, new->p, b, true) == 0;
}

/* The first grant from `k` on that the i-th is a pair with; the count when there is none. */
static size_t pair_of(const struct answers *old, size_t i, const struct answers *new, size_t k)
{
    while (k < new->grants.count && !are_pair(old, i, new, k))
        k++;
    return k;
}

void answers_changed(const struct answers *old, const struct answers *new, struct region *out)
{
    size_t next = 0;
    for (size_t i = 0; i < old->grants.count; i++) {
        const size_t k = pair_of(old, i, new, next);
        if (k == new->grants.count) {
            add_grant(old, i, out);
            continue;
        }
        for (; next < k; next++)
            add_grant(new, next, out);
        add_pair(old, i, new, k, out);
        next = k + 1;
    }
    for (; next < new->grants.count; next++)
        add_grant(new, next, out);
}

/*
 * The decision: exactly one clause answers. The grants for the kind, from and to are judged
 * (judge.c); where none holds, those whose memorandum lets a person go past conditions are judged
 * again; then prohibitions, which beat every grant.
 */
#include "policy/attempt.h"

/* ---- prohibitions */

static bool forbids(const struct row_prohibition *x, const struct policy_question *q,
                    const struct row_grant *g, uint32_t roles)
{
    const bool data =
        x->origins == 0 || (g->keeps_positions != 0 && (q->facts->origins & x->origins) != 0);
    return data && (x->kinds == 0 || has_bit(x->kinds, q->facts->kind)) &&
           (roles & x->roles_spared) == 0;
}

static enum reason reason_of(const struct row_prohibition *x)
{
    return x->origins != 0 ? REASON_ORIGIN_PROHIBITED : REASON_PROHIBITED;
}

static void tell_prohibition(const struct policy_question *q, uint32_t grant,
                             const struct row_prohibition *x, bool forbids)
{
    const struct policy *p = q->policy;
    attempt_tell(q, (struct policy_tried){.step = POLICY_STEP_PROHIBITION,
                                          .grant = grant,
                                          .row = (uint32_t)(x - p->prohibitions),
                                          .incident = POLICY_NONE,
                                          .reason = forbids ? reason_of(x) : REASON_PERMITTED,
                                          .failed = forbids ? policy_text(p, x->because) : ""});
}

/* A prohibition beats every grant. What goes to gateway/self is no release: the gateway's own
 * state. */
static void apply_prohibitions(const struct policy_question *q, uint32_t to, struct attempt *a)
{
    const struct policy *p = q->policy;
    const struct row_grant *g = &p->grants[a->decision.grant];
    const uint32_t roles = p->parties[p->units[to].party].roles;
    if (to == p->header->self)
        return;
    for (size_t i = 0; i < p->prohibitions_count; i++) {
        const struct row_prohibition *x = &p->prohibitions[i];
        const bool forbidden = forbids(x, q, g, roles);
        if (attempt_is_told(q))
            tell_prohibition(q, a->decision.grant, x, forbidden);
        if (!forbidden)
            continue;
        a->depth = FAILED_PROHIBITION;
        a->decision.reason = reason_of(x);
        a->decision.clause = policy_text(p, x->clause);
        a->decision.failed = a->decision.law = policy_text(p, x->because);
        return;
    }
}

/* ---- one clause answers */

/* Without any grant for kind, from and to: the first of the file with the same kind and sender,
 * else with the same kind. */
static void nearest_elsewhere(const struct policy_question *q, struct attempt *a)
{
    const struct policy *p = q->policy;
    enum depth depth = FAILED_TO;
    const struct row_slot *slot = policy_slot(p, slot_key(q->facts->kind, q->from, SLOT_ANY));
    if (slot == NULL) {
        depth = FAILED_FROM;
        slot = policy_slot(p, slot_key(q->facts->kind, SLOT_ANY, SLOT_ANY));
    }
    if (slot != NULL) {
        attempt_differs(q, slot_numbers(p, slot)[0], depth, a);
        return;
    }
    attempt_begin(q, POLICY_NONE, a);
    (void)attempt_fail(a, FAILED_KIND, REASON_NO_GRANT, "kind", "");
}

/* A large set is not in the processor's caches: the grants' first lines are asked for together, so
 * that the waits overlap. */
static void expect(const struct policy *p, const uint32_t *grant, uint32_t count)
{
    enum { AHEAD = 8 };
    for (uint32_t i = 0; i < count && i < AHEAD; i++)
        __builtin_prefetch(&p->grants[grant[i]]);
}

/* The grants of a slot stand last first: the first that holds is the narrowest, and of equally near
 * ones the last is the first of the file. */
static void as_they_stand(const struct policy_question *q, const uint32_t *grant, uint32_t count,
                          uint32_t to, struct attempt *best)
{
    enum depth depth = FAILED_KIND;
    uint32_t nearest = 0;
    for (uint32_t i = 0; i < count && depth != HOLDS; i++) {
        const enum depth came = attempt_compare(q, grant[i]);
        if (came < depth)
            continue;
        depth = came;
        nearest = i;
        if (came < FAILED_CONDITION)
            continue;
        attempt_terms(q, grant[i], to, best);
        depth = best->depth;
    }
    if (depth < FAILED_CONDITION)
        attempt_differs(q, grant[nearest], depth, best);
}

/* Without emergencies on record or declared none of these holds; it is the seldom way. */
static void by_exception(const struct policy_question *q, const uint32_t *grant, uint32_t count,
                         uint32_t to, struct attempt *best)
{
    for (uint32_t i = 0; i < count && best->depth != HOLDS; i++) {
        struct attempt a;
        if (attempt_exception(q, grant[i], to, &a))
            *best = a;
    }
}

static void decide(const struct policy_question *q, uint32_t to, struct attempt *best)
{
    const struct policy *p = q->policy;
    const struct row_slot *slot = policy_slot(p, slot_key(q->facts->kind, q->from, to));
    if (slot == NULL) {
        nearest_elsewhere(q, best);
        return;
    }
    const uint32_t *grant = slot_numbers(p, slot);
    expect(p, grant, slot->count);
    as_they_stand(q, grant, slot->count, to, best);
    if (p->emergencies_count > 0)
        by_exception(q, grant, slot->count, to, best);
    if (best->depth == HOLDS)
        apply_prohibitions(q, to, best);
}

void policy_decide(const struct policy_question *q, uint32_t to, struct decision *out)
{
    struct attempt a;
    decide(q, to, &a);
    *out = a.decision;
}

void policy_trace(const struct policy_question *q, uint32_t to,
                  const struct policy_visitor *visitor, struct decision *out)
{
    struct policy_question traced = *q;
    traced.visitor = visitor;
    policy_decide(&traced, to, out);
}

void policy_decide_else(const struct policy_question *q, uint32_t grant, struct decision *out)
{
    const uint32_t to = q->policy->duties[grant].else_unit;
    struct attempt a;
    (void)attempt_grant(q, grant, to, &a);
    by_exception(q, &grant, 1, to, &a);
    if (a.depth == HOLDS)
        apply_prohibitions(q, to, &a);
    *out = a.decision;
}

void policy_decide_send(const struct policy_question *q, uint32_t *to, struct decision *out)
{
    uint32_t reach[POLICY_REACH_MAX];
    size_t count = policy_reach(q->policy, KIND_VIDEO, q->from, reach);
    struct attempt best = {.depth = FAILED_KIND}, a;
    *to = POLICY_NONE;
    if (count == 0)
        nearest_elsewhere(q, &best);
    for (size_t i = 0; i < count && best.depth != HOLDS; i++) {
        decide(q, reach[i], &a);
        if (a.depth > best.depth)
            best = a;
        if (a.depth == HOLDS)
            *to = reach[i];
    }
    *out = best.decision;
}

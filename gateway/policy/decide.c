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
static struct attempt nearest_elsewhere(const struct policy_question *q)
{
    const struct policy *p = q->policy;
    enum depth depth = FAILED_TO;
    const struct row_slot *slot = policy_slot(p, slot_key(q->facts->kind, q->from, SLOT_ANY));
    if (slot == NULL) {
        depth = FAILED_FROM;
        slot = policy_slot(p, slot_key(q->facts->kind, SLOT_ANY, SLOT_ANY));
    }
    if (slot == NULL)
        return attempt_fail(FAILED_KIND, REASON_NO_GRANT, "kind", "");
    return attempt_elsewhere(q, p->numbers[slot->first], depth);
}

/* A large set is not in the processor's caches. What every grant's judgement reads is asked for
 * before it is needed, so that the waits overlap. */
static void expect(const struct policy *p, const struct row_slot *slot)
{
    enum { AHEAD = 4 };
    for (uint32_t i = 0; i < slot->count && i < AHEAD; i++)
        __builtin_prefetch(&p->grants[p->numbers[slot->first + i]]);
}

/* The grants of a slot stand last first: the first that holds is the narrowest, and of equally near
 * ones the last is the first of the file. */
static struct attempt decide(const struct policy_question *q, uint32_t to)
{
    const struct policy *p = q->policy;
    __builtin_prefetch(&p->units[q->from]);
    __builtin_prefetch(&p->units[to]);
    const struct row_slot *slot = policy_slot(p, slot_key(q->facts->kind, q->from, to));
    struct attempt best = {.depth = FAILED_KIND};
    if (slot == NULL)
        return nearest_elsewhere(q);
    expect(p, slot);
    for (uint32_t i = 0; i < slot->count && best.depth != HOLDS; i++) {
        struct attempt a = attempt_grant(q, p->numbers[slot->first + i], to);
        if (a.depth >= best.depth)
            best = a;
    }
    /* Without emergencies on record or declared none of these holds; it is the seldom way. */
    for (uint32_t i = 0; p->emergencies_count > 0 && i < slot->count && best.depth != HOLDS; i++) {
        struct attempt a = attempt_exception(q, p->numbers[slot->first + i], to);
        if (a.depth == HOLDS)
            best = a;
    }
    if (best.depth == HOLDS)
        apply_prohibitions(q, to, &best);
    return best;
}

void policy_decide(const struct policy_question *q, uint32_t to, struct decision *out)
{
    *out = decide(q, to).decision;
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
    struct attempt a = attempt_grant(q, grant, to);
    struct attempt excepted = a.depth == HOLDS ? a : attempt_exception(q, grant, to);
    if (excepted.depth == HOLDS)
        a = excepted;
    if (a.depth == HOLDS)
        apply_prohibitions(q, to, &a);
    *out = a.decision;
}

void policy_decide_send(const struct policy_question *q, uint32_t *to, struct decision *out)
{
    uint32_t reach[POLICY_REACH_MAX];
    size_t count = policy_reach(q->policy, KIND_VIDEO, q->from, reach);
    struct attempt best = {.depth = FAILED_KIND};
    *to = POLICY_NONE;
    if (count == 0)
        best = nearest_elsewhere(q);
    for (size_t i = 0; i < count && best.depth != HOLDS; i++) {
        struct attempt a = decide(q, reach[i]);
        if (a.depth > best.depth)
            best = a;
        if (a.depth == HOLDS)
            *to = reach[i];
    }
    *out = best.decision;
}

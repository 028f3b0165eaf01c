/*
 * Break-glass. A named person declares an emergency on a message; for a while it covers the
 * memorandum's kinds for that incident. What it lets pass, and what it never does, judge.c says.
 */
#include "policy/snapshot.h"

static const struct row_emergency *emergency_of(const struct policy *p, const struct row_grant *g)
{
    const uint32_t row = p->mous[g->mou].emergency;
    return row == ROW_NONE ? NULL : &p->emergencies[row];
}

static bool may_decide(const struct policy *p, const struct row_emergency *e, uint32_t unit)
{
    for (uint32_t i = 0; i < e->units; i++)
        if (p->numbers[e->unit_first + i] == unit)
            return true;
    return false;
}

/* The kind, and the basis of who acts. */
static bool is_meant(const struct policy_question *q, const struct row_emergency *e)
{
    const uint16_t basis = q->watcher != NULL ? q->watching.basis : q->sender.basis;
    return has_bit(e->kinds, q->facts->kind) && has_bit(e->bases, basis);
}

bool policy_emergency_declared(const struct policy_question *q, const struct row_grant *g)
{
    const struct policy *p = q->policy;
    const struct row_emergency *e = emergency_of(p, g);
    if (e == NULL || !q->declares_emergency || !is_meant(q, e) || !may_decide(p, e, q->from) ||
        !bytes_is(q->facts->actor_role, policy_text(p, e->role)))
        return false;
    for (size_t i = 0; i < q->facts->incidents; i++)
        if (q->incident[i] != NULL && incident_is_open(q->incident[i]))
            return true;
    return false;
}

bool policy_emergency_covers(const struct policy_question *q, const struct row_grant *g,
                             uint32_t incident, uint32_t to)
{
    const struct policy *p = q->policy;
    const struct row_emergency *e = emergency_of(p, g);
    return e != NULL && incident < q->facts->incidents && q->incident[incident] != NULL &&
           is_meant(q, e) && (may_decide(p, e, q->from) || may_decide(p, e, to)) &&
           incident_has_emergency(q->incident[incident],
                                  bytes_of_text(policy_text(p, p->mous[g->mou].name)), q->now_us);
}

bool policy_is_excepted(const struct policy_question *q, uint32_t grant, uint32_t to)
{
    const struct row_grant *g = &q->policy->grants[grant];
    if (policy_emergency_declared(q, g))
        return true;
    for (uint32_t i = 0; i < q->facts->incidents; i++)
        if (policy_emergency_covers(q, g, i, to))
            return true;
    return false;
}

bool policy_emergency(const struct policy *p, uint32_t grant, struct policy_emergency *out)
{
    const struct row_emergency *e = emergency_of(p, &p->grants[grant]);
    if (e == NULL)
        return false;
    *out = (struct policy_emergency){policy_text(p, p->mous[e->mou].name), e->lasts_us,
                                     e->review_within_us, e->reviewers};
    return true;
}

size_t policy_responsible(const struct policy *p, uint32_t grant,
                          const char *party[POLICY_RESPONSIBLE])
{
    const struct row_grant *g = &p->grants[grant];
    const uint32_t processor = p->mous[g->mou].processor, provider = p->units[g->from].party;
    size_t count = 0;
    if (processor != ROW_NONE && processor != provider)
        party[count++] = policy_text(p, p->parties[processor].name);
    party[count++] = policy_text(p, p->parties[provider].name);
    return count;
}

bool policy_permits(enum reason reason)
{
    return reason == REASON_PERMITTED || reason == REASON_PERMITTED_EMERGENCY;
}

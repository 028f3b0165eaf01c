/* What stands before any condition of a grant: the memorandum's time, suspensions, the message's
 * status, the evidence that a basis asks for. */
#include "policy/attempt.h"
#include "policy/tools.h"

const char *attempt_law(const struct policy_question *q, uint16_t basis)
{
    return policy_text(q->policy, q->policy->bases[basis].text_en);
}

static bool in_window(const struct policy_question *q, const struct row_window *w, uint32_t to)
{
    const struct policy *p = q->policy;
    bool from = false, there = to == p->header->self;
    for (uint32_t k = 0; k < w->units; k++) {
        from = from || p->numbers[w->unit_first + k] == q->from;
        there = there || p->numbers[w->unit_first + k] == to;
    }
    return from && there && q->now_us >= w->from_us && q->now_us < w->until_us;
}

/* The condition that the message's status does not meet; NULL when it does. */
static const char *wrong_status(const struct policy_question *q, uint32_t to)
{
    const struct policy *p = q->policy;
    if (q->facts->status == STATUS_TEST)
        return test_passes(p, q->from, to) ? NULL : "status: test, to synthetic units only";
    if (q->facts->status == STATUS_ACTUAL)
        return !is_synthetic(p, to) && !is_synthetic(p, q->from)
                   ? NULL
                   : "status: actual, between real units only";
    for (size_t i = 0; i < p->windows_count; i++)
        if (in_window(q, &p->windows[i], to))
            return NULL;
    return "status: exercise, between units of a declared window";
}

static bool fail_envelope(struct attempt *a, enum reason reason, const char *failed,
                          const char *law)
{
    return attempt_fail(a, FAILED_CONDITION, reason, failed, law);
}

static bool is_proven(const struct policy *p, const struct policy_claim *claim)
{
    const uint64_t needed = p->bases[claim->basis].evidence;
    return needed == 0 || (needed & claim->evidence) != 0;
}

static bool try_evidence(const struct policy_question *q, struct attempt *a)
{
    const struct policy *p = q->policy;
    const bool sender = is_proven(p, &q->sender);
    if (sender && (q->watcher == NULL || is_proven(p, &q->watching)))
        return true;
    const struct policy_claim *claim = sender ? &q->watching : &q->sender;
    const struct row_basis *b = &p->bases[claim->basis];
    const bool gone = (b->evidence & claim->gone) != 0;
    return fail_envelope(a, gone ? REASON_CONSENT_WITHDRAWN : REASON_EVIDENCE_MISSING,
                         policy_text(p, b->evidence_text), attempt_law(q, claim->basis));
}

static bool has_bit_of(const uint64_t *set, uint32_t number)
{
    return set != NULL && (set[number / 64] >> (number % 64) & 1) != 0;
}

uint64_t policy_overdue_pair(uint32_t grant, uint32_t unit)
{
    return (uint64_t)grant << 32 | unit;
}

/* `overdue: suspend`: until the receipt comes. Urgent kinds have no such clause. */
static bool is_overdue(const struct policy_question *q, uint32_t grant, uint32_t to)
{
    const uint64_t pair = policy_overdue_pair(grant, to);
    for (size_t i = 0; i < q->state.overdues; i++)
        if (q->state.overdue[i] == pair)
            return true;
    return false;
}

/* What does not depend on the message, but for its status. */
static enum reason closed(const struct policy_question *q, uint32_t grant, uint32_t to,
                          const char **failed)
{
    const struct policy *p = q->policy;
    const struct row_mou *m = &p->mous[p->grants[grant].mou];
    *failed = "in_force";
    if (q->now_us < m->from_us || q->now_us >= m->until_us)
        return REASON_MOU_NOT_IN_FORCE;
    *failed = "suspended: unit";
    if (has_bit_of(q->state.units_suspended, q->from) || has_bit_of(q->state.units_suspended, to))
        return REASON_PARTY_SUSPENDED;
    *failed = "suspended: grant";
    if (has_bit_of(q->state.grants_suspended, grant))
        return REASON_SUSPENDED;
    *failed = "destroy.overdue: suspend";
    if (q->state.overdues > 0 && is_overdue(q, grant, to))
        return REASON_DESTRUCTION_OVERDUE;
    *failed = wrong_status(q, to);
    return *failed == NULL ? REASON_PERMITTED : REASON_STATUS_NOT_LIVE;
}

enum reason policy_flow_closed(const struct policy *p, const struct policy_flow *flow,
                               const struct policy_state *state, unsigned status, int64_t now_us,
                               const char **failed)
{
    const struct facts facts = {.status = status};
    const struct policy_question q = {
        .policy = p, .facts = &facts, .now_us = now_us, .from = flow->from, .state = *state};
    return closed(&q, flow->grant, flow->to, failed);
}

bool attempt_envelope(const struct policy_question *q, uint32_t to, struct attempt *a)
{
    const char *failed;
    const enum reason r = closed(q, a->decision.grant, to, &failed);
    return r == REASON_PERMITTED ? try_evidence(q, a) : fail_envelope(a, r, failed, "");
}

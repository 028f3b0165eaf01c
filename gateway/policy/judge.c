/*
 * One grant judged: dimensions first (kind, from, to, service, purpose, basis), then the
 * memorandum's time, suspensions, the status and the basis's evidence, then the grant's conditions,
 * so that a refusal never tells a stranger whether an incident exists.
 */
#include "policy/attempt.h"

struct attempt attempt_success(void)
{
    return (struct attempt){HOLDS,
                            {.reason = REASON_PERMITTED,
                             .near = true,
                             .grant = POLICY_NONE,
                             .incident = POLICY_NONE,
                             .clause = "",
                             .failed = "",
                             .law = ""}};
}

struct attempt attempt_fail(enum depth depth, enum reason reason, const char *failed,
                            const char *law)
{
    struct attempt a = attempt_success();
    a.depth = depth;
    a.decision.reason = reason;
    a.decision.near = depth >= FAILED_CONDITION;
    a.decision.failed = failed;
    a.decision.law = law;
    return a;
}

static const char *law_text(const struct policy_question *q, uint16_t basis)
{
    return policy_text(q->policy, q->policy->bases[basis].text_en);
}

/* ---- dimensions */

static struct attempt fail_dimension(const struct policy_question *q, const struct row_grant *g,
                                     enum depth depth, enum reason reason)
{
    return attempt_fail(depth, reason, policy_text(q->policy, g->dimension[depth]), "");
}

/* With what the law says of the basis stated. */
static struct attempt fail_basis(const struct policy_question *q, const struct row_grant *g,
                                 uint16_t basis)
{
    struct attempt a = fail_dimension(q, g, FAILED_BASIS, REASON_BASIS_NOT_ACCEPTED);
    a.decision.law = law_text(q, basis);
    return a;
}

static struct attempt try_dimensions(const struct policy_question *q, const struct row_grant *g)
{
    const bool watched = q->watcher != NULL;
    if (g->service != q->service)
        return fail_dimension(q, g, FAILED_SERVICE, REASON_SERVICE_NOT_GRANTED);
    if ((g->purpose != q->sender.purpose && !has_bit(g->joins, q->sender.purpose)) ||
        (watched && g->purpose != q->watching.purpose))
        return fail_dimension(q, g, FAILED_PURPOSE, REASON_PURPOSE_NOT_GRANTED);
    if (!has_bit(g->bases, q->sender.basis))
        return fail_basis(q, g, q->sender.basis);
    if (watched && !has_bit(g->bases, q->watching.basis))
        return fail_basis(q, g, q->watching.basis);
    return attempt_success();
}

/* ---- the memorandum's time, the status, the evidence that a basis asks for */

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

static bool is_synthetic(const struct policy *p, uint32_t unit)
{
    return p->parties[p->units[unit].party].synthetic != 0;
}

/* The condition that the message's status does not meet; NULL when it does. */
static const char *wrong_status(const struct policy_question *q, uint32_t to)
{
    const struct policy *p = q->policy;
    if (q->facts->status == STATUS_TEST)
        return is_synthetic(p, to) ? NULL : "status: test, to synthetic units only";
    if (q->facts->status == STATUS_ACTUAL)
        return !is_synthetic(p, to) && !is_synthetic(p, q->from)
                   ? NULL
                   : "status: actual, between real units only";
    for (size_t i = 0; i < p->windows_count; i++)
        if (in_window(q, &p->windows[i], to))
            return NULL;
    return "status: exercise, between units of a declared window";
}

static bool is_proven(const struct policy *p, const struct policy_claim *claim)
{
    const uint64_t needed = p->bases[claim->basis].evidence;
    return needed == 0 || (needed & claim->evidence) != 0;
}

static struct attempt try_evidence(const struct policy_question *q)
{
    const struct policy *p = q->policy;
    const bool sender = is_proven(p, &q->sender);
    if (sender && (q->watcher == NULL || is_proven(p, &q->watching)))
        return attempt_success();
    const uint16_t basis = sender ? q->watching.basis : q->sender.basis;
    return attempt_fail(FAILED_CONDITION, REASON_EVIDENCE_MISSING,
                        policy_text(p, p->bases[basis].evidence_text), law_text(q, basis));
}

static bool has_bit_of(const uint64_t *set, uint32_t number)
{
    return set != NULL && (set[number / 64] >> (number % 64) & 1) != 0;
}

static struct attempt try_envelope(const struct policy_question *q, const struct row_grant *g,
                                   uint32_t to)
{
    const struct policy *p = q->policy;
    const struct row_mou *m = &p->mous[g->mou];
    if (q->now_us < m->from_us || q->now_us >= m->until_us)
        return attempt_fail(FAILED_CONDITION, REASON_MOU_NOT_IN_FORCE, "in_force", "");
    if (has_bit_of(q->state.units_suspended, q->from) || has_bit_of(q->state.units_suspended, to))
        return attempt_fail(FAILED_CONDITION, REASON_PARTY_SUSPENDED, "suspended: unit", "");
    if (has_bit_of(q->state.grants_suspended, (uint32_t)(g - p->grants)))
        return attempt_fail(FAILED_CONDITION, REASON_SUSPENDED, "suspended: grant", "");
    const char *status = wrong_status(q, to);
    if (status != NULL)
        return attempt_fail(FAILED_CONDITION, REASON_STATUS_NOT_LIVE, status, "");
    return try_evidence(q);
}

/* ---- conditions */

/* The law's words go only with what the law asks for, not with the memorandum's own terms. */
static struct attempt fail_condition(const struct policy_question *q, const struct row_condition *c,
                                     enum reason reason)
{
    enum ground { TERMS, LAW };
    static const enum ground grounds[CONDITION_OPS] = {
#define CONDITION(NAME, reason, ground, text) [CONDITION_##NAME] = ground,
#include "policy/conditions.def"
#undef CONDITION
    };
    const uint16_t basis = q->watcher != NULL ? q->watching.basis : q->sender.basis;
    return attempt_fail(FAILED_CONDITION, reason, policy_text(q->policy, c->text),
                        grounds[c->op] == LAW ? law_text(q, basis) : "");
}

/* One condition at a time. Alternatives are numbered from 1 and stand together. */
struct judging {
    const struct policy_question *q;
    uint32_t incident, to;
    bool excepts; /* what a named person may go past is passed over */
    uint32_t grant;
    bool asks_incident;         /* the answer depends on the incident */
    const char *passed;         /* the first condition passed over */
    bool has_failed, one_holds; /* an alternative */
    struct attempt first;       /* the first failure of the first alternative */
    const char *passed_there;
};

static void tell_condition(const struct judging *j, const struct row_condition *c, enum reason r,
                           bool passes)
{
    const struct policy *p = j->q->policy;
    attempt_tell(j->q, (struct policy_tried){
                           .step = POLICY_STEP_CONDITION,
                           .grant = j->grant,
                           .row = (uint32_t)(c - p->conditions),
                           .incident = j->incident,
                           .reason = r,
                           .passed_over = passes,
                           .failed = r == REASON_PERMITTED ? "" : policy_text(p, c->text)});
}

/* PERMITTED when it holds or is passed over; `*passed` is set to its text then, if it was empty. */
static enum reason ask(struct judging *j, const struct row_condition *c, const char **passed)
{
    const enum reason r = policy_condition_holds(j->q, c, j->incident, j->to);
    const bool passes =
        r != REASON_PERMITTED && j->excepts && reason_row(r)->urgent == REASON_URGENT_BREAK;
    j->asks_incident = j->asks_incident || policy_condition_asks_incident(j->q, c);
    tell_condition(j, c, r, passes);
    if (!passes)
        return r;
    if (*passed == NULL)
        *passed = policy_text(j->q->policy, c->text);
    return REASON_PERMITTED;
}

/* The conditions of the alternative that begins at `i`; returns where the next one does. One that
 * holds as it stands is better than one where something was passed over. */
static uint32_t try_alternative(struct judging *j, const struct row_grant *g, uint32_t i)
{
    const struct row_condition *c = j->q->policy->conditions + g->condition_first;
    const uint8_t number = c[i].alternative;
    const char *passed = NULL;
    bool holds = true;
    for (; i < g->conditions && c[i].alternative == number; i++) {
        const enum reason r = ask(j, &c[i], &passed);
        if (r != REASON_PERMITTED && !j->has_failed)
            j->first = fail_condition(j->q, &c[i], r);
        j->has_failed = j->has_failed || r != REASON_PERMITTED;
        holds = holds && r == REASON_PERMITTED;
    }
    if (holds && (!j->one_holds || passed == NULL))
        j->passed_there = passed;
    j->one_holds = j->one_holds || holds;
    return i;
}

/* All conditions for one incident, or none (POLICY_NONE). When no alternative holds, the first
 * one's failure counts. */
static struct attempt try_conditions(struct judging *j, const struct row_grant *g)
{
    const struct row_condition *c = j->q->policy->conditions + g->condition_first;
    bool alternatives = false;
    for (uint32_t i = 0; i < g->conditions;) {
        if (c[i].alternative != 0) {
            alternatives = true;
            i = try_alternative(j, g, i);
            continue;
        }
        const enum reason r = ask(j, &c[i], &j->passed);
        if (r != REASON_PERMITTED)
            return fail_condition(j->q, &c[i], r);
        i++;
    }
    if (alternatives && !j->one_holds)
        return j->first;
    struct attempt a = attempt_success();
    if (j->passed == NULL)
        j->passed = j->passed_there;
    if (j->asks_incident)
        a.decision.incident = j->incident;
    return a;
}

/* A grant holds when it holds for one of the incidents named; the first one's failure is reported.
 */
static struct attempt try_incidents(const struct policy_question *q, const struct row_grant *g,
                                    uint32_t to)
{
    const uint32_t incidents = (uint32_t)q->facts->incidents;
    struct judging j = {.q = q,
                        .incident = incidents > 0 ? 0 : POLICY_NONE,
                        .to = to,
                        .grant = (uint32_t)(g - q->policy->grants)};
    struct attempt first = try_conditions(&j, g);
    for (uint32_t i = 1; i < incidents && first.depth != HOLDS; i++) {
        struct judging again = {.q = q, .incident = i, .to = to, .grant = j.grant};
        struct attempt other = try_conditions(&again, g);
        if (other.depth == HOLDS)
            return other;
    }
    return first;
}

static struct attempt named(const struct policy_question *q, uint32_t grant, struct attempt a)
{
    a.decision.grant = grant;
    a.decision.clause = policy_text(q->policy, q->policy->grants[grant].clause);
    return a;
}

struct attempt attempt_elsewhere(const struct policy_question *q, uint32_t grant, enum depth depth)
{
    return named(q, grant, fail_dimension(q, &q->policy->grants[grant], depth, REASON_NO_GRANT));
}

static void tell_step(const struct policy_question *q, enum policy_step step,
                      const struct row_grant *g, const struct attempt *a)
{
    attempt_tell(q, (struct policy_tried){.step = step,
                                          .grant = (uint32_t)(g - q->policy->grants),
                                          .row = POLICY_NONE,
                                          .incident = POLICY_NONE,
                                          .reason = a->decision.reason,
                                          .failed = a->decision.failed});
}

static void tell_emergency(const struct policy_question *q, const struct row_grant *g,
                           uint32_t incident, bool applies)
{
    const uint32_t row = q->policy->mous[g->mou].emergency;
    if (row != ROW_NONE)
        attempt_tell(q,
                     (struct policy_tried){.step = POLICY_STEP_EMERGENCY,
                                           .grant = (uint32_t)(g - q->policy->grants),
                                           .row = row,
                                           .incident = incident,
                                           .reason = applies ? REASON_PERMITTED : REASON_NO_GRANT,
                                           .failed = applies ? "" : "emergency"});
}

/* Conditions are read after what comes before them has been judged: time enough to fetch them. */
static void expect_conditions(const struct policy *p, const struct row_grant *g)
{
    enum { A_LINE = 64, AHEAD = 6 };
    const char *first = (const char *)&p->conditions[g->condition_first];
    const size_t bytes = g->conditions * sizeof *p->conditions;
    for (size_t i = 0; i < AHEAD && i * A_LINE < bytes; i++)
        __builtin_prefetch(first + i * A_LINE);
}

/* What comes before any condition. */
static struct attempt try_frame(const struct policy_question *q, const struct row_grant *g,
                                uint32_t to)
{
    struct attempt a = try_dimensions(q, g);
    tell_step(q, POLICY_STEP_DIMENSIONS, g, &a);
    if (a.depth != HOLDS)
        return a;
    expect_conditions(q->policy, g);
    a = try_envelope(q, g, to);
    tell_step(q, POLICY_STEP_ENVELOPE, g, &a);
    return a;
}

/* A message that holds as it stands, and what a person's emergency changes all the same: a
 * declaration is on record, and approval is not waited for. */
static void note_emergency(const struct policy_question *q, uint32_t grant, uint32_t to,
                           struct attempt *a)
{
    const struct row_grant *g = &q->policy->grants[grant];
    const bool waits = q->policy->duties[grant].approvers > 0;
    const bool declared = policy_emergency_declared(q, g);
    if (!declared && !(waits && policy_is_excepted(q, grant, to)))
        return;
    tell_emergency(q, g, a->decision.incident, true);
    a->decision.reason = REASON_PERMITTED_EMERGENCY;
    a->decision.declares = declared;
    a->decision.failed = waits ? "approval" : "";
}

struct attempt attempt_grant(const struct policy_question *q, uint32_t grant, uint32_t to)
{
    const struct row_grant *g = &q->policy->grants[grant];
    struct attempt a = try_frame(q, g, to);
    if (a.depth == HOLDS)
        a = try_incidents(q, g, to);
    if (a.depth == HOLDS && q->policy->mous[g->mou].emergency != ROW_NONE)
        note_emergency(q, grant, to, &a);
    return named(q, grant, a);
}

/* ---- where a person went past conditions */

struct attempt attempt_exception(const struct policy_question *q, uint32_t grant, uint32_t to)
{
    const struct row_grant *g = &q->policy->grants[grant];
    const bool declared = policy_emergency_declared(q, g);
    struct attempt a = try_frame(q, g, to);
    if (a.depth != HOLDS)
        return a;
    for (uint32_t i = 0; i < q->facts->incidents; i++) {
        struct judging j = {.q = q, .incident = i, .to = to, .grant = grant, .excepts = true};
        const bool applies = declared || policy_emergency_covers(q, g, i, to);
        tell_emergency(q, g, i, applies);
        if (!applies)
            continue;
        a = try_conditions(&j, g);
        if (a.depth != HOLDS)
            continue;
        a.decision.reason = REASON_PERMITTED_EMERGENCY;
        a.decision.failed = j.passed == NULL ? "" : j.passed;
        a.decision.incident = i;
        a.decision.declares = declared;
        return named(q, grant, a);
    }
    return attempt_fail(FAILED_CONDITION, REASON_NO_GRANT, "emergency", "");
}

/*
 * One grant judged: dimensions first (kind, from, to, service, purpose, basis), then what stands
 * before any condition (envelope.c), then the grant's conditions, so that a refusal never tells a
 * stranger whether an incident exists.
 */
#include "policy/attempt.h"

void attempt_begin(const struct policy_question *q, uint32_t grant, struct attempt *a)
{
    const char *clause =
        grant == POLICY_NONE ? "" : policy_text(q->policy, q->policy->grants[grant].clause);
    *a = (struct attempt){HOLDS,
                          {.reason = REASON_PERMITTED,
                           .near = true,
                           .grant = grant,
                           .incident = POLICY_NONE,
                           .clause = clause,
                           .failed = "",
                           .law = ""}};
}

bool attempt_fail(struct attempt *a, enum depth depth, enum reason reason, const char *failed,
                  const char *law)
{
    a->depth = depth;
    a->decision.reason = reason;
    a->decision.near = depth >= FAILED_CONDITION;
    a->decision.failed = failed;
    a->decision.law = law;
    return false;
}

static void tell_step(const struct policy_question *q, enum policy_step step,
                      const struct attempt *a)
{
    attempt_tell(q, (struct policy_tried){.step = step,
                                          .grant = a->decision.grant,
                                          .row = POLICY_NONE,
                                          .incident = POLICY_NONE,
                                          .reason = a->decision.reason,
                                          .failed = a->decision.failed});
}

/* ---- dimensions */

static enum depth compare(const struct policy_question *q, const struct row_grant *g)
{
    const bool watched = q->watcher != NULL;
    if (g->service != q->service)
        return FAILED_SERVICE;
    if ((g->purpose != q->sender.purpose && !has_bit(g->joins, q->sender.purpose)) ||
        (watched && g->purpose != q->watching.purpose))
        return FAILED_PURPOSE;
    if (!has_bit(g->bases, q->sender.basis) || (watched && !has_bit(g->bases, q->watching.basis)))
        return FAILED_BASIS;
    return FAILED_CONDITION;
}

/* Of a basis, with what the law says of the one stated. */
void attempt_differs(const struct policy_question *q, uint32_t grant, enum depth depth,
                     struct attempt *a)
{
    static const enum reason reasons[] = {[FAILED_KIND] = REASON_NO_GRANT,
                                          [FAILED_FROM] = REASON_NO_GRANT,
                                          [FAILED_TO] = REASON_NO_GRANT,
                                          [FAILED_SERVICE] = REASON_SERVICE_NOT_GRANTED,
                                          [FAILED_PURPOSE] = REASON_PURPOSE_NOT_GRANTED,
                                          [FAILED_BASIS] = REASON_BASIS_NOT_ACCEPTED};
    const struct row_grant *g = &q->policy->grants[grant];
    const uint16_t basis = has_bit(g->bases, q->sender.basis) ? q->watching.basis : q->sender.basis;
    attempt_begin(q, grant, a);
    (void)attempt_fail(a, depth, reasons[depth], policy_text(q->policy, g->dimension[depth]),
                       depth == FAILED_BASIS ? attempt_law(q, basis) : "");
}

static void tell_dimensions(const struct policy_question *q, uint32_t grant, enum depth depth)
{
    struct attempt a;
    attempt_begin(q, grant, &a);
    if (depth < FAILED_CONDITION)
        attempt_differs(q, grant, depth, &a);
    tell_step(q, POLICY_STEP_DIMENSIONS, &a);
}

enum depth attempt_compare(const struct policy_question *q, uint32_t grant)
{
    const enum depth depth = compare(q, &q->policy->grants[grant]);
    if (attempt_is_told(q))
        tell_dimensions(q, grant, depth);
    return depth;
}

/* ---- conditions */

/* One condition at a time. Alternatives are numbered from 1 and stand together. */
struct judging {
    const struct policy_question *q;
    const struct row_grant *g;
    const uint32_t *judged; /* rows of its conditions in `distinct` */
    uint32_t incident, to;
    bool excepts;                       /* what a named person may go past is passed over */
    bool asks_incident;                 /* the answer depends on the incident */
    bool one_holds;                     /* an alternative */
    const char *passed;                 /* the first condition passed over */
    const char *passed_there;           /* the same in an alternative */
    const struct row_condition *failed; /* the first that failed in the first alternative */
    enum reason why;
};

static struct judging judging(const struct policy_question *q, const struct row_grant *g,
                              uint32_t incident, uint32_t to)
{
    return (struct judging){
        .q = q, .g = g, .judged = grant_judged(q->policy, g), .incident = incident, .to = to};
}

static const struct row_condition *condition_at(const struct judging *j, uint32_t i)
{
    return &j->q->policy->distinct[j->judged[i]];
}

/* The law's words go only with what the law asks for, not with the memorandum's own terms. */
static bool fail_condition(const struct judging *j, const struct row_condition *c,
                           enum reason reason, struct attempt *a)
{
    enum ground { TERMS, LAW };
    static const enum ground grounds[CONDITION_OPS] = {
#define CONDITION(NAME, reason, ground, text) [CONDITION_##NAME] = ground,
#include "policy/conditions.def"
#undef CONDITION
    };
    const struct policy_question *q = j->q;
    const uint16_t basis = q->watcher != NULL ? q->watching.basis : q->sender.basis;
    return attempt_fail(a, FAILED_CONDITION, reason, policy_text(q->policy, c->text),
                        grounds[c->op] == LAW ? attempt_law(q, basis) : "");
}

static void tell_condition(const struct judging *j, uint32_t i, enum reason r, bool passes)
{
    const struct policy *p = j->q->policy;
    attempt_tell(
        j->q, (struct policy_tried){
                  .step = POLICY_STEP_CONDITION,
                  .grant = (uint32_t)(j->g - p->grants),
                  .row = j->g->condition_first + i,
                  .incident = j->incident,
                  .reason = r,
                  .passed_over = passes,
                  .failed = r == REASON_PERMITTED ? "" : policy_text(p, condition_at(j, i)->text)});
}

/* PERMITTED when it holds or is passed over; `*passed` is set to its text then, if it was empty. */
static enum reason ask(struct judging *j, uint32_t i, const char **passed)
{
    const struct row_condition *c = condition_at(j, i);
    const enum reason r = policy_condition_holds(j->q, c, j->incident, j->to);
    const bool passes =
        r != REASON_PERMITTED && j->excepts && reason_row(r)->urgent == REASON_URGENT_BREAK;
    j->asks_incident = j->asks_incident || policy_condition_asks_incident(j->q, c);
    if (attempt_is_told(j->q))
        tell_condition(j, i, r, passes);
    if (!passes)
        return r;
    if (*passed == NULL)
        *passed = policy_text(j->q->policy, c->text);
    return REASON_PERMITTED;
}

/* The conditions of the alternative that begins at `i`; returns where the next one does. One that
 * holds as it stands is better than one where something was passed over. */
static uint32_t try_alternative(struct judging *j, uint32_t i)
{
    const uint8_t number = condition_at(j, i)->alternative;
    const char *passed = NULL;
    bool holds = true;
    for (; i < j->g->conditions && condition_at(j, i)->alternative == number; i++) {
        const enum reason r = ask(j, i, &passed);
        if (r != REASON_PERMITTED && j->failed == NULL) {
            j->failed = condition_at(j, i);
            j->why = r;
        }
        holds = holds && r == REASON_PERMITTED;
    }
    if (holds && (!j->one_holds || passed == NULL))
        j->passed_there = passed;
    j->one_holds = j->one_holds || holds;
    return i;
}

/* All conditions for one incident, or none (POLICY_NONE). When no alternative holds, the first
 * one's failure counts. */
static bool try_conditions(struct judging *j, struct attempt *a)
{
    bool alternatives = false;
    for (uint32_t i = 0; i < j->g->conditions;) {
        const struct row_condition *c = condition_at(j, i);
        if (c->alternative != 0) {
            alternatives = true;
            i = try_alternative(j, i);
            continue;
        }
        const enum reason r = ask(j, i, &j->passed);
        if (r != REASON_PERMITTED)
            return fail_condition(j, c, r, a);
        i++;
    }
    if (alternatives && !j->one_holds)
        return fail_condition(j, j->failed, j->why, a);
    if (j->passed == NULL)
        j->passed = j->passed_there;
    if (j->asks_incident)
        a->decision.incident = j->incident;
    return true;
}

/* A grant holds when it holds for one of the incidents named; the first one's failure is reported.
 */
static bool try_incidents(const struct policy_question *q, const struct row_grant *g, uint32_t to,
                          struct attempt *a)
{
    const uint32_t incidents = (uint32_t)q->facts->incidents;
    struct judging j = judging(q, g, incidents > 0 ? 0 : POLICY_NONE, to);
    if (try_conditions(&j, a))
        return true;
    for (uint32_t i = 1; i < incidents; i++) {
        struct judging again = judging(q, g, i, to);
        struct attempt other;
        attempt_begin(q, a->decision.grant, &other);
        if (!try_conditions(&again, &other))
            continue;
        *a = other;
        return true;
    }
    return false;
}

static void tell_emergency(const struct policy_question *q, const struct row_grant *g,
                           uint32_t incident, bool applies)
{
    const uint32_t row = q->policy->mous[g->mou].emergency;
    if (row != ROW_NONE && attempt_is_told(q))
        attempt_tell(q,
                     (struct policy_tried){.step = POLICY_STEP_EMERGENCY,
                                           .grant = (uint32_t)(g - q->policy->grants),
                                           .row = row,
                                           .incident = incident,
                                           .reason = applies ? REASON_PERMITTED : REASON_NO_GRANT,
                                           .failed = applies ? "" : "emergency"});
}

/* What comes before any condition. */
static bool begin(const struct policy_question *q, uint32_t grant, uint32_t to, struct attempt *a)
{
    attempt_begin(q, grant, a);
    const bool holds = attempt_envelope(q, to, a);
    if (attempt_is_told(q))
        tell_step(q, POLICY_STEP_ENVELOPE, a);
    return holds;
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

void attempt_terms(const struct policy_question *q, uint32_t grant, uint32_t to, struct attempt *a)
{
    const struct row_grant *g = &q->policy->grants[grant];
    if (begin(q, grant, to, a) && try_incidents(q, g, to, a) &&
        q->policy->mous[g->mou].emergency != ROW_NONE)
        note_emergency(q, grant, to, a);
}

bool attempt_grant(const struct policy_question *q, uint32_t grant, uint32_t to, struct attempt *a)
{
    const enum depth depth = attempt_compare(q, grant);
    if (depth == FAILED_CONDITION)
        attempt_terms(q, grant, to, a);
    else
        attempt_differs(q, grant, depth, a);
    return a->depth == HOLDS;
}

/* ---- where a person went past conditions */

static bool try_exception(const struct policy_question *q, const struct row_grant *g, uint32_t to,
                          uint32_t incident, struct attempt *a)
{
    const bool declared = policy_emergency_declared(q, g);
    const bool applies = declared || policy_emergency_covers(q, g, incident, to);
    struct judging j = judging(q, g, incident, to);
    tell_emergency(q, g, incident, applies);
    j.excepts = true;
    if (!applies || !try_conditions(&j, a))
        return false;
    a->decision.reason = REASON_PERMITTED_EMERGENCY;
    a->decision.failed = j.passed == NULL ? "" : j.passed;
    a->decision.incident = incident;
    a->decision.declares = declared;
    return true;
}

bool attempt_exception(const struct policy_question *q, uint32_t grant, uint32_t to,
                       struct attempt *a)
{
    if (attempt_compare(q, grant) < FAILED_CONDITION || !begin(q, grant, to, a))
        return false;
    for (uint32_t i = 0; i < q->facts->incidents; i++) {
        attempt_begin(q, grant, a);
        if (try_exception(q, &q->policy->grants[grant], to, i, a))
            return true;
    }
    return false;
}

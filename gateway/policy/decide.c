/*
 * The decision: exactly one clause answers. Dimensions first (kind, from, to, service, purpose,
 * basis), then the memorandum's time, the status and the basis's evidence, then the grant's
 * conditions, so that a refusal never tells a stranger whether an incident exists; then
 * prohibitions.
 */
#include "policy/snapshot.h"

/* How far a grant came before it failed: the further, the nearer it was. The first six are the
 * dimensions. */
enum depth {
    FAILED_KIND = DIMENSION_KIND,
    FAILED_FROM = DIMENSION_FROM,
    FAILED_TO = DIMENSION_TO,
    FAILED_SERVICE = DIMENSION_SERVICE,
    FAILED_PURPOSE = DIMENSION_PURPOSE,
    FAILED_BASIS = DIMENSION_BASIS,
    FAILED_CONDITION,
    FAILED_PROHIBITION,
    HOLDS
};

struct attempt {
    enum depth depth;
    struct decision decision;
};

static struct attempt success(void)
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

static struct attempt fail(enum depth depth, enum reason reason, const char *failed,
                           const char *law)
{
    struct attempt a = success();
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
    return fail(depth, reason, policy_text(q->policy, g->dimension[depth]), "");
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
    return success();
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
        return success();
    const uint16_t basis = sender ? q->watching.basis : q->sender.basis;
    return fail(FAILED_CONDITION, REASON_EVIDENCE_MISSING,
                policy_text(p, p->bases[basis].evidence_text), law_text(q, basis));
}

static struct attempt try_envelope(const struct policy_question *q, const struct row_grant *g,
                                   uint32_t to)
{
    const struct policy *p = q->policy;
    const struct row_mou *m = &p->mous[g->mou];
    if (q->now_us < m->from_us || q->now_us >= m->until_us)
        return fail(FAILED_CONDITION, REASON_MOU_NOT_IN_FORCE, "in_force", "");
    const char *status = wrong_status(q, to);
    if (status != NULL)
        return fail(FAILED_CONDITION, REASON_STATUS_NOT_LIVE, status, "");
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
    return fail(FAILED_CONDITION, reason, policy_text(q->policy, c->text),
                grounds[c->op] == LAW ? law_text(q, basis) : "");
}

/* All conditions for one incident, or none (POLICY_NONE). Alternatives are numbered from 1; when
 * none of them holds, the first one's failure counts. */
static struct attempt try_conditions(const struct policy_question *q, const struct row_grant *g,
                                     uint32_t incident, uint32_t to)
{
    const struct row_condition *c = q->policy->conditions + g->condition_first;
    struct attempt alternatives = success();
    bool asks_incident = false, one_holds = false, this_holds = true;
    for (uint32_t i = 0; i < g->conditions; i++) {
        const enum reason r = policy_condition_holds(q, &c[i], incident, to);
        const bool last = i + 1 == g->conditions || c[i + 1].alternative != c[i].alternative;
        asks_incident = asks_incident || policy_condition_asks_incident(q, &c[i]);
        if (r != REASON_PERMITTED && c[i].alternative == 0)
            return fail_condition(q, &c[i], r);
        if (r != REASON_PERMITTED && alternatives.depth == HOLDS)
            alternatives = fail_condition(q, &c[i], r);
        this_holds = this_holds && r == REASON_PERMITTED;
        if (last && c[i].alternative != 0) {
            one_holds = one_holds || this_holds;
            this_holds = true;
        }
    }
    struct attempt a = one_holds ? success() : alternatives;
    if (a.depth == HOLDS && asks_incident)
        a.decision.incident = incident;
    return a;
}

/* A grant holds when it holds for one of the incidents named; the first one's failure is reported.
 */
static struct attempt try_incidents(const struct policy_question *q, const struct row_grant *g,
                                    uint32_t to)
{
    const uint32_t incidents = (uint32_t)q->facts->incidents;
    struct attempt first = try_conditions(q, g, incidents > 0 ? 0 : POLICY_NONE, to);
    for (uint32_t i = 1; i < incidents && first.depth != HOLDS; i++) {
        struct attempt other = try_conditions(q, g, i, to);
        if (other.depth == HOLDS)
            return other;
    }
    return first;
}

static struct attempt try_grant(const struct policy_question *q, uint32_t grant, uint32_t to)
{
    const struct row_grant *g = &q->policy->grants[grant];
    struct attempt a = try_dimensions(q, g);
    if (a.depth == HOLDS)
        a = try_envelope(q, g, to);
    if (a.depth == HOLDS)
        a = try_incidents(q, g, to);
    a.decision.grant = grant;
    a.decision.clause = policy_text(q->policy, g->clause);
    return a;
}

/* ---- prohibitions */

static bool forbids(const struct row_prohibition *x, const struct policy_question *q,
                    const struct row_grant *g, uint32_t roles)
{
    const bool data =
        x->origins == 0 || (g->keeps_positions != 0 && (q->facts->origins & x->origins) != 0);
    return data && (x->kinds == 0 || has_bit(x->kinds, q->facts->kind)) &&
           (roles & x->roles_spared) == 0;
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
        if (!forbids(x, q, g, roles))
            continue;
        a->depth = FAILED_PROHIBITION;
        a->decision.reason = x->origins != 0 ? REASON_ORIGIN_PROHIBITED : REASON_PROHIBITED;
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
        return fail(FAILED_KIND, REASON_NO_GRANT, "kind", "");
    const uint32_t grant = p->numbers[slot->first];
    struct attempt a = fail_dimension(q, &p->grants[grant], depth, REASON_NO_GRANT);
    a.decision.grant = grant;
    a.decision.clause = policy_text(p, p->grants[grant].clause);
    return a;
}

/* The grants of a slot stand last first: the first that holds is the narrowest, and of equally near
 * ones the last is the first of the file. */
static struct attempt decide(const struct policy_question *q, uint32_t to)
{
    const struct policy *p = q->policy;
    const struct row_slot *slot = policy_slot(p, slot_key(q->facts->kind, q->from, to));
    struct attempt best = {.depth = FAILED_KIND};
    if (slot == NULL)
        return nearest_elsewhere(q);
    for (uint32_t i = 0; i < slot->count && best.depth != HOLDS; i++) {
        struct attempt a = try_grant(q, p->numbers[slot->first + i], to);
        if (a.depth >= best.depth)
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

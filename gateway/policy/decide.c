/*
 * The decision: exactly one clause answers. Dimensions first (kind, from, to, service, purpose,
 * basis), then the memorandum's time and the grant's conditions, so that a refusal never tells a
 * stranger whether an incident exists; then prohibitions.
 */
#include "policy/rows.h"

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
    HOLDS
};

struct attempt {
    enum depth depth;
    enum reason reason;
    uint32_t grant, incident;
    const char *failed;
    const char *law;
};

static struct attempt fail(enum depth depth, enum reason reason, const char *failed)
{
    return (struct attempt){depth, reason, POLICY_NONE, POLICY_NONE, failed, ""};
}

static bool is_set(uint64_t mask, unsigned bit)
{
    return bit < 64 && (mask >> bit & 1) != 0;
}

/* Evidence that the basis itself asks for. An incident named in the header is evidence of the kind
 * incident-id. */
static bool basis_is_evidenced(const struct policy *p, uint16_t basis, const struct facts *f,
                               bool names_incident)
{
    const struct row_basis *b = &p->bases[basis];
    uint16_t incident_word = policy_word(p, WORD_EVIDENCE, bytes_of_text("incident-id"));
    for (uint32_t k = 0; k < b->evidences; k++) {
        uint32_t wanted = p->numbers[b->evidence_first + k];
        if (names_incident && wanted == incident_word)
            return true;
        for (size_t i = 0; i < f->evidences; i++)
            if (f->evidence[i].value.n > 0 &&
                policy_word(p, WORD_EVIDENCE, f->evidence[i].kind) == wanted)
                return true;
    }
    return b->evidences == 0;
}

static struct attempt fail_dimension(const struct policy_question *q, const struct row_grant *g,
                                     enum depth depth, enum reason reason)
{
    return fail(depth, reason, policy_text(q->policy, g->dimension[depth]));
}

static struct attempt try_dimensions(const struct policy_question *q, const struct row_grant *g)
{
    if (g->service != q->service)
        return fail_dimension(q, g, FAILED_SERVICE, REASON_SERVICE_NOT_GRANTED);
    bool purpose = g->purpose == q->purpose || is_set(g->joins, q->purpose);
    if (q->watcher != NULL)
        purpose = purpose && g->purpose == q->watcher_purpose;
    if (!purpose)
        return fail_dimension(q, g, FAILED_PURPOSE, REASON_PURPOSE_NOT_GRANTED);
    if (!is_set(g->bases, q->basis) || (q->watcher != NULL && !is_set(g->bases, q->watcher_basis)))
        return fail_dimension(q, g, FAILED_BASIS, REASON_BASIS_NOT_ACCEPTED);
    return (struct attempt){.depth = HOLDS, .reason = REASON_PERMITTED, .failed = "", .law = ""};
}

static const char *law_of(const struct policy_question *q)
{
    uint16_t basis = q->watcher != NULL ? q->watcher_basis : q->basis;
    return policy_text(q->policy, q->policy->bases[basis].text_en);
}

/* All conditions for one incident (or none). Alternatives are numbered from 1; when none holds, the
 * first one's failure counts. */
static struct attempt try_conditions(const struct policy_question *q, const struct row_grant *g,
                                     const struct incident *incident, uint32_t to)
{
    const struct row_condition *c = q->policy->conditions + g->condition_first;
    struct attempt first_alternative = {0};
    bool any_seen = false, any_holds = false, this_holds = true;
    for (uint32_t i = 0; i < g->conditions; i++) {
        enum reason r = policy_condition_holds(q, &c[i], incident, to);
        bool last_of_group = i + 1 == g->conditions || c[i + 1].alternative != c[i].alternative;
        if (r != REASON_PERMITTED) {
            struct attempt a = fail(FAILED_CONDITION, r, policy_text(q->policy, c[i].text));
            a.law = law_of(q);
            if (c[i].alternative == 0)
                return a;
            if (!any_seen && first_alternative.depth == FAILED_KIND)
                first_alternative = a;
            this_holds = false;
        }
        if (c[i].alternative != 0 && last_of_group) {
            any_holds = any_holds || this_holds;
            any_seen = true;
            this_holds = true;
        }
    }
    if (any_seen && !any_holds)
        return first_alternative;
    return (struct attempt){.depth = HOLDS, .reason = REASON_PERMITTED, .failed = "", .law = ""};
}

static bool status_fits(const struct policy_question *q, uint32_t to)
{
    const struct policy *p = q->policy;
    bool synthetic = p->parties[p->units[to].party].synthetic != 0;
    if (q->facts->status == STATUS_TEST)
        return synthetic;
    if (q->facts->status == STATUS_ACTUAL)
        return !synthetic;
    for (size_t i = 0; i < p->windows_count; i++) {
        const struct row_window *w = &p->windows[i];
        bool from = false, there = to == p->header->self;
        for (uint32_t k = 0; k < w->units; k++) {
            from = from || p->numbers[w->unit_first + k] == q->from;
            there = there || p->numbers[w->unit_first + k] == to;
        }
        if (from && there && q->now_us >= w->from_us && q->now_us < w->until_us)
            return true;
    }
    return false;
}

static struct attempt try_envelope(const struct policy_question *q, const struct row_grant *g,
                                   uint32_t to)
{
    const struct row_mou *m = &q->policy->mous[g->mou];
    if (q->now_us < m->from_us || q->now_us >= m->until_us)
        return fail(FAILED_CONDITION, REASON_MOU_NOT_IN_FORCE, "in_force");
    if (!status_fits(q, to))
        return fail(FAILED_CONDITION, REASON_STATUS_NOT_LIVE,
                    q->facts->status == STATUS_EXERCISE
                        ? "status: exercise, within a declared window"
                        : "status: actual to real units, test to synthetic");
    bool named = q->facts->incidents > 0;
    if (!basis_is_evidenced(q->policy, q->basis, q->facts, named) ||
        (q->watcher != NULL &&
         !basis_is_evidenced(q->policy, q->watcher_basis, q->watcher, named))) {
        struct attempt a =
            fail(FAILED_CONDITION, REASON_EVIDENCE_MISSING, "evidence for the basis");
        a.law = law_of(q);
        return a;
    }
    return (struct attempt){.depth = HOLDS, .reason = REASON_PERMITTED, .failed = "", .law = ""};
}

/* A grant holds when it holds for one of the incidents named; the first one's failure is reported.
 */
static struct attempt try_grant(const struct policy_question *q, uint32_t grant, uint32_t to)
{
    const struct row_grant *g = &q->policy->grants[grant];
    struct attempt a = try_dimensions(q, g);
    if (a.depth == HOLDS)
        a = try_envelope(q, g, to);
    if (a.depth == HOLDS) {
        a = try_conditions(q, g, q->facts->incidents > 0 ? q->incident[0] : NULL, to);
        a.incident = 0;
        for (uint32_t i = 1; i < q->facts->incidents && a.depth != HOLDS; i++) {
            struct attempt other = try_conditions(q, g, q->incident[i], to);
            if (other.depth == HOLDS) {
                a = other;
                a.incident = i;
            }
        }
        if (q->facts->incidents == 0)
            a.incident = POLICY_NONE;
    }
    a.grant = grant;
    return a;
}

static const struct row_prohibition *prohibited(const struct policy_question *q,
                                                const struct row_grant *g, uint32_t to)
{
    const struct policy *p = q->policy;
    uint32_t roles = p->parties[p->units[to].party].roles;
    if (to == p->header->self)
        return NULL; /* not a release: the gateway's own state */
    for (size_t i = 0; i < p->prohibitions_count; i++) {
        const struct row_prohibition *x = &p->prohibitions[i];
        bool data =
            x->origins == 0 || (g->keeps_positions != 0 && (q->facts->origins & x->origins) != 0);
        bool basis = x->bases == 0 || is_set(x->bases, q->basis);
        bool kind = x->kinds == 0 || is_set(x->kinds, q->facts->kind);
        if (data && basis && kind && (roles & x->roles_spared) == 0)
            return x;
    }
    return NULL;
}

/* Without any grant for kind, from and to: the grant with the most leading dimensions equal, ties
 * by file order. */
static struct attempt nearest_elsewhere(const struct policy_question *q)
{
    const struct policy *p = q->policy;
    struct attempt best = fail(FAILED_KIND, REASON_NO_GRANT, "kind");
    for (size_t i = 0; i < p->grants_count; i++) {
        const struct row_grant *g = &p->grants[i];
        if (g->kind != q->facts->kind)
            continue;
        enum depth depth = g->from == q->from ? FAILED_TO : FAILED_FROM;
        if (best.grant != POLICY_NONE && depth <= best.depth)
            continue;
        best = fail_dimension(q, g, depth, REASON_NO_GRANT);
        best.grant = (uint32_t)i;
    }
    return best;
}

static void answer(const struct policy_question *q, const struct attempt *a, struct decision *out)
{
    *out = (struct decision){.reason = a->reason,
                             .grant = a->grant,
                             .incident = a->incident,
                             .clause =
                                 a->grant == POLICY_NONE
                                     ? ""
                                     : policy_text(q->policy, q->policy->grants[a->grant].clause),
                             .failed = a->failed,
                             .law = a->law};
}

void policy_decide(const struct policy_question *q, uint32_t to, struct decision *out)
{
    const struct policy *p = q->policy;
    const struct row_slot *slot = policy_slot(p, slot_key(q->facts->kind, q->from, to));
    struct attempt best = {.depth = FAILED_KIND};
    /* Narrower grants stand first in a slot, so that they win where both hold. */
    for (uint32_t i = 0; slot != NULL && i < slot->count; i++) {
        struct attempt a = try_grant(q, p->numbers[slot->first + i], to);
        if (i == 0 || a.depth > best.depth)
            best = a;
        if (a.depth == HOLDS)
            break;
    }
    if (slot == NULL)
        best = nearest_elsewhere(q);
    answer(q, &best, out);
    if (best.depth != HOLDS)
        return;
    const struct row_prohibition *x = prohibited(q, &p->grants[best.grant], to);
    if (x != NULL) {
        out->reason = x->origins != 0 ? REASON_ORIGIN_PROHIBITED : REASON_PROHIBITED;
        out->clause = policy_text(p, x->clause);
        out->failed = policy_text(p, x->because);
        out->law = out->failed;
    }
}

void policy_decide_send(const struct policy_question *q, uint32_t *to, struct decision *out)
{
    uint32_t reach[POLICY_REACH_MAX];
    size_t count = policy_reach(q->policy, KIND_VIDEO, q->from, reach);
    *to = POLICY_NONE;
    if (count == 0) {
        struct attempt a = nearest_elsewhere(q);
        answer(q, &a, out);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct decision d;
        policy_decide(q, reach[i], &d);
        if (i == 0 || d.reason == REASON_PERMITTED)
            *out = d;
        if (d.reason == REASON_PERMITTED) {
            *to = reach[i];
            return;
        }
    }
}

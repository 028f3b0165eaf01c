/* Asking the decision about a sample, and making it as short as it can be. */
#include "policy/sample.h"

static uint64_t active_regions(const struct sample *x, const struct policy *p)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < x->headquarters_count; i++) {
        const uint16_t word = policy_word(p, WORD_REGION, x->headquarters[i]);
        if (word != NO_WORD)
            mask |= UINT64_C(1) << word;
    }
    return mask;
}

static struct answer unknown(enum reason reason, const char *failed)
{
    return (struct answer){POLICY_REFUSED,
                           {.reason = reason,
                            .grant = POLICY_NONE,
                            .incident = POLICY_NONE,
                            .clause = "",
                            .failed = failed,
                            .law = ""}};
}

static enum policy_verdict verdict_of(const struct policy *p, const struct decision *d)
{
    if (d->reason == REASON_PERMITTED_EMERGENCY)
        return POLICY_EMERGENCY;
    if (d->reason != REASON_PERMITTED)
        return POLICY_REFUSED;
    return p->duties[d->grant].approvers > 0 ? POLICY_HELD : POLICY_PERMITTED;
}

static enum reason question(const struct sample *x, const struct policy *p,
                            struct policy_question *q, const char **failed)
{
    const struct incident *incident[FACTS_INCIDENT_MAX] = {NULL};
    for (size_t i = 0; i < x->facts.incidents; i++)
        incident[i] = x->known[i] ? &x->incident[i] : NULL;
    const enum reason r =
        policy_ask(p, &x->facts, x->watched ? &x->watcher : NULL, incident, x->now_us, q, failed);
    q->state.regions_active = active_regions(x, p);
    q->state.consent = x->consent_gone ? POLICY_CONSENT_GONE : POLICY_CONSENT_STANDS;
    return r;
}

enum reason sample_question(const struct sample *x, const struct policy *p,
                            struct policy_question *q)
{
    const char *failed;
    return question(x, p, q, &failed);
}

struct answer sample_ask(const struct sample *x, const struct policy *p)
{
    struct policy_question q;
    struct answer a;
    const char *failed;
    const enum reason r = question(x, p, &q, &failed);
    if (r != REASON_PERMITTED)
        return unknown(r, failed);
    const uint32_t to = policy_unit(p, bytes_of_text(x->to));
    if (to == POLICY_NONE)
        return unknown(REASON_RECIPIENT_UNKNOWN, "to: a unit of the inventory");
    policy_decide(&q, to, &a.decision);
    a.verdict = verdict_of(p, &a.decision);
    return a;
}

/* ---- shorter: each leaves one thing out; false when it is not there */

/* A change of the gateway's own state always names one. */
static bool without_incident(struct sample *x)
{
    if (x->facts.incidents == 0 || kind_row(x->facts.kind)->for_gateway_only)
        return false;
    x->facts.incidents--;
    return true;
}

static bool without_cameras(struct sample *x)
{
    const bool some = x->facts.cameras > 0;
    x->facts.cameras = 0;
    return some;
}

static bool without_consent(struct sample *x)
{
    const bool some = x->facts.consent.present;
    x->facts.consent = (struct facts_consent){0};
    x->consent_gone = false;
    return some;
}

static bool without_emergency(struct sample *x)
{
    const bool some = x->facts.has_emergency;
    x->facts.has_emergency = x->facts.emergency_text = false;
    x->facts.emergency_reason = bytes_of(NULL, 0);
    return some;
}

static bool without_actor(struct sample *x)
{
    const bool some = x->facts.has_actor || x->watcher.has_actor;
    x->facts.has_actor = x->watcher.has_actor = false;
    x->facts.actor_role = bytes_of(NULL, 0);
    return some;
}

static bool without_evidence(struct sample *x)
{
    const bool some = x->facts.evidences > 0;
    x->facts.evidences -= some;
    return some;
}

static bool without_watchers_evidence(struct sample *x)
{
    const bool some = x->watcher.evidences > 0;
    x->watcher.evidences -= some;
    return some;
}

static bool without_headquarters(struct sample *x)
{
    const bool some = x->headquarters_count > 0;
    x->headquarters_count -= some;
    return some;
}

static bool without_origins(struct sample *x)
{
    const bool some = x->facts.origins != 0;
    x->facts.origins = 0;
    return some;
}

static bool without_subject(struct sample *x)
{
    const bool some = x->facts.categories != 0 || x->facts.age_band != 0;
    x->facts.categories = 0;
    x->facts.age_band = 0;
    return some;
}

void sample_reduce(struct sample *x, bool (*holds)(const struct sample *x, void *arg), void *arg)
{
    static bool (*const shorter[])(struct sample * x) = {
        without_incident, without_incident,          without_cameras,      without_consent,
        without_actor,    without_emergency,         without_evidence,     without_evidence,
        without_evidence, without_watchers_evidence, without_headquarters, without_origins,
        without_subject};
    for (size_t i = 0; i < ARRAY_LEN(shorter); i++) {
        const struct facts facts = x->facts, watcher = x->watcher;
        const size_t headquarters = x->headquarters_count;
        const bool gone = x->consent_gone;
        if (!shorter[i](x) || holds(x, arg))
            continue;
        x->facts = facts;
        x->watcher = watcher;
        x->headquarters_count = headquarters;
        x->consent_gone = gone;
    }
}

/*
 * The edge's view of what stands beside incidents, and what messages do to it: headquarters of
 * regions, consents. A consent is known here, as everywhere, by the keyed digest of its subject and
 * reference alone.
 */
#include "service/intake.h"

#include <fedgate/v1/fedgate.pb-c.h>

/* ---- digests */

/* Real messages, those of an exercise and those of tests each have consents of their own. */
static void consent_digest(const struct edge *e, const struct facts *f, struct bytes ref,
                           uint8_t out[STANDING_DIGEST])
{
    const char *what = f->status == STATUS_EXERCISE ? "consent in an exercise"
                       : f->status == STATUS_TEST   ? "consent in a test"
                                                    : "consent";
    const struct bytes part[] = {
        bytes_of_text(what), bytes_of(&f->subject_party.n, sizeof f->subject_party.n),
        f->subject_party,    bytes_of(&f->subject_ref.n, sizeof f->subject_ref.n),
        f->subject_ref,      ref};
    _Static_assert((int)STANDING_DIGEST == (int)MAC_BYTES, "a digest is a whole MAC");
    mac_keyed(e->tag_key, part, ARRAY_LEN(part), out);
}

/* A purpose of one consent: the same word gives another tag with another consent. */
static void purpose_tag(const struct edge *e, const uint8_t consent[STANDING_DIGEST],
                        struct bytes purpose, uint8_t out[STANDING_TAG])
{
    uint8_t whole[MAC_BYTES];
    const struct bytes part[] = {bytes_of_text("consent purpose"),
                                 bytes_of(consent, STANDING_DIGEST), purpose};
    mac_keyed(e->tag_key, part, ARRAY_LEN(part), whole);
    memcpy(out, whole, STANDING_TAG);
}

/* ---- what a decision is told */

/* Which consent of the subject this is, and for what, as scopes name it. */
static void consent_for(const struct edge *e, const struct facts *subject, struct bytes ref,
                        struct bytes purpose, uint8_t out[ROAD_CONSENT])
{
    consent_digest(e, subject, ref, out);
    purpose_tag(e, out, purpose, out + STANDING_DIGEST);
}

/* The consent that the message carries, then those that it names as evidence; empty past the last.
 */
static struct bytes named(const struct facts *f, size_t *at)
{
    if (*at == 0 && ++*at > 0 && f->consent.present && f->consent.ref.n > 0)
        return f->consent.ref;
    while (*at <= f->evidences) {
        const struct facts_evidence *x = &f->evidence[(*at)++ - 1];
        if (bytes_is(x->kind, "consent-reference") && x->value.n > 0)
            return x->value;
    }
    return bytes_of(NULL, 0);
}

/* Any that `says` names, for what it states as its purpose. `about` says whose it is. */
static bool any_is_gone(const struct edge *e, const struct facts *about, const struct facts *says)
{
    uint8_t consent[ROAD_CONSENT];
    struct bytes ref;
    for (size_t at = 0; about->has_subject && (ref = named(says, &at)).n > 0;) {
        consent_for(e, about, ref, says->purpose, consent);
        if (standing_is_gone(e->standing, consent, consent + STANDING_DIGEST))
            return true;
    }
    return false;
}

void standing_tell(const struct edge *e, struct policy_question *q)
{
    const char *region;
    if (q->facts->status != STATUS_ACTUAL)
        q->state.regions_active = UINT64_MAX; /* an exercise is about a disaster that is supposed */
    for (size_t i = 0; (region = standing_region(e->standing, i)) != NULL; i++)
        q->state.regions_active |= policy_region(e->policy, bytes_of_text(region));
    if (standing_consents(e->standing) == 0)
        return;
    if (any_is_gone(e, q->facts, q->facts))
        policy_consent_is_gone(q, false);
    if (q->watcher != NULL && any_is_gone(e, q->facts, q->watcher))
        policy_consent_is_gone(q, true);
}

/* ---- what rests on a consent */

const char standing_one[] = "consent-reference: one, that of the consent";

bool standing_names_one(const struct policy_question *q)
{
    const struct facts *const who[] = {q->facts, q->watcher};
    struct bytes first = {0}, ref;
    for (size_t k = 0; k < ARRAY_LEN(who) && who[k] != NULL && q->facts->has_subject; k++)
        for (size_t at = 0; (ref = named(who[k], &at)).n > 0; first = ref)
            if (first.n > 0 && !bytes_equal(ref, first))
                return false;
    return true;
}

static bool is_permitted_without(const struct policy_question *q, bool of_watcher, uint32_t to,
                                 uint32_t by)
{
    struct policy_question without = *q;
    struct decision d;
    policy_consent_is_gone(&without, of_watcher);
    if (by != POLICY_NONE)
        policy_decide_else(&without, by, &d);
    else
        policy_decide(&without, to, &d);
    return policy_permits(d.reason);
}

/* What a watcher names stands for its own use of the stream, and so comes first. */
bool standing_rests(const struct edge *e, const struct policy_question *q, uint32_t to, uint32_t by,
                    uint8_t out[ROAD_CONSENT])
{
    const struct facts *const who[] = {q->watcher, q->facts};
    for (size_t k = 0; k < ARRAY_LEN(who) && q->facts->has_subject; k++) {
        size_t at = 0;
        const struct bytes ref = who[k] == NULL ? bytes_of(NULL, 0) : named(who[k], &at);
        if (ref.n == 0 || is_permitted_without(q, who[k] == q->watcher, to, by))
            continue;
        consent_for(e, q->facts, ref, who[k]->purpose, out);
        return true;
    }
    return false;
}

_Static_assert((int)ROAD_CONSENT_DIGEST == (int)STANDING_DIGEST &&
                   (int)ROAD_CONSENT == STANDING_DIGEST + STANDING_TAG,
               "a scope names its consent as the view of them does");

/* ---- what a message changes */

static bool refuse(struct intake *i, enum reason reason, const char *failed)
{
    intake_refuse(i, reason, failed);
    return false;
}

static bool plan(struct intake *i, const struct standing_change *c)
{
    enum standing_verdict v = standing_judge(i->e->standing, c);
    if (v == STANDING_TOO_MANY)
        return refuse(i, REASON_QUOTA_EXCEEDED,
                      "at most 64 regions, 4096 consents of a party, 16 exceptions of a consent");
    /* What was suspended before is withdrawn now: the ledger has something to do. */
    i->p->changes_standing = v == STANDING_APPLIED || c->step == STANDING_WITHDRAWN;
    i->p->standing = *c;
    return true;
}

static bool headquarters(struct intake *i)
{
    const Fedgate__V1__DisasterStatus *d = i->m.pb->disaster_status;
    const struct standing_change c = {.step =
                                          d->headquarters_active ? STANDING_ACTIVE : STANDING_ENDED,
                                      .by = i->m.facts.source,
                                      .region = i->m.facts.region,
                                      .at_us = i->now_us};
    if (policy_region(i->e->policy, c.region) == 0)
        return refuse(i, REASON_OUT_OF_RANGE, "disaster_status.region: a word of vocabulary.yaml");
    /* No real headquarters works, nor ends, for an exercise or a test. */
    return i->m.facts.status != STATUS_ACTUAL || plan(i, &c);
}

_Static_assert((int)STANDING_PURPOSES_MAX == (int)FACTS_LIST_MAX, "a change takes a whole list");

static enum standing_step step_of(Fedgate__V1__ConsentState state)
{
    switch (state) {
    case FEDGATE__V1__CONSENT_STATE__CONSENT_STATE_RESUMED: return STANDING_RESUMED;
    case FEDGATE__V1__CONSENT_STATE__CONSENT_STATE_SUSPENDED: return STANDING_SUSPENDED;
    default: return STANDING_WITHDRAWN;
    }
}

static bool consent(struct intake *i)
{
    const Fedgate__V1__ConsentChange *m = i->m.pb->consent_change;
    struct standing_change c = {
        .step = step_of(m->state), .by = i->m.facts.source, .at_us = i->now_us};
    consent_digest(i->e, &i->m.facts, bytes_of_text(m->consent_ref), c.consent);
    for (; c.purposes < m->n_purpose && c.purposes < STANDING_PURPOSES_MAX; c.purposes++) {
        const struct bytes purpose = bytes_of_text(m->purpose[c.purposes]);
        if (!bytes_equal(policy_known(i->e->policy, POLICY_PURPOSE, purpose), purpose))
            return refuse(i, REASON_PURPOSE_UNKNOWN,
                          "consent_change.purpose: words of vocabulary.yaml");
        purpose_tag(i->e, c.consent, purpose, c.purpose[c.purposes]);
    }
    if (c.step == STANDING_WITHDRAWN)
        jumps_forget(i->e, &i->m.facts);
    return plan(i, &c);
}

bool intake_standing(struct intake *i)
{
    switch (i->m.facts.kind) {
    case KIND_DISASTER_STATUS: return headquarters(i);
    case KIND_CONSENT_CHANGE: return consent(i);
    default: return true;
    }
}

enum result standing_keep(struct publication *m)
{
    buf_clear(&m->standing_text);
    if (!m->changes_standing)
        return RESULT_OK;
    standing_change_put(&m->standing, &m->standing_text);
    struct cursor in = cursor_over(buf_view(&m->standing_text));
    return standing_change_take(&in, &m->standing);
}

void standing_end_change(struct publication *m, bool made)
{
    const bool changes = m->changes_standing;
    m->changes_standing = false;
    if (changes && made && standing_apply(m->edge->standing, &m->standing) == STANDING_APPLIED)
        stream_judge_all(m->edge);
}

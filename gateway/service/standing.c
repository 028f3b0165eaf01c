/*
 * The edge's view of what stands beside incidents, and what messages do to it: headquarters of
 * regions, consents. A consent is known here, as everywhere, by the keyed digest of its subject and
 * reference alone.
 */
#include "service/intake.h"

#include <fedgate/v1/fedgate.pb-c.h>

/* ---- digests */

static void consent_digest(const struct edge *e, const struct facts *f, struct bytes ref,
                           uint8_t out[STANDING_DIGEST])
{
    const struct bytes part[] = {
        bytes_of_text("consent"), bytes_of(&f->subject_party.n, sizeof f->subject_party.n),
        f->subject_party,         bytes_of(&f->subject_ref.n, sizeof f->subject_ref.n),
        f->subject_ref,           ref};
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

static bool is_gone(const struct edge *e, const struct facts *f, struct bytes ref)
{
    uint8_t consent[STANDING_DIGEST], purpose[STANDING_TAG];
    if (!f->has_subject || ref.n == 0)
        return false;
    consent_digest(e, f, ref, consent);
    purpose_tag(e, consent, f->purpose, purpose);
    return standing_is_gone(e->standing, consent, purpose);
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

/* Any that `says` names. `about` says whose it is, and for what. */
static bool any_is_gone(const struct edge *e, const struct facts *about, const struct facts *says)
{
    struct bytes ref;
    for (size_t at = 0; (ref = named(says, &at)).n > 0;)
        if (is_gone(e, about, ref))
            return true;
    return false;
}

void standing_tell(const struct edge *e, struct policy_question *q)
{
    const char *region;
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

bool standing_names_one(const struct facts *f)
{
    size_t at = 0;
    const struct bytes first = named(f, &at);
    for (struct bytes ref = first; ref.n > 0; ref = named(f, &at))
        if (!bytes_equal(ref, first))
            return false;
    return true;
}

bool standing_rests(struct intake *i, size_t k)
{
    size_t at = 0;
    const struct facts *f = &i->m.facts;
    const struct bytes ref = named(f, &at);
    struct policy_question without = i->q;
    struct decision d;
    if (!f->has_subject || ref.n == 0)
        return false;
    policy_consent_is_gone(&without, false);
    if (i->commit.recipient[k].reserve)
        policy_decide_else(&without, i->decision[k].grant, &d);
    else
        policy_decide(&without, i->to[k], &d);
    consent_digest(i->e, f, ref, i->consent);
    purpose_tag(i->e, i->consent, f->purpose, i->consent + STANDING_DIGEST);
    return !policy_permits(d.reason);
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
    return plan(i, &c);
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

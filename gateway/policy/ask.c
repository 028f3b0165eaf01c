/* Resolving a question's words, once for all recipients. */
#include "policy/snapshot.h"

static enum reason unknown(enum reason reason, const char *word, const char **failed)
{
    *failed = word;
    return reason;
}

/* An incident that the header names is evidence of the kind incident-id. */
static uint64_t evidence_of(const struct policy *p, const struct facts *f, bool names_incident)
{
    uint64_t mask = 0;
    uint16_t word = NO_WORD;
    if (names_incident)
        word = policy_word(p, WORD_EVIDENCE, bytes_of_text("incident-id"));
    if (word != NO_WORD)
        mask |= UINT64_C(1) << word;
    for (size_t i = 0; i < f->evidences; i++) {
        word = policy_word(p, WORD_EVIDENCE, f->evidence[i].kind);
        if (word != NO_WORD && f->evidence[i].value.n > 0)
            mask |= UINT64_C(1) << word;
    }
    return mask;
}

/* What the header of a message, a stream or a watcher says for itself. */
static enum reason resolve_claim(const struct policy_question *q, const struct facts *f,
                                 struct policy_claim *out, const char **failed)
{
    out->purpose = policy_word(q->policy, WORD_PURPOSE, f->purpose);
    if (out->purpose == NO_WORD)
        return unknown(REASON_PURPOSE_UNKNOWN, "purpose: a word of vocabulary.yaml", failed);
    out->basis = policy_basis(q->policy, f->basis);
    if (out->basis == NO_WORD)
        return unknown(REASON_BASIS_UNKNOWN, "basis: a code of the legal catalogue", failed);
    out->evidence = evidence_of(q->policy, f, q->facts->incidents > 0);
    return REASON_PERMITTED;
}

static enum reason resolve_body(struct policy_question *q, const char **failed)
{
    const struct facts *f = q->facts;
    for (size_t i = 0; i < f->cameras; i++) {
        q->camera[i] = policy_camera(q->policy, f->camera[i]);
        if (q->camera[i] == POLICY_NONE)
            return unknown(REASON_CAMERA_UNKNOWN, "camera_id: a camera of the inventory", failed);
    }
    q->type = policy_word(q->policy, WORD_INCIDENT_TYPE, f->incident_type);
    if (f->incident_type.n > 0 && q->type == NO_WORD)
        return unknown(REASON_INCIDENT_TYPE_NOT_COVERED, "incident type: a word of vocabulary.yaml",
                       failed);
    return REASON_PERMITTED;
}

static uint64_t consent_items(const struct policy *p, const struct facts_consent *consent)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < consent->items; i++) {
        uint16_t word = policy_word(p, WORD_CONSENT_ITEM, consent->item[i]);
        if (word != NO_WORD)
            mask |= UINT64_C(1) << word;
    }
    return mask;
}

static void take_incidents(struct policy_question *q, const struct incident *const *incident)
{
    for (size_t i = 0; i < q->facts->incidents; i++) {
        q->incident[i] = incident[i];
        q->type_of[i] = incident[i] == NULL ? NO_WORD
                                            : policy_word(q->policy, WORD_INCIDENT_TYPE,
                                                          bytes_of_text(incident[i]->type));
    }
}

enum reason policy_ask(const struct policy *p, const struct facts *facts,
                       const struct facts *watcher, const struct incident *const *incident,
                       int64_t now_us, struct policy_question *q, const char **failed)
{
    *failed = "";
    *q = (struct policy_question){.policy = p,
                                  .facts = facts,
                                  .watcher = watcher,
                                  .now_us = now_us,
                                  .from = policy_unit(p, facts->source),
                                  .sender = {.purpose = NO_WORD, .basis = NO_WORD},
                                  .watching = {.purpose = NO_WORD, .basis = NO_WORD},
                                  .service = policy_word(p, WORD_SERVICE, facts->service)};
    /* A stream declares none: what it is judged by again and again would never end. */
    q->declares_emergency = facts->kind != KIND_VIDEO && facts->has_emergency &&
                            facts->emergency_text &&
                            policy_word(p, WORD_REASON, facts->emergency_reason) != NO_WORD;
    q->reason_code = policy_word(p, WORD_REASON, facts->reason_code);
    q->consent_items = consent_items(p, &facts->consent);
    take_incidents(q, incident);
    if (q->from == POLICY_NONE)
        return unknown(REASON_PARTY_UNKNOWN, "source: a unit of the inventory", failed);
    if (facts->status < STATUS_ACTUAL || facts->status > STATUS_TEST)
        return unknown(REASON_MALFORMED, "header.status: actual, exercise or test", failed);
    if (q->service == NO_WORD)
        return unknown(REASON_SERVICE_UNKNOWN, "service: a word of vocabulary.yaml", failed);
    enum reason r = resolve_claim(q, facts, &q->sender, failed);
    if (r == REASON_PERMITTED && watcher != NULL)
        r = resolve_claim(q, watcher, &q->watching, failed);
    return r == REASON_PERMITTED ? resolve_body(q, failed) : r;
}

static void take_away(const struct policy *p, struct policy_claim *claim)
{
    const uint16_t word = policy_word(p, WORD_EVIDENCE, bytes_of_text("consent-reference"));
    const uint64_t bit = word == NO_WORD ? 0 : UINT64_C(1) << word;
    claim->gone |= claim->evidence & bit;
    claim->evidence &= ~bit;
}

/* A consent that a message carries is asked for by conditions, which tell more. */
void policy_consent_is_gone(struct policy_question *q, bool of_watcher)
{
    if (of_watcher) {
        take_away(q->policy, &q->watching);
        return;
    }
    q->state.consent = POLICY_CONSENT_GONE;
    if (!q->facts->consent.present && q->facts->kind != KIND_CONSENT_CHANGE)
        take_away(q->policy, &q->sender);
}

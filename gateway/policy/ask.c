/* Resolving a question's words, once for all recipients. */
#include "policy/rows.h"

static enum reason unknown(enum reason reason, const char *word, const char **failed)
{
    *failed = word;
    return reason;
}

/* What the header of a message, a stream or a watcher says for itself. */
static enum reason resolve_header(const struct policy *p, const struct facts *f, uint16_t *purpose,
                                  uint16_t *basis, const char **failed)
{
    *purpose = policy_word(p, WORD_PURPOSE, f->purpose);
    if (*purpose == NO_WORD)
        return unknown(REASON_PURPOSE_UNKNOWN, "purpose: a word of vocabulary.yaml", failed);
    *basis = policy_basis(p, f->basis);
    if (*basis == NO_WORD)
        return unknown(REASON_BASIS_UNKNOWN, "basis: a code of the legal catalogue", failed);
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
    if (f->incident_type.n > 0) {
        q->incident_type = policy_word(q->policy, WORD_INCIDENT_TYPE, f->incident_type);
        if (q->incident_type == NO_WORD)
            return unknown(REASON_INCIDENT_TYPE_NOT_COVERED,
                           "incident type: a word of vocabulary.yaml", failed);
    }
    return REASON_PERMITTED;
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
                                  .service = policy_word(p, WORD_SERVICE, facts->service),
                                  .purpose = NO_WORD,
                                  .basis = NO_WORD,
                                  .watcher_purpose = NO_WORD,
                                  .watcher_basis = NO_WORD,
                                  .incident_type = NO_WORD};
    for (size_t i = 0; i < facts->incidents; i++)
        q->incident[i] = incident[i];
    if (q->from == POLICY_NONE)
        return unknown(REASON_PARTY_UNKNOWN, "source: a unit of the inventory", failed);
    if (facts->status < STATUS_ACTUAL || facts->status > STATUS_TEST)
        return unknown(REASON_MALFORMED, "header.status: actual, exercise or test", failed);
    if (q->service == NO_WORD)
        return unknown(REASON_SERVICE_UNKNOWN, "service: a word of vocabulary.yaml", failed);
    enum reason r = resolve_header(p, facts, &q->purpose, &q->basis, failed);
    if (r == REASON_PERMITTED && watcher != NULL)
        r = resolve_header(p, watcher, &q->watcher_purpose, &q->watcher_basis, failed);
    return r == REASON_PERMITTED ? resolve_body(q, failed) : r;
}

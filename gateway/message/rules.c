#include "message/rules.h"

#include "base/ident.h"
#include "message/times.h"

const char *const media_jpeg[] = {"image/jpeg", NULL};

/* ---- envelope: a bad field is never left out, for each one names, narrows or dates something */

static const struct field_rule evidence[] = {FIELD("kind", MUST, WORD),
                                             FIELD("value", MUST, LINE, .high = LIMIT_WORD)};
static RULES(rules_evidence, fedgate__v1__evidence__descriptor, evidence, NULL);

static const struct field_rule basis[] = {
    FIELD("code", MUST, WORD),
    FIELD("evidence", STRICT, MESSAGE, .of = &rules_evidence, .most = FACTS_EVIDENCE_MAX)};
RULES(rules_basis, fedgate__v1__legal_basis__descriptor, basis, NULL);

static const struct field_rule actor[] = {
    FIELD("staff_ref", MUST, LINE, .high = LIMIT_WORD), FIELD("role", STRICT, WORD),
    FIELD("workstation", STRICT, LINE, .high = LIMIT_WORD),
    FIELD("authenticated_by", STRICT, LINE, .high = LIMIT_WORD)};
RULES(rules_actor, fedgate__v1__actor__descriptor, actor, NULL);

static const struct field_rule emergency[] = {FIELD("reason_code", MUST, WORD),
                                              FREE_TEXT("reason", MUST)};
static RULES(rules_emergency, fedgate__v1__emergency__descriptor, emergency, NULL);

static const struct field_rule log_ref[] = {FIELD("origin", MUST, REFERENCE),
                                            FIELD("index", STRICT, ANY)};
RULES(rules_log_ref, fedgate__v1__log_ref__descriptor, log_ref, NULL);

static const struct field_rule header[] = {
    FIELD("id", MUST, UUID),
    FIELD("source", MUST, UNIT),
    FIELD("service", MUST, WORD),
    FIELD("purpose", MUST, WORD),
    OF_TYPE("basis", MUST, rules_basis),
    FIELD("incident_id", STRICT, INCIDENT, .most = FACTS_INCIDENT_MAX),
    FIELD("created_at", MUST, TIME),
    FIELD("destroy_by", STRICT, TIME),
    FIELD("to", STRICT, UNIT, .most = FACTS_TO_MAX),
    FIELD("status", MUST, ENUM),
    FIELD("retransmission_allowed", STRICT, ANY),
    OF_TYPE("emergency", STRICT, rules_emergency),
    OF_TYPE("actor", STRICT, rules_actor),
    OF_TYPE("derived_from", STRICT, rules_log_ref),
    OF_TYPE("in_reply_to", STRICT, rules_log_ref),
    FIELD("test_wish", STRICT, ENUM)};
RULES(rules_header, fedgate__v1__header__descriptor, header, NULL);

/* ---- persons */

/* The contract: "the issuing party's own reference; never a resident number" (PIPA 24-2). */
static bool subject_whole(struct check *c, ProtobufCMessage *m)
{
    const Fedgate__V1__SubjectRef *s = (const void *)m;
    return !ident_is_resident_number(bytes_of_text(s->ref)) ||
           check_wrong(c, "ref", REASON_MALFORMED,
                       "the party's own reference, never a resident number");
}

static const struct field_rule subject[] = {FIELD("party", MUST, NAME),
                                            FIELD("ref", MUST, LINE, .high = LIMIT_WORD)};
RULES(rules_subject, fedgate__v1__subject_ref__descriptor, subject, subject_whole);

/* Consent counts only as it was given: with a bad part it is no consent. */
static const struct field_rule consent[] = {
    FIELD("ref", MUST, LINE, .high = LIMIT_WORD),
    FIELD("given_by", MUST, ENUM),
    FIELD("item", STRICT, WORD, .most = FACTS_LIST_MAX),
    FIELD("recipient", STRICT, WORD, .most = FACTS_LIST_MAX),
    FIELD("purpose", STRICT, WORD, .most = FACTS_LIST_MAX),
    FIELD("until", STRICT, TIME)};
RULES(rules_consent, fedgate__v1__consent__descriptor, consent, NULL);

/* ---- places */

/* A fix from the future tells of a device whose clock is wrong; the place may be true. */
static bool position_whole(struct check *c, ProtobufCMessage *m)
{
    const Fedgate__V1__Position *p = (const void *)m;
    if (p->fixed_at != NULL &&
        time_us(p->fixed_at) > time_after(c->limits->now_us, c->limits->ahead_us) + LIMIT_AHEAD &&
        !check_doubt(c, "fixed_at", REASON_IMPLAUSIBLE, "a time in the past"))
        return false;
    return geo_in_box((struct point){p->latitude, p->longitude}, c->limits->service_area) ||
           check_doubt(c, NULL, REASON_OUTSIDE_SERVICE_AREA, "a place in the service area");
}

static const struct field_rule position[] = {
    FIELD("latitude", STRICT, NUMBER, .low = -90, .high = 90),
    FIELD("longitude", STRICT, NUMBER, .low = -180, .high = 180),
    FIELD("accuracy_m", MAY, NUMBER, .high = LIMIT_ACCURACY_M),
    FIELD("fixed_at", MAY, TIME),
    FIELD("method", MAY, ENUM),
    FIELD("origin", STRICT, ENUM)};
RULES(rules_position, fedgate__v1__position__descriptor, position, position_whole);

static bool area_whole(struct check *c, ProtobufCMessage *m)
{
    const Fedgate__V1__Area *a = (const void *)m;
    return a->n_point > 0 || *a->place != '\0' ||
           check_wrong(c, NULL, REASON_MALFORMED, "a point or a place in words");
}

static const struct field_rule area[] = {
    FIELD("point", MAY, MESSAGE, .of = &rules_position, .most = LIMIT_AREA_POINTS),
    FIELD("radius_m", MAY, NUMBER, .high = LIMIT_RADIUS_M), LINE("place", MAY)};
RULES(rules_area, fedgate__v1__area__descriptor, area, area_whole);

/* ---- receipts, which only the gateway writes */

static const struct field_rule recipient_verdict[] = {
    FIELD("to", STRICT, UNIT), FIELD("reason", MUST, ENUM), LINE("clause", STRICT),
    LINE("failed", STRICT), FIELD("flag", STRICT, ENUM, .most = FINDINGS_MAX)};
static RULES(rules_recipient_verdict, fedgate__v1__recipient_verdict__descriptor, recipient_verdict,
             NULL);

static const struct field_rule quota[] = {LINE("clause", STRICT), LINE("limit", STRICT),
                                          FIELD("most", STRICT, ANY), FIELD("left", STRICT, ANY),
                                          FIELD("renewed_at", STRICT, TIME)};
static RULES(rules_quota, fedgate__v1__quota__descriptor, quota, NULL);

static const struct field_rule receipt[] = {
    FIELD("id", MUST, UUID),
    FIELD("verdict", MUST, ENUM),
    FIELD("recipient", STRICT, MESSAGE, .of = &rules_recipient_verdict, .most = LIMIT_DELIVERIES),
    OF_TYPE("record", STRICT, rules_log_ref),
    FIELD("commitment_salt", STRICT, DIGEST),
    FIELD("committed_sha256", STRICT, DIGEST),
    FIELD("repeated", STRICT, ANY),
    FIELD("retry", STRICT, ENUM),
    FIELD("retry_after", STRICT, ANY),
    FIELD("quota", STRICT, MESSAGE, .of = &rules_quota, .most = LIMIT_DELIVERIES),
    FIELD("status", STRICT, ENUM)};
RULES(rules_receipt, fedgate__v1__receipt__descriptor, receipt, NULL);

bool check_span(struct check *c, const Google__Protobuf__Timestamp *begins,
                const Google__Protobuf__Timestamp *ends)
{
    if ((begins == NULL) != (ends == NULL))
        return check_wrong(c, begins == NULL ? "begins_at" : "ends_at", REASON_MALFORMED,
                           "required for a recording");
    return begins == NULL || time_us(begins) < time_us(ends) ||
           check_wrong(c, "ends_at", REASON_OUT_OF_RANGE, "a time after begins_at");
}

#include "message/kind.h"

/*
 * 112 or 119 asks a carrier where a person is (Location Information Act 29). Its ground has to be
 * said, and whose position it is: by the carrier's own reference or by the telephone's number. A
 * witness consents (29(2)1), and the reference to that consent is given. A person whom somebody
 * else asked to rescue has to wish it, and that wish was confirmed (29(3)). Nothing is left out for
 * being bad: each part names the person or makes the request lawful.
 */
static bool whole(struct check *c, ProtobufCMessage *m)
{
    const Fedgate__V1__LocationRequest *l = (const void *)m;
    const unsigned ground = l->ground;
    const bool consents = l->witness_consent_ref[0] != '\0';
    if (l->subject == NULL && l->phone_number[0] == '\0')
        return check_wrong(c, NULL, REASON_MALFORMED, "subject or phone_number");
    if (consents && ground != GROUND_WITNESS)
        return check_wrong(c, "witness_consent_ref", REASON_MALFORMED, "none without a witness");
    if (!consents && ground == GROUND_WITNESS)
        return check_wrong(c, "witness_consent_ref", REASON_CONSENT_MISSING,
                           "the consent of the witness");
    return ground != GROUND_RESCUE || l->wish_confirmed ||
           check_wrong(c, "wish_confirmed", REASON_WISH_NOT_CONFIRMED,
                       "true where the person to be rescued did not call");
}

static const struct field_rule fields[] = {OF_TYPE("subject", STRICT, rules_subject),
                                           FIELD("ground", MUST, ENUM),
                                           FIELD("wish_confirmed", STRICT, ANY),
                                           FIELD("call_id", STRICT, REFERENCE),
                                           FIELD("phone_number", STRICT, LINE, .high = LIMIT_WORD),
                                           FIELD("witness_consent_ref", STRICT, REFERENCE)};
RULES(kind_rules_location_request, fedgate__v1__location_request__descriptor, fields, whole);

/* The call by special number is the evidence that LIA 29 asks for. */
void kind_facts_location_request(const Fedgate__V1__Message *m, struct facts *f)
{
    const Fedgate__V1__LocationRequest *l = m->location_request;
    fill_subject(f, l->subject);
    fill_evidence(f, "emergency-call", l->call_id);
    f->ground = l->ground;
    f->wish_confirmed = l->wish_confirmed;
    f->witness_consents = l->witness_consent_ref[0] != '\0';
}

#include "message/kind.h"

#include "base/ident.h"

/*
 * A carrier says that a subject's consent was withdrawn or suspended, or stands again (Location
 * Information Act 24): for the purposes named, without any for all. Only the party that issued the
 * reference to the subject may say so. Nothing is left out for being bad: a shorter list of
 * purposes would say something else.
 */
static bool whole(struct check *c, ProtobufCMessage *m)
{
    const Fedgate__V1__ConsentChange *change = (const void *)m;
    struct bytes party = {0};
    return (ident_split_unit(bytes_of_text(c->header->source), &party, NULL) &&
            bytes_is(party, change->subject->party)) ||
           check_wrong(c, "subject.party", REASON_IDENTITY_MISMATCH,
                       "the sender's own party, which issued the reference");
}

static const struct field_rule fields[] = {
    OF_TYPE("subject", MUST, rules_subject), FIELD("consent_ref", MUST, LINE, .high = LIMIT_WORD),
    FIELD("state", MUST, ENUM), FIELD("purpose", STRICT, WORD, .most = FACTS_LIST_MAX)};
RULES(kind_rules_consent_change, fedgate__v1__consent_change__descriptor, fields, whole);

void kind_facts_consent_change(const Fedgate__V1__Message *m, struct facts *f)
{
    fill_subject(f, m->consent_change->subject);
}

#include "message/kind.h"

/*
 * Hands the one incident that the header names to another unit: its owner offers it, and the unit
 * that it was offered to accepts or declines. `to` says whom it is offered to, and stands nowhere
 * else, for who answers is the sender.
 */
static bool whole(struct check *c, ProtobufCMessage *m)
{
    const Fedgate__V1__IncidentTransfer *t = (const void *)m;
    bool offers = t->step == FEDGATE__V1__TRANSFER_STEP__TRANSFER_STEP_OFFERED;
    if (offers != (t->to[0] != '\0'))
        return check_wrong(c, "to", REASON_MALFORMED,
                           offers ? "required with an offer" : "with an offer only");
    return header_names_one_incident(c, m);
}

static const struct field_rule fields[] = {FIELD("to", STRICT, UNIT), FIELD("step", MUST, ENUM)};
RULES(kind_rules_incident_transfer, fedgate__v1__incident_transfer__descriptor, fields, whole);

void kind_facts_incident_transfer(const Fedgate__V1__Message *m, struct facts *f)
{
    (void)m;
    (void)f;
}

#include "message/kind.h"

/* The gateway tells a sender what became of its message: the receipt as it now stands, steps of
 * delivery, or both. */
static bool whole(struct check *c, ProtobufCMessage *m)
{
    const Fedgate__V1__Outcome *o = (const void *)m;
    return o->receipt != NULL || o->n_status > 0 ||
           check_wrong(c, NULL, REASON_MALFORMED, "a receipt or a status");
}

static const struct field_rule status[] = {FIELD("to", MUST, UNIT), FIELD("step", MUST, ENUM),
                                           FIELD("at", MUST, PAST)};
static RULES(rules_status, fedgate__v1__delivery_status__descriptor, status, NULL);

static const struct field_rule fields[] = {
    OF_TYPE("receipt", STRICT, rules_receipt),
    FIELD("status", STRICT, MESSAGE, .of = &rules_status, .most = LIMIT_DELIVERIES)};
RULES(kind_rules_outcome, fedgate__v1__outcome__descriptor, fields, whole);

void kind_facts_outcome(const Fedgate__V1__Message *m, struct facts *f)
{
    (void)m;
    (void)f;
}

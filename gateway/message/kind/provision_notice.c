#include "message/kind.h"
#include "message/times.h"

/* The gateway asks the carrier to tell the subject or guardian that their position was provided: to
 * whom, when and what for (Location Information Act 19(3), 29), and by when to tell. */
static bool whole(struct check *c, ProtobufCMessage *m)
{
    const Fedgate__V1__ProvisionNotice *p = (const void *)m;
    return p->notify_by == NULL || time_us(p->notify_by) >= time_us(p->provided_at) ||
           check_wrong(c, "notify_by", REASON_OUT_OF_RANGE, "a time after provided_at");
}

static const struct field_rule fields[] = {
    OF_TYPE("subject", MUST, rules_subject), OF_TYPE("provision", MUST, rules_log_ref),
    FIELD("recipient", MUST, UNIT),          FIELD("purpose", MUST, WORD),
    FIELD("provided_at", MUST, PAST),        FIELD("notify_by", STRICT, TIME)};
RULES(kind_rules_provision_notice, fedgate__v1__provision_notice__descriptor, fields, whole);

void kind_facts_provision_notice(const Fedgate__V1__Message *m, struct facts *f)
{
    fill_subject(f, m->provision_notice->subject);
}

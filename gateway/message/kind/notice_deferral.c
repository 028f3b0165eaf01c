#include "message/kind.h"
#include "message/times.h"

/* Why the subject of a provision is not told yet, and until when: telling would endanger somebody
 * (Location Information Act 29). The provision is the leaf that the notice named. */
static bool whole(struct check *c, ProtobufCMessage *m)
{
    const Fedgate__V1__NoticeDeferral *d = (const void *)m;
    return time_us(d->until) > time_us(c->header->created_at) ||
           check_wrong(c, "until", REASON_OUT_OF_RANGE, "a time after header.created_at");
}

static const struct field_rule fields[] = {OF_TYPE("provision", MUST, rules_log_ref),
                                           FIELD("reason_code", MUST, WORD),
                                           FIELD("until", MUST, TIME)};
RULES(kind_rules_notice_deferral, fedgate__v1__notice_deferral__descriptor, fields, whole);

void kind_facts_notice_deferral(const Fedgate__V1__Message *m, struct facts *f)
{
    f->reason_code = bytes_of_text(m->notice_deferral->reason_code);
    f->provision_index = m->notice_deferral->provision->index;
    f->provision_origin = bytes_of_text(m->notice_deferral->provision->origin);
}

#include "message/kind.h"

/* Says that the one incident that the header names and another are the same event, or are worked on
 * together. */
static bool whole(struct check *c, ProtobufCMessage *m)
{
    const Fedgate__V1__IncidentLink *l = (const void *)m;
    if (!header_names_one_incident(c, m))
        return false;
    return strcmp(l->other, c->header->incident_id[0]) != 0 ||
           check_wrong(c, "other", REASON_MALFORMED,
                       "another incident than the one in header.incident_id");
}

static const struct field_rule fields[] = {FIELD("other", MUST, INCIDENT),
                                           FIELD("kind", MUST, ENUM)};
RULES(kind_rules_incident_link, fedgate__v1__incident_link__descriptor, fields, whole);

void kind_facts_incident_link(const Fedgate__V1__Message *m, struct facts *f)
{
    (void)m;
    (void)f;
}

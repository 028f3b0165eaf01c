#include "message/kind.h"

/* Ends the sender's part of the one incident that the header names. How it ended has to be said. */
static const struct field_rule fields[] = {FIELD("outcome", MUST, ENUM)};
RULES(kind_rules_incident_close, fedgate__v1__incident_close__descriptor, fields,
      header_names_one_incident);

void kind_facts_incident_close(const Fedgate__V1__Message *m, struct facts *f)
{
    (void)m;
    (void)f;
}

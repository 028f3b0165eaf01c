#include "message/kind.h"

/* A disaster headquarters works for a region, or its work has ended. Absent means ended, so that
 * absence gives nobody access. */
static const struct field_rule fields[] = {FIELD("region", MUST, NAME),
                                           FIELD("headquarters_active", STRICT, ANY)};
RULES(kind_rules_disaster_status, fedgate__v1__disaster_status__descriptor, fields, NULL);

void kind_facts_disaster_status(const Fedgate__V1__Message *m, struct facts *f)
{
    f->region = bytes_of_text(m->disaster_status->region);
}

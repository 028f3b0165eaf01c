#include "message/kind.h"

/* Puts a unit (a car, a vehicle, a desk) to work on the one incident that the header names, or
 * takes it off. `assigned` false means off, so that absence gives nobody access. */
static const struct field_rule fields[] = {FIELD("unit", MUST, UNIT),
                                           FIELD("assigned", STRICT, ANY)};
RULES(kind_rules_unit_assignment, fedgate__v1__unit_assignment__descriptor, fields,
      header_names_one_incident);

void kind_facts_unit_assignment(const Fedgate__V1__Message *m, struct facts *f)
{
    (void)m;
    (void)f;
}

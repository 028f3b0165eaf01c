#include "message/kind.h"

/* Where a person is: to those who asked for it, or who search. Both parts are required; a position
 * that is no good refuses it, for nothing would be left. */
static const struct field_rule fields[] = {OF_TYPE("subject", MUST, rules_subject),
                                           OF_TYPE("position", MUST, rules_position),
                                           FIELD("speed_mps", MAY, NUMBER, .high = LIMIT_SPEED_MPS),
                                           FIELD("heading_deg", MAY, NUMBER, .high = 360)};
RULES(kind_rules_location_update, fedgate__v1__location_update__descriptor, fields, NULL);

void kind_facts_location_update(const Fedgate__V1__Message *m, struct facts *f)
{
    fill_subject(f, m->location_update->subject);
    fill_person(f, m->location_update->position);
    f->is_position = true;
}

#include "message/kind.h"

/* What a sensor of the city noticed: which sensor, what sort of thing, how sure, when. There is no
 * field for who, nor for a picture. A confidence of 0 means "not given", as everywhere in the
 * contract. */
static const struct field_rule fields[] = {
    FIELD("sensor_id", MUST, REFERENCE), FIELD("category", MUST, WORD),
    FIELD("confidence", MAY, NUMBER, .high = 1), FIELD("observed_at", MUST, PAST)};
RULES(kind_rules_sensor_event, fedgate__v1__sensor_event__descriptor, fields, NULL);

void kind_facts_sensor_event(const Fedgate__V1__Message *m, struct facts *f)
{
    (void)m;
    (void)f;
}

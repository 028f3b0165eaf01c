#include "message/kind.h"

/* How fast traffic moves on roads, by the road network's own segment ids. A speed of 0 means "not
 * given", as everywhere in the contract; standing traffic is a small number. */
static const struct field_rule segment[] = {
    FIELD("id", MUST, REFERENCE), FIELD("speed_kmh", MAY, NUMBER, .high = LIMIT_SPEED_KMH),
    FIELD("closed", STRICT, ANY)};
static RULES(rules_segment, fedgate__v1__road_segment__descriptor, segment, NULL);

static const struct field_rule fields[] = {
    FIELD("segment", MUST, MESSAGE, .of = &rules_segment, .most = LIMIT_ROAD_SEGMENTS)};
RULES(kind_rules_traffic_info, fedgate__v1__traffic_info__descriptor, fields, NULL);

void kind_facts_traffic_info(const Fedgate__V1__Message *m, struct facts *f)
{
    (void)m;
    (void)f;
}

#include "message/kind.h"

/* What a disaster room tells of a disaster. Only its type is required: the rest comes as it becomes
 * known. The area is the disaster's, and not a person's position, unless a point's origin says so.
 */
static const struct field_rule fields[] = {FIELD("type", MUST, NAME), FIELD("severity", MAY, ENUM),
                                           OF_TYPE("area", MAY, rules_area),
                                           FREE_TEXT("description", MAY), CAMERA_ID};
RULES(kind_rules_disaster_report, fedgate__v1__disaster_report__descriptor, fields, NULL);

void kind_facts_disaster_report(const Fedgate__V1__Message *m, struct facts *f)
{
    const Fedgate__V1__DisasterReport *d = m->disaster_report;
    f->incident_type = bytes_of_text(d->type);
    fill_area(f, d->area);
    fill_cameras(f, d->camera_id, d->n_camera_id);
}

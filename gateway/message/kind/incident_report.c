#include "message/kind.h"

/*
 * Opens the one incident that the header names, or adds to it. An update or a reopening may leave
 * the type out; an opening without one matches no grant that asks for a type. The area is a place
 * and not a person's position, unless a point's origin says how it was obtained. What names or
 * extends (type, participants, reason) is never left out for being bad.
 */
static const struct field_rule fields[] = {
    FIELD("type", STRICT, NAME),
    OF_TYPE("area", MAY, rules_area),
    FREE_TEXT("summary", MAY),
    FIELD("reopen", STRICT, ANY),
    FREE_TEXT("extension_reason", STRICT),
    FIELD("participant", STRICT, UNIT, .most = LIMIT_PARTICIPANTS)};
RULES(kind_rules_incident_report, fedgate__v1__incident_report__descriptor, fields,
      header_names_one_incident);

void kind_facts_incident_report(const Fedgate__V1__Message *m, struct facts *f)
{
    f->incident_type = bytes_of_text(m->incident_report->type);
    fill_area(f, m->incident_report->area);
}

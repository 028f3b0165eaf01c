#include "message/kind.h"

/* What became of a dispatch: taken, refused, arrived, done; by which unit, when the sender says so.
 */
static const struct field_rule fields[] = {FIELD("step", MUST, ENUM), FIELD("unit", MAY, UNIT)};
RULES(kind_rules_dispatch_answer, fedgate__v1__dispatch_answer__descriptor, fields, NULL);

void kind_facts_dispatch_answer(const Fedgate__V1__Message *m, struct facts *f)
{
    (void)m;
    (void)f;
}

#include "message/kind.h"

/* The gateway orders a recipient to destroy what it was delivered: the leaves "released" of those
 * deliveries, why, and when it was due. */
static const struct field_rule fields[] = {
    FIELD("order_id", MUST, UUID),
    FIELD("item", MUST, MESSAGE, .of = &rules_log_ref, .most = LIMIT_ORDER_ITEMS),
    FIELD("why", MUST, ENUM), FIELD("due", MUST, TIME)};
RULES(kind_rules_destruction_order, fedgate__v1__destruction_order__descriptor, fields, NULL);

void kind_facts_destruction_order(const Fedgate__V1__Message *m, struct facts *f)
{
    (void)m;
    (void)f;
}

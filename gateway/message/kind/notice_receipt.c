#include "message/kind.h"

/* The subject of a provision, or the guardian, was told: when, and by which channel. The provision
 * is the leaf that the notice named. */
static const struct field_rule fields[] = {OF_TYPE("provision", MUST, rules_log_ref),
                                           FIELD("notified_at", MUST, PAST),
                                           FIELD("channel", MUST, WORD)};
RULES(kind_rules_notice_receipt, fedgate__v1__notice_receipt__descriptor, fields, NULL);

void kind_facts_notice_receipt(const Fedgate__V1__Message *m, struct facts *f)
{
    (void)m;
    (void)f;
}

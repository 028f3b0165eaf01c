#include "message/destruction.h"
#include "message/kind.h"

#include "crypto/sign.h"

/* A recipient says what became of the items of an order: destroyed, never stored, or retained under
 * an Act, with the case and until when (PIPA 21(1) proviso). Who signed it, and what it may retain,
 * is the gateway's to judge. */
static bool whole(struct check *c, ProtobufCMessage *m)
{
    const Fedgate__V1__DestructionReceipt *r = (const void *)m;
    const size_t items = r->n_destroyed + r->n_never_stored + r->n_retained;
    if (items == 0)
        return check_wrong(c, NULL, REASON_MALFORMED, "an item");
    if (items > LIMIT_ORDER_ITEMS)
        return check_wrong(c, NULL, REASON_TOO_LARGE, "at most 1,000 items in all");
    if (r->n_destroyed > 0 && (r->destroyed_at == NULL || r->method == 0))
        return check_wrong(c, NULL, REASON_MALFORMED,
                           "destroyed_at and method, where items were destroyed");
    return destruction_names_each_once(r) ||
           check_wrong(c, NULL, REASON_MALFORMED, "each item once");
}

static const struct field_rule retained[] = {
    OF_TYPE("item", MUST, rules_log_ref), FIELD("act", MUST, WORD),
    FIELD("case_ref", MUST, LINE, .high = LIMIT_CASE), FIELD("until", MUST, TIME),
    FIELD("stored_separately", STRICT, ANY)};
static RULES(rules_retained, fedgate__v1__retained__descriptor, retained, NULL);

static const struct field_rule fields[] = {
    FIELD("order_id", MUST, UUID),
    FIELD("destroyed", STRICT, MESSAGE, .of = &rules_log_ref, .most = LIMIT_ORDER_ITEMS),
    FIELD("never_stored", STRICT, MESSAGE, .of = &rules_log_ref, .most = LIMIT_ORDER_ITEMS),
    FIELD("retained", STRICT, MESSAGE, .of = &rules_retained, .most = LIMIT_RETAINED),
    FIELD("destroyed_at", STRICT, PAST),
    FIELD("method", STRICT, ENUM),
    FIELD("staff_ref", MUST, LINE, .high = LIMIT_WORD),
    FIELD("key_id", MUST, REFERENCE),
    FIELD("signature", MUST, BYTES, .high = SIGN_SIGNATURE)};
RULES(kind_rules_destruction_receipt, fedgate__v1__destruction_receipt__descriptor, fields, whole);

void kind_facts_destruction_receipt(const Fedgate__V1__Message *m, struct facts *f)
{
    (void)m;
    (void)f;
}

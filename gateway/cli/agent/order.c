/* The receipt of an order of destruction, all of whose items were destroyed. */
#include "cli/agent/message.h"

#include "base/clock.h"
#include "message/destruction.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>

/* The order's words stand for the receipt, which the clause that caused it permits (destroyed.c).
 */
bool agent_order_settle(const struct Fedgate__V1__Message *m, const char *unit, const char *staff,
                        const struct minisign_secret *key, struct buf *out)
{
    const struct clock clock = clock_system();
    const Fedgate__V1__DestructionOrder *order = m->destruction_order;
    Fedgate__V1__DestructionReceipt receipt = FEDGATE__V1__DESTRUCTION_RECEIPT__INIT;
    Fedgate__V1__Message answer = FEDGATE__V1__MESSAGE__INIT;
    Fedgate__V1__Header header = FEDGATE__V1__HEADER__INIT;
    const struct agent_header more = {0};
    struct arena *a = arena_new(AGENT_HEADER_MAX);
    if (m->header != NULL) {
        header = *m->header;
        header.id = header.source = (char *)(uintptr_t) "";
        header.created_at = NULL;
    }
    answer.header = agent_header_make(a, &more, unit, clock_wall_us(&clock), &header);
    receipt.order_id = order->order_id;
    receipt.destroyed = order->item;
    receipt.n_destroyed = order->n_item;
    receipt.destroyed_at = answer.header->created_at;
    receipt.method = FEDGATE__V1__DESTRUCTION_METHOD__DESTRUCTION_METHOD_KEY_ERASED;
    receipt.staff_ref = (char *)(uintptr_t)staff;
    answer.body_case = FEDGATE__V1__MESSAGE__BODY_DESTRUCTION_RECEIPT;
    answer.destruction_receipt = &receipt;
    bool good = destruction_sign(&receipt, bytes_of_text(unit), key, a) == RESULT_OK &&
                message_pack(&answer.base, out) == RESULT_OK;
    arena_free(a);
    return good;
}

/*
 * What is to be destroyed: by an order of the gateway, or since its time has come.
 */
#include "base/limits.h"
#include "base/mem.h"
#include "cli/agent/vault_run.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <string.h>

enum { DEADLINE = 1 }; /* DestructionCause of the contract */

/* ---------------------------------------------------------------- destroying */

static void tell_destroyed(struct vault_run *r, const uint64_t *record, size_t n, const char *order)
{
    for (size_t i = 0; i < n; i++) {
        const struct vault_entry *e = vault_get(r->place.vault, record[i]);
        if (e != NULL)
            vault_tell(r, vault_state_word(e), record[i], "order", order);
    }
}

static bool destroy(struct vault_run *r, const uint64_t *record, size_t n, const char *order,
                    uint8_t cause)
{
    enum result result = vault_destroy(r->place.vault, record, n, order, cause);
    if (result != RESULT_OK) {
        vault_run_failed(r, result);
        return false;
    }
    vault_record_check(r);
    tell_destroyed(r, record, n, order);
    return true;
}

void vault_deadlines(struct vault_run *r)
{
    uint64_t record[VAULT_ASK_MAX];
    size_t n = vault_due(r->place.vault, record, VAULT_ASK_MAX);
    if (n > 0 && vault_held_is_known(r))
        (void)destroy(r, record, n, "", DEADLINE);
}

/* ---------------------------------------------------------------- orders */

static bool is_order(const Fedgate__V1__Message *m)
{
    return m->body_case == FEDGATE__V1__MESSAGE__BODY_DESTRUCTION_ORDER &&
           m->destruction_order != NULL;
}

/* What stands in another log was never stored here; no receipt can say so of it. */
static bool carry_out(struct vault_run *r, const Fedgate__V1__DestructionOrder *order)
{
    uint64_t record[VAULT_ASK_MAX];
    size_t n = 0;
    if (order->n_item > VAULT_ASK_MAX || strlen(order->order_id) > VAULT_WORD_MAX)
        return false;
    for (size_t i = 0; i < order->n_item; i++)
        if (strcmp(order->item[i]->origin, vault_origin(r->place.vault)) == 0)
            record[n++] = order->item[i]->index;
    return destroy(r, record, n, order->order_id, (uint8_t)order->why);
}

bool vault_order(struct vault_run *r, const struct fedgate_delivery *d)
{
    struct arena *a = arena_new(LIMIT_ARENA);
    struct ProtobufCMessage *m;
    struct finding why;
    bool ours =
        message_unpack(a, &fedgate__v1__message__descriptor, bytes_of(d->message.p, d->message.n),
                       LIMIT_MESSAGE, &m, &why) == RESULT_OK &&
        is_order((const void *)m);
    const Fedgate__V1__Message *order = (const void *)m;
    if (ours && carry_out(r, order->destruction_order))
        vault_receipt_owed(r, order, d->seq);
    arena_free(a);
    return ours;
}

/*
 * What edge and ledger say to the keeper, and its answers, as structures with their encoding;
 * takers and putters as in road.h. Buffers that held keys are wiped by their owners.
 */
#ifndef FEDGATE_IPC_KEYS_H
#define FEDGATE_IPC_KEYS_H

#include "ipc/channel.h"
#include "ipc/road.h"

/* Live scopes at once. All of them go into one message when they are wrapped again. */
enum { KEYS_SCOPES_MAX = 1 << 18 };

/* IPC_SCOPE_IS. id 0: there is no such scope. */
struct keys_scope {
    uint64_t id;
    uint8_t key[ROAD_KEY];
    uint64_t generation;
    uint8_t wrapped[ROAD_WRAPPED];
};
void keys_scope_put(const struct keys_scope *s, struct buf *out);
MUST_USE enum result keys_scope_take(struct cursor *in, struct keys_scope *out);

/* IPC_LEDGER_KEYS_ARE */
struct keys_ledger {
    uint8_t mac_key[ROAD_KEY];
    uint64_t generation;              /* of the wrapping secret that is in force */
    uint8_t log_public_key[ROAD_KEY]; /* Ed25519 */
};
void keys_ledger_put(const struct keys_ledger *k, struct buf *out);
MUST_USE enum result keys_ledger_take(struct cursor *in, struct keys_ledger *out);

/* One scope as it stands in the key file and in SCOPES_LOAD, SCOPES_ADOPT, SCOPES_REWRAPPED. */
struct keys_slot {
    uint64_t id;
    uint8_t tuple[ROAD_DIGEST];
    uint64_t generation;
    uint8_t wrapped[ROAD_WRAPPED];
};
enum { KEYS_SLOT_BYTES = 8 + ROAD_DIGEST + 8 + ROAD_WRAPPED };
_Static_assert((size_t)KEYS_SCOPES_MAX *KEYS_SLOT_BYTES + 64 <= CHANNEL_MESSAGE_MAX,
               "all scopes go into one message");
void keys_slot_put(const struct keys_slot *s, struct buf *out);
MUST_USE enum result keys_slot_take(struct cursor *in, struct keys_slot *out);

/* IPC_CHECKPOINT_SIGN */
struct keys_checkpoint {
    uint64_t size;
    uint8_t root[ROAD_DIGEST];
};
void keys_checkpoint_put(const struct keys_checkpoint *k, struct buf *out);
MUST_USE enum result keys_checkpoint_take(struct cursor *in, struct keys_checkpoint *out);

#endif

/*
 * The register's road: facts from the edge, sealed; their keys, which the ledger asks the keeper
 * for and the edge seals under; and facts opened by the keeper for a reader, to whose key they are
 * sealed at once, so that nobody between sees them. Takers and putters as in road.h.
 */
#ifndef FEDGATE_IPC_REGISTER_H
#define FEDGATE_IPC_REGISTER_H

#include "ipc/keys.h"

enum { ROAD_FACTS_A_BOX = 256, ROAD_READER = 32, ROAD_BOX_MAX = 512 << 10 };

/* What a fact is sealed with, so that nothing that was sealed for another use opens as one. */
#define REGISTER_CONTEXT "fedgate register fact 1"

/* The label of the key for tags of subjects (mac_derive_key). */
#define REGISTER_SUBJECTS "register subjects"

/* IPC_REGISTER_MAKE: the tuple of a scope. The answer IPC_REGISTER_IS: that scope, wrapped, without
 * its key. */
MUST_USE enum result register_slot_take(struct cursor *in, struct keys_slot *out);

/* RECORD_REGISTER: a key of the register, and until when it is kept. */
struct register_scope {
    struct keys_slot slot;
    int64_t begins_us, ends_us; /* of the facts that are sealed under it */
    int64_t keep_until_us;
};
void register_scope_put(const struct register_scope *s, struct buf *out);
MUST_USE enum result register_scope_take(struct cursor *in, struct register_scope *out);

/* IPC_REGISTER_SEAL. The answer IPC_REGISTER_SEALED is a road_fact, or nothing. */
struct register_plain {
    uint64_t scope;
    struct bytes fact; /* canonical JSON (audit/fact.h) */
};
void register_plain_put(const struct register_plain *p, struct buf *out);
MUST_USE enum result register_plain_take(struct cursor *in, struct register_plain *out);

/* IPC_REGISTER_OPEN: to whom, and behind that, to the end of the message, up to ROAD_FACTS_A_BOX
 * times u64 leaf and bytes16 sealed fact (struct road_fact). The answer IPC_REGISTER_OPENED: a box
 * for the reader with as many facts. */
struct register_opened {
    uint64_t index;             /* of its leaf */
    uint64_t scope;             /* 0: its key is not there any more */
    uint8_t salt[ROAD_SEED];    /* opens the leaf's commitment, */
    struct bytes fact;          /* over these bytes */
    uint8_t subjects[ROAD_KEY]; /* what the tags of subjects under this scope are made with */
};
void register_opened_put(const struct register_opened *o, struct buf *out);
MUST_USE enum result register_opened_take(struct cursor *in, struct register_opened *out);

#endif

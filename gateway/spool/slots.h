/*
 * The key file: every live scope's key, wrapped under the keeper's wrapping secret. It has two
 * halves, `slots.0` and `slots.1`; a destruction writes the survivors to the other half before the
 * secret is overwritten, and empties the old half after.
 */
#ifndef FEDGATE_SPOOL_SLOTS_H
#define FEDGATE_SPOOL_SLOTS_H

#include "ipc/keys.h"

struct slots;

/* In the data folder, whose descriptor stays the caller's. `mac_key` tells damage. */
struct slots *slots_new(int folder, const uint8_t mac_key[ROAD_KEY]);
void slots_free(struct slots *s);

/*
 * Reads the half of this generation: each slot is handed to `each`. RESULT_NOT_FOUND for the first
 * generation, which has none; RESULT_DAMAGED when there is no whole half of a later one; RESULT_IO.
 * The other half is what a crash left, and is emptied.
 */
MUST_USE enum result slots_read(struct slots *s, uint64_t generation,
                                void (*each)(void *arg, const struct keys_slot *slot), void *arg);

/* Hands over every slot of each half that is whole, whatever its generation, and changes nothing.
 * RESULT_IO. */
MUST_USE enum result slots_look(struct slots *s,
                                void (*each)(void *arg, const struct keys_slot *slot), void *arg);

/* Writes encoded slots as the half that is not in use, and syncs it. RESULT_FULL: the disk has no
 * room, and the half in use holds as before. RESULT_MALFORMED for what are no whole slots,
 * RESULT_TOO_LARGE past KEYS_SCOPES_MAX. RESULT_IO is final, as in journal.h. */
MUST_USE enum result slots_write(struct slots *s, uint64_t generation, struct bytes encoded);

/* The half written last is in use now; the other is overwritten with zeros, synced and cut off. */
MUST_USE enum result slots_switch(struct slots *s);

#endif

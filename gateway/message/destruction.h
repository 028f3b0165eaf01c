/*
 * The text that a unit signs in a receipt of destruction, as the contract (DestructionReceipt) says
 * it: the gateway makes it to check the signature, an agency's program to sign it.
 */
#ifndef FEDGATE_MESSAGE_DESTRUCTION_H
#define FEDGATE_MESSAGE_DESTRUCTION_H

#include "base/arena.h"
#include "base/buf.h"
#include "crypto/minisign.h"

struct Fedgate__V1__DestructionReceipt;

/* Appends the text of a receipt of `unit`, whatever its signature. RESULT_MALFORMED when a field
 * has a TAB or LF in it, or is missing. */
MUST_USE enum result destruction_text(const struct Fedgate__V1__DestructionReceipt *r,
                                      struct bytes unit, struct buf *out);

/* Signs a receipt of `unit`: key_id and signature come to lie in the arena. RESULT_MALFORMED as
 * above, RESULT_NO_MEMORY. */
MUST_USE enum result destruction_sign(struct Fedgate__V1__DestructionReceipt *r, struct bytes unit,
                                      const struct minisign_secret *key, struct arena *a);

/* Whether no item is named twice, in whichever of its lists. */
bool destruction_names_each_once(const struct Fedgate__V1__DestructionReceipt *r);

#endif

/* Halves of the keys of vault items. Inside keeper/ only. */
#ifndef FEDGATE_KEEPER_HALF_H
#define FEDGATE_KEEPER_HALF_H

#include "ipc/half_road.h"
#include "keeper/scopes.h"

/* Answers IPC_HALF_MAKE: the half of this record under this scope, in a box for the reader alone;
 * nothing when the scope is no vault's, its key is gone or about to go, or the reader's is no key:
 * a unit chose it, and whoever passes it on has said nothing wrong. RESULT_MALFORMED. */
MUST_USE enum result half_seal(struct scopes *s, struct bytes body, struct buf *reply);

#endif

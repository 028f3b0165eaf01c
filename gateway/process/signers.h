/* Who may sign the policy set that is about to be compiled. The supervisor collects it without
 * reading it; the compiler reads it. Inside process/ only. */
#ifndef FEDGATE_PROCESS_SIGNERS_H
#define FEDGATE_PROCESS_SIGNERS_H

#include "base/log.h"
#include "config/settings.h"
#include "policy/seal.h"

/* A descriptor with what the ledger told of the set in force (IPC_IN_FORCE), the officers' key
 * files of the configuration, and whether signatures are required; -1 after it told the log why. */
int signers_collect(const struct settings *s, struct bytes in_force, const struct log *log);

/* The officers whom the set in force names; those of the configuration when there is none, or it
 * names none. Closes the descriptor. RESULT_MALFORMED when a key file holds no key of minisign. */
MUST_USE enum result signers_read(int fd, bool *required, struct seal_trust *out);

/* What a checked set says of itself, for the ledger. */
void signers_put_claim(const struct seal_claim *claim, bool required, struct buf *out);

#endif

/* What the supervisor has compiled for it: configuration and policy set, each to one sealed block.
 * The work is done by a compiler role, which is over when these return: by itself, or ended after
 * twenty seconds. Inside process/ only. */
#ifndef FEDGATE_PROCESS_COMPILE_H
#define FEDGATE_PROCESS_COMPILE_H

#include "base/log.h"
#include "config/settings.h"

/* Reads the configuration file into *out and hands back the block that roles get; -1 after it said
 * on standard error what is wrong. `program` is this program's own path. */
int compile_settings(const char *program, const char *config_path, const struct log *log,
                     struct settings *out);

/*
 * The policy set and revocation lists as they are now; the block, or -1 after it said on standard
 * error what is wrong. `in_force` is what the ledger told of the set in force (IPC_IN_FORCE): the
 * seal is checked against it, and a copy goes to the archive; NULL: neither. `said` becomes what
 * the ledger is asked with (IPC_ACTIVATE), or one word for what is wrong.
 */
enum { CLAIM_MAX = 65536 };
int compile_policy(const char *program, const struct settings *s, const struct bytes *in_force,
                   const struct log *log, struct buf *said);

#endif

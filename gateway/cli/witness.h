/*
 * An agency as a witness of the audit log: what it signed last, in a folder of its own, and the one
 * way to sign. Shared by "fedgatectl audit cosign" (a log's folder) and "fedgate-agent witness" (a
 * running gateway).
 */
#ifndef FEDGATE_CLI_WITNESS_H
#define FEDGATE_CLI_WITNESS_H

#include "audit/witness.h"
#include "cli/audit_log.h"

struct witness_state {
    int folder;      /* locked: one process at a time */
    struct buf seen; /* the note signed last; empty: none yet */
};

/* Opens the state, and makes it with `begin`; without it, a state that is not there is an error,
 * for a witness that forgot what it saw would sign anything. False after an error message. Closed
 * by witness_state_close. */
bool witness_state_open(const char *path, bool begin, struct witness_state *out);
void witness_state_close(struct witness_state *s);

/*
 * Checks the note against the state, puts it there durably, and only then appends the witness's
 * line. CLI_OK; CLI_NO after an error message when it must never be signed: the note is kept as
 * evidence beside the state; CLI_FAILED after one when it cannot be told or kept now.
 */
int witness_confirm(struct witness_state *s, const struct note_key *log,
                    const struct audit_secret *secret, struct bytes note, struct proof_source tiles,
                    int64_t now_us, struct buf *line);

#endif

/* The register's facts, opened for a reader; and those that no edge seals. Inside keeper/ only. */
#ifndef FEDGATE_KEEPER_REGISTER_H
#define FEDGATE_KEEPER_REGISTER_H

#include "ipc/register.h"
#include "keeper/scopes.h"

/*
 * Answers IPC_REGISTER_OPEN: a box that only the reader can open (crypto/box.h), with a
 * register_opened for each fact. What was sealed for another use is not opened, whoever asks: the
 * ledger cannot read bodies this way. A fact whose key is gone comes without its content.
 * Nothing when the reader's key is none: whoever passes it on has said nothing wrong.
 * RESULT_MALFORMED, RESULT_TOO_LARGE.
 */
MUST_USE enum result register_open_facts(struct scopes *s, struct bytes body, struct buf *reply);

/*
 * Answers IPC_REGISTER_SEAL: a road_fact, sealed as the edge seals one, under a seed of the
 * keeper's own. So the ledger keeps what it was told as a fact, and has no key for that. Nothing
 * when the scope is gone or doomed. RESULT_MALFORMED, RESULT_TOO_LARGE.
 */
MUST_USE enum result register_seal_fact(struct scopes *s, struct bytes body, struct buf *reply);

#endif

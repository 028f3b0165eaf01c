/* Proofs that can be kept and checked offline (C2SP tlog-proof): an index, the hashes up to the
 * root, and the checkpoint with its signatures, in one text. */
#ifndef FEDGATE_AUDIT_TLOG_PROOF_H
#define FEDGATE_AUDIT_TLOG_PROOF_H

#include "audit/proof.h"

struct tlog_proof {
    uint64_t index;
    struct proof path;
    struct bytes note; /* a view */
};

/* Appends the text. `extra` (empty: none) is what the format lets travel along, believed by nobody:
 * here the entry itself, which the proof then bears out. */
void tlog_proof_put(const struct tlog_proof *p, struct bytes extra, struct buf *out);

/* Reads it; what stands in its extra line is appended to `extra`. RESULT_MALFORMED. */
MUST_USE enum result tlog_proof_read(struct bytes text, struct tlog_proof *out, struct buf *extra);

/* RESULT_OK when the log's key signed the checkpoint, the checkpoint is the log's, and the entry
 * stands at the index under it: `c` is the checkpoint. Else as note_open and tree_check_inclusion,
 * with `fault` (static) saying what is wrong. */
MUST_USE enum result tlog_proof_check(struct hasher *h, const struct tlog_proof *p,
                                      const struct note_key *key, struct bytes entry,
                                      struct checkpoint *c, const char **fault);

#endif

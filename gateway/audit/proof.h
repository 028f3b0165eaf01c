/*
 * Proofs out of tiles (RFC 6962, 2.1.1 and 2.1.2): that an entry stands in the log, and that the
 * log holds what it held before. Nothing read is believed: whoever uses a proof checks it against
 * signed roots (tree.h), and a wrong tile gives a proof that does not hold.
 */
#ifndef FEDGATE_AUDIT_PROOF_H
#define FEDGATE_AUDIT_PROOF_H

#include "audit/note.h"

/* Where hash tiles come from: a folder, or a gateway over the network. */
struct proof_source {
    void *arg;
    /* Appends a tile of at least `width` hashes (0: full). RESULT_NOT_FOUND and the like end the
     * proof with that result. */
    enum result (*tile)(void *arg, unsigned level, uint64_t number, unsigned width,
                        struct buf *out);
};

/* The tiles of a log's folder; *folder outlives the source. */
struct proof_source proof_source_folder(const int *folder);

enum { PROOF_HASHES_MAX = 2 * 64 };

/* Hashes from the leaf up. */
struct proof {
    struct tree_hash hash[PROOF_HASHES_MAX];
    size_t count;
};

/* Of the entry in the tree of this size; of the tree of the old size (above 0) in that of the new
 * one. RESULT_RANGE when it cannot be in there; RESULT_MALFORMED for a tile that is too short, and
 * what the source answers. */
MUST_USE enum result proof_inclusion(const struct proof_source *s, struct hasher *h, uint64_t index,
                                     uint64_t size, struct proof *out);
MUST_USE enum result proof_consistency(const struct proof_source *s, struct hasher *h, uint64_t old,
                                       uint64_t size, struct proof *out);

/* The root that the tiles give for this size. */
MUST_USE enum result proof_root(const struct proof_source *s, struct hasher *h, uint64_t size,
                                struct tree_hash *root);

#endif

/* Merkle trees of RFC 6962 (section 2.1): hashing, roots that grow, and checking of proofs. */
#ifndef FEDGATE_AUDIT_TREE_H
#define FEDGATE_AUDIT_TREE_H

#include "base/result.h"
#include "crypto/digest.h"

enum { TREE_HASH = SHA256_BYTES, TREE_LEVELS = 64 };

struct tree_hash {
    uint8_t b[TREE_HASH];
};

struct tree_hash tree_leaf_hash(struct hasher *h, struct bytes entry);
struct tree_hash tree_node_hash(struct hasher *h, const struct tree_hash *left,
                                const struct tree_hash *right);

/* The right edge of a tree: enough to add leaves and to tell the root. Zeroed, it is the empty
 * tree. */
struct tree_edge {
    uint64_t size;
    struct tree_hash peak[TREE_LEVELS]; /* one for each set bit of size, largest subtree first */
    unsigned peaks;
};

void tree_add(struct hasher *h, struct tree_edge *e, const struct tree_hash *leaf);
struct tree_hash tree_root(struct hasher *h, const struct tree_edge *e);

/* RFC 9162, 2.1.3.2 and 2.1.4.2. RESULT_MISMATCH when the proof does not show it. */
MUST_USE enum result tree_check_inclusion(struct hasher *h, const struct tree_hash *leaf,
                                          uint64_t index, uint64_t size,
                                          const struct tree_hash *proof, size_t count,
                                          const struct tree_hash *root);
MUST_USE enum result tree_check_consistency(struct hasher *h, uint64_t old_size, uint64_t size,
                                            const struct tree_hash *proof, size_t count,
                                            const struct tree_hash *old_root,
                                            const struct tree_hash *root);

#endif

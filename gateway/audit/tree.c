#include "audit/tree.h"

/* One buffer and one call: the hasher's cost per part would be a quarter of a node's. */
struct tree_hash tree_node_hash(struct hasher *h, const struct tree_hash *left,
                                const struct tree_hash *right)
{
    uint8_t text[1 + 2 * TREE_HASH] = {0x01};
    struct bytes part = bytes_of(text, sizeof text);
    struct tree_hash out;
    memcpy(text + 1, left->b, TREE_HASH);
    memcpy(text + 1 + TREE_HASH, right->b, TREE_HASH);
    hasher_sha256(h, &part, 1, out.b);
    return out;
}

struct tree_hash tree_leaf_hash(struct hasher *h, struct bytes entry)
{
    static const uint8_t prefix = 0x00;
    struct bytes part[] = {bytes_of(&prefix, 1), entry};
    struct tree_hash out;
    hasher_sha256(h, part, 2, out.b);
    return out;
}

/* Like adding one in binary: as many subtrees merge as the old size ends in ones. */
void tree_add(struct hasher *h, struct tree_edge *e, const struct tree_hash *leaf)
{
    struct tree_hash merged = *leaf;
    for (uint64_t size = e->size; (size & 1) != 0; size >>= 1)
        merged = tree_node_hash(h, &e->peak[--e->peaks], &merged);
    e->peak[e->peaks++] = merged;
    e->size++;
}

struct tree_hash tree_root(struct hasher *h, const struct tree_edge *e)
{
    struct tree_hash root;
    if (e->peaks == 0) {
        hasher_sha256(h, NULL, 0, root.b);
        return root;
    }
    root = e->peak[e->peaks - 1];
    for (unsigned i = e->peaks - 1; i > 0; i--)
        root = tree_node_hash(h, &e->peak[i - 1], &root);
    return root;
}

static bool equal(const struct tree_hash *a, const struct tree_hash *b)
{
    return memcmp(a->b, b->b, TREE_HASH) == 0;
}

/* Up from a node that is a right child or the last of its row, to the next whose parent has two
 * children. */
static void skip_lonely(uint64_t *node, uint64_t *last)
{
    while ((*node & 1) == 0 && *node != 0) {
        *node >>= 1;
        *last >>= 1;
    }
}

enum result tree_check_inclusion(struct hasher *h, const struct tree_hash *leaf, uint64_t index,
                                 uint64_t size, const struct tree_hash *proof, size_t count,
                                 const struct tree_hash *root)
{
    struct tree_hash r = *leaf;
    if (index >= size)
        return RESULT_MISMATCH;
    uint64_t node = index, last = size - 1;
    for (size_t i = 0; i < count; i++) {
        if (last == 0)
            return RESULT_MISMATCH;
        if ((node & 1) != 0 || node == last) {
            r = tree_node_hash(h, &proof[i], &r);
            skip_lonely(&node, &last);
        } else {
            r = tree_node_hash(h, &r, &proof[i]);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && equal(&r, root) ? RESULT_OK : RESULT_MISMATCH;
}

enum result tree_check_consistency(struct hasher *h, uint64_t old_size, uint64_t size,
                                   const struct tree_hash *proof, size_t count,
                                   const struct tree_hash *old_root, const struct tree_hash *root)
{
    if (old_size == 0 || old_size > size)
        return RESULT_MISMATCH;
    if (old_size == size)
        return count == 0 && equal(old_root, root) ? RESULT_OK : RESULT_MISMATCH;
    uint64_t node = old_size - 1, last = size - 1;
    while ((node & 1) != 0) {
        node >>= 1;
        last >>= 1;
    }
    /* an old tree that is one whole subtree is not repeated in the proof */
    size_t i = node == 0 ? 0 : 1;
    if (count < i)
        return RESULT_MISMATCH;
    struct tree_hash was = i == 0 ? *old_root : proof[0], is = was;
    for (; i < count; i++) {
        if (last == 0)
            return RESULT_MISMATCH;
        if ((node & 1) != 0 || node == last) {
            was = tree_node_hash(h, &proof[i], &was);
            is = tree_node_hash(h, &proof[i], &is);
            skip_lonely(&node, &last);
        } else {
            is = tree_node_hash(h, &is, &proof[i]);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && equal(&was, old_root) && equal(&is, root) ? RESULT_OK : RESULT_MISMATCH;
}

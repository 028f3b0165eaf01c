#include "audit/proof.h"

#include "audit/tile_file.h"
#include "audit/tower.h"

/* ---- a folder's tiles */

static enum result folder_tile(void *arg, unsigned level, uint64_t number, unsigned width,
                               struct buf *out)
{
    const int *folder = arg;
    bool longer;
    return tile_read_either(*folder, (int)level, number, width, out, &longer);
}

struct proof_source proof_source_folder(const int *folder)
{
    return (struct proof_source){(void *)(uintptr_t)folder, folder_tile};
}

/* ---- reading */

/* The tile of one level that was read last: neighbours on the way up stand in it too. */
struct kept_tile {
    uint64_t number;
    struct buf hashes; /* empty: none */
};

struct reading {
    const struct proof_source *source;
    struct hasher *hasher;
    uint64_t size; /* of the tree */
    struct kept_tile kept[TOWER_LEVELS];
};

static struct reading reading_of(const struct proof_source *s, struct hasher *h, uint64_t size)
{
    struct reading r = {.source = s, .hasher = h, .size = size};
    for (unsigned l = 0; l < TOWER_LEVELS; l++)
        buf_init(&r.kept[l].hashes, TILE_WIDTH * TREE_HASH);
    return r;
}

static void reading_end(struct reading *r)
{
    for (unsigned l = 0; l < TOWER_LEVELS; l++)
        buf_free(&r->kept[l].hashes);
}

/* What the tree of this size has in a tile: 0 for a full one. */
static unsigned width_of(const struct reading *r, unsigned level, uint64_t number)
{
    return number < tower_number(r->size, level) ? 0 : tower_width(r->size, level);
}

static enum result read_tile(struct reading *r, unsigned level, uint64_t number,
                             const struct buf **out)
{
    struct kept_tile *k = &r->kept[level];
    unsigned width = width_of(r, level, number);
    *out = &k->hashes;
    if (k->hashes.n > 0 && k->number == number)
        return RESULT_OK;
    buf_clear(&k->hashes);
    k->number = number;
    enum result got = r->source->tile(r->source->arg, level, number, width, &k->hashes);
    if (got == RESULT_OK && k->hashes.n < (width == 0 ? TILE_WIDTH : width) * (size_t)TREE_HASH)
        got = RESULT_MALFORMED;
    if (got != RESULT_OK)
        buf_clear(&k->hashes);
    return got;
}

/* The subtree over 2^height leaves that begins at `begin`: a hash of a tile, or up to 128 of one
 * hashed together. */
static enum result whole_subtree(struct reading *r, uint64_t begin, unsigned height,
                                 struct tree_hash *out)
{
    unsigned level = height / 8;
    uint64_t first = begin >> (8 * level);
    size_t count = (size_t)1 << height % 8, at = first % TILE_WIDTH;
    struct tree_edge edge = {0};
    const struct buf *tile;
    TRY(read_tile(r, level, first / TILE_WIDTH, &tile));
    for (size_t i = at; i < at + count; i++) {
        struct tree_hash hash;
        if (tile->n < (i + 1) * TREE_HASH)
            return RESULT_MALFORMED;
        memcpy(&hash, tile->p + i * TREE_HASH, sizeof hash);
        tree_add(r->hasher, &edge, &hash);
    }
    *out = tree_root(r->hasher, &edge);
    return RESULT_OK;
}

/* The largest power of two below n (n > 1): where RFC 6962 splits a tree. */
static uint64_t split_of(uint64_t n)
{
    uint64_t k = 1;
    while (k < n - k)
        k *= 2;
    return k;
}

static unsigned height_of(uint64_t n)
{
    unsigned height = 0;
    while (n > 1) {
        n /= 2;
        height++;
    }
    return height;
}

/* The hash of the leaves from `begin` up to `end`, a node of the tree: its left halves are whole
 * subtrees, so what is kept of them is an edge. */
static enum result range_hash(struct reading *r, uint64_t begin, uint64_t end,
                              struct tree_hash *out)
{
    struct tree_edge edge = {0};
    while (begin < end) {
        uint64_t n = end - begin, whole = (n & (n - 1)) == 0 ? n : split_of(n);
        TRY(whole_subtree(r, begin, height_of(whole), &edge.peak[edge.peaks]));
        edge.peaks++;
        begin += whole;
    }
    *out = tree_root(r->hasher, &edge);
    return RESULT_OK;
}

/* ---- proofs */

static enum result add_range(struct reading *r, uint64_t begin, uint64_t end, struct proof *out)
{
    if (out->count == PROOF_HASHES_MAX)
        return RESULT_STATE;
    return range_hash(r, begin, end, &out->hash[out->count++]);
}

/* Collected on the way down; a proof goes up. */
static void turn_round(struct proof *p)
{
    for (size_t i = 0; i < p->count / 2; i++) {
        struct tree_hash t = p->hash[i];
        p->hash[i] = p->hash[p->count - 1 - i];
        p->hash[p->count - 1 - i] = t;
    }
}

/* PATH(m, D[n]) */
static enum result path(struct reading *r, uint64_t index, struct proof *out)
{
    uint64_t begin = 0, end = r->size;
    while (end - begin > 1) {
        uint64_t middle = begin + split_of(end - begin);
        if (index < middle) {
            TRY(add_range(r, middle, end, out));
            end = middle;
        } else {
            TRY(add_range(r, begin, middle, out));
            begin = middle;
        }
    }
    turn_round(out);
    return RESULT_OK;
}

/* SUBPROOF(m, D[n], true): a tree that was one whole subtree is not repeated. */
static enum result subproof(struct reading *r, uint64_t old, struct proof *out)
{
    uint64_t begin = 0, end = r->size;
    bool is_known = true;
    while (end != old) {
        uint64_t middle = begin + split_of(end - begin);
        if (old <= middle) {
            TRY(add_range(r, middle, end, out));
            end = middle;
        } else {
            TRY(add_range(r, begin, middle, out));
            begin = middle;
            is_known = false;
        }
    }
    if (!is_known)
        TRY(add_range(r, begin, end, out));
    turn_round(out);
    return RESULT_OK;
}

enum result proof_inclusion(const struct proof_source *s, struct hasher *h, uint64_t index,
                            uint64_t size, struct proof *out)
{
    struct reading r = reading_of(s, h, size);
    out->count = 0;
    if (index >= size)
        return RESULT_RANGE;
    enum result result = path(&r, index, out);
    reading_end(&r);
    return result;
}

enum result proof_consistency(const struct proof_source *s, struct hasher *h, uint64_t old,
                              uint64_t size, struct proof *out)
{
    struct reading r = reading_of(s, h, size);
    out->count = 0;
    if (old == 0 || old > size)
        return RESULT_RANGE;
    enum result result = subproof(&r, old, out);
    reading_end(&r);
    return result;
}

enum result proof_root(const struct proof_source *s, struct hasher *h, uint64_t size,
                       struct tree_hash *root)
{
    struct reading r = reading_of(s, h, size);
    enum result result = range_hash(&r, 0, size, root);
    reading_end(&r);
    return result;
}

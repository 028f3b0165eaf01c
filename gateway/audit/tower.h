/* The tree as tiles see it: the last tile of every level. Each node is hashed once, for the tile
 * above and for the root. Inside audit/ only. */
#ifndef FEDGATE_AUDIT_TOWER_H
#define FEDGATE_AUDIT_TOWER_H

#include "audit/tiles.h"

enum { TOWER_LEVELS = 8 /* 256^8 leaves are more than a uint64_t counts */ };

/* The last tile of one level. */
struct tower_tile {
    uint64_t number;
    struct tree_edge edge; /* over its hashes; edge.size is the tile's width */
    struct tree_hash hash[TILE_WIDTH];
};

/* Zeroed, it is the empty tree. */
struct tower {
    uint64_t size; /* leaves */
    struct tower_tile tile[TOWER_LEVELS];
};

/* Adds a leaf. Each tile that it fills is handed to `full` before its level goes on to the next. */
void tower_add(struct hasher *h, struct tower *t, const struct tree_hash *leaf,
               void (*full)(void *arg, unsigned level, const struct tower_tile *tile), void *arg);

struct tree_hash tower_root(struct hasher *h, const struct tower *t);

/* What a full tile's hashes hash to: the hash that the tile above has for it. */
struct tree_hash tower_tile_root(struct hasher *h, const struct tree_hash hash[TILE_WIDTH]);

/* The width of level `l`'s last tile in a tree of this size (tlog-tiles, Partial Tiles), and that
 * tile's number. */
unsigned tower_width(uint64_t size, unsigned l);
uint64_t tower_number(uint64_t size, unsigned l);

#endif

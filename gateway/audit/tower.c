#include "audit/tower.h"

void tower_add(struct hasher *h, struct tower *t, const struct tree_hash *leaf,
               void (*full)(void *arg, unsigned level, const struct tower_tile *tile), void *arg)
{
    struct tree_hash hash = *leaf;
    t->size++;
    for (unsigned l = 0; l < TOWER_LEVELS; l++) {
        struct tower_tile *tile = &t->tile[l];
        tile->hash[tile->edge.size] = hash;
        tree_add(h, &tile->edge, &hash);
        if (tile->edge.size < TILE_WIDTH)
            return;
        full(arg, l, tile);
        hash = tile->edge.peak[0];
        tile->edge.size = tile->edge.peaks = 0;
        tile->number++;
    }
}

struct tree_hash tower_root(struct hasher *h, const struct tower *t)
{
    struct tree_edge whole = {.size = t->size};
    for (unsigned l = TOWER_LEVELS; l-- > 0;)
        for (unsigned i = 0; i < t->tile[l].edge.peaks; i++)
            whole.peak[whole.peaks++] = t->tile[l].edge.peak[i];
    return tree_root(h, &whole);
}

struct tree_hash tower_tile_root(struct hasher *h, const struct tree_hash hash[TILE_WIDTH])
{
    struct tree_edge edge = {0};
    for (size_t i = 0; i < TILE_WIDTH; i++)
        tree_add(h, &edge, &hash[i]);
    return tree_root(h, &edge);
}

uint64_t tower_number(uint64_t size, unsigned l)
{
    return l == TOWER_LEVELS - 1 ? 0 : size >> (8 * (l + 1));
}

unsigned tower_width(uint64_t size, unsigned l)
{
    return (unsigned)(size >> (8 * l)) % TILE_WIDTH;
}

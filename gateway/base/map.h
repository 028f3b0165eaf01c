/*
 * A hash map from byte strings to items that the caller owns. The key is a view into the item. Each
 * map has its own random seed, so that a peer that chooses keys cannot make them collide.
 */
#ifndef FEDGATE_BASE_MAP_H
#define FEDGATE_BASE_MAP_H

#include "base/bytes.h"

struct map;

/* `key_of` gives the key of an item; it must not change while the item is in the map. */
struct map *map_new(struct bytes (*key_of)(const void *item));

/* Frees the map, not the items. Accepts NULL. */
void map_free(struct map *m);

/* The item with this key, or NULL. */
void *map_get(const struct map *m, struct bytes key);

/* This key will be looked for or added soon: memory is asked for what that takes, and nobody waits.
 * In a map of a million items half of an addition is that wait. */
void map_expect(const struct map *m, struct bytes key);

/* Adds the item. False, and nothing is changed, when its key is there already. */
bool map_add(struct map *m, void *item);

/* Takes the item with this key out and returns it; NULL when there is none. */
void *map_remove(struct map *m, struct bytes key);

size_t map_count(const struct map *m);

/* Walks all items in no order: start with *at = 0; NULL at the end. Nothing may be added or removed
 * meanwhile. */
void *map_next(const struct map *m, size_t *at);

/* Takes out the item that map_next returned last and returns it; the walk goes on behind it. An
 * item that stays may be met a second time then. */
void *map_take(struct map *m, size_t *at);

#define MAP_FOREACH(item, m, at) for ((at) = 0; ((item) = map_next((m), &(at))) != NULL;)

#endif

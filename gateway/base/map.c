#include "base/map.h"

#include "base/mem.h"

#include <sys/random.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Open addressing with linear probing; at most 3/4 full; removal shifts the followers back, so
 * there are no tombstones. */
struct slot {
    uint64_t hash;
    void *item; /* NULL: empty */
};

struct map {
    struct bytes (*key_of)(const void *item);
    uint64_t seed;
    size_t count, mask; /* mask + 1 slots */
    struct slot *slot;
};

enum { FIRST_SLOTS = 16 };

struct map *map_new(struct bytes (*key_of)(const void *item))
{
    struct map *m = mem_new(sizeof *m);
    m->key_of = key_of;
    if (getrandom(&m->seed, sizeof m->seed, 0) != (ssize_t)sizeof m->seed)
        abort(); /* the kernel's generator cannot fail for eight bytes once it is up */
    m->slot = mem_new_array(FIRST_SLOTS, sizeof *m->slot);
    m->mask = FIRST_SLOTS - 1;
    return m;
}

void map_free(struct map *m)
{
    if (m == NULL)
        return;
    mem_free(m->slot);
    mem_free(m);
}

static uint64_t hash_of(const struct map *m, struct bytes key)
{
    return XXH3_64bits_withSeed(key.p, key.n, m->seed);
}

/* The place of the key, or the empty place where it would go. */
static size_t place_of(const struct map *m, struct bytes key, uint64_t hash)
{
    size_t i = hash & m->mask;
    while (m->slot[i].item != NULL &&
           (m->slot[i].hash != hash || !bytes_equal(m->key_of(m->slot[i].item), key)))
        i = (i + 1) & m->mask;
    return i;
}

void *map_get(const struct map *m, struct bytes key)
{
    return m->slot[place_of(m, key, hash_of(m, key))].item;
}

void map_expect(const struct map *m, struct bytes key)
{
    __builtin_prefetch(&m->slot[hash_of(m, key) & m->mask]);
}

static void resize(struct map *m, size_t slots)
{
    struct slot *old = m->slot;
    size_t old_slots = m->mask + 1;
    m->slot = mem_new_array(slots, sizeof *m->slot);
    mem_in_large_pages(m->slot, slots * sizeof *m->slot);
    m->mask = slots - 1;
    for (size_t k = 0; k < old_slots; k++) {
        if (old[k].item == NULL)
            continue;
        size_t i = old[k].hash & m->mask;
        while (m->slot[i].item != NULL)
            i = (i + 1) & m->mask;
        m->slot[i] = old[k];
    }
    mem_free(old);
}

bool map_add(struct map *m, void *item)
{
    struct bytes key = m->key_of(item);
    uint64_t hash = hash_of(m, key);
    if (m->count + 1 > (m->mask + 1) / 4 * 3)
        resize(m, (m->mask + 1) * 2);
    size_t i = place_of(m, key, hash);
    if (m->slot[i].item != NULL)
        return false;
    m->slot[i] = (struct slot){hash, item};
    m->count++;
    return true;
}

/* Empties the slot. Of its followers, those move into the hole that look for themselves at or
 * before it. */
static void *empty_slot(struct map *m, size_t hole)
{
    void *item = m->slot[hole].item;
    for (size_t i = (hole + 1) & m->mask; m->slot[i].item != NULL; i = (i + 1) & m->mask) {
        size_t home = m->slot[i].hash & m->mask;
        if (((i - home) & m->mask) >= ((i - hole) & m->mask)) {
            m->slot[hole] = m->slot[i];
            hole = i;
        }
    }
    m->slot[hole].item = NULL;
    m->count--;
    return item;
}

void *map_remove(struct map *m, struct bytes key)
{
    size_t place = place_of(m, key, hash_of(m, key));
    return m->slot[place].item == NULL ? NULL : empty_slot(m, place);
}

void *map_take(struct map *m, size_t *at)
{
    return empty_slot(m, --*at); /* what moved into it is met next */
}

size_t map_count(const struct map *m)
{
    return m->count;
}

void *map_next(const struct map *m, size_t *at)
{
    while (*at <= m->mask) {
        void *item = m->slot[(*at)++].item;
        if (item != NULL)
            return item;
    }
    return NULL;
}

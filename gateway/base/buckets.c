#include "base/buckets.h"

#include "base/mem.h"

#include <stdlib.h>
#include <sys/random.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { PLACES = 8 }; /* of one name, side by side */

/* Who it is of is known by a hash under a secret seed: two names are one in 2^64 times. */
struct place {
    uint64_t name; /* 0: nobody's yet */
    struct bucket bucket;
};

struct buckets {
    struct bucket_size size;
    uint64_t seed;
    size_t mask; /* of the first place of a name; a multiple of PLACES */
    struct place *place;
};

struct buckets *buckets_new(size_t count, struct bucket_size size)
{
    struct buckets *b = mem_new(sizeof *b);
    size_t places = PLACES;
    while (places < count)
        places *= 2;
    *b = (struct buckets){.size = size,
                          .mask = (places - 1) & ~(size_t)(PLACES - 1),
                          .place = mem_new_array(places, sizeof *b->place)};
    if (getrandom(&b->seed, sizeof b->seed, 0) != (ssize_t)sizeof b->seed)
        abort(); /* as in base/map.c */
    return b;
}

void buckets_free(struct buckets *b)
{
    if (b == NULL)
        return;
    mem_free(b->place);
    mem_free(b);
}

/* The name's own place; else the fullest of those where it may be, which becomes its own. */
static struct place *place_of(const struct buckets *b, uint64_t name, int64_t now_us)
{
    struct place *first = &b->place[name & b->mask], *fullest = first;
    uint32_t most = 0;
    for (struct place *p = first; p < first + PLACES; p++) {
        if (p->name == name)
            return p;
        uint32_t left = p->name == 0 ? UINT32_MAX : bucket_left(&p->bucket, &b->size, now_us);
        if (left > most) {
            most = left;
            fullest = p;
        }
    }
    fullest->name = name;
    bucket_init(&fullest->bucket, &b->size, now_us);
    return fullest;
}

static struct bucket *bucket_of(struct buckets *b, struct bytes name, int64_t now_us)
{
    const uint64_t hash = XXH3_64bits_withSeed(name.p, name.n, b->seed);
    return &place_of(b, hash == 0 ? 1 : hash, now_us)->bucket;
}

bool buckets_pay(struct buckets *b, struct bytes name, int64_t now_us)
{
    struct bucket *own = bucket_of(b, name, now_us);
    return bucket_left(own, &b->size, now_us) > 0 && bucket_spend(own, &b->size, now_us, 1);
}

void buckets_charge(struct buckets *b, struct bytes name, int64_t now_us, uint32_t points)
{
    (void)bucket_spend(bucket_of(b, name, now_us), &b->size, now_us, points);
}

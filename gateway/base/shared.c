#include "base/shared.h"

#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>

struct shared {
    atomic_uint holds;
    size_t n, room;
    struct shared_pool *home; /* held while this is in use; NULL: none */
    struct shared *next;      /* in its pool */
    uint8_t bytes[];
};

enum {
    POOLED_FROM = 4096, /* smaller ones the C library has at hand */
    LOOKED_AT = 16      /* buffers of other sizes may be in front, but not without end */
};

/* `back` is where any thread puts what it dropped; the owner moves all of it to `free`. */
struct shared_pool {
    atomic_uint holds; /* the owner, and every buffer in use */
    size_t most;
    atomic_size_t kept; /* bytes of both lists */
    _Atomic(struct shared *) back;
    struct shared *free; /* last come first */
    size_t count, least; /* of `free`: now, and at the least since the last tick */
};

static struct shared *make(size_t n, size_t room)
{
    struct shared *s = mem_room(sizeof *s + room);
    atomic_init(&s->holds, 1);
    s->n = n;
    s->room = room;
    s->home = NULL;
    return s;
}

struct shared *shared_new(size_t n)
{
    return make(n, n);
}

uint8_t *shared_room(struct shared *s)
{
    return s->bytes;
}

struct shared *shared_copy(struct bytes b)
{
    struct shared *s = shared_new(b.n);
    if (b.n > 0)
        memcpy(s->bytes, b.p, b.n);
    return s;
}

struct shared *shared_hold(struct shared *s)
{
    atomic_fetch_add_explicit(&s->holds, 1, memory_order_relaxed);
    return s;
}

struct bytes shared_view(const struct shared *s)
{
    return bytes_of(s->bytes, s->n);
}

uint8_t *shared_edit(struct shared *s, struct bytes view)
{
    return view.n == 0 ? s->bytes : s->bytes + (view.p - s->bytes);
}

/* ---- the pool */

static void free_list(struct shared *s)
{
    while (s != NULL) {
        struct shared *next = s->next;
        mem_free(s);
        s = next;
    }
}

static void leave(struct shared_pool *pool)
{
    if (atomic_fetch_sub_explicit(&pool->holds, 1, memory_order_acq_rel) != 1)
        return;
    free_list(pool->free);
    free_list(atomic_load_explicit(&pool->back, memory_order_relaxed));
    mem_free(pool);
}

/* It is wiped. */
static void give_back(struct shared_pool *pool, struct shared *s)
{
    if (atomic_fetch_add_explicit(&pool->kept, s->room, memory_order_relaxed) > pool->most) {
        atomic_fetch_sub_explicit(&pool->kept, s->room, memory_order_relaxed);
        mem_free(s);
    } else {
        s->next = atomic_load_explicit(&pool->back, memory_order_relaxed);
        while (!atomic_compare_exchange_weak_explicit(&pool->back, &s->next, s,
                                                      memory_order_release, memory_order_relaxed))
            ;
    }
    leave(pool);
}

void shared_drop(struct shared *s)
{
    if (s == NULL || atomic_fetch_sub_explicit(&s->holds, 1, memory_order_acq_rel) != 1)
        return;
    mem_wipe(s->bytes, s->n);
    if (s->home != NULL)
        give_back(s->home, s);
    else
        mem_free(s);
}

struct shared_pool *shared_pool_new(size_t most)
{
    struct shared_pool *pool = mem_new(sizeof *pool);
    atomic_init(&pool->holds, 1);
    atomic_init(&pool->kept, 0);
    atomic_init(&pool->back, NULL);
    pool->most = most;
    return pool;
}

void shared_pool_free(struct shared_pool *pool)
{
    if (pool != NULL)
        leave(pool);
}

static void collect(struct shared_pool *pool)
{
    struct shared *first = atomic_exchange_explicit(&pool->back, NULL, memory_order_acquire);
    struct shared **end = &first;
    for (; *end != NULL; end = &(*end)->next)
        pool->count++;
    *end = pool->free;
    pool->free = first;
}

static struct shared *unlink_fitting(struct shared_pool *pool, size_t n)
{
    struct shared **at = &pool->free;
    for (size_t i = 0; i < LOOKED_AT && *at != NULL; i++, at = &(*at)->next) {
        struct shared *s = *at;
        if (s->room < n || s->room / 2 > n)
            continue;
        *at = s->next;
        return s;
    }
    return NULL;
}

static struct shared *lend(struct shared_pool *pool, struct shared *s)
{
    atomic_fetch_add_explicit(&pool->holds, 1, memory_order_relaxed);
    s->home = pool;
    return s;
}

struct shared *shared_pool_reuse(struct shared_pool *pool, size_t n)
{
    if (pool == NULL || n < POOLED_FROM)
        return NULL;
    collect(pool);
    struct shared *s = unlink_fitting(pool, n);
    if (s == NULL)
        return NULL;
    pool->count--;
    if (pool->count < pool->least)
        pool->least = pool->count;
    atomic_fetch_sub_explicit(&pool->kept, s->room, memory_order_relaxed);
    atomic_store_explicit(&s->holds, 1, memory_order_relaxed);
    s->n = n;
    return lend(pool, s);
}

struct shared *shared_pool_take(struct shared_pool *pool, size_t n)
{
    struct shared *s = shared_pool_reuse(pool, n);
    if (s != NULL)
        return s;
    if (pool == NULL || n < POOLED_FROM)
        return shared_new(n);
    return lend(pool, make(n, (n + POOLED_FROM - 1) / POOLED_FROM * POOLED_FROM));
}

/* The last of the list were not needed since then. */
void shared_pool_tick(struct shared_pool *pool)
{
    struct shared **at = &pool->free, *spare;
    collect(pool);
    for (size_t i = pool->count - pool->least; i > 0; i--)
        at = &(*at)->next;
    spare = *at;
    *at = NULL;
    for (const struct shared *s = spare; s != NULL; s = s->next)
        atomic_fetch_sub_explicit(&pool->kept, s->room, memory_order_relaxed);
    free_list(spare);
    pool->count -= pool->least;
    pool->least = pool->count;
}

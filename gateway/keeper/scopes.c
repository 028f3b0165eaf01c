#include "keeper/scopes.h"

#include "base/map.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "crypto/secret.h"

struct scopes {
    struct map *by_id, *by_tuple;
    struct secret_pool *pool;
};

static struct bytes id_of(const void *item)
{
    return bytes_of(&((const struct scope *)item)->id, sizeof(uint64_t));
}

static struct bytes tuple_of(const void *item)
{
    return bytes_of(((const struct scope *)item)->tuple, ROAD_DIGEST);
}

struct scopes *scopes_new(void)
{
    struct scopes *s = mem_new(sizeof *s);
    s->by_id = map_new(id_of);
    s->by_tuple = map_new(tuple_of);
    s->pool = secret_pool_new();
    return s;
}

static void forget(struct scopes *s, struct scope *x)
{
    if (map_get(s->by_tuple, tuple_of(x)) == x)
        (void)map_remove(s->by_tuple, tuple_of(x));
    secret_pool_drop(s->pool, x->key);
    mem_free(x);
}

void scopes_keep_only(struct scopes *s, uint64_t generation)
{
    const struct scope *x;
    size_t at;
    MAP_FOREACH (x, s->by_id, at)
        if (x->kept_for != generation)
            forget(s, map_take(s->by_id, &at));
}

void scopes_forget_all(struct scopes *s)
{
    size_t at = 0;
    while (map_next(s->by_id, &at) != NULL)
        forget(s, map_take(s->by_id, &at));
}

void scopes_free(struct scopes *s)
{
    if (s == NULL)
        return;
    scopes_forget_all(s);
    map_free(s->by_id);
    map_free(s->by_tuple);
    secret_pool_free(s->pool);
    mem_free(s);
}

struct scope *scopes_get(struct scopes *s, uint64_t id)
{
    return map_get(s->by_id, bytes_of(&id, sizeof id));
}

struct scope *scopes_add(struct scopes *s, uint64_t id, const uint8_t tuple[ROAD_DIGEST],
                         const uint8_t key[ROAD_KEY])
{
    struct scope *known = scopes_get(s, id);
    if (known != NULL)
        return known;
    uint8_t *room = secret_pool_take(s->pool);
    if (room == NULL)
        return NULL;
    struct scope *x = mem_new(sizeof *x);
    x->id = id;
    memcpy(x->tuple, tuple, ROAD_DIGEST);
    x->key = room;
    memcpy(room, key, ROAD_KEY);
    (void)map_add(s->by_id, x);
    (void)map_add(s->by_tuple,
                  x); /* an older scope of the same tuple keeps its place until it is forgotten */
    return x;
}

struct scope *scopes_for(struct scopes *s, const uint8_t tuple[ROAD_DIGEST])
{
    struct scope *known = map_get(s->by_tuple, bytes_of(tuple, ROAD_DIGEST));
    uint8_t key[ROAD_KEY];
    uint64_t id;
    if (known != NULL && !known->doomed)
        return known;
    if (known != NULL)
        (void)map_remove(s->by_tuple, tuple_of(known)); /* what begins anew gets a new key */
    do {
        random_fill(&id, sizeof id);
        id >>= 1; /* fits a signed number of any format */
    } while (id == 0 || scopes_get(s, id) != NULL);
    random_fill(key, sizeof key);
    struct scope *x = scopes_add(s, id, tuple, key);
    mem_wipe(key, sizeof key);
    return x;
}

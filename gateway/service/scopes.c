/* The keys of scopes, as long as the edge may use them: in locked memory, forgotten when the ledger
 * says so. */
#include "service/state.h"

#include "base/mem.h"
#include "crypto/secret.h"

struct scope_cache {
    struct map *by_id, *by_tuple;
    struct secret_pool *pool;
};

static struct bytes id_of(const void *item)
{
    return bytes_of(&((const struct cached_scope *)item)->is.id, sizeof(uint64_t));
}

static struct bytes tuple_of(const void *item)
{
    return bytes_of(((const struct cached_scope *)item)->tuple, ROAD_DIGEST);
}

struct scope_cache *scope_cache_new(void)
{
    struct scope_cache *c = mem_new(sizeof *c);
    c->by_id = map_new(id_of);
    c->by_tuple = map_new(tuple_of);
    c->pool = secret_pool_new();
    return c;
}

static void forget(struct scope_cache *c, struct cached_scope *s)
{
    (void)map_remove(c->by_id, id_of(s));
    if (map_get(c->by_tuple, tuple_of(s)) == s)
        (void)map_remove(c->by_tuple, tuple_of(s));
    secret_pool_drop(c->pool, s->key);
    mem_free(s);
}

static void forget_where(struct scope_cache *c, bool everything)
{
    const struct cached_scope *s;
    size_t at;
    MAP_FOREACH (s, c->by_id, at)
        if (everything || !s->committed)
            forget(c, map_take(c->by_id, &at));
}

void scope_cache_free(struct scope_cache *c)
{
    if (c == NULL)
        return;
    forget_where(c, true);
    map_free(c->by_id);
    map_free(c->by_tuple);
    secret_pool_free(c->pool);
    mem_free(c);
}

void scope_forget_all(struct edge *e)
{
    forget_where(e->scopes, true);
}

void scope_forget_uncommitted(struct edge *e)
{
    forget_where(e->scopes, false);
}

void scope_forget(struct edge *e, uint64_t id)
{
    struct cached_scope *s = map_get(e->scopes->by_id, bytes_of(&id, sizeof id));
    if (s != NULL)
        forget(e->scopes, s);
}

bool scope_is_known(const struct edge *e, uint64_t id)
{
    return map_get(e->scopes->by_id, bytes_of(&id, sizeof id)) != NULL;
}

void scope_was_committed(struct edge *e, uint64_t id)
{
    struct cached_scope *s = map_get(e->scopes->by_id, bytes_of(&id, sizeof id));
    if (s != NULL)
        s->committed = true;
}

static void tuple_of_wish(struct edge *e, const struct scope_wish *w, uint8_t out[ROAD_DIGEST])
{
    uint8_t starts = (uint8_t)w->starts;
    const struct bytes part[] = {bytes_of_text("scope"),
                                 bytes_of(&w->incident.n, sizeof w->incident.n),
                                 w->incident,
                                 bytes_of(&w->regions.n, sizeof w->regions.n),
                                 w->regions,
                                 w->subject,
                                 bytes_of(&w->consent.n, sizeof w->consent.n),
                                 w->consent,
                                 bytes_of(&w->mou.n, sizeof w->mou.n),
                                 w->mou,
                                 bytes_of(&starts, 1),
                                 bytes_of(&w->delay_us, sizeof w->delay_us),
                                 bytes_of(&w->deadline_us, sizeof w->deadline_us)};
    mac_keyed(e->tag_key, part, ARRAY_LEN(part), out);
}

static enum result keep(struct edge *e, struct keys_scope *got, struct cached_scope **out)
{
    uint8_t *room = secret_pool_take(e->scopes->pool);
    if (room == NULL)
        return RESULT_UNAVAILABLE;
    scope_forget(e, got->id);
    struct cached_scope *s = mem_new(sizeof *s);
    s->key = room;
    memcpy(room, got->key, ROAD_KEY);
    mem_wipe(got->key, ROAD_KEY);
    s->is = *got;
    *out = s;
    return RESULT_OK;
}

/* Asks the keeper and keeps the answer. RESULT_NOT_FOUND: there is no such scope, and never will be
 * again. RESULT_UNAVAILABLE: there is no keeper now, or it does not have its scopes yet. */
static enum result ask(struct edge *e, enum ipc_type type, struct bytes body,
                       struct cached_scope **out)
{
    struct buf reply = BUF_INIT(4096);
    struct keys_scope got = {0};
    enum result r = e->config.ask_keeper(e->config.arg, type, body, IPC_SCOPE_IS, &reply);
    struct cursor in = cursor_over(buf_view(&reply));
    if (r == RESULT_OK && reply.n == 0)
        r = RESULT_UNAVAILABLE;
    if (r == RESULT_OK)
        r = keys_scope_take(&in, &got);
    if (r == RESULT_OK)
        r = got.id == 0 ? RESULT_NOT_FOUND : keep(e, &got, out);
    mem_wipe(&got, sizeof got);
    buf_free(&reply);
    return r;
}

static void describe(const struct scope_wish *w, const uint8_t tuple[ROAD_DIGEST],
                     struct road_scope *out)
{
    *out = (struct road_scope){.id = 1,
                               .incident = w->incident,
                               .regions = w->regions,
                               .consent = w->consent,
                               .mou = w->mou,
                               .starts = (uint8_t)w->starts,
                               .delay_us = w->delay_us,
                               .deadline_us = w->deadline_us};
    memcpy(out->tuple, tuple, ROAD_DIGEST);
}

void scope_terms(struct edge *e, const struct scope_wish *w, struct road_scope *out)
{
    uint8_t tuple[ROAD_DIGEST];
    tuple_of_wish(e, w, tuple);
    describe(w, tuple, out);
}

struct cached_scope *scope_for(struct edge *e, const struct scope_wish *w,
                               struct road_scope *description)
{
    uint8_t tuple[ROAD_DIGEST];
    tuple_of_wish(e, w, tuple);
    struct cached_scope *s = map_get(e->scopes->by_tuple, bytes_of(tuple, ROAD_DIGEST));
    if (s == NULL) {
        if (ask(e, IPC_SCOPE_FOR, bytes_of(tuple, ROAD_DIGEST), &s) != RESULT_OK)
            return NULL;
        memcpy(s->tuple, tuple, ROAD_DIGEST);
        (void)map_add(e->scopes->by_id, s);
        (void)map_add(e->scopes->by_tuple, s);
    }
    describe(w, tuple, description);
    description->id = s->is.id;
    description->generation = s->is.generation;
    memcpy(description->wrapped, s->is.wrapped, ROAD_WRAPPED);
    return s;
}

enum result scope_key(struct edge *e, uint64_t id, const uint8_t **key)
{
    struct cached_scope *s = map_get(e->scopes->by_id, bytes_of(&id, sizeof id));
    if (s == NULL) {
        struct buf body = BUF_INIT(64);
        buf_u64(&body, id);
        enum result r = ask(e, IPC_SCOPE_GET, buf_view(&body), &s);
        buf_free(&body);
        TRY(r);
        s->committed = true; /* the ledger named it */
        (void)map_add(e->scopes->by_id, s);
    }
    *key = s->key;
    return RESULT_OK;
}

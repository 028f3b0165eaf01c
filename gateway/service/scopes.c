/* The keys of scopes, as long as the edge may use them: in locked memory, forgotten when the ledger
 * says so. */
#include "service/state.h"

#include "base/mem.h"
#include "crypto/secret.h"

struct scope_cache {
    struct map *by_id, *by_wish;
    LIST_HEAD(, cached_scope) uncommitted; /* few, however many there are */
    struct buf wish;                       /* that is being looked for */
    struct secret_pool *pool;
};

enum { WISH_MAX = 4096 };

static struct bytes id_of(const void *item)
{
    return bytes_of(&((const struct cached_scope *)item)->is.id, sizeof(uint64_t));
}

static struct bytes wish_of(const void *item)
{
    return buf_view(&((const struct cached_scope *)item)->wish);
}

struct scope_cache *scope_cache_new(void)
{
    struct scope_cache *c = mem_new(sizeof *c);
    c->by_id = map_new(id_of);
    c->by_wish = map_new(wish_of);
    LIST_INIT(&c->uncommitted);
    c->wish = BUF_INIT(WISH_MAX);
    c->pool = secret_pool_new();
    return c;
}

static void commit(struct cached_scope *s)
{
    if (!s->committed)
        LIST_REMOVE(s, uncommitted);
    s->committed = true;
}

static void forget(struct scope_cache *c, struct cached_scope *s)
{
    if (!s->committed)
        LIST_REMOVE(s, uncommitted);
    (void)map_remove(c->by_id, id_of(s));
    if (map_get(c->by_wish, wish_of(s)) == s)
        (void)map_remove(c->by_wish, wish_of(s));
    secret_pool_drop(c->pool, s->key);
    buf_free(&s->wish);
    mem_free(s);
}

static void forget_everything(struct scope_cache *c)
{
    size_t at = 0;
    while (map_next(c->by_id, &at) != NULL)
        forget(c, map_take(c->by_id, &at));
}

void scope_cache_free(struct scope_cache *c)
{
    if (c == NULL)
        return;
    forget_everything(c);
    map_free(c->by_id);
    map_free(c->by_wish);
    buf_free(&c->wish);
    secret_pool_free(c->pool);
    mem_free(c);
}

void scope_forget_all(struct edge *e)
{
    forget_everything(e->scopes);
}

void scope_forget_uncommitted(struct edge *e)
{
    struct cached_scope *s;
    while ((s = LIST_FIRST(&e->scopes->uncommitted)) != NULL)
        forget(e->scopes, s);
}

void scope_forget_one_uncommitted(struct edge *e, uint64_t id)
{
    struct cached_scope *s = map_get(e->scopes->by_id, bytes_of(&id, sizeof id));
    if (s != NULL && !s->committed)
        forget(e->scopes, s);
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
        commit(s);
}

/* All of a wish, so that no two have the same text. */
static void put_wish(const struct scope_wish *w, struct buf *out)
{
    const struct bytes part[] = {w->incident, w->regions, w->subject, w->consent, w->mou};
    for (size_t i = 0; i < ARRAY_LEN(part); i++) {
        buf_u16(out, (uint16_t)part[i].n);
        buf_put(out, part[i].p, part[i].n);
    }
    buf_u8(out, (uint8_t)w->starts);
    buf_u64(out, (uint64_t)w->delay_us);
    buf_u64(out, (uint64_t)w->deadline_us);
}

/* Stands for the wish where nobody is to read it. */
static void tuple_of(const struct edge *e, struct bytes wish, uint8_t out[ROAD_DIGEST])
{
    const struct bytes part[] = {bytes_of_text("scope"), wish};
    mac_keyed(e->tag_key, part, ARRAY_LEN(part), out);
}

static enum result keep(struct edge *e, struct keys_scope *got, struct cached_scope **out)
{
    uint8_t *room = secret_pool_take(e->scopes->pool);
    if (room == NULL)
        return RESULT_UNAVAILABLE;
    const struct cached_scope *known =
        map_get(e->scopes->by_id, bytes_of(&got->id, sizeof got->id));
    const bool committed = known != NULL && known->committed;
    scope_forget(e, got->id);
    struct cached_scope *s = mem_new(sizeof *s);
    s->key = room;
    memcpy(room, got->key, ROAD_KEY);
    mem_wipe(got->key, ROAD_KEY);
    s->is = *got;
    s->committed = committed;
    if (!committed)
        LIST_INSERT_HEAD(&e->scopes->uncommitted, s, uncommitted);
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
    struct buf *wish = &e->scopes->wish;
    uint8_t tuple[ROAD_DIGEST];
    buf_clear(wish);
    put_wish(w, wish);
    tuple_of(e, buf_view(wish), tuple);
    describe(w, tuple, out);
}

static enum result ask_for(struct edge *e, struct bytes wish, struct cached_scope **out)
{
    uint8_t tuple[ROAD_DIGEST];
    tuple_of(e, wish, tuple);
    TRY(ask(e, IPC_SCOPE_FOR, bytes_of(tuple, ROAD_DIGEST), out));
    struct cached_scope *s = *out;
    memcpy(s->tuple, tuple, ROAD_DIGEST);
    s->wish = BUF_INIT(WISH_MAX);
    buf_put(&s->wish, wish.p, wish.n);
    (void)map_add(e->scopes->by_id, s);
    (void)map_add(e->scopes->by_wish, s);
    return RESULT_OK;
}

struct cached_scope *scope_for(struct edge *e, const struct scope_wish *w,
                               struct road_scope *description)
{
    struct buf *wish = &e->scopes->wish;
    buf_clear(wish);
    put_wish(w, wish);
    struct cached_scope *s = map_get(e->scopes->by_wish, buf_view(wish));
    if (s == NULL && ask_for(e, buf_view(wish), &s) != RESULT_OK)
        return NULL;
    describe(w, s->tuple, description);
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
        (void)map_add(e->scopes->by_id, s);
    }
    commit(s); /* the ledger named it */
    *key = s->key;
    return RESULT_OK;
}

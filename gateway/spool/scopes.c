#include "spool/scopes.h"

#include "base/map.h"
#include "base/mem.h"

/* The scopes that have something in common, while there are any. */
struct spool_group {
    uint8_t key[IDENT_INCIDENT_MAX];
    size_t n;
    size_t count;
    TAILQ_HEAD(, spool_scope) scopes;
};

struct spool_scopes {
    struct map *by_id, *groups[SPOOL_GROUPS];
    struct heap due;
};

static struct bytes id_of(const void *item)
{
    return bytes_of(&((const struct spool_scope *)item)->slot.id, sizeof(uint64_t));
}

static struct bytes key_of(const void *item)
{
    const struct spool_group *g = item;
    return bytes_of(g->key, g->n);
}

struct spool_scopes *spool_scopes_new(void)
{
    struct spool_scopes *s = mem_new(sizeof *s);
    s->by_id = map_new(id_of);
    for (size_t i = 0; i < SPOOL_GROUPS; i++)
        s->groups[i] = map_new(key_of);
    return s;
}

void spool_scopes_free(struct spool_scopes *s)
{
    size_t at;
    struct spool_scope *x;
    struct spool_group *g;
    if (s == NULL)
        return;
    MAP_FOREACH (x, s->by_id, at) {
        mem_free(x->regions);
        mem_free(x);
    }
    for (size_t i = 0; i < SPOOL_GROUPS; i++) {
        MAP_FOREACH (g, s->groups[i], at)
            mem_free(g);
        map_free(s->groups[i]);
    }
    map_free(s->by_id);
    heap_free(&s->due);
    mem_free(s);
}

static void join(struct spool_scopes *s, struct spool_scope *x, enum spool_grouping by,
                 struct bytes key)
{
    struct spool_group *g = key.n == 0 ? NULL : map_get(s->groups[by], key);
    if (key.n == 0)
        return;
    if (g == NULL) {
        g = mem_new(sizeof *g);
        memcpy(g->key, key.p, key.n);
        g->n = key.n;
        TAILQ_INIT(&g->scopes);
        (void)map_add(s->groups[by], g);
    }
    TAILQ_INSERT_TAIL(&g->scopes, x, of_group[by]);
    g->count++;
    x->group[by] = g;
}

static void leave(struct spool_scopes *s, struct spool_scope *x, enum spool_grouping by)
{
    struct spool_group *g = x->group[by];
    if (g == NULL)
        return;
    TAILQ_REMOVE(&g->scopes, x, of_group[by]);
    g->count--;
    if (TAILQ_EMPTY(&g->scopes)) {
        (void)map_remove(s->groups[by], key_of(g));
        mem_free(g);
    }
}

_Static_assert((int)IDENT_INCIDENT_MAX >= (int)ROAD_CONSENT_DIGEST &&
                   (int)IDENT_INCIDENT_MAX >= (int)IDENT_WORD_MAX,
               "a group has room for its key");

struct spool_scope *spool_scopes_add(struct spool_scopes *s, const struct road_scope *scope)
{
    if (spool_scopes_get(s, scope->id) != NULL || scope->incident.n > IDENT_INCIDENT_MAX ||
        scope->mou.n > IDENT_WORD_MAX)
        return NULL;
    struct spool_scope *x = mem_new(sizeof *x);
    x->slot.id = scope->id;
    x->slot.generation = scope->generation;
    memcpy(x->slot.tuple, scope->tuple, ROAD_DIGEST);
    memcpy(x->slot.wrapped, scope->wrapped, ROAD_WRAPPED);
    if (scope->incident.n > 0)
        memcpy(x->incident, scope->incident.p, scope->incident.n);
    if (scope->mou.n > 0)
        memcpy(x->mou, scope->mou.p, scope->mou.n);
    if (scope->regions.n > 0)
        x->regions = mem_text(scope->regions.p, scope->regions.n);
    x->has_consent = scope->consent.n == ROAD_CONSENT;
    if (x->has_consent)
        memcpy(x->consent, scope->consent.p, ROAD_CONSENT);
    x->starts = (enum spool_starts)scope->starts;
    x->delay_us = scope->delay_us;
    x->deadline_us = x->ends_us = scope->deadline_us;
    TAILQ_INIT(&x->deliveries);
    (void)map_add(s->by_id, x);
    join(s, x, SPOOL_OF_INCIDENT, scope->incident);
    join(s, x, SPOOL_OF_CONSENT, bytes_of(x->consent, x->has_consent ? ROAD_CONSENT_DIGEST : 0));
    join(s, x, SPOOL_OF_MOU, scope->mou);
    heap_set(&s->due, &x->due, x->ends_us);
    return x;
}

struct spool_scope *spool_scopes_get(const struct spool_scopes *s, uint64_t id)
{
    return map_get(s->by_id, bytes_of(&id, sizeof id));
}

size_t spool_scopes_count(const struct spool_scopes *s)
{
    return map_count(s->by_id);
}

void spool_scope_charge(struct spool_scopes *s, struct spool_scope *scope, struct bytes party)
{
    if (party.n <= IDENT_WORD_MAX)
        join(s, scope, SPOOL_OF_PARTY, party);
}

struct bytes spool_scope_party(const struct spool_scope *scope)
{
    const struct spool_group *g = scope->group[SPOOL_OF_PARTY];
    return g == NULL ? bytes_of(NULL, 0) : key_of(g);
}

size_t spool_scopes_share(const struct spool_scopes *s, struct bytes party)
{
    const struct spool_group *g = map_get(s->groups[SPOOL_OF_PARTY], party);
    return g == NULL ? 0 : g->count;
}

/* What is preserved has its time, and no turn. */
static void set_due(struct spool_scopes *s, struct spool_scope *scope, int64_t at_us)
{
    if (scope->preserved == 0)
        heap_set(&s->due, &scope->due, at_us);
    else
        scope->due.due_us = at_us;
}

void spool_scope_preserve(struct spool_scopes *s, struct spool_scope *scope)
{
    if (scope->preserved++ == 0)
        heap_remove(&s->due, &scope->due);
}

void spool_scope_let_go(struct spool_scopes *s, struct spool_scope *scope)
{
    if (--scope->preserved == 0 && !scope->dying)
        set_due(s, scope, scope->due.due_us);
}

static void not_later(struct spool_scopes *s, struct spool_scope *scope, int64_t at_us)
{
    if (!scope->dying && at_us < scope->due.due_us)
        set_due(s, scope, at_us);
}

void spool_scope_hold(struct spool_scopes *s, struct spool_scope *scope)
{
    if (scope->holds++ == 0 && !scope->dying)
        set_due(s, scope, scope->ends_us);
}

static int64_t linger_until(const struct spool_scopes *s, int64_t now_us)
{
    const int64_t until_us = time_after(now_us, SPOOL_LINGER);
    return spool_scopes_count(s) < SPOOL_MANY
               ? until_us
               : time_after(until_us - 1, SPOOL_TOGETHER - (until_us - 1) % SPOOL_TOGETHER);
}

void spool_scope_drop(struct spool_scopes *s, struct spool_scope *scope, int64_t now_us)
{
    if (--scope->holds == 0)
        not_later(s, scope, linger_until(s, now_us));
}

void spool_scope_start(struct spool_scopes *s, struct spool_scope *scope, int64_t at_us)
{
    int64_t ends_us = time_after(at_us, scope->delay_us);
    if (ends_us >= scope->ends_us || scope->cause != SPOOL_NOT_ENDED)
        return;
    scope->ends_us = ends_us;
    not_later(s, scope, ends_us);
}

void spool_scope_stop(struct spool_scopes *s, struct spool_scope *scope)
{
    if (scope->cause != SPOOL_NOT_ENDED)
        return; /* an incident that is open again brings nothing back */
    scope->ends_us = scope->deadline_us;
    if (scope->holds > 0 && !scope->dying)
        set_due(s, scope, scope->ends_us);
}

void spool_scope_end(struct spool_scopes *s, struct spool_scope *scope, enum spool_cause cause,
                     int64_t at_us)
{
    if (scope->cause != SPOOL_NOT_ENDED)
        return;
    scope->cause = cause;
    if (at_us < scope->ends_us)
        scope->ends_us = at_us;
    not_later(s, scope, scope->ends_us);
}

struct spool_scope *spool_scopes_of(const struct spool_scopes *s, enum spool_grouping by,
                                    struct bytes key)
{
    const struct spool_group *g = map_get(s->groups[by], key);
    return g == NULL ? NULL : TAILQ_FIRST(&g->scopes);
}

struct spool_scope *spool_scopes_beside(const struct spool_scope *scope, enum spool_grouping by)
{
    return TAILQ_NEXT(scope, of_group[by]);
}

bool spool_scopes_mou(const struct spool_scopes *s, size_t *at, struct bytes *mou)
{
    const struct spool_group *g = map_next(s->groups[SPOOL_OF_MOU], at);
    if (g != NULL)
        *mou = key_of(g);
    return g != NULL;
}

void spool_scopes_start(struct spool_scopes *s, const char *incident, enum spool_starts starts,
                        int64_t at_us)
{
    struct spool_scope *x = spool_scopes_of(s, SPOOL_OF_INCIDENT, bytes_of_text(incident));
    for (; x != NULL; x = spool_scopes_beside(x, SPOOL_OF_INCIDENT))
        if (x->starts == starts)
            spool_scope_start(s, x, at_us);
}

void spool_scopes_stop(struct spool_scopes *s, const char *incident, enum spool_starts starts)
{
    struct spool_scope *x = spool_scopes_of(s, SPOOL_OF_INCIDENT, bytes_of_text(incident));
    for (; x != NULL; x = spool_scopes_beside(x, SPOOL_OF_INCIDENT))
        if (x->starts == starts)
            spool_scope_stop(s, x);
}

void spool_scope_restore(struct spool_scopes *s, struct spool_scope *scope, int64_t ends_us,
                         enum spool_cause cause, int64_t due_us, size_t holds)
{
    scope->ends_us = ends_us;
    scope->cause = cause;
    scope->holds = holds;
    set_due(s, scope, due_us);
}

struct spool_scope *spool_scopes_first(const struct spool_scopes *s)
{
    struct heap_entry *e = heap_first(&s->due);
    return e == NULL ? NULL : CONTAINER_OF(e, struct spool_scope, due);
}

void spool_scope_doom(struct spool_scopes *s, struct spool_scope *scope)
{
    scope->dying = true;
    heap_remove(&s->due, &scope->due);
}

void spool_scopes_remove(struct spool_scopes *s, struct spool_scope *scope)
{
    heap_remove(&s->due, &scope->due);
    (void)map_remove(s->by_id, id_of(scope));
    for (unsigned by = 0; by < SPOOL_GROUPS; by++)
        leave(s, scope, (enum spool_grouping)by);
    mem_free(scope->regions);
    mem_wipe(scope, sizeof *scope);
    mem_free(scope);
}

struct spool_scope *spool_scopes_next(const struct spool_scopes *s, size_t *at)
{
    return map_next(s->by_id, at);
}

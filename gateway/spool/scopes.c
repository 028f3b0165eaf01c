#include "spool/scopes.h"

#include "base/map.h"
#include "base/mem.h"

#include <stdio.h>

/* The scopes of one incident. */
struct group {
    char incident[IDENT_INCIDENT_MAX + 1];
    TAILQ_HEAD(, spool_scope) scopes;
};

struct spool_scopes {
    struct map *by_id, *groups;
    struct heap due;
};

static struct bytes id_of(const void *item)
{
    return bytes_of(&((const struct spool_scope *)item)->slot.id, sizeof(uint64_t));
}

static struct bytes incident_of(const void *item)
{
    return bytes_of_text(((const struct group *)item)->incident);
}

struct spool_scopes *spool_scopes_new(void)
{
    struct spool_scopes *s = mem_new(sizeof *s);
    s->by_id = map_new(id_of);
    s->groups = map_new(incident_of);
    return s;
}

void spool_scopes_free(struct spool_scopes *s)
{
    size_t at;
    struct spool_scope *x;
    struct group *g;
    if (s == NULL)
        return;
    MAP_FOREACH (x, s->by_id, at) {
        mem_free(x->regions);
        mem_free(x);
    }
    MAP_FOREACH (g, s->groups, at)
        mem_free(g);
    map_free(s->by_id);
    map_free(s->groups);
    heap_free(&s->due);
    mem_free(s);
}

static struct group *group_for(struct spool_scopes *s, const char *incident)
{
    struct group *g = map_get(s->groups, bytes_of_text(incident));
    if (g != NULL)
        return g;
    g = mem_new(sizeof *g);
    (void)snprintf(g->incident, sizeof g->incident, "%s", incident);
    TAILQ_INIT(&g->scopes);
    (void)map_add(s->groups, g);
    return g;
}

struct spool_scope *spool_scopes_add(struct spool_scopes *s, const struct road_scope *scope)
{
    if (spool_scopes_get(s, scope->id) != NULL || scope->incident.n > IDENT_INCIDENT_MAX)
        return NULL;
    struct spool_scope *x = mem_new(sizeof *x);
    x->slot.id = scope->id;
    x->slot.generation = scope->generation;
    memcpy(x->slot.tuple, scope->tuple, ROAD_DIGEST);
    memcpy(x->slot.wrapped, scope->wrapped, ROAD_WRAPPED);
    if (scope->incident.n > 0)
        memcpy(x->incident, scope->incident.p, scope->incident.n);
    if (scope->regions.n > 0)
        x->regions = mem_text(scope->regions.p, scope->regions.n);
    x->starts = (enum spool_starts)scope->starts;
    x->delay_us = scope->delay_us;
    x->deadline_us = x->ends_us = scope->deadline_us;
    TAILQ_INIT(&x->deliveries);
    (void)map_add(s->by_id, x);
    if (x->incident[0] != '\0')
        TAILQ_INSERT_TAIL(&group_for(s, x->incident)->scopes, x, of_incident);
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

static void not_later(struct spool_scopes *s, struct spool_scope *scope, int64_t at_us)
{
    if (!scope->dying && at_us < scope->due.due_us)
        heap_set(&s->due, &scope->due, at_us);
}

void spool_scope_hold(struct spool_scopes *s, struct spool_scope *scope)
{
    if (scope->holds++ == 0 && !scope->dying)
        heap_set(&s->due, &scope->due, scope->ends_us);
}

void spool_scope_drop(struct spool_scopes *s, struct spool_scope *scope, int64_t now_us)
{
    if (--scope->holds == 0)
        not_later(s, scope, time_after(now_us, SPOOL_LINGER));
}

void spool_scope_start(struct spool_scopes *s, struct spool_scope *scope, int64_t at_us)
{
    int64_t ends_us = time_after(at_us, scope->delay_us);
    if (ends_us >= scope->ends_us)
        return;
    scope->ends_us = ends_us;
    not_later(s, scope, ends_us);
}

void spool_scope_stop(struct spool_scopes *s, struct spool_scope *scope)
{
    scope->ends_us = scope->deadline_us;
    if (scope->holds > 0 && !scope->dying)
        heap_set(&s->due, &scope->due, scope->ends_us);
}

void spool_scopes_start(struct spool_scopes *s, const char *incident, enum spool_starts starts,
                        int64_t at_us)
{
    const struct group *g = map_get(s->groups, bytes_of_text(incident));
    struct spool_scope *x;
    if (g == NULL)
        return;
    TAILQ_FOREACH (x, &g->scopes, of_incident)
        if (x->starts == starts)
            spool_scope_start(s, x, at_us);
}

void spool_scopes_stop(struct spool_scopes *s, const char *incident, enum spool_starts starts)
{
    const struct group *g = map_get(s->groups, bytes_of_text(incident));
    struct spool_scope *x;
    if (g == NULL)
        return;
    TAILQ_FOREACH (x, &g->scopes, of_incident)
        if (x->starts == starts)
            spool_scope_stop(s, x);
}

void spool_scope_restore(struct spool_scopes *s, struct spool_scope *scope, int64_t ends_us,
                         int64_t due_us, size_t holds)
{
    scope->ends_us = ends_us;
    scope->holds = holds;
    heap_set(&s->due, &scope->due, due_us);
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
    struct group *g = map_get(s->groups, bytes_of_text(scope->incident));
    if (g != NULL) {
        TAILQ_REMOVE(&g->scopes, scope, of_incident);
        if (TAILQ_EMPTY(&g->scopes)) {
            (void)map_remove(s->groups, incident_of(g));
            mem_free(g);
        }
    }
    mem_free(scope->regions);
    mem_wipe(scope, sizeof *scope);
    mem_free(scope);
}

struct spool_scope *spool_scopes_next(const struct spool_scopes *s, size_t *at)
{
    return map_next(s->by_id, at);
}

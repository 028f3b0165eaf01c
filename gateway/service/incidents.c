/*
 * The edge's view of incidents: as the ledger has them on disk, in the same transitions. A message
 * that names an incident whose change is still on its way waits for it, so that 112 may open an
 * incident and ask for video in one breath.
 */
#include "service/state.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

enum { INCIDENT_KEPT_DAYS = 7 };

struct view_incident *view_get(const struct edge *e, struct bytes id)
{
    return map_get(e->incidents, id);
}

bool view_may_name(const struct edge *e, struct bytes incident)
{
    struct bytes owner;
    return ident_split_incident(incident, &owner, NULL) &&
           policy_unit(e->policy, owner) != POLICY_NONE;
}

void view_name_incidents(const struct edge *e, const struct bytes *incident, size_t count,
                         struct road_envelope *out)
{
    for (size_t i = 0; i < count && out->incidents < ROAD_INCIDENTS_MAX; i++)
        if (view_may_name(e, incident[i]))
            out->incident[out->incidents++] = incident[i];
}

struct view_incident *view_make(struct edge *e, struct bytes id)
{
    struct view_incident *i = view_get(e, id);
    if (i != NULL || id.n > IDENT_INCIDENT_MAX)
        return i;
    i = mem_new(sizeof *i);
    memcpy(i->is.id, id.p, id.n);
    TAILQ_INIT(&i->waiting);
    (void)map_add(e->incidents, i);
    return i;
}

enum result view_take(struct edge *e, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct incident taken;
    TRY(incident_take(&in, &taken));
    TRY(cursor_done(&in));
    struct view_incident *i = view_make(e, bytes_of_text(taken.id));
    i->is = taken;
    return RESULT_OK;
}

static void forget(struct edge *e, struct view_incident *i)
{
    (void)map_remove(e->incidents, bytes_of_text(i->is.id));
    mem_wipe(i, sizeof *i); /* its place */
    mem_free(i);
}

void view_clear(struct edge *e)
{
    size_t at;
    struct view_incident *i;
    MAP_FOREACH (i, e->incidents, at) {
        struct waiting *w;
        while ((w = TAILQ_FIRST(&i->waiting)) != NULL) {
            TAILQ_REMOVE(&i->waiting, w, next);
            w->list = NULL;
        }
        forget(e, map_take(e->incidents, &at));
    }
}

void view_prune(struct edge *e, int64_t now_us)
{
    size_t at;
    const struct view_incident *i;
    MAP_FOREACH (i, e->incidents, at) {
        bool unknown = !i->is.exists && i->pending == 0;
        bool old = i->is.ended_us != 0 && i->is.ended_us < now_us - INCIDENT_KEPT_DAYS * US_PER_DAY;
        if ((unknown || old) && TAILQ_EMPTY(&i->waiting))
            forget(e, map_take(e->incidents, &at));
    }
}

bool view_waits(struct edge *e, const struct bytes *incident, size_t count, struct waiting *w)
{
    for (size_t k = 0; k < count; k++) {
        struct view_incident *i = view_get(e, incident[k]);
        if (i == NULL || i->pending == 0)
            continue;
        TAILQ_INSERT_TAIL(&i->waiting, w, next);
        w->list = &i->waiting;
        return true;
    }
    return false;
}

void view_stop_waiting(struct waiting *w)
{
    if (w->list != NULL)
        TAILQ_REMOVE(w->list, w, next);
    w->list = NULL;
}

void view_begin_change(struct view_incident *i)
{
    i->pending++;
}

/* In their order; one that begins another change puts the rest back to wait. */
static void wake(struct view_incident *i)
{
    struct waiting_list ready = TAILQ_HEAD_INITIALIZER(ready);
    struct waiting *w;
    if (i->pending > 0)
        return;
    TAILQ_CONCAT(&ready, &i->waiting, next);
    TAILQ_FOREACH (w, &ready, next)
        w->list = &ready;
    while ((w = TAILQ_FIRST(&ready)) != NULL) {
        view_stop_waiting(w);
        w->again(w);
    }
}

void view_end_change(struct edge *e, struct view_incident *i, const struct incident_change *change)
{
    i->pending--;
    if (change != NULL && incident_apply(&i->is, change) == INCIDENT_APPLIED)
        stream_judge_all(e);
    wake(i);
}

void view_end_ahead(struct view_incident *i, void (*first)(void *arg), void *arg)
{
    i->pending--;
    first(arg);
    wake(i);
}

/* ---- places */

static void place_context(struct bytes incident, uint8_t out[SHA256_BYTES], struct hasher *h)
{
    hasher_sha256(h, &incident, 1, out);
}

/* The centre and the points of the route, each as two 32-bit numbers of 1e-7 degrees. */
enum {
    POINT_BYTES = 8,
    PLAIN_PLACE = POINT_BYTES * (1 + INCIDENT_ROUTE_MAX),
    PLACE_HEAD = 8 + ROAD_SEED
};
#define DEGREE 1e7

_Static_assert(PLACE_HEAD + PLAIN_PLACE + SEAL_TAG <= INCIDENT_PLACE_MAX, "a sealed place fits");

static void put_number(uint64_t v, size_t bytes, uint8_t *out)
{
    for (size_t i = 0; i < bytes; i++)
        out[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
}

static void put_point(struct point p, uint8_t out[POINT_BYTES])
{
    put_number((uint32_t)(int32_t)lround(p.latitude * DEGREE), 4, out);
    put_number((uint32_t)(int32_t)lround(p.longitude * DEGREE), 4, out + 4);
}

static enum result take_point(struct cursor *in, struct point *out)
{
    uint32_t latitude, longitude;
    TRY(cursor_u32(in, &latitude));
    TRY(cursor_u32(in, &longitude));
    *out = (struct point){(int32_t)latitude / DEGREE, (int32_t)longitude / DEGREE};
    return geo_valid(*out) ? RESULT_OK : RESULT_MALFORMED;
}

size_t view_seal_place(struct edge *e, uint64_t scope, const uint8_t *key,
                       const struct incident_change *c, uint8_t out[INCIDENT_PLACE_MAX])
{
    uint8_t context[SHA256_BYTES], plain[PLAIN_PLACE], *seed = out + 8;
    size_t n = POINT_BYTES * (1 + c->route_points);
    put_point(c->centre, plain);
    for (size_t i = 0; i < c->route_points; i++)
        put_point(c->route[i], plain + POINT_BYTES * (1 + i));
    place_context(c->id, context, e->hasher);
    put_number(scope, 8, out);
    random_take(&e->random, seed, ROAD_SEED);
    seal_body(key, seed, bytes_of(context, sizeof context), bytes_of(plain, n), out + PLACE_HEAD);
    mem_wipe(plain, sizeof plain);
    return PLACE_HEAD + n + SEAL_TAG;
}

static void take_place(struct cursor in, struct incident *i)
{
    if (take_point(&in, &i->centre) != RESULT_OK)
        return;
    i->has_centre = true;
    for (i->route_points = 0; in.left > 0; i->route_points++)
        if (i->route_points == INCIDENT_ROUTE_MAX ||
            take_point(&in, &i->route[i->route_points]) != RESULT_OK)
            return;
}

/* Opens the place of an incident that came with the ledger's view. Gone with its key: the incident
 * has no centre then. */
static void open_place(struct edge *e, struct incident *i)
{
    struct cursor in = cursor_over(bytes_of(i->place, i->place_bytes));
    uint8_t context[SHA256_BYTES], plain[INCIDENT_PLACE_MAX];
    uint64_t scope;
    struct bytes seed, sealed;
    if (i->has_centre || cursor_u64(&in, &scope) != RESULT_OK ||
        cursor_take(&in, ROAD_SEED, &seed) != RESULT_OK || in.left < SEAL_TAG + POINT_BYTES ||
        cursor_take(&in, in.left, &sealed) != RESULT_OK)
        return;
    const uint8_t *key;
    place_context(bytes_of_text(i->id), context, e->hasher);
    if (scope_key(e, scope, &key) != RESULT_OK ||
        seal_open_body(key, seed.p, bytes_of(context, sizeof context), sealed, plain) != RESULT_OK)
        return;
    take_place(cursor_over(bytes_of(plain, sealed.n - SEAL_TAG)), i);
    mem_wipe(plain, sizeof plain);
}

void view_lookup(struct edge *e, const struct facts *f,
                 const struct incident *out[FACTS_INCIDENT_MAX])
{
    for (size_t k = 0; k < f->incidents; k++) {
        struct view_incident *i = view_get(e, f->incident[k]);
        out[k] = i == NULL || !incident_is_for(&i->is, f->status) ? NULL : &i->is;
        if (out[k] != NULL)
            open_place(e, &i->is);
    }
}

/* ---- places whose keys are erased */

static int by_number(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

void view_forget_places(struct edge *e, struct bytes scopes)
{
    struct cursor in = cursor_over(scopes);
    const size_t count = scopes.n / sizeof(uint64_t);
    uint64_t *gone = mem_new_array(count + 1, sizeof *gone), scope;
    struct view_incident *i;
    size_t at;
    for (size_t k = 0; k < count && cursor_u64(&in, &gone[k]) == RESULT_OK; k++)
        continue;
    qsort(gone, count, sizeof *gone, by_number);
    MAP_FOREACH (i, e->incidents, at) {
        struct cursor place = cursor_over(bytes_of(i->is.place, i->is.place_bytes));
        if (cursor_u64(&place, &scope) != RESULT_OK ||
            bsearch(&scope, gone, count, sizeof *gone, by_number) == NULL)
            continue;
        mem_wipe(&i->is.centre, sizeof i->is.centre);
        mem_wipe(i->is.route, sizeof i->is.route);
        i->is.has_centre = false;
        i->is.route_points = i->is.place_bytes = 0;
    }
    mem_free(gone);
}

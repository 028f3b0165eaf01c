/*
 * The edge's view of incidents: as the ledger has them on disk, in the same transitions. A message
 * that names an incident whose change is still on its way waits for it, so that 112 may open an
 * incident and ask for video in one breath.
 */
#include "service/state.h"

#include "base/mem.h"
#include "crypto/random.h"

enum { INCIDENT_KEPT_DAYS = 7 };

struct view_incident *view_get(const struct edge *e, struct bytes id)
{
    return map_get(e->incidents, id);
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

void view_clear(struct edge *e)
{
    size_t at = 0;
    struct view_incident *i;
    while ((i = map_next(e->incidents, &at)) != NULL) {
        struct waiting *w;
        while ((w = TAILQ_FIRST(&i->waiting)) != NULL) {
            TAILQ_REMOVE(&i->waiting, w, next);
            w->list = NULL;
        }
        (void)map_remove(e->incidents, bytes_of_text(i->is.id));
        mem_free(i);
        at = 0; /* the map changed */
    }
}

void view_prune(struct edge *e, int64_t now_us)
{
    size_t at = 0;
    struct view_incident *i;
    while ((i = map_next(e->incidents, &at)) != NULL) {
        bool unknown = !i->is.exists && i->pending == 0;
        bool old = i->is.ended_us != 0 && i->is.ended_us < now_us - INCIDENT_KEPT_DAYS * US_PER_DAY;
        if ((!unknown && !old) || !TAILQ_EMPTY(&i->waiting))
            continue;
        (void)map_remove(e->incidents, bytes_of_text(i->is.id));
        mem_free(i);
        at = 0;
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

void view_end_change(struct edge *e, struct view_incident *i, const struct incident_change *change)
{
    struct waiting_list ready = TAILQ_HEAD_INITIALIZER(ready);
    struct waiting *w;
    i->pending--;
    if (change != NULL && incident_apply(&i->is, change) == INCIDENT_APPLIED)
        stream_judge_all(e);
    if (i->pending > 0)
        return;
    /* In their order; one that begins another change puts the rest back to wait. */
    TAILQ_CONCAT(&ready, &i->waiting, next);
    TAILQ_FOREACH (w, &ready, next)
        w->list = &ready;
    while ((w = TAILQ_FIRST(&ready)) != NULL) {
        view_stop_waiting(w);
        w->again(w);
    }
}

/* ---- places */

static void place_context(struct bytes incident, uint8_t out[SHA256_BYTES], struct hasher *h)
{
    hasher_sha256(h, &incident, 1, out);
}

void view_seal_place(struct edge *e, uint64_t scope, const uint8_t *key, struct bytes incident,
                     struct point place, uint8_t out[SEALED_PLACE])
{
    uint8_t context[SHA256_BYTES], plain[16], seed[ROAD_SEED];
    random_fill(seed, sizeof seed);
    memcpy(plain, &place.latitude, 8);
    memcpy(plain + 8, &place.longitude, 8);
    place_context(incident, context, e->hasher);
    for (size_t i = 0; i < 8; i++)
        out[i] = (uint8_t)(scope >> (8 * (7 - i)));
    memcpy(out + 8, seed, ROAD_SEED);
    seal_body(key, seed, bytes_of(context, sizeof context), bytes_of(plain, sizeof plain),
              out + 8 + ROAD_SEED);
    mem_wipe(plain, sizeof plain);
}

/* Opens the place of an incident that came with the ledger's view. Gone with its key: the incident
 * has no centre then. */
static void open_place(struct edge *e, struct incident *i)
{
    struct cursor in = cursor_over(bytes_of(i->place, i->place_bytes));
    uint8_t context[SHA256_BYTES], plain[16];
    uint64_t scope;
    struct bytes seed, sealed;
    if (i->has_centre || i->place_bytes != SEALED_PLACE || cursor_u64(&in, &scope) != RESULT_OK ||
        cursor_take(&in, ROAD_SEED, &seed) != RESULT_OK ||
        cursor_take(&in, in.left, &sealed) != RESULT_OK)
        return;
    const uint8_t *key;
    place_context(bytes_of_text(i->id), context, e->hasher);
    if (scope_key(e, scope, &key) != RESULT_OK ||
        seal_open_body(key, seed.p, bytes_of(context, sizeof context), sealed, plain) != RESULT_OK)
        return;
    memcpy(&i->centre.latitude, plain, 8);
    memcpy(&i->centre.longitude, plain + 8, 8);
    i->has_centre = geo_valid(i->centre);
    mem_wipe(plain, sizeof plain);
}

void view_lookup(struct edge *e, const struct facts *f,
                 const struct incident *out[FACTS_INCIDENT_MAX])
{
    for (size_t k = 0; k < f->incidents; k++) {
        struct view_incident *i = view_get(e, f->incident[k]);
        out[k] = i == NULL || !i->is.exists ? NULL : &i->is;
        if (out[k] != NULL)
            open_place(e, &i->is);
    }
}

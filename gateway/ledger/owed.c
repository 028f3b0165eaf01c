/* Groups of deliveries that a unit is to destroy together (owed.h). */
#include "ledger/owed.h"
#include "ledger/preservation.h"
#include "ledger/snapshot.h"

#include "ledger/halves.h"

#include "base/mem.h"

/* ---- making and freeing */

static struct bytes group_id(const void *item)
{
    return bytes_of(&((const struct ledger_owed *)item)->id, sizeof(uint64_t));
}

static struct bytes group_key(const void *item)
{
    const struct ledger_owed *g = item;
    return bytes_of(g->key, g->key_bytes);
}

static struct bytes order_id(const void *item)
{
    return bytes_of(((const struct ledger_order *)item)->id.b, UUID_BYTES);
}

struct owing *owing_new(void)
{
    struct owing *o = mem_new(sizeof *o);
    o->groups = map_new(group_id);
    o->open = map_new(group_key);
    o->orders = map_new(order_id);
    o->clocks = spool_scopes_new();
    return o;
}

static void free_group(struct ledger_owed *g)
{
    mem_free(g->key);
    mem_free(g->item);
    mem_free(g);
}

void owing_free(struct ledger *l)
{
    struct owing *w = l->owing;
    struct ledger_owed *g;
    struct ledger_order *o;
    size_t at;
    MAP_FOREACH (g, w->groups, at)
        free_group(g);
    MAP_FOREACH (o, w->orders, at)
        order_free(o);
    owed_index_free(w);
    map_free(w->groups);
    map_free(w->open);
    map_free(w->orders);
    spool_scopes_free(w->clocks);
    heap_free(&w->receipts_due);
    heap_free(&w->over);
    mem_free(w);
}

enum spool_cause owed_cause(const struct ledger_owed *g)
{
    const struct spool_scope *x = g->clock;
    if (x->cause != SPOOL_NOT_ENDED)
        return x->cause;
    return x->ends_us < x->deadline_us ? SPOOL_PURPOSE_FULFILLED : SPOOL_DEADLINE;
}

void owed_retained_tuple(uint64_t index, uint8_t tuple[ROAD_DIGEST])
{
    static const char word[] = "retained";
    memset(tuple, 0, ROAD_DIGEST);
    memcpy(tuple, word, sizeof word);
    for (size_t i = 0; i < sizeof index; i++)
        tuple[ROAD_DIGEST - 1 - i] = (uint8_t)(index >> 8 * i);
}

bool owed_is_retained(const struct ledger_owed *g)
{
    uint8_t tuple[ROAD_DIGEST];
    owed_retained_tuple(g->id, tuple);
    return memcmp(g->key, tuple, sizeof tuple) == 0;
}

void owed_close(struct ledger *l, struct ledger_owed *g)
{
    if (g->is_closed)
        return;
    (void)map_remove(l->owing->open, group_key(g));
    owed_index_drop(l->owing, g);
    g->is_closed = true;
    halves_group_over(l, g->id, owed_cause(g));
}

void owed_remove(struct ledger *l, struct ledger_owed *g)
{
    owed_close(l, g);
    (void)map_remove(l->owing->groups, group_id(g));
    spool_scopes_remove(l->owing->clocks, g->clock);
    free_group(g);
}

/* ---- a group begins */

void owed_put_key(struct buf *out, const uint8_t tuple[ROAD_DIGEST], struct bytes unit,
                  struct bytes clause)
{
    buf_put(out, tuple, ROAD_DIGEST);
    buf_put(out, unit.p, unit.n);
    buf_u8(out, 0);
    buf_put(out, clause.p, clause.n);
    buf_u8(out, 0);
}

void owed_put_group(struct bytes key, const struct spool_scope *clock, int64_t receipt_within_us,
                    bool suspends, uint32_t uses, struct buf *out)
{
    buf_bytes16(out, key);
    clock_put(clock, out);
    buf_i64(out, receipt_within_us);
    buf_bool(out, suspends);
    buf_u32(out, uses);
}

/* What somebody owes from now on. */
struct owing_begins {
    const struct spool_scope *clock;
    struct bytes unit, clause;
    int64_t at_us, receipt_within_us;
    bool suspends;
    uint32_t uses;
};

static enum result find_or_record(struct ledger *l, const struct owing_begins *x, uint64_t index,
                                  uint64_t *group)
{
    buf_clear(&l->scratch);
    owed_put_key(&l->scratch, x->clock->slot.tuple, x->unit, x->clause);
    const struct ledger_owed *g = map_get(l->owing->open, buf_view(&l->scratch));
    *group = g == NULL ? index : g->id;
    if (g != NULL)
        return RESULT_OK;
    buf_clear(&l->record);
    buf_u64(&l->record, index);
    buf_i64(&l->record, x->at_us);
    owed_put_group(buf_view(&l->scratch), x->clock, x->receipt_within_us, x->suspends, x->uses,
                   &l->record);
    return ledger_record(l, RECORD_OWED, buf_view(&l->record));
}

enum result owed_group(struct ledger *l, const struct delivery *d, const char *unit,
                       const struct road_release *r, uint64_t index, uint64_t *group)
{
    const struct owing_begins x = {.clock = d->scope,
                                   .unit = bytes_of_text(unit),
                                   .clause = r->clause,
                                   .at_us = r->at_us,
                                   .receipt_within_us = r->receipt_within_us,
                                   .suspends = r->suspends,
                                   .uses = r->uses};
    *group = 0;
    return !r->owes || d->scope == NULL ? RESULT_OK : find_or_record(l, &x, index, group);
}

static void copy(void *out, struct bytes text)
{
    if (text.n > 0)
        memcpy(out, text.p, text.n);
}

/* When what the clock waits for happened, by what is known at `at_us`; 0: not yet. */
static int64_t began(const struct ledger *l, const struct spool_scope *clock, int64_t at_us)
{
    const struct ledger_incident *i = ledger_incident(l, bytes_of_text(clock->incident));
    switch (clock->starts) {
    case SPOOL_INCIDENT_END: return i == NULL ? 0 : i->is.ended_us;
    case SPOOL_FOUND: return i == NULL ? 0 : i->is.found_us != 0 ? i->is.found_us : i->is.ended_us;
    case SPOOL_DISASTER_END: return standing_has_headquarters(l, clock->regions) ? 0 : at_us;
    default: return 0;
    }
}

/* A clock as that of a scope which came with this event; false when it is no clock. `regions` is
 * the caller's to free. */
static bool clock_of(const struct ledger *l, const struct road_event *e, struct spool_scope *out)
{
    const struct road_scope *terms = &e->terms;
    if (terms->incident.n > IDENT_INCIDENT_MAX || terms->mou.n > IDENT_WORD_MAX ||
        (terms->consent.n != 0 && terms->consent.n != ROAD_CONSENT))
        return false;
    *out = (struct spool_scope){.regions = mem_text(terms->regions.p, terms->regions.n),
                                .starts = (enum spool_starts)terms->starts,
                                .delay_us = terms->delay_us,
                                .deadline_us = terms->deadline_us,
                                .ends_us = terms->deadline_us,
                                .has_consent = terms->consent.n > 0};
    memcpy(out->slot.tuple, terms->tuple, ROAD_DIGEST);
    copy(out->incident, terms->incident);
    copy(out->mou, terms->mou);
    copy(out->consent, terms->consent);
    const int64_t began_us = began(l, out, e->at_us);
    if (began_us != 0 && time_after(began_us, out->delay_us) < out->ends_us)
        out->ends_us = time_after(began_us, out->delay_us);
    return true;
}

static enum result watched(struct ledger *l, const struct road_event *e,
                           const struct spool_scope *clock, uint64_t index, uint64_t *group)
{
    const struct owing_begins x = {.clock = clock,
                                   .unit = e->unit,
                                   .clause = e->clause,
                                   .at_us = e->at_us,
                                   .receipt_within_us = e->receipt_within_us,
                                   .suspends = e->suspends,
                                   .uses = e->uses};
    if (clock->has_consent && standing_lacks(l, clock->consent))
        return RESULT_OK; /* its edge hears of the change first, decides again and sends nothing */
    return find_or_record(l, &x, index, group);
}

enum result owed_watched(struct ledger *l, const struct road_event *e, uint64_t index,
                         uint64_t *group)
{
    struct spool_scope clock;
    *group = 0;
    if (!e->owes)
        return RESULT_OK;
    if (!clock_of(l, e, &clock))
        return RESULT_MALFORMED;
    enum result r = watched(l, e, &clock, index, group);
    mem_free(clock.regions);
    return r;
}

/* "tuple unit NUL clause NUL" */
static bool split_key(struct ledger_owed *g)
{
    struct cursor in = cursor_over(bytes_of(g->key, g->key_bytes));
    struct bytes tuple, unit, clause;
    if (cursor_take(&in, ROAD_DIGEST, &tuple) != RESULT_OK ||
        cursor_until(&in, '\0', &unit) != RESULT_OK ||
        cursor_until(&in, '\0', &clause) != RESULT_OK || in.left > 0 || unit.n > IDENT_UNIT_MAX)
        return false;
    g->unit = (const char *)unit.p;
    g->clause = (const char *)clause.p;
    return true;
}

static enum result take_clock(struct ledger *l, struct ledger_owed *g, struct cursor *in)
{
    struct road_scope x = {.id = g->id};
    int64_t ends_us;
    enum spool_cause cause;
    TRY(clock_take(in, &x, &ends_us, &cause));
    if (x.starts > SPOOL_DISASTER_END)
        return RESULT_DAMAGED;
    g->clock = spool_scopes_add(l->owing->clocks, &x);
    if (g->clock == NULL)
        return RESULT_DAMAGED;
    spool_scope_restore(l->owing->clocks, g->clock, ends_us, cause, ends_us, 1);
    return RESULT_OK;
}

static enum result take_head(struct ledger *l, struct ledger_owed *g, struct cursor *in)
{
    struct bytes key;
    TRY(cursor_bytes16(in, &key));
    g->key = (uint8_t *)mem_text(key.p, key.n);
    g->key_bytes = key.n;
    if (!split_key(g))
        return RESULT_DAMAGED;
    TRY(take_clock(l, g, in));
    TRY(cursor_i64(in, &g->receipt_within_us));
    TRY(cursor_bool(in, &g->suspends));
    TRY(cursor_u32(in, &g->uses));
    return map_add(l->owing->groups, g) ? RESULT_OK : RESULT_DAMAGED;
}

enum result owed_take_group(struct ledger *l, struct ledger_owed *g, struct cursor *in)
{
    if (take_head(l, g, in) == RESULT_OK)
        return RESULT_OK;
    if (g->clock != NULL)
        spool_scopes_remove(l->owing->clocks, g->clock);
    free_group(g);
    return RESULT_DAMAGED;
}

enum result owed_apply(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    uint64_t id, item;
    int64_t at_us;
    if (cursor_u64(&in, &id) != RESULT_OK || cursor_i64(&in, &at_us) != RESULT_OK)
        return RESULT_DAMAGED;
    struct ledger_owed *g = mem_new(sizeof *g);
    g->id = id;
    TRY(owed_take_group(l, g, &in));
    ledger_saw_time(l, at_us);
    if (!map_add(l->owing->open, g))
        return RESULT_DAMAGED;
    while (in.left > 0) { /* deliveries that it begins with: what is retained */
        TRY(cursor_u64(&in, &item));
        TRY(owed_add_item(g, item));
        owed_index_add(l->owing, g, item);
    }
    preservation_new_group(l, g);
    return RESULT_OK;
}

enum result owed_add_item(struct ledger_owed *g, uint64_t item)
{
    if (g->items > 0 && g->item[g->items - 1] >= item)
        return RESULT_DAMAGED;
    if (g->items == g->room) {
        size_t room = g->room == 0 ? 2 : g->room * 2;
        g->item = mem_grow_array(g->item, g->room, room, sizeof *g->item);
        g->room = room;
    }
    g->item[g->items++] = item;
    return RESULT_OK;
}

enum result owed_add(struct ledger *l, uint64_t group, uint64_t item)
{
    struct ledger_owed *g = map_get(l->owing->groups, bytes_of(&group, sizeof group));
    if (g == NULL || g->is_closed)
        return RESULT_DAMAGED;
    TRY(owed_add_item(g, item));
    owed_index_add(l->owing, g, item);
    return RESULT_OK;
}

/* ---- finding */

size_t owed_place(const uint64_t *item, size_t items, uint64_t wanted)
{
    size_t low = 0, high = items;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (item[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low < items && item[low] == wanted ? low : items;
}

#include "ledger/halves.h"

#include "base/mem.h"
#include "ledger/preservation.h"
#include "ledger/register.h"

enum {
    OPENED_MAX = 1 << 20,
    SCOPES_MOST = KEYS_SCOPES_MAX / 4 * 3 /* the others are for messages: an alert waits for none */
};

struct halves {
    struct map *by_group, *by_scope;
};

/* ---- making and freeing */

static struct bytes group_of(const void *item)
{
    return bytes_of(&((const struct ledger_halves *)item)->group, sizeof(uint64_t));
}

static struct bytes scope_of(const void *item)
{
    return bytes_of(&((const struct ledger_halves *)item)->scope, sizeof(uint64_t));
}

struct halves *halves_new(void)
{
    struct halves *h = mem_new(sizeof *h);
    h->by_group = map_new(group_of);
    h->by_scope = map_new(scope_of);
    return h;
}

static void free_one(struct ledger_halves *x)
{
    mem_free(x->opened);
    mem_free(x);
}

void halves_free(struct halves *h)
{
    struct ledger_halves *x;
    size_t at;
    if (h == NULL)
        return;
    MAP_FOREACH (x, h->by_group, at)
        free_one(x);
    map_free(h->by_group);
    map_free(h->by_scope);
    mem_free(h);
}

struct ledger_halves *halves_get(const struct ledger *l, uint64_t group)
{
    return map_get(l->halves->by_group, bytes_of(&group, sizeof group));
}

const struct ledger_halves *halves_next(const struct ledger *l, size_t *at)
{
    return map_next(l->halves->by_group, at);
}

/* ---- how often something was opened */

static uint64_t *opened_of(const struct ledger_halves *x, uint64_t record)
{
    for (size_t i = 0; i < x->count; i++)
        if (x->opened[2 * i] == record)
            return &x->opened[2 * i + 1];
    return NULL;
}

static enum result set_opened(struct ledger_halves *x, uint64_t record, uint64_t times)
{
    uint64_t *known = opened_of(x, record);
    if (known != NULL) {
        *known = times;
        return RESULT_OK;
    }
    if (x->count == OPENED_MAX)
        return RESULT_DAMAGED;
    if (x->count == x->room) {
        size_t room = x->room == 0 ? 4 : 2 * x->room;
        x->opened = mem_grow_array(x->opened, 2 * x->count, 2 * room, sizeof *x->opened);
        x->room = room;
    }
    x->opened[2 * x->count] = record;
    x->opened[2 * x->count++ + 1] = times;
    return RESULT_OK;
}

uint32_t halves_left(const struct ledger_halves *x, uint64_t record)
{
    const uint64_t *times = opened_of(x, record);
    return times == NULL ? x->uses : *times >= x->uses ? 0 : x->uses - (uint32_t)*times;
}

/* ---- records */

static enum result ask_scope(struct ledger *l, uint64_t group, struct keys_slot *out)
{
    struct buf reply = BUF_INIT(4096);
    uint8_t tuple[ROAD_DIGEST];
    half_tuple(group, tuple);
    enum result r = l->config.ask(l->config.arg, IPC_REGISTER_MAKE, bytes_of(tuple, sizeof tuple),
                                  IPC_REGISTER_IS, &reply);
    struct cursor in = cursor_over(buf_view(&reply));
    if (r == RESULT_OK)
        r = keys_slot_take(&in, out);
    if (r == RESULT_OK &&
        (memcmp(out->tuple, tuple, sizeof tuple) != 0 || out->generation != l->generation))
        r = RESULT_DAMAGED;
    buf_free(&reply);
    return r;
}

enum result halves_begin(struct ledger *l, const struct ledger_owed *g)
{
    struct keys_slot slot;
    if (spool_scopes_count(l->scopes) >= SCOPES_MOST)
        return RESULT_FULL;
    TRY(ask_scope(l, g->id, &slot));
    buf_clear(&l->record);
    buf_u64(&l->record, g->id);
    buf_i64(&l->record, ledger_now(l));
    buf_u32(&l->record, g->uses);
    buf_i64(&l->record, g->clock->deadline_us);
    keys_slot_put(&slot, &l->record);
    return ledger_record(l, RECORD_HALVES, buf_view(&l->record));
}

/* Its scope, which only the end of its group lets go, or its deadline. */
static enum result add_scope(struct ledger *l, const struct keys_slot *slot, int64_t deadline_us)
{
    struct road_scope x = {.id = slot->id,
                           .starts = SPOOL_ARRIVAL,
                           .deadline_us = deadline_us,
                           .generation = slot->generation};
    memcpy(x.tuple, slot->tuple, ROAD_DIGEST);
    memcpy(x.wrapped, slot->wrapped, ROAD_WRAPPED);
    struct spool_scope *scope = spool_scopes_add(l->scopes, &x);
    if (scope == NULL)
        return RESULT_DAMAGED;
    spool_scope_hold(l->scopes, scope);
    return RESULT_OK;
}

static enum result add_group(struct ledger *l, struct ledger_halves *x)
{
    if (map_add(l->halves->by_group, x) && map_add(l->halves->by_scope, x))
        return RESULT_OK;
    if (halves_get(l, x->group) == x)
        (void)map_remove(l->halves->by_group, group_of(x));
    free_one(x);
    return RESULT_DAMAGED;
}

enum result halves_apply(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct ledger_halves x = {0};
    struct keys_slot slot;
    int64_t at_us, deadline_us;
    if (cursor_u64(&in, &x.group) != RESULT_OK || cursor_i64(&in, &at_us) != RESULT_OK ||
        cursor_u32(&in, &x.uses) != RESULT_OK || cursor_i64(&in, &deadline_us) != RESULT_OK ||
        keys_slot_take(&in, &slot) != RESULT_OK || cursor_done(&in) != RESULT_OK)
        return RESULT_DAMAGED;
    ledger_saw_time(l, at_us);
    TRY(add_scope(l, &slot, deadline_us));
    x.scope = slot.id;
    preservation_new_halves(l, x.group, spool_scopes_get(l->scopes, slot.id));
    struct ledger_halves *kept = mem_new(sizeof *kept);
    *kept = x;
    return add_group(l, kept);
}

enum result halves_record_opened(struct ledger *l, const struct ledger_halves *x, uint64_t record)
{
    const uint64_t *times = opened_of(x, record);
    buf_clear(&l->record);
    buf_u64(&l->record, x->group);
    buf_i64(&l->record, ledger_now(l));
    buf_u64(&l->record, record);
    buf_u64(&l->record, times == NULL ? 1 : *times + 1);
    return ledger_record(l, RECORD_OPENED, buf_view(&l->record));
}

enum result halves_apply_opened(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    uint64_t group, record, times;
    int64_t at_us;
    if (cursor_u64(&in, &group) != RESULT_OK || cursor_i64(&in, &at_us) != RESULT_OK ||
        cursor_u64(&in, &record) != RESULT_OK || cursor_u64(&in, &times) != RESULT_OK ||
        cursor_done(&in) != RESULT_OK)
        return RESULT_DAMAGED;
    struct ledger_halves *x = halves_get(l, group);
    ledger_saw_time(l, at_us);
    return x == NULL ? RESULT_DAMAGED : set_opened(x, record, times);
}

void halves_put(const struct ledger_halves *x, struct buf *out)
{
    buf_u64(out, x->group);
    buf_u64(out, x->scope);
    buf_u32(out, x->uses);
    for (size_t i = 0; i < 2 * x->count; i++)
        buf_u64(out, x->opened[i]);
}

enum result halves_take(struct ledger *l, struct cursor *in)
{
    struct ledger_halves *x = mem_new(sizeof *x);
    uint64_t record, times;
    enum result r = cursor_u64(in, &x->group);
    if (r == RESULT_OK)
        r = cursor_u64(in, &x->scope);
    if (r == RESULT_OK)
        r = cursor_u32(in, &x->uses);
    while (r == RESULT_OK && in->left > 0) {
        r = cursor_u64(in, &record);
        if (r == RESULT_OK)
            r = cursor_u64(in, &times);
        if (r == RESULT_OK)
            r = set_opened(x, record, times);
    }
    if (r == RESULT_OK && spool_scopes_get(l->scopes, x->scope) == NULL)
        r = RESULT_DAMAGED;
    if (r == RESULT_OK)
        return add_group(l, x);
    free_one(x);
    return RESULT_DAMAGED;
}

/* ---- ends */

void halves_group_over(struct ledger *l, uint64_t group, enum spool_cause cause)
{
    const struct ledger_halves *x = halves_get(l, group);
    struct spool_scope *scope = x == NULL ? NULL : spool_scopes_get(l->scopes, x->scope);
    if (scope != NULL)
        spool_scope_end(l->scopes, scope, cause, l->high_water_us);
}

void halves_scope_gone(struct ledger *l, uint64_t scope)
{
    struct ledger_halves *x = map_remove(l->halves->by_scope, bytes_of(&scope, sizeof scope));
    if (x == NULL)
        return;
    (void)map_remove(l->halves->by_group, group_of(x));
    free_one(x);
}

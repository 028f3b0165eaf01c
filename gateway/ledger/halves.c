#include "ledger/halves.h"

#include "base/mem.h"
#include "ledger/preservation.h"
#include "ledger/register.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    ROOM = 8192,
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

static uint32_t left_of(const struct ledger_halves *x, uint64_t record)
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

/* RESULT_UNAVAILABLE without a keeper; RESULT_FULL when there are so many scopes that messages need
 * the rest of what one destruction can wrap again. */
static enum result make_scope(struct ledger *l, const struct ledger_owed *g)
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

static enum result record_opened(struct ledger *l, const struct ledger_halves *x, uint64_t record)
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

/* ---- questions */

/* A question, with what the log and the ledger know of its record. */
struct asked {
    struct half_ask ask;
    struct leaf leaf; /* of the record, */
    struct leaf_room *room;
    bool is_its; /* which is of something that this unit was given */
    struct ledger_halves *halves;
    const struct ledger_owed *owed; /* NULL: it is in no group */
    bool is_over;
    struct buf box;
    uint64_t entry;
};

static void answer(struct ledger *l, const struct asked *q, enum half_answer what)
{
    const struct half_said said = {
        .ticket = q->ask.ticket,
        .answer = (uint8_t)what,
        .limited = q->halves != NULL && q->halves->uses > 0,
        .left = q->halves == NULL || q->halves->uses == 0 ? 0 : left_of(q->halves, q->ask.index),
        .entry = q->entry,
        .clause = q->is_its ? q->leaf.recipient[0].clause : bytes_of(NULL, 0),
        .box = buf_view(&q->box)};
    buf_clear(&l->answer);
    half_said_put(&said, &l->answer);
    ledger_answer(l, IPC_HALF_SAID, buf_view(&l->answer));
}

static enum result read_record(struct ledger *l, struct asked *q)
{
    struct buf entry = BUF_INIT(LEAF_MAX);
    enum result r = ledger_leaf_read(l, q->ask.index, &entry, &q->leaf, &q->room);
    buf_free(&entry);
    if (r == RESULT_NOT_FOUND || r == RESULT_DAMAGED)
        return RESULT_OK;
    TRY(r);
    q->is_its = (q->leaf.event == AUDIT_RELEASED || q->leaf.event == AUDIT_WATCH_OPENED) &&
                q->leaf.recipients == 1 && bytes_equal(q->leaf.recipient[0].unit, q->ask.unit);
    return RESULT_OK;
}

/* What the gateway itself tells is nobody's to destroy. Everything else is, from its release on: in
 * no group any more, it was ordered to be destroyed, be that remembered or not, or needed no order.
 */
static void find_group(struct ledger *l, struct asked *q)
{
    const struct ledger_owed *g = owed_find(l, q->ask.unit, q->ask.index);
    q->owed = g;
    if (g == NULL) {
        q->is_over = !bytes_is(q->leaf.source, "gateway/self");
        return;
    }
    q->halves = halves_get(l, g->id);
    q->is_over = g->clock->ends_us <= ledger_now(l) || g->clock->cause != SPOOL_NOT_ENDED;
}

/* ---- what becomes of it */

static enum result leave_entry(struct ledger *l, struct asked *q, enum audit_event event,
                               const char *reason)
{
    char detail[96] = "";
    struct leaf_recipient recipient = q->leaf.recipient[0];
    struct leaf leaf = q->leaf;
    recipient.reason = bytes_of_text(reason);
    recipient.failed = recipient.flags = bytes_of(NULL, 0);
    leaf.event = event;
    leaf.time_us = 0;
    leaf.recipient = &recipient;
    leaf.commitment = NULL;
    leaf.has_refers = true;
    leaf.refers = q->ask.index;
    if (q->ask.what == HALF_REPORT)
        (void)snprintf(detail, sizeof detail, "used=%" PRId64, q->ask.used_us / US_PER_S);
    else if (event == AUDIT_OPENED && q->halves != NULL && q->halves->uses > 0)
        (void)snprintf(detail, sizeof detail, "left=%" PRIu32, left_of(q->halves, q->ask.index));
    leaf.detail = bytes_of_text(detail);
    return ledger_leaf_with(l, &leaf, &q->ask.fact, &q->entry);
}

/* Nothing is recorded of an opening whose half the keeper cannot give: RESULT_UNAVAILABLE, or
 * RESULT_NOT_FOUND for one whose key is gone. */
static enum result fetch_half(struct ledger *l, struct asked *q)
{
    struct half_make make = {.scope = q->halves->scope, .index = q->ask.index};
    struct buf body = BUF_INIT(256);
    memcpy(make.reader, q->ask.reader, HALF_READER);
    half_make_put(&make, &body);
    enum result r =
        l->config.ask(l->config.arg, IPC_HALF_MAKE, buf_view(&body), IPC_HALF_IS, &q->box);
    buf_free(&body);
    return r == RESULT_OK && q->box.n != HALF_BOX ? RESULT_NOT_FOUND : r;
}

static enum result give(struct ledger *l, struct asked *q, enum audit_event event,
                        enum half_answer *what)
{
    enum result r = q->ask.what == HALF_REPORT ? RESULT_OK : fetch_half(l, q);
    *what = r == RESULT_OK ? HALF_GIVEN : r == RESULT_NOT_FOUND ? HALF_ENDED : HALF_LATER;
    if (r == RESULT_NOT_FOUND || r == RESULT_UNAVAILABLE)
        return RESULT_OK;
    TRY(r);
    if (event == AUDIT_OPENED && q->halves->uses > 0)
        TRY(record_opened(l, q->halves, q->ask.index));
    return leave_entry(l, q, event, "permitted");
}

static enum result store(struct ledger *l, struct asked *q, enum half_answer *what)
{
    if (q->is_over) {
        *what = HALF_ENDED;
        return RESULT_OK;
    }
    if (q->owed == NULL) {
        *what = HALF_FREE;
        return RESULT_OK;
    }
    if (q->halves == NULL) {
        enum result r = make_scope(l, q->owed);
        if (r == RESULT_UNAVAILABLE || r == RESULT_FULL) {
            *what = HALF_LATER;
            return RESULT_OK;
        }
        TRY(r);
        q->halves = halves_get(l, q->owed->id);
    }
    return give(l, q, AUDIT_VAULT_STORED, what);
}

/* Why it may not be opened now; HALF_GIVEN: it may. */
static enum half_answer refusal(const struct ledger *l, const struct asked *q)
{
    if (q->is_over || q->halves == NULL)
        return HALF_ENDED;
    const struct spool_scope *clock = q->owed->clock;
    if (clock->has_consent && standing_lacks(l, clock->consent))
        return HALF_SUSPENDED;
    return q->halves->uses > 0 && left_of(q->halves, q->ask.index) == 0 ? HALF_USED_UP : HALF_GIVEN;
}

static const char *refusal_word(enum half_answer why)
{
    return why == HALF_USED_UP     ? "use-count-exceeded"
           : why == HALF_SUSPENDED ? "consent-withdrawn"
                                   : "purpose-fulfilled";
}

/* A report is taken also of what has ended, and of what was opened too often: it says what was
 * done. */
static enum result use(struct ledger *l, struct asked *q, enum half_answer *what)
{
    bool report = q->ask.what == HALF_REPORT;
    if (q->owed == NULL && !q->is_over && !report) {
        *what = HALF_FREE;
        return leave_entry(l, q, AUDIT_OPENED, "permitted");
    }
    if (report && q->halves == NULL) {
        *what = HALF_GIVEN;
        return leave_entry(l, q, AUDIT_OPENED, "permitted");
    }
    *what = report ? HALF_GIVEN : refusal(l, q);
    if (*what != HALF_GIVEN)
        return leave_entry(l, q, AUDIT_OPENING_REFUSED, refusal_word(*what));
    return give(l, q, AUDIT_OPENED, what);
}

static enum result judge(struct ledger *l, struct asked *q)
{
    enum half_answer what = HALF_NONE;
    TRY(read_record(l, q));
    if (q->is_its) {
        find_group(l, q);
        TRY(q->ask.what == HALF_STORE ? store(l, q, &what) : use(l, q, &what));
    }
    answer(l, q, what);
    return RESULT_OK;
}

/* Nothing leaves by this, and nothing is recorded. */
static void say_held(struct ledger *l, const struct half_ask *a)
{
    struct buf held = BUF_INIT(HALF_HELD_BYTES);
    struct half_said said = {.ticket = a->ticket, .answer = HALF_GIVEN};
    said.next = preservation_held(l, a->unit, a->index, &held);
    said.held = buf_view(&held);
    buf_clear(&l->answer);
    half_said_put(&said, &l->answer);
    ledger_answer(l, IPC_HALF_SAID, buf_view(&l->answer));
    buf_free(&held);
}

enum result halves_ask(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct asked q = {.box = BUF_INIT(HALF_BOX)};
    TRY(half_ask_take(&in, &q.ask));
    if (q.ask.what == HALF_HELD) {
        say_held(l, &q.ask);
        return RESULT_OK;
    }
    if (!ledger_has_room(l, ROOM + body.n) || !register_fits(l, &q.ask.fact)) {
        answer(l, &q, HALF_LATER); /* what cannot be recorded does not happen */
        return RESULT_OK;
    }
    enum result r = judge(l, &q);
    leaf_room_free(q.room);
    buf_free(&q.box);
    return r;
}

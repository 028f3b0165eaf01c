/* The cases' state, as records make it. */
#include "ledger/cases.h"

#include "ledger/snapshot.h"

#include "base/mem.h"

/* ---- finding */

void case_key(uint64_t index, unsigned recipient, unsigned kind, uint8_t out[CASE_KEY])
{
    for (unsigned i = 0; i < 8; i++)
        out[i] = (uint8_t)(index >> (56 - 8 * i));
    out[8] = (uint8_t)recipient;
    out[9] = (uint8_t)kind;
}

struct ledger_case *case_get(const struct ledger *l, const uint8_t key[CASE_KEY])
{
    return map_get(l->cases, bytes_of(key, CASE_KEY));
}

bool case_is_open(const struct ledger_case *x)
{
    return x->state == CASE_OPEN || x->state == CASE_WENT_AHEAD;
}

/* ---- opening */

/* A case outlives the record that it was read from: every view moves into text of its own. */
static void keep(struct buf *text, struct bytes *v)
{
    buf_put(text, v->p, v->n);
}

static void move_to(const char **at, struct bytes *v)
{
    v->p = (const uint8_t *)*at;
    *at += v->n;
}

static size_t views(struct ledger_case *x, struct bytes *out[])
{
    size_t n = 0;
    struct road_envelope *e = &x->envelope;
    struct bytes *const fixed[] = {&e->source, &e->kind, &e->service, &e->purpose, &e->basis,
                                   &e->status, &x->unit, &x->clause,  &x->failed,  &x->is.role};
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        out[n++] = fixed[i];
    for (size_t i = 0; i < e->incidents; i++)
        out[n++] = &e->incident[i];
    for (size_t i = 0; i < x->is.parties; i++)
        out[n++] = &x->is.party[i];
    return n;
}

static void own_text(struct ledger_case *x)
{
    enum { FIXED = 10, VIEWS = FIXED + ROAD_INCIDENTS_MAX + ROAD_CASE_PARTIES_MAX };
    struct buf text = BUF_INIT(VIEWS * (ROAD_TEXT_MAX + 1));
    struct bytes *view[VIEWS];
    size_t count = views(x, view);
    for (size_t i = 0; i < count; i++)
        keep(&text, view[i]);
    x->text = mem_text(text.p, text.n);
    const char *at = x->text;
    for (size_t i = 0; i < count; i++)
        move_to(&at, view[i]);
    buf_free(&text);
}

static void free_case(struct ledger *l, struct ledger_case *x)
{
    heap_remove(&l->cases_due, &x->due);
    heap_remove(&l->cases_over, &x->over);
    mem_free(x->text);
    mem_free(x);
}

/* Nothing is opened twice: a second use of the same permission is part of the first one's case. */
static struct ledger_case *add_case(struct ledger *l, const struct ledger_case *made)
{
    struct ledger_case *x = mem_new(sizeof *x);
    *x = *made;
    case_key(x->index, x->recipient, x->is.kind, x->key);
    x->due_us = x->is.due_us;
    own_text(x);
    if (!map_add(l->cases, x)) {
        free_case(l, x);
        return NULL;
    }
    if (x->due_us != 0)
        heap_set(&l->cases_due, &x->due, x->due_us);
    return x;
}

void cases_open(struct ledger *l, uint64_t index, const struct road_commit *c, size_t recipient,
                struct delivery *held)
{
    const struct road_recipient *r = &c->recipient[recipient];
    for (size_t i = 0; i < r->cases; i++) {
        const struct ledger_case x = {.index = index,
                                      .recipient = (uint8_t)recipient,
                                      .envelope = c->envelope,
                                      .unit = r->unit,
                                      .clause = r->clause,
                                      .failed = r->failed,
                                      .is = r->open[i],
                                      .received_us = c->at_us,
                                      .held = r->open[i].kind == ROAD_EMERGENCY ? NULL : held};
        (void)add_case(l, &x);
    }
}

enum result cases_apply_opened(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct road_event e;
    uint64_t index;
    uint8_t recipient;
    if (cursor_u64(&in, &index) != RESULT_OK || cursor_u8(&in, &recipient) != RESULT_OK ||
        road_event_take(&in, &e) != RESULT_OK || e.review.kind == 0)
        return RESULT_DAMAGED;
    ledger_saw_time(l, e.at_us);
    const struct ledger_case x = {.index = index,
                                  .recipient = recipient,
                                  .envelope = e.envelope,
                                  .unit = e.unit,
                                  .clause = e.clause,
                                  .failed = e.failed,
                                  .is = e.review,
                                  .received_us = e.at_us};
    (void)add_case(l, &x);
    return RESULT_OK;
}

/* ---- steps */

static void close_case(struct ledger *l, struct ledger_case *x, enum case_state state)
{
    x->state = state;
    x->held = NULL;
    heap_remove(&l->cases_due, &x->due);
    heap_set(&l->cases_over, &x->over, x->received_us + SEEN_KEPT);
}

/* The other case that the same delivery waits for, or NULL. */
static struct ledger_case *sibling(const struct ledger *l, const struct ledger_case *x)
{
    uint8_t key[CASE_KEY];
    case_key(x->index, x->recipient, x->is.kind == ROAD_APPROVAL ? ROAD_QUARANTINE : ROAD_APPROVAL,
             key);
    struct ledger_case *other = case_get(l, key);
    return other != NULL && other->held == x->held && x->held != NULL ? other : NULL;
}

bool case_decides(const struct ledger *l, const struct ledger_case *x, enum case_state state)
{
    return x->held != NULL && (state == CASE_REFUSED || sibling(l, x) == NULL);
}

/* It goes into its queues when nothing else holds it. */
static void let_go(struct ledger *l, struct ledger_case *x, int64_t at_us)
{
    struct delivery *d = x->held;
    if (d != NULL)
        snapshot_changes(l, d->stored);
    if (d != NULL && sibling(l, x) == NULL) {
        spool_unhold(l->queues, d, x->unit, &x->envelope);
        duty_let_go(l, d, at_us);
    }
    x->held = NULL;
}

/* It will not be delivered: the other case that held it is over with it. */
static void end_held(struct ledger *l, struct ledger_case *x, enum case_state state, int64_t at_us)
{
    struct delivery *d = x->held;
    struct ledger_case *other = sibling(l, x);
    if (other != NULL)
        close_case(l, other, state);
    close_case(l, x, state);
    if (d != NULL)
        ledger_end_delivery(l, d, at_us);
}

enum result case_vote(struct ledger *l, struct ledger_case *x, struct bytes officer,
                      enum case_state state, int64_t at_us)
{
    if (!case_is_open(x) || officer.n > IDENT_UNIT_MAX || x->voters == ROAD_CASE_PERSONS_MAX)
        return RESULT_DAMAGED;
    memcpy(x->voter[x->voters++], officer.p, officer.n);
    if (state == CASE_REFUSED) {
        end_held(l, x, state, at_us);
    } else if (state == CASE_GRANTED) {
        let_go(l, x, at_us);
        close_case(l, x, state);
    } else if (state == CASE_WENT_AHEAD) {
        let_go(l, x, at_us);
        x->state = state;
        x->due_us = time_after(at_us, x->is.second_within_us);
        heap_set(&l->cases_due, &x->due, x->due_us);
    }
    return state == CASE_EXPIRED ? RESULT_DAMAGED : RESULT_OK;
}

enum result cases_apply_late(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    uint8_t key[CASE_KEY];
    int64_t at_us;
    if (cursor_copy(&in, key, sizeof key) != RESULT_OK || cursor_i64(&in, &at_us) != RESULT_OK)
        return RESULT_DAMAGED;
    struct ledger_case *x = case_get(l, key);
    if (x == NULL || !case_is_open(x))
        return RESULT_DAMAGED;
    ledger_saw_time(l, at_us);
    x->is_overdue = true;
    heap_remove(&l->cases_due, &x->due);
    return RESULT_OK;
}

void cases_delivery_over(struct ledger *l, const struct delivery *d)
{
    static const enum road_case_kind holding[] = {ROAD_APPROVAL, ROAD_QUARANTINE};
    uint8_t key[CASE_KEY];
    for (size_t i = 0; d->stored != NULL && i < ARRAY_LEN(holding); i++) {
        case_key(d->stored->index, d->recipient, holding[i], key);
        struct ledger_case *x = case_get(l, key);
        if (x != NULL && x->held == d)
            close_case(l, x, CASE_EXPIRED);
    }
}

/* ---- snapshots */

void case_put(const struct ledger_case *x, struct buf *out)
{
    buf_u64(out, x->index);
    buf_u8(out, x->recipient);
    road_envelope_put(&x->envelope, out);
    buf_bytes16(out, x->unit);
    buf_bytes16(out, x->clause);
    buf_bytes16(out, x->failed);
    road_case_put(&x->is, out);
    buf_i64(out, x->received_us);
    buf_i64(out, x->due_us);
    buf_u8(out, (uint8_t)x->state);
    buf_bool(out, x->is_overdue);
    buf_bool(out, x->due.place != 0);
    buf_u8(out, (uint8_t)x->voters);
    for (size_t i = 0; i < x->voters; i++)
        buf_bytes16(out, bytes_of_text(x->voter[i]));
}

/* What a case has become since it was opened. */
static enum result take_course(struct cursor *in, struct ledger_case *x, bool *is_due)
{
    uint8_t state, voters;
    TRY(cursor_i64(in, &x->received_us));
    TRY(cursor_i64(in, &x->due_us));
    TRY(cursor_u8(in, &state));
    TRY(cursor_bool(in, &x->is_overdue));
    TRY(cursor_bool(in, is_due));
    TRY(cursor_u8(in, &voters));
    if (state > CASE_EXPIRED || voters > ROAD_CASE_PERSONS_MAX)
        return RESULT_DAMAGED;
    x->state = (enum case_state)state;
    for (x->voters = 0; x->voters < voters; x->voters++)
        TRY(ledger_take_text(in, x->voter[x->voters], sizeof x->voter[0]));
    return cursor_done(in);
}

enum result case_restore(struct ledger *l, struct cursor *in)
{
    struct ledger_case made = {0};
    bool is_due;
    TRY(cursor_u64(in, &made.index));
    TRY(cursor_u8(in, &made.recipient));
    TRY(road_envelope_take(in, &made.envelope));
    TRY(cursor_bytes16(in, &made.unit));
    TRY(cursor_bytes16(in, &made.clause));
    TRY(cursor_bytes16(in, &made.failed));
    TRY(road_case_take(in, &made.is));
    TRY(take_course(in, &made, &is_due));
    int64_t due_us = made.due_us;
    struct ledger_case *x = made.is.kind == 0 ? NULL : add_case(l, &made);
    if (x == NULL)
        return RESULT_DAMAGED;
    x->due_us = due_us;
    heap_remove(&l->cases_due, &x->due);
    if (is_due)
        heap_set(&l->cases_due, &x->due, due_us);
    if (!case_is_open(x))
        heap_set(&l->cases_over, &x->over, x->received_us + SEEN_KEPT);
    return RESULT_OK;
}

/* ---- the end */

void cases_forget(struct ledger *l)
{
    const struct heap_entry *e;
    while ((e = heap_first(&l->cases_over)) != NULL && e->due_us <= l->high_water_us) {
        struct ledger_case *x = CONTAINER_OF(e, struct ledger_case, over);
        (void)map_remove(l->cases, bytes_of(x->key, CASE_KEY));
        free_case(l, x);
    }
}

void cases_free(struct ledger *l)
{
    struct ledger_case *x;
    size_t at;
    MAP_FOREACH (x, l->cases, at)
        free_case(l, x);
    map_free(l->cases);
    heap_free(&l->cases_due);
    heap_free(&l->cases_over);
}

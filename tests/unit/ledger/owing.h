/* The road of deliveries to a unit that owes their destruction: groups, orders, receipts. */
#ifndef FEDGATE_TESTS_LEDGER_OWING_H
#define FEDGATE_TESTS_LEDGER_OWING_H

#include "ledger/owed.h"
#include "dump.h"

#define CLAUSE "mou-1#scene"
#define WITHIN US_PER_DAY
#define UNTIL  (NOON + 30 * US_PER_DAY)

/* ---- the road to a group */

struct owes {
    bool owes, suspends;
    int64_t within_us;
    const char *clause;
};

static const struct owes receipt = {true, false, WITHIN, CLAUSE};
static const struct owes suspends = {true, true, WITHIN, CLAUSE};
static const struct owes no_receipt = {true, false, 0, CLAUSE};

/* Released under these terms; how its leaf is numbered. */
static inline uint64_t let_go(struct bench *b, const struct road_deliver *d, const struct owes *o)
{
    struct road_release r = {.consumer = d->consumer,
                             .entry = d->entry,
                             .permitted = true,
                             .reason = bytes_of_text("permitted"),
                             .clause = bytes_of_text(o->clause),
                             .size = 100,
                             .at_us = b->wall_us,
                             .owes = o->owes,
                             .receipt_within_us = o->within_us,
                             .suspends = o->suspends};
    struct buf body = BUF_INIT(4096);
    memcpy(r.commitment, &d->entry, sizeof d->entry);
    road_release_put(&r, &body);
    assert_int_equal(tell(b, IPC_RELEASE, buf_view(&body)), RESULT_OK);
    buf_free(&body);
    turn(b);
    const struct road_released answer = released(b);
    assert_true(answer.go);
    return answer.index;
}

/* Messages by number, each with a scope of the same tuple, for the fire service. */
static inline void make_message(struct bench *b, uint8_t id, struct road_commit *c)
{
    make_commit(b, id, id, c);
    with_scope(b, c, id);
    memset(c->scope[0].tuple, 't', ROAD_DIGEST);
}

static inline void bind_to_incident(struct road_commit *c)
{
    c->scope[0].incident = bytes_of_text(INCIDENT);
    c->scope[0].starts = SPOOL_INCIDENT_END;
    c->scope[0].delay_us = 10 * US_PER_MINUTE;
}

static inline uint64_t deliver(struct bench *b, const struct road_commit *c, const struct owes *o)
{
    assert_int_equal(commit(b, c).answer, ROAD_ON_DISK);
    const struct road_deliver d = delivered(b);
    uint64_t index = let_go(b, &d, o);
    acknowledge(b, &d, 0);
    turn(b);
    return index;
}

static inline uint64_t provide(struct bench *b, uint8_t id, const struct owes *o)
{
    struct road_commit c;
    make_message(b, id, &c);
    return deliver(b, &c, o);
}

static inline void begin(struct bench *b)
{
    bench_init(b);
    assert_int_equal(subscribe(b, 1, FIRE, "default"), RESULT_OK);
    turn(b);
}

static inline void restart(struct bench *b)
{
    bench_restart(b);
    assert_int_equal(subscribe(b, 1, FIRE, "default"), RESULT_OK);
    turn(b);
}

/* Recovery knows just what the living ledger knew. */
static inline void restart_to_the_same(struct bench *b)
{
    struct dump before = dump_of(b->l);
    restart(b);
    struct dump after = dump_of(b->l);
    for (size_t i = 0; i < before.lines && i < after.lines; i++)
        if (strstr(before.line[i], "start: ") == NULL)
            assert_string_equal(before.line[i], after.line[i]);
    assert_int_equal(before.lines, after.lines);
    dump_free(&before);
    dump_free(&after);
}

static inline size_t groups(const struct bench *b)
{
    return map_count(b->l->owing->groups);
}

static const struct ledger_owed *the_group(const struct bench *b)
{
    size_t at = 0;
    assert_int_equal(groups(b), 1);
    return map_next(b->l->owing->groups, &at);
}

/* ---- orders and receipts */

static inline bool order_is_said(struct bench *b, struct road_deliver *d)
{
    struct bytes said;
    while ((said = heard(b, IPC_DELIVER)).n > 0) {
        struct cursor in = cursor_over(said);
        assert_int_equal(road_deliver_take(&in, d), RESULT_OK);
        if (d->is_order)
            return true;
    }
    return false;
}

static inline struct road_deliver ordered(struct bench *b)
{
    struct road_deliver d;
    assert_true(order_is_said(b, &d));
    return d;
}

static inline void take_over_order(struct bench *b, const struct road_deliver *d)
{
    static const struct owes nothing = {.clause = CLAUSE};
    (void)let_go(b, d, &nothing);
    acknowledge(b, d, 0);
    turn(b);
}

/* One delivery is due and ordered. */
static inline struct road_deliver order_of(struct bench *b, const struct owes *o, uint64_t *item)
{
    *item = provide(b, 1, o);
    advance(b, US_PER_HOUR);
    const struct road_deliver d = ordered(b);
    assert_int_equal(road_items(d.order.items), 1);
    assert_int_equal(road_item(d.order.items, 0), *item);
    return d;
}

struct says {
    struct uuid order;
    uint64_t destroyed, never_stored, retained, retained_longer; /* by a day */
    const char *unit;
};

/* What the ledger answers to such a receipt. */
static inline unsigned receipt_says(struct bench *b, const struct says *says)
{
    static uint8_t id = 100;
    struct road_commit c;
    struct buf destroyed = BUF_INIT(100), never = BUF_INIT(100), settle = BUF_INIT(4096);
    struct road_settle s = {.order = says->order, .at_us = b->wall_us, .method = 1};
    make_commit(b, ++id, 0, &c);
    c.envelope.source = bytes_of_text(says->unit == NULL ? FIRE : says->unit);
    c.envelope.kind = bytes_of_text("destruction_receipt");
    c.recipient[0].unit = bytes_of_text("gateway/self");
    c.bodies = 0;
    c.recipient[0].body = 0;
    if (says->destroyed != 0)
        buf_u64(&destroyed, says->destroyed);
    if (says->never_stored != 0)
        buf_u64(&never, says->never_stored);
    if (says->retained != 0)
        s.retained[s.retains++] =
            (struct road_retained){says->retained, bytes_of_text("kr/pipa/18-2-7"), UNTIL};
    if (says->retained_longer != 0)
        s.retained[s.retains++] = (struct road_retained){
            says->retained_longer, bytes_of_text("kr/pipa/18-2-7"), UNTIL + US_PER_DAY};
    s.destroyed = buf_view(&destroyed);
    s.never_stored = buf_view(&never);
    road_settle_put(&s, &settle);
    c.settle = buf_view(&settle);
    unsigned answer = commit(b, &c).answer;
    buf_free(&destroyed);
    buf_free(&never);
    buf_free(&settle);
    return answer;
}

static inline struct road_order_state state_of_order(struct bench *b, const struct uuid *order)
{
    struct buf body = BUF_INIT(100);
    struct road_order_state s;
    buf_u64(&body, 7);
    buf_put(&body, order->b, UUID_BYTES);
    assert_int_equal(tell(b, IPC_ORDER_GET, buf_view(&body)), RESULT_OK);
    buf_free(&body);
    turn(b);
    struct cursor in = cursor_over(heard(b, IPC_ORDER_IS));
    assert_int_equal(road_order_state_take(&in, &s), RESULT_OK);
    assert_int_equal(s.ticket, 7);
    return s;
}

/* The clauses that the edge was told last to hold back; false: nothing was said of them. */
static inline bool overdue_is_said(struct bench *b, struct bytes *last)
{
    bool said = false;
    *last = bytes_of(NULL, 0);
    b->read = 0;
    while (count_said(b, IPC_OVERDUE) > 0) {
        *last = heard(b, IPC_OVERDUE);
        said = true;
    }
    return said;
}

#endif

#include "ledger/owed.h"
#include "dump.h"

#include <errno.h>
#include <sys/syscall.h>

static bool disk_is_full; /* no segment gets its space */

int fallocate(int fd, int mode, off_t at, off_t n)
{
    errno = ENOSPC;
    return disk_is_full ? -1 : (int)syscall(SYS_fallocate, fd, mode, at, n);
}

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
static uint64_t let_go(struct bench *b, const struct road_deliver *d, const struct owes *o)
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
static void make_message(struct bench *b, uint8_t id, struct road_commit *c)
{
    make_commit(b, id, id, c);
    with_scope(b, c, id);
    memset(c->scope[0].tuple, 't', ROAD_DIGEST);
}

static void bind_to_incident(struct road_commit *c)
{
    c->scope[0].incident = bytes_of_text(INCIDENT);
    c->scope[0].starts = SPOOL_INCIDENT_END;
    c->scope[0].delay_us = 10 * US_PER_MINUTE;
}

static uint64_t deliver(struct bench *b, const struct road_commit *c, const struct owes *o)
{
    assert_int_equal(commit(b, c).answer, ROAD_ON_DISK);
    const struct road_deliver d = delivered(b);
    uint64_t index = let_go(b, &d, o);
    acknowledge(b, &d, 0);
    turn(b);
    return index;
}

static uint64_t provide(struct bench *b, uint8_t id, const struct owes *o)
{
    struct road_commit c;
    make_message(b, id, &c);
    return deliver(b, &c, o);
}

static void begin(struct bench *b)
{
    bench_init(b);
    assert_int_equal(subscribe(b, 1, FIRE, "default"), RESULT_OK);
    turn(b);
}

static void restart(struct bench *b)
{
    bench_restart(b);
    assert_int_equal(subscribe(b, 1, FIRE, "default"), RESULT_OK);
    turn(b);
}

/* Recovery knows just what the living ledger knew. */
static void restart_to_the_same(struct bench *b)
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

static size_t groups(const struct bench *b)
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

static bool order_is_said(struct bench *b, struct road_deliver *d)
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

static struct road_deliver ordered(struct bench *b)
{
    struct road_deliver d;
    assert_true(order_is_said(b, &d));
    return d;
}

static void take_over_order(struct bench *b, const struct road_deliver *d)
{
    static const struct owes nothing = {.clause = CLAUSE};
    (void)let_go(b, d, &nothing);
    acknowledge(b, d, 0);
    turn(b);
}

/* One delivery is due and ordered. */
static struct road_deliver order_of(struct bench *b, const struct owes *o, uint64_t *item)
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
    uint64_t destroyed, never_stored, retained;
    const char *unit;
};

/* What the ledger answers to such a receipt. */
static unsigned receipt_says(struct bench *b, const struct says *says)
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

static struct road_order_state state_of_order(struct bench *b, const struct uuid *order)
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
static bool overdue_is_said(struct bench *b, struct bytes *last)
{
    bool said = false;
    struct bytes list;
    b->read = 0;
    while (count_said(b, IPC_OVERDUE) > 0) {
        list = heard(b, IPC_OVERDUE);
        *last = list;
        said = true;
    }
    return said;
}

/* ---- groups */

static void deliveries_of_one_clause_that_end_together_are_one_group(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    uint64_t first = provide(&b, 1, &receipt), second = provide(&b, 2, &receipt);
    const struct ledger_owed *g = the_group(&b);
    assert_int_equal(g->items, 2);
    assert_int_equal(g->item[0], first);
    assert_int_equal(g->item[1], second);
    assert_string_equal(g->unit, FIRE);
    assert_string_equal(g->clause, CLAUSE);
    assert_ptr_equal(owed_find(b.l, bytes_of_text(FIRE), second), g);
    assert_null(owed_find(b.l, bytes_of_text(CAR), second));
    assert_null(owed_find(b.l, bytes_of_text(FIRE), second + 1));
    const struct owes other = {true, false, WITHIN, "mou-2#other"};
    (void)provide(&b, 3, &other);
    assert_int_equal(groups(&b), 2);
    bench_free(&b);
}

static void where_nothing_is_owed_there_is_no_group(void **state)
{
    static const struct owes nothing = {.clause = CLAUSE};
    struct bench b;
    (void)state;
    begin(&b);
    (void)provide(&b, 1, &nothing);
    assert_int_equal(groups(&b), 0);
    bench_free(&b);
}

static void a_group_outlives_the_scope_of_its_deliveries(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    (void)provide(&b, 1, &receipt);
    advance(&b, SPOOL_LINGER + US_PER_S);
    confirm_wipe(&b);
    assert_int_equal(spool_scopes_count(b.l->scopes), 0);
    (void)the_group(&b);
    restart_to_the_same(&b);
    (void)the_group(&b);
    bench_free(&b);
}

/* ---- orders */

static void at_the_deadline_the_unit_is_ordered_to_destroy(void **state)
{
    struct bench b;
    uint64_t item;
    (void)state;
    begin(&b);
    const struct road_deliver d = order_of(&b, &receipt, &item);
    assert_int_equal(d.order.cause, SPOOL_DEADLINE);
    assert_int_equal(d.order.due_us, NOON + US_PER_HOUR);
    assert_int_equal(d.envelope.lane, 0);
    assert_true(bytes_is(d.envelope.kind, "destruction_order"));
    assert_true(bytes_is(d.envelope.source, "gateway/self"));
    assert_true(bytes_is(d.clause, CLAUSE));
    assert_int_equal(groups(&b), 0);
    assert_int_equal(count_leaves(&b, "\"ordered\""), 1);
    assert_int_equal(count_leaves(&b, "cause=deadline"), 1);
    bench_free(&b);
}

static void an_order_is_made_once_and_comes_until_it_is_taken_over(void **state)
{
    struct bench b;
    struct road_deliver d;
    uint64_t item;
    (void)state;
    begin(&b);
    struct uuid first = order_of(&b, &receipt, &item).order.id;
    restart_to_the_same(&b);
    d = ordered(&b);
    assert_memory_equal(d.order.id.b, first.b, UUID_BYTES);
    take_over_order(&b, &d);
    restart_to_the_same(&b);
    assert_false(order_is_said(&b, &d));
    assert_int_equal(count_leaves(&b, "\"ordered\""), 1);
    assert_true(state_of_order(&b, &first).found);
    bench_free(&b);
}

static void the_end_of_the_incident_makes_it_due_unless_that_is_reopened(void **state)
{
    struct bench b;
    struct road_commit c;
    struct road_deliver d;
    (void)state;
    begin(&b);
    move_incident(&b, 50, INCIDENT_OPEN);
    make_message(&b, 1, &c);
    bind_to_incident(&c);
    c.scope[0].deadline_us = NOON + US_PER_DAY;
    c.recipient[0].deadline_us = NOON + US_PER_DAY;
    (void)deliver(&b, &c, &receipt);
    move_incident(&b, 51, INCIDENT_CLOSE);
    advance(&b, 9 * US_PER_MINUTE);
    move_incident(&b, 52, INCIDENT_REOPEN);
    advance(&b, US_PER_HOUR);
    assert_false(order_is_said(&b, &d));
    int64_t closed_us = b.wall_us;
    move_incident(&b, 53, INCIDENT_CLOSE);
    restart_to_the_same(&b);
    advance(&b, 10 * US_PER_MINUTE - 1);
    assert_false(order_is_said(&b, &d));
    advance(&b, 1);
    d = ordered(&b);
    assert_int_equal(d.order.cause, SPOOL_PURPOSE_FULFILLED);
    assert_int_equal(d.order.due_us, closed_us + 10 * US_PER_MINUTE);
    assert_int_equal(d.envelope.incidents, 1);
    assert_true(bytes_is(d.envelope.incident[0], INCIDENT));
    bench_free(&b);
}

static void where_no_receipt_is_asked_the_deadline_needs_no_order(void **state)
{
    struct bench b;
    struct road_deliver d;
    (void)state;
    begin(&b);
    (void)provide(&b, 1, &no_receipt);
    advance(&b, US_PER_HOUR);
    assert_false(order_is_said(&b, &d));
    assert_int_equal(groups(&b), 0);
    restart_to_the_same(&b);
    assert_int_equal(groups(&b), 0);
    bench_free(&b);
}

static void withdraw_consent(struct bench *b, uint8_t id)
{
    struct road_commit c;
    struct buf room = BUF_INIT(4096);
    struct standing_change x = {
        .step = STANDING_WITHDRAWN, .by = bytes_of_text(CENTRE), .at_us = b->wall_us};
    memset(x.consent, 'c', sizeof x.consent);
    make_commit(b, id, 0, &c);
    c.bodies = 0;
    c.recipient[0].unit = bytes_of_text("gateway/self");
    standing_change_put(&x, &room);
    c.standing = buf_view(&room);
    assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
    buf_free(&room);
}

static void a_consent_withdrawn_is_an_order_at_once_for_what_rests_on_it(void **state)
{
    static uint8_t consent[ROAD_CONSENT];
    struct bench b;
    struct road_commit c;
    struct road_deliver d;
    (void)state;
    memset(consent, 'c', sizeof consent);
    begin(&b);
    make_message(&b, 1, &c);
    c.scope[0].consent = bytes_of(consent, sizeof consent);
    uint64_t item = deliver(&b, &c, &no_receipt);
    make_message(&b, 2, &c);
    memset(c.scope[0].tuple, 'u', ROAD_DIGEST);
    (void)deliver(&b, &c, &no_receipt);
    restart_to_the_same(&b);
    withdraw_consent(&b, 3);
    advance(&b, 0);
    d = ordered(&b);
    assert_int_equal(d.order.cause, SPOOL_CONSENT_WITHDRAWN);
    assert_int_equal(d.order.due_us, NOON);
    assert_int_equal(road_items(d.order.items), 1);
    assert_int_equal(road_item(d.order.items, 0), item);
    assert_int_equal(count_leaves(&b, "cause=consent-withdrawn by") +
                         count_leaves(&b, "cause=consent-withdrawn order"),
                     1);
    assert_int_equal(groups(&b), 1);
    take_over_order(&b, &d);
    /* Nothing is asked for; who says so all the same is heard. */
    assert_int_equal(receipt_says(&b, &(struct says){.order = d.order.id, .destroyed = item}),
                     ROAD_ON_DISK);
    assert_int_equal(count_leaves(&b, "\"recipient-destroyed\""), 1);
    restart_to_the_same(&b);
    bench_free(&b);
}

static bool is_over;

static bool mou_is_over(void *arg, struct bytes mou, int64_t now_us)
{
    (void)arg;
    (void)now_us;
    return is_over && bytes_is(mou, "mou-1");
}

/* Also when nothing of it is stored here any more. */
static void the_end_of_a_memorandum_is_an_order_for_what_was_delivered_under_it(void **state)
{
    struct bench b;
    struct road_commit c;
    (void)state;
    begin(&b);
    is_over = false;
    b.config.mou_is_over = mou_is_over;
    restart(&b);
    make_message(&b, 1, &c);
    c.scope[0].mou = bytes_of_text("mou-1");
    c.scope[0].deadline_us = c.recipient[0].deadline_us = b.wall_us + US_PER_DAY;
    const uint64_t item = deliver(&b, &c, &receipt);
    advance(&b, US_PER_MINUTE);
    confirm_wipe(&b);
    assert_int_equal(spool_scopes_count(b.l->scopes), 0);
    is_over = true;
    advance(&b, US_PER_S);
    turn(&b);
    const struct road_deliver d = ordered(&b);
    assert_int_equal(road_item(d.order.items, 0), item);
    assert_int_equal(d.order.cause, SPOOL_MOU_ENDED);
    advance(&b, US_PER_MINUTE);
    assert_int_equal(count_leaves(&b, "\"ended-early\""), 1);
    restart_to_the_same(&b);
    bench_free(&b);
}

static void an_order_has_a_thousand_deliveries_at_most(void **state)
{
    enum { ITEMS = 2500 };
    struct bench b;
    struct road_deliver d;
    size_t count = 0, orders = 0;
    (void)state;
    begin(&b);
    (void)provide(&b, 1, &receipt);
    struct ledger_owed *g = map_get(b.l->owing->groups, bytes_of(&the_group(&b)->id, 8));
    for (uint64_t i = 1; i < ITEMS; i++)
        assert_int_equal(owed_add_item(g, g->item[0] + 2 * i), RESULT_OK);
    advance(&b, US_PER_HOUR);
    while (order_is_said(&b, &d)) {
        count += road_items(d.order.items);
        orders++;
    }
    assert_int_equal(count, ITEMS);
    assert_int_equal(orders, 3);
    assert_int_equal(groups(&b), 0);
    bench_free(&b);
}

/* The model of destruction (ledger/destruction.pml) found it: where recipients alone still had
 * something, a clock far ahead was believed, and they were ordered to destroy it. */
static void a_clock_that_is_far_ahead_orders_nothing_before_an_officer_was_asked(void **state)
{
    struct bench b;
    struct road_deliver d;
    (void)state;
    begin(&b);
    b.config.clock_jump_us = US_PER_DAY;
    b.config.destroy_share = 10;
    restart(&b);
    (void)provide(&b, 1, &receipt);
    advance(&b, SPOOL_LINGER + US_PER_S);
    confirm_wipe(&b);
    assert_int_equal(spool_scopes_count(b.l->scopes), 0);
    b.wall_us += 31 * US_PER_DAY;
    turn(&b);
    assert_false(order_is_said(&b, &d));
    assert_int_equal(count_leaves(&b, "due=1 scopes=1"), 1);
    b.wall_us -= 31 * US_PER_DAY;
    turn(&b);
    advance(&b, UNTIL - b.wall_us);
    assert_int_equal(ordered(&b).order.cause, SPOOL_DEADLINE);
    bench_free(&b);
}

/* ---- receipts */

static void a_receipt_settles_what_it_names_and_the_rest_stays_owed(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    uint64_t one = provide(&b, 1, &receipt), two = provide(&b, 2, &receipt),
             three = provide(&b, 3, &receipt);
    advance(&b, US_PER_HOUR);
    struct uuid order = ordered(&b).order.id;
    assert_int_equal(receipt_says(&b, &(struct says){.order = order, .destroyed = one}),
                     ROAD_ON_DISK);
    struct road_order_state s = state_of_order(&b, &order);
    assert_true(bytes_is(s.unit, FIRE));
    assert_true(bytes_is(s.clause, CLAUSE));
    assert_int_equal(s.state.n, 3);
    assert_int_equal(s.state.p[0], ROAD_DESTROYED);
    assert_int_equal(s.state.p[1], ROAD_OWED);
    restart_to_the_same(&b);
    assert_int_equal(
        receipt_says(&b, &(struct says){.order = order, .never_stored = two, .retained = three}),
        ROAD_ON_DISK);
    s = state_of_order(&b, &order);
    assert_int_equal(s.state.p[1], ROAD_NEVER_STORED);
    assert_int_equal(s.state.p[2], ROAD_RETAINED);
    assert_int_equal(count_leaves(&b, "\"recipient-destroyed\""), 1);
    assert_int_equal(count_leaves(&b, "\"never-stored\""), 1);
    assert_int_equal(count_leaves(&b, "under=kr/pipa/18-2-7"), 1);
    restart_to_the_same(&b);
    advance(&b, 2 * WITHIN);
    assert_int_equal(count_leaves(&b, "\"receipt-overdue\""), 0);
    bench_free(&b);
}

static void a_receipt_that_comes_again_changes_nothing(void **state)
{
    struct bench b;
    uint64_t item;
    (void)state;
    begin(&b);
    struct uuid order = order_of(&b, &receipt, &item).order.id;
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(receipt_says(&b, &(struct says){.order = order, .destroyed = item}),
                         ROAD_ON_DISK);
    assert_int_equal(count_leaves(&b, "\"recipient-destroyed\""), 1);
    bench_free(&b);
}

static void what_does_not_fit_the_order_settles_nothing(void **state)
{
    struct bench b;
    uint64_t item;
    (void)state;
    begin(&b);
    struct uuid order = order_of(&b, &receipt, &item).order.id, other = {{9}};
    const struct says wrong[] = {
        {.order = other, .destroyed = item},
        {.order = order, .destroyed = item, .unit = CAR},
        {.order = order, .destroyed = item + 1},
        {.order = order, .destroyed = item, .never_stored = item},
        {.order = order, .destroyed = item, .retained = item},
    };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_int_equal(receipt_says(&b, &wrong[i]), ROAD_STALE);
    assert_int_equal(state_of_order(&b, &order).state.p[0], ROAD_OWED);
    assert_int_equal(receipt_says(&b, &(struct says){.order = order, .destroyed = item}),
                     ROAD_ON_DISK);
    assert_int_equal(receipt_says(&b, &(struct says){.order = order, .retained = item}),
                     ROAD_STALE);
    bench_free(&b);
}

static void an_order_that_was_settled_is_remembered_for_a_week(void **state)
{
    struct bench b;
    uint64_t item;
    (void)state;
    begin(&b);
    const struct road_deliver d = order_of(&b, &receipt, &item);
    struct uuid order = d.order.id;
    take_over_order(&b, &d);
    assert_int_equal(receipt_says(&b, &(struct says){.order = order, .destroyed = item}),
                     ROAD_ON_DISK);
    advance(&b, ORDER_REMEMBERED - US_PER_HOUR);
    struct road_commit c;
    make_message(&b, 3, &c);
    c.scope[0].deadline_us = c.recipient[0].deadline_us = b.wall_us + US_PER_DAY;
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    assert_true(state_of_order(&b, &order).found);
    advance(&b, US_PER_HOUR);
    make_message(&b, 4, &c);
    c.scope[0].deadline_us = c.recipient[0].deadline_us = b.wall_us + US_PER_DAY;
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    assert_false(state_of_order(&b, &order).found);
    bench_free(&b);
}

static void what_is_retained_is_ordered_again_when_that_ends(void **state)
{
    struct bench b;
    uint64_t item;
    (void)state;
    begin(&b);
    struct uuid order = order_of(&b, &receipt, &item).order.id;
    assert_int_equal(receipt_says(&b, &(struct says){.order = order, .retained = item}),
                     ROAD_ON_DISK);
    restart_to_the_same(&b);
    forget_said(&b);
    assert_int_equal(the_group(&b)->items, 1);
    advance(&b, UNTIL - b.wall_us - 1);
    struct road_deliver d;
    while (order_is_said(&b, &d))
        assert_memory_equal(d.order.id.b, order.b, UUID_BYTES); /* not taken over yet */
    advance(&b, 1);
    d = ordered(&b);
    assert_memory_not_equal(d.order.id.b, order.b, UUID_BYTES);
    assert_int_equal(road_item(d.order.items, 0), item);
    assert_int_equal(d.order.due_us, UNTIL);
    bench_free(&b);
}

/* An order of so many deliveries, each retained for another time: as long as a receipt's entries
 * can be. */
static void retain_all(struct bench *b, uint8_t id, const struct road_deliver *d,
                       struct road_commit *c, struct buf *settle)
{
    struct road_settle s = {.order = d->order.id, .at_us = b->wall_us};
    for (size_t i = 0; i < ROAD_RETAINED_MAX; i++)
        s.retained[s.retains++] =
            (struct road_retained){road_item(d->order.items, i), bytes_of_text("kr/pipa/18-2-7"),
                                   UNTIL + (int64_t)i * US_PER_S};
    road_settle_put(&s, settle);
    make_commit(b, id, 0, c);
    c->envelope.source = bytes_of_text(FIRE);
    c->envelope.kind = bytes_of_text("destruction_receipt");
    c->recipient[0].unit = bytes_of_text("gateway/self");
    c->bodies = 0;
    c->settle = buf_view(settle);
}

/* It once ended the ledger, with half of its entries in the frame. */
static void a_receipt_that_takes_much_room_waits_on_a_full_disk(void **state)
{
    (void)state;
    for (uint64_t left = 30 << 10; left <= 90 << 10; left += 20 << 10) {
        struct bench b;
        struct buf settle = BUF_INIT(8192);
        struct road_commit c;
        bench_prepare(&b, 1 << 20);
        assert_int_equal(bench_open(&b), RESULT_OK);
        assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
        turn(&b);
        (void)provide(&b, 1, &receipt);
        struct ledger_owed *g = map_get(b.l->owing->groups, bytes_of(&the_group(&b)->id, 8));
        for (uint64_t i = 1; i < ROAD_RETAINED_MAX; i++)
            assert_int_equal(owed_add_item(g, g->item[0] + 2 * i), RESULT_OK);
        advance(&b, US_PER_HOUR);
        const struct road_deliver d = ordered(&b);
        retain_all(&b, 100, &d, &c, &settle);
        disk_is_full = true;
        while (!journal_is_low(b.l->journal) || journal_left(b.l->journal) > left) {
            for (size_t i = 0; i < 8; i++)
                assert_int_equal(send_event(&b, AUDIT_SESSION_OPENED, 0, 0, b.wall_us), RESULT_OK);
            turn(&b);
        }
        enum result sent = send_commit(&b, &c);
        disk_is_full = false;
        assert_int_equal(sent, RESULT_OK);
        turn(&b);
        assert_int_equal(committed(&b).answer, ROAD_NO_ROOM);
        turn(&b); /* which finds room */
        assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
        assert_int_equal(count_leaves(&b, "\"retained\""), ROAD_RETAINED_MAX);
        buf_free(&settle);
        bench_free(&b);
    }
}

/* ---- overdue */

static void without_a_receipt_in_time_the_provider_and_the_log_are_told(void **state)
{
    struct bench b;
    struct road_deliver d;
    struct bytes list;
    uint64_t item;
    (void)state;
    begin(&b);
    d = order_of(&b, &receipt, &item);
    struct uuid order = d.order.id;
    take_over_order(&b, &d);
    assert_int_equal(subscribe(&b, 2, CENTRE, "default"), RESULT_OK);
    advance(&b, WITHIN - 1);
    assert_int_equal(count_leaves(&b, "\"receipt-overdue\""), 0);
    advance(&b, 1);
    assert_int_equal(count_leaves(&b, "\"receipt-overdue\""), 1);
    b.read = 0;
    do
        d = delivered(&b);
    while (!d.is_outcome);
    assert_true(bytes_is(d.unit, CENTRE));
    assert_true(bytes_is(d.outcome.reason, "destruction-overdue"));
    assert_true(bytes_is(d.outcome.to, FIRE));
    assert_int_equal(d.outcome.about.b[0], 1);
    assert_int_equal(d.outcome.step, OUTCOME_DECIDED);
    b.read = 0;
    d = ordered(&b); /* the first, which was taken over */
    d = ordered(&b); /* and again */
    assert_memory_equal(d.order.id.b, order.b, UUID_BYTES);
    assert_false(overdue_is_said(&b, &list)); /* an alarm holds nothing back */
    restart_to_the_same(&b);
    advance(&b, WITHIN);
    assert_int_equal(count_leaves(&b, "\"receipt-overdue\""), 1);
    bench_free(&b);
}

/* Each is read again for its provider: an alert that comes meanwhile does not wait for all. */
static void of_a_thousand_deliveries_one_order_is_told_overdue_a_turn(void **state)
{
    struct bench b;
    struct road_deliver d;
    (void)state;
    begin(&b);
    (void)provide(&b, 1, &receipt);
    struct ledger_owed *g = map_get(b.l->owing->groups, bytes_of(&the_group(&b)->id, 8));
    for (uint64_t i = 1; i < 2 * ROAD_ITEMS_MAX; i++)
        assert_int_equal(owed_add_item(g, g->item[0] + 2 * i), RESULT_OK);
    advance(&b, US_PER_HOUR);
    while (order_is_said(&b, &d))
        ;
    advance(&b, WITHIN);
    assert_int_equal(count_leaves(&b, "\"receipt-overdue\""), 1);
    assert_true(ledger_idle_us(b.l, US_PER_S) == 0);
    turn(&b);
    assert_int_equal(count_leaves(&b, "\"receipt-overdue\""), 2);
    bench_free(&b);
}

static void an_overdue_receipt_suspends_the_clause_until_it_comes(void **state)
{
    struct bench b;
    struct bytes list;
    uint64_t item;
    (void)state;
    begin(&b);
    struct uuid order = order_of(&b, &suspends, &item).order.id;
    forget_said(&b);
    advance(&b, WITHIN);
    assert_true(overdue_is_said(&b, &list));
    struct cursor in = cursor_over(list);
    struct bytes unit, clause;
    assert_int_equal(cursor_bytes16(&in, &unit), RESULT_OK);
    assert_int_equal(cursor_bytes16(&in, &clause), RESULT_OK);
    assert_true(bytes_is(unit, FIRE));
    assert_true(bytes_is(clause, CLAUSE));
    assert_int_equal(in.left, 0);

    restart_to_the_same(&b);
    assert_int_equal(tell(&b, IPC_VIEW, bytes_of(NULL, 0)), RESULT_OK);
    turn(&b);
    assert_true(overdue_is_said(&b, &list));
    assert_true(list.n > 0);

    forget_said(&b);
    assert_int_equal(receipt_says(&b, &(struct says){.order = order, .destroyed = item}),
                     ROAD_ON_DISK);
    assert_true(overdue_is_said(&b, &list));
    assert_int_equal(list.n, 0);
    restart_to_the_same(&b);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deliveries_of_one_clause_that_end_together_are_one_group),
        cmocka_unit_test(where_nothing_is_owed_there_is_no_group),
        cmocka_unit_test(a_group_outlives_the_scope_of_its_deliveries),
        cmocka_unit_test(at_the_deadline_the_unit_is_ordered_to_destroy),
        cmocka_unit_test(an_order_is_made_once_and_comes_until_it_is_taken_over),
        cmocka_unit_test(the_end_of_the_incident_makes_it_due_unless_that_is_reopened),
        cmocka_unit_test(where_no_receipt_is_asked_the_deadline_needs_no_order),
        cmocka_unit_test(a_consent_withdrawn_is_an_order_at_once_for_what_rests_on_it),
        cmocka_unit_test(the_end_of_a_memorandum_is_an_order_for_what_was_delivered_under_it),
        cmocka_unit_test(a_clock_that_is_far_ahead_orders_nothing_before_an_officer_was_asked),
        cmocka_unit_test(an_order_has_a_thousand_deliveries_at_most),
        cmocka_unit_test(a_receipt_settles_what_it_names_and_the_rest_stays_owed),
        cmocka_unit_test(a_receipt_that_comes_again_changes_nothing),
        cmocka_unit_test(what_does_not_fit_the_order_settles_nothing),
        cmocka_unit_test(an_order_that_was_settled_is_remembered_for_a_week),
        cmocka_unit_test(what_is_retained_is_ordered_again_when_that_ends),
        cmocka_unit_test(a_receipt_that_takes_much_room_waits_on_a_full_disk),
        cmocka_unit_test(without_a_receipt_in_time_the_provider_and_the_log_are_told),
        cmocka_unit_test(of_a_thousand_deliveries_one_order_is_told_overdue_a_turn),
        cmocka_unit_test(an_overdue_receipt_suspends_the_clause_until_it_comes),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

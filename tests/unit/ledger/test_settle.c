#include "full_disk.h"
#include "owing.h"

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

static void a_receipt_that_comes_again_settles_nothing_else(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    const uint64_t one = provide(&b, 1, &receipt);
    (void)provide(&b, 2, &receipt);
    advance(&b, US_PER_HOUR);
    const struct uuid order = ordered(&b).order.id;
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(receipt_says(&b, &(struct says){.order = order, .destroyed = one}),
                         ROAD_ON_DISK);
    advance(&b, WITHIN);
    assert_int_equal(count_leaves(&b, "\"receipt-overdue\""), 1);
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
        {.order = order, .never_stored = item, .retained = item},
        {.order = order, .never_stored = item + 1},
        {.order = order, .retained = item + 1},
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

/* By the terms of its order: who hears of it, by when, and what is held back until then. */
static void what_is_retained_is_owed_as_it_was_before(void **state)
{
    struct bench b;
    struct road_commit c;
    (void)state;
    begin(&b);
    make_message(&b, 1, &c);
    bind_to_incident(&c);
    const uint64_t item = deliver(&b, &c, &suspends);
    advance(&b, US_PER_HOUR);
    const struct uuid order = ordered(&b).order.id;
    assert_int_equal(receipt_says(&b, &(struct says){.order = order, .retained = item}),
                     ROAD_ON_DISK);
    const struct ledger_owed *g = the_group(&b);
    assert_string_equal(g->unit, FIRE);
    assert_string_equal(g->clause, CLAUSE);
    assert_string_equal(g->clock->incident, INCIDENT);
    assert_true(g->suspends);
    assert_int_equal(g->receipt_within_us, WITHIN);
    bench_free(&b);
}

static void what_is_retained_until_two_times_ends_at_each_of_them(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    const uint64_t one = provide(&b, 1, &receipt), two = provide(&b, 2, &receipt);
    advance(&b, US_PER_HOUR);
    struct road_deliver d = ordered(&b);
    take_over_order(&b, &d);
    assert_int_equal(
        receipt_says(&b,
                     &(struct says){.order = d.order.id, .retained = one, .retained_longer = two}),
        ROAD_ON_DISK);
    assert_int_equal(count_leaves(&b, "under=kr/pipa/18-2-7"), 2);
    assert_int_equal(groups(&b), 2);
    forget_said(&b);
    advance(&b, UNTIL - b.wall_us);
    d = ordered(&b);
    assert_int_equal(road_items(d.order.items), 1);
    assert_int_equal(road_item(d.order.items, 0), one);
    assert_int_equal(groups(&b), 1);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_receipt_settles_what_it_names_and_the_rest_stays_owed),
        cmocka_unit_test(a_receipt_that_comes_again_changes_nothing),
        cmocka_unit_test(a_receipt_that_comes_again_settles_nothing_else),
        cmocka_unit_test(what_does_not_fit_the_order_settles_nothing),
        cmocka_unit_test(an_order_that_was_settled_is_remembered_for_a_week),
        cmocka_unit_test(what_is_retained_is_ordered_again_when_that_ends),
        cmocka_unit_test(what_is_retained_is_owed_as_it_was_before),
        cmocka_unit_test(what_is_retained_until_two_times_ends_at_each_of_them),
        cmocka_unit_test(a_receipt_that_takes_much_room_waits_on_a_full_disk),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

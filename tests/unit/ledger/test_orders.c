#include "full_disk.h"
#include "owing.h"

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

/* The end that the unit itself named is no end that a delivery named. */
static void what_is_retained_is_ordered_again_also_where_no_receipt_is_asked_for(void **state)
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
    const uint64_t item = deliver(&b, &c, &no_receipt);
    withdraw_consent(&b, 3);
    advance(&b, 0);
    d = ordered(&b);
    take_over_order(&b, &d);
    assert_int_equal(receipt_says(&b, &(struct says){.order = d.order.id, .retained = item}),
                     ROAD_ON_DISK);
    restart_to_the_same(&b);
    advance(&b, UNTIL - b.wall_us - 1);
    assert_false(order_is_said(&b, &d));
    advance(&b, 1);
    d = ordered(&b);
    assert_int_equal(road_items(d.order.items), 1);
    assert_int_equal(road_item(d.order.items, 0), item);
    assert_int_equal(d.order.due_us, UNTIL);
    assert_int_equal(groups(&b), 0);
    take_over_order(&b, &d);
    restart_to_the_same(&b);
    advance(&b, 2 * WITHIN);
    assert_int_equal(count_leaves(&b, "\"receipt-overdue\""), 0); /* none is asked for now either */
    assert_int_equal(receipt_says(&b, &(struct says){.order = d.order.id, .destroyed = item}),
                     ROAD_ON_DISK);
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

/* It is remembered for a week once it is settled; before that it waits as long as it takes. */
static void an_order_waits_for_a_unit_that_is_long_away(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    const uint64_t item = provide(&b, 1, &receipt);
    bench_restart(&b);
    advance(&b, US_PER_HOUR);
    advance(&b, ORDER_REMEMBERED + US_PER_DAY);
    forget_said(&b);
    assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
    turn(&b);
    assert_int_equal(road_item(ordered(&b).order.items, 0), item);
    bench_free(&b);
}

static void an_order_that_asks_for_no_receipt_may_be_fetched_for_a_week(void **state)
{
    static uint8_t consent[ROAD_CONSENT];
    struct bench b;
    struct road_commit c;
    (void)state;
    memset(consent, 'c', sizeof consent);
    begin(&b);
    make_message(&b, 1, &c);
    c.scope[0].consent = bytes_of(consent, sizeof consent);
    (void)deliver(&b, &c, &no_receipt);
    withdraw_consent(&b, 2);
    advance(&b, 0);
    (void)ordered(&b);
    restart(&b);
    advance(&b, ORDER_REMEMBERED - US_PER_HOUR);
    (void)ordered(&b);
    advance(&b, US_PER_HOUR);
    assert_null(heap_first(&b.l->outcomes_due));
    publish(&b, 3);
    assert_int_equal(map_count(b.l->owing->orders), 0);
    bench_free(&b);
}

/* The receipt may come by another road than the order. */
static void an_order_that_nobody_took_over_is_known_until_somebody_does(void **state)
{
    struct bench b;
    uint64_t item;
    (void)state;
    begin(&b);
    const struct road_deliver d = order_of(&b, &receipt, &item);
    assert_int_equal(receipt_says(&b, &(struct says){.order = d.order.id, .destroyed = item}),
                     ROAD_ON_DISK);
    advance(&b, ORDER_REMEMBERED);
    publish(&b, 2);
    assert_true(state_of_order(&b, &d.order.id).found);
    take_over_order(&b, &d);
    assert_false(state_of_order(&b, &d.order.id).found);
    bench_free(&b);
}

/* Nothing else is to be done: the scope is gone, the log's end is signed. */
static void the_ledger_wakes_when_an_order_or_its_receipt_is_due(void **state)
{
    enum { MANY_DAYS = 60 };
    struct bench b;
    (void)state;
    begin(&b);
    (void)provide(&b, 1, &receipt);
    advance(&b, SPOOL_LINGER + US_PER_S);
    confirm_wipe(&b);
    advance(&b, US_PER_S);
    int64_t left = the_group(&b)->clock->due.due_us - b.wall_us;
    assert_int_equal(ledger_idle_us(b.l, MANY_DAYS * US_PER_DAY), left);
    advance(&b, left);
    const struct road_deliver d = ordered(&b);
    take_over_order(&b, &d);
    advance(&b, US_PER_S);
    left = d.order.at_us + WITHIN - b.wall_us;
    assert_int_equal(ledger_idle_us(b.l, MANY_DAYS * US_PER_DAY), left);
    bench_free(&b);
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

/* What is told is a list of all: many at once would be told of as often as many times. */
static void what_becomes_overdue_together_is_told_to_the_edge_once(void **state)
{
    struct bench b;
    struct bytes list;
    struct road_deliver d;
    struct road_commit c;
    (void)state;
    begin(&b);
    (void)provide(&b, 1, &suspends);
    make_commit(&b, 2, 2, &c);
    with_scope(&b, &c, 2);
    (void)deliver(&b, &c, &suspends); /* of another group */
    advance(&b, US_PER_HOUR);
    while (order_is_said(&b, &d))
        ;
    assert_int_equal(map_count(b.l->owing->orders), 2);
    forget_said(&b);
    advance(&b, WITHIN);
    assert_int_equal(count_leaves(&b, "\"receipt-overdue\""), 2);
    b.read = 0;
    assert_int_equal(count_said(&b, IPC_OVERDUE), 1);
    assert_true(overdue_is_said(&b, &list));
    assert_int_equal(list.n, 2 * (2 + strlen(FIRE) + 2 + strlen(CLAUSE)));
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

static size_t outcomes_said(struct bench *b, const char *reason)
{
    size_t count = 0;
    struct road_deliver d;
    struct bytes said;
    b->read = 0;
    while ((said = heard(b, IPC_DELIVER)).n > 0) {
        struct cursor in = cursor_over(said);
        assert_int_equal(road_deliver_take(&in, &d), RESULT_OK);
        count += d.is_outcome && bytes_is(d.outcome.reason, reason);
    }
    return count;
}

static void what_is_overdue_is_named_and_its_provider_told_once(void **state)
{
    struct bench b;
    struct buf items = BUF_INIT(100);
    uint64_t item[3];
    (void)state;
    begin(&b);
    for (uint8_t i = 0; i < ARRAY_LEN(item); i++)
        item[i] = provide(&b, (uint8_t)(i + 1), &receipt);
    advance(&b, US_PER_HOUR);
    const struct uuid order = ordered(&b).order.id;
    assert_int_equal(receipt_says(&b, &(struct says){.order = order, .destroyed = item[0]}),
                     ROAD_ON_DISK);
    assert_int_equal(subscribe(&b, 2, CENTRE, "default"), RESULT_OK);
    advance(&b, WITHIN);
    turn(&b);
    buf_text(&items, " items=");
    ledger_put_ranges(&items, item + 1, 2);
    buf_text(&items, "\",\"event\":\"receipt-overdue\"");
    buf_u8(&items, 0);
    assert_int_equal(count_leaves(&b, (const char *)items.p), 1);
    assert_int_equal(outcomes_said(&b, "destruction-overdue"), 1);
    buf_free(&items);
    bench_free(&b);
}

static void without_room_for_its_entry_nothing_is_overdue_yet(void **state)
{
    struct bench b;
    uint64_t item;
    (void)state;
    begin(&b);
    (void)order_of(&b, &receipt, &item);
    fill_disk(&b, 0);
    advance(&b, WITHIN);
    assert_non_null(heap_first(&b.l->owing->receipts_due));
    free_disk(&b);
    turn(&b);
    assert_null(heap_first(&b.l->owing->receipts_due));
    assert_int_equal(count_leaves(&b, "\"receipt-overdue\""), 1);
    bench_free(&b);
}

static void of_what_is_overdue_the_edge_holds_back_just_what_suspends(void **state)
{
    static const struct owes other = {true, false, WITHIN, "mou-2#other"};
    struct bench b;
    struct bytes list, unit, clause;
    (void)state;
    begin(&b);
    (void)provide(&b, 1, &suspends);
    (void)provide(&b, 2, &other);
    advance(&b, US_PER_HOUR);
    advance(&b, WITHIN);
    assert_int_equal(count_leaves(&b, "\"receipt-overdue\""), 2);
    assert_int_equal(tell(&b, IPC_VIEW, bytes_of(NULL, 0)), RESULT_OK);
    turn(&b);
    assert_true(overdue_is_said(&b, &list));
    struct cursor in = cursor_over(list);
    assert_int_equal(cursor_bytes16(&in, &unit), RESULT_OK);
    assert_int_equal(cursor_bytes16(&in, &clause), RESULT_OK);
    assert_true(bytes_is(clause, CLAUSE));
    assert_int_equal(in.left, 0);
    bench_free(&b);
}

static void a_record_that_tells_it_overdue_again_is_damage(void **state)
{
    struct bench b;
    struct buf record = BUF_INIT(100);
    uint64_t item;
    (void)state;
    begin(&b);
    const struct uuid order = order_of(&b, &receipt, &item).order.id;
    buf_put(&record, order.b, UUID_BYTES);
    buf_i64(&record, b.wall_us);
    assert_int_equal(orders_apply_overdue(b.l, buf_view(&record)), RESULT_OK);
    assert_int_equal(orders_apply_overdue(b.l, buf_view(&record)), RESULT_DAMAGED);
    buf_free(&record);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_the_deadline_the_unit_is_ordered_to_destroy),
        cmocka_unit_test(an_order_is_made_once_and_comes_until_it_is_taken_over),
        cmocka_unit_test(the_end_of_the_incident_makes_it_due_unless_that_is_reopened),
        cmocka_unit_test(where_no_receipt_is_asked_the_deadline_needs_no_order),
        cmocka_unit_test(a_consent_withdrawn_is_an_order_at_once_for_what_rests_on_it),
        cmocka_unit_test(what_is_retained_is_ordered_again_also_where_no_receipt_is_asked_for),
        cmocka_unit_test(the_end_of_a_memorandum_is_an_order_for_what_was_delivered_under_it),
        cmocka_unit_test(an_order_has_a_thousand_deliveries_at_most),
        cmocka_unit_test(a_clock_that_is_far_ahead_orders_nothing_before_an_officer_was_asked),
        cmocka_unit_test(an_order_waits_for_a_unit_that_is_long_away),
        cmocka_unit_test(an_order_that_asks_for_no_receipt_may_be_fetched_for_a_week),
        cmocka_unit_test(an_order_that_nobody_took_over_is_known_until_somebody_does),
        cmocka_unit_test(the_ledger_wakes_when_an_order_or_its_receipt_is_due),
        cmocka_unit_test(without_a_receipt_in_time_the_provider_and_the_log_are_told),
        cmocka_unit_test(of_a_thousand_deliveries_one_order_is_told_overdue_a_turn),
        cmocka_unit_test(what_becomes_overdue_together_is_told_to_the_edge_once),
        cmocka_unit_test(an_overdue_receipt_suspends_the_clause_until_it_comes),
        cmocka_unit_test(what_is_overdue_is_named_and_its_provider_told_once),
        cmocka_unit_test(without_room_for_its_entry_nothing_is_overdue_yet),
        cmocka_unit_test(of_what_is_overdue_the_edge_holds_back_just_what_suspends),
        cmocka_unit_test(a_record_that_tells_it_overdue_again_is_damage),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

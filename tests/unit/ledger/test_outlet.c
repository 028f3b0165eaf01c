#include "support.h"

/* A ledger with one message for FIRE, whose default queue has consumer 1. */
static struct road_deliver offered(struct bench *b)
{
    bench_init(b);
    publish(b, 1);
    assert_int_equal(subscribe(b, 1, FIRE, "default"), RESULT_OK);
    turn(b);
    return delivered(b);
}

static void a_delivery_is_offered_as_it_was_stored(void **state)
{
    (void)state;
    struct bench b;
    const struct road_deliver d = offered(&b);
    assert_int_equal(d.consumer, 1);
    assert_true(bytes_is(d.unit, FIRE));
    assert_true(bytes_is(d.envelope.source, CENTRE));
    assert_true(bytes_is(d.body.sealed, "sealed bytes"));
    assert_int_equal(d.body.scope, 1);
    assert_int_equal(d.sealed_deadline_us, NOON + US_PER_HOUR);
    assert_false(d.redelivery || d.was_released || d.is_outcome);
    bench_free(&b);
}

static void nothing_is_offered_before_it_is_on_disk(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    bench_init(&b);
    assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
    turn(&b);
    make_commit(&b, 1, 1, &c);
    with_scope(&b, &c, 1);
    assert_int_equal(send_commit(&b, &c), RESULT_OK);
    assert_int_equal(count_said(&b, IPC_DELIVER), 0);
    turn(&b);
    assert_int_equal(count_said(&b, IPC_DELIVER), 1);
    bench_free(&b);
}

static void it_goes_once_the_release_is_on_disk_and_is_recorded_once(void **state)
{
    (void)state;
    struct bench b;
    const struct road_deliver d = offered(&b);
    send_release(&b, &d, true);
    assert_int_equal(count_said(&b, IPC_RELEASED), 0);
    turn(&b);
    const struct road_released r = released(&b);
    assert_true(r.go);
    assert_int_equal(r.index, d.received_index + 1);
    send_release(&b, &d, true); /* it has gone already */
    turn(&b);
    assert_false(released(&b).go);
    assert_int_equal(count_leaves(&b, "\"released\""), 1);
    /* the leaf says what the message's own says of incidents, kind and source */
    assert_int_equal(count_leaves(&b, "\"kind\":\"incident_report\""), 2);
    bench_free(&b);
}

static void what_is_acknowledged_in_one_breath_is_one_entry_of_the_log(void **state)
{
    (void)state;
    struct bench b;
    struct road_deliver d[5];
    char detail[64];
    bench_init(&b);
    for (uint8_t i = 0; i < 5; i++)
        publish(&b, (uint8_t)(i + 1));
    assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
    turn(&b);
    for (size_t i = 0; i < 5; i++) {
        d[i] = delivered(&b);
        send_release(&b, &d[i], true);
    }
    turn(&b);
    acknowledge(&b, &d[0], 0);
    acknowledge(&b, &d[2], 0);
    acknowledge(&b, &d[0], 0); /* twice counts once */
    acknowledge(&b, &d[1], 2); /* another word: of its own */
    acknowledge(&b, &d[3], 0);
    assert_int_equal(subscribe(&b, 2, FIRE, "default"), RESULT_OK); /* what was said is heard */
    acknowledge(&b, &d[4], 0);                                      /* of the consumer before */
    turn(&b);
    (void)snprintf(detail, sizeof detail, "\"received=%d,%d\"", (int)d[0].received_index,
                   (int)d[2].received_index);
    assert_int_equal(count_leaves(&b, detail), 1);
    assert_int_equal(count_leaves(&b, "\"acknowledged\""), 2);
    assert_int_equal(count_leaves(&b, "\"unreadable\""), 1);
    assert_int_equal(spool_entries(b.l->queues), 1);
    bench_restart(&b);
    assert_int_equal(spool_entries(b.l->queues), 1);
    bench_free(&b);
}

static void what_a_lost_edge_said_last_comes_again_as_what_it_did_not_say(void **state)
{
    (void)state;
    struct bench b;
    const struct road_deliver d = offered(&b);
    send_release(&b, &d, true);
    turn(&b);
    acknowledge(&b, &d, 0);
    ledger_edge_went(b.l); /* in the same turn */
    ledger_edge_came(b.l);
    assert_int_equal(subscribe(&b, d.consumer, FIRE, "default"), RESULT_OK);
    turn(&b);
    assert_true(delivered(&b).redelivery);
    assert_int_equal(spool_entries(b.l->queues), 1);
    bench_free(&b);
}

static void an_acknowledged_delivery_is_gone_and_one_that_was_not_comes_again(void **state)
{
    (void)state;
    struct bench b;
    const struct road_deliver d = offered(&b);
    acknowledge(&b, &d, 0); /* not in its hands yet */
    assert_int_equal(spool_entries(b.l->queues), 1);
    send_release(&b, &d, true);
    turn(&b);
    assert_int_equal(subscribe(&b, 2, FIRE, "default"), RESULT_OK);
    turn(&b);
    assert_int_equal(count_said(&b, IPC_CONSUMER_ENDED), 1);
    const struct road_deliver again = delivered(&b);
    assert_int_equal(again.consumer, 2);
    assert_int_equal(again.entry, d.entry);
    assert_true(again.redelivery && again.was_released);
    acknowledge(&b, &d, 0); /* of the consumer before */
    send_release(&b, &again, true);
    turn(&b);
    assert_true(released(&b).go);
    acknowledge(&b, &again, 0);
    turn(&b);
    assert_int_equal(spool_entries(b.l->queues), 0);
    assert_int_equal(count_leaves(&b, "\"acknowledged\""), 1);
    assert_int_equal(count_leaves(&b, "\"released\""), 1); /* the same bytes: no second leaf */
    bench_restart(&b);
    assert_int_equal(spool_entries(b.l->queues), 0);
    bench_free(&b);
}

static void what_may_have_left_before_a_crash_is_a_redelivery_after_it(void **state)
{
    (void)state;
    struct bench b;
    struct road_deliver d = offered(&b);
    send_release(&b, &d, true);
    turn(&b);
    bench_restart(&b);
    assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
    turn(&b);
    d = delivered(&b);
    assert_true(d.redelivery && d.was_released);
    bench_free(&b);
}

static void what_the_second_decision_withholds_is_over_and_says_so(void **state)
{
    (void)state;
    struct bench b;
    const struct road_deliver d = offered(&b);
    send_release(&b, &d, false);
    turn(&b);
    assert_false(released(&b).go);
    assert_int_equal(spool_entries(b.l->queues), 0);
    assert_int_equal(count_leaves(&b, "\"withheld\""), 1);
    bench_restart(&b);
    assert_int_equal(spool_entries(b.l->queues), 0);
    bench_free(&b);
}

static void a_refused_delivery_is_set_aside(void **state)
{
    (void)state;
    struct bench b;
    const struct road_deliver d = offered(&b);
    send_release(&b, &d, true);
    acknowledge(&b, &d, 2);
    turn(&b);
    assert_int_equal(spool_entries(b.l->queues), 0);
    assert_int_equal(count_leaves(&b, "\"set-aside\""), 1);
    assert_int_equal(count_leaves(&b, "unreadable"), 1);
    bench_free(&b);
}

static void nothing_leaves_past_its_deadline(void **state)
{
    (void)state;
    struct bench b;
    const struct road_deliver d = offered(&b);
    b.wall_us = NOON + US_PER_HOUR;
    send_release(&b, &d, true);
    turn(&b);
    assert_false(released(&b).go);
    assert_int_equal(count_leaves(&b, "\"released\""), 0);
    assert_int_equal(count_leaves(&b, "\"expired\""), 1);
    bench_free(&b);
}

static void a_lost_edge_s_deliveries_wait_for_the_next_one(void **state)
{
    (void)state;
    struct bench b;
    const struct road_deliver d = offered(&b);
    send_release(&b, &d, true);
    ledger_edge_went(b.l);
    turn(&b);
    assert_int_equal(count_said(&b, IPC_RELEASED), 0); /* nobody is there to be told */
    ledger_edge_came(b.l);
    assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
    turn(&b);
    assert_int_equal(delivered(&b).entry, d.entry);
    bench_free(&b);
}

static void a_consumer_has_one_queue(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(subscribe(&b, 1, FIRE, "one"), RESULT_OK);
    assert_int_equal(subscribe(&b, 1, FIRE, "one"), RESULT_OK);
    assert_int_equal(subscribe(&b, 1, FIRE, "two"), RESULT_MALFORMED);
    assert_int_equal(subscribe(&b, 1, CENTRE, "one"), RESULT_MALFORMED);
    bench_free(&b);
}

static void a_queue_too_many_is_refused_and_the_others_are_there_after_a_restart(void **state)
{
    (void)state;
    struct bench b;
    char name[] = "q-a";
    bench_init(&b);
    for (uint64_t i = 1; i <= SPOOL_QUEUES_A_UNIT - 1; i++, name[2]++)
        assert_int_equal(subscribe(&b, i, FIRE, name), RESULT_OK);
    turn(&b);
    assert_int_equal(count_said(&b, IPC_CONSUMER_ENDED), 1);
    assert_int_equal(heard(&b, IPC_CONSUMER_ENDED).p[8], ROAD_MANY_QUEUES);
    bench_restart(&b);
    assert_non_null(spool_queue(b.l->queues, bytes_of_text(FIRE), bytes_of_text("q-a"), false));
    assert_null(spool_queue(b.l->queues, bytes_of_text(FIRE), bytes_of_text("q-o"), false));
    publish(&b, 1);
    assert_int_equal(spool_entries(b.l->queues), SPOOL_QUEUES_A_UNIT - 2);
    bench_free(&b);
}

/* ---- events */

static uint64_t opened(struct bench *b, enum audit_event event, uint64_t ticket)
{
    uint64_t got, index;
    assert_int_equal(send_event(b, event, ticket, 0, b->wall_us), RESULT_OK);
    turn(b);
    struct cursor in = cursor_over(heard(b, IPC_EVENT_DONE));
    assert_int_equal(cursor_u64(&in, &got), RESULT_OK);
    assert_int_equal(got, ticket);
    assert_int_equal(cursor_u64(&in, &index), RESULT_OK);
    return index;
}

static void what_an_edge_left_open_is_ended_when_it_goes_or_the_ledger_restarts(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    uint64_t stream = opened(&b, AUDIT_STREAM_OPENED, 1);
    (void)opened(&b, AUDIT_WATCH_OPENED, 2);
    assert_int_equal(send_event(&b, AUDIT_STREAM_ENDED, 0, stream, b.wall_us), RESULT_OK);
    turn(&b);
    ledger_edge_went(b.l);
    turn(&b);
    ledger_edge_came(b.l);
    assert_int_equal(count_leaves(&b, "cause=edge-ended"), 1);
    (void)opened(&b, AUDIT_SESSION_OPENED, 3);
    bench_restart(&b);
    assert_int_equal(count_leaves(&b, "cause=restart"), 1);
    assert_int_equal(count_leaves(&b, "\"stream-ended\""), 1);
    assert_int_equal(count_leaves(&b, "\"watch-ended\""), 1);
    assert_int_equal(count_leaves(&b, "\"session-ended\""), 1);
    bench_restart(&b);
    assert_int_equal(count_leaves(&b, "cause=restart"), 1);
    bench_free(&b);
}

static void an_edge_records_only_events_of_its_own(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    static const enum audit_event wrong[] = {
        AUDIT_RECEIVED,        AUDIT_RELEASED,         AUDIT_DESTROYED,  AUDIT_INCIDENT_ENDED,
        AUDIT_GATEWAY_STARTED, AUDIT_POLICY_ACTIVATED, AUDIT_EVENT_COUNT};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_int_equal(send_event(&b, wrong[i], 1, 0, b.wall_us), RESULT_MALFORMED);
    assert_int_equal(send_event(&b, AUDIT_SESSION_OPENED, 1, 0, b.wall_us), RESULT_OK);
    bench_free(&b);
}

/* A message in this lane to a unit, of a number of its own, under scope 1. */
static void put_for(struct bench *b, unsigned number, const char *unit, uint8_t lane)
{
    struct road_commit c;
    make_commit(b, (uint8_t)number, 1, &c);
    c.envelope.id.b[1] = (uint8_t)(number >> 8);
    c.envelope.lane = lane;
    c.recipient[0].unit = bytes_of_text(unit);
    if (number == 0)
        with_scope(b, &c, 1);
    assert_int_equal(send_commit(b, &c), RESULT_OK);
}

/* All that consumers had asked for went to the edge at once, and an alert behind it. */
static void an_alert_is_offered_whatever_waits_for_others(void **state)
{
    (void)state;
    enum { UNITS = 5, EACH = 100 };
    static const char *const unit[UNITS] = {"a/x", "b/x", "c/x", "d/x", "e/x"};
    unsigned offered[UNITS + 1] = {0};
    struct road_deliver last = {0};
    struct bench b;
    bench_init(&b);
    for (unsigned i = 0; i < UNITS * EACH; i++)
        put_for(&b, i, unit[i / EACH], 1);
    turn(&b);
    forget_said(&b);
    for (unsigned i = 0; i < UNITS; i++)
        assert_int_equal(subscribe(&b, i, unit[i], "default"), RESULT_OK);
    turn(&b);
    assert_int_equal(count_said(&b, IPC_DELIVER), LIMIT_OFFERED_MESSAGES);
    for (unsigned i = 0; i < LIMIT_OFFERED_MESSAGES; i++) {
        last = delivered(&b);
        offered[last.consumer]++;
    }
    for (unsigned i = 0; i < UNITS; i++) /* in turns of four */
        assert_in_range(offered[i], LIMIT_OFFERED_MESSAGES / UNITS - 4, EACH);

    put_for(&b, UNITS * EACH, FIRE, 0);
    assert_int_equal(subscribe(&b, UNITS, FIRE, "default"), RESULT_OK);
    turn(&b);
    assert_int_equal(count_said(&b, IPC_DELIVER), 1);
    const struct road_deliver alert = delivered(&b);
    assert_int_equal(alert.consumer, UNITS);

    send_release(&b, &alert, true);
    turn(&b);
    assert_int_equal(count_said(&b, IPC_DELIVER), 0);
    send_release(&b, &last, true); /* the edge has one less to decide */
    turn(&b);
    assert_int_equal(count_said(&b, IPC_DELIVER), 1);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delivery_is_offered_as_it_was_stored),
        cmocka_unit_test(an_alert_is_offered_whatever_waits_for_others),
        cmocka_unit_test(nothing_is_offered_before_it_is_on_disk),
        cmocka_unit_test(it_goes_once_the_release_is_on_disk_and_is_recorded_once),
        cmocka_unit_test(what_is_acknowledged_in_one_breath_is_one_entry_of_the_log),
        cmocka_unit_test(what_a_lost_edge_said_last_comes_again_as_what_it_did_not_say),
        cmocka_unit_test(an_acknowledged_delivery_is_gone_and_one_that_was_not_comes_again),
        cmocka_unit_test(what_may_have_left_before_a_crash_is_a_redelivery_after_it),
        cmocka_unit_test(what_the_second_decision_withholds_is_over_and_says_so),
        cmocka_unit_test(a_refused_delivery_is_set_aside),
        cmocka_unit_test(nothing_leaves_past_its_deadline),
        cmocka_unit_test(a_lost_edge_s_deliveries_wait_for_the_next_one),
        cmocka_unit_test(a_consumer_has_one_queue),
        cmocka_unit_test(a_queue_too_many_is_refused_and_the_others_are_there_after_a_restart),
        cmocka_unit_test(what_an_edge_left_open_is_ended_when_it_goes_or_the_ledger_restarts),
        cmocka_unit_test(an_edge_records_only_events_of_its_own),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

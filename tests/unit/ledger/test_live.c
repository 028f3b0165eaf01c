/* What the ledger tells of this moment over the control socket. */
#include "officers.h"

/* The head of an answer to a list, and where its items begin. */
struct page {
    struct buf bytes;
    struct control_answer is;
    struct cursor items;
};

static void look(struct bench *b, unsigned list, const char *after, struct page *out)
{
    struct buf request = BUF_INIT(CONTROL_REQUEST_MAX);
    out->bytes = BUF_INIT(CONTROL_ANSWER_MAX);
    control_request_put(&(struct control_request){.ask = CONTROL_LIST,
                                                  .list = (uint8_t)list,
                                                  .after = bytes_of_text(after)},
                        &request);
    assert_int_equal(ledger_control(b->l, buf_view(&request), &out->bytes), RESULT_OK);
    turn(b);
    out->items = cursor_over(buf_view(&out->bytes));
    assert_int_equal(control_answer_take(&out->items, &out->is), RESULT_OK);
    buf_free(&request);
}

static bool three_parties(void *arg, size_t n, struct ledger_party *out)
{
    static const struct ledger_party party[] = {
        {"npa-daejeon", 2}, {"daejeon-fire", 1}, {"gateway-operator", 1}};
    (void)arg;
    if (n >= ARRAY_LEN(party))
        return false;
    *out = party[n];
    return true;
}

static struct live_party take_party(struct page *p)
{
    struct live_party x;
    assert_int_equal(live_party_take(&p->items, &x), RESULT_OK);
    return x;
}

static void parties_stand_in_order_with_what_waits_for_their_units(void **state)
{
    (void)state;
    struct bench b;
    struct page p;
    office_init(&b);
    b.l->config.party = three_parties;
    publish(&b, 1); /* for FIRE, which has one of two in hand */
    publish(&b, 2);
    assert_int_equal(subscribe(&b, 7, FIRE, "default"), RESULT_OK);
    turn(&b);
    look(&b, CONTROL_PARTIES, "", &p);
    assert_true(p.is.items == 3 && !p.is.more);
    struct live_party x = take_party(&p);
    assert_true(bytes_is(x.party, "daejeon-fire") && x.units == 1 && x.suspended_us == 0);
    assert_int_equal(x.waiting + x.unacknowledged, 2);
    assert_true(x.unacknowledged > 0 && x.lane[1].unacknowledged == x.unacknowledged);
    assert_true(x.lane[1].waiting == x.waiting && x.lane[0].waiting + x.lane[2].waiting == 0);
    x = take_party(&p);
    assert_true(bytes_is(x.party, "gateway-operator") && x.waiting == 0 && x.unacknowledged == 0);
    x = take_party(&p);
    assert_true(bytes_is(x.party, "npa-daejeon") && x.units == 2);
    assert_int_equal(p.items.left, 0);
    buf_free(&p.bytes);
    look(&b, CONTROL_PARTIES, "gateway-operator", &p);
    assert_int_equal(p.is.items, 1);
    assert_true(bytes_is(take_party(&p).party, "npa-daejeon"));
    buf_free(&p.bytes);
    bench_free(&b);
}

static void an_incident_is_told_until_and_after_its_end(void **state)
{
    (void)state;
    struct bench b;
    struct page p;
    struct live_incident i;
    bench_init(&b);
    move_incident(&b, 1, INCIDENT_OPEN);
    look(&b, CONTROL_INCIDENTS, "", &p);
    assert_int_equal(p.is.items, 1);
    assert_int_equal(live_incident_take(&p.items, &i), RESULT_OK);
    assert_true(bytes_is(i.id, INCIDENT) && bytes_is(i.type, "fire") && bytes_is(i.owner, CENTRE));
    assert_true(i.opened_us == b.wall_us && i.ended_us == 0 && i.participants == 1);
    buf_free(&p.bytes);
    move_incident(&b, 2, INCIDENT_CLOSE);
    look(&b, CONTROL_INCIDENTS, "", &p);
    assert_int_equal(live_incident_take(&p.items, &i), RESULT_OK);
    assert_int_equal(i.ended_us, b.wall_us);
    buf_free(&p.bytes);
    look(&b, CONTROL_INCIDENTS, INCIDENT, &p); /* nothing is behind it */
    assert_int_equal(p.is.items, 0);
    buf_free(&p.bytes);
    bench_free(&b);
}

static void the_ledger_counts_what_it_has(void **state)
{
    (void)state;
    struct bench b;
    struct page p;
    struct live_ledger s;
    bench_init(&b);
    move_incident(&b, 1, INCIDENT_OPEN);
    publish(&b, 2);
    look(&b, CONTROL_LEDGER, "", &p);
    assert_int_equal(p.is.items, 1);
    assert_int_equal(live_ledger_take(&p.items, &s), RESULT_OK);
    assert_true(s.incidents == 1 && s.waiting == 1 && s.unacknowledged == 0);
    assert_true(s.entries == ledger_entries(b.l) && s.edge_is_there && s.serial == 0);
    buf_free(&p.bytes);
    bench_free(&b);
}

/* Without its text. */
static struct live_ledger look_at_ledger(struct bench *b)
{
    struct page p;
    struct live_ledger s;
    look(b, CONTROL_LEDGER, "", &p);
    assert_int_equal(live_ledger_take(&p.items, &s), RESULT_OK);
    assert_int_equal(p.items.left, 0);
    buf_free(&p.bytes);
    return s;
}

static void hang_up(struct bench *b, uint64_t consumer)
{
    struct buf body = BUF_INIT(64);
    buf_u64(&body, consumer);
    assert_int_equal(tell(b, IPC_UNSUBSCRIBE, buf_view(&body)), RESULT_OK);
    buf_free(&body);
    turn(b);
}

static void publish_from(struct bench *b, uint8_t id, unsigned lane, const char *source)
{
    struct road_commit c;
    make_commit(b, id, id, &c);
    with_scope(b, &c, id);
    c.envelope.source = bytes_of_text(source);
    c.envelope.lane = (uint8_t)lane;
    assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
}

static void publish_in(struct bench *b, uint8_t id, unsigned lane)
{
    publish_from(b, id, lane, CENTRE);
}

static void lanes_are_counted_apart_with_the_time_of_the_oldest_that_waits(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const int64_t first_us = b.wall_us;
    publish_in(&b, 1, 2);
    advance(&b, US_PER_MINUTE);
    publish_in(&b, 2, 0);
    const int64_t alert_us = b.wall_us;
    advance(&b, US_PER_MINUTE);
    publish_from(&b, 3, 0, FIRE); /* each sender has a turn of its own */
    struct live_ledger s = look_at_ledger(&b);
    assert_true(s.lane[0].waiting == 2 && s.lane[1].waiting == 0 && s.lane[2].waiting == 1);
    assert_true(s.lane[0].oldest_us == alert_us && s.lane[1].oldest_us == 0 &&
                s.lane[2].oldest_us == first_us);
    assert_int_equal(s.waiting, 3);
    bench_free(&b);
}

static void what_a_consumer_has_is_unacknowledged_in_its_lane(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish_in(&b, 1, 0);
    publish_in(&b, 2, 2);
    const int64_t came_us = b.wall_us;
    assert_int_equal(subscribe(&b, 7, FIRE, "default"), RESULT_OK);
    turn(&b);
    struct live_ledger s = look_at_ledger(&b);
    assert_true(s.lane[0].unacknowledged == 1 && s.lane[0].waiting == 0);
    assert_true(s.lane[2].unacknowledged == 1 && s.unacknowledged == 2 && s.waiting == 0);
    assert_true(s.lane[0].oldest_us == 0 && s.lane[2].oldest_us == 0);
    const struct road_deliver alert = delivered(&b);
    send_release(&b, &alert, true);
    turn(&b);
    acknowledge(&b, &alert, 0);
    turn(&b);
    s = look_at_ledger(&b);
    assert_true(s.lane[0].unacknowledged == 0 && s.lane[0].waiting == 0);
    assert_int_equal(s.lane[2].unacknowledged, 1);
    hang_up(&b, 7);
    s = look_at_ledger(&b);
    assert_true(s.lane[2].unacknowledged == 0 && s.lane[2].waiting == 1);
    assert_int_equal(s.lane[2].oldest_us, came_us);
    bench_free(&b);
}

static void a_checkpoint_has_the_time_when_it_was_signed_and_keeps_it(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish(&b, 1);
    assert_int_equal(ledger_checkpoint(b.l), RESULT_OK);
    const int64_t signed_us = b.wall_us;
    advance(&b, US_PER_HOUR / 2); /* nothing new is in the log: nothing is signed */
    const struct live_ledger s = look_at_ledger(&b);
    assert_int_equal(s.published, s.entries);
    assert_int_equal(s.signed_us, signed_us);
    bench_free(&b);
}

static void what_the_edge_has_is_asked_of_it_alone(void **state)
{
    (void)state;
    struct bench b;
    struct page p;
    struct live_ask ask;
    struct buf request = BUF_INIT(CONTROL_REQUEST_MAX);
    bench_init(&b);
    control_request_put(&(struct control_request){.ask = CONTROL_LIST,
                                                  .list = CONTROL_STREAMS,
                                                  .after = bytes_of_text("12")},
                        &request);
    assert_true(ledger_control_asks_edge(buf_view(&request), &ask));
    assert_true(ask.what == LIVE_STREAMS && ask.after == 12);
    request.p[request.n - 1] ^= 1; /* not a request any more */
    assert_false(ledger_control_asks_edge(buf_view(&request), &ask));
    look(&b, CONTROL_STREAMS, "", &p); /* without an edge */
    assert_int_equal(p.is.code, CONTROL_CODE_NO_EDGE);
    buf_free(&p.bytes);
    buf_free(&request);
    bench_free(&b);
}

/* The edge is an enemy: what it says goes on only as the items that it should be. */
static void what_the_edge_says_is_checked_item_by_item(void **state)
{
    (void)state;
    struct buf said = BUF_INIT(LIVE_SAID_MAX), answer = BUF_INIT(CONTROL_ANSWER_MAX);
    uint64_t ticket = 0;
    struct control_answer a;
    const struct live_unit unit = {.number = 1, .unit = bytes_of_text("a/b"), .sessions = 2};
    (void)state;
    live_said_put(&(struct live_said){.ticket = 5, .what = LIVE_UNITS, .items = 1}, &said);
    live_unit_put(&unit, &said);
    assert_int_equal(ledger_control_live(buf_view(&said), &ticket, &answer), RESULT_OK);
    assert_int_equal(ticket, 5);
    struct cursor in = cursor_over(buf_view(&answer));
    assert_int_equal(control_answer_take(&in, &a), RESULT_OK);
    assert_true(a.code == CONTROL_CODE_DONE && a.items == 1 && !a.more);
    buf_u8(&said, 0);
    assert_int_equal(ledger_control_live(buf_view(&said), &ticket, &answer), RESULT_MALFORMED);
    buf_free(&said);
    buf_free(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parties_stand_in_order_with_what_waits_for_their_units),
        cmocka_unit_test(an_incident_is_told_until_and_after_its_end),
        cmocka_unit_test(the_ledger_counts_what_it_has),
        cmocka_unit_test(lanes_are_counted_apart_with_the_time_of_the_oldest_that_waits),
        cmocka_unit_test(what_a_consumer_has_is_unacknowledged_in_its_lane),
        cmocka_unit_test(a_checkpoint_has_the_time_when_it_was_signed_and_keeps_it),
        cmocka_unit_test(what_the_edge_has_is_asked_of_it_alone),
        cmocka_unit_test(what_the_edge_says_is_checked_item_by_item),
    };
    return cmocka_run_group_tests(tests, appoint, dismiss_all);
}

/* Publishing: receipts in order, nothing lost without being told, and lanes. */
#include "support.h"

struct sent {
    struct pair *pair;
    struct fedgate_publisher *publisher;
    unsigned receipts, unsent, rooms, ended;
    int answer[32], status;
    void *tag[32];
    char text[128], first_unsent[8000];
    size_t first_unsent_n;
    bool again, leave_at_receipt, leave_at_unsent;
};

static void got_receipt(void *arg, void *tag, const struct fedgate_receipt *r)
{
    struct sent *s = arg;
    assert_true(s->receipts < 32);
    s->tag[s->receipts] = tag;
    s->answer[s->receipts++] = r->answer;
    assert_true(r->recipients >= 1);
    assert_string_equal(r->recipient[0].to, "npa-daejeon/112-control");
    assert_string_equal(r->record.origin, "gateway.example/log");
    assert_int_equal(r->record.index, 17);
    assert_true(r->encoded.n > 0);
    if (r->answer == FEDGATE_REFUSED) {
        assert_string_equal(r->recipient[0].failed, "incident.state: open");
        assert_string_equal(r->recipient[0].clause, "molit#alerts (mou/a.yaml:7)");
        assert_string_equal(fedgate_reason_word(r->recipient[0].reason), "incident-closed");
        assert_int_equal(r->retry, FEDGATE_RETRY_LATER);
        assert_int_equal(r->quotas, 1);
        assert_string_equal(r->quota[0].clause, "molit#alerts (mou/a.yaml:7)");
        assert_string_equal(r->quota[0].limit, "messages_per_s");
        assert_int_equal(r->quota[0].most, 5);
        assert_int_equal(r->quota[0].left, 3);
        assert_int_equal(r->quota[0].renewed_us, INT64_C(1795222801000000));
    } else {
        assert_int_equal(r->quotas, 0);
    }
    if (s->leave_at_receipt)
        fedgate_publisher_free(s->publisher);
}

static void publish_again(struct sent *s, struct fedgate_bytes message, void *tag)
{
    enum fedgate_result r = fedgate_publish(s->publisher, message.p, message.n, tag);
    assert_int_equal(r, FEDGATE_WAIT); /* there is no call just now */
}

static void got_unsent(void *arg, void *tag, struct fedgate_bytes message)
{
    struct sent *s = arg;
    s->tag[s->unsent] = tag;
    if (s->unsent++ == 0 && message.n < sizeof s->first_unsent) {
        memcpy(s->first_unsent, message.p, message.n);
        s->first_unsent_n = message.n;
    }
    if (s->again)
        publish_again(s, message, tag);
    if (s->leave_at_unsent)
        fedgate_publisher_free(s->publisher);
}

static void got_room(void *arg)
{
    struct sent *s = arg;
    s->rooms++;
    if (s->again && s->first_unsent_n > 0) {
        assert_int_equal(
            fedgate_publish(s->publisher, s->first_unsent, s->first_unsent_n, s->tag[0]),
            FEDGATE_OK);
        s->first_unsent_n = 0;
    }
}

static void got_end(void *arg, const struct fedgate_end *end)
{
    struct sent *s = arg;
    s->ended++;
    s->status = end->status;
    (void)snprintf(s->text, sizeof s->text, "%s", end->text);
}

static const struct fedgate_publisher_events events = {got_receipt, got_unsent, got_room, got_end};

static void begin(struct sent *s, struct pair *p)
{
    *s = (struct sent){.pair = p};
    s->publisher = fedgate_publisher_new(p->client, &events, s);
    assert_non_null(s->publisher);
}

static enum fedgate_result say(struct sent *s, const char *id, const char *purpose, void *tag)
{
    struct buf m = BUF_INIT(1000);
    put_message(&m, id, purpose, false);
    enum fedgate_result r = fedgate_publish(s->publisher, m.p, m.n, tag);
    buf_free(&m);
    return r;
}

/* ---- receipts */

static void receipts_come_in_order_with_what_was_decided(void **state)
{
    static const char *const purpose[] = {"any", "refused", "partly", "held", "any"};
    static const int answer[] = {FEDGATE_ACCEPTED, FEDGATE_REFUSED, FEDGATE_PARTLY, FEDGATE_HELD,
                                 FEDGATE_ACCEPTED};
    struct pair *p = *state;
    struct sent s;
    begin(&s, p);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(say(&s, "id", purpose[i], &p->now_us + i), FEDGATE_OK);
    assert_int_equal(fedgate_publisher_waiting(s.publisher), 5);
    TURN_UNTIL(p, s.receipts == 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(s.answer[i], answer[i]);
        assert_ptr_equal(s.tag[i], &p->now_us + i);
    }
    assert_int_equal(fedgate_publisher_waiting(s.publisher), 0);
    fedgate_publisher_finish(s.publisher);
    assert_int_equal(say(&s, "id", "any", NULL), FEDGATE_CLOSED);
    TURN_UNTIL(p, s.ended == 1);
    assert_int_equal(s.status, 0);
    assert_int_equal(s.unsent, 0);
    fedgate_publisher_free(s.publisher);
}

static void a_message_that_is_none_is_not_taken(void **state)
{
    struct pair *p = *state;
    struct sent s;
    uint8_t *large = calloc(1, FEDGATE_MESSAGE_MAX + 1);
    begin(&s, p);
    assert_int_equal(fedgate_publish(s.publisher, large, 0, NULL), FEDGATE_WRONG);
    assert_int_equal(fedgate_publish(s.publisher, large, FEDGATE_MESSAGE_MAX + 1, NULL),
                     FEDGATE_TOO_LARGE);
    free(large);
    fedgate_publisher_free(s.publisher);
}

/* ---- what is unsent */

static void messages_without_a_receipt_come_back_when_the_call_ends(void **state)
{
    struct pair *p = *state;
    struct sent s;
    struct buf m = BUF_INIT(1000);
    int tags[3];
    begin(&s, p);
    put_message(&m, "one", "unavailable", false);
    assert_int_equal(fedgate_publish(s.publisher, m.p, m.n, &tags[0]), FEDGATE_OK);
    assert_int_equal(say(&s, "two", "any", &tags[1]), FEDGATE_OK);
    assert_int_equal(say(&s, "three", "any", &tags[2]), FEDGATE_OK);
    TURN_UNTIL(p, s.ended == 1);
    assert_int_equal(s.unsent, 3);
    for (size_t i = 0; i < 3; i++)
        assert_ptr_equal(s.tag[i], &tags[i]);
    assert_int_equal(s.first_unsent_n, m.n);
    assert_memory_equal(s.first_unsent, m.p, m.n);
    assert_int_equal(s.receipts, 0);
    assert_int_equal(s.status, GRPC_UNAVAILABLE);
    assert_string_equal(s.text, "the ledger is not there");
    assert_int_equal(say(&s, "four", "any", NULL), FEDGATE_CLOSED);
    buf_free(&m);
    fedgate_publisher_free(s.publisher);
}

static void a_lost_connection_gives_messages_back_and_takes_them_after_it_came_again(void **state)
{
    struct pair *p = *state;
    struct sent s;
    int tag;
    begin(&s, p);
    s.again = true;
    assert_int_equal(say(&s, "x", "silent", &tag), FEDGATE_OK);
    TURN_UNTIL(p, p->fake->messages == 1);
    grpc_connection_close(p->fake->connection, "cut");
    TURN_UNTIL(p, s.unsent == 1);
    assert_int_equal(s.ended, 0);
    PASS_UNTIL(p, p->fake->messages == 2, 2 * US_PER_S);
    assert_string_equal(p->fake->id[0], "x");
    assert_string_equal(p->fake->id[1], "x");
    assert_int_equal(s.rooms, 1);
    fedgate_publisher_free(s.publisher);
}

/* A line that breaks every few seconds is no reason to keep an alert waiting for half a minute. */
static void
a_connection_that_brought_a_receipt_is_tried_again_soon_however_often_it_breaks(void **state)
{
    struct pair *p = *state;
    struct sent s;
    begin(&s, p);
    for (unsigned i = 1; i <= 8; i++) {
        assert_int_equal(say(&s, "x", "any", NULL), FEDGATE_OK);
        TURN_UNTIL(p, s.receipts == i);
        grpc_connection_close(p->fake->connection, "cut");
        TURN_UNTIL(p, p->lost == i);
        assert_in_range(p->last.retry_in_us, 1, US_PER_S / 5);
        assert_int_equal(say(&s, "x", "any", NULL), FEDGATE_WAIT);
        PASS_UNTIL(p, s.rooms == i, 2 * US_PER_S);
    }
    fedgate_publisher_free(s.publisher);
}

static void a_call_that_ends_is_opened_again_on_the_same_connection(void **state)
{
    struct pair *p = *state;
    struct sent s;
    int tag;
    begin(&s, p);
    assert_int_equal(say(&s, "x", "unavailable", &tag), FEDGATE_OK);
    TURN_UNTIL(p, s.unsent == 1);
    assert_int_equal(say(&s, "x", "any", &tag), FEDGATE_WAIT);
    PASS_UNTIL(p, s.rooms == 1, US_PER_S);
    assert_int_equal(say(&s, "x", "any", &tag), FEDGATE_OK);
    TURN_UNTIL(p, s.receipts == 1);
    assert_int_equal(p->fake->sessions, 1);
    assert_int_equal(p->lost, 0);
    fedgate_publisher_free(s.publisher);
}

/* The gateway takes a receipt back that names what was destroyed, and resets the call: its sender
 * is to ask again, and a publisher that ended here for good would never have. */
static void a_call_that_the_gateway_resets_is_opened_again(void **state)
{
    struct pair *p = *state;
    struct sent s;
    int tag;
    begin(&s, p);
    assert_int_equal(say(&s, "x", "silent", &tag), FEDGATE_OK);
    TURN_UNTIL(p, p->fake->messages == 1);
    grpc_call_cancel(p->fake->call[0].call);
    TURN_UNTIL(p, s.unsent == 1);
    assert_int_equal(s.ended, 0);
    assert_int_equal(say(&s, "x", "any", &tag), FEDGATE_WAIT);
    PASS_UNTIL(p, s.rooms == 1, US_PER_S);
    assert_int_equal(say(&s, "x", "any", &tag), FEDGATE_OK);
    TURN_UNTIL(p, s.receipts == 1);
    assert_int_equal(p->lost, 0);
    fedgate_publisher_free(s.publisher);
}

/* ---- room */

static void more_messages_without_receipt_than_1024_are_not_taken(void **state)
{
    struct pair *p = *state;
    struct sent s;
    struct buf m = BUF_INIT(1000);
    unsigned taken = 0;
    begin(&s, p);
    put_message(&m, "x", "silent", false);
    while (fedgate_publish(s.publisher, m.p, m.n, NULL) == FEDGATE_OK)
        taken++;
    assert_int_equal(taken, 1024);
    TURN_UNTIL(p, p->fake->messages == taken);
    assert_int_equal(s.rooms, 0);
    buf_free(&m);
    fedgate_publisher_free(s.publisher);
}

static void room_comes_with_the_receipts(void **state)
{
    struct pair *p = *state;
    struct sent s;
    struct buf m = BUF_INIT(3u << 20);
    Fedgate__V1__Message message = FEDGATE__V1__MESSAGE__INIT;
    Fedgate__V1__Header h = FEDGATE__V1__HEADER__INIT;
    Fedgate__V1__SceneImage image = FEDGATE__V1__SCENE_IMAGE__INIT;
    char purpose[] = "any";
    begin(&s, p);
    h.purpose = purpose;
    image.image = (ProtobufCBinaryData){2u << 20, calloc(1, 2u << 20)};
    message.header = &h;
    message.body_case = FEDGATE__V1__MESSAGE__BODY_SCENE_IMAGE;
    message.scene_image = &image;
    assert_int_equal(message_pack(&message.base, &m), RESULT_OK);
    for (int i = 0; i < 4; i++)
        assert_int_equal(fedgate_publish(s.publisher, m.p, m.n, NULL), FEDGATE_OK);
    assert_int_equal(fedgate_publish(s.publisher, m.p, m.n, NULL), FEDGATE_WAIT);
    TURN_UNTIL(p, s.rooms == 1);
    assert_true(s.receipts >= 2);
    assert_int_equal(fedgate_publish(s.publisher, m.p, m.n, NULL), FEDGATE_OK);
    TURN_UNTIL(p, s.receipts == 5);
    assert_int_equal(s.rooms, 1);
    free(image.image.data);
    buf_free(&m);
    fedgate_publisher_free(s.publisher);
}

/* ---- freeing */

static void a_publisher_may_be_freed_in_its_own_callbacks(void **state)
{
    struct pair *p = *state;
    struct sent s;
    begin(&s, p);
    s.leave_at_receipt = true;
    assert_int_equal(say(&s, "a", "any", NULL), FEDGATE_OK);
    assert_int_equal(say(&s, "b", "any", NULL), FEDGATE_OK);
    TURN_UNTIL(p, s.receipts == 1);
    settle(p);
    assert_int_equal(s.receipts, 1);
    assert_int_equal(s.ended, 0);
    begin(&s, p);
    s.leave_at_unsent = true;
    assert_int_equal(say(&s, "a", "unavailable", NULL), FEDGATE_OK);
    assert_int_equal(say(&s, "b", "any", NULL), FEDGATE_OK);
    TURN_UNTIL(p, s.unsent == 1);
    settle(p);
    assert_int_equal(s.unsent, 1);
    assert_int_equal(s.ended, 0);
}

static void what_is_left_is_freed_with_the_client(void **state)
{
    struct pair *p = *state;
    struct sent s;
    begin(&s, p);
    assert_int_equal(say(&s, "a", "silent", NULL), FEDGATE_OK);
    TURN_UNTIL(p, p->fake->messages == 1);
    fedgate_client_free(p->client);
    p->client = NULL;
    assert_int_equal(s.unsent, 0);
    assert_int_equal(s.ended, 0);
}

static void without_a_connection_a_publisher_ends(void **state)
{
    struct pair *p = *state;
    struct sent s;
    grpc_connection_close(p->fake->connection, "cut");
    TURN_UNTIL(p, p->lost == 1);
    begin(&s, p);
    assert_int_equal(s.ended, 0);
    assert_int_equal(say(&s, "a", "any", NULL), FEDGATE_WAIT);
    TURN_UNTIL(p, s.ended == 1);
    assert_int_equal(s.status, GRPC_UNAVAILABLE);
    fedgate_publisher_free(s.publisher);
}

static void a_publisher_that_is_finished_without_a_call_ends_after_the_next(void **state)
{
    struct pair *p = *state;
    struct sent s;
    begin(&s, p);
    grpc_connection_close(p->fake->connection, "cut");
    TURN_UNTIL(p, p->lost == 1);
    fedgate_publisher_finish(s.publisher);
    PASS_UNTIL(p, s.ended == 1, 2 * US_PER_S);
    assert_int_equal(s.status, 0);
    fedgate_publisher_free(s.publisher);
}

/* ---- GetReceipt */

struct asked {
    unsigned done;
    int status, answer;
    char id[64];
};

static void got_current(void *arg, const struct fedgate_receipt *r, const struct fedgate_end *end)
{
    struct asked *a = arg;
    a->done++;
    a->status = end->status;
    a->answer = r == NULL ? 0 : r->answer;
    (void)snprintf(a->id, sizeof a->id, "%s", r == NULL ? "" : r->id);
}

static void the_receipt_of_an_earlier_message_can_be_asked_for(void **state)
{
    struct pair *p = *state;
    struct asked a = {0}, b = {0}, c = {0};
    char long_id[200];
    assert_int_equal(fedgate_receipt_get(p->client, "m1", got_current, &a), FEDGATE_OK);
    assert_int_equal(fedgate_receipt_get(p->client, "m2", got_current, &b), FEDGATE_OK);
    assert_int_equal(fedgate_receipt_get(p->client, "m0", got_current, &c), FEDGATE_OK);
    TURN_UNTIL(p, a.done == 1 && b.done == 1 && c.done == 1);
    assert_int_equal(a.answer, FEDGATE_ACCEPTED);
    assert_string_equal(a.id, "m1");
    assert_int_equal(b.answer, FEDGATE_HELD);
    assert_int_equal(c.status, GRPC_NOT_FOUND);
    assert_int_equal(c.answer, 0);
    memset(long_id, 'x', sizeof long_id);
    long_id[sizeof long_id - 1] = '\0';
    assert_int_equal(fedgate_receipt_get(p->client, long_id, got_current, &a), FEDGATE_WRONG);
    settle(p);
    assert_int_equal(a.done, 1);
}

static void a_question_is_answered_also_when_the_connection_goes(void **state)
{
    struct pair *p = *state;
    struct asked a = {0};
    assert_int_equal(fedgate_receipt_get(p->client, "m1", got_current, &a), FEDGATE_OK);
    grpc_connection_close(p->fake->connection, "cut");
    TURN_UNTIL(p, a.done == 1);
    TURN_UNTIL(p, p->lost == 1);
    assert_int_equal(a.status, GRPC_UNAVAILABLE);
    assert_int_equal(fedgate_receipt_get(p->client, "m1", got_current, &a), FEDGATE_WAIT);
}

/* ---- lanes */

static void a_lane_is_that_of_the_kind_unless_the_message_is_large(void **state)
{
    struct buf m = BUF_INIT(200000);
    (void)state;
    put_message(&m, "x", "any", true);
    assert_int_equal(fedgate_lane_of(m.p, m.n), FEDGATE_URGENT);
    assert_int_equal(fedgate_lane_of(m.p, (64u << 10) + 1), FEDGATE_NORMAL);
    buf_clear(&m);
    put_message(&m, "x", "any", false);
    assert_int_equal(fedgate_lane_of(m.p, m.n), FEDGATE_NORMAL);
    assert_int_equal(fedgate_lane_of(m.p, 0), FEDGATE_NORMAL);
    for (size_t n = 0; n < m.n; n++)
        assert_int_equal(fedgate_lane_of(m.p, n), FEDGATE_NORMAL);
    assert_int_equal(fedgate_lane_of("\xff\xff\xff", 3), FEDGATE_NORMAL);
    buf_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(receipts_come_in_order_with_what_was_decided,
                                        pair_connected_once, pair_end),
        cmocka_unit_test_setup_teardown(a_message_that_is_none_is_not_taken, pair_connected_once,
                                        pair_end),
        cmocka_unit_test_setup_teardown(messages_without_a_receipt_come_back_when_the_call_ends,
                                        pair_connected_once, pair_end),
        cmocka_unit_test_setup_teardown(
            a_lost_connection_gives_messages_back_and_takes_them_after_it_came_again,
            pair_reconnecting, pair_end),
        cmocka_unit_test_setup_teardown(
            a_connection_that_brought_a_receipt_is_tried_again_soon_however_often_it_breaks,
            pair_reconnecting, pair_end),
        cmocka_unit_test_setup_teardown(a_call_that_ends_is_opened_again_on_the_same_connection,
                                        pair_reconnecting, pair_end),
        cmocka_unit_test_setup_teardown(a_call_that_the_gateway_resets_is_opened_again,
                                        pair_reconnecting, pair_end),
        cmocka_unit_test_setup_teardown(more_messages_without_receipt_than_1024_are_not_taken,
                                        pair_connected_once, pair_end),
        cmocka_unit_test_setup_teardown(room_comes_with_the_receipts, pair_connected_once,
                                        pair_end),
        cmocka_unit_test_setup_teardown(a_publisher_may_be_freed_in_its_own_callbacks,
                                        pair_reconnecting, pair_end),
        cmocka_unit_test_setup_teardown(what_is_left_is_freed_with_the_client, pair_connected_once,
                                        pair_end),
        cmocka_unit_test_setup_teardown(without_a_connection_a_publisher_ends, pair_connected_once,
                                        pair_end),
        cmocka_unit_test_setup_teardown(
            a_publisher_that_is_finished_without_a_call_ends_after_the_next, pair_reconnecting,
            pair_end),
        cmocka_unit_test_setup_teardown(the_receipt_of_an_earlier_message_can_be_asked_for,
                                        pair_connected_once, pair_end),
        cmocka_unit_test_setup_teardown(a_question_is_answered_also_when_the_connection_goes,
                                        pair_connected_once, pair_end),
        cmocka_unit_test(a_lane_is_that_of_the_kind_unless_the_message_is_large)};
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

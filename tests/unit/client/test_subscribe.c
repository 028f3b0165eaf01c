/* Subscribing: deliveries with what they oblige to, and acknowledgements that meet the right one.
 */
#include "net/connection.h"
#include "support.h"

struct taken {
    struct fedgate_subscriber *subscriber;
    unsigned deliveries, ended;
    uint64_t seq[32];
    int status;
    char text[128];
    bool leave;
};

static void got_delivery(void *arg, const struct fedgate_delivery *d)
{
    struct taken *t = arg;
    struct arena *a = arena_new(LIMIT_ARENA);
    assert_true(t->deliveries < 32);
    t->seq[t->deliveries++] = d->seq;
    assert_string_equal(d->record.origin, "gateway.example/log");
    assert_string_equal(d->must.mou, "molit");
    assert_int_equal(d->must.destroy_by_us, INT64_C(1800000000) * US_PER_S);
    assert_int_equal(d->must.attend_by_us, 0);
    assert_int_equal(d->must.duties, 1);
    assert_string_equal(d->must.duty[0], "respond only");
    assert_int_equal(d->flags, 1);
    assert_string_equal(fedgate_reason_word(d->flag[0]), "stale");
    const Fedgate__V1__Message *m =
        fake_unpack(a, &fedgate__v1__message__descriptor, bytes_of(d->message.p, d->message.n));
    assert_string_equal(m->scene_image->camera_id, "cam-1");
    arena_free(a);
    if (t->leave)
        fedgate_subscriber_free(t->subscriber);
}

static void got_end(void *arg, const struct fedgate_end *end)
{
    struct taken *t = arg;
    t->ended++;
    t->status = end->status;
    (void)snprintf(t->text, sizeof t->text, "%s", end->text);
}

static const struct fedgate_subscriber_events events = {got_delivery, got_end};

static void begin(struct taken *t, struct pair *p, const struct fedgate_subscription *s)
{
    *t = (struct taken){0};
    t->subscriber = fedgate_subscriber_new(p->client, s, &events, t);
    assert_non_null(t->subscriber);
}

static void a_subscription_says_what_it_wants(void **state)
{
    static const char *const kind[] = {"scene_image", "video_answer"};
    static const char *const incident[] = {"a/b:019aa2b0-0000-7000-8000-000000000001"};
    const struct fedgate_subscription s = {"photos", kind, 2, incident, 1, 7};
    struct pair *p = *state;
    struct taken t;
    begin(&t, p, &s);
    TURN_UNTIL(p, p->fake->subscriptions == 1);
    assert_string_equal(p->fake->queue, "photos");
    assert_int_equal(p->fake->kinds, 2);
    assert_int_equal(p->fake->incidents, 1);
    assert_string_equal(p->fake->incident, incident[0]);
    assert_int_equal(p->fake->max_in_flight, 7);
    fedgate_subscriber_free(t.subscriber);
    begin(&t, p, &(struct fedgate_subscription){0});
    TURN_UNTIL(p, p->fake->subscriptions == 2);
    assert_string_equal(p->fake->queue, "default");
    fedgate_subscriber_free(t.subscriber);
}

static void deliveries_come_until_the_room_in_flight_is_used_up(void **state)
{
    struct pair *p = *state;
    struct taken t;
    p->fake->deliveries = 5;
    begin(&t, p, &(struct fedgate_subscription){.max_in_flight = 2});
    TURN_UNTIL(p, t.deliveries == 2);
    settle(p);
    assert_int_equal(t.deliveries, 2);
    for (unsigned i = 0; i < 5; i++) {
        TURN_UNTIL(p, t.deliveries > i);
        assert_int_equal(t.seq[i], i + 1);
        assert_int_equal(fedgate_subscriber_ack(t.subscriber, t.seq[i], FEDGATE_TAKEN), FEDGATE_OK);
    }
    TURN_UNTIL(p, p->fake->acks == 5);
    assert_int_equal(p->fake->refusals, 0);
    fedgate_subscriber_finish(t.subscriber);
    TURN_UNTIL(p, t.ended == 1);
    assert_int_equal(t.status, 0);
    fedgate_subscriber_free(t.subscriber);
}

static void a_delivery_can_be_refused(void **state)
{
    struct pair *p = *state;
    struct taken t;
    p->fake->deliveries = 1;
    begin(&t, p, &(struct fedgate_subscription){0});
    TURN_UNTIL(p, t.deliveries == 1);
    assert_int_equal(fedgate_subscriber_ack(t.subscriber, 1, FEDGATE_NOT_FOR_US), FEDGATE_OK);
    TURN_UNTIL(p, p->fake->refusals == 1);
    assert_int_equal(fedgate_subscriber_ack(t.subscriber, 0, FEDGATE_TAKEN), FEDGATE_WRONG);
    assert_int_equal(fedgate_subscriber_ack(t.subscriber, 2, FEDGATE_TAKEN), FEDGATE_WRONG);
    fedgate_subscriber_free(t.subscriber);
}

static void another_consumer_ends_it_for_good(void **state)
{
    struct pair *p = *state;
    struct taken t;
    begin(&t, p, &(struct fedgate_subscription){.queue = "taken"});
    TURN_UNTIL(p, t.ended == 1);
    assert_int_equal(t.status, 10);
    assert_string_equal(t.text, "another consumer took the queue");
    fedgate_subscriber_free(t.subscriber);
}

static void an_acknowledgement_never_meets_a_delivery_of_another_connection(void **state)
{
    struct pair *p = *state;
    struct taken t;
    p->fake->deliveries = 3;
    begin(&t, p, &(struct fedgate_subscription){0});
    TURN_UNTIL(p, t.deliveries == 3);
    grpc_connection_close(p->fake->connection, "cut");
    TURN_UNTIL(p, p->lost == 1);
    assert_int_equal(fedgate_subscriber_ack(t.subscriber, 1, FEDGATE_TAKEN), FEDGATE_CLOSED);
    PASS_UNTIL(p, t.deliveries == 6, 2 * US_PER_S);
    assert_int_equal(t.seq[3], 4);
    assert_int_equal(fedgate_subscriber_ack(t.subscriber, 3, FEDGATE_TAKEN), FEDGATE_CLOSED);
    assert_int_equal(fedgate_subscriber_ack(t.subscriber, 5, FEDGATE_TAKEN), FEDGATE_OK);
    TURN_UNTIL(p, p->fake->acks == 1);
    assert_int_equal(p->fake->last_ack, 2); /* of this call */
    assert_int_equal(t.ended, 0);
    fedgate_subscriber_free(t.subscriber);
}

static void a_subscription_goes_on_when_its_connection_has_become_old(void **state)
{
    struct pair *p = *state;
    struct taken t;
    p->fake->deliveries = 3;
    begin(&t, p, &(struct fedgate_subscription){0});
    TURN_UNTIL(p, t.deliveries == 3);
    connection_set_age(p->fake->connection, US_PER_MINUTE, 10 * US_PER_MINUTE);
    PASS_UNTIL(p, p->connected == 2 && t.deliveries == 6, 65 * US_PER_S);
    assert_string_equal(p->why, "the gateway asked to connect again");
    assert_int_equal(p->lost, 1);
    assert_int_equal(t.ended, 0);
    fedgate_subscriber_free(t.subscriber);
}

/* A delivery whose key was destroyed when half of it was sent ends its call, and nothing else. */
static void a_subscription_that_the_gateway_resets_goes_on(void **state)
{
    struct pair *p = *state;
    struct taken t;
    p->fake->deliveries = 3;
    begin(&t, p, &(struct fedgate_subscription){0});
    TURN_UNTIL(p, t.deliveries == 3);
    grpc_call_cancel(p->fake->call[0].call);
    PASS_UNTIL(p, t.deliveries == 6, 2 * US_PER_S);
    assert_int_equal(t.ended, 0);
    assert_int_equal(p->lost, 0);
    fedgate_subscriber_free(t.subscriber);
}

static void a_subscriber_may_be_freed_at_a_delivery(void **state)
{
    struct pair *p = *state;
    struct taken t;
    p->fake->deliveries = 3;
    begin(&t, p, &(struct fedgate_subscription){0});
    t.leave = true;
    TURN_UNTIL(p, t.deliveries == 1);
    settle(p);
    assert_int_equal(t.deliveries, 1);
    assert_int_equal(t.ended, 0);
}

static void a_subscription_larger_than_a_request_is_not_made(void **state)
{
    struct pair *p = *state;
    struct taken t;
    char *queue = malloc(FEDGATE_REQUEST_MAX + 1);
    memset(queue, 'q', FEDGATE_REQUEST_MAX);
    queue[FEDGATE_REQUEST_MAX] = '\0';
    assert_null(fedgate_subscriber_new(p->client, &(struct fedgate_subscription){.queue = queue},
                                       &events, &t));
    free(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_subscription_says_what_it_wants, pair_connected_once,
                                        pair_end),
        cmocka_unit_test_setup_teardown(deliveries_come_until_the_room_in_flight_is_used_up,
                                        pair_connected_once, pair_end),
        cmocka_unit_test_setup_teardown(a_delivery_can_be_refused, pair_connected_once, pair_end),
        cmocka_unit_test_setup_teardown(a_subscription_goes_on_when_its_connection_has_become_old,
                                        pair_reconnecting, pair_end),
        cmocka_unit_test_setup_teardown(another_consumer_ends_it_for_good, pair_reconnecting,
                                        pair_end),
        cmocka_unit_test_setup_teardown(
            an_acknowledgement_never_meets_a_delivery_of_another_connection, pair_reconnecting,
            pair_end),
        cmocka_unit_test_setup_teardown(a_subscription_that_the_gateway_resets_goes_on,
                                        pair_reconnecting, pair_end),
        cmocka_unit_test_setup_teardown(a_subscriber_may_be_freed_at_a_delivery,
                                        pair_connected_once, pair_end),
        cmocka_unit_test_setup_teardown(a_subscription_larger_than_a_request_is_not_made,
                                        pair_connected_once, pair_end)};
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

/* Subscribe: an offer is opened and decided again; what leaves is what was committed, or nothing.
 */
#include "publish.h"

#include "../policy/set.h"
#include "policy/snapshot.h"

#include <fedgate/v1/fedgate.pb-c.h>

enum { CONSUMER_ENTRY = 9 };

struct consumer {
    struct subscriber *subscriber; /* NULL: it has ended */
    uint64_t number;
    unsigned deliveries;
    size_t queued;   /* bytes that its call has not sent; */
    size_t grows_by; /* so many more for each delivery */
    uint64_t scope;  /* that the last rests on */
    struct buf last; /* the last Delivery, encoded */
    int status;
    char why[64];
};

struct fixture {
    struct desk d;
    struct session *police, *centre;
    char incident[IDENT_INCIDENT_MAX + 1];
    struct road_commit *request; /* a video request of 112's, on disk */
    struct letter *kept;         /* what it points into */
    struct consumer c;           /* of the centre */
    struct caller caller;        /* of 112 */
};

static void on_delivery(void *arg, struct bytes delivery, uint64_t scope)
{
    struct consumer *c = arg;
    c->scope = scope;
    c->deliveries++;
    c->queued += c->grows_by;
    buf_clear(&c->last);
    buf_put(&c->last, delivery.p, delivery.n);
}

static void on_ended(void *arg, int status, const char *why)
{
    struct consumer *c = arg;
    c->subscriber = NULL;
    c->status = status;
    (void)snprintf(c->why, sizeof c->why, "%s", why);
}

static size_t on_queued(void *arg)
{
    return ((const struct consumer *)arg)->queued;
}

static const struct subscriber_events events = {on_delivery, on_queued, on_ended};

static void subscribe(struct fixture *f)
{
    const char *why = "";
    struct road_subscribe told;
    f->c.subscriber = subscriber_open(f->centre, &events, &f->c, bytes_of(NULL, 0), &why);
    assert_string_equal(why == NULL ? "" : why, "");
    struct cursor in = cursor_over(desk_told(&f->d, IPC_SUBSCRIBE));
    assert_int_equal(road_subscribe_take(&in, &told), RESULT_OK);
    assert_true(bytes_is(told.unit, CENTRE));
    assert_true(bytes_is(told.queue, "default"));
    f->c.number = told.consumer;
}

static int set_up(void **state)
{
    struct fixture *f = mem_new(sizeof *f);
    struct caller c;
    desk_new(&f->d);
    f->c.last = BUF_INIT(LIMIT_MESSAGE);
    f->police = desk_session(&f->d, POLICE);
    f->centre = desk_session(&f->d, CENTRE);
    desk_open_incident(&f->d, f->police, f->incident);
    caller_open(&c, f->police);
    caller_send(&c, &f->d, POLICE, f->incident, DESK_ASK, NULL);
    f->request = desk_told_commit(&f->d);
    f->kept = f->d.last;
    f->d.last = NULL;
    desk_commit(&f->d, f->request->ticket, ROAD_ON_DISK);
    publisher_close(c.publisher);
    subscribe(f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    desk_free(&f->d);
    mem_free(f->request);
    desk_free_letter(f->kept);
    buf_free(&f->c.last);
    mem_free(f);
    return 0;
}

/* The ledger's offer of the request to the centre. */
static struct road_deliver offer_of(const struct fixture *f)
{
    const struct road_commit *c = f->request;
    struct road_deliver d = {.consumer = f->c.number,
                             .entry = CONSUMER_ENTRY,
                             .envelope = c->envelope,
                             .unit = c->recipient[0].unit,
                             .clause = c->recipient[0].clause,
                             .received_us = c->at_us,
                             .deadline_us = c->recipient[0].deadline_us,
                             .received_index = 5,
                             .body = c->body[0],
                             .sealed_deadline_us = c->recipient[0].deadline_us};
    memcpy(d.commitment, c->commitment, ROAD_DIGEST);
    return d;
}

static void offer(struct fixture *f, const struct road_deliver *d)
{
    struct buf out = BUF_INIT(1 << 20);
    road_deliver_put(d, &out);
    desk_say(&f->d, IPC_DELIVER, &out);
}

static void offer_request(struct fixture *f)
{
    struct road_deliver d = offer_of(f);
    offer(f, &d);
}

static struct road_release told_release(struct fixture *f)
{
    struct road_release r;
    struct cursor in = cursor_over(desk_told(&f->d, IPC_RELEASE));
    assert_int_equal(road_release_take(&in, &r), RESULT_OK);
    assert_int_equal(r.consumer, f->c.number);
    assert_int_equal(r.entry, CONSUMER_ENTRY);
    return r;
}

static void answer(struct fixture *f, bool go, bool again)
{
    const struct road_released r = {
        .consumer = f->c.number, .entry = CONSUMER_ENTRY, .again = again, .go = go, .index = 6};
    struct buf out = BUF_INIT(64);
    road_released_put(&r, &out);
    desk_say(&f->d, IPC_RELEASED, &out);
}

static void wipe(struct fixture *f, uint64_t scope)
{
    struct buf out = BUF_INIT(64);
    buf_u64(&out, 42);
    buf_u64(&out, scope);
    desk_say(&f->d, IPC_WIPE, &out);
}

static void wipe_scope(struct fixture *f)
{
    wipe(f, f->request->body[0].scope);
}

static void what_leaves_is_what_was_committed(void **state)
{
    struct fixture *f = *state;
    struct arena *a = arena_new(LIMIT_ARENA);
    struct hasher *h = hasher_new();
    struct ProtobufCMessage *m;
    struct finding why;
    uint8_t commitment[ROAD_DIGEST];
    offer_request(f);
    struct road_release r = told_release(f);
    assert_true(r.permitted);
    assert_int_equal(f->c.deliveries, 0); /* not before it is on disk */
    answer(f, true, false);
    assert_int_equal(f->c.deliveries, 1);
    assert_int_equal(message_unpack(a, message_type("fedgate.v1.Delivery"), buf_view(&f->c.last),
                                    LIMIT_MESSAGE, &m, &why),
                     RESULT_OK);
    const Fedgate__V1__Delivery *d = (const void *)m;
    const struct bytes part[] = {bytes_of(d->commitment_salt.data, d->commitment_salt.len),
                                 bytes_of(d->message.data, d->message.len)};
    hasher_sha256(h, part, 2, commitment);
    assert_memory_equal(commitment, r.commitment, ROAD_DIGEST);
    assert_int_equal(d->seq, 1);
    assert_int_equal(d->record->index, 6);
    assert_string_equal(d->must->grant, "video-request");
    assert_string_equal(d->must->changed_field[0], "around");
    hasher_free(h);
    arena_free(a);
}

static void an_acknowledgement_names_the_entry_once(void **state)
{
    struct fixture *f = *state;
    const uint64_t seq[] = {1, 1, 2};
    struct road_ack ack;
    offer_request(f);
    subscriber_ack(f->c.subscriber, seq, 3, 0);
    assert_false(desk_has_told(&f->d, IPC_ACK)); /* nothing has left yet */
    answer(f, true, false);
    subscriber_ack(f->c.subscriber, seq, 3, 0);
    struct cursor in = cursor_over(desk_told(&f->d, IPC_ACK));
    assert_int_equal(road_ack_take(&in, &ack), RESULT_OK);
    assert_int_equal(ack.entries, 1);
    assert_int_equal(ack.entry[0], CONSUMER_ENTRY);
    subscriber_ack(f->c.subscriber, seq, 3, 0);
    assert_false(desk_has_told(&f->d, IPC_ACK));
}

static void an_offer_while_the_keeper_is_away_ends_the_consumer_and_comes_again(void **state)
{
    struct fixture *f = *state;
    wipe_scope(f); /* so that the keeper must be asked */
    f->d.keeper_is_away = true;
    offer_request(f);
    assert_null(f->c.subscriber);
    assert_int_equal(f->c.status, GRPC_UNAVAILABLE);
    assert_false(desk_has_told(&f->d, IPC_RELEASE));
    (void)desk_told(&f->d, IPC_UNSUBSCRIBE); /* the ledger offers it again, then */
    f->d.keeper_is_away = false;
    subscribe(f);
    offer_request(f);
    assert_true(told_release(f).permitted);
    answer(f, true, false);
    assert_int_equal(f->c.deliveries, 1);
}

static void a_state_that_changes_at_every_try_ends_the_consumer(void **state)
{
    struct fixture *f = *state;
    unsigned tries = 0;
    offer_request(f);
    while (desk_has_told(&f->d, IPC_RELEASE)) {
        (void)told_release(f);
        tries++;
        answer(f, false, true);
    }
    assert_int_equal(tries, 5);
    assert_null(f->c.subscriber);
    assert_int_equal(f->c.status, GRPC_UNAVAILABLE);
    assert_string_equal(f->c.why, "deliveries cannot be recorded now: subscribe again later");
    (void)desk_told(&f->d, IPC_UNSUBSCRIBE);
    assert_int_equal(f->c.deliveries, 0);
}

static void what_is_decided_again_is_decided_on_the_new_state(void **state)
{
    struct fixture *f = *state;
    offer_request(f);
    assert_true(told_release(f).permitted);
    caller_open(&f->caller, f->police);
    caller_send(&f->caller, &f->d, POLICE, f->incident, DESK_CLOSE, NULL);
    desk_commit_next(&f->d, ROAD_ON_DISK);
    answer(f, false, true);
    struct road_release r = told_release(f);
    assert_false(r.permitted);
    assert_true(bytes_is(r.reason, reason_word(REASON_INCIDENT_CLOSED)));
    answer(f, false, false);
    assert_int_equal(f->c.deliveries, 0);
    assert_non_null(f->c.subscriber);
}

static void offer_approved(struct fixture *f, bool approved, const char *clause)
{
    struct road_deliver d = offer_of(f);
    d.approved = approved;
    d.clause = bytes_of_text(clause);
    offer(f, &d);
}

/* The set changed while it waited in the queue. */
static void where_approval_is_asked_for_now_nothing_leaves_that_nobody_approved(void **state)
{
    static const char clause[] = "molit-npa-2015#video-request", other[] = "molit-npa-2015#other";
    struct fixture *f = *state;
    struct policy *p = desk_policy(&f->d);
    const uint32_t grant = policy_clause(p, bytes_of_text(clause));
    ((struct row_duties *)(uintptr_t)&p->duties[grant])->approvers = 1;
    edge_set_policy(f->d.edge, p);
    for (size_t i = 0; i < 2; i++) { /* approved under another clause is not enough either */
        offer_approved(f, i == 1, i == 1 ? other : clause);
        const struct road_release r = told_release(f);
        assert_false(r.permitted);
        assert_true(bytes_is(r.reason, reason_word(REASON_APPROVAL_EXPIRED)));
        assert_true(bytes_is(r.failed, "duties.approval"));
        answer(f, false, false);
    }
    offer_approved(f, true, clause);
    assert_true(told_release(f).permitted);
}

static void what_must_not_leave_is_dropped_and_may_be_offered_again(void **state)
{
    struct fixture *f = *state;
    offer_request(f);
    (void)told_release(f);
    offer_request(f); /* it is in hand already */
    assert_false(desk_has_told(&f->d, IPC_RELEASE));
    answer(f, false, false);
    answer(f, true, false); /* nothing is in hand any more */
    assert_int_equal(f->c.deliveries, 0);
    offer_request(f);
    (void)told_release(f);
    answer(f, true, false);
    answer(f, true, false);
    assert_int_equal(f->c.deliveries, 1);
}

static void keys_are_forgotten_when_the_ledger_wipes_them(void **state)
{
    struct fixture *f = *state;
    uint64_t batch;
    unsigned asked = f->d.keeper_asked;
    offer_request(f);
    assert_int_equal(f->d.keeper_asked, asked); /* the key was still there */
    (void)told_release(f);
    answer(f, false, false);
    wipe_scope(f);
    struct cursor in = cursor_over(desk_told(&f->d, IPC_WIPED));
    assert_int_equal(cursor_u64(&in, &batch), RESULT_OK);
    assert_int_equal(batch, 42);
    desk_erase_keys(&f->d);
    offer_request(f);
    assert_int_equal(f->d.keeper_asked, asked + 1);
    struct road_release r = told_release(f);
    assert_false(r.permitted);
    assert_true(bytes_is(r.failed, "its key is gone"));
}

/* ---- what goes into the call, and when */

/* Offered, decided, on disk: it may leave. */
static void let_go(struct fixture *f, uint64_t entry, uint8_t lane)
{
    struct road_deliver d = offer_of(f);
    const struct road_released r = {
        .consumer = f->c.number, .entry = entry, .go = true, .index = entry};
    struct buf out = BUF_INIT(64);
    d.entry = entry;
    d.envelope.lane = lane;
    offer(f, &d);
    (void)desk_told(&f->d, IPC_RELEASE);
    road_released_put(&r, &out);
    desk_say(&f->d, IPC_RELEASED, &out);
}

/* The record and number of the last delivery. */
static void assert_last(const struct fixture *f, uint64_t index, uint64_t seq)
{
    struct arena *a = arena_new(LIMIT_ARENA);
    struct ProtobufCMessage *m;
    struct finding why;
    assert_int_equal(message_unpack(a, message_type("fedgate.v1.Delivery"), buf_view(&f->c.last),
                                    LIMIT_MESSAGE, &m, &why),
                     RESULT_OK);
    assert_int_equal(((const Fedgate__V1__Delivery *)(void *)m)->record->index, index);
    assert_int_equal(((const Fedgate__V1__Delivery *)(void *)m)->seq, seq);
    arena_free(a);
}

/* It went behind all photos that a slow recipient had not taken yet, 8 MiB of them. */
static void an_alert_passes_what_a_slow_recipient_has_not_taken_yet(void **state)
{
    struct fixture *f = *state;
    f->c.queued = LIMIT_DELIVERIES_UNSENT;
    let_go(f, 1, LANE_NORMAL);
    let_go(f, 2, LANE_NORMAL);
    assert_int_equal(f->c.deliveries, 0);
    let_go(f, 3, LANE_URGENT);
    assert_int_equal(f->c.deliveries, 1);
    assert_last(f, 3, 1);
    f->c.queued = LIMIT_DELIVERIES_UNSENT / 2;
    subscriber_room(f->c.subscriber);
    assert_int_equal(f->c.deliveries, 3);
    assert_last(f, 2, 3);
}

static void one_larger_than_what_may_be_unsent_goes_when_half_of_that_has_left(void **state)
{
    struct fixture *f = *state;
    f->c.queued = LIMIT_DELIVERIES_UNSENT - 1;
    let_go(f, 1, LANE_NORMAL);
    f->c.queued = LIMIT_DELIVERIES_UNSENT / 2 - 1;
    f->c.grows_by = LIMIT_DELIVERIES_UNSENT;
    let_go(f, 2, LANE_NORMAL);
    assert_int_equal(f->c.deliveries, 1);
    assert_last(f, 1, 1);
    f->c.queued = LIMIT_DELIVERIES_UNSENT / 2 - 1;
    subscriber_room(f->c.subscriber);
    assert_int_equal(f->c.deliveries, 2);
}

static void what_is_not_in_its_call_yet_goes_with_its_key_and_with_its_call(void **state)
{
    struct fixture *f = *state;
    f->c.queued = LIMIT_DELIVERIES_UNSENT;
    let_go(f, 1, LANE_NORMAL);
    wipe_scope(f);
    f->c.queued = 0;
    subscriber_room(f->c.subscriber);
    assert_int_equal(f->c.deliveries, 0);
    f->c.queued = LIMIT_DELIVERIES_UNSENT;
    let_go(f, 2, LANE_NORMAL);
    subscriber_close(f->c.subscriber);
    subscribe(f);
    let_go(f, 3, LANE_URGENT);
    assert_int_equal(f->c.deliveries, 1);
    assert_last(f, 3, 1);
}

/* Officers held it, so nobody wiped it: a slow recipient got it past its deadline. */
static void what_is_over_before_its_recipient_has_room_goes_back_to_the_ledger(void **state)
{
    struct fixture *f = *state;
    struct road_ack ack;
    f->c.queued = LIMIT_DELIVERIES_UNSENT;
    let_go(f, 1, LANE_NORMAL);
    f->d.wall_us = f->d.steady_us = f->request->recipient[0].deadline_us;
    f->c.queued = 0;
    subscriber_room(f->c.subscriber);
    assert_int_equal(f->c.deliveries, 0);
    struct cursor in = cursor_over(desk_told(&f->d, IPC_ACK));
    assert_int_equal(road_ack_take(&in, &ack), RESULT_OK);
    assert_true(ack.unsent && ack.consumer == f->c.number);
    assert_int_equal(ack.entries, 1);
    assert_int_equal(ack.entry[0], 1);
}

static void what_waits_unsent_under_a_key_goes_with_it(void **state)
{
    struct fixture *f = *state;
    const uint64_t seq = 1;
    unsigned before = f->d.withdrawals;
    offer_request(f);
    (void)told_release(f);
    answer(f, true, false);
    assert_int_equal(f->c.scope, f->request->body[0].scope);
    assert_false(edge_scope_is_gone(f->d.edge, f->c.scope));
    wipe_scope(f);
    assert_true(edge_scope_is_gone(f->d.edge, f->c.scope));
    assert_int_equal(f->d.withdrawals, before + 1);
    assert_false(f->d.wiped_before); /* the ledger is told after it */
    assert_true(desk_has_told(&f->d, IPC_WIPED));
    subscriber_ack(f->c.subscriber, &seq, 1, 0); /* it was in hand already */
    assert_false(desk_has_told(&f->d, IPC_ACK));
}

/* A message of the same scope was under way when the keeper began anew; then others' keys went. The
 * acknowledgement was not heard, and the delivery took its place until the consumer came again. */
static void what_is_in_hand_outlives_the_destruction_of_others(void **state)
{
    struct fixture *f = *state;
    const uint64_t seq = 1;
    wipe_scope(f); /* from now on it is known by its number alone */
    offer_request(f);
    (void)told_release(f);
    answer(f, true, false);
    caller_open(&f->caller, f->police);
    caller_send(&f->caller, &f->d, POLICE, f->incident, DESK_ASK, NULL);
    edge_keeper_came(f->d.edge);
    wipe(f, 7);
    assert_false(edge_scope_is_gone(f->d.edge, f->c.scope));
    subscriber_ack(f->c.subscriber, &seq, 1, 0);
    assert_true(desk_has_told(&f->d, IPC_ACK));
}

static void what_is_not_released_yet_is_not_when_its_key_is_gone(void **state)
{
    struct fixture *f = *state;
    offer_request(f);
    (void)told_release(f);
    wipe_scope(f);
    (void)desk_told(&f->d, IPC_WIPED);
    answer(f, true, false);
    assert_int_equal(f->c.deliveries, 0);
    assert_non_null(f->c.subscriber);
}

static void a_body_under_another_envelope_or_deadline_does_not_leave(void **state)
{
    struct fixture *f = *state;
    struct road_deliver d[3];
    for (size_t i = 0; i < ARRAY_LEN(d); i++)
        d[i] = offer_of(f);
    d[0].envelope.id.b[0] ^= 1;
    d[1].sealed_deadline_us += 1;
    d[2].body.sealed.n--;
    for (size_t i = 0; i < ARRAY_LEN(d); i++) {
        offer(f, &d[i]);
        struct road_release r = told_release(f);
        assert_false(r.permitted);
        assert_true(bytes_is(r.failed, "it cannot be read"));
        assert_int_equal(r.size, 0);
        answer(f, false, false);
    }
    assert_int_equal(f->c.deliveries, 0);
}

static void after_its_deadline_nothing_leaves(void **state)
{
    struct fixture *f = *state;
    struct road_deliver d = offer_of(f);
    d.deadline_us = f->d.wall_us;
    offer(f, &d);
    struct road_release r = told_release(f);
    assert_false(r.permitted);
    assert_true(bytes_is(r.reason, reason_word(REASON_DEADLINE_PASSED)));
}

/* Its connection is closed at the end of the loop's turn; an offer may come before. */
static void a_unit_that_left_the_policy_set_gets_nothing(void **state)
{
    struct fixture *f = *state;
    struct set other;
    set_new(&other);
    set_open(&other);
    edge_set_policy(f->d.edge, other.policy);
    other.policy = NULL; /* the edge's now */
    assert_non_null(f->d.closing);
    offer_request(f);
    assert_null(f->c.subscriber);
    assert_string_equal(f->c.why, "the unit is not in the policy set any more");
    assert_false(desk_has_told(&f->d, IPC_RELEASE));
    set_free(&other);
}

static void a_replaced_consumer_hears_of_it(void **state)
{
    struct fixture *f = *state;
    struct buf out = BUF_INIT(64);
    buf_u64(&out, f->c.number);
    buf_u8(&out, ROAD_REPLACED);
    desk_say(&f->d, IPC_CONSUMER_ENDED, &out);
    assert_null(f->c.subscriber);
    assert_int_equal(f->c.status, GRPC_ABORTED);
    offer_request(f); /* still on its way then */
    assert_false(desk_has_told(&f->d, IPC_RELEASE));
}

/* It was once told that another consumer took the queue. */
static void a_queue_that_cannot_be_made_is_no_replacement(void **state)
{
    struct fixture *f = *state;
    struct buf out = BUF_INIT(64);
    buf_u64(&out, f->c.number);
    buf_u8(&out, ROAD_MANY_QUEUES);
    desk_say(&f->d, IPC_CONSUMER_ENDED, &out);
    assert_int_equal(f->c.status, GRPC_RESOURCE_EXHAUSTED);
    assert_string_equal(f->c.why, "the unit has as many queues as it may have: use one of them");
}

static void a_full_disk_is_worth_another_try(void **state)
{
    struct fixture *f = *state;
    struct buf out = BUF_INIT(64);
    buf_u64(&out, f->c.number);
    buf_u8(&out, ROAD_DISK_FULL);
    desk_say(&f->d, IPC_CONSUMER_ENDED, &out);
    assert_int_equal(f->c.status, GRPC_UNAVAILABLE);
}

static void a_start_that_is_not_well_formed_is_refused(void **state)
{
    static const struct {
        const char *start, *why;
    } wrong[] = {{"{'queue':'A queue'}", "queue"},
                 {"{'kind':['videoRequest']}", "kind"},
                 {"{'incidentId':['npa-daejeon']}", "incident_id"}};
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct buf json = BUF_INIT(256), start = BUF_INIT(256);
        const char *why = "";
        buf_text(&json, wrong[i].start);
        desk_encode("fedgate.v1.SubscribeStart", &json, &start);
        assert_null(subscriber_open(f->centre, &events, &f->c, buf_view(&start), &why));
        assert_memory_equal(why, wrong[i].why, strlen(wrong[i].why));
        buf_free(&start);
    }
    const char *why = "";
    assert_null(subscriber_open(f->centre, &events, &f->c, bytes_of("\xff", 1), &why));
    assert_string_equal(why, "start: not a SubscribeStart");
    edge_ledger_went(f->d.edge);
    assert_null(subscriber_open(f->centre, &events, &f->c, bytes_of(NULL, 0), &why));
    assert_string_equal(why, "the ledger is not there");
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_alert_passes_what_a_slow_recipient_has_not_taken_yet),
        T(one_larger_than_what_may_be_unsent_goes_when_half_of_that_has_left),
        T(what_is_not_in_its_call_yet_goes_with_its_key_and_with_its_call),
        T(what_leaves_is_what_was_committed),
        T(an_acknowledgement_names_the_entry_once),
        T(an_offer_while_the_keeper_is_away_ends_the_consumer_and_comes_again),
        T(a_state_that_changes_at_every_try_ends_the_consumer),
        T(what_is_decided_again_is_decided_on_the_new_state),
        T(where_approval_is_asked_for_now_nothing_leaves_that_nobody_approved),
        T(what_must_not_leave_is_dropped_and_may_be_offered_again),
        T(keys_are_forgotten_when_the_ledger_wipes_them),
        T(what_is_over_before_its_recipient_has_room_goes_back_to_the_ledger),
        T(what_waits_unsent_under_a_key_goes_with_it),
        T(what_is_in_hand_outlives_the_destruction_of_others),
        T(what_is_not_released_yet_is_not_when_its_key_is_gone),
        T(a_body_under_another_envelope_or_deadline_does_not_leave),
        T(after_its_deadline_nothing_leaves),
        T(a_unit_that_left_the_policy_set_gets_nothing),
        T(a_replaced_consumer_hears_of_it),
        T(a_queue_that_cannot_be_made_is_no_replacement),
        T(a_full_disk_is_worth_another_try),
        T(a_start_that_is_not_well_formed_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

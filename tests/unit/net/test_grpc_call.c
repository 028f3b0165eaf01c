#include "net/grpc.h"

#include "base/attr.h"
#include "base/limits.h"
#include "exchange.h"

static struct shared *pattern(size_t n)
{
    struct shared *s = shared_new(n);
    for (size_t i = 0; i < n; i++)
        shared_room(s)[i] = (uint8_t)(i * 7 + i / 255);
    return s;
}

/* ---- messages both ways */

static void a_unary_call_is_answered(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_open(&c, x, "/t/Echo");
    caller_say(&c, "question");
    grpc_call_half_close(c.call);
    TURN_UNTIL(x, c.closed);
    assert_int_equal(c.status, GRPC_OK);
    assert_string_equal(c.text, "");
    assert_int_equal(c.messages, 1);
    assert_int_equal(c.bytes, 8);
    assert_true(x->served[0].half_closed);
    TURN_UNTIL(x, x->served[0].closed);
    assert_int_equal(x->served[0].status, GRPC_OK);
}

static void a_call_without_a_message_is_answered(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_open(&c, x, "/t/Echo");
    grpc_call_half_close(c.call);
    TURN_UNTIL(x, c.closed);
    assert_int_equal(c.status, GRPC_OK);
    assert_int_equal(c.messages, 0);
}

static void messages_go_both_ways_while_a_call_is_open(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_open(&c, x, "/t/Echo");
    for (unsigned i = 0; i < 50; i++) {
        caller_say(&c, i % 2 == 0 ? "ping" : "");
        TURN_UNTIL(x, c.messages == i + 1);
        assert_int_equal(c.last_bytes, i % 2 == 0 ? 4 : 0);
    }
    grpc_call_half_close(c.call);
    TURN_UNTIL(x, c.closed);
}

static void messages_of_every_size_arrive_whole_and_in_order(void **state)
{
    static const size_t size[] = {0,     1,     5,     1000,  16370,  16375,   16379,  16384,
                                  16385, 40000, 65536, 70001, 262144, 1000000, LARGEST};
    struct exchange *x = *state;
    struct caller c, expected = {0};
    struct shared *bytes = pattern(LARGEST);
    caller_open(&c, x, "/t/Echo");
    for (size_t i = 0; i < ARRAY_LEN(size); i++) {
        size_t head = size[i] < 10 ? size[i] : 10;
        struct bytes all = bytes_of(shared_view(bytes).p, size[i]);
        assert_int_equal(grpc_call_send(c.call, bytes_of(all.p, head), bytes,
                                        bytes_of(all.p + head, all.n - head)),
                         RESULT_OK);
        caller_sum(&expected, all);
    }
    grpc_call_half_close(c.call);
    TURN_UNTIL(x, c.closed);
    assert_int_equal(c.status, GRPC_OK);
    assert_int_equal(c.messages, ARRAY_LEN(size));
    assert_true(c.sum == expected.sum);
    shared_drop(bytes);
}

static void many_small_messages_arrive_in_order(void **state)
{
    struct exchange *x = *state;
    struct caller c, expected = {0};
    enum { MANY = 20000 };
    caller_open(&c, x, "/t/Echo");
    for (unsigned i = 0; i < MANY; i++) {
        uint8_t text[3] = {(uint8_t)i, (uint8_t)(i >> 8), 'x'};
        assert_int_equal(grpc_call_send(c.call, bytes_of(text, 3), NULL, bytes_of(NULL, 0)),
                         RESULT_OK);
        caller_sum(&expected, bytes_of(text, 3));
    }
    grpc_call_half_close(c.call);
    TURN_UNTIL(x, c.closed);
    assert_int_equal(c.messages, MANY);
    assert_true(c.sum == expected.sum);
}

static void calls_on_one_connection_do_not_wait_for_each_other(void **state)
{
    struct exchange *x = *state;
    struct caller large, small;
    struct shared *bytes = pattern(LARGEST);
    caller_open(&large, x, "/t/Echo");
    for (int i = 0; i < 5; i++)
        assert_int_equal(grpc_call_send(large.call, bytes_of(NULL, 0), bytes, shared_view(bytes)),
                         RESULT_OK);
    turn(x);
    caller_open(&small, x, "/t/Echo");
    caller_say(&small, "alert");
    TURN_UNTIL(x, small.messages == 1);
    assert_true(large.messages < 5);
    grpc_call_half_close(large.call);
    grpc_call_half_close(small.call);
    TURN_UNTIL(x, large.closed && small.closed);
    assert_int_equal(large.messages, 5);
    shared_drop(bytes);
}

static void messages_sent_while_opening_go_before_the_status(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_open(&c, x, "/t/Greet");
    TURN_UNTIL(x, c.closed);
    assert_int_equal(c.status, GRPC_OK);
    assert_int_equal(c.messages, 1);
    assert_int_equal(c.bytes, 5);
    TURN_UNTIL(x, x->served[0].closed);
}

/* ---- refusals */

static void a_refused_call_tells_its_status_and_text(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_open(&c, x, "/t/Refuse");
    caller_say(&c, "x");
    TURN_UNTIL(x, c.closed);
    assert_int_equal(c.status, GRPC_PERMISSION_DENIED);
    assert_string_equal(c.text, "거부 100%");
}

static void a_call_that_nobody_opens_is_internal(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_open(&c, x, "/t/Nothing");
    TURN_UNTIL(x, c.closed);
    assert_int_equal(c.status, GRPC_INTERNAL);
}

static void an_unknown_method_is_unimplemented(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    char longest[300];
    static const char *const path[] = {"/t/Unknown", "/t/Ech", "/t/Echo2", "/", "/T/Echo"};
    for (size_t i = 0; i < ARRAY_LEN(path); i++) {
        caller_open(&c, x, path[i]);
        TURN_UNTIL(x, c.closed);
        assert_int_equal(c.status, GRPC_UNIMPLEMENTED);
    }
    memset(longest, 'x', sizeof longest);
    longest[0] = '/';
    longest[sizeof longest - 1] = '\0';
    caller_open(&c, x, longest);
    TURN_UNTIL(x, c.closed);
    assert_int_equal(c.status, GRPC_UNIMPLEMENTED);
    assert_int_equal(x->calls, 0);
}

static void a_message_past_the_methods_limit_exhausts_it(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    struct shared *bytes = pattern(101);
    caller_open(&c, x, "/t/Small");
    assert_int_equal(
        grpc_call_send(c.call, bytes_of(NULL, 0), bytes, bytes_of(shared_view(bytes).p, 100)),
        RESULT_OK);
    TURN_UNTIL(x, c.messages == 1);
    assert_int_equal(grpc_call_send(c.call, bytes_of(NULL, 0), bytes, shared_view(bytes)),
                     RESULT_OK);
    TURN_UNTIL(x, c.closed);
    assert_int_equal(c.status, GRPC_RESOURCE_EXHAUSTED);
    TURN_UNTIL(x, x->served[0].closed);
    assert_int_equal(x->served[0].messages, 1);
    shared_drop(bytes);
}

static void an_answer_past_the_callers_limit_ends_the_call(void **state)
{
    struct exchange *x = *state;
    struct caller c = {.exchange = x};
    c.call = grpc_channel_call(x->channel, "/t/Echo", 3, &caller_events, &c);
    caller_say(&c, "four");
    TURN_UNTIL(x, c.closed);
    assert_int_equal(c.status, GRPC_RESOURCE_EXHAUSTED);
    assert_int_equal(c.messages, 0);
    TURN_UNTIL(x, x->served[0].closed);
    assert_int_equal(x->served[0].status, GRPC_CANCELLED);
}

static void a_message_that_the_method_refuses_is_an_invalid_argument(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_open(&c, x, "/t/Bad");
    caller_say(&c, "one");
    caller_say(&c, "two");
    TURN_UNTIL(x, c.closed && x->served[0].closed);
    assert_int_equal(c.status, GRPC_INVALID_ARGUMENT);
    assert_int_equal(x->served[0].messages, 1);
    assert_int_equal(x->served[0].status, GRPC_INVALID_ARGUMENT);
}

/* ---- back-pressure */

static void a_receiver_that_presses_back_stops_the_sender_within_the_window(void **state)
{
    struct exchange *x = *state;
    struct caller c, other;
    struct shared *bytes = pattern(10000);
    enum { MANY = 500 };
    x->hold = true;
    caller_open(&c, x, "/t/Hold");
    grpc_call_set_mark(c.call, 100000);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(grpc_call_send(c.call, bytes_of(NULL, 0), bytes, shared_view(bytes)),
                         RESULT_OK);
    TURN_UNTIL(x, x->calls == 1 && x->served[0].messages > 0);
    settle(x);
    assert_true(x->served[0].bytes <= LIMIT_STREAM_WINDOW);
    assert_true(x->served[0].messages == 1);
    assert_true(grpc_call_queued(c.call) > 100000);
    assert_int_equal(c.writable, 0);
    caller_open(&other, x, "/t/Echo"); /* another call goes on */
    caller_say(&other, "alert");
    TURN_UNTIL(x, other.messages == 1);
    x->hold = false;
    grpc_call_resume(x->served[0].call);
    TURN_UNTIL(x, x->served[0].messages == MANY);
    assert_int_equal(x->served[0].bytes, MANY * 10000);
    assert_int_equal(c.writable, 1);
    grpc_call_half_close(c.call);
    TURN_UNTIL(x, c.closed);
    grpc_call_cancel(other.call);
    TURN_UNTIL(x, other.closed);
    shared_drop(bytes);
}

/* Messages that were on their way stay in bytes: a thousand small ones in one window would be a
 * thousand times larger as messages. The end comes behind them. */
static void a_held_call_takes_one_message_and_its_end_last(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    enum { MANY = 20000 };
    x->hold = true;
    caller_open(&c, x, "/t/Hold");
    for (int i = 0; i < MANY; i++)
        assert_int_equal(grpc_call_send(c.call, bytes_of_text("x"), NULL, bytes_of(NULL, 0)),
                         RESULT_OK);
    grpc_call_half_close(c.call);
    TURN_UNTIL(x, x->calls == 1 && x->served[0].messages > 0);
    settle(x);
    assert_int_equal(x->served[0].messages, 1);
    assert_false(x->served[0].half_closed);
    grpc_call_resume(x->served[0].call); /* one more, which holds it again */
    assert_int_equal(x->served[0].messages, 2);
    assert_false(x->served[0].half_closed);
    x->hold = false;
    grpc_call_resume(x->served[0].call);
    assert_int_equal(x->served[0].messages, MANY);
    assert_true(x->served[0].half_closed);
    TURN_UNTIL(x, c.closed);
    assert_int_equal(c.status, GRPC_OK);
}

static void messages_that_never_end_are_bounded_for_each_connection(void **state)
{
    struct exchange *x = *state;
    static struct caller c[LIMIT_KEPT / LIMIT_STREAM_WINDOW + 2];
    struct shared *bytes = pattern(LIMIT_STREAM_WINDOW - 100);
    size_t refused = 0;
    x->hold = true;
    for (size_t i = 0; i < ARRAY_LEN(c); i++) {
        caller_open(&c[i], x, "/t/Hold");
        caller_say(&c[i], "the one that holds it");
        assert_int_equal(grpc_call_send(c[i].call, bytes_of(NULL, 0), bytes, shared_view(bytes)),
                         RESULT_OK);
    }
    for (int turns = 0; turns < 20000 && refused == 0; turns++) {
        turn(x);
        for (size_t i = 0; i < ARRAY_LEN(c); i++)
            refused += c[i].closed && c[i].status == GRPC_RESOURCE_EXHAUSTED;
    }
    assert_true(refused > 0);
    shared_drop(bytes);
}

static void a_caller_that_presses_back_stops_the_gateway(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    struct shared *bytes = pattern(10000);
    caller_open(&c, x, "/t/Quiet");
    TURN_UNTIL(x, x->calls == 1);
    c.hold = true;
    grpc_call_set_mark(x->served[0].call, 200000);
    for (int i = 0; i < 500; i++)
        assert_int_equal(
            grpc_call_send(x->served[0].call, bytes_of(NULL, 0), bytes, shared_view(bytes)),
            RESULT_OK);
    TURN_UNTIL(x, c.messages > 0);
    settle(x);
    assert_true(c.bytes <= LIMIT_STREAM_WINDOW);
    assert_true(grpc_call_queued(x->served[0].call) > 500 * 10000 - 2 * LIMIT_STREAM_WINDOW);
    assert_int_equal(x->served[0].writable, 0);
    c.hold = false;
    grpc_call_resume(c.call);
    grpc_call_resume(c.call);
    TURN_UNTIL(x, c.messages == 500);
    assert_int_equal(x->served[0].writable, 1);
    assert_int_equal(grpc_call_queued(x->served[0].call), 0);
    grpc_call_finish(x->served[0].call, GRPC_OK, NULL);
    TURN_UNTIL(x, c.closed);
    assert_int_equal(c.status, GRPC_OK);
    shared_drop(bytes);
}

/* A window that is shut for good does not hold the status back. */
static void trailers_need_no_window(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    struct shared *bytes = pattern(LIMIT_STREAM_WINDOW - 5);
    caller_open(&c, x, "/t/Quiet");
    TURN_UNTIL(x, x->calls == 1);
    c.hold = true;
    assert_int_equal(
        grpc_call_send(x->served[0].call, bytes_of(NULL, 0), bytes, shared_view(bytes)), RESULT_OK);
    TURN_UNTIL(x, c.messages == 1);
    settle(x);
    grpc_call_finish(x->served[0].call, GRPC_NOT_FOUND, "nothing more");
    TURN_UNTIL(x, c.closed);
    assert_int_equal(c.status, GRPC_NOT_FOUND);
    shared_drop(bytes);
}

/* ---- what is withdrawn */

static bool is_seven(void *arg, uint64_t tag)
{
    (void)arg;
    return tag == 7;
}

/* A greeting, on which the caller shuts its window; then `first`, which may fill it, and two more.
 */
static struct served *say_four(struct exchange *x, struct caller *c, size_t first)
{
    const size_t size[] = {10, first, 100, 200};
    static const uint64_t tag[] = {0, 7, 7, 8};
    struct shared *bytes = pattern(LARGEST);
    caller_open(c, x, "/t/Quiet");
    TURN_UNTIL(x, x->calls == 1);
    c->hold = true;
    for (size_t i = 0; i < ARRAY_LEN(tag); i++) {
        const struct bytes message = bytes_of(shared_view(bytes).p, size[i]);
        assert_int_equal(
            grpc_call_send_tagged(x->served[0].call, tag[i], bytes_of(NULL, 0), bytes, message),
            RESULT_OK);
        if (i == 0)
            TURN_UNTIL(x, c->messages == 1);
    }
    shared_drop(bytes);
    settle(x);
    return &x->served[0];
}

static void what_waits_can_be_withdrawn_and_what_comes_behind_it_arrives(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    struct served *s = say_four(x, &c, LIMIT_STREAM_WINDOW - 20);
    assert_int_equal(c.messages, 2);
    assert_int_equal(grpc_connection_withdraw(x->connection, is_seven, NULL), 1);
    assert_int_equal(s->withdrawn, 1);
    assert_int_equal(grpc_connection_withdraw(x->connection, is_seven, NULL), 0);
    c.hold = false;
    grpc_call_resume(c.call);
    TURN_UNTIL(x, c.messages == 3);
    assert_int_equal(c.last_bytes, 200);
    assert_int_equal(grpc_call_queued(s->call), 0);
    grpc_call_finish(s->call, GRPC_OK, NULL);
    TURN_UNTIL(x, c.closed);
    assert_int_equal(c.status, GRPC_OK);
}

static void a_call_whose_message_left_in_part_ends_when_it_is_withdrawn(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    struct served *s = say_four(x, &c, LARGEST);
    assert_int_equal(grpc_connection_withdraw(x->connection, is_seven, NULL), 2);
    assert_int_equal(grpc_call_queued(s->call), 0);
    TURN_UNTIL(x, c.closed && s->closed);
    assert_int_equal(c.messages, 1);
    assert_int_equal(c.status, GRPC_CANCELLED);
    assert_string_equal(s->text, "what was being sent is destroyed");
    assert_int_equal(s->withdrawn, 0);
    assert_int_equal(x->lost, 0);
}

/* Whoever closed an incident with the last of several messages lost the receipts of those before,
 * and its call, when the ledger answered and destroyed in one breath. */
static void what_the_peer_takes_at_once_leaves_before_it_is_withdrawn(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_open(&c, x, "/t/Quiet");
    TURN_UNTIL(x, x->calls == 1);
    struct served *s = &x->served[0];
    assert_int_equal(
        grpc_call_send_tagged(s->call, 7, bytes_of_text("receipt"), NULL, bytes_of(NULL, 0)),
        RESULT_OK);
    assert_int_equal(grpc_connection_withdraw(x->connection, is_seven, NULL), 0);
    TURN_UNTIL(x, c.messages == 1);
    assert_int_equal(s->withdrawn, 0);
    grpc_call_finish(s->call, GRPC_OK, NULL);
    TURN_UNTIL(x, c.closed);
    assert_int_equal(c.status, GRPC_OK);
}

static void an_end_within_a_second_waits_no_longer_for_who_is_slow(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    struct served *s = say_four(x, &c, LARGEST);
    grpc_call_finish_within(s->call, GRPC_OK, NULL, US_PER_S);
    x->now_us += US_PER_S - 1;
    settle(x);
    assert_false(s->closed);
    x->now_us++;
    TURN_UNTIL(x, c.closed && s->closed);
    assert_int_equal(c.messages, 1);
    assert_int_equal(c.status, GRPC_CANCELLED);
    caller_open(&c, x, "/t/Quiet"); /* and who is not gets all of it */
    TURN_UNTIL(x, x->calls == 2);
    s = &x->served[1];
    assert_int_equal(grpc_call_send(s->call, bytes_of_text("all"), NULL, bytes_of(NULL, 0)),
                     RESULT_OK);
    grpc_call_finish_within(s->call, GRPC_OK, NULL, US_PER_S);
    TURN_UNTIL(x, c.closed && s->closed);
    assert_int_equal(c.messages, 1);
    assert_int_equal(c.status, GRPC_OK);
}

/* ---- the end of a call */

static void the_caller_cancels(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_open(&c, x, "/t/Echo");
    caller_say(&c, "x");
    TURN_UNTIL(x, c.messages == 1);
    caller_say(&c, "y");
    grpc_call_cancel(c.call);
    assert_false(c.closed);
    assert_int_equal(grpc_call_send(c.call, bytes_of_text("z"), NULL, bytes_of(NULL, 0)),
                     RESULT_CLOSED);
    TURN_UNTIL(x, c.closed && x->served[0].closed);
    assert_int_equal(c.status, GRPC_CANCELLED);
    assert_int_equal(x->served[0].status, GRPC_CANCELLED);
    assert_int_equal(x->served[0].messages, 1);
}

static void the_caller_cancels_before_anything_was_sent(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_open(&c, x, "/t/Echo");
    caller_say(&c, "x");
    grpc_call_cancel(c.call);
    TURN_UNTIL(x, c.closed);
    assert_int_equal(c.status, GRPC_CANCELLED);
    settle(x);
    assert_int_equal(x->calls, 0);
}

static void the_gateway_cancels(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_open(&c, x, "/t/Echo");
    TURN_UNTIL(x, x->calls == 1);
    grpc_call_cancel(x->served[0].call);
    assert_false(x->served[0].closed);
    TURN_UNTIL(x, c.closed && x->served[0].closed);
    assert_int_equal(c.status, GRPC_CANCELLED);
    assert_int_equal(x->served[0].status, GRPC_CANCELLED);
}

static void finishing_twice_or_after_the_end_changes_nothing(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_open(&c, x, "/t/Quiet");
    TURN_UNTIL(x, x->calls == 1);
    grpc_call_finish(x->served[0].call, GRPC_NOT_FOUND, "first");
    grpc_call_finish(x->served[0].call, GRPC_OK, "second");
    assert_int_equal(grpc_call_send(x->served[0].call, bytes_of_text("z"), NULL, bytes_of(NULL, 0)),
                     RESULT_CLOSED);
    TURN_UNTIL(x, c.closed && x->served[0].closed);
    assert_int_equal(c.status, GRPC_NOT_FOUND);
    assert_string_equal(c.text, "first");
    assert_string_equal(x->served[0].text, "first");
}

static void an_early_end_does_not_wait_for_the_caller_to_finish(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_open(&c, x, "/t/Quiet");
    caller_say(&c, "one of many");
    TURN_UNTIL(x, x->calls == 1 && x->served[0].messages == 1);
    grpc_call_finish(x->served[0].call, GRPC_UNAVAILABLE, "enough");
    TURN_UNTIL(x, c.closed && x->served[0].closed);
    assert_int_equal(c.status, GRPC_UNAVAILABLE);
    assert_int_equal(x->served[0].status, GRPC_UNAVAILABLE);
    caller_open(&c, x, "/t/Echo"); /* the connection is as good as before */
    caller_say(&c, "x");
    TURN_UNTIL(x, c.messages == 1);
    grpc_call_cancel(c.call);
    TURN_UNTIL(x, c.closed);
}

static void a_caller_that_takes_nothing_is_dropped(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    struct shared *bytes = pattern(LIMIT_STREAM_WINDOW);
    caller_open(&c, x, "/t/Quiet");
    TURN_UNTIL(x, x->calls == 1);
    c.hold = true;
    for (int i = 0; i < 3; i++)
        assert_int_equal(
            grpc_call_send(x->served[0].call, bytes_of(NULL, 0), bytes, shared_view(bytes)),
            RESULT_OK);
    pass(x, LIMIT_STALL - 2 * US_PER_S);
    assert_false(x->served[0].closed);
    pass(x, 4 * US_PER_S);
    TURN_UNTIL(x, x->served[0].closed && c.closed);
    assert_int_equal(x->served[0].status, GRPC_CANCELLED);
    assert_string_equal(x->served[0].text, "the caller takes nothing");
    assert_int_equal(x->lost, 0);
    shared_drop(bytes);
}

static void more_calls_than_the_gateway_allows_wait_their_turn(void **state)
{
    struct exchange *x = *state;
    enum { MANY = LIMIT_CALLS + 20 };
    static struct caller c[MANY];
    for (size_t i = 0; i < MANY; i++)
        caller_open(&c[i], x, "/t/Refuse");
    for (size_t i = 0; i < MANY; i++) {
        TURN_UNTIL(x, c[i].closed);
        assert_int_equal(c[i].status, GRPC_PERMISSION_DENIED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, gateway_and_unit, exchange_end)
        T(a_unary_call_is_answered),
        T(a_call_without_a_message_is_answered),
        T(messages_go_both_ways_while_a_call_is_open),
        T(messages_of_every_size_arrive_whole_and_in_order),
        T(many_small_messages_arrive_in_order),
        T(calls_on_one_connection_do_not_wait_for_each_other),
        T(messages_sent_while_opening_go_before_the_status),
        T(a_refused_call_tells_its_status_and_text),
        T(a_call_that_nobody_opens_is_internal),
        T(an_unknown_method_is_unimplemented),
        T(a_message_past_the_methods_limit_exhausts_it),
        T(an_answer_past_the_callers_limit_ends_the_call),
        T(a_message_that_the_method_refuses_is_an_invalid_argument),
        T(a_receiver_that_presses_back_stops_the_sender_within_the_window),
        T(a_held_call_takes_one_message_and_its_end_last),
        T(messages_that_never_end_are_bounded_for_each_connection),
        T(a_caller_that_presses_back_stops_the_gateway),
        T(trailers_need_no_window),
        T(what_waits_can_be_withdrawn_and_what_comes_behind_it_arrives),
        T(a_call_whose_message_left_in_part_ends_when_it_is_withdrawn),
        T(what_the_peer_takes_at_once_leaves_before_it_is_withdrawn),
        T(an_end_within_a_second_waits_no_longer_for_who_is_slow),
        T(the_caller_cancels),
        T(the_caller_cancels_before_anything_was_sent),
        T(the_gateway_cancels),
        T(finishing_twice_or_after_the_end_changes_nothing),
        T(an_early_end_does_not_wait_for_the_caller_to_finish),
        T(a_caller_that_takes_nothing_is_dropped),
        T(more_calls_than_the_gateway_allows_wait_their_turn),
#undef T
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

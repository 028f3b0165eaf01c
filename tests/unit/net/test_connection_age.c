/* Connections that have become old, and how they end. */
#include "exchange.h"
#include "net/connection.h"

/* Until it was said which calls are the last. */
static void grow_old(struct exchange *x)
{
    connection_set_age(x->connection, US_PER_MINUTE, 10 * US_PER_MINUTE);
    for (unsigned s = 0; s < 70 && x->connection->old_steps < 2; s++)
        pass(x, US_PER_S);
    assert_int_equal(x->connection->old_steps, 2);
}

static void an_old_connection_takes_no_new_call_and_lets_those_that_are_open_end(void **state)
{
    struct exchange *x = *state;
    struct caller c, late = {.exchange = x};
    caller_echo(x, &c);
    grow_old(x);
    caller_say(&c, "still here");
    TURN_UNTIL(x, c.messages == 2);
    late.call = grpc_channel_call(x->channel, "/t/Echo", LARGEST, &caller_events, &late);
    if (late.call != NULL) {
        TURN_UNTIL(x, late.closed);
        assert_int_equal(late.status, GRPC_UNAVAILABLE);
    }
    assert_int_equal(x->lost, 0);
    grpc_call_half_close(c.call);
    TURN_UNTIL(x, c.closed && x->lost == 1);
    assert_int_equal(c.status, GRPC_OK);
}

static void calls_that_do_not_end_are_told_to_connect_again(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_echo(x, &c);
    grow_old(x);
    pass(x, 9 * US_PER_MINUTE);
    assert_false(c.closed);
    pass(x, 2 * US_PER_MINUTE);
    TURN_UNTIL(x, c.closed && x->lost == 1);
    assert_int_equal(c.status, GRPC_UNAVAILABLE);
    assert_non_null(strstr(c.text, "connect again"));
    assert_true(x->served[0].closed);
    assert_int_equal(x->abused, 0);
}

static void an_idle_one_ends_at_once(void **state)
{
    struct exchange *x = *state;
    connection_set_age(x->connection, US_PER_HOUR, 10 * US_PER_MINUTE);
    pass(x, US_PER_HOUR / 10 * 8);
    assert_int_equal(x->lost, 0);
    pass(x, US_PER_HOUR / 10 * 2 + 3 * US_PER_S);
    assert_int_equal(x->lost, 1);
}

/* Ten thousand carriers that connected in one second would come back in one. */
static void those_that_began_at_once_do_not_end_at_once(void **state)
{
    struct exchange *x = *state;
    int64_t least = INT64_MAX, most = 0;
    for (unsigned i = 0; i < 1000; i++) {
        connection_set_age(x->connection, US_PER_HOUR, US_PER_MINUTE);
        const int64_t in_us = x->connection->old_us - x->now_us;
        least = in_us < least ? in_us : least;
        most = in_us > most ? in_us : most;
    }
    assert_in_range(least, US_PER_HOUR / 10 * 9, US_PER_HOUR / 100 * 92);
    assert_in_range(most, US_PER_HOUR / 100 * 98, US_PER_HOUR);
}

static void a_server_that_drains_has_said_so_already(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_echo(x, &c);
    connection_set_age(x->connection, US_PER_MINUTE, US_PER_MINUTE);
    grpc_server_drain(x->server, US_PER_HOUR, exchange_drained, x);
    pass(x, 5 * US_PER_MINUTE);
    assert_false(c.closed);
    grpc_call_half_close(c.call);
    TURN_UNTIL(x, c.closed && x->drained == 1);
    assert_int_equal(c.status, GRPC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, gateway_and_unit, exchange_end)
        T(an_old_connection_takes_no_new_call_and_lets_those_that_are_open_end),
        T(calls_that_do_not_end_are_told_to_connect_again),
        T(an_idle_one_ends_at_once),
        T(those_that_began_at_once_do_not_end_at_once),
        T(a_server_that_drains_has_said_so_already),
#undef T
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

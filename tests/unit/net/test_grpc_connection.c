/* Connections: who is accepted, how they end, and what callbacks may do to them. */
#include "net/grpc.h"

#include "base/attr.h"
#include "base/limits.h"
#include "exchange.h"

/* ---- who is accepted */

static void whom_the_gateway_does_not_accept_is_told_and_dropped(void **state)
{
    struct exchange *x = *state;
    char log[4096];
    struct caller c = {.exchange = x};
    x->refuse = "party is suspended";
    x->channel = channel_new(x, x->unit_tls);
    c.call = grpc_channel_call(x->channel, "/t/Echo", LARGEST, &caller_events, &c);
    TURN_UNTIL(x, x->lost == 1);
    assert_true(c.closed);
    assert_string_equal(x->why, "tlsv1 alert access denied");
    assert_int_equal(x->sessions, 0);
    assert_int_equal(x->calls, 0);
    assert_non_null(strstr(log_text(x, log, sizeof log),
                           "session-refused peer=127.0.0.1 reason=\"party is suspended\""));
    assert_null(grpc_channel_call(x->channel, "/t/Echo", 1, &caller_events, NULL));
}

/* Half handshakes wrote thousands of lines a second, one each. */
static void many_who_are_refused_are_counted_and_not_told_one_by_one(void **state)
{
    struct exchange *x = *state;
    char log[1 << 16];
    size_t told = 0;
    x->refuse = "party is suspended";
    for (unsigned i = 1; i <= LIMIT_REFUSED_LINES + 20; i++) {
        struct grpc_channel *channel = channel_new(x, x->unit_tls);
        TURN_UNTIL(x, x->lost == i);
        grpc_channel_free(channel);
    }
    for (const char *at = log_text(x, log, sizeof log); (at = strstr(at, "session-refused")); at++)
        told++;
    assert_int_equal(told, LIMIT_REFUSED_LINES);
    pass(x, US_PER_S);
    assert_non_null(strstr(log_text(x, log, sizeof log), "sessions-refused count="));
}

static void a_refused_certificate_disturbs_nobody_else(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    char log[4096];
    struct pki_spec spec = unit_spec(&x->peers->root);
    spec.ends_s = -60;
    struct credential expired = credential_new(spec);
    struct tls_context *tls = unit_context(x->peers, &expired, NULL);
    caller_echo(x, &c);
    struct grpc_channel *channel = channel_new(x, tls);
    TURN_UNTIL(x, x->lost == 1);
    assert_string_equal(x->why, "sslv3 alert certificate expired");
    assert_non_null(strstr(log_text(x, log, sizeof log),
                           "session-refused peer=127.0.0.1 reason=\"certificate has expired\""));
    caller_say(&c, "y");
    TURN_UNTIL(x, c.messages == 2);
    grpc_call_half_close(c.call);
    TURN_UNTIL(x, c.closed);
    assert_int_equal(x->sessions, 1);
    grpc_channel_free(channel);
    tls_context_drop(tls);
    credential_free(&expired);
}

static void more_connections_than_allowed_are_closed(void **state)
{
    struct exchange *x = *state;
    struct grpc_channel *channel[5];
    for (size_t i = 0; i < 4; i++) {
        channel[i] = channel_new(x, x->unit_tls);
        TURN_UNTIL(x, x->sessions == i + 1);
    }
    channel[4] = channel_new(x, x->unit_tls);
    TURN_UNTIL(x, x->lost == 1);
    assert_int_equal(x->sessions, 4);
    for (size_t i = 0; i < 5; i++)
        grpc_channel_free(channel[i]);
    TURN_UNTIL(x, x->sessions_ended == 4);
    x->channel = channel_new(x, x->unit_tls);
    TURN_UNTIL(x, x->sessions == 5);
}

static void new_connections_get_the_new_context_and_old_ones_keep_theirs(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    struct credential other_root = root_new("other root");
    struct trust *trust = trust_new(), *before = x->peers->trust;
    trust_root_of(trust, &other_root);
    x->peers->trust = trust;
    struct tls_context *tls = gateway_context(x->peers);
    x->peers->trust = before;
    grpc_server_set_tls(x->server, tls);
    tls_context_drop(tls);
    caller_echo(x, &c);
    struct grpc_channel *channel = channel_new(x, x->unit_tls);
    TURN_UNTIL(x, x->lost == 1);
    assert_int_equal(x->sessions, 1);
    caller_say(&c, "y");
    TURN_UNTIL(x, c.messages == 2);
    grpc_call_cancel(c.call);
    TURN_UNTIL(x, c.closed);
    grpc_channel_free(channel);
    trust_free(trust);
    credential_free(&other_root);
}

/* ---- ends */

static void closing_a_connection_ends_its_calls_from_the_loop(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_echo(x, &c);
    assert_string_equal(grpc_connection_peer(x->connection)->address, "127.0.0.1");
    grpc_connection_close(x->connection, "certificate revoked");
    assert_false(x->served[0].closed);
    TURN_UNTIL(x, x->served[0].closed && x->sessions_ended == 1);
    assert_int_equal(x->served[0].status, GRPC_CANCELLED);
    TURN_UNTIL(x, x->lost == 1);
    assert_int_equal(c.status, GRPC_UNAVAILABLE);
    grpc_channel_free(x->channel);
    x->channel = channel_new(x, x->unit_tls);
    TURN_UNTIL(x, x->sessions == 2);
}

/* A unit may be cut by an officer and for its certificate in one turn. */
static void what_calls_were_given_goes_before_a_connection_that_is_closed_twice(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_echo(x, &c);
    const size_t heard = (size_t)c.messages;
    struct grpc_call *call = x->served[0].call;
    assert_int_equal(grpc_call_send(call, bytes_of_text("last"), NULL, bytes_of(NULL, 0)),
                     RESULT_OK);
    grpc_call_finish(call, GRPC_OUT_OF_RANGE, "enough");
    grpc_connection_close(x->connection, "certificate revoked");
    grpc_connection_close(x->connection, "cut");
    TURN_UNTIL(x, x->lost == 1 && c.closed);
    assert_int_equal(c.messages, heard + 1);
    assert_int_equal(c.status, GRPC_OUT_OF_RANGE);
}

static void a_freed_server_ends_every_call_and_session(void **state)
{
    struct exchange *x = *state;
    struct caller c[3];
    for (size_t i = 0; i < 3; i++)
        caller_echo(x, &c[i]);
    grpc_server_free(x->server);
    x->server = NULL;
    for (size_t i = 0; i < 3; i++)
        assert_true(x->served[i].closed);
    assert_int_equal(x->sessions_ended, 1);
    TURN_UNTIL(x, x->lost == 1);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(c[i].status, GRPC_UNAVAILABLE);
    grpc_server_free(NULL);
}

static void a_freed_channel_ends_its_calls(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_echo(x, &c);
    grpc_channel_free(x->channel);
    x->channel = NULL;
    assert_true(c.closed);
    assert_int_equal(x->lost, 0); /* whoever frees it knows */
    TURN_UNTIL(x, x->served[0].closed && x->sessions_ended == 1);
    grpc_channel_free(NULL);
}

static void a_channel_to_nowhere_is_lost(void **state)
{
    struct exchange *x = *state;
    uint16_t port = x->port;
    struct caller c = {.exchange = x};
    int fd = listen_here(&x->port);
    (void)close(fd); /* nobody listens there */
    x->channel = channel_new(x, x->unit_tls);
    c.call = grpc_channel_call(x->channel, "/t/Echo", LARGEST, &caller_events, &c);
    assert_int_equal(x->lost, 0);
    TURN_UNTIL(x, x->lost == 1);
    assert_string_equal(x->why, "Connection refused");
    assert_true(c.closed);
    assert_int_equal(c.status, GRPC_UNAVAILABLE);
    x->port = port;
}

static void a_name_that_does_not_exist_is_lost(void **state)
{
    struct exchange *x = *state;
    const struct grpc_channel_config config = {
        .loop = x->loop, .host = "256.1.1.1", .port = 1, .arg = x, .lost = exchange_lost};
    x->channel = grpc_channel_new(&config, x->unit_tls);
    TURN_UNTIL(x, x->lost == 1);
    assert_true(strlen(x->why) > 0);
}

static void calls_made_before_the_connection_stands_are_made(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    x->channel = channel_new(x, x->unit_tls);
    caller_open(&c, x, "/t/Echo");
    caller_say(&c, "early");
    grpc_call_half_close(c.call);
    TURN_UNTIL(x, c.closed);
    assert_int_equal(c.status, GRPC_OK);
    assert_int_equal(c.messages, 1);
}

/* ---- draining */

static void a_server_without_connections_is_drained_at_once(void **state)
{
    struct exchange *x = *state;
    grpc_server_drain(x->server, US_PER_MINUTE, exchange_drained, x);
    assert_int_equal(x->drained, 0);
    settle(x);
    assert_int_equal(x->drained, 1);
}

static void draining_lets_open_calls_end_and_takes_no_new_ones(void **state)
{
    struct exchange *x = *state;
    struct caller c, late = {.exchange = x};
    caller_echo(x, &c);
    grpc_server_drain(x->server, US_PER_MINUTE, exchange_drained, x);
    settle(x);
    struct grpc_channel *channel = channel_new(x, x->unit_tls); /* is left unanswered */
    pass(x, 3 * US_PER_S);
    assert_int_equal(x->drained, 0);
    assert_int_equal(x->sessions, 1);
    caller_say(&c, "still here");
    TURN_UNTIL(x, c.messages == 2);
    late.call = grpc_channel_call(x->channel, "/t/Echo", LARGEST, &caller_events, &late);
    if (late.call != NULL) {
        TURN_UNTIL(x, late.closed);
        assert_int_equal(late.status, GRPC_UNAVAILABLE);
    }
    grpc_call_half_close(c.call);
    TURN_UNTIL(x, c.closed && x->drained == 1 && x->lost == 1);
    assert_int_equal(c.status, GRPC_OK);
    pass(x, US_PER_MINUTE);
    assert_int_equal(x->drained, 1);
    grpc_channel_free(channel);
}

static void draining_ends_in_time_with_calls_still_open(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_echo(x, &c);
    grpc_server_drain(x->server, 5 * US_PER_S, exchange_drained, x);
    pass(x, 4 * US_PER_S);
    assert_int_equal(x->drained, 0);
    pass(x, 2 * US_PER_S);
    assert_int_equal(x->drained, 1);
    assert_false(c.closed);
    grpc_server_free(x->server);
    x->server = NULL;
    assert_true(x->served[0].closed);
    TURN_UNTIL(x, c.closed);
}

static void free_server(void *arg)
{
    struct exchange *x = arg;
    x->drained++;
    grpc_server_free(x->server);
    x->server = NULL;
}

static void a_drained_server_may_be_freed_there(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_echo(x, &c);
    grpc_server_drain(x->server, US_PER_S / 2, free_server, x);
    pass(x, 2 * US_PER_S);
    assert_int_equal(x->drained, 1);
    TURN_UNTIL(x, c.closed);
}

/* ---- what callbacks may do */

static void free_the_server_here(struct served *s)
{
    struct grpc_server *server = s->exchange->server;
    s->exchange->server = NULL;
    grpc_server_free(server);
}

static void close_the_connection_here(struct served *s)
{
    grpc_connection_close(s->exchange->connection, "enough");
}

static void cancel_here(struct served *s)
{
    if (s->call != NULL)
        grpc_call_cancel(s->call);
}

static void finish_here(struct served *s)
{
    if (s->call != NULL)
        grpc_call_finish(s->call, GRPC_OUT_OF_RANGE, "enough");
}

static void cancel_all_here(struct served *s)
{
    for (size_t i = 0; i < s->exchange->calls; i++)
        cancel_here(&s->exchange->served[i]);
}

static void free_the_channel_here(struct served *s)
{
    struct grpc_channel *channel = s->exchange->channel;
    s->exchange->channel = NULL;
    grpc_channel_free(channel);
}

/* Three calls with messages under way; the second message or end does something violent. */
static void do_violence(struct exchange *x)
{
    struct caller c[3];
    for (size_t i = 0; i < 3; i++) {
        caller_open(&c[i], x, "/t/Echo");
        for (int k = 0; k < 10; k++)
            caller_say(&c[i], "some text");
    }
    for (int i = 0; i < 5; i++)
        settle(x);
    for (size_t i = 0; i < 3; i++) {
        if (c[i].call != NULL)
            grpc_call_cancel(c[i].call);
        TURN_UNTIL(x, c[i].closed);
    }
    settle(x);
    for (size_t i = 0; i < x->calls; i++)
        assert_true(x->served[i].closed);
}

static void (*const violence[])(struct served *s) = {
    free_the_server_here, close_the_connection_here, cancel_here,
    finish_here,          cancel_all_here,           free_the_channel_here};

static void message_callbacks_may_end_anything(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(violence); i++) {
        (void)gateway_and_unit(state);
        struct exchange *x = *state;
        x->on_message = violence[i];
        do_violence(x);
        (void)exchange_end(state);
    }
}

static void closed_callbacks_may_end_anything(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(violence); i++) {
        (void)gateway_and_unit(state);
        struct exchange *x = *state;
        x->on_closed = violence[i];
        do_violence(x);
        (void)exchange_end(state);
    }
}

/* Both sides' callbacks run inside the one's end. */
static void closed_callbacks_may_end_anything_when_the_connection_ends(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(violence); i++) {
        (void)gateway_and_unit(state);
        struct exchange *x = *state;
        struct caller c[3];
        for (size_t k = 0; k < 3; k++)
            caller_echo(x, &c[k]);
        x->on_closed = violence[i];
        grpc_connection_close(x->connection, "enough");
        for (size_t k = 0; k < 3; k++)
            TURN_UNTIL(x, c[k].closed);
        settle(x);
        (void)exchange_end(state);
    }
}

static void free_server_at_accept(struct exchange *x)
{
    struct grpc_server *server = x->server;
    x->server = NULL;
    grpc_server_free(server);
}

static void close_at_accept(struct exchange *x)
{
    grpc_connection_close(x->connection, "changed my mind");
}

static void accepting_may_end_the_connection_or_the_server(void **state)
{
    void (*const what[])(struct exchange * x) = {free_server_at_accept, close_at_accept};
    for (size_t i = 0; i < ARRAY_LEN(what); i++) {
        (void)gateway_only(state);
        struct exchange *x = *state;
        x->on_accept = what[i];
        x->channel = channel_new(x, x->unit_tls);
        TURN_UNTIL(x, x->lost == 1 && x->sessions_ended == 1);
        (void)exchange_end(state);
    }
}

static void opening_a_call_may_end_anything(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(violence); i++) {
        (void)gateway_and_unit(state);
        struct exchange *x = *state;
        struct caller c;
        x->on_open = violence[i];
        caller_open(&c, x, "/t/Echo");
        caller_say(&c, "some text");
        TURN_UNTIL(x, c.closed && x->served[0].closed);
        settle(x);
        (void)exchange_end(state);
    }
}

struct suicide {
    struct exchange *exchange;
    struct grpc_channel *channel;
    unsigned calls;
};

static void free_own_channel(void *arg)
{
    struct suicide *s = arg;
    s->calls++;
    grpc_channel_free(s->channel);
    s->channel = NULL;
}

static void free_own_lost_channel(void *arg, const char *why)
{
    (void)why;
    free_own_channel(arg);
}

static void a_channel_may_be_freed_from_its_own_callbacks(void **state)
{
    struct exchange *x = *state;
    struct suicide s = {.exchange = x};
    struct grpc_channel_config config = {
        .loop = x->loop, .host = "127.0.0.1", .port = x->port, .arg = &s};
    config.connected = free_own_channel;
    s.channel = grpc_channel_new(&config, x->unit_tls);
    TURN_UNTIL(x, s.calls == 1);
    config.connected = NULL;
    config.lost = free_own_lost_channel;
    config.port = 1;
    s.channel = grpc_channel_new(&config, x->unit_tls);
    TURN_UNTIL(x, s.calls == 2);
    config.port = x->port;
    x->refuse = "nobody";
    s.channel = grpc_channel_new(&config, x->unit_tls);
    TURN_UNTIL(x, s.calls == 3);
    settle(x);
    x->sessions_ended = x->sessions = 0; /* the first may or may not have been accepted */
}

/* ---- patience */

static void a_client_asks_for_a_sign_of_life_while_calls_are_open(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_open(&c, x, "/t/Quiet");
    TURN_UNTIL(x, x->calls == 1);
    pass(x, 5 * US_PER_MINUTE); /* each PING is answered */
    assert_int_equal(x->lost, 0);
    assert_false(c.closed);
    grpc_call_cancel(c.call);
    TURN_UNTIL(x, c.closed);
}

static void idle_connections_stay(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    caller_echo(x, &c);
    pass(x, 5 * US_PER_MINUTE);
    caller_say(&c, "still there?");
    TURN_UNTIL(x, c.messages == 2);
    grpc_call_half_close(c.call);
    TURN_UNTIL(x, c.closed);
    pass(x, 5 * US_PER_MINUTE); /* without a call */
    caller_echo(x, &c);
    assert_int_equal(x->sessions, 1);
    grpc_call_cancel(c.call);
    TURN_UNTIL(x, c.closed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name)     cmocka_unit_test_setup_teardown(name, gateway_and_unit, exchange_end)
#define ALONE(name) cmocka_unit_test_setup_teardown(name, gateway_only, exchange_end)
        ALONE(whom_the_gateway_does_not_accept_is_told_and_dropped),
        ALONE(many_who_are_refused_are_counted_and_not_told_one_by_one),
        T(a_refused_certificate_disturbs_nobody_else),
        ALONE(more_connections_than_allowed_are_closed),
        T(new_connections_get_the_new_context_and_old_ones_keep_theirs),
        T(closing_a_connection_ends_its_calls_from_the_loop),
        T(what_calls_were_given_goes_before_a_connection_that_is_closed_twice),
        T(a_freed_server_ends_every_call_and_session),
        T(a_freed_channel_ends_its_calls),
        ALONE(a_channel_to_nowhere_is_lost),
        ALONE(a_name_that_does_not_exist_is_lost),
        ALONE(calls_made_before_the_connection_stands_are_made),
        ALONE(a_server_without_connections_is_drained_at_once),
        T(draining_lets_open_calls_end_and_takes_no_new_ones),
        T(draining_ends_in_time_with_calls_still_open),
        T(a_drained_server_may_be_freed_there),
        cmocka_unit_test(message_callbacks_may_end_anything),
        cmocka_unit_test(closed_callbacks_may_end_anything),
        cmocka_unit_test(closed_callbacks_may_end_anything_when_the_connection_ends),
        cmocka_unit_test(opening_a_call_may_end_anything),
        cmocka_unit_test(accepting_may_end_the_connection_or_the_server),
        ALONE(a_channel_may_be_freed_from_its_own_callbacks),
        T(a_client_asks_for_a_sign_of_life_while_calls_are_open),
        T(idle_connections_stay),
#undef T
#undef ALONE
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

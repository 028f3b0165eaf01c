/* A gateway with a few methods and a unit that calls them, in one process on one loop whose timers
 * run in virtual time; for the tests of this folder. */
#ifndef FEDGATE_TESTS_EXCHANGE_H
#define FEDGATE_TESTS_EXCHANGE_H

#include "net/grpc.h"
#include "peers.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CALLS = 64, LARGEST = 3u << 20 };

/* One call at the gateway, as the methods below see it. */
struct served {
    struct exchange *exchange;
    struct grpc_call *call;
    unsigned messages, writable, withdrawn;
    size_t bytes;
    bool half_closed, closed;
    enum grpc_status status;
    char text[128];
};

struct exchange {
    struct peers *peers;
    struct loop *loop;
    int64_t now_us;
    int listen_fd;
    uint16_t port;
    struct log log;
    int log_fd[2];
    struct tls_context *gateway_tls, *unit_tls;
    struct grpc_server *server;
    struct grpc_channel *channel;
    struct served served[CALLS];
    size_t calls;
    unsigned sessions, sessions_ended, abused, connected, lost, drained;
    struct grpc_connection *connection; /* the last that was accepted */
    char why[128];                      /* of the last channel that was lost */
    const char *refuse;                 /* the gateway accepts nobody, for this reason */
    bool hold;                          /* messages at Hold leave the window shut */
    void (*on_open)(struct served *s);  /* what a test wants to happen inside a callback */
    void (*on_message)(struct served *s);
    void (*on_closed)(struct served *s);
    void (*on_accept)(struct exchange *x);
};

static inline int64_t exchange_time(void *arg)
{
    return ((struct exchange *)arg)->now_us;
}

/* ---- the gateway's methods */

static inline void *served_open(void *session, struct grpc_call *call)
{
    struct exchange *x = session;
    assert_true(x->calls < CALLS);
    struct served *s = &x->served[x->calls++];
    *s = (struct served){.exchange = x, .call = call};
    if (x->on_open != NULL)
        x->on_open(s);
    return s;
}

static inline void served_half_closed(void *arg)
{
    struct served *s = arg;
    s->half_closed = true;
    grpc_call_finish(s->call, GRPC_OK, NULL);
}

static inline void served_closed(void *arg, enum grpc_status status, const char *text)
{
    struct served *s = arg;
    assert_false(s->closed);
    s->closed = true;
    s->call = NULL;
    s->status = status;
    strncpy(s->text, text, sizeof s->text - 1);
    if (s->exchange->on_closed != NULL)
        s->exchange->on_closed(s);
}

static inline void served_count(struct served *s, struct bytes message)
{
    s->messages++;
    s->bytes += message.n;
    if (s->exchange->on_message != NULL)
        s->exchange->on_message(s);
}

static inline enum result echo_message(void *arg, struct shared *owner, struct bytes message)
{
    struct served *s = arg;
    served_count(s, message);
    if (s->call != NULL)
        (void)!grpc_call_send(s->call, bytes_of(NULL, 0), owner, message);
    return RESULT_OK;
}

static inline enum result hold_message(void *arg, struct shared *owner, struct bytes message)
{
    struct served *s = arg;
    (void)owner;
    served_count(s, message);
    return s->exchange->hold ? RESULT_AGAIN : RESULT_OK;
}

static inline enum result bad_message(void *arg, struct shared *owner, struct bytes message)
{
    (void)owner;
    served_count(arg, message);
    return RESULT_MALFORMED;
}

static inline void served_writable(void *arg)
{
    ((struct served *)arg)->writable++;
}

static inline void served_withdrawn(void *arg)
{
    ((struct served *)arg)->withdrawn++;
}

static inline void *refuse_open(void *session, struct grpc_call *call)
{
    (void)session;
    grpc_call_finish(call, GRPC_PERMISSION_DENIED, "거부 100%");
    return NULL;
}

static inline void *nothing_open(void *session, struct grpc_call *call)
{
    (void)session;
    (void)call;
    return NULL;
}

/* Sends before it returns, and finishes. */
static inline void *greet_open(void *session, struct grpc_call *call)
{
    assert_int_equal(grpc_call_send(call, bytes_of_text("hello"), NULL, bytes_of(NULL, 0)),
                     RESULT_OK);
    grpc_call_finish(call, GRPC_OK, NULL);
    return served_open(session, call);
}

static const struct grpc_call_events echo_events = {
    echo_message, served_half_closed, served_writable, served_closed, served_withdrawn};
static const struct grpc_call_events hold_events = {
    hold_message, served_half_closed, served_writable, served_closed, served_withdrawn};
static const struct grpc_call_events bad_events = {bad_message, served_half_closed, NULL,
                                                   served_closed, NULL};
static const struct grpc_call_events quiet_events = {hold_message, NULL, served_writable,
                                                     served_closed, served_withdrawn};

static const struct grpc_method exchange_methods[] = {
    {"/t/Echo", LARGEST, &echo_events, served_open},
    {"/t/Small", 100, &echo_events, served_open},
    {"/t/Hold", LARGEST, &hold_events, served_open},
    {"/t/Bad", LARGEST, &bad_events, served_open},
    {"/t/Quiet", LARGEST, &quiet_events, served_open}, /* answers nothing of its own */
    {"/t/Refuse", LARGEST, &echo_events, refuse_open},
    {"/t/Nothing", LARGEST, &echo_events, nothing_open},
    {"/t/Greet", LARGEST, &quiet_events, greet_open},
};

static inline void *exchange_accept(void *arg, const struct tls_peer *peer,
                                    struct grpc_connection *connection, const char **why)
{
    struct exchange *x = arg;
    assert_string_equal(peer->address, "127.0.0.1");
    if (x->refuse != NULL) {
        *why = x->refuse;
        return NULL;
    }
    x->sessions++;
    x->connection = connection;
    if (x->on_accept != NULL)
        x->on_accept(x);
    return x;
}

static inline void exchange_abused(void *arg, void *session)
{
    struct exchange *x = arg;
    assert_ptr_equal(arg, session);
    x->abused++;
}

static inline void exchange_ended(void *arg, void *session)
{
    struct exchange *x = arg;
    assert_ptr_equal(arg, session);
    x->sessions_ended++;
}

static inline void exchange_drained(void *arg)
{
    ((struct exchange *)arg)->drained++;
}

/* ---- the unit's calls */

/* One call of the unit's, and what came of it. */
struct caller {
    struct exchange *exchange;
    struct grpc_call *call;
    unsigned messages, writable;
    size_t bytes, last_bytes;
    uint64_t sum; /* over all bytes, their places counted */
    bool hold, closed;
    enum grpc_status status;
    char text[128];
};

static inline void caller_sum(struct caller *c, struct bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        c->sum = c->sum * 31 + b.p[i];
}

static inline enum result caller_message(void *arg, struct shared *owner, struct bytes message)
{
    struct caller *c = arg;
    (void)owner;
    c->messages++;
    c->bytes += message.n;
    c->last_bytes = message.n;
    caller_sum(c, message);
    return c->hold ? RESULT_AGAIN : RESULT_OK;
}

static inline void caller_writable(void *arg)
{
    ((struct caller *)arg)->writable++;
}

static inline void caller_closed(void *arg, enum grpc_status status, const char *text)
{
    struct caller *c = arg;
    assert_false(c->closed);
    c->closed = true;
    c->call = NULL;
    c->status = status;
    strncpy(c->text, text, sizeof c->text - 1);
}

static const struct grpc_call_events caller_events = {caller_message, NULL, caller_writable,
                                                      caller_closed, NULL};

static inline void caller_open(struct caller *c, struct exchange *x, const char *path)
{
    *c = (struct caller){.exchange = x};
    c->call = grpc_channel_call(x->channel, path, LARGEST, &caller_events, c);
    assert_non_null(c->call);
}

static inline void caller_say(struct caller *c, const char *text)
{
    assert_int_equal(grpc_call_send(c->call, bytes_of_text(text), NULL, bytes_of(NULL, 0)),
                     RESULT_OK);
}

static inline void exchange_connected(void *arg)
{
    ((struct exchange *)arg)->connected++;
}

static inline void exchange_lost(void *arg, const char *why)
{
    struct exchange *x = arg;
    x->lost++;
    strncpy(x->why, why, sizeof x->why - 1);
}

/* ---- both */

static inline void turn(struct exchange *x)
{
    loop_turn(x->loop, 20000);
}

#define TURN_UNTIL(x, condition)                                                                   \
    do {                                                                                           \
        for (int turns_ = 0; turns_ < 20000 && !(condition); turns_++)                             \
            turn(x);                                                                               \
        assert_true(condition);                                                                    \
    } while (0)

/* A few turns in which nothing more is expected. What one side writes to a local socket can be read
 * by the other in the next turn, so there is nothing to wait for. */
static inline void settle(struct exchange *x)
{
    for (int i = 0; i < 20; i++)
        loop_turn(x->loop, 0);
}

/* Time passes, a second at a time, so that what is checked every second is. */
static inline void pass(struct exchange *x, int64_t us)
{
    for (int64_t passed = 0; passed < us; passed += US_PER_S) {
        x->now_us += US_PER_S;
        settle(x);
    }
}

static inline struct grpc_channel *channel_new(struct exchange *x, struct tls_context *tls)
{
    const struct grpc_channel_config config = {.loop = x->loop,
                                               .log = &x->log,
                                               .host = "127.0.0.1",
                                               .port = x->port,
                                               .arg = x,
                                               .connected = exchange_connected,
                                               .lost = exchange_lost};
    return grpc_channel_new(&config, tls);
}

static inline struct grpc_server_config exchange_config(struct exchange *x)
{
    return (struct grpc_server_config){.loop = x->loop,
                                       .log = &x->log,
                                       .listen_fd = x->listen_fd,
                                       .method = exchange_methods,
                                       .methods =
                                           sizeof exchange_methods / sizeof exchange_methods[0],
                                       .arg = x,
                                       .accept = exchange_accept,
                                       .ended = exchange_ended,
                                       .abused = exchange_abused,
                                       .most_connections = 4};
}

/* The gateway only. */
static inline int gateway_only(void **state)
{
    struct exchange *x = calloc(1, sizeof *x);
    const struct clock clock = {exchange_time, exchange_time, x};
    *state = x;
    x->now_us = US_PER_S;
    x->peers = peers_new();
    x->loop = loop_new_with_clock(&clock);
    assert_int_equal(pipe(x->log_fd), 0);
    x->log = (struct log){"test", x->log_fd[1], LOG_NOTE, clock};
    x->gateway_tls = gateway_context(x->peers);
    x->unit_tls = unit_context(x->peers, &x->peers->unit, "127.0.0.1");
    x->listen_fd = listen_here(&x->port);
    struct grpc_server_config config = exchange_config(x);
    x->server = grpc_server_new(&config, x->gateway_tls);
    return 0;
}

/* The gateway, and a unit whose handshake is done. */
static inline int gateway_and_unit(void **state)
{
    (void)gateway_only(state);
    struct exchange *x = *state;
    x->channel = channel_new(x, x->unit_tls);
    TURN_UNTIL(x, x->connected == 1 && x->sessions == 1);
    settle(x);
    return 0;
}

static inline int exchange_end(void **state)
{
    struct exchange *x = *state;
    grpc_channel_free(x->channel);
    grpc_server_free(x->server);
    assert_int_equal(x->sessions, x->sessions_ended);
    for (size_t i = 0; i < x->calls; i++)
        assert_true(x->served[i].closed);
    loop_free(x->loop);
    tls_context_drop(x->gateway_tls);
    tls_context_drop(x->unit_tls);
    (void)close(x->listen_fd);
    (void)close(x->log_fd[0]);
    (void)close(x->log_fd[1]);
    peers_free(x->peers);
    free(x);
    return 0;
}

/* The log so far; it is emptied. */
static inline const char *log_text(struct exchange *x, char *room, size_t n)
{
    (void)!write(x->log_fd[1], "\n", 1); /* so that read does not wait */
    ssize_t had = read(x->log_fd[0], room, n - 1);
    room[had < 0 ? 0 : had] = '\0';
    return room;
}

/* A call whose first message has come back. */
static inline void caller_echo(struct exchange *x, struct caller *c)
{
    caller_open(c, x, "/t/Echo");
    caller_say(c, "x");
    TURN_UNTIL(x, c->messages == 1);
}

#endif

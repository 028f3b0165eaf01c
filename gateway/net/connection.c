/* The life of a connection: its beginning, its end, and how long it is borne with. */
#include "net/connection.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/shared.h"
#include "net/grpc_call.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static struct grpc_connection *connection_over(const struct connection_role *role, void *owner,
                                               struct loop *loop, const struct log *log,
                                               struct tls_session *tls)
{
    struct grpc_connection *c = mem_new(sizeof *c);
    *c = (struct grpc_connection){.role = role, .owner = owner, .loop = loop, .log = log, .fd = -1};
    c->turn = loop_timer_new(loop, connection_take_turn, c);
    c->tls = tls;
    c->buffers = shared_pool_new(LIMIT_POOLED);
    c->state_us = c->received_us = c->sent_us = loop_now_us(loop);
    c->stall_us = LIMIT_STALL;
    http2_budget_init(&c->budget, c->state_us);
    LIST_INIT(&c->calls);
    LIST_INIT(&c->over);
    return c;
}

struct grpc_connection *connection_new(const struct connection_role *role, void *owner,
                                       struct loop *loop, const struct log *log,
                                       struct tls_context *tls)
{
    return connection_over(role, owner, loop, log, tls_session_new(tls));
}

static void destroy(struct grpc_connection *c)
{
    nghttp2_session_del(c->http2);
    tls_session_free(c->tls);
    shared_pool_free(c->buffers);
    mem_free(c);
}

void connection_enter(struct grpc_connection *c)
{
    c->busy++;
}

void connection_leave(struct grpc_connection *c)
{
    struct grpc_call *call;
    if (--c->busy > 0)
        return;
    while ((call = LIST_FIRST(&c->over)) != NULL)
        grpc_call_free(call);
    if (c->state == CONNECTION_GONE)
        destroy(c);
}

void connection_wake(struct grpc_connection *c)
{
    if (c->state < CONNECTION_LINGER)
        loop_timer_set(c->turn, 0);
}

void connection_go(struct grpc_connection *c)
{
    if (c->state == CONNECTION_GONE)
        return;
    c->state = CONNECTION_GONE;
    loop_watch_free(c->watch);
    loop_timer_free(c->turn);
    c->watch = NULL;
    c->turn = NULL;
    if (c->fd >= 0)
        (void)close(c->fd);
    c->fd = -1;
    if (c->owner != NULL)
        c->role->gone(c);
    c->owner = NULL;
}

static void set_socket(int fd)
{
    const int on = 1, unsent = LIMIT_UNSENT, idle_s = 60, between_s = 10, probes = 3;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    /* A peer that vanished without a word is noticed after a minute and a half. */
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &between_s, sizeof between_s);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

void connection_attach(struct grpc_connection *c, int fd, const char *address)
{
    connection_enter(c);
    set_socket(fd);
    c->fd = fd;
    c->state_us = loop_now_us(c->loop);
    (void)snprintf(c->peer.address, sizeof c->peer.address, "%s", address);
    c->watch = loop_watch_new(c->loop, fd, connection_ready, c);
    loop_watch_set(c->watch, LOOP_READ);
    connection_handshake(c); /* the client begins it, the server waits */
    connection_wake(c);
    connection_leave(c);
}

void connection_part(struct grpc_connection *c, struct grpc_arrival *out)
{
    tls_session_keep(c->tls);
    *out = (struct grpc_arrival){.fd = c->fd, .tls = c->tls, .peer = c->peer};
    loop_watch_free(c->watch);
    c->watch = NULL;
    c->fd = -1;
    c->tls = NULL;
    connection_go(c);
}

struct grpc_connection *connection_adopt(const struct connection_role *role, void *owner,
                                         struct loop *loop, const struct log *log,
                                         struct grpc_arrival *arrival)
{
    struct grpc_connection *c = connection_over(role, owner, loop, log, arrival->tls);
    c->fd = arrival->fd;
    c->peer = arrival->peer;
    c->watch = loop_watch_new(loop, c->fd, connection_ready, c);
    *arrival = (struct grpc_arrival){.fd = -1};
    return c;
}

/* ---------------------------------------------------------------- end */

void connection_linger(struct grpc_connection *c)
{
    if (!connection_send(c)) {
        connection_go(c);
        return;
    }
    if (tls_session_outgoing(c->tls).n == 0)
        (void)shutdown(c->fd, SHUT_WR);
    connection_watch(c);
}

void connection_fault(struct grpc_connection *c, uint32_t http2_error, const char *why)
{
    if (c->closing || c->state >= CONNECTION_LINGER)
        return;
    c->closing = true;
    c->fault = http2_error;
    (void)snprintf(c->why, sizeof c->why, "%s", why);
    connection_wake(c);
}

void connection_abuse(struct grpc_connection *c, uint32_t http2_error, const char *why)
{
    c->abused = c->abused || (!c->closing && c->state == CONNECTION_OPEN);
    connection_fault(c, http2_error, why);
}

static void say_farewell(struct grpc_connection *c, bool open, uint32_t http2_error,
                         const char *why)
{
    if (open && !c->broken && !c->in_http2) {
        http2_farewell(c, http2_error, why);
        connection_encrypt(c);
    }
    tls_session_close(c->tls);
    (void)connection_send(c);
}

/* Tells everybody, once, even when one of them aborts the connection meanwhile. */
static void tell_the_end(struct grpc_connection *c, const char *why)
{
    struct grpc_call *call;
    enum grpc_status status = c->role->server ? GRPC_CANCELLED : GRPC_UNAVAILABLE;
    while ((call = LIST_FIRST(&c->calls)) != NULL)
        grpc_call_over(call, status, why);
    if (c->told)
        return;
    c->told = true;
    c->role->ended(c, why);
}

void connection_end(struct grpc_connection *c, uint32_t http2_error, const char *why)
{
    if (c->state >= CONNECTION_LINGER)
        return;
    connection_enter(c);
    bool open = c->state == CONNECTION_OPEN;
    c->state = CONNECTION_LINGER;
    c->state_us = loop_now_us(c->loop);
    loop_timer_stop(c->turn);
    log_line(c->log, LOG_DETAIL, "connection-ended", "peer=%s reason=\"%s\"", c->peer.address, why);
    say_farewell(c, open, http2_error, why);
    tell_the_end(c, why);
    if (c->fd < 0 || !c->role->server) /* nobody would watch over a client's */
        connection_go(c);
    else if (c->state == CONNECTION_LINGER)
        connection_linger(c);
    connection_leave(c);
}

void connection_abort(struct grpc_connection *c, const char *why)
{
    connection_enter(c);
    connection_end(c, NGHTTP2_NO_ERROR, why);
    tell_the_end(c, why);
    connection_go(c);
    connection_leave(c);
}

void grpc_connection_close(struct grpc_connection *c, const char *why)
{
    c->last_words = c->last_words || !c->closing;
    connection_fault(c, NGHTTP2_NO_ERROR, why);
}

const struct tls_peer *grpc_connection_peer(const struct grpc_connection *c)
{
    return &c->peer;
}

/* ---------------------------------------------------------------- patience */

/* The reason to end it now, or NULL. */
static const char *overdue(const struct grpc_connection *c, int64_t now_us)
{
    if (c->state == CONNECTION_HANDSHAKE)
        return now_us - c->state_us > LIMIT_HANDSHAKE ? "the handshake took too long" : NULL;
    if (!c->settings_acked && now_us - c->state_us > LIMIT_SETTINGS_ACK)
        return "SETTINGS were not acknowledged";
    if (c->block_us != 0 && now_us - c->block_us > LIMIT_HEADERS)
        return "a request was not completed in time";
    if (tls_session_outgoing(c->tls).n > 0 && now_us - c->sent_us > c->stall_us)
        return "the peer reads nothing";
    if (c->ping_us != 0 && now_us - c->ping_us > LIMIT_PING_ANSWER)
        return "no answer to a PING";
    return NULL;
}

/* Only the client asks; a gateway learns from the socket's keepalive. */
static void keep_alive(struct grpc_connection *c, int64_t now_us)
{
    if (c->role->server || c->ping_us != 0 || LIST_EMPTY(&c->calls) ||
        now_us - c->received_us < LIMIT_PING_AFTER)
        return;
    if (nghttp2_submit_ping(c->http2, NGHTTP2_FLAG_NONE, NULL) == 0)
        c->ping_us = now_us;
    connection_wake(c);
}

static void tick_open(struct grpc_connection *c, int64_t now_us)
{
    struct grpc_call *call, *following;
    tls_session_tick(c->tls, now_us);
    shared_pool_tick(c->buffers);
    keep_alive(c, now_us);
    for (call = LIST_FIRST(&c->calls); call != NULL; call = following) {
        following = LIST_NEXT(call, next);
        grpc_call_tick(call, now_us);
    }
}

void connection_tick(struct grpc_connection *c, int64_t now_us)
{
    if (c->state == CONNECTION_LINGER) {
        if (now_us - c->state_us > LIMIT_LINGER)
            connection_abort(c, "");
        return;
    }
    connection_enter(c);
    const char *why = overdue(c, now_us);
    if (why != NULL)
        connection_fault(c, NGHTTP2_ENHANCE_YOUR_CALM, why);
    else if (c->state == CONNECTION_OPEN)
        tick_open(c, now_us);
    connection_grow_old(c, now_us);
    connection_leave(c);
}

size_t grpc_connection_withdraw(struct grpc_connection *c, bool (*gone)(void *arg, uint64_t tag),
                                void *arg)
{
    struct grpc_call *call, *following;
    size_t count = 0;
    if (c->state != CONNECTION_OPEN)
        return 0;
    connection_enter(c);
    connection_flush(c);
    for (call = LIST_FIRST(&c->calls); call != NULL; call = following) {
        following = LIST_NEXT(call, next);
        if (grpc_call_queued(call) > 0)
            count += grpc_call_withdraw(call, gone, arg);
    }
    connection_leave(c);
    return count;
}

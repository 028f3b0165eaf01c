#include "net/connection.h"

#include "base/limits.h"
#include "base/mem.h"
#include "net/grpc_call.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STAGE = 16384 }; /* the largest TLS record (RFC 8446, 5.1) */

static void take_turn(void *arg);

struct grpc_connection *connection_new(const struct connection_role *role, void *owner,
                                       struct loop *loop, const struct log *log,
                                       struct tls_context *tls)
{
    struct grpc_connection *c = mem_new(sizeof *c);
    *c = (struct grpc_connection){.role = role, .owner = owner, .loop = loop, .log = log, .fd = -1};
    c->turn = loop_timer_new(loop, take_turn, c);
    c->tls = tls_session_new(tls);
    c->state_us = c->received_us = c->sent_us = loop_now_us(loop);
    http2_budget_init(&c->budget, c->state_us);
    LIST_INIT(&c->calls);
    LIST_INIT(&c->over);
    return c;
}

static void destroy(struct grpc_connection *c)
{
    nghttp2_session_del(c->http2);
    tls_session_free(c->tls);
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

/* The socket is closed and the owner's list left; memory stays until connection_leave. */
static void go(struct grpc_connection *c)
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

/* ---------------------------------------------------------------- out */

/* False when the socket is no more. */
static bool send_outgoing(struct grpc_connection *c)
{
    struct bytes out = tls_session_outgoing(c->tls);
    while (out.n > 0 && c->fd >= 0) {
        ssize_t n = send(c->fd, out.p, out.n, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK;
        tls_session_sent(c->tls, (size_t)n);
        c->sent_us = loop_now_us(c->loop);
        out = tls_session_outgoing(c->tls);
    }
    return true;
}

static void encrypt_stage(struct grpc_connection *c)
{
    if (tls_session_write(c->tls, bytes_of(c->stage, c->staged)) != RESULT_OK)
        connection_fault(c, NGHTTP2_INTERNAL_ERROR, tls_session_why(c->tls));
    c->produced += c->staged;
    c->staged = 0;
}

void connection_put(struct grpc_connection *c, const uint8_t *p, size_t n)
{
    while (n > 0) {
        size_t part = n < STAGE - c->staged ? n : STAGE - c->staged;
        memcpy(c->stage + c->staged, p, part);
        c->staged += part;
        p += part;
        n -= part;
        if (c->staged == STAGE)
            encrypt_stage(c);
    }
}

void connection_put_queued(struct grpc_connection *c, struct grpc_queue *q, size_t n)
{
    while (n > 0 && q->bytes > 0) {
        size_t part = n < STAGE - c->staged ? n : STAGE - c->staged;
        part = grpc_queue_take(q, c->stage + c->staged, part);
        c->staged += part;
        n -= part;
        if (c->staged == STAGE)
            encrypt_stage(c);
    }
    if (n > 0) /* a frame shorter than its header says: a bug of ours */
        connection_fault(c, NGHTTP2_INTERNAL_ERROR, "HTTP/2 cannot go on");
}

/* What HTTP/2 wants to send, up to a turn's share, through TLS. The stage is on the stack because
 * callbacks in here may end another connection, which then stages its farewell. */
static void encrypt_turn(struct grpc_connection *c)
{
    uint8_t stage[STAGE] __attribute__((uninitialized)); /* 16 KiB of zeros a turn for nothing */
    c->stage = stage;
    c->produced = 0;
    c->paused = false;
    c->in_http2 = true;
    if (http2_send(c) != RESULT_OK)
        connection_fault(c, NGHTTP2_INTERNAL_ERROR, "HTTP/2 cannot go on");
    c->in_http2 = false;
    encrypt_stage(c);
    c->stage = NULL;
    c->sent_us = loop_now_us(c->loop);
    mem_wipe(stage, c->produced < STAGE ? c->produced : STAGE);
}

static void watch(struct grpc_connection *c)
{
    bool waits = tls_session_outgoing(c->tls).n > 0;
    if (c->watch != NULL)
        loop_watch_set(c->watch, LOOP_READ | (waits ? LOOP_WRITE : 0));
}

/* Nothing new is made while the socket still has old bytes to take: what is urgent can then still
 * go first. */
static void write_turn(struct grpc_connection *c)
{
    bool sound = send_outgoing(c);
    if (sound && c->state == CONNECTION_OPEN && tls_session_outgoing(c->tls).n == 0) {
        encrypt_turn(c);
        sound = send_outgoing(c);
    }
    if (c->state >= CONNECTION_LINGER)
        return;
    if (!sound) {
        connection_end(c, NGHTTP2_NO_ERROR, "the peer closed its socket");
        return;
    }
    if (c->paused && tls_session_outgoing(c->tls).n == 0)
        connection_wake(c);
    watch(c);
}

static void take_turn(void *arg)
{
    struct grpc_connection *c = arg;
    connection_enter(c);
    if (!c->closing)
        write_turn(c);
    if (c->closing)
        connection_end(c, c->fault, c->why);
    else if (c->state == CONNECTION_OPEN && nghttp2_session_want_read(c->http2) == 0 &&
             nghttp2_session_want_write(c->http2) == 0)
        connection_end(c, NGHTTP2_NO_ERROR, c->draining ? "drained" : "the peer said GOAWAY");
    connection_leave(c);
}

/* ---------------------------------------------------------------- in */

static void refuse(struct grpc_connection *c, const char *why)
{
    log_line(c->log, LOG_WARNING, "session-refused", "peer=%s reason=\"%s\"", c->peer.address, why);
    connection_end(c, NGHTTP2_NO_ERROR, why);
}

/* HTTP/2 begins only with those who are let in. */
static void become_open(struct grpc_connection *c)
{
    tls_session_peer(c->tls, &c->peer);
    enum result r = c->role->established(c);
    if (c->state != CONNECTION_HANDSHAKE)
        return;
    if (r != RESULT_OK) {
        tls_session_deny(c->tls, "access denied");
        refuse(c, c->why);
        return;
    }
    c->state = CONNECTION_OPEN;
    c->state_us = loop_now_us(c->loop);
    if (c->http2 == NULL)
        http2_open(c);
}

static void handshake(struct grpc_connection *c)
{
    enum result r = tls_session_handshake(c->tls);
    if (r == RESULT_OK)
        become_open(c);
    else if (r != RESULT_AGAIN)
        refuse(c, tls_session_why(c->tls));
}

/* All that came is decrypted and taken, record by record. */
static void receive(struct grpc_connection *c)
{
    enum result r = RESULT_OK;
    uint8_t plain[STAGE] __attribute__((uninitialized)); /* as above */
    size_t most = 0;
    while (r == RESULT_OK && c->state == CONNECTION_OPEN && !c->closing) {
        size_t n;
        r = tls_session_read(c->tls, plain, STAGE, &n);
        if (r == RESULT_CLOSED)
            connection_fault(c, NGHTTP2_NO_ERROR, "the peer ended the session");
        else if (r == RESULT_DENIED)
            connection_fault(c, NGHTTP2_NO_ERROR, tls_session_why(c->tls));
        if (r != RESULT_OK)
            break;
        most = n > most ? n : most;
        c->in_http2 = true;
        r = http2_receive(c, bytes_of(plain, n));
        c->in_http2 = false;
        if (r != RESULT_OK) {
            c->broken = true;
            connection_fault(c, NGHTTP2_PROTOCOL_ERROR, "the peer broke HTTP/2");
        }
    }
    mem_wipe(plain, most);
}

static void read_turn(struct grpc_connection *c)
{
    uint8_t *in = loop_scratch(c->loop, LIMIT_TURN_READ);
    ssize_t n = recv(c->fd, in, LIMIT_TURN_READ, 0);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return;
    if (c->state == CONNECTION_LINGER) {
        if (n <= 0)
            go(c);
        return; /* what comes after the end is dropped */
    }
    if (n <= 0) {
        connection_end(c, NGHTTP2_NO_ERROR, "the peer closed its socket");
        return;
    }
    c->received_us = loop_now_us(c->loop);
    tls_session_feed(c->tls, bytes_of(in, (size_t)n));
    if (c->state == CONNECTION_HANDSHAKE)
        handshake(c);
    if (c->state == CONNECTION_OPEN)
        receive(c);
    connection_wake(c);
}

/* Once its last bytes are out, a lingering connection only listens for the peer's end, so that the
 * kernel does not throw those bytes away for unread input. */
static void linger(struct grpc_connection *c)
{
    if (!send_outgoing(c)) {
        go(c);
        return;
    }
    if (tls_session_outgoing(c->tls).n == 0)
        (void)shutdown(c->fd, SHUT_WR);
    watch(c);
}

static void socket_ready(void *arg, int events)
{
    struct grpc_connection *c = arg;
    connection_enter(c);
    if ((events & LOOP_READ) != 0)
        read_turn(c);
    if ((events & LOOP_WRITE) != 0 && c->state == CONNECTION_LINGER)
        linger(c);
    else if ((events & LOOP_WRITE) != 0)
        connection_wake(c);
    connection_leave(c);
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
    c->watch = loop_watch_new(c->loop, fd, socket_ready, c);
    loop_watch_set(c->watch, LOOP_READ);
    handshake(c); /* the client begins it, the server waits */
    connection_wake(c);
    connection_leave(c);
}

/* ---------------------------------------------------------------- end */

void connection_fault(struct grpc_connection *c, uint32_t http2_error, const char *why)
{
    if (c->closing || c->state >= CONNECTION_LINGER)
        return;
    c->closing = true;
    c->fault = http2_error;
    (void)snprintf(c->why, sizeof c->why, "%s", why);
    connection_wake(c);
}

static void say_farewell(struct grpc_connection *c, bool open, uint32_t http2_error,
                         const char *why)
{
    if (open && !c->broken && !c->in_http2) {
        http2_farewell(c, http2_error, why);
        encrypt_turn(c);
    }
    tls_session_close(c->tls);
    (void)send_outgoing(c);
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
        go(c);
    else if (c->state == CONNECTION_LINGER)
        linger(c);
    connection_leave(c);
}

void connection_abort(struct grpc_connection *c, const char *why)
{
    connection_enter(c);
    connection_end(c, NGHTTP2_NO_ERROR, why);
    tell_the_end(c, why);
    go(c);
    connection_leave(c);
}

void grpc_connection_close(struct grpc_connection *c, const char *why)
{
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
    if (tls_session_outgoing(c->tls).n > 0 && now_us - c->sent_us > LIMIT_STALL)
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
    connection_leave(c);
}

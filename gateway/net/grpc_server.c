#include "base/buckets.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/grpc_call.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ACCEPTS_A_TURN = 16 };

static const struct bucket_size lines = {LIMIT_REFUSED_LINES, LIMIT_REFUSED_LINES_A_SECOND};

struct grpc_server {
    struct grpc_server_config config;
    struct tls_context *tls;
    struct loop_watch *listener; /* NULL when draining */
    struct loop_timer *tick;     /* every second */
    LIST_HEAD(, grpc_connection) list;
    atomic_uint own_count, *count; /* the configuration's, or our own */
    struct bucket lines;           /* of the log, about sessions that are refused */
    unsigned unsaid;               /* such sessions, since the last tick */
    struct buckets *handshakes;    /* by address; NULL: nobody counts */
    unsigned waved_off;            /* who had none left, since the last tick; the first of them: */
    char first_off[64];
    int64_t accept_after_us; /* there was no descriptor left; 0: go on */
    bool goaway_final;       /* draining: the last stream id is told */
    int64_t drain_until_us;
    void (*drained)(void *arg); /* NULL: not draining */
    void *drained_arg;
};

static void finish_drain(struct grpc_server *s)
{
    void (*done)(void *arg) = s->drained;
    void *arg = s->drained_arg;
    s->drained = NULL;
    if (done != NULL)
        done(arg);
}

/* ---------------------------------------------------------------- what a connection tells */

/* `accept` may end anything, the server too; then its answer has no place to stay. */
static enum result established(struct grpc_connection *c)
{
    struct grpc_server *s = c->owner;
    const struct grpc_server_config config = s->config;
    const char *why = "not accepted";
    if (config.arrived != NULL) {
        struct grpc_arrival arrival;
        connection_part(c, &arrival);
        config.arrived(config.arg, &arrival);
        return RESULT_OK;
    }
    void *session = config.accept(config.arg, &c->peer, c, &why);
    if (session == NULL) {
        (void)snprintf(c->why, sizeof c->why, "%s", why);
        return RESULT_DENIED;
    }
    if (c->state < CONNECTION_LINGER)
        c->session = session;
    else if (config.ended != NULL)
        config.ended(config.arg, session);
    return RESULT_OK;
}

/* Strangers may come as fast as they like; the log is told of some, and of how many more. */
static void tell_refused(struct grpc_server *s, const char *address, const char *why)
{
    int64_t now = loop_now_us(s->config.loop);
    if (bucket_left(&s->lines, &lines, now) == 0) {
        s->unsaid++;
        return;
    }
    (void)bucket_spend(&s->lines, &lines, now, 1);
    log_line(s->config.log, LOG_WARNING, "session-refused", "peer=%s reason=\"%s\"", address, why);
}

static void refused(struct grpc_connection *c, const char *why)
{
    tell_refused(c->owner, c->peer.address, why);
}

/* Once a second. */
static void tell_unsaid(struct grpc_server *s)
{
    if (s->unsaid > 0)
        log_line(s->config.log, LOG_WARNING, "sessions-refused",
                 "count=%u reason=\"more in a second than are told one by one\"", s->unsaid);
    s->unsaid = 0;
    if (s->waved_off > 0)
        log_line(s->config.log, LOG_WARNING, "handshakes-refused",
                 "count=%u first=%s reason=\"more than one address may begin\"", s->waved_off,
                 s->first_off);
    s->waved_off = 0;
}

static void fields_done(struct grpc_call *call, bool last)
{
    struct grpc_server *s = call->connection->owner;
    (void)last;
    grpc_request_done(call, &s->config);
}

static void ended(struct grpc_connection *c, const char *why)
{
    struct grpc_server *s = c->owner;
    void *session = c->session;
    (void)why;
    c->session = NULL;
    if (session != NULL && c->abused && s->config.abused != NULL)
        s->config.abused(s->config.arg, session);
    if (session != NULL && s->config.ended != NULL)
        s->config.ended(s->config.arg, session);
}

static void gone(struct grpc_connection *c)
{
    struct grpc_server *s = c->owner;
    LIST_REMOVE(c, next);
    (void)atomic_fetch_sub(s->count, 1);
    if (LIST_EMPTY(&s->list) && s->drained != NULL)
        loop_timer_set(s->tick, 0);
}

static const struct connection_role server_role = {.server = true,
                                                   .established = established,
                                                   .refused = refused,
                                                   .field = grpc_request_field,
                                                   .fields_done = fields_done,
                                                   .ended = ended,
                                                   .gone = gone};

/* ---------------------------------------------------------------- accepting */

static void numeric(const struct sockaddr_storage *from, char *out, size_t room)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)from;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)from;
    const void *address =
        from->ss_family == AF_INET ? (const void *)&v4->sin_addr : (const void *)&v6->sin6_addr;
    if (inet_ntop(from->ss_family, address, out, (socklen_t)room) == NULL)
        (void)snprintf(out, room, "?");
}

/* Who may be behind the same door: an IPv4 address, also one that is written as IPv6; of IPv6 the
 * /64, which one customer has. */
static struct bytes network_of(const struct sockaddr_storage *from)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)from;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)from;
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}; /* RFC 4291, 2.5.5.2 */
    if (from->ss_family == AF_INET)
        return bytes_of(&v4->sin_addr, sizeof v4->sin_addr);
    return memcmp(v6->sin6_addr.s6_addr, mapped, sizeof mapped) == 0
               ? bytes_of(v6->sin6_addr.s6_addr + sizeof mapped, sizeof v4->sin_addr)
               : bytes_of(v6->sin6_addr.s6_addr, 8);
}

/* One that asks for more handshakes than it may have waits: others may be behind its address, so
 * nothing is held against it. */
static bool may_begin(struct grpc_server *s, const struct sockaddr_storage *from,
                      const char *address)
{
    if (s->handshakes == NULL ||
        buckets_pay(s->handshakes, network_of(from), loop_now_us(s->config.loop)))
        return true;
    if (s->waved_off++ == 0)
        (void)snprintf(s->first_off, sizeof s->first_off, "%s", address);
    if (s->config.waved_off != NULL)
        (void)atomic_fetch_add(s->config.waved_off, 1);
    return false;
}

static void add(struct grpc_server *s, struct grpc_connection *c)
{
    LIST_INSERT_HEAD(&s->list, c, next);
    (void)atomic_fetch_add(s->count, 1);
    c->takes_http = s->config.request != NULL;
    if (s->config.stall_us > 0)
        c->stall_us = s->config.stall_us;
    if (s->config.age_us > 0)
        connection_set_age(c, s->config.age_us, s->config.grace_us);
}

static void begin(struct grpc_server *s, int fd, const char *address)
{
    if (atomic_load(s->count) >= s->config.most_connections) {
        tell_refused(s, address, "too many connections");
        (void)close(fd);
        return;
    }
    struct grpc_connection *c =
        connection_new(&server_role, s, s->config.loop, s->config.log, s->tls);
    add(s, c);
    connection_attach(c, fd, address);
}

/* False when there is nobody more, or no descriptor for one. */
static bool accept_one(struct grpc_server *s)
{
    struct sockaddr_storage from = {0};
    socklen_t n = sizeof from;
    char address[64];
    int fd =
        accept4(s->config.listen_fd, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        numeric(&from, address, sizeof address);
        if (may_begin(s, &from, address))
            begin(s, fd, address);
        else
            (void)close(fd);
        return true;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        log_line(s->config.log, LOG_ALARM, "accept-paused", "reason=\"no descriptors\"");
        s->accept_after_us = loop_now_us(s->config.loop) + LIMIT_ACCEPT_PAUSE;
        loop_watch_set(s->listener, 0);
    }
    return errno == ECONNABORTED || errno == EINTR;
}

static void accept_ready(void *arg, int events)
{
    struct grpc_server *s = arg;
    (void)events;
    for (unsigned i = 0; i < ACCEPTS_A_TURN && accept_one(s); i++)
        continue;
}

/* ---------------------------------------------------------------- arrivals */

void grpc_arrival_drop(struct grpc_arrival *a)
{
    if (a->fd >= 0)
        (void)close(a->fd);
    tls_session_free(a->tls);
    *a = (struct grpc_arrival){.fd = -1};
}

struct grpc_connection *grpc_server_adopt(struct grpc_server *s, struct grpc_arrival *a,
                                          void *session)
{
    struct grpc_connection *c = connection_adopt(&server_role, s, s->config.loop, s->config.log, a);
    c->session = session;
    add(s, c);
    return c;
}

void grpc_server_begin(struct grpc_connection *c)
{
    connection_begin(c);
}

void grpc_server_deny(struct grpc_server *s, struct grpc_arrival *a, const char *why)
{
    connection_refuse(grpc_server_adopt(s, a, NULL), why);
}

/* ---------------------------------------------------------------- time */

/* The first GOAWAY let calls that were on their way come in; the second says which ones did
 * (RFC 9113, 6.8). */
static void tell_last_call(struct grpc_server *s)
{
    struct grpc_connection *c;
    s->goaway_final = true;
    LIST_FOREACH (c, &s->list, next) {
        if (c->state != CONNECTION_OPEN)
            continue;
        http2_farewell(c, NGHTTP2_NO_ERROR, "draining");
        connection_wake(c);
    }
}

static void set_tick(struct grpc_server *s)
{
    int64_t left = s->drain_until_us - loop_now_us(s->config.loop);
    loop_timer_set(s->tick, s->drained != NULL && left < US_PER_S ? left : US_PER_S);
    if (s->drained != NULL && LIST_EMPTY(&s->list))
        loop_timer_set(s->tick, 0);
}

static void tick(void *arg)
{
    struct grpc_server *s = arg;
    struct grpc_connection *c, *following;
    int64_t now = loop_now_us(s->config.loop);
    set_tick(s);
    tell_unsaid(s);
    for (c = LIST_FIRST(&s->list); c != NULL; c = following) {
        following = LIST_NEXT(c, next);
        connection_tick(c, now);
    }
    if (s->accept_after_us != 0 && now >= s->accept_after_us && s->listener != NULL) {
        s->accept_after_us = 0;
        loop_watch_set(s->listener, LOOP_READ);
    }
    if (s->drained == NULL)
        return;
    if (!s->goaway_final)
        tell_last_call(s);
    if (LIST_EMPTY(&s->list) || now >= s->drain_until_us)
        finish_drain(s);
}

/* ---------------------------------------------------------------- the server itself */

struct grpc_server *grpc_server_new(const struct grpc_server_config *config,
                                    struct tls_context *tls)
{
    struct grpc_server *s = mem_new(sizeof *s);
    s->config = *config;
    s->tls = tls == NULL ? NULL : tls_context_hold(tls);
    LIST_INIT(&s->list);
    bucket_init(&s->lines, &lines, loop_now_us(config->loop));
    s->count = config->connections != NULL ? config->connections : &s->own_count;
    if (config->handshakes.most > 0)
        s->handshakes = buckets_new(LIMIT_ADDRESSES, config->handshakes);
    if (config->listen_fd >= 0) {
        s->listener = loop_watch_new(config->loop, config->listen_fd, accept_ready, s);
        loop_watch_set(s->listener, LOOP_READ);
    }
    s->tick = loop_timer_new(config->loop, tick, s);
    loop_timer_set(s->tick, US_PER_S);
    return s;
}

void grpc_server_set_tls(struct grpc_server *s, struct tls_context *tls)
{
    (void)tls_context_hold(tls);
    tls_context_drop(s->tls);
    s->tls = tls;
}

void grpc_server_drain(struct grpc_server *s, int64_t within_us, void (*done)(void *arg), void *arg)
{
    struct grpc_connection *c;
    int64_t now = loop_now_us(s->config.loop);
    loop_watch_free(s->listener);
    s->listener = NULL;
    s->drained = done;
    s->drained_arg = arg;
    s->drain_until_us = now + within_us;
    set_tick(s);
    LIST_FOREACH (c, &s->list, next) {
        c->draining = true;
        if (c->state == CONNECTION_OPEN)
            (void)nghttp2_submit_shutdown_notice(c->http2);
        else
            connection_fault(c, NGHTTP2_NO_ERROR, "the gateway drains");
        connection_wake(c);
    }
}

void grpc_server_free(struct grpc_server *s)
{
    struct grpc_connection *c;
    if (s == NULL)
        return;
    while ((c = LIST_FIRST(&s->list)) != NULL)
        connection_abort(c, "the gateway stops");
    loop_watch_free(s->listener);
    loop_timer_free(s->tick);
    tls_context_drop(s->tls);
    buckets_free(s->handshakes);
    mem_free(s);
}

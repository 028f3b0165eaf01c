#include "base/limits.h"
#include "base/mem.h"
#include "net/grpc_call.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

struct grpc_channel {
    struct grpc_channel_config config;
    char *authority;                    /* host:port */
    struct grpc_connection *connection; /* NULL: lost */
    struct loop_timer *tick;
    struct addrinfo *addresses, *next_address;
    int64_t began_us; /* the attempt at this address */
    int fd;           /* while it connects; -1: not */
    struct loop_watch *watch;
    const char *why; /* the last address's fault */
};

static void stop_connecting(struct grpc_channel *ch)
{
    loop_watch_free(ch->watch);
    ch->watch = NULL;
    if (ch->fd >= 0)
        (void)close(ch->fd);
    ch->fd = -1;
}

/* ---------------------------------------------------------------- what the connection tells */

static enum result established(struct grpc_connection *c)
{
    struct grpc_channel *ch = c->owner;
    if (ch->config.connected != NULL)
        ch->config.connected(ch->config.arg);
    return RESULT_OK;
}

static void fields_done(struct grpc_call *call, bool last)
{
    (void)last;
    grpc_answer_done(call);
}

/* The channel may be freed in there. */
static void ended(struct grpc_connection *c, const char *why)
{
    struct grpc_channel *ch = c->owner;
    if (ch == NULL)
        return;
    ch->connection = NULL;
    c->owner = NULL;
    stop_connecting(ch);
    loop_timer_stop(ch->tick);
    if (ch->config.lost != NULL)
        ch->config.lost(ch->config.arg, why);
}

static void asked_to_go(struct grpc_connection *c)
{
    struct grpc_channel *ch = c->owner;
    if (ch != NULL && ch->config.asked_to_go != NULL)
        ch->config.asked_to_go(ch->config.arg);
}

static void gone(struct grpc_connection *c)
{
    (void)c;
}

static void refused(struct grpc_connection *c, const char *why)
{
    log_line(c->log, LOG_WARNING, "session-refused", "peer=%s reason=\"%s\"", c->peer.address, why);
}

static const struct connection_role client_role = {.server = false,
                                                   .established = established,
                                                   .refused = refused,
                                                   .field = grpc_answer_field,
                                                   .fields_done = fields_done,
                                                   .asked_to_go = asked_to_go,
                                                   .ended = ended,
                                                   .gone = gone};

/* ---------------------------------------------------------------- connecting */

static void try_next(struct grpc_channel *ch);

static void connect_ready(void *arg, int events)
{
    struct grpc_channel *ch = arg;
    int error = 0, fd = ch->fd;
    socklen_t n = sizeof error;
    (void)events;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0 || error != 0) {
        ch->why = error == 0 ? "the connection failed" : strerrordesc_np(error);
        try_next(ch);
        return;
    }
    ch->fd = -1; /* the connection's from here on */
    stop_connecting(ch);
    connection_attach(ch->connection, fd, ch->config.host);
}

/* Begins to connect to the next address; without one left, the connection has failed. */
static void try_next(struct grpc_channel *ch)
{
    stop_connecting(ch);
    while (ch->next_address != NULL) {
        struct addrinfo *a = ch->next_address;
        ch->next_address = a->ai_next;
        ch->began_us = loop_now_us(ch->config.loop);
        ch->fd =
            socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
        if (ch->fd >= 0 &&
            (connect(ch->fd, a->ai_addr, a->ai_addrlen) == 0 || errno == EINPROGRESS)) {
            ch->watch = loop_watch_new(ch->config.loop, ch->fd, connect_ready, ch);
            loop_watch_set(ch->watch, LOOP_WRITE);
            return;
        }
        ch->why = strerrordesc_np(errno);
        stop_connecting(ch);
    }
    connection_fault(ch->connection, NGHTTP2_NO_ERROR, ch->why);
}

static void look_up(struct grpc_channel *ch)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    char port[8];
    (void)snprintf(port, sizeof port, "%u", (unsigned)ch->config.port);
    int error = getaddrinfo(ch->config.host, port, &hints, &ch->addresses);
    ch->why = error == 0 ? "the name has no address" : gai_strerror(error);
    ch->next_address = ch->addresses;
}

static void tick(void *arg)
{
    struct grpc_channel *ch = arg;
    int64_t now = loop_now_us(ch->config.loop);
    loop_timer_set(ch->tick, US_PER_S);
    if (ch->fd < 0) {
        connection_tick(ch->connection, now);
    } else if (now - ch->began_us > LIMIT_CONNECT) {
        ch->why = "no answer to the attempt to connect";
        try_next(ch);
    }
}

struct grpc_channel *grpc_channel_new(const struct grpc_channel_config *config,
                                      struct tls_context *tls)
{
    struct grpc_channel *ch = mem_new(sizeof *ch);
    char authority[300];
    ch->config = *config;
    ch->fd = -1;
    (void)snprintf(authority, sizeof authority,
                   strchr(config->host, ':') == NULL ? "%s:%u" : "[%s]:%u", config->host,
                   (unsigned)config->port);
    ch->authority = mem_text(authority, strlen(authority));
    ch->connection = connection_new(&client_role, ch, config->loop, config->log, tls);
    http2_open(ch->connection);
    ch->tick = loop_timer_new(config->loop, tick, ch);
    loop_timer_set(ch->tick, US_PER_S);
    look_up(ch);
    try_next(ch);
    return ch;
}

void grpc_channel_free(struct grpc_channel *ch)
{
    if (ch == NULL)
        return;
    struct grpc_connection *c = ch->connection;
    ch->connection = NULL;
    if (c != NULL) {
        c->owner = NULL; /* its owner knows of the end already */
        connection_abort(c, "the channel was closed");
    }
    stop_connecting(ch);
    loop_timer_free(ch->tick);
    if (ch->addresses != NULL)
        freeaddrinfo(ch->addresses);
    mem_free(ch->authority);
    mem_free(ch);
}

/* ---------------------------------------------------------------- calls */

struct grpc_call *grpc_channel_call(struct grpc_channel *ch, const char *path,
                                    size_t largest_answer, const struct grpc_call_events *events,
                                    void *arg)
{
    struct grpc_connection *c = ch->connection;
    if (c == NULL || c->closing || c->state >= CONNECTION_LINGER)
        return NULL;
    return grpc_answer_call(c, ch->authority, path, largest_answer, events, arg);
}

/* What goes out, in bounded turns: from HTTP/2 through TLS into the socket. */
#include "net/connection.h"

#include "base/mem.h"
#include "net/grpc_queue.h"

#include <errno.h>
#include <sys/socket.h>

bool connection_send(struct grpc_connection *c)
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
        size_t part = n < CONNECTION_STAGE - c->staged ? n : CONNECTION_STAGE - c->staged;
        memcpy(c->stage + c->staged, p, part);
        c->staged += part;
        p += part;
        n -= part;
        if (c->staged == CONNECTION_STAGE)
            encrypt_stage(c);
    }
}

void connection_put_queued(struct grpc_connection *c, struct grpc_queue *q, size_t n)
{
    while (n > 0 && q->bytes > 0) {
        size_t part = n < CONNECTION_STAGE - c->staged ? n : CONNECTION_STAGE - c->staged;
        part = grpc_queue_take(q, c->stage + c->staged, part);
        c->staged += part;
        n -= part;
        if (c->staged == CONNECTION_STAGE)
            encrypt_stage(c);
    }
    if (n > 0) /* a frame shorter than its header says: a bug of ours */
        connection_fault(c, NGHTTP2_INTERNAL_ERROR, "HTTP/2 cannot go on");
}

/* The stage is on the stack because callbacks in here may end another connection, which then stages
 * its farewell. Uninitialised: it would be 16 KiB of zeros a turn for nothing. */
void connection_encrypt(struct grpc_connection *c)
{
    uint8_t stage[CONNECTION_STAGE] __attribute__((uninitialized));
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
    mem_wipe(stage, c->produced < CONNECTION_STAGE ? c->produced : CONNECTION_STAGE);
}

void connection_watch(struct grpc_connection *c)
{
    bool waits = tls_session_outgoing(c->tls).n > 0;
    if (c->watch != NULL)
        loop_watch_set(c->watch, LOOP_READ | (waits ? LOOP_WRITE : 0));
}

/* Nothing new is made while the socket still has old bytes to take: what is urgent can then still
 * go first. */
static void write_turn(struct grpc_connection *c)
{
    bool sound = connection_send(c);
    if (sound && c->state == CONNECTION_OPEN && tls_session_outgoing(c->tls).n == 0) {
        connection_encrypt(c);
        sound = connection_send(c);
    }
    if (c->state >= CONNECTION_LINGER)
        return;
    if (!sound) {
        connection_end(c, NGHTTP2_NO_ERROR, "the peer closed its socket");
        return;
    }
    if (c->paused && tls_session_outgoing(c->tls).n == 0)
        connection_wake(c);
    connection_watch(c);
}

void connection_flush(struct grpc_connection *c)
{
    if (!c->closing && !c->in_http2)
        write_turn(c);
}

void connection_take_turn(void *arg)
{
    struct grpc_connection *c = arg;
    connection_enter(c);
    if (!c->closing || (c->last_words && !c->broken))
        write_turn(c);
    if (c->closing)
        connection_end(c, c->fault, c->why);
    else if (c->state == CONNECTION_OPEN && nghttp2_session_want_read(c->http2) == 0 &&
             nghttp2_session_want_write(c->http2) == 0)
        connection_end(c, NGHTTP2_NO_ERROR, c->draining ? "drained" : "the peer said GOAWAY");
    connection_leave(c);
}

/* What comes in, in bounded turns: from the socket through TLS into HTTP/2. */
#include "net/connection.h"

#include "base/limits.h"
#include "base/mem.h"

#include <errno.h>
#include <sys/socket.h>

static void refuse(struct grpc_connection *c, const char *why)
{
    c->role->refused(c, why);
    connection_end(c, NGHTTP2_NO_ERROR, why);
}

static void open_http2(struct grpc_connection *c)
{
    c->state = CONNECTION_OPEN;
    c->state_us = loop_now_us(c->loop);
    if (c->http2 == NULL)
        http2_open(c);
}

/* HTTP/2 begins only with those who are let in. */
static void become_open(struct grpc_connection *c)
{
    tls_session_peer(c->tls, &c->peer);
    enum result r = c->role->established(c);
    if (c->state != CONNECTION_HANDSHAKE)
        return;
    if (r == RESULT_OK)
        open_http2(c);
    else
        connection_refuse(c, c->why);
}

void connection_refuse(struct grpc_connection *c, const char *why)
{
    connection_enter(c);
    tls_session_deny(c->tls, "access denied");
    refuse(c, why);
    connection_leave(c);
}

void connection_handshake(struct grpc_connection *c)
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
    uint8_t plain[CONNECTION_STAGE] __attribute__((uninitialized)); /* no zeros for nothing */
    size_t most = 0;
    while (r == RESULT_OK && c->state == CONNECTION_OPEN && !c->closing) {
        size_t n;
        r = tls_session_read(c->tls, plain, CONNECTION_STAGE, &n);
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
            connection_abuse(c, NGHTTP2_PROTOCOL_ERROR, "the peer broke HTTP/2");
        }
    }
    mem_wipe(plain, most);
}

void connection_begin(struct grpc_connection *c)
{
    connection_enter(c);
    open_http2(c);
    loop_watch_set(c->watch, LOOP_READ);
    receive(c);
    connection_wake(c);
    connection_leave(c);
}

static void read_turn(struct grpc_connection *c)
{
    uint8_t *in = loop_scratch(c->loop, LIMIT_TURN_READ);
    ssize_t n = recv(c->fd, in, LIMIT_TURN_READ, 0);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return;
    if (c->state == CONNECTION_LINGER) {
        if (n <= 0)
            connection_go(c);
        return; /* what comes after the end is dropped */
    }
    if (n <= 0) {
        connection_end(c, NGHTTP2_NO_ERROR, "the peer closed its socket");
        return;
    }
    c->received_us = loop_now_us(c->loop);
    tls_session_feed(c->tls, bytes_of(in, (size_t)n));
    if (c->state == CONNECTION_HANDSHAKE)
        connection_handshake(c);
    if (c->state == CONNECTION_OPEN)
        receive(c);
    connection_wake(c);
}

void connection_ready(void *arg, int events)
{
    struct grpc_connection *c = arg;
    connection_enter(c);
    if ((events & LOOP_READ) != 0)
        read_turn(c);
    if ((events & LOOP_WRITE) != 0 && c->state == CONNECTION_LINGER)
        connection_linger(c);
    else if ((events & LOOP_WRITE) != 0)
        connection_wake(c);
    connection_leave(c);
}

/* A peer made by hand: TLS as it should be, HTTP/2 frame by frame; for the tests of this folder. */
#ifndef FEDGATE_TESTS_RAW_PEER_H
#define FEDGATE_TESTS_RAW_PEER_H

#include "base/attr.h"
#include "exchange.h"
#include "net/tls_session.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <stdio.h>

struct raw {
    struct exchange *exchange;
    int fd;
    struct tls_session *tls;
    nghttp2_hd_deflater *deflater;
    nghttp2_hd_inflater *inflater;
    struct buf in; /* frames, decrypted */
    bool deaf;     /* it reads nothing */
    size_t skip;   /* bytes of the client's magic that are still to come */
    /* what came */
    bool closed;
    uint32_t goaway, reset; /* error codes; UINT32_MAX: none came */
    char goaway_text[64];
    char http_status[8], grpc_status[8], grpc_message[128];
    char fields[4096]; /* "name: value" of all, each with a line end */
    unsigned settings, pings, data_frames, headers;
    size_t data_bytes;
    uint8_t data[256]; /* the last of them */
    bool ended;        /* a DATA frame said so */
};

enum { NONE = UINT32_MAX };

static inline void raw_flush(struct raw *r)
{
    struct bytes out = tls_session_outgoing(r->tls);
    while (out.n > 0 && !r->closed) {
        ssize_t n = send(r->fd, out.p, out.n, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN)
            loop_turn(r->exchange->loop, 1000);
        else if (n < 0)
            r->closed = true;
        else
            tls_session_sent(r->tls, (size_t)n);
        out = tls_session_outgoing(r->tls);
    }
}

static inline void raw_field(struct raw *r, struct bytes name, struct bytes value)
{
    static const struct {
        const char *name;
        size_t place, room;
    } table[] = {{":status", offsetof(struct raw, http_status), 8},
                 {"grpc-status", offsetof(struct raw, grpc_status), 8},
                 {"grpc-message", offsetof(struct raw, grpc_message), 128}};
    const size_t had = strlen(r->fields);
    (void)snprintf(r->fields + had, sizeof r->fields - had, "%.*s: %.*s\n", (int)name.n,
                   (const char *)name.p, (int)value.n, (const char *)value.p);
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (bytes_is(name, table[i].name))
            (void)snprintf((char *)r + table[i].place, table[i].room, "%.*s", (int)value.n,
                           (const char *)value.p);
}

static inline void raw_headers(struct raw *r, struct bytes block)
{
    int flags = 0;
    while ((flags & NGHTTP2_HD_INFLATE_FINAL) == 0) {
        nghttp2_nv nv;
        flags = 0;
        ssize_t n = nghttp2_hd_inflate_hd2(r->inflater, &nv, &flags, block.p, block.n, 1);
        assert_true(n >= 0);
        block = bytes_of(block.p + n, block.n - (size_t)n);
        if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0)
            raw_field(r, bytes_of(nv.name, nv.namelen), bytes_of(nv.value, nv.valuelen));
    }
    nghttp2_hd_inflate_end_headers(r->inflater);
}

static inline uint32_t big_endian(struct bytes b, size_t at)
{
    return (uint32_t)b.p[at] << 24 | (uint32_t)b.p[at + 1] << 16 | (uint32_t)b.p[at + 2] << 8 |
           b.p[at + 3];
}

static inline void raw_frame(struct raw *r, uint8_t type, uint8_t flags, struct bytes payload)
{
    r->settings += type == NGHTTP2_SETTINGS && (flags & NGHTTP2_FLAG_ACK) != 0;
    r->pings += type == NGHTTP2_PING;
    r->data_frames += type == NGHTTP2_DATA;
    r->data_bytes += type == NGHTTP2_DATA ? payload.n : 0;
    r->ended = r->ended || (type == NGHTTP2_DATA && (flags & NGHTTP2_FLAG_END_STREAM) != 0);
    if (type == NGHTTP2_DATA && payload.n > 0)
        memcpy(r->data, payload.p, payload.n < sizeof r->data ? payload.n : sizeof r->data);
    r->headers += type == NGHTTP2_HEADERS;
    if (type == NGHTTP2_HEADERS)
        raw_headers(r, payload);
    if (type == NGHTTP2_RST_STREAM)
        r->reset = big_endian(payload, 0);
    if (type == NGHTTP2_GOAWAY) {
        r->goaway = big_endian(payload, 4);
        (void)snprintf(r->goaway_text, sizeof r->goaway_text, "%.*s", (int)(payload.n - 8),
                       (const char *)payload.p + 8);
    }
}

static inline void raw_parse(struct raw *r)
{
    size_t skipped = r->skip < r->in.n ? r->skip : r->in.n;
    buf_drop(&r->in, skipped);
    r->skip -= skipped;
    while (r->in.n >= 9) {
        size_t n = (size_t)r->in.p[0] << 16 | (size_t)r->in.p[1] << 8 | r->in.p[2];
        if (r->in.n < 9 + n)
            return;
        raw_frame(r, r->in.p[3], r->in.p[4], bytes_of(r->in.p + 9, n));
        buf_drop(&r->in, 9 + n);
    }
}

static inline void raw_take(struct raw *r)
{
    uint8_t plain[65536];
    size_t had;
    while (tls_session_read(r->tls, plain, sizeof plain, &had) == RESULT_OK)
        buf_put(&r->in, plain, had);
}

static inline void raw_read(struct raw *r)
{
    uint8_t wire[65536];
    ssize_t n = recv(r->fd, wire, sizeof wire, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN))
        r->closed = true;
    if (n <= 0)
        return;
    tls_session_feed(r->tls, bytes_of(wire, (size_t)n));
    raw_take(r);
    raw_parse(r);
}

static inline void raw_turn(struct raw *r)
{
    loop_turn(r->exchange->loop, 1000);
    if (!r->deaf)
        raw_read(r);
}

#define RAW_UNTIL(r, condition)                                                                    \
    do {                                                                                           \
        for (int turns_ = 0; turns_ < 20000 && !(condition); turns_++)                             \
            raw_turn(r);                                                                           \
        assert_true(condition);                                                                    \
    } while (0)

static inline int raw_connect(struct exchange *x)
{
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_port = htons(x->port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
    return fd;
}

static inline void raw_put(struct raw *r, const void *p, size_t n)
{
    if (tls_session_write(r->tls, bytes_of(p, n)) == RESULT_OK)
        raw_flush(r);
}

static inline void raw_send(struct raw *r, uint8_t type, uint8_t flags, uint32_t stream,
                            const void *p, size_t n)
{
    struct buf b = BUF_INIT(1u << 20);
    buf_u8(&b, (uint8_t)(n >> 16));
    buf_u16(&b, (uint16_t)n);
    buf_u8(&b, type);
    buf_u8(&b, flags);
    buf_u32(&b, stream);
    buf_put(&b, p, n);
    raw_put(r, b.p, b.n);
    buf_free(&b);
}

static inline struct raw *raw_over(struct exchange *x, struct tls_context *tls, int fd)
{
    struct raw *r = calloc(1, sizeof *r);
    uint8_t wire[65536];
    r->exchange = x;
    r->goaway = r->reset = NONE;
    buf_init(&r->in, 1u << 24);
    r->tls = tls_session_new(tls);
    r->fd = fd;
    assert_int_equal(nghttp2_hd_deflate_new(&r->deflater, 4096), 0);
    assert_int_equal(nghttp2_hd_inflate_new(&r->inflater), 0);
    for (int i = 0; i < 2000 && tls_session_handshake(r->tls) == RESULT_AGAIN; i++) {
        raw_flush(r);
        loop_turn(x->loop, 1000);
        ssize_t n = recv(r->fd, wire, sizeof wire, MSG_DONTWAIT);
        if (n > 0)
            tls_session_feed(r->tls, bytes_of(wire, (size_t)n));
    }
    raw_flush(r);
    assert_int_equal(tls_session_handshake(r->tls), RESULT_OK);
    raw_take(r); /* what came behind the handshake */
    return r;
}

/* A client of the exchange's gateway. */
static inline struct raw *raw_new(struct exchange *x)
{
    return raw_over(x, x->unit_tls, raw_connect(x));
}

static inline void raw_free(struct raw *r)
{
    tls_session_free(r->tls);
    (void)close(r->fd);
    nghttp2_hd_deflate_del(r->deflater);
    nghttp2_hd_inflate_del(r->inflater);
    buf_free(&r->in);
    free(r);
}

/* With HTTP/2's own greetings exchanged. */
static inline struct raw *raw_greeted(struct exchange *x)
{
    struct raw *r = raw_new(x);
    raw_put(r, NGHTTP2_CLIENT_MAGIC, NGHTTP2_CLIENT_MAGIC_LEN);
    raw_send(r, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
    RAW_UNTIL(r, r->settings == 1);
    raw_send(r, NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, NULL, 0);
    return r;
}

/* The fields of a good request, each of which a test may replace (NULL: left out); and more. */
struct request {
    const char *method, *path, *type, *te, *encoding, *timeout;
    const char *more[8][2]; /* name and value */
};

static const struct request good_request = {
    .method = "POST", .path = "/t/Echo", .type = "application/grpc", .te = "trailers"};

static inline void add_field(nghttp2_nv *nv, size_t *n, const char *name, const char *value)
{
    if (value != NULL)
        nv[(*n)++] = (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value,
                                  strlen(name), strlen(value), 0};
}

static inline size_t encode_request(struct raw *r, const struct request *q, uint8_t *out,
                                    size_t room)
{
    const char *const pair[][2] = {{":method", q->method},
                                   {":scheme", "https"},
                                   {":path", q->path},
                                   {":authority", "x"},
                                   {"content-type", q->type},
                                   {"te", q->te},
                                   {"grpc-encoding", q->encoding},
                                   {"grpc-timeout", q->timeout}};
    nghttp2_nv nv[ARRAY_LEN(pair) + ARRAY_LEN(q->more)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(pair); i++)
        add_field(nv, &n, pair[i][0], pair[i][1]);
    for (size_t i = 0; i < ARRAY_LEN(q->more); i++)
        add_field(nv, &n, q->more[i][0], q->more[i][1]);
    ssize_t used = nghttp2_hd_deflate_hd(r->deflater, out, room, nv, n);
    assert_true(used > 0);
    return (size_t)used;
}

static inline void raw_request(struct raw *r, uint32_t stream, const struct request *q,
                               uint8_t flags)
{
    uint8_t block[16384];
    size_t n = encode_request(r, q, block, sizeof block);
    raw_send(r, NGHTTP2_HEADERS, (uint8_t)(NGHTTP2_FLAG_END_HEADERS | flags), stream, block, n);
}

#endif

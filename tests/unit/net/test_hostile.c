/* Peers that break rules, written frame by frame. Each ends its own call or connection, and a good
 * neighbour notices nothing. */
#include "net/grpc.h"

#include "base/attr.h"
#include "base/limits.h"
#include "exchange.h"
#include "net/grpc_frame.h"
#include "net/tls_session.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>

/* ---- a peer made by hand */

struct raw {
    struct exchange *exchange;
    int fd;
    struct tls_session *tls;
    nghttp2_hd_deflater *deflater;
    nghttp2_hd_inflater *inflater;
    struct buf in; /* frames, decrypted */
    bool deaf;     /* it reads nothing */
    /* what came */
    bool closed;
    uint32_t goaway, reset; /* error codes; UINT32_MAX: none came */
    char goaway_text[64];
    char http_status[8], grpc_status[8], grpc_message[128];
    unsigned settings, pings, data_frames;
    size_t data_bytes;
};

enum { NONE = UINT32_MAX };

static void raw_flush(struct raw *r)
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

static void raw_field(struct raw *r, struct bytes name, struct bytes value)
{
    static const struct {
        const char *name;
        size_t place, room;
    } table[] = {{":status", offsetof(struct raw, http_status), 8},
                 {"grpc-status", offsetof(struct raw, grpc_status), 8},
                 {"grpc-message", offsetof(struct raw, grpc_message), 128}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (bytes_is(name, table[i].name))
            (void)snprintf((char *)r + table[i].place, table[i].room, "%.*s", (int)value.n,
                           (const char *)value.p);
}

static void raw_headers(struct raw *r, struct bytes block)
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

static uint32_t big_endian(struct bytes b, size_t at)
{
    return (uint32_t)b.p[at] << 24 | (uint32_t)b.p[at + 1] << 16 | (uint32_t)b.p[at + 2] << 8 |
           b.p[at + 3];
}

static void raw_frame(struct raw *r, uint8_t type, uint8_t flags, struct bytes payload)
{
    r->settings += type == NGHTTP2_SETTINGS && (flags & NGHTTP2_FLAG_ACK) != 0;
    r->pings += type == NGHTTP2_PING;
    r->data_frames += type == NGHTTP2_DATA;
    r->data_bytes += type == NGHTTP2_DATA ? payload.n : 0;
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

static void raw_parse(struct raw *r)
{
    while (r->in.n >= 9) {
        size_t n = (size_t)r->in.p[0] << 16 | (size_t)r->in.p[1] << 8 | r->in.p[2];
        if (r->in.n < 9 + n)
            return;
        raw_frame(r, r->in.p[3], r->in.p[4], bytes_of(r->in.p + 9, n));
        buf_drop(&r->in, 9 + n);
    }
}

static void raw_read(struct raw *r)
{
    uint8_t wire[65536], plain[65536];
    size_t had;
    ssize_t n = recv(r->fd, wire, sizeof wire, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN))
        r->closed = true;
    if (n <= 0)
        return;
    tls_session_feed(r->tls, bytes_of(wire, (size_t)n));
    while (tls_session_read(r->tls, plain, sizeof plain, &had) == RESULT_OK)
        buf_put(&r->in, plain, had);
    raw_parse(r);
}

static void raw_turn(struct raw *r)
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

static int raw_connect(struct exchange *x)
{
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_port = htons(x->port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
    return fd;
}

static void raw_put(struct raw *r, const void *p, size_t n)
{
    if (tls_session_write(r->tls, bytes_of(p, n)) == RESULT_OK)
        raw_flush(r);
}

static void raw_send(struct raw *r, uint8_t type, uint8_t flags, uint32_t stream, const void *p,
                     size_t n)
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

static struct raw *raw_new(struct exchange *x)
{
    struct raw *r = calloc(1, sizeof *r);
    uint8_t wire[65536];
    r->exchange = x;
    r->goaway = r->reset = NONE;
    buf_init(&r->in, 1u << 24);
    r->tls = tls_session_new(x->unit_tls);
    r->fd = raw_connect(x);
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
    return r;
}

static void raw_free(struct raw *r)
{
    tls_session_free(r->tls);
    (void)close(r->fd);
    nghttp2_hd_deflate_del(r->deflater);
    nghttp2_hd_inflate_del(r->inflater);
    buf_free(&r->in);
    free(r);
}

/* With HTTP/2's own greetings exchanged. */
static struct raw *raw_greeted(struct exchange *x)
{
    struct raw *r = raw_new(x);
    raw_put(r, NGHTTP2_CLIENT_MAGIC, NGHTTP2_CLIENT_MAGIC_LEN);
    raw_send(r, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
    RAW_UNTIL(r, r->settings == 1);
    raw_send(r, NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, NULL, 0);
    return r;
}

/* The fields of a good request, each of which a test may replace (NULL: left out). */
struct request {
    const char *method, *path, *type, *te, *encoding, *timeout;
};

static const struct request good = {"POST", "/t/Echo", "application/grpc", "trailers", NULL, NULL};

static size_t encode_request(struct raw *r, const struct request *q, uint8_t *out, size_t room)
{
    const char *const pair[][2] = {{":method", q->method},
                                   {":scheme", "https"},
                                   {":path", q->path},
                                   {":authority", "x"},
                                   {"content-type", q->type},
                                   {"te", q->te},
                                   {"grpc-encoding", q->encoding},
                                   {"grpc-timeout", q->timeout}};
    nghttp2_nv nv[ARRAY_LEN(pair)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(pair); i++)
        if (pair[i][1] != NULL)
            nv[n++] =
                (nghttp2_nv){(uint8_t *)(uintptr_t)pair[i][0], (uint8_t *)(uintptr_t)pair[i][1],
                             strlen(pair[i][0]), strlen(pair[i][1]), 0};
    ssize_t used = nghttp2_hd_deflate_hd(r->deflater, out, room, nv, n);
    assert_true(used > 0);
    return (size_t)used;
}

static void raw_request(struct raw *r, uint32_t stream, const struct request *q, uint8_t flags)
{
    uint8_t block[4096];
    size_t n = encode_request(r, q, block, sizeof block);
    raw_send(r, NGHTTP2_HEADERS, (uint8_t)(NGHTTP2_FLAG_END_HEADERS | flags), stream, block, n);
}

/* ---- the good neighbour */

static void neighbour_new(struct exchange *x, struct caller *c)
{
    x->channel = channel_new(x, x->unit_tls);
    caller_open(c, x, "/t/Echo");
    caller_say(c, "x");
    TURN_UNTIL(x, c->messages == 1);
}

static void neighbour_is_well(struct exchange *x, struct caller *c)
{
    unsigned had = c->messages;
    caller_say(c, "y");
    TURN_UNTIL(x, c->messages == had + 1);
    grpc_call_half_close(c->call);
    TURN_UNTIL(x, c->closed);
    assert_int_equal(c->status, GRPC_OK);
    assert_int_equal(x->lost, 0);
}

/* ---- before HTTP/2 */

static void who_says_nothing_is_closed_in_time(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    char byte;
    neighbour_new(x, &c);
    int fd = raw_connect(x);
    pass(x, LIMIT_HANDSHAKE - US_PER_S);
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
    pass(x, 3 * US_PER_S);
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), 0);
    (void)close(fd);
    neighbour_is_well(x, &c);
}

static void who_speaks_no_tls_is_closed(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    char answer[64];
    neighbour_new(x, &c);
    int fd = raw_connect(x);
    assert_true(send(fd, "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL) == 18);
    settle(x);
    ssize_t n;
    while ((n = recv(fd, answer, sizeof answer, MSG_DONTWAIT)) > 0)
        continue;
    assert_int_equal(n, 0);
    (void)close(fd);
    neighbour_is_well(x, &c);
}

static void who_does_not_greet_is_closed_in_time(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    neighbour_new(x, &c);
    struct raw *r = raw_new(x);
    pass(x, LIMIT_SETTINGS_ACK + 2 * US_PER_S);
    RAW_UNTIL(r, r->closed);
    assert_int_equal(r->goaway, NGHTTP2_ENHANCE_YOUR_CALM);
    assert_string_equal(r->goaway_text, "SETTINGS were not acknowledged");
    raw_free(r);
    neighbour_is_well(x, &c);
}

static void who_speaks_no_http2_is_closed(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    neighbour_new(x, &c);
    struct raw *r = raw_new(x);
    raw_put(r, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27);
    RAW_UNTIL(r, r->closed);
    raw_free(r);
    neighbour_is_well(x, &c);
}

/* ---- floods */

static void expect_calm_after(struct exchange *x, void (*flood)(struct raw *r, uint32_t i),
                              unsigned most)
{
    struct caller c;
    neighbour_new(x, &c);
    struct raw *r = raw_greeted(x);
    for (unsigned i = 0; i < most && r->goaway == NONE && !r->closed; i++) {
        flood(r, i);
        if (i % 16 == 0)
            raw_turn(r);
    }
    RAW_UNTIL(r, r->closed);
    assert_int_equal(r->goaway, NGHTTP2_ENHANCE_YOUR_CALM);
    raw_free(r);
    neighbour_is_well(x, &c);
}

static void send_ping(struct raw *r, uint32_t i)
{
    (void)i;
    raw_send(r, NGHTTP2_PING, 0, 0, "12345678", 8);
}

static void send_settings(struct raw *r, uint32_t i)
{
    (void)i;
    raw_send(r, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
}

static void send_priority(struct raw *r, uint32_t i)
{
    raw_send(r, NGHTTP2_PRIORITY, 0, 1 + 2 * (i % 50), "\0\0\0\0\1", 5);
}

static void send_window_update(struct raw *r, uint32_t i)
{
    (void)i;
    raw_send(r, NGHTTP2_WINDOW_UPDATE, 0, 0, "\0\0\0\1", 4);
}

static void send_empty_data(struct raw *r, uint32_t i)
{
    if (i == 0)
        raw_request(r, 1, &good, 0);
    raw_send(r, NGHTTP2_DATA, 0, 1, NULL, 0);
}

static void floods_of_control_frames_end_the_connection(void **state)
{
    void (*const flood[])(struct raw * r, uint32_t i) = {send_ping, send_settings, send_priority,
                                                         send_window_update, send_empty_data};
    for (size_t i = 0; i < ARRAY_LEN(flood); i++) {
        (void)gateway_only(state);
        expect_calm_after(*state, flood[i], 3 * LIMIT_GLITCHES);
        (void)exchange_end(state);
    }
}

static void probes_that_come_with_data_are_no_flood(void **state)
{
    struct exchange *x = *state;
    struct raw *r = raw_greeted(x);
    uint8_t message[GRPC_PREFIX + 4096] = {0};
    grpc_prefix(message, 4096);
    raw_request(r, 1, &(struct request){"POST", "/t/Hold", "application/grpc", NULL, NULL, NULL},
                0);
    for (unsigned i = 0; i < 3 * LIMIT_GLITCHES; i++) {
        raw_send(r, NGHTTP2_DATA, 0, 1, message, sizeof message);
        raw_send(r, NGHTTP2_PING, 0, 0, "12345678", 8);
        RAW_UNTIL(r, r->pings >= i);
    }
    RAW_UNTIL(r, x->served[0].messages == 3 * LIMIT_GLITCHES);
    assert_int_equal(r->goaway, NONE);
    raw_free(r);
}

static void rapid_resets_end_the_connection(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    struct request q = good;
    q.path = "/t/Unknown";
    neighbour_new(x, &c);
    struct raw *r = raw_greeted(x);
    for (uint32_t i = 0; i < 10 * LIMIT_RESETS && r->goaway == NONE && !r->closed; i++) {
        raw_request(r, 1 + 2 * i, &q, 0);
        raw_send(r, NGHTTP2_RST_STREAM, 0, 1 + 2 * i, "\0\0\0\10", 4);
        if (i % 8 == 0)
            raw_turn(r);
    }
    RAW_UNTIL(r, r->closed);
    assert_true(r->goaway != NONE);
    raw_free(r);
    neighbour_is_well(x, &c);
}

static void endless_continuations_end_the_connection(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    uint8_t block[4096];
    neighbour_new(x, &c);
    struct raw *r = raw_greeted(x);
    size_t n = encode_request(r, &good, block, sizeof block);
    raw_send(r, NGHTTP2_HEADERS, 0, 1, block, n);
    for (unsigned i = 0; i < 100 && !r->closed; i++) {
        raw_send(r, NGHTTP2_CONTINUATION, 0, 1, NULL, 0);
        raw_turn(r);
    }
    RAW_UNTIL(r, r->closed);
    raw_free(r);
    neighbour_is_well(x, &c);
}

/* ---- slow ones */

static void a_request_must_be_completed_in_time(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    uint8_t block[4096];
    neighbour_new(x, &c);
    struct raw *r = raw_greeted(x);
    size_t n = encode_request(r, &good, block, sizeof block);
    raw_send(r, NGHTTP2_HEADERS, 0, 1, block, n / 2);
    settle(x);
    pass(x, LIMIT_HEADERS + 2 * US_PER_S);
    RAW_UNTIL(r, r->closed);
    assert_string_equal(r->goaway_text, "a request was not completed in time");
    raw_free(r);
    neighbour_is_well(x, &c);
}

static void a_message_must_be_completed_in_time(void **state)
{
    struct exchange *x = *state;
    struct raw *r = raw_greeted(x);
    raw_request(r, 1, &good, 0);
    raw_send(r, NGHTTP2_DATA, 0, 1, "\0\0\0\0\7half", 9);
    RAW_UNTIL(r, x->calls == 1);
    settle(x);
    pass(x, LIMIT_STALL + 2 * US_PER_S);
    RAW_UNTIL(r, r->grpc_status[0] != '\0');
    assert_string_equal(r->grpc_status, "4");
    RAW_UNTIL(r, x->served[0].closed);
    raw_free(r);
}

static void who_reads_nothing_is_closed_in_time(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    struct shared *bytes = shared_new(1u << 20);
    struct request q = good;
    q.path = "/t/Quiet";
    neighbour_new(x, &c);
    struct raw *r = raw_greeted(x);
    raw_send(r, NGHTTP2_WINDOW_UPDATE, 0, 0, "\77\0\0\0", 4);
    raw_request(r, 1, &q, 0);
    raw_send(r, NGHTTP2_WINDOW_UPDATE, 0, 1, "\77\0\0\0", 4);
    RAW_UNTIL(r, x->calls == 2);
    r->deaf = true;
    for (int i = 0; i < 40; i++)
        assert_int_equal(
            grpc_call_send(x->served[1].call, bytes_of(NULL, 0), bytes, shared_view(bytes)),
            RESULT_OK);
    settle(x);
    assert_true(grpc_call_queued(x->served[1].call) > 0);
    pass(x, LIMIT_STALL + 2 * US_PER_S);
    RAW_UNTIL(r, x->served[1].closed);
    pass(x, LIMIT_LINGER + 2 * US_PER_S);
    r->deaf = false;
    RAW_UNTIL(r, r->closed);
    raw_free(r);
    shared_drop(bytes);
    neighbour_is_well(x, &c);
}

/* ---- requests that are not gRPC's */

static void expect_answer(struct exchange *x, const struct request *q, const char *http,
                          const char *grpc, const char *message)
{
    struct raw *r = raw_greeted(x);
    raw_request(r, 1, q, NGHTTP2_FLAG_END_STREAM);
    RAW_UNTIL(r, r->http_status[0] != '\0');
    assert_string_equal(r->http_status, http);
    assert_string_equal(r->grpc_status, grpc);
    assert_string_equal(r->grpc_message, message);
    assert_int_equal(r->goaway, NONE);
    assert_int_equal(x->calls, 0);
    raw_free(r);
    TURN_UNTIL(x, x->sessions_ended == x->sessions);
}

static void requests_that_are_not_grpc_get_an_answer(void **state)
{
    struct exchange *x = *state;
    struct request get = good, json = good, none = good, gzip = good, odd_time = good;
    get.method = "GET";
    json.type = "application/json";
    none.type = NULL;
    gzip.encoding = "gzip";
    odd_time.timeout = "soon";
    expect_answer(x, &get, "405", "", "");
    expect_answer(x, &json, "415", "", "");
    expect_answer(x, &none, "415", "", "");
    expect_answer(x, &gzip, "200", "12",
                  "messages are taken uncompressed only (grpc-encoding: identity)");
    expect_answer(x, &odd_time, "200", "3", "grpc-timeout is not a number with a unit");
}

static void a_request_without_te_is_tolerated(void **state)
{
    struct exchange *x = *state;
    struct request q = good;
    struct raw *r = raw_greeted(x);
    q.te = NULL;
    q.encoding = "identity";
    raw_request(r, 1, &q, NGHTTP2_FLAG_END_STREAM);
    RAW_UNTIL(r, r->grpc_status[0] != '\0');
    assert_string_equal(r->grpc_status, "0");
    raw_free(r);
}

static void too_many_fields_are_refused(void **state)
{
    struct exchange *x = *state;
    struct raw *r = raw_greeted(x);
    uint8_t block[16000];
    static char value[LIMIT_HEADER_LIST + 1];
    size_t n = encode_request(r, &good, block, sizeof block);
    memset(value, 'v', LIMIT_HEADER_LIST);
    nghttp2_nv nv = {(uint8_t[]){"x-long"}, (uint8_t *)value, 6, LIMIT_HEADER_LIST, 0};
    n += (size_t)nghttp2_hd_deflate_hd(r->deflater, block + n, sizeof block - n, &nv, 1);
    raw_send(r, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 1, block, n);
    RAW_UNTIL(r, r->http_status[0] != '\0');
    assert_string_equal(r->http_status, "431");
    assert_int_equal(x->calls, 0);
    raw_free(r);
}

static void expect_status_for_data(struct exchange *x, const char *data, size_t n, uint8_t flags,
                                   const char *status)
{
    struct raw *r = raw_greeted(x);
    raw_request(r, 1, &good, 0);
    raw_send(r, NGHTTP2_DATA, flags, 1, data, n);
    RAW_UNTIL(r, r->grpc_status[0] != '\0');
    assert_string_equal(r->grpc_status, status);
    raw_free(r);
}

static void messages_that_are_compressed_or_torn_are_internal_errors(void **state)
{
    struct exchange *x = *state;
    expect_status_for_data(x, "\1\0\0\0\1x", 6, 0, "13");
    expect_status_for_data(x, "\0\0\0\0\7half", 9, NGHTTP2_FLAG_END_STREAM, "13");
    expect_status_for_data(x, "\0\0\0", 3, NGHTTP2_FLAG_END_STREAM, "13");
    expect_status_for_data(x, "\0\0\0\0\4full", 9, NGHTTP2_FLAG_END_STREAM, "0");
}

static void data_past_the_window_ends_the_call_or_connection(void **state)
{
    struct exchange *x = *state;
    struct request q = good;
    static uint8_t piece[16384];
    x->hold = true;
    q.path = "/t/Hold";
    struct raw *r = raw_greeted(x);
    raw_request(r, 1, &q, 0);
    grpc_prefix(piece, 16379);
    for (size_t sent = 0; sent < 2 * LIMIT_STREAM_WINDOW && !r->closed && r->reset == NONE;
         sent += sizeof piece) {
        raw_send(r, NGHTTP2_DATA, 0, 1, piece, sizeof piece);
        raw_turn(r);
    }
    RAW_UNTIL(r, r->closed || r->reset == NGHTTP2_FLOW_CONTROL_ERROR);
    TURN_UNTIL(x, x->served[0].closed);
    /* The window was open until the first message was complete. */
    assert_true(x->served[0].bytes <= LIMIT_STREAM_WINDOW + sizeof piece);
    raw_free(r);
}

static void the_callers_own_deadline_is_kept(void **state)
{
    struct exchange *x = *state;
    struct request q = good;
    struct raw *r = raw_greeted(x);
    q.timeout = "2S";
    raw_request(r, 1, &q, 0);
    raw_send(r, NGHTTP2_DATA, 0, 1, "\0\0\0\0\1x", 6);
    RAW_UNTIL(r, r->data_frames == 1);
    pass(x, US_PER_S);
    assert_false(x->served[0].closed);
    pass(x, US_PER_S);
    RAW_UNTIL(r, r->grpc_status[0] != '\0');
    assert_string_equal(r->grpc_status, "4");
    RAW_UNTIL(r, x->served[0].closed);
    assert_int_equal(x->served[0].status, GRPC_DEADLINE_EXCEEDED);
    raw_free(r);
}

/* More than once: the messages go on one connection, a frame cut anywhere. */
static void frames_may_be_cut_anywhere(void **state)
{
    struct exchange *x = *state;
    struct raw *r = raw_greeted(x);
    uint8_t frame[15] = {0, 0, 6, NGHTTP2_DATA, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 'x'};
    raw_request(r, 1, &good, 0);
    for (size_t cut = 1; cut < sizeof frame; cut++) {
        raw_put(r, frame, cut);
        raw_turn(r);
        raw_put(r, frame + cut, sizeof frame - cut);
        RAW_UNTIL(r, r->data_bytes == 6 * cut);
    }
    raw_free(r);
}

static void garbage_frames_end_only_their_connection(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    uint32_t seed = 12345;
    neighbour_new(x, &c);
    for (int round = 0; round < 30; round++) {
        struct raw *r = raw_greeted(x);
        uint8_t junk[64];
        for (int k = 0; k < 20 && !r->closed; k++) {
            for (size_t i = 0; i < sizeof junk; i++)
                junk[i] = (uint8_t)((seed = seed * 1103515245 + 12345) >> 16);
            raw_send(r, (uint8_t)(junk[0] % 12), junk[1], junk[2] % 8, junk + 3, junk[3] % 60);
            raw_turn(r);
        }
        raw_free(r);
        settle(x);
    }
    neighbour_is_well(x, &c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, gateway_only, exchange_end)
        T(who_says_nothing_is_closed_in_time),
        T(who_speaks_no_tls_is_closed),
        T(who_does_not_greet_is_closed_in_time),
        T(who_speaks_no_http2_is_closed),
        cmocka_unit_test(floods_of_control_frames_end_the_connection),
        T(probes_that_come_with_data_are_no_flood),
        T(rapid_resets_end_the_connection),
        T(endless_continuations_end_the_connection),
        T(a_request_must_be_completed_in_time),
        T(a_message_must_be_completed_in_time),
        T(who_reads_nothing_is_closed_in_time),
        T(requests_that_are_not_grpc_get_an_answer),
        T(a_request_without_te_is_tolerated),
        T(too_many_fields_are_refused),
        T(messages_that_are_compressed_or_torn_are_internal_errors),
        T(data_past_the_window_ends_the_call_or_connection),
        T(the_callers_own_deadline_is_kept),
        T(frames_may_be_cut_anywhere),
        T(garbage_frames_end_only_their_connection),
#undef T
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

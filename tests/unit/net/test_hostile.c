/* Peers that break rules, written frame by frame. Each ends its own call or connection, and a good
 * neighbour notices nothing. */
#include "net/grpc.h"

#include "base/limits.h"
#include "net/grpc_frame.h"
#include "raw_peer.h"

#include <sys/resource.h>

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

/* A server that closes who begins more than two handshakes at once, and then one a second. */
static void budgeted_server(struct exchange *x, atomic_ullong *waved_off)
{
    struct grpc_server_config config = exchange_config(x);
    grpc_server_free(x->server);
    config.most_connections = 100;
    config.handshakes = (struct bucket_size){.most = 2, .a_second = 1};
    config.waved_off = waved_off;
    x->server = grpc_server_new(&config, x->gateway_tls);
}

/* The same, for IPv4 and IPv6; false where there is no IPv6. */
static bool budgeted_server_of_both(struct exchange *x)
{
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_addr = in6addr_any};
    socklen_t n = sizeof a;
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 16) != 0 ||
        getsockname(fd, (struct sockaddr *)&a, &n) != 0) {
        (void)close(fd);
        return false;
    }
    (void)close(x->listen_fd);
    x->listen_fd = fd;
    x->port = ntohs(a.sin6_port);
    budgeted_server(x, NULL);
    return true;
}

static int connect_as_ipv6(struct exchange *x, struct in6_addr to)
{
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_addr = to, .sin6_port = htons(x->port)};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

static bool is_closed(struct exchange *x, int fd)
{
    char byte;
    settle(x);
    return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

static void an_address_that_begins_too_many_handshakes_is_closed_and_waits(void **state)
{
    struct exchange *x = *state;
    atomic_ullong waved_off = 0;
    char log[4096];
    int fd[12];
    budgeted_server(x, &waved_off);
    for (size_t i = 0; i < ARRAY_LEN(fd); i++) {
        fd[i] = raw_connect(x);
        assert_int_equal(is_closed(x, fd[i]), i >= 2);
    }
    assert_int_equal(waved_off, 10);
    pass(x, US_PER_S);
    const char *text = strstr(log_text(x, log, sizeof log), "handshakes-refused count=10");
    assert_non_null(text);
    assert_null(strstr(text + 1, "handshakes-refused")); /* one line for all of them */
    x->channel = channel_new(x, x->unit_tls);            /* whoever waited is served */
    TURN_UNTIL(x, x->sessions == 1);
    for (size_t i = 0; i < ARRAY_LEN(fd); i++)
        (void)close(fd[i]);
}

/* ::1 has a budget of its own; 127.0.0.1 has one, however it is written. */
static void addresses_of_ipv6_are_counted_by_their_network(void **state)
{
    struct exchange *x = *state;
    const struct in6_addr mapped = {{{[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1}}};
    if (!budgeted_server_of_both(x))
        skip();
    int fd[] = {raw_connect(x), connect_as_ipv6(x, mapped), connect_as_ipv6(x, mapped),
                connect_as_ipv6(x, in6addr_loopback)};
    const bool is_late[] = {false, false, true, false};
    for (size_t i = 0; i < ARRAY_LEN(fd); i++) {
        if (fd[i] >= 0) /* or the machine has no ::1 */
            assert_int_equal(is_closed(x, fd[i]), is_late[i]);
        (void)close(fd[i]);
    }
}

/* The kernel completes connections that nobody can accept for lack of descriptors. */
static void connections_wait_while_there_is_no_descriptor(void **state)
{
    struct exchange *x = *state;
    struct rlimit before, low;
    char log[4096];
    int fd = raw_connect(x);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    low = before;
    low.rlim_cur = (rlim_t)fd; /* the next one would be above */
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    settle(x);
    settle(x);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    const char *text = strstr(log_text(x, log, sizeof log), "accept-paused");
    assert_non_null(text);
    assert_null(strstr(text + 1, "accept-paused")); /* it does not spin */
    (void)close(fd);
    pass(x, 2 * LIMIT_ACCEPT_PAUSE);
    x->channel = channel_new(x, x->unit_tls);
    TURN_UNTIL(x, x->sessions == 1);
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
    assert_int_equal(x->abused, 1);
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
        raw_request(r, 1, &good_request, 0);
    raw_send(r, NGHTTP2_DATA, 0, 1, NULL, 0);
}

/* Once such a frame paid for four PINGs. */
static void send_padding_and_pings(struct raw *r, uint32_t i)
{
    if (i == 0)
        raw_request(r, 1, &good_request, 0);
    raw_send(r, NGHTTP2_DATA, NGHTTP2_FLAG_PADDED, 1, "\3\0\0\0", 4);
    send_ping(r, i);
}

/* Once they cost nothing. */
static void send_unknown_frame(struct raw *r, uint32_t i)
{
    (void)i;
    raw_send(r, 0xfa, 0, 0, NULL, 0);
}

/* Once they cost nothing either, as long as the peer waited for the answers. */
static void send_call_of_nothing(struct raw *r, uint32_t i)
{
    struct request q = good_request;
    q.path = "/t/Unknown";
    raw_request(r, 1 + 2 * i, &q, NGHTTP2_FLAG_END_STREAM);
}

static void floods_of_control_frames_end_the_connection(void **state)
{
    void (*const flood[])(struct raw * r, uint32_t i) = {
        send_ping,       send_settings,          send_priority,      send_window_update,
        send_empty_data, send_padding_and_pings, send_unknown_frame, send_call_of_nothing};
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
    raw_request(r, 1,
                &(struct request){.method = "POST", .path = "/t/Hold", .type = "application/grpc"},
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
    struct request q = good_request;
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
    size_t n = encode_request(r, &good_request, block, sizeof block);
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

/* One field of 3,900 bytes goes into the table; each byte after that names it again. */
static void fields_that_unpack_without_end_end_the_connection(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    uint8_t block[16000];
    static const uint8_t name[] = {0x40, 1, 'x', 0x7f, 0xbd, 0x1d}; /* 127 + 3773 */
    neighbour_new(x, &c);
    struct raw *r = raw_greeted(x);
    memset(block, 0xbe, sizeof block); /* index 62: the table's first */
    memcpy(block, name, sizeof name);
    memset(block + sizeof name, 'z', 3900);
    raw_send(r, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, block, sizeof block);
    RAW_UNTIL(r, r->closed);
    neighbour_is_well(x, &c);
    raw_free(r);
}

static void a_request_must_be_completed_in_time(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    uint8_t block[4096];
    neighbour_new(x, &c);
    struct raw *r = raw_greeted(x);
    size_t n = encode_request(r, &good_request, block, sizeof block);
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
    raw_request(r, 1, &good_request, 0);
    raw_send(r, NGHTTP2_DATA, 0, 1, "\0\0\0\0\7half", 9);
    RAW_UNTIL(r, x->calls == 1);
    settle(x);
    pass(x, LIMIT_STALL + 2 * US_PER_S);
    RAW_UNTIL(r, r->grpc_status[0] != '\0');
    assert_string_equal(r->grpc_status, "4");
    assert_string_equal(r->grpc_message, "a message came too slowly");
    RAW_UNTIL(r, x->served[0].closed);
    raw_free(r);
}

/* So many bytes of a message in each second. */
static void trickle(struct raw *r, size_t a_second, int64_t us)
{
    static const uint8_t some[LIMIT_BODY_RATE];
    for (int64_t passed = 0; passed < us; passed += US_PER_S) {
        raw_send(r, NGHTTP2_DATA, 0, 1, some, a_second);
        settle(r->exchange);
        pass(r->exchange, US_PER_S);
    }
}

/* A byte now and then was enough once: 128 calls of a connection kept what they had for ever. */
static void a_message_that_trickles_ends_its_call(void **state)
{
    struct exchange *x = *state;
    struct raw *r = raw_greeted(x);
    raw_request(r, 1, &good_request, 0);
    raw_send(r, NGHTTP2_DATA, 0, 1, "\0\0\20\0\0", 5); /* of 1 MiB */
    RAW_UNTIL(r, x->calls == 1);
    trickle(r, LIMIT_BODY_RATE / 2, LIMIT_STALL + 4 * US_PER_S);
    RAW_UNTIL(r, r->grpc_status[0] != '\0');
    assert_string_equal(r->grpc_status, "4");
    assert_string_equal(r->grpc_message, "a message came too slowly");
    assert_int_equal(x->abused, 0); /* a bad line does the same */
    raw_free(r);
}

static void a_message_that_comes_fast_and_then_trickles_ends_its_call(void **state)
{
    struct exchange *x = *state;
    static const uint8_t much[16000];
    struct raw *r = raw_greeted(x);
    raw_request(r, 1, &good_request, 0);
    raw_send(r, NGHTTP2_DATA, 0, 1, "\0\0\20\0\0", 5);
    for (int i = 0; i < 10; i++)
        raw_send(r, NGHTTP2_DATA, 0, 1, much, sizeof much);
    RAW_UNTIL(r, x->calls == 1);
    trickle(r, 1, 2 * LIMIT_STALL + 6 * US_PER_S);
    RAW_UNTIL(r, r->grpc_status[0] != '\0');
    assert_string_equal(r->grpc_status, "4");
    raw_free(r);
}

static void a_message_may_come_at_the_rate_of_a_bad_line(void **state)
{
    struct exchange *x = *state;
    struct raw *r = raw_greeted(x);
    const uint32_t seconds = (uint32_t)(4 * LIMIT_STALL / US_PER_S), n = seconds * LIMIT_BODY_RATE;
    const uint8_t prefix[GRPC_PREFIX] = {0, 0, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
    raw_request(r, 1, &good_request, 0);
    raw_send(r, NGHTTP2_DATA, 0, 1, prefix, sizeof prefix);
    trickle(r, LIMIT_BODY_RATE, seconds * US_PER_S);
    RAW_UNTIL(r, x->served[0].messages == 1);
    assert_int_equal(x->served[0].bytes, n);
    assert_string_equal(r->grpc_status, "");
    raw_free(r);
}

static void between_messages_a_call_may_be_silent(void **state)
{
    struct exchange *x = *state;
    struct raw *r = raw_greeted(x);
    raw_request(r, 1, &good_request, 0);
    for (unsigned i = 1; i <= 3; i++) {
        raw_send(r, NGHTTP2_DATA, 0, 1, "\0\0\0\0", 4);
        settle(x);
        pass(x, LIMIT_STALL - 2 * US_PER_S);
        raw_send(r, NGHTTP2_DATA, 0, 1, "\1x", 2);
        RAW_UNTIL(r, x->served[0].messages == i);
        pass(x, 4 * LIMIT_STALL);
    }
    assert_string_equal(r->grpc_status, "");
    raw_free(r);
}

/* It was once: as long as its window was shut nothing had come, so the first look ended it. */
static void a_call_that_was_held_is_not_ended_for_the_time_that_it_was(void **state)
{
    struct exchange *x = *state;
    struct request q = good_request;
    struct raw *r = raw_greeted(x);
    q.path = "/t/Hold";
    x->hold = true;
    raw_request(r, 1, &q, 0);
    raw_send(r, NGHTTP2_DATA, 0, 1, "\0\0\0\0\1x\0\0\0\0\2y", 12);
    RAW_UNTIL(r, x->calls == 1 && x->served[0].messages == 1);
    pass(x, 2 * LIMIT_STALL);
    x->hold = false;
    grpc_call_resume(x->served[0].call);
    pass(x, LIMIT_STALL - 2 * US_PER_S);
    assert_string_equal(r->grpc_status, "");
    raw_send(r, NGHTTP2_DATA, 0, 1, "z", 1);
    RAW_UNTIL(r, x->served[0].messages == 2);
    raw_free(r);
}

static void who_reads_nothing_is_closed_in_time(void **state)
{
    struct exchange *x = *state;
    struct caller c;
    struct shared *bytes = shared_new(1u << 20);
    struct request q = good_request;
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
    assert_int_equal(x->abused, 0); /* a bad line does the same */
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
    struct request get = good_request, json = good_request, none = good_request,
                   gzip = good_request, odd_time = good_request;
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

static void a_method_that_there_is_not_is_told_which_there_are(void **state)
{
    struct exchange *x = *state;
    struct request q = good_request;
    struct raw *r = raw_greeted(x);
    q.method = "GET";
    raw_request(r, 1, &q, NGHTTP2_FLAG_END_STREAM);
    RAW_UNTIL(r, r->headers == 1);
    assert_string_equal(r->fields, ":status: 405\nallow: POST\n");
    raw_free(r);
}

static void a_request_without_te_is_tolerated(void **state)
{
    struct exchange *x = *state;
    struct request q = good_request;
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
    size_t n = encode_request(r, &good_request, block, sizeof block);
    memset(value, 'v', LIMIT_HEADER_LIST);
    nghttp2_nv nv = {(uint8_t[]){"x-long"}, (uint8_t *)value, 6, LIMIT_HEADER_LIST, 0};
    n += (size_t)nghttp2_hd_deflate_hd(r->deflater, block + n, sizeof block - n, &nv, 1);
    raw_send(r, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 1, block, n);
    RAW_UNTIL(r, r->http_status[0] != '\0');
    assert_string_equal(r->http_status, "431");
    assert_int_equal(x->calls, 0);
    raw_free(r);
}

/* The second would only have been left out; and either had the connection ended for a block of
 * fields that was not complete in time. */
static void a_malformed_request_ends_and_nothing_else(void **state)
{
    static const char *const field[][2] = {{"connection", "close"}, {"x-cr", "a\rb"}};
    struct exchange *x = *state;
    for (size_t i = 0; i < ARRAY_LEN(field); i++) {
        struct raw *r = raw_greeted(x);
        struct request q = good_request;
        q.more[0][0] = field[i][0];
        q.more[0][1] = field[i][1];
        raw_request(r, 1, &q, 0);
        RAW_UNTIL(r, r->reset != NONE);
        assert_int_equal(r->reset, NGHTTP2_PROTOCOL_ERROR);
        pass(x, 2 * LIMIT_HEADERS);
        raw_request(r, 3, &good_request, 0);
        raw_send(r, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 3, "\0\0\0\0\1x", 6);
        RAW_UNTIL(r, r->grpc_status[0] != '\0');
        assert_string_equal(r->grpc_status, "0");
        raw_free(r);
    }
}

static void expect_status_for_data(struct exchange *x, const char *data, size_t n, uint8_t flags,
                                   const char *status)
{
    struct raw *r = raw_greeted(x);
    raw_request(r, 1, &good_request, 0);
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
    struct request q = good_request;
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
    struct request q = good_request;
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
    raw_request(r, 1, &good_request, 0);
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
        T(an_address_that_begins_too_many_handshakes_is_closed_and_waits),
        T(addresses_of_ipv6_are_counted_by_their_network),
        T(connections_wait_while_there_is_no_descriptor),
        cmocka_unit_test(floods_of_control_frames_end_the_connection),
        T(probes_that_come_with_data_are_no_flood),
        T(rapid_resets_end_the_connection),
        T(endless_continuations_end_the_connection),
        T(fields_that_unpack_without_end_end_the_connection),
        T(a_request_must_be_completed_in_time),
        T(a_message_must_be_completed_in_time),
        T(a_message_that_trickles_ends_its_call),
        T(a_message_that_comes_fast_and_then_trickles_ends_its_call),
        T(a_message_may_come_at_the_rate_of_a_bad_line),
        T(between_messages_a_call_may_be_silent),
        T(a_call_that_was_held_is_not_ended_for_the_time_that_it_was),
        T(who_reads_nothing_is_closed_in_time),
        T(requests_that_are_not_grpc_get_an_answer),
        T(a_method_that_there_is_not_is_told_which_there_are),
        T(a_request_without_te_is_tolerated),
        T(too_many_fields_are_refused),
        T(a_malformed_request_ends_and_nothing_else),
        T(messages_that_are_compressed_or_torn_are_internal_errors),
        T(data_past_the_window_ends_the_call_or_connection),
        T(the_callers_own_deadline_is_kept),
        T(frames_may_be_cut_anywhere),
        T(garbage_frames_end_only_their_connection),
#undef T
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

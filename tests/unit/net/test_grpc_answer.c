/* The client against servers that answer oddly, written frame by frame. */
#include "net/grpc.h"

#include "base/limits.h"
#include "raw_peer.h"

struct field {
    const char *name, *value;
};

/* A gateway by hand, whom the exchange's channel has connected to, with one call of it open. */
struct odd {
    struct raw *raw;
    struct caller caller;
    uint16_t port;
    int listen_fd;
};

static void odd_new(struct odd *o, struct exchange *x)
{
    int fd;
    *o = (struct odd){.port = x->port};
    o->listen_fd = listen_here(&x->port);
    x->channel = channel_new(x, x->unit_tls);
    while ((fd = accept(o->listen_fd, NULL, NULL)) < 0)
        turn(x);
    caller_open(&o->caller, x, "/t/Odd");
    o->raw = raw_over(x, x->gateway_tls, fd);
    o->raw->skip = NGHTTP2_CLIENT_MAGIC_LEN;
    raw_send(o->raw, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
    RAW_UNTIL(o->raw, o->raw->headers == 1 && o->raw->settings == 1);
    raw_send(o->raw, NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, NULL, 0);
}

static void odd_end(struct odd *o, struct exchange *x)
{
    raw_free(o->raw);
    grpc_channel_free(x->channel);
    x->channel = NULL;
    (void)close(o->listen_fd);
    x->port = o->port;
}

/* A block of fields, up to the first without a name. */
static void put_fields(struct odd *o, const struct field *f, uint8_t flags)
{
    uint8_t block[8192];
    nghttp2_nv nv[8];
    size_t n = 0;
    for (; f[n].name != NULL; n++)
        nv[n] = (nghttp2_nv){(uint8_t *)(uintptr_t)f[n].name, (uint8_t *)(uintptr_t)f[n].value,
                             strlen(f[n].name), strlen(f[n].value), 0};
    ssize_t used = nghttp2_hd_deflate_hd(o->raw->deflater, block, sizeof block, nv, n);
    assert_true(used > 0);
    raw_send(o->raw, NGHTTP2_HEADERS, (uint8_t)(NGHTTP2_FLAG_END_HEADERS | flags), 1, block,
             (size_t)used);
}

static const struct field good[] = {
    {":status", "200"}, {"content-type", "application/grpc"}, {NULL, NULL}};
static const struct field done[] = {{"grpc-status", "0"}, {NULL, NULL}};

static void expect_end(struct odd *o, enum grpc_status status, const char *text)
{
    RAW_UNTIL(o->raw, o->caller.closed);
    assert_int_equal(o->caller.status, status);
    assert_string_equal(o->caller.text, text);
}

/* The server answers with these fields alone. */
static void expect_status(struct exchange *x, const struct field *f, enum grpc_status status,
                          const char *text)
{
    struct odd o;
    odd_new(&o, x);
    put_fields(&o, f, NGHTTP2_FLAG_END_STREAM);
    expect_end(&o, status, text);
    odd_end(&o, x);
}

static void answers_in_plain_http_become_statuses(void **state)
{
    static const struct {
        const char *http;
        enum grpc_status status;
    } row[] = {{"404", GRPC_UNIMPLEMENTED}, {"503", GRPC_UNAVAILABLE}, {"500", GRPC_UNKNOWN}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++)
        expect_status(*state, (struct field[]){{":status", row[i].http}, {NULL, NULL}},
                      row[i].status, "the server answers in plain HTTP");
    expect_status(*state,
                  (struct field[]){{":status", "200"}, {"content-type", "text/html"}, {NULL, NULL}},
                  GRPC_UNKNOWN, "the answer is not application/grpc");
    expect_status(*state, good, GRPC_UNKNOWN, "the server ended the call without a status");
}

static void statuses_and_texts_are_read_with_care(void **state)
{
    static char longest[3 * LIMIT_GRPC_TEXT];
    struct field f[] = {{":status", "200"},
                        {"content-type", "application/grpc+proto"},
                        {"grpc-status", "7"},
                        {"grpc-message", "no %EA%B1%B0%EB%B6%80 %zz%"},
                        {NULL, NULL}};
    expect_status(*state, f, GRPC_PERMISSION_DENIED, "no 거부 %zz%");
    f[2].value = "99";
    f[3].value = "";
    expect_status(*state, f, GRPC_UNKNOWN, "");
    f[2].value = "x";
    expect_status(*state, f, GRPC_UNKNOWN, "");
    struct odd o;
    memset(longest, 'm', sizeof longest - 1);
    f[2].value = "5";
    f[3].value = longest;
    odd_new(&o, *state);
    put_fields(&o, f, NGHTTP2_FLAG_END_STREAM);
    RAW_UNTIL(o.raw, o.caller.closed);
    assert_int_equal(o.caller.status, GRPC_NOT_FOUND);
    odd_end(&o, *state);
}

static void a_compressed_answer_is_an_internal_error(void **state)
{
    expect_status(*state,
                  (struct field[]){{":status", "200"},
                                   {"content-type", "application/grpc"},
                                   {"grpc-encoding", "gzip"},
                                   {NULL, NULL}},
                  GRPC_INTERNAL, "the answer is compressed, which nobody asked for");
}

static void interim_answers_are_passed_over(void **state)
{
    struct exchange *x = *state;
    struct odd o;
    odd_new(&o, x);
    put_fields(&o, (struct field[]){{":status", "103"}, {NULL, NULL}}, 0);
    put_fields(&o, good, 0);
    raw_send(o.raw, NGHTTP2_DATA, 0, 1, "\0\0\0\0\1x", 6);
    put_fields(&o, done, NGHTTP2_FLAG_END_STREAM);
    expect_end(&o, GRPC_OK, "");
    assert_int_equal(o.caller.messages, 1);
    odd_end(&o, x);
}

static void a_torn_answer_is_no_success(void **state)
{
    struct exchange *x = *state;
    struct odd o;
    odd_new(&o, x);
    put_fields(&o, good, 0);
    raw_send(o.raw, NGHTTP2_DATA, 0, 1, "\0\0\0\0\7half", 9);
    put_fields(&o, done, NGHTTP2_FLAG_END_STREAM);
    expect_end(&o, GRPC_INTERNAL, "the answer ends inside a message");
    odd_end(&o, x);
}

static void a_reset_call_tells_why(void **state)
{
    static const struct {
        const char *code;
        enum grpc_status status;
    } row[] = {{"\0\0\0\7", GRPC_UNAVAILABLE}, /* REFUSED_STREAM */
               {"\0\0\0\10", GRPC_CANCELLED},
               {"\0\0\0\13", GRPC_RESOURCE_EXHAUSTED}, /* ENHANCE_YOUR_CALM */
               {"\0\0\0\1", GRPC_INTERNAL}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct odd o;
        odd_new(&o, *state);
        raw_send(o.raw, NGHTTP2_RST_STREAM, 0, 1, row[i].code, 4);
        RAW_UNTIL(o.raw, o.caller.closed);
        assert_int_equal(o.caller.status, row[i].status);
        odd_end(&o, *state);
    }
}

static void a_goaway_ends_the_calls_that_it_does_not_cover(void **state)
{
    struct exchange *x = *state;
    struct odd o;
    odd_new(&o, x);
    raw_send(o.raw, NGHTTP2_GOAWAY, 0, 0, "\0\0\0\0\0\0\0\0bye", 11);
    RAW_UNTIL(o.raw, o.caller.closed && x->lost == 1);
    assert_int_equal(o.caller.status, GRPC_UNAVAILABLE);
    assert_string_equal(x->why, "the peer said GOAWAY");
    odd_end(&o, x);
}

static void a_server_that_breaks_http2_is_left(void **state)
{
    struct exchange *x = *state;
    struct odd o;
    odd_new(&o, x);
    raw_send(o.raw, NGHTTP2_DATA, 0, 0, "x", 1); /* DATA on no stream */
    RAW_UNTIL(o.raw, o.caller.closed && x->lost == 1);
    assert_int_equal(o.caller.status, GRPC_UNAVAILABLE);
    odd_end(&o, x);
}

static void a_server_that_fell_silent_is_left(void **state)
{
    struct exchange *x = *state;
    struct odd o;
    odd_new(&o, x);
    put_fields(&o, good, 0);
    pass(x, LIMIT_PING_AFTER + US_PER_S);
    assert_int_equal(x->lost, 0);
    pass(x, LIMIT_PING_ANSWER + 2 * US_PER_S); /* the PING is not answered */
    assert_int_equal(x->lost, 1);
    assert_string_equal(x->why, "no answer to a PING");
    assert_int_equal(o.caller.status, GRPC_UNAVAILABLE);
    odd_end(&o, x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, gateway_only, exchange_end)
        T(answers_in_plain_http_become_statuses),
        T(statuses_and_texts_are_read_with_care),
        T(a_compressed_answer_is_an_internal_error),
        T(interim_answers_are_passed_over),
        T(a_torn_answer_is_no_success),
        T(a_reset_call_tells_why),
        T(a_goaway_ends_the_calls_that_it_does_not_cover),
        T(a_server_that_breaks_http2_is_left),
        T(a_server_that_fell_silent_is_left),
#undef T
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

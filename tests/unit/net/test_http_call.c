/* Plain HTTP beside gRPC: requests with bodies, answers that come in pieces, and what peers do to
 * both. */
#include "net/grpc.h"

#include "base/limits.h"
#include "raw_peer.h"

enum { BODY_MOST = 1000 };

/* What the application does with a request, and what it saw of the last one. */
static enum { LATER, AT_ONCE, BEGINS, REFUSES, BEGINS_AND_REFUSES, HOLDS, MALFORMED } habit;
static struct visit {
    struct grpc_call *call;
    unsigned opened, pieces, writable;
    char method[8], path[64], cookie[64], type[64];
    uint64_t length;
    bool has_length, half_closed, closed;
    size_t body_bytes;
    char body[64]; /* the first of it */
    enum grpc_status status;
    char text[64];
} last;

static const struct http_head page = {.status = 200, .type = "text/html", .caching = "no-store"};

static struct bytes text(const char *t)
{
    return bytes_of_text(t);
}

static void put(const char *piece)
{
    assert_int_equal(grpc_call_answer_put(last.call, text(piece)), RESULT_OK);
}

static void *visit(void *session, struct grpc_call *call, const struct http_request *r)
{
    (void)session;
    last = (struct visit){.call = call, .opened = last.opened + 1};
    (void)snprintf(last.method, sizeof last.method, "%s", r->method);
    (void)snprintf(last.path, sizeof last.path, "%s", r->path);
    (void)snprintf(last.cookie, sizeof last.cookie, "%s", r->cookie);
    (void)snprintf(last.type, sizeof last.type, "%s", r->type);
    last.has_length = r->has_length;
    last.length = r->length;
    if (habit == AT_ONCE)
        grpc_call_answer(call, 200, "text/plain", "no-store", text("at once"));
    if (habit == BEGINS || habit == BEGINS_AND_REFUSES)
        grpc_call_answer_begin(call, &page);
    return habit == REFUSES || habit == BEGINS_AND_REFUSES ? NULL : &last;
}

static enum result take_piece(void *arg, struct shared *owner, struct bytes piece)
{
    struct visit *v = arg;
    assert_null(owner);
    assert_false(v->half_closed);
    for (size_t i = 0; i < piece.n && v->body_bytes + i + 1 < sizeof v->body; i++)
        v->body[v->body_bytes + i] = (char)piece.p[i];
    v->body_bytes += piece.n;
    v->pieces++;
    return habit == HOLDS ? RESULT_AGAIN : habit == MALFORMED ? RESULT_MALFORMED : RESULT_OK;
}

static void take_end(void *arg)
{
    ((struct visit *)arg)->half_closed = true;
}

static void take_writable(void *arg)
{
    ((struct visit *)arg)->writable++;
}

static void take_closed(void *arg, enum grpc_status status, const char *why)
{
    struct visit *v = arg;
    assert_false(v->closed);
    v->closed = true;
    v->call = NULL;
    v->status = status;
    (void)snprintf(v->text, sizeof v->text, "%s", why);
}

static const struct grpc_call_events visit_events = {take_piece, take_end, take_writable,
                                                     take_closed, NULL};

static int start(void **state)
{
    assert_int_equal(gateway_only(state), 0);
    struct exchange *x = *state;
    struct grpc_server_config config = exchange_config(x);
    last = (struct visit){0};
    habit = LATER;
    config.request = visit;
    config.request_events = &visit_events;
    config.request_largest = BODY_MOST;
    grpc_server_free(x->server);
    x->server = grpc_server_new(&config, x->gateway_tls);
    return 0;
}

static struct raw *ask(struct exchange *x, const struct request *q, uint8_t flags)
{
    struct raw *r = raw_greeted(x);
    raw_request(r, 1, q, flags);
    settle(x);
    return r;
}

static const struct request get = {.method = "GET", .path = "/live?since=1"};
static const struct request head = {.method = "HEAD", .path = "/live"};
static const struct request post = {.method = "POST", .path = "/reason", .type = "text/plain"};
enum { WHOLE = NGHTTP2_FLAG_END_STREAM };

static void send_data(struct raw *r, const char *data, uint8_t flags)
{
    raw_send(r, NGHTTP2_DATA, flags, 1, data, strlen(data));
    settle(r->exchange);
}

static void end(struct exchange *x, struct raw *r)
{
    raw_free(r);
    TURN_UNTIL(x, x->sessions_ended == x->sessions);
    assert_true(last.closed || last.opened == 0 || habit == REFUSES || habit == BEGINS_AND_REFUSES);
}

/* A request that is refused before anybody hears of it. */
static void expect_refusal(struct exchange *x, const struct request *q, const char *status)
{
    struct raw *r = ask(x, q, 0);
    RAW_UNTIL(r, r->http_status[0] != '\0');
    assert_string_equal(r->http_status, status);
    assert_int_equal(r->data_bytes, 0);
    assert_int_equal(last.opened, 0);
    raw_free(r);
}

/* ---------------------------------------------------------------- requests */

static void a_request_is_shown_and_answered_piece_by_piece(void **state)
{
    static const struct http_field own[] = {{"content-security-policy", "default-src 'none'"},
                                            {"set-cookie", "visit=1; Secure"}};
    struct http_head h = page;
    struct exchange *x = *state;
    struct raw *r = ask(x, &get, WHOLE);
    assert_string_equal(last.method, "GET");
    assert_string_equal(last.path, "/live?since=1");
    assert_true(last.half_closed);
    assert_string_equal(r->http_status, "");
    h.field = own;
    h.fields = ARRAY_LEN(own);
    grpc_call_answer_begin(last.call, &h);
    RAW_UNTIL(r, r->headers == 1);
    assert_string_equal(r->fields,
                        ":status: 200\ncontent-type: text/html\ncache-control: no-store\n"
                        "content-security-policy: default-src 'none'\n"
                        "set-cookie: visit=1; Secure\n");
    assert_int_equal(r->data_frames, 0);
    put("first");
    RAW_UNTIL(r, r->data_bytes == 5);
    assert_memory_equal(r->data, "first", 5);
    put("");
    put("second");
    RAW_UNTIL(r, r->data_bytes == 11);
    assert_memory_equal(r->data, "second", 6);
    assert_false(r->ended);
    grpc_call_answer_end(last.call);
    assert_int_equal(grpc_call_answer_put(last.call, text("late")), RESULT_CLOSED);
    RAW_UNTIL(r, r->ended && last.closed);
    assert_int_equal(r->data_bytes, 11);
    assert_int_equal(r->headers, 1);
    assert_int_equal(last.status, GRPC_OK);
    end(x, r);
}

static void a_body_comes_in_pieces_and_has_an_end(void **state)
{
    struct exchange *x = *state;
    struct raw *r = ask(x, &post, 0);
    assert_string_equal(last.type, "text/plain");
    assert_false(last.has_length);
    send_data(r, "why=", 0);
    assert_string_equal(last.body, "why=");
    assert_false(last.half_closed);
    send_data(r, "audit", WHOLE);
    assert_string_equal(last.body, "why=audit");
    assert_int_equal(last.pieces, 2);
    assert_true(last.half_closed);
    grpc_call_answer(last.call, 303, "", "no-store", text(""));
    RAW_UNTIL(r, last.closed && r->headers == 1);
    assert_string_equal(r->fields, ":status: 303\ncontent-length: 0\ncache-control: no-store\n");
    end(x, r);
}

static void a_body_ends_with_trailers_too(void **state)
{
    struct exchange *x = *state;
    struct raw *r = ask(x, &post, 0);
    uint8_t block[64];
    nghttp2_nv nv;
    size_t n = 0;
    send_data(r, "why", 0);
    add_field(&nv, &n, "x-sum", "1");
    ssize_t used = nghttp2_hd_deflate_hd(r->deflater, block, sizeof block, &nv, n);
    raw_send(r, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | WHOLE, 1, block, (size_t)used);
    RAW_UNTIL(r, last.half_closed);
    assert_string_equal(last.body, "why");
    end(x, r);
}

static void the_body_of_another_method_means_nothing(void **state)
{
    struct exchange *x = *state;
    struct raw *r = ask(x, &get, 0);
    send_data(r, "ignored", WHOLE);
    assert_int_equal(last.pieces, 0);
    assert_true(last.half_closed);
    grpc_call_answer(last.call, 200, "text/plain", "", text("fine"));
    RAW_UNTIL(r, r->ended && last.closed);
    end(x, r);
}

static void cookies_in_several_fields_are_one(void **state)
{
    struct request q = get;
    struct exchange *x = *state;
    q.more[0][0] = q.more[1][0] = "cookie";
    q.more[0][1] = "visit=1";
    q.more[1][1] = "lang=ko";
    struct raw *r = ask(x, &q, WHOLE);
    assert_string_equal(last.cookie, "visit=1; lang=ko");
    end(x, r);
}

static void what_is_longer_than_its_limit_is_refused(void **state)
{
    static char value[LIMIT_HTTP_FIELD + 2];
    struct request cookie = get, path = get, all = get;
    memset(value, '/', sizeof value - 1);
    cookie.more[0][0] = "cookie";
    cookie.more[0][1] = path.path = value;
    expect_refusal(*state, &cookie, "431");
    expect_refusal(*state, &path, "414");
    value[LIMIT_HTTP_FIELD - 100] = '\0';
    all.more[0][0] = "x-a";
    all.more[1][0] = "x-b";
    all.more[2][0] = "x-c";
    all.more[0][1] = all.more[1][1] = all.more[2][1] = value;
    expect_refusal(*state, &all, "431");
}

static void other_methods_are_told_which_there_are(void **state)
{
    static const char *const other[] = {"PUT",   "DELETE", "OPTIONS", "PATCH",
                                        "TRACE", "get",    "GETX"};
    struct exchange *x = *state;
    for (size_t i = 0; i < ARRAY_LEN(other); i++) {
        const struct request q = {.method = other[i], .path = "/"};
        struct raw *r = ask(x, &q, WHOLE);
        RAW_UNTIL(r, r->headers == 1);
        assert_string_equal(r->fields, ":status: 405\nallow: GET, HEAD, POST\n");
        assert_int_equal(last.opened, 0);
        end(x, r);
    }
}

static void grpc_goes_its_own_way(void **state)
{
    struct exchange *x = *state;
    struct request q = good_request;
    struct raw *r = ask(x, &q, 0);
    send_data(r, "", 0);
    raw_send(r, NGHTTP2_DATA, WHOLE, 1, "\0\0\0\0\1x", 6);
    RAW_UNTIL(r, r->grpc_status[0] != '\0');
    assert_string_equal(r->grpc_status, "0");
    assert_int_equal(r->data_bytes, 6);
    raw_free(r);
    q.path = "/t/None";
    r = ask(x, &q, WHOLE);
    RAW_UNTIL(r, r->grpc_status[0] != '\0');
    assert_string_equal(r->grpc_status, "12");
    assert_int_equal(last.opened, 0);
    end(x, r);
}

static void what_the_application_does_not_open_is_answered_or_torn(void **state)
{
    struct exchange *x = *state;
    habit = REFUSES;
    struct raw *r = ask(x, &get, WHOLE);
    RAW_UNTIL(r, r->http_status[0] != '\0');
    assert_string_equal(r->http_status, "500");
    end(x, r);
    habit = BEGINS_AND_REFUSES;
    r = ask(x, &get, WHOLE);
    RAW_UNTIL(r, r->reset != NONE);
    assert_false(r->ended);
    end(x, r);
}

/* ---------------------------------------------------------------- requests that are not sound */

static void a_body_that_is_longer_than_announced_is_malformed(void **state)
{
    struct request q = post;
    struct exchange *x = *state;
    q.more[0][0] = "content-length";
    q.more[0][1] = "4";
    struct raw *r = ask(x, &q, 0);
    assert_true(last.has_length);
    assert_int_equal(last.length, 4);
    send_data(r, "four", 0);
    send_data(r, "+", WHOLE);
    RAW_UNTIL(r, r->reset != NONE && last.closed);
    assert_int_equal(r->reset, NGHTTP2_PROTOCOL_ERROR);
    assert_int_equal(last.body_bytes, 4);
    assert_false(last.half_closed);
    assert_int_equal(last.status, GRPC_CANCELLED);
    end(x, r);
}

static void a_body_that_is_shorter_than_announced_is_malformed(void **state)
{
    struct request q = post;
    struct exchange *x = *state;
    q.more[0][0] = "content-length";
    q.more[0][1] = "4";
    struct raw *r = ask(x, &q, 0);
    send_data(r, "two", WHOLE);
    RAW_UNTIL(r, r->reset != NONE && last.closed);
    assert_int_equal(r->reset, NGHTTP2_PROTOCOL_ERROR);
    assert_false(last.half_closed);
    end(x, r);
}

static void a_body_that_is_too_large_is_refused_before_it_comes(void **state)
{
    struct request q = post;
    q.more[0][0] = "content-length";
    q.more[0][1] = "1001";
    expect_refusal(*state, &q, "413");
}

static void a_body_that_becomes_too_large_is_refused(void **state)
{
    char data[BODY_MOST + 1];
    struct exchange *x = *state;
    struct raw *r = ask(x, &post, 0);
    memset(data, 'x', BODY_MOST);
    data[BODY_MOST] = '\0';
    send_data(r, data, 0);
    assert_int_equal(last.body_bytes, BODY_MOST);
    assert_false(last.closed);
    send_data(r, "+", 0);
    send_data(r, "rest", WHOLE);
    RAW_UNTIL(r, r->http_status[0] != '\0' && last.closed);
    assert_string_equal(r->http_status, "413");
    assert_int_equal(last.body_bytes, BODY_MOST);
    assert_int_equal(last.status, GRPC_RESOURCE_EXHAUSTED);
    end(x, r);
}

static void an_answer_that_has_begun_is_torn_by_a_body_too_large(void **state)
{
    char data[BODY_MOST + 2];
    struct exchange *x = *state;
    habit = BEGINS;
    struct raw *r = ask(x, &post, 0);
    memset(data, 'x', BODY_MOST + 1);
    data[BODY_MOST + 1] = '\0';
    send_data(r, data, WHOLE);
    RAW_UNTIL(r, r->reset != NONE && last.closed);
    assert_int_equal(r->reset, NGHTTP2_CANCEL);
    assert_false(r->ended);
    assert_int_equal(last.status, GRPC_RESOURCE_EXHAUSTED);
    end(x, r);
}

static void a_body_that_the_application_cannot_read_is_a_bad_request(void **state)
{
    struct exchange *x = *state;
    habit = MALFORMED;
    struct raw *r = ask(x, &post, 0);
    send_data(r, "%zz", WHOLE);
    RAW_UNTIL(r, r->http_status[0] != '\0' && last.closed);
    assert_string_equal(r->http_status, "400");
    assert_false(last.half_closed);
    end(x, r);
}

/* The request is reset, and the connection lives: other requests on it are not at fault. */
static void expect_malformed(struct exchange *x, const char *name, const char *value)
{
    struct request q = get;
    q.more[0][0] = name;
    q.more[0][1] = value;
    struct raw *r = ask(x, &q, WHOLE);
    RAW_UNTIL(r, r->reset != NONE);
    assert_int_equal(r->reset, NGHTTP2_PROTOCOL_ERROR);
    assert_int_equal(last.opened, 0);
    pass(x, 2 * LIMIT_HEADERS);
    raw_request(r, 3, &head, WHOLE);
    RAW_UNTIL(r, last.opened == 1);
    assert_int_equal(r->goaway, NONE);
    end(x, r);
    last.opened = 0;
}

static void fields_that_nobody_may_send_make_a_request_malformed(void **state)
{
    static const char *const field[][2] = {
        {"connection", "close"}, {"transfer-encoding", "chunked"},
        {"X-Upper", "a"},        {"origin", "a\nb"},
        {"x-cr", "a\rb"},        {"x y", "a"},
        {":late", "a"},          {"content-length", "x"},
        {"origin", " a"}};
    for (size_t i = 0; i < ARRAY_LEN(field); i++)
        expect_malformed(*state, field[i][0], field[i][1]);
}

static void requests_that_come_to_nothing_are_a_flood_in_the_end(void **state)
{
    const struct request q = {.method = "PUT", .path = "/"};
    struct exchange *x = *state;
    struct raw *r = raw_greeted(x);
    for (uint32_t i = 0; i < LIMIT_GLITCHES && r->goaway == NONE; i++) {
        raw_request(r, 2 * i + 1, &q, WHOLE);
        raw_turn(r);
    }
    RAW_UNTIL(r, r->goaway != NONE);
    assert_int_equal(r->goaway, NGHTTP2_ENHANCE_YOUR_CALM);
    end(x, r);
    assert_int_equal(x->abused, 1);
}

/* ---------------------------------------------------------------- patience with requests */

/* So many bytes each second for so long, as long as the request is not answered. */
static void trickle(struct raw *r, size_t a_second, int64_t us)
{
    uint8_t data[600] = {0};
    for (int64_t passed = 0; passed < us && r->http_status[0] == '\0'; passed += US_PER_S) {
        raw_send(r, NGHTTP2_DATA, 0, 1, data, a_second);
        pass(r->exchange, US_PER_S);
        raw_turn(r);
    }
}

static void a_body_that_trickles_is_not_waited_for(void **state)
{
    struct exchange *x = *state;
    struct raw *r = ask(x, &post, 0);
    trickle(r, 10, 3 * LIMIT_STALL);
    send_data(r, "", WHOLE);
    RAW_UNTIL(r, last.closed);
    assert_string_equal(r->http_status, "408");
    assert_int_equal(last.status, GRPC_DEADLINE_EXCEEDED);
    assert_true(last.body_bytes < 500);
    end(x, r);
}

static void a_request_without_an_end_is_not_waited_for(void **state)
{
    struct exchange *x = *state;
    struct raw *r = ask(x, &get, 0);
    pass(x, LIMIT_STALL + 2 * US_PER_S);
    RAW_UNTIL(r, r->headers == 1);
    assert_string_equal(r->http_status, "408");
    send_data(r, "", WHOLE);
    RAW_UNTIL(r, last.closed);
    end(x, r);
}

static void a_body_may_come_at_the_rate_of_a_bad_line(void **state)
{
    struct exchange *x = *state;
    struct grpc_server_config config = exchange_config(x);
    config.request = visit;
    config.request_events = &visit_events;
    config.request_largest = 1u << 20;
    grpc_server_free(x->server);
    x->server = grpc_server_new(&config, x->gateway_tls);
    struct raw *r = ask(x, &post, 0);
    trickle(r, LIMIT_BODY_RATE + 20, 4 * LIMIT_STALL);
    assert_false(last.closed);
    send_data(r, "end", WHOLE);
    assert_true(last.half_closed);
    end(x, r);
}

static void a_body_is_held_and_taken_later(void **state)
{
    struct exchange *x = *state;
    habit = HOLDS;
    struct raw *r = ask(x, &post, 0);
    send_data(r, "one", 0);
    send_data(r, "two", 0);
    assert_string_equal(last.body, "one");
    pass(x, 3 * LIMIT_STALL); /* what is held is not the client's fault */
    assert_false(last.closed);
    assert_string_equal(r->http_status, "");
    send_data(r, "three", WHOLE);
    habit = LATER;
    grpc_call_resume(last.call);
    assert_string_equal(last.body, "onetwothree");
    assert_true(last.half_closed);
    end(x, r);
}

/* ---------------------------------------------------------------- answers */

static void an_answer_to_head_says_how_long_a_body_would_be(void **state)
{
    struct exchange *x = *state;
    habit = AT_ONCE;
    struct raw *r = ask(x, &head, WHOLE);
    RAW_UNTIL(r, last.closed && r->headers == 1);
    assert_string_equal(last.method, "HEAD");
    assert_string_equal(r->fields, ":status: 200\ncontent-type: text/plain\ncontent-length: 7\n"
                                   "cache-control: no-store\n");
    settle(x);
    raw_turn(r);
    assert_int_equal(r->data_frames, 0);
    assert_int_equal(last.status, GRPC_OK);
    end(x, r);
}

static void an_answer_to_head_ends_with_its_head(void **state)
{
    struct exchange *x = *state;
    struct raw *r = ask(x, &head, WHOLE);
    grpc_call_answer_begin(last.call, &page);
    assert_int_equal(grpc_call_answer_put(last.call, text("body")), RESULT_CLOSED);
    grpc_call_answer_end(last.call);
    RAW_UNTIL(r, last.closed && r->headers == 1);
    settle(x);
    raw_turn(r);
    assert_int_equal(r->data_frames, 0);
    assert_int_equal(r->reset, NONE);
    end(x, r);
}

static void statuses_that_have_no_body_get_none(void **state)
{
    static const unsigned status[] = {204, 304};
    struct exchange *x = *state;
    for (size_t i = 0; i < ARRAY_LEN(status); i++) {
        struct raw *r = ask(x, &get, WHOLE);
        grpc_call_answer(last.call, status[i], "", "", text("body"));
        RAW_UNTIL(r, last.closed && r->headers == 1);
        assert_string_equal(r->fields, status[i] == 204 ? ":status: 204\n"
                                                        : ":status: 304\ncontent-length: 4\n");
        assert_int_equal(r->data_frames, 0);
        end(x, r);
    }
}

static void expect_no_such_head(struct exchange *x, const struct http_head *h)
{
    struct raw *r = ask(x, &get, WHOLE);
    grpc_call_answer_begin(last.call, h);
    RAW_UNTIL(r, last.closed && r->headers == 1);
    assert_string_equal(r->fields, ":status: 500\ncontent-length: 0\ncache-control: no-store\n");
    assert_int_equal(last.status, GRPC_INTERNAL);
    end(x, r);
}

static void a_head_that_cannot_be_sent_is_sent_in_no_part(void **state)
{
    static const struct http_field bad[] = {{"location", "/a\r\nset-cookie: b=c"},
                                            {"location", "/a\nb"},
                                            {"location", " /a"},
                                            {":status", "200"},
                                            {"X-Upper", "a"},
                                            {"x y", "a"},
                                            {"", "a"}};
    struct http_field many[HTTP_FIELDS_MOST + 1], two[2] = {{"x-good", "a"}, {NULL, NULL}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        two[1] = bad[i];
        expect_no_such_head(*state, &(struct http_head){200, "text/html", "", two, 2});
    }
    for (size_t i = 0; i < ARRAY_LEN(many); i++)
        many[i] = two[0];
    expect_no_such_head(*state, &(struct http_head){200, "text/html", "", many, ARRAY_LEN(many)});
    expect_no_such_head(*state, &(struct http_head){100, "text/html", "", NULL, 0});
    expect_no_such_head(*state, &(struct http_head){1000, "text/html", "", NULL, 0});
    expect_no_such_head(*state, &(struct http_head){200, "text/\nhtml", "", NULL, 0});
    expect_no_such_head(*state, &(struct http_head){200, "text/html", "a\rb", NULL, 0});
}

static void a_head_has_a_bound(void **state)
{
    static char value[LIMIT_HEADER_LIST];
    const struct http_field large = {"x-large", value};
    memset(value, 'a', sizeof value - 1);
    expect_no_such_head(*state, &(struct http_head){200, "", "", &large, 1});
}

static void an_answer_is_begun_once_and_in_order(void **state)
{
    struct exchange *x = *state;
    struct raw *r = ask(x, &get, WHOLE);
    assert_int_equal(grpc_call_answer_put(last.call, text("early")), RESULT_STATE);
    grpc_call_answer_end(last.call); /* of nothing */
    assert_int_equal(grpc_call_send(last.call, text("gRPC"), NULL, bytes_of(NULL, 0)),
                     RESULT_STATE);
    grpc_call_answer_begin(last.call, &page);
    grpc_call_answer_begin(last.call, &page);
    grpc_call_answer(last.call, 404, "", "", text("other"));
    put("body");
    grpc_call_answer_end(last.call);
    RAW_UNTIL(r, r->ended);
    assert_int_equal(r->headers, 1);
    assert_int_equal(r->data_bytes, 4);
    end(x, r);
}

/* Clients are known that lose the answer when they are told to stop. */
static void who_is_answered_early_may_send_the_rest(void **state)
{
    struct exchange *x = *state;
    habit = AT_ONCE;
    struct raw *r = ask(x, &post, 0);
    RAW_UNTIL(r, r->ended);
    send_data(r, "rest", 0);
    raw_turn(r);
    assert_int_equal(r->reset, NONE);
    send_data(r, "end", WHOLE);
    RAW_UNTIL(r, last.closed);
    assert_int_equal(last.status, GRPC_OK);
    assert_int_equal(last.pieces, 0);
    assert_int_equal(r->reset, NONE);
    end(x, r);
}

static void who_is_answered_and_sends_without_end_is_stopped(void **state)
{
    struct exchange *x = *state;
    habit = AT_ONCE;
    struct raw *r = ask(x, &post, 0);
    RAW_UNTIL(r, r->ended);
    for (int64_t passed = 0; passed < LIMIT_STALL; passed += US_PER_S) {
        send_data(r, "more", 0);
        pass(x, US_PER_S);
    }
    assert_false(last.closed);
    pass(x, 2 * US_PER_S);
    RAW_UNTIL(r, r->reset != NONE && last.closed);
    assert_int_equal(r->reset, NGHTTP2_NO_ERROR);
    assert_int_equal(last.status, GRPC_OK);
    end(x, r);
}

static void an_end_for_a_reason_is_a_status_or_a_torn_answer(void **state)
{
    struct exchange *x = *state;
    struct raw *r = ask(x, &get, WHOLE);
    grpc_call_finish(last.call, GRPC_UNAVAILABLE, "later");
    RAW_UNTIL(r, last.closed && r->headers == 1);
    assert_string_equal(r->http_status, "503");
    assert_int_equal(last.status, GRPC_UNAVAILABLE);
    end(x, r);
    habit = BEGINS;
    r = ask(x, &get, WHOLE);
    put("a part");
    grpc_call_finish(last.call, GRPC_UNAVAILABLE, "later");
    RAW_UNTIL(r, last.closed && r->reset != NONE);
    assert_false(r->ended);
    assert_int_equal(last.status, GRPC_UNAVAILABLE);
    end(x, r);
}

/* ---------------------------------------------------------------- streams, and who takes them */

static void who_leaves_in_the_middle_is_told_of(void **state)
{
    struct exchange *x = *state;
    habit = BEGINS;
    struct raw *r = ask(x, &get, WHOLE);
    put("a part");
    RAW_UNTIL(r, r->data_bytes == 6);
    raw_send(r, NGHTTP2_RST_STREAM, 0, 1, "\0\0\0\10", 4);
    RAW_UNTIL(r, last.closed);
    assert_int_equal(last.status, GRPC_CANCELLED);
    end(x, r);
    r = ask(x, &get, WHOLE);
    put("a part");
    raw_free(r);
    TURN_UNTIL(x, last.closed);
    assert_int_equal(last.status, GRPC_CANCELLED);
}

static void a_stream_with_nothing_to_send_stays(void **state)
{
    struct exchange *x = *state;
    habit = BEGINS;
    struct raw *r = ask(x, &get, WHOLE);
    pass(x, 20 * LIMIT_STALL);
    assert_false(last.closed);
    put("news");
    RAW_UNTIL(r, r->data_bytes == 4);
    end(x, r);
}

static void a_stream_that_is_taken_stays(void **state)
{
    struct exchange *x = *state;
    habit = BEGINS;
    struct raw *r = ask(x, &get, WHOLE);
    for (size_t i = 1; i <= 40; i++) {
        put("data: tick\n\n");
        pass(x, LIMIT_STALL / 2);
        RAW_UNTIL(r, r->data_bytes == 12 * i);
    }
    assert_false(last.closed);
    grpc_call_answer_end(last.call);
    RAW_UNTIL(r, r->ended && last.closed);
    end(x, r);
}

/* A client whose streams' windows are shut from the beginning. */
static struct raw *ask_without_window(struct exchange *x)
{
    struct raw *r = raw_greeted(x);
    raw_send(r, NGHTTP2_SETTINGS, 0, 0, "\0\4\0\0\0\0", 6);
    raw_request(r, 1, &get, WHOLE);
    RAW_UNTIL(r, last.opened == 1);
    return r;
}

static void who_takes_nothing_is_ended(void **state)
{
    struct exchange *x = *state;
    struct raw *r = ask_without_window(x);
    grpc_call_answer_begin(last.call, &page);
    put("unwanted");
    pass(x, LIMIT_STALL - US_PER_S);
    assert_false(last.closed);
    pass(x, 3 * US_PER_S);
    assert_true(last.closed);
    assert_int_equal(last.status, GRPC_CANCELLED);
    RAW_UNTIL(r, r->reset != NONE);
    assert_int_equal(r->data_bytes, 0);
    end(x, r);
}

/* The end is an empty frame, which waits for the window as any other. */
static void who_does_not_take_the_end_is_ended(void **state)
{
    struct exchange *x = *state;
    struct raw *r = ask_without_window(x);
    grpc_call_answer_begin(last.call, &page);
    pass(x, 2 * LIMIT_STALL);
    assert_false(last.closed); /* there was nothing to take */
    grpc_call_answer_end(last.call);
    pass(x, LIMIT_STALL - US_PER_S);
    assert_false(last.closed);
    pass(x, 3 * US_PER_S);
    assert_true(last.closed);
    end(x, r);
}

static void an_opened_window_lets_the_answer_go_on(void **state)
{
    struct exchange *x = *state;
    struct raw *r = ask_without_window(x);
    grpc_call_answer_begin(last.call, &page);
    grpc_call_set_mark(last.call, 8);
    put("12345678");
    raw_send(r, NGHTTP2_WINDOW_UPDATE, 0, 1, "\0\0\0\3", 4);
    RAW_UNTIL(r, r->data_bytes == 3);
    assert_int_equal(grpc_call_queued(last.call), 5);
    assert_int_equal(last.writable, 0);
    raw_send(r, NGHTTP2_WINDOW_UPDATE, 0, 1, "\0\0\0\3", 4);
    RAW_UNTIL(r, r->data_bytes == 6);
    assert_int_equal(last.writable, 1);
    grpc_call_answer_end(last.call);
    raw_send(r, NGHTTP2_WINDOW_UPDATE, 0, 1, "\0\0\0\3", 4);
    RAW_UNTIL(r, r->ended && last.closed);
    assert_int_equal(r->data_bytes, 8);
    end(x, r);
}

static void a_large_answer_arrives_whole(void **state)
{
    enum { PIECE = 60000, PIECES = 50 };
    static char piece[PIECE];
    struct exchange *x = *state;
    habit = BEGINS;
    struct raw *r = ask(x, &get, WHOLE);
    for (unsigned i = 0; i < PIECES; i++)
        assert_int_equal(grpc_call_answer_put(last.call, bytes_of(piece, sizeof piece)), RESULT_OK);
    grpc_call_answer_end(last.call);
    while (!r->ended) {
        const size_t had = r->data_bytes;
        RAW_UNTIL(r, r->ended || r->data_bytes > had);
        const uint32_t more = htonl((uint32_t)(r->data_bytes - had));
        if (more != 0) {
            raw_send(r, NGHTTP2_WINDOW_UPDATE, 0, 0, &more, 4);
            raw_send(r, NGHTTP2_WINDOW_UPDATE, 0, 1, &more, 4);
        }
    }
    assert_int_equal(r->data_bytes, PIECE * PIECES);
    end(x, r);
}

static void the_end_of_the_server_ends_streams(void **state)
{
    struct exchange *x = *state;
    habit = BEGINS;
    struct raw *r = ask(x, &get, WHOLE);
    grpc_server_free(x->server);
    x->server = NULL;
    assert_true(last.closed);
    raw_free(r);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, exchange_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_request_is_shown_and_answered_piece_by_piece),
        T(a_body_comes_in_pieces_and_has_an_end),
        T(a_body_ends_with_trailers_too),
        T(the_body_of_another_method_means_nothing),
        T(cookies_in_several_fields_are_one),
        T(what_is_longer_than_its_limit_is_refused),
        T(other_methods_are_told_which_there_are),
        T(grpc_goes_its_own_way),
        T(what_the_application_does_not_open_is_answered_or_torn),
        T(a_body_that_is_longer_than_announced_is_malformed),
        T(a_body_that_is_shorter_than_announced_is_malformed),
        T(a_body_that_is_too_large_is_refused_before_it_comes),
        T(a_body_that_becomes_too_large_is_refused),
        T(an_answer_that_has_begun_is_torn_by_a_body_too_large),
        T(a_body_that_the_application_cannot_read_is_a_bad_request),
        T(fields_that_nobody_may_send_make_a_request_malformed),
        T(requests_that_come_to_nothing_are_a_flood_in_the_end),
        T(a_body_that_trickles_is_not_waited_for),
        T(a_request_without_an_end_is_not_waited_for),
        T(a_body_may_come_at_the_rate_of_a_bad_line),
        T(a_body_is_held_and_taken_later),
        T(an_answer_to_head_says_how_long_a_body_would_be),
        T(an_answer_to_head_ends_with_its_head),
        T(statuses_that_have_no_body_get_none),
        T(a_head_that_cannot_be_sent_is_sent_in_no_part),
        T(a_head_has_a_bound),
        T(an_answer_is_begun_once_and_in_order),
        T(who_is_answered_early_may_send_the_rest),
        T(who_is_answered_and_sends_without_end_is_stopped),
        T(an_end_for_a_reason_is_a_status_or_a_torn_answer),
        T(who_leaves_in_the_middle_is_told_of),
        T(a_stream_with_nothing_to_send_stays),
        T(a_stream_that_is_taken_stays),
        T(who_takes_nothing_is_ended),
        T(who_does_not_take_the_end_is_ended),
        T(an_opened_window_lets_the_answer_go_on),
        T(a_large_answer_arrives_whole),
        T(the_end_of_the_server_ends_streams),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

/* Plain GET beside gRPC: one answer with a body, and nothing of gRPC in it. */
#include "net/grpc.h"

#include "base/limits.h"
#include "net/grpc_frame.h"
#include "raw_peer.h"

/* What the gateway answers: a path beginning with /now at once, /never not at all, /nothing without
 * opening, all else when the request has ended. */
struct get {
    struct grpc_call *call;
    bool answered, closed;
    enum grpc_status status;
};

static struct get last;

static void answer(const char *body)
{
    grpc_call_answer(last.call, 200, "text/plain", "no-store", bytes_of_text(body));
    last.answered = true;
}

static void *get_open(void *session, struct grpc_call *call, const char *path)
{
    (void)session;
    last = (struct get){.call = call};
    if (strcmp(path, "/nothing") == 0)
        return NULL;
    if (strncmp(path, "/now", 4) == 0)
        answer("at once");
    else if (strcmp(path, "/empty") == 0)
        grpc_call_answer(call, 404, "text/plain", "", bytes_of(NULL, 0));
    return &last;
}

static enum result get_message(void *arg, struct shared *owner, struct bytes message)
{
    (void)arg;
    (void)owner;
    (void)message;
    return RESULT_MALFORMED;
}

static void get_closed(void *arg, enum grpc_status status, const char *text)
{
    struct get *g = arg;
    (void)text;
    assert_false(g->closed);
    g->closed = true;
    g->status = status;
}

static const struct grpc_call_events get_events = {get_message, NULL, NULL, get_closed, NULL};

static int start(void **state)
{
    assert_int_equal(gateway_only(state), 0);
    struct exchange *x = *state;
    last = (struct get){0};
    struct grpc_server_config config = exchange_config(x);
    config.get = get_open;
    config.get_events = &get_events;
    grpc_server_free(x->server);
    x->server = grpc_server_new(&config, x->gateway_tls);
    return 0;
}

static struct raw *get(struct exchange *x, const char *path, uint8_t flags)
{
    const struct request q = {.method = "GET", .path = path};
    struct raw *r = raw_greeted(x);
    raw_request(r, 1, &q, flags);
    return r;
}

static void end(struct exchange *x, struct raw *r)
{
    raw_free(r);
    TURN_UNTIL(x, x->sessions_ended == x->sessions);
}

static void a_get_is_answered_with_a_body_and_nothing_more(void **state)
{
    struct exchange *x = *state;
    struct raw *r = get(x, "/now", NGHTTP2_FLAG_END_STREAM);
    RAW_UNTIL(r, r->ended);
    assert_string_equal(r->http_status, "200");
    assert_string_equal(r->grpc_status, "");
    assert_int_equal(r->data_bytes, 7);
    assert_memory_equal(r->data, "at once", 7);
    assert_int_equal(r->headers, 1);
    assert_true(last.closed);
    assert_int_equal(last.status, GRPC_OK);
    end(x, r);
}

static void an_answer_may_come_later_and_without_a_body(void **state)
{
    struct exchange *x = *state;
    struct raw *r = get(x, "/later", NGHTTP2_FLAG_END_STREAM);
    RAW_UNTIL(r, last.call != NULL);
    settle(x);
    assert_string_equal(r->http_status, "");
    answer("now");
    answer("again"); /* one answer only */
    RAW_UNTIL(r, r->ended);
    assert_memory_equal(r->data, "now", 3);
    assert_int_equal(r->data_bytes, 3);
    end(x, r);
    r = get(x, "/empty", NGHTTP2_FLAG_END_STREAM);
    RAW_UNTIL(r, r->http_status[0] != '\0');
    assert_string_equal(r->http_status, "404");
    assert_int_equal(r->data_bytes, 0);
    RAW_UNTIL(r, last.closed);
    end(x, r);
}

static void who_leaves_before_the_answer_is_told(void **state)
{
    struct exchange *x = *state;
    struct raw *r = get(x, "/never", NGHTTP2_FLAG_END_STREAM);
    RAW_UNTIL(r, last.call != NULL);
    raw_send(r, NGHTTP2_RST_STREAM, 0, 1, "\0\0\0\10", 4);
    RAW_UNTIL(r, last.closed);
    assert_int_equal(last.status, GRPC_CANCELLED);
    end(x, r);
}

/* What a GET carries is no message of gRPC. */
static void a_get_with_a_body_is_not_taken_for_a_call(void **state)
{
    struct exchange *x = *state;
    struct raw *r = get(x, "/later", 0);
    RAW_UNTIL(r, last.call != NULL);
    raw_send(r, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, "\0\0\0\0\1x", 6);
    settle(x);
    answer("fine");
    RAW_UNTIL(r, r->ended || r->reset != NONE);
    RAW_UNTIL(r, last.closed);
    end(x, r);
}

static void other_methods_than_get_are_told_which_there_are(void **state)
{
    const struct request q = {.method = "HEAD", .path = "/now"};
    struct exchange *x = *state;
    struct raw *r = raw_greeted(x);
    raw_request(r, 1, &q, NGHTTP2_FLAG_END_STREAM);
    RAW_UNTIL(r, r->headers == 1);
    assert_string_equal(r->fields, ":status: 405\nallow: GET, POST\n");
    assert_null(last.call);
    end(x, r);
}

static void what_is_not_opened_or_too_long_gets_an_answer(void **state)
{
    static char path[LIMIT_GRPC_PATH + 20];
    struct exchange *x = *state;
    struct raw *r = get(x, "/nothing", NGHTTP2_FLAG_END_STREAM);
    RAW_UNTIL(r, r->http_status[0] != '\0');
    assert_string_equal(r->http_status, "500");
    end(x, r);
    memset(path, '/', sizeof path - 1);
    r = get(x, path, NGHTTP2_FLAG_END_STREAM);
    RAW_UNTIL(r, r->http_status[0] != '\0');
    assert_string_equal(r->http_status, "404");
    end(x, r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_get_is_answered_with_a_body_and_nothing_more, start,
                                        exchange_end),
        cmocka_unit_test_setup_teardown(an_answer_may_come_later_and_without_a_body, start,
                                        exchange_end),
        cmocka_unit_test_setup_teardown(who_leaves_before_the_answer_is_told, start, exchange_end),
        cmocka_unit_test_setup_teardown(a_get_with_a_body_is_not_taken_for_a_call, start,
                                        exchange_end),
        cmocka_unit_test_setup_teardown(other_methods_than_get_are_told_which_there_are, start,
                                        exchange_end),
        cmocka_unit_test_setup_teardown(what_is_not_opened_or_too_long_gets_an_answer, start,
                                        exchange_end),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

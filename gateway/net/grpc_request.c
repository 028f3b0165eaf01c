/* The server's side of a call: what a request must look like, and how an answer begins and ends.
 * (gRPC over HTTP2, "Requests" and "Responses") */
#include "net/grpc_call.h"

#include "base/limits.h"
#include "base/mem.h"
#include "net/grpc_text.h"
#include "net/http_request.h"

#include <stdio.h>

/* What is kept of a request's fields until they are complete. */
struct grpc_request {
    char path[LIMIT_GRPC_PATH + 1];
    bool is_post, is_get, is_head, is_grpc, is_encoded, path_too_long, timeout_malformed;
    int64_t timeout_us;         /* 0: none */
    struct http_fields *fields; /* NULL where nobody wants requests in plain HTTP */
};

static void take_path(struct grpc_request *r, struct bytes value)
{
    r->path_too_long = value.n > LIMIT_GRPC_PATH || memchr(value.p, 0, value.n) != NULL;
    if (!r->path_too_long)
        memcpy(r->path, value.p, value.n);
}

static void take_method(struct grpc_request *r, struct bytes value)
{
    r->is_post = bytes_is(value, "POST");
    r->is_get = bytes_is(value, "GET");
    r->is_head = bytes_is(value, "HEAD");
}

static void take_type(struct grpc_request *r, struct bytes value)
{
    r->is_grpc = grpc_is_content_type(value);
}

static void take_encoding(struct grpc_request *r, struct bytes value)
{
    r->is_encoded = !bytes_is(value, "identity");
}

static void take_timeout(struct grpc_request *r, struct bytes value)
{
    r->timeout_malformed = grpc_timeout_parse(value, &r->timeout_us) != RESULT_OK;
    if (r->timeout_us == 0)
        r->timeout_us = 1; /* already over */
}

static struct grpc_request *request_of(struct grpc_call *call)
{
    if (call->request == NULL) {
        call->request = mem_new(sizeof *call->request);
        if (call->connection->takes_http)
            call->request->fields = http_fields_new();
    }
    return call->request;
}

/* Fields that are not in this table say nothing to gRPC (metadata). */
void grpc_request_field(struct grpc_call *call, struct bytes name, struct bytes value)
{
    static const struct {
        const char *name;
        void (*take)(struct grpc_request *r, struct bytes value);
    } table[] = {{":method", take_method},
                 {":path", take_path},
                 {"content-type", take_type},
                 {"grpc-encoding", take_encoding},
                 {"grpc-timeout", take_timeout}};
    if (call->fields_seen)
        return; /* trailers of a request */
    struct grpc_request *r = request_of(call);
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (bytes_is(name, table[i].name))
            table[i].take(r, value);
    if (r->fields != NULL)
        http_fields_take(r->fields, name, value);
}

void grpc_request_free(struct grpc_request *r)
{
    if (r == NULL)
        return;
    http_fields_free(r->fields);
    mem_free(r);
}

/* ---------------------------------------------------------------- answers */

void grpc_request_submit(struct grpc_call *call, const nghttp2_nv *nv, size_t n,
                         const nghttp2_data_provider *source)
{
    if (nghttp2_submit_response(call->connection->http2, call->stream, nv, n, source) != 0)
        connection_fault(call->connection, NGHTTP2_INTERNAL_ERROR, "an answer cannot be sent");
    call->answered = true;
    connection_wake(call->connection);
}

/* The fields that every gRPC answer ends with; `number` and `text` keep their values. */
struct ending {
    char number[4];
    struct buf text;
    nghttp2_nv nv[2];
    size_t n;
};

static void make_ending(const struct grpc_call *call, struct ending *e)
{
    buf_init(&e->text, 3 * LIMIT_GRPC_TEXT + 1);
    grpc_text_encode(bytes_of_text(call->text), &e->text);
    (void)snprintf(e->number, sizeof e->number, "%u", (unsigned)call->status);
    e->nv[0] = http2_field("grpc-status", e->number);
    e->nv[1] = http2_field("grpc-message", buf_c(&e->text));
    e->n = e->text.n == 0 ? 1 : 2;
}

void grpc_request_submit_trailers(struct grpc_call *call)
{
    struct ending e;
    make_ending(call, &e);
    (void)nghttp2_submit_trailer(call->connection->http2, call->stream, e.nv, e.n);
    buf_free(&e.text);
    call->deferred = false;
}

void grpc_request_submit_status_only(struct grpc_call *call)
{
    struct ending e;
    make_ending(call, &e);
    const nghttp2_nv nv[] = {http2_field(":status", "200"),
                             http2_field("content-type", "application/grpc"),
                             http2_field("grpc-accept-encoding", "identity"), e.nv[0], e.nv[1]};
    grpc_request_submit(call, nv, ARRAY_LEN(nv) - 2 + e.n, NULL);
    buf_free(&e.text);
}

static void submit_fields(struct grpc_call *call)
{
    const nghttp2_nv nv[] = {http2_field(":status", "200"),
                             http2_field("content-type", "application/grpc"),
                             http2_field("grpc-accept-encoding", "identity")};
    nghttp2_data_provider source = grpc_call_source(call);
    grpc_request_submit(call, nv, ARRAY_LEN(nv), &source);
}

/* ---------------------------------------------------------------- refusals */

/* Whoever does not speak gRPC gets an answer in plain HTTP. */
static void refuse_http(struct grpc_call *call, unsigned http_status)
{
    char status[8];
    (void)snprintf(status, sizeof status, "%u", http_status);
    const nghttp2_nv nv = http2_field(":status", status);
    call->finished = true;
    grpc_request_submit(call, &nv, 1, NULL);
}

/* Says what there is (RFC 9110, 15.5.6). */
static void refuse_method(struct grpc_call *call, const struct grpc_server_config *config)
{
    const char *allow = config->request != NULL ? "GET, HEAD, POST"
                        : config->get != NULL   ? "GET, POST"
                                                : "POST";
    const nghttp2_nv nv[] = {http2_field(":status", "405"), http2_field("allow", allow)};
    call->finished = true;
    grpc_request_submit(call, nv, ARRAY_LEN(nv), NULL);
}

static void refuse(struct grpc_call *call, enum grpc_status status, const char *text)
{
    grpc_call_finish(call, status, text);
    grpc_request_submit_status_only(call);
}

static const struct grpc_method *find(const struct grpc_method *method, size_t methods,
                                      const char *path)
{
    for (size_t i = 0; i < methods; i++)
        if (strcmp(method[i].path, path) == 0)
            return &method[i];
    return NULL;
}

/* Whether it is plain HTTP, of the kind that the application wants to have. */
static bool is_plain(const struct grpc_request *r, const struct grpc_server_config *config)
{
    if (config->request != NULL)
        return r->is_get || r->is_head || (r->is_post && !r->is_grpc);
    return r->is_get && config->get != NULL;
}

/* True when the request was refused. */
static bool refuse_unfit(struct grpc_call *call, const struct grpc_server_config *config)
{
    const struct grpc_request *r = call->request;
    if (call->field_bytes > LIMIT_HEADER_LIST)
        refuse_http(call, 431);
    else if (is_plain(r, config))
        return false;
    else if (!r->is_post)
        refuse_method(call, config);
    else if (!r->is_grpc)
        refuse_http(call, 415);
    else if (r->is_encoded)
        refuse(call, GRPC_UNIMPLEMENTED,
               "messages are taken uncompressed only (grpc-encoding: identity)");
    else if (r->timeout_malformed)
        refuse(call, GRPC_INVALID_ARGUMENT, "grpc-timeout is not a number with a unit");
    return call->answered;
}

static void deadline_passed(void *arg)
{
    struct grpc_call *call = arg;
    const char *text = "the call's own deadline has passed";
    if (call->finished) {
        grpc_call_reset(call, GRPC_DEADLINE_EXCEEDED, text);
        return;
    }
    grpc_queue_clear(&call->queue);
    grpc_call_finish(call, GRPC_DEADLINE_EXCEEDED, text);
}

static void set_deadline(struct grpc_call *call)
{
    if (call->request->timeout_us == 0)
        return;
    call->deadline = loop_timer_new(call->connection->loop, deadline_passed, call);
    loop_timer_set(call->deadline, call->request->timeout_us);
}

/* The answer's fields go out at once: clients wait for them before they send. */
static void open_call(struct grpc_call *call, const struct grpc_method *method)
{
    grpc_deframer_init(&call->deframer, call->connection->buffers, method->largest);
    set_deadline(call);
    call->method = method;
    void *arg = method->open(call->connection->session, call);
    if (call->over) { /* ended in there, when nobody could be told yet */
        if (arg != NULL && method->events->closed != NULL)
            method->events->closed(arg, GRPC_CANCELLED, "");
        return;
    }
    call->arg = arg;
    if (arg != NULL)
        call->events = method->events;
    else if (!call->finished)
        refuse(call, GRPC_INTERNAL, "the call was not opened");
    if (call->answered || call->reset)
        return;
    if (call->finished && call->queue.bytes == 0)
        grpc_request_submit_status_only(call);
    else
        submit_fields(call);
}

/* What is shown of it; or the HTTP status of its refusal. */
static unsigned show(const struct grpc_request *r, const struct grpc_server_config *config,
                     struct http_request *out)
{
    if (config->request == NULL)
        return r->path_too_long ? 404 : 0;
    unsigned refused = http_fields_show(r->fields, out);
    return refused == 0 && out->length > config->request_largest ? 413 : refused;
}

/* Until it is answered nothing is sent: there are no fields before the status. */
static void open_plain(struct grpc_call *call, const struct grpc_server_config *config)
{
    const bool full = config->request != NULL;
    void *session = call->connection->session;
    struct http_request shown;
    const unsigned refused = show(call->request, config, &shown);
    call->plain = true;
    if (refused != 0) {
        refuse_http(call, refused);
        return;
    }
    call->is_head = call->request->is_head;
    call->takes_body = call->request->is_post;
    call->body_most = full ? config->request_largest : SIZE_MAX;
    call->looked_us = loop_now_us(call->connection->loop);
    const struct grpc_call_events *events = full ? config->request_events : config->get_events;
    void *arg = full ? config->request(session, call, &shown)
                     : config->get(session, call, call->request->path);
    if (call->over) { /* ended in there, when nobody could be told yet */
        if (arg != NULL && events->closed != NULL)
            events->closed(arg, GRPC_CANCELLED, "");
        return;
    }
    call->arg = arg;
    if (arg != NULL)
        call->events = events;
    else if (!call->finished)
        http_call_fail(call, GRPC_INTERNAL, "the call was not opened");
}

static void open_post(struct grpc_call *call, const struct grpc_server_config *config)
{
    const struct grpc_method *found =
        call->request->path_too_long ? NULL
                                     : find(config->method, config->methods, call->request->path);
    if (found == NULL)
        refuse(call, GRPC_UNIMPLEMENTED, "there is no such method");
    else
        open_call(call, found);
}

void grpc_request_done(struct grpc_call *call, const struct grpc_server_config *config)
{
    if (call->fields_seen)
        return;
    call->fields_seen = true;
    (void)request_of(call); /* a request without fields */
    if (refuse_unfit(call, config))
        return;
    if (is_plain(call->request, config))
        open_plain(call, config);
    else
        open_post(call, config);
    grpc_request_free(call->request);
    call->request = NULL;
}

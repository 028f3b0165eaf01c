/* A call in plain HTTP on the server (RFC 9110): its request's body, piece by piece, and its
 * answer, a head and then the body. The queue, windows and patience are those of every call. */
#include "net/grpc_call.h"

#include "base/limits.h"
#include "net/grpc_text.h"

#include <stdio.h>

/* ---------------------------------------------------------------- the request's body */

/* What comes with a GET or HEAD means nothing (RFC 9110, 9.3.1). */
void http_call_take(struct grpc_call *call, struct cursor *in)
{
    enum result r = RESULT_OK;
    struct bytes piece;
    if (call->finished || call->over || call->held || in->left == 0 ||
        cursor_take(in, in->left, &piece) != RESULT_OK)
        return;
    if (piece.n > call->body_most - call->body_bytes) {
        grpc_call_fail(call, GRPC_RESOURCE_EXHAUSTED, "the body is larger than its limit");
        return;
    }
    call->body_bytes += piece.n;
    if (call->takes_body && call->events->message != NULL)
        r = call->events->message(call->arg, NULL, piece);
    grpc_call_heard(call, r);
}

bool http_call_is_inside(const struct grpc_call *call)
{
    return nghttp2_session_get_stream_remote_close(call->connection->http2, call->stream) == 0;
}

/* ---------------------------------------------------------------- the answer's head */

struct head {
    nghttp2_nv nv[4 + HTTP_FIELDS_MOST];
    size_t n, bytes; /* as RFC 9113, 6.5.2 counts them */
    char status[4], length[24];
};

/* False when it cannot be sent as it is: it could not be told where it ends (RFC 9113, 8.2.1). */
static bool put(struct head *h, const char *name, const char *value)
{
    const nghttp2_nv nv = http2_field(name, value);
    if (nghttp2_check_header_value_rfc9113(nv.value, nv.valuelen) == 0 && nv.valuelen > 0)
        return false;
    h->bytes += nv.namelen + nv.valuelen + 32;
    h->nv[h->n++] = nv;
    return true;
}

static bool put_known(struct head *h, const char *name, const char *value)
{
    return value == NULL || value[0] == '\0' || put(h, name, value);
}

static bool put_own(struct head *h, const struct http_field *f)
{
    return f->name[0] != ':' &&
           nghttp2_check_header_name((const uint8_t *)f->name, strlen(f->name)) != 0 &&
           put(h, f->name, f->value);
}

/* `length` NULL: nobody knows yet. */
static bool make_head(struct head *out, const struct http_head *h, const size_t *length)
{
    out->n = out->bytes = 0;
    if (h->status < 200 || h->status > 599 || h->fields > HTTP_FIELDS_MOST)
        return false;
    (void)snprintf(out->status, sizeof out->status, "%u", h->status);
    bool good = put(out, ":status", out->status) && put_known(out, "content-type", h->type);
    if (length != NULL) {
        (void)snprintf(out->length, sizeof out->length, "%zu", *length);
        good = good && put(out, "content-length", out->length);
    }
    good = good && put_known(out, "cache-control", h->caching);
    for (size_t i = 0; good && i < h->fields; i++)
        good = put_own(out, &h->field[i]);
    return good && out->bytes <= LIMIT_HEADER_LIST;
}

/* Answers to HEAD, and these, have no body (RFC 9110, 9.3.2, 15.3.5, 15.4.5). */
static bool ends_with_head(const struct grpc_call *call, unsigned http_status)
{
    return call->is_head || http_status == 204 || http_status == 304;
}

/* Whether something of the answer is still to come. */
static bool begin(struct grpc_call *call, const struct http_head *h, const size_t *length)
{
    struct head made;
    if (!make_head(&made, h, h->status == 204 ? NULL : length)) {
        http_call_fail(call, GRPC_INTERNAL, "a field of the answer cannot be sent");
        return false;
    }
    const bool ends = ends_with_head(call, h->status) || (length != NULL && *length == 0);
    if (ends)
        grpc_call_set_end(call, GRPC_OK, NULL);
    const nghttp2_data_provider source = grpc_call_source(call);
    grpc_request_submit(call, made.nv, made.n, ends ? NULL : &source);
    return !ends;
}

static bool may_begin(const struct grpc_call *call)
{
    return call->plain && !call->over && !call->finished && !call->answered;
}

void grpc_call_answer_begin(struct grpc_call *call, const struct http_head *h)
{
    if (may_begin(call))
        (void)begin(call, h, NULL);
}

/* ---------------------------------------------------------------- its body, and its end */

enum result grpc_call_answer_put(struct grpc_call *call, struct bytes piece)
{
    if (call->over || call->no_more || call->connection->state >= CONNECTION_LINGER)
        return RESULT_CLOSED;
    if (!call->plain || !call->answered)
        return RESULT_STATE;
    if (piece.n == 0)
        return RESULT_OK;
    if (call->queue.bytes == 0)
        call->taken_us = loop_now_us(call->connection->loop);
    grpc_queue_add_plain(&call->queue, piece);
    grpc_call_more_to_send(call);
    return RESULT_OK;
}

/* The end is a DATA frame and waits for the window, as what is in front of it does. */
void grpc_call_answer_end(struct grpc_call *call)
{
    if (!call->plain || !call->answered || call->over || call->finished)
        return;
    if (call->queue.bytes == 0)
        call->taken_us = loop_now_us(call->connection->loop);
    grpc_call_set_end(call, GRPC_OK, NULL);
    grpc_call_more_to_send(call);
}

void grpc_call_answer(struct grpc_call *call, unsigned http_status, const char *type,
                      const char *caching, struct bytes body)
{
    const struct http_head h = {.status = http_status, .type = type, .caching = caching};
    if (!may_begin(call) || !begin(call, &h, &body.n))
        return;
    (void)!grpc_call_answer_put(call, body);
    grpc_call_answer_end(call);
}

void http_call_fail(struct grpc_call *call, enum grpc_status status, const char *text)
{
    if (call->answered) {
        grpc_call_reset(call, status, text);
        return;
    }
    grpc_call_answer(call, grpc_status_to_http(status), "", "no-store", bytes_of(NULL, 0));
    grpc_call_set_end(call, status, text);
}

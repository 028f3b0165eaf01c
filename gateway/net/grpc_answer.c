/* The client's side of a call: how it begins, and what the server's fields say. (gRPC over HTTP2,
 * "Requests", "Responses") */
#include "net/grpc_call.h"

#include "base/limits.h"
#include "base/mem.h"
#include "net/grpc_text.h"

struct grpc_answer {
    char http_status[4];
    bool is_grpc, is_encoded, has_status;
    enum grpc_status status;
    struct buf text; /* grpc-message, decoded */
};

struct grpc_answer *grpc_answer_new(void)
{
    struct grpc_answer *a = mem_new(sizeof *a);
    buf_init(&a->text, LIMIT_GRPC_TEXT);
    return a;
}

void grpc_answer_free(struct grpc_answer *a)
{
    if (a == NULL)
        return;
    buf_free(&a->text);
    mem_free(a);
}

struct grpc_call *grpc_answer_call(struct grpc_connection *c, const char *authority,
                                   const char *path, size_t largest_answer,
                                   const struct grpc_call_events *events, void *arg)
{
    struct grpc_call *call = grpc_call_new(c, -1);
    call->events = events;
    call->arg = arg;
    call->answer = grpc_answer_new();
    grpc_deframer_init(&call->deframer, call->connection->buffers, largest_answer);
    const nghttp2_nv nv[] = {http2_field(":method", "POST"),
                             http2_field(":scheme", "https"),
                             http2_field(":path", path),
                             http2_field(":authority", authority),
                             http2_field("te", "trailers"),
                             http2_field("content-type", "application/grpc"),
                             http2_field("grpc-accept-encoding", "identity")};
    nghttp2_data_provider source = grpc_call_source(call);
    call->stream = nghttp2_submit_request(c->http2, NULL, nv, ARRAY_LEN(nv), &source, call);
    if (call->stream < 0) { /* no stream id is left: another connection is needed */
        grpc_call_free(call);
        return NULL;
    }
    connection_wake(c);
    return call;
}

static void take_http_status(struct grpc_answer *a, struct bytes value)
{
    if (value.n == sizeof a->http_status - 1)
        memcpy(a->http_status, value.p, value.n);
}

static void take_type(struct grpc_answer *a, struct bytes value)
{
    a->is_grpc = grpc_is_content_type(value);
}

static void take_encoding(struct grpc_answer *a, struct bytes value)
{
    a->is_encoded = !bytes_is(value, "identity");
}

static void take_status(struct grpc_answer *a, struct bytes value)
{
    a->has_status = true;
    a->status = grpc_status_parse(value);
}

static void take_text(struct grpc_answer *a, struct bytes value)
{
    buf_clear(&a->text);
    grpc_text_decode(value, &a->text);
}

void grpc_answer_field(struct grpc_call *call, struct bytes name, struct bytes value)
{
    static const struct {
        const char *name;
        void (*take)(struct grpc_answer *a, struct bytes value);
    } table[] = {{":status", take_http_status},
                 {"content-type", take_type},
                 {"grpc-encoding", take_encoding},
                 {"grpc-status", take_status},
                 {"grpc-message", take_text}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (bytes_is(name, table[i].name))
            table[i].take(call->answer, value);
}

void grpc_answer_done(struct grpc_call *call)
{
    struct grpc_answer *a = call->answer;
    bool interim = a->http_status[0] == '1';
    if (call->fields_seen || interim)
        return;
    call->fields_seen = true;
    if (a->has_status)
        return;
    if (strcmp(a->http_status, "200") != 0)
        grpc_call_fail(call, grpc_status_of_http(bytes_of_text(a->http_status)),
                       "the server answers in plain HTTP");
    else if (!a->is_grpc)
        grpc_call_fail(call, GRPC_UNKNOWN, "the answer is not application/grpc");
    else if (a->is_encoded)
        grpc_call_fail(call, GRPC_INTERNAL, "the answer is compressed, which nobody asked for");
}

bool grpc_answer_status(struct grpc_call *call, enum grpc_status *status, const char **text)
{
    *status = call->answer->status;
    *text = buf_c(&call->answer->text);
    return call->answer->has_status;
}

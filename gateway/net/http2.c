/* What nghttp2 calls, and how it is set up. */
#include "net/connection.h"

#include "base/attr.h"
#include "base/limits.h"
#include "net/grpc_call.h"

#include <stdlib.h>
#include <string.h>

/* With its header such a frame fills one TLS record. */
enum { FRAME_HEADER = 9, FRAME_PAYLOAD = 16384 - FRAME_HEADER };

static struct grpc_call *call_of(nghttp2_session *session, int32_t stream)
{
    return nghttp2_session_get_stream_user_data(session, stream);
}

static bool is_plain(nghttp2_session *session, int32_t stream)
{
    const struct grpc_call *call = call_of(session, stream);
    return call != NULL && call->plain;
}

/* ---------------------------------------------------------------- in */

static int begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct grpc_connection *c = arg;
    if (c->state != CONNECTION_OPEN)
        return 0;
    c->block_us = loop_now_us(c->loop);
    c->block_bytes = 0;
    if (c->role->server && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
        struct grpc_call *call = grpc_call_new(c, frame->hd.stream_id);
        (void)nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, call);
    }
    struct grpc_call *call = call_of(session, frame->hd.stream_id);
    if (call != NULL)
        call->field_bytes = 0;
    return 0;
}

static int take_field(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                      size_t name_bytes, const uint8_t *value, size_t value_bytes, uint8_t flags,
                      void *arg)
{
    struct grpc_connection *c = arg;
    struct grpc_call *call = call_of(session, frame->hd.stream_id);
    const size_t field_bytes = name_bytes + value_bytes + 32; /* RFC 9113, 6.5.2 */
    (void)flags;
    c->block_bytes += field_bytes;
    if (c->block_bytes > LIMIT_HEADER_BLOCK) {
        connection_abuse(c, NGHTTP2_ENHANCE_YOUR_CALM, "a block of fields without end");
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
    if (call == NULL || call->over)
        return 0;
    call->field_bytes += field_bytes;
    if (call->field_bytes <= LIMIT_HEADER_LIST)
        c->role->field(call, bytes_of(name, name_bytes), bytes_of(value, value_bytes));
    return 0;
}

/* Padding is no data. */
static size_t data_bytes(const nghttp2_frame *frame)
{
    return frame->hd.length - frame->data.padlen;
}

/* What a frame costs the peer beyond the data it carries; 0: nothing. */
static unsigned glitch_points(const nghttp2_frame *frame)
{
    switch (frame->hd.type) {
    case NGHTTP2_DATA:
        return data_bytes(frame) == 0 && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0;
    case NGHTTP2_SETTINGS: return 10; /* each makes us answer, and may resize all windows */
    case NGHTTP2_RST_STREAM: return 5;
    case NGHTTP2_PING:
    case NGHTTP2_PRIORITY:
    case NGHTTP2_WINDOW_UPDATE: return 1;
    default: return 0;
    }
}

static void spend(struct grpc_connection *c, unsigned points, const char *why)
{
    if (points > 0 && !http2_budget_spend(&c->budget, loop_now_us(c->loop), points))
        connection_abuse(c, NGHTTP2_ENHANCE_YOUR_CALM, why);
}

/* A frame of a type that is none of HTTP/2's means nothing here (RFC 9113, 5.5), but is not free.
 */
static int pass_over(nghttp2_session *session, void **payload, const nghttp2_frame_hd *head,
                     void *arg)
{
    (void)session;
    (void)payload;
    (void)head;
    spend(arg, 1, "too many frames of unknown types");
    return NGHTTP2_ERR_CANCEL;
}

static void take_control(struct grpc_connection *c, const nghttp2_frame *frame)
{
    bool ack = (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0;
    if (frame->hd.type == NGHTTP2_SETTINGS && ack)
        c->settings_acked = true;
    else if (frame->hd.type == NGHTTP2_PING && ack)
        c->ping_us = 0;
    else
        spend(c, glitch_points(frame), "too many control frames");
}

static int take_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct grpc_connection *c = arg;
    bool last = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (c->state != CONNECTION_OPEN)
        return 0;
    take_control(c, frame);
    if (frame->hd.type == NGHTTP2_GOAWAY && c->role->asked_to_go != NULL)
        c->role->asked_to_go(c);
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
        return 0;
    if (frame->hd.type == NGHTTP2_HEADERS)
        c->block_us = 0;
    else
        http2_budget_earn(&c->budget, data_bytes(frame));
    struct grpc_call *call = call_of(session, frame->hd.stream_id);
    if (call == NULL || call->over)
        return 0;
    if (frame->hd.type == NGHTTP2_HEADERS)
        c->role->fields_done(call, last);
    if (last && !call->over)
        grpc_call_remote_end(call);
    return 0;
}

/* A field that nobody may send makes its block malformed (RFC 9113, 8.2.1); left to itself, nghttp2
 * would only leave it out. */
static int refuse_field(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                        size_t name_bytes, const uint8_t *value, size_t value_bytes, uint8_t flags,
                        void *arg)
{
    (void)session;
    (void)frame;
    (void)name;
    (void)name_bytes;
    (void)value;
    (void)value_bytes;
    (void)flags;
    (void)arg;
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

/* A frame against the protocol; nghttp2 resets the stream or ends the connection itself. Nobody
 * waits for the rest of such a block of fields. */
static int take_invalid_frame(nghttp2_session *session, const nghttp2_frame *frame, int error,
                              void *arg)
{
    struct grpc_connection *c = arg;
    (void)session;
    (void)error;
    if (frame->hd.type == NGHTTP2_HEADERS)
        c->block_us = 0;
    spend(c, 5, "too many frames against the protocol");
    return 0;
}

static int take_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *data,
                     size_t n, void *arg)
{
    struct grpc_connection *c = arg;
    struct grpc_call *call = call_of(session, stream);
    (void)flags;
    if (c->state == CONNECTION_OPEN && call != NULL && !call->over)
        grpc_call_receive(call, bytes_of(data, n));
    else
        (void)nghttp2_session_consume(session, stream, n);
    return 0;
}

/* A call that nobody opened costs its caller as much as one that it reset. */
static int close_stream(nghttp2_session *session, int32_t stream, uint32_t error, void *arg)
{
    struct grpc_connection *c = arg;
    struct grpc_call *call = call_of(session, stream);
    if (call == NULL || call->over)
        return 0;
    if (c->role->server && call->events == NULL)
        spend(c, 5, "too many calls that come to nothing");
    grpc_call_stream_closed(call, error);
    return 0;
}

/* ---------------------------------------------------------------- out */

static ssize_t put_frame(nghttp2_session *session, const uint8_t *data, size_t n, int flags,
                         void *arg)
{
    (void)session;
    (void)flags;
    connection_put(arg, data, n);
    return (ssize_t)n;
}

/* Decides how much of a call's queue the next DATA frame takes. The frame follows at once, in
 * put_data. */
static ssize_t offer_data(nghttp2_session *session, int32_t stream, uint8_t *buffer, size_t most,
                          uint32_t *flags, nghttp2_data_source *source, void *arg)
{
    struct grpc_connection *c = arg;
    struct grpc_call *call = source->ptr;
    (void)session;
    (void)stream;
    (void)buffer;
    if (c->state != CONNECTION_OPEN || c->produced >= LIMIT_TURN_WRITE) {
        c->paused = true;
        return NGHTTP2_ERR_PAUSE;
    }
    if (call->queue.bytes == 0 && !call->no_more) {
        call->deferred = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    size_t n = most < FRAME_PAYLOAD ? most : FRAME_PAYLOAD;
    if (call->queue.bytes <= n) {
        n = call->queue.bytes;
        if (call->no_more)
            *flags |= grpc_call_last_data(call);
    }
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    return (ssize_t)n;
}

static int put_data(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *header, size_t n,
                    nghttp2_data_source *source, void *arg)
{
    struct grpc_connection *c = arg;
    (void)session;
    (void)frame;
    connection_put(c, header, FRAME_HEADER);
    grpc_call_put(source->ptr, n);
    http2_budget_earn(&c->budget, n);
    return 0;
}

/* A server that has said everything tells a client that still sends to stop (RFC 9113, 8.1); not in
 * plain HTTP, where clients are known that lose the answer then (curl 7.88): what they send is
 * dropped, for as long as patience lasts (grpc_patience.c). Of a GOAWAY with an error that is not
 * our own farewell, nghttp2 found the reason in what came. */
static int frame_sent(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct grpc_connection *c = arg;
    int32_t stream = frame->hd.stream_id;
    if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR)
        c->abused = c->abused || (!c->closing && c->state == CONNECTION_OPEN);
    if (c->role->server && frame->hd.type == NGHTTP2_HEADERS && !is_plain(session, stream) &&
        (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 &&
        nghttp2_session_get_stream_remote_close(session, stream) == 0)
        (void)nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream, NGHTTP2_NO_ERROR);
    return 0;
}

nghttp2_data_provider grpc_call_source(struct grpc_call *call)
{
    return (nghttp2_data_provider){.source.ptr = call, .read_callback = offer_data};
}

enum result http2_receive(struct grpc_connection *c, struct bytes plain)
{
    ssize_t n = nghttp2_session_mem_recv(c->http2, plain.p, plain.n);
    return n == (ssize_t)plain.n ? RESULT_OK : RESULT_MALFORMED;
}

enum result http2_send(struct grpc_connection *c)
{
    return nghttp2_session_send(c->http2) == 0 ? RESULT_OK : RESULT_STATE;
}

void http2_farewell(struct grpc_connection *c, uint32_t http2_error, const char *why)
{
    int32_t last = nghttp2_session_get_last_proc_stream_id(c->http2);
    (void)nghttp2_submit_goaway(c->http2, NGHTTP2_FLAG_NONE, last, http2_error,
                                (const uint8_t *)why, strlen(why));
}

nghttp2_nv http2_field(const char *name, const char *value)
{
    /* nghttp2 copies both; its type just has no const. */
    return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name),
                        strlen(value), NGHTTP2_NV_FLAG_NONE};
}

/* ---------------------------------------------------------------- set-up */

static nghttp2_session_callbacks *make_callbacks(void)
{
    nghttp2_session_callbacks *b;
    if (nghttp2_session_callbacks_new(&b) != 0)
        abort(); /* out of memory */
    nghttp2_session_callbacks_set_unpack_extension_callback(b, pass_over);
    nghttp2_session_callbacks_set_on_begin_headers_callback(b, begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(b, take_field);
    nghttp2_session_callbacks_set_on_invalid_header_callback(b, refuse_field);
    nghttp2_session_callbacks_set_on_frame_recv_callback(b, take_frame);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(b, take_invalid_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(b, take_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(b, close_stream);
    nghttp2_session_callbacks_set_send_callback(b, put_frame);
    nghttp2_session_callbacks_set_send_data_callback(b, put_data);
    nghttp2_session_callbacks_set_on_frame_send_callback(b, frame_sent);
    return b;
}

static nghttp2_option *make_options(void)
{
    nghttp2_option *o;
    if (nghttp2_option_new(&o) != 0)
        abort();                                    /* out of memory */
    nghttp2_option_set_no_auto_window_update(o, 1); /* what is not taken gives no credit */
    nghttp2_option_set_no_closed_streams(o, 1);
    for (unsigned type = NGHTTP2_CONTINUATION + 1; type <= UINT8_MAX; type++)
        nghttp2_option_set_user_recv_extension_type(o, (uint8_t)type); /* for pass_over */
    nghttp2_option_set_max_continuations(o, LIMIT_CONTINUATIONS);
    nghttp2_option_set_max_settings(o, LIMIT_SETTINGS);
    nghttp2_option_set_max_outbound_ack(o, LIMIT_ACKS);
    nghttp2_option_set_stream_reset_rate_limit(o, LIMIT_RESETS, LIMIT_RESETS_A_SECOND);
    return o;
}

static void submit_settings(struct grpc_connection *c)
{
    const nghttp2_settings_entry server[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, LIMIT_CALLS},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, LIMIT_STREAM_WINDOW},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, LIMIT_HEADER_LIST}};
    const nghttp2_settings_entry client[] = {
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, LIMIT_STREAM_WINDOW},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, LIMIT_HEADER_LIST}};
    int failed = nghttp2_submit_settings(c->http2, NGHTTP2_FLAG_NONE,
                                         c->role->server ? server : client, ARRAY_LEN(server));
    failed |= nghttp2_session_set_local_window_size(c->http2, NGHTTP2_FLAG_NONE, 0,
                                                    LIMIT_CONNECTION_WINDOW);
    if (failed != 0)
        abort(); /* out of memory */
}

void http2_open(struct grpc_connection *c)
{
    nghttp2_session_callbacks *callbacks = make_callbacks();
    nghttp2_option *options = make_options();
    int failed = c->role->server ? nghttp2_session_server_new2(&c->http2, callbacks, c, options)
                                 : nghttp2_session_client_new2(&c->http2, callbacks, c, options);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_option_del(options);
    if (failed != 0)
        abort(); /* out of memory */
    submit_settings(c);
}

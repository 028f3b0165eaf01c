#include "net/grpc_call.h"

#include "base/limits.h"
#include "base/mem.h"
#include "net/grpc_text.h"

struct grpc_call *grpc_call_new(struct grpc_connection *c, int32_t stream)
{
    struct grpc_call *call = mem_new(sizeof *call);
    call->connection = c;
    call->stream = stream;
    call->taken_us = loop_now_us(c->loop);
    buf_init(&call->later, LIMIT_STREAM_WINDOW);
    LIST_INSERT_HEAD(&c->calls, call, next);
    return call;
}

void grpc_call_free(struct grpc_call *call)
{
    LIST_REMOVE(call, next);
    call->connection->kept -= call->kept;
    buf_free(&call->later);
    grpc_deframer_drop(&call->deframer);
    grpc_queue_clear(&call->queue);
    grpc_request_free(call->request);
    grpc_answer_free(call->answer);
    loop_timer_free(call->deadline);
    mem_free(call->text);
    mem_free(call);
}

void grpc_call_set_end(struct grpc_call *call, enum grpc_status status, const char *text)
{
    call->finished = true;
    call->no_more = true;
    call->status = status;
    mem_free(call->text);
    call->text = text == NULL ? NULL : mem_text(text, strnlen(text, LIMIT_GRPC_TEXT));
}

/* ---------------------------------------------------------------- out */

/* nghttp2 looks at the queue again. */
void grpc_call_more_to_send(struct grpc_call *call)
{
    if (call->deferred) {
        call->deferred = false;
        (void)nghttp2_session_resume_data(call->connection->http2, call->stream);
    }
    connection_wake(call->connection);
}

enum result grpc_call_send_tagged(struct grpc_call *call, uint64_t tag, struct bytes head,
                                  struct shared *owner, struct bytes payload)
{
    if (call->over || call->no_more || call->connection->state >= CONNECTION_LINGER)
        return RESULT_CLOSED;
    if (call->plain)
        return RESULT_STATE;
    if (payload.n > UINT32_MAX || head.n > UINT32_MAX - payload.n)
        return RESULT_TOO_LARGE;
    if (call->queue.bytes == 0)
        call->taken_us = loop_now_us(call->connection->loop);
    grpc_queue_add(&call->queue, tag, head, owner, payload);
    grpc_call_more_to_send(call);
    return RESULT_OK;
}

enum result grpc_call_send(struct grpc_call *call, struct bytes head, struct shared *owner,
                           struct bytes payload)
{
    return grpc_call_send_tagged(call, 0, head, owner, payload);
}

size_t grpc_call_queued(const struct grpc_call *call)
{
    return call->queue.bytes;
}

void grpc_call_set_mark(struct grpc_call *call, size_t bytes)
{
    call->mark = bytes;
}

void grpc_call_put(struct grpc_call *call, size_t n)
{
    size_t before = call->queue.bytes, half = call->mark / 2;
    connection_put_queued(call->connection, &call->queue, n);
    if (call->left != NULL && call->events != NULL)
        call->left(call->arg);
    call->taken_us = loop_now_us(call->connection->loop);
    if (before >= half && call->queue.bytes < half && !call->no_more && call->events != NULL &&
        call->events->writable != NULL)
        call->events->writable(call->arg);
}

uint32_t grpc_call_last_data(struct grpc_call *call)
{
    if (!call->connection->role->server)
        return NGHTTP2_DATA_FLAG_EOF;
    if (call->plain)
        return NGHTTP2_DATA_FLAG_EOF;
    grpc_request_submit_trailers(call);
    return NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
}

void grpc_call_finish(struct grpc_call *call, enum grpc_status status, const char *text)
{
    if (call->over || call->finished || !call->connection->role->server)
        return;
    if (call->plain) {
        http_call_fail(call, status, text);
        return;
    }
    grpc_call_set_end(call, status, text);
    /* Trailers need no window; DATA, even an empty one, would wait for it. */
    if (call->deferred)
        grpc_request_submit_trailers(call);
    connection_wake(call->connection);
}

static void lose_patience(void *arg)
{
    grpc_call_reset(arg, GRPC_CANCELLED, "the caller did not take what was left in time");
}

void grpc_call_finish_within(struct grpc_call *call, enum grpc_status status, const char *text,
                             int64_t within_us)
{
    grpc_call_finish(call, status, text);
    if (call->over)
        return;
    loop_timer_free(call->deadline);
    call->deadline = loop_timer_new(call->connection->loop, lose_patience, call);
    loop_timer_set(call->deadline, within_us);
}

void grpc_call_half_close(struct grpc_call *call)
{
    if (call->over || call->no_more || call->connection->role->server)
        return;
    call->no_more = true;
    grpc_call_more_to_send(call);
}

static void submit_reset(struct grpc_call *call, uint32_t http2_error)
{
    call->reset = true;
    grpc_queue_clear(&call->queue);
    (void)nghttp2_submit_rst_stream(call->connection->http2, NGHTTP2_FLAG_NONE, call->stream,
                                    http2_error);
    connection_wake(call->connection);
}

void grpc_call_reset(struct grpc_call *call, enum grpc_status status, const char *text)
{
    if (call->over || call->reset)
        return;
    grpc_call_set_end(call, status, text);
    submit_reset(call, NGHTTP2_CANCEL);
}

void grpc_call_stop(struct grpc_call *call)
{
    submit_reset(call, NGHTTP2_NO_ERROR);
}

/* nghttp2 asks a call whose queue is empty by now, and hears that it has to wait. */
size_t grpc_call_withdraw(struct grpc_call *call, bool (*gone)(void *arg, uint64_t tag), void *arg)
{
    bool torn;
    size_t count = grpc_queue_withdraw(&call->queue, gone, arg, &torn);
    if (torn) {
        grpc_call_reset(call, GRPC_CANCELLED, "what was being sent is destroyed");
        count++;
    } else if (count > 0 && call->events != NULL && call->events->withdrawn != NULL) {
        call->events->withdrawn(call->arg);
    }
    return count;
}

void grpc_call_cancel(struct grpc_call *call)
{
    grpc_call_reset(call, GRPC_CANCELLED, "cancelled on this side");
}

void grpc_call_fail(struct grpc_call *call, enum grpc_status status, const char *text)
{
    if (call->connection->role->server)
        grpc_call_finish(call, status, text);
    else if (!call->finished)
        grpc_call_reset(call, status, text);
}

/* ---------------------------------------------------------------- in */

static void consume(struct grpc_call *call, size_t n)
{
    (void)nghttp2_session_consume_stream(call->connection->http2, call->stream, n);
}

void grpc_call_heard(struct grpc_call *call, enum result r)
{
    if (r == RESULT_AGAIN)
        call->held = true;
    else if (r != RESULT_OK)
        grpc_call_fail(call, GRPC_INVALID_ARGUMENT, result_text(r));
}

static void deliver(struct grpc_call *call, struct shared *owner)
{
    enum result r = RESULT_OK;
    if (call->events->message != NULL)
        r = call->events->message(call->arg, owner, shared_view(owner));
    shared_drop(owner);
    grpc_call_heard(call, r);
}

/* Takes message after message, until one holds the call. What an application that cannot keep up
 * did not ask for yet stays in bytes: as messages, five bytes each at least, it would be a thousand
 * times larger. */
static void deframe(struct grpc_call *call, struct cursor *in)
{
    bool server = call->connection->role->server;
    while (!call->finished && !call->over && !(server && call->held)) {
        struct shared *message;
        if (!grpc_deframer_is_inside(&call->deframer))
            grpc_call_look(call, call->received_us);
        enum result r = grpc_deframer_take(&call->deframer, in, &message);
        if (r == RESULT_OK)
            deliver(call, message);
        else if (r == RESULT_TOO_LARGE)
            grpc_call_fail(call, GRPC_RESOURCE_EXHAUSTED, "a message is larger than its limit");
        else if (r == RESULT_MALFORMED)
            grpc_call_fail(call, GRPC_INTERNAL,
                           "a message is marked as compressed, without grpc-encoding");
        else
            return;
    }
}

static void take(struct grpc_call *call, struct cursor *in)
{
    if (call->plain)
        http_call_take(call, in);
    else
        deframe(call, in);
}

/* What calls keep of unfinished messages, and of those that are held, is bounded for each
 * connection. */
static void account(struct grpc_call *call)
{
    struct grpc_connection *c = call->connection;
    size_t before = call->kept, kept = call->deframer.room + call->later.n;
    c->kept = c->kept - before + kept;
    call->kept = kept;
    if (c->role->server && c->kept > LIMIT_KEPT && kept > before)
        grpc_call_fail(call, GRPC_RESOURCE_EXHAUSTED,
                       "too much of unfinished messages on this connection");
}

/* Nothing more will be taken. */
static void forget_kept(struct grpc_call *call)
{
    grpc_deframer_drop(&call->deframer);
    buf_free(&call->later);
    call->connection->kept -= call->kept;
    call->kept = 0;
}

static void take_end(struct grpc_call *call)
{
    if (grpc_deframer_is_inside(&call->deframer))
        grpc_call_fail(call, GRPC_INTERNAL, "the request ends inside a message");
    else if (call->events->half_closed != NULL)
        call->events->half_closed(call->arg);
}

static void take_later(struct grpc_call *call)
{
    struct cursor in =
        cursor_over(bytes_of(call->later.p + call->later_taken, call->later.n - call->later_taken));
    take(call, &in);
    if (call->over)
        return;
    call->later_taken = call->later.n - in.left;
    if (in.left > 0)
        return;
    buf_clear(&call->later);
    call->later_taken = 0;
    if (call->half_closed && !call->held && !call->finished && !call->over)
        take_end(call);
}

void grpc_call_hold(struct grpc_call *call)
{
    call->held = !call->over;
}

void grpc_call_resume(struct grpc_call *call)
{
    struct grpc_connection *c = call->connection;
    if (call->over || !call->held)
        return;
    connection_enter(c); /* messages are delivered in here */
    call->held = false;
    call->received_us = loop_now_us(c->loop); /* until now nothing could come */
    grpc_call_look(call, call->received_us);
    take_later(call);
    if (!call->over)
        account(call);
    if (!call->over && (!call->held || call->finished)) {
        consume(call, call->owed);
        call->owed = 0;
    }
    connection_wake(c);
    connection_leave(c);
}

void grpc_call_receive(struct grpc_call *call, struct bytes data)
{
    struct cursor in = cursor_over(data);
    call->received_us = loop_now_us(call->connection->loop);
    /* The connection's window stays open: a call that presses back holds up no other. */
    (void)nghttp2_session_consume_connection(call->connection->http2, data.n);
    if (call->events != NULL)
        take(call, &in);
    if (call->over)
        return;
    if (call->held && !call->finished)
        buf_put(&call->later, in.at, in.left);
    account(call);
    if (call->finished)
        forget_kept(call);
    if (call->held && !call->finished)
        call->owed += data.n;
    else
        consume(call, data.n);
}

void grpc_call_remote_end(struct grpc_call *call)
{
    if (!call->connection->role->server) {
        /* The answer is complete: nothing that we still send has a reader. */
        if (nghttp2_session_get_stream_local_close(call->connection->http2, call->stream) == 0)
            grpc_call_stop(call);
        return;
    }
    if (call->events == NULL || call->finished)
        return;
    if (call->held)
        call->half_closed = true;
    else
        take_end(call);
}

/* ---------------------------------------------------------------- end */

void grpc_call_over(struct grpc_call *call, enum grpc_status status, const char *text)
{
    struct grpc_connection *c = call->connection;
    if (call->over)
        return;
    call->over = true;
    LIST_REMOVE(call, next);
    LIST_INSERT_HEAD(&c->over, call, next);
    if (c->http2 != NULL)
        (void)nghttp2_session_set_stream_user_data(c->http2, call->stream, NULL);
    loop_timer_free(call->deadline);
    call->deadline = NULL;
    if (call->events != NULL && call->events->closed != NULL)
        call->events->closed(call->arg, status, text);
    grpc_queue_clear(&call->queue);
    forget_kept(call);
}

static void server_stream_closed(struct grpc_call *call, uint32_t error)
{
    if (call->finished && (error == NGHTTP2_NO_ERROR || call->reset))
        grpc_call_over(call, call->status, call->text == NULL ? "" : call->text);
    else
        grpc_call_over(call, GRPC_CANCELLED, "the caller ended the call");
}

static void client_stream_closed(struct grpc_call *call, uint32_t error)
{
    enum grpc_status status;
    const char *text;
    if (call->finished)
        grpc_call_over(call, call->status, call->text);
    else if (grpc_answer_status(call, &status, &text) && status == GRPC_OK &&
             grpc_deframer_is_inside(&call->deframer))
        grpc_call_over(call, GRPC_INTERNAL, "the answer ends inside a message");
    else if (grpc_answer_status(call, &status, &text))
        grpc_call_over(call, status, text);
    else if (error == NGHTTP2_NO_ERROR)
        grpc_call_over(call, GRPC_UNKNOWN, "the server ended the call without a status");
    else
        grpc_call_over(call, grpc_status_of_reset(error), nghttp2_http2_strerror(error));
}

void grpc_call_stream_closed(struct grpc_call *call, uint32_t error)
{
    if (call->connection->role->server)
        server_stream_closed(call, error);
    else
        client_stream_closed(call, error);
}

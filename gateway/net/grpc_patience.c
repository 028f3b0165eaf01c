/* How long a call is borne with whose peer takes nothing, or whose message trickles. */
#include "net/grpc_call.h"

#include "base/limits.h"

/* Whether a message is under way, or a body; and how much of it came. */
static bool is_inside(const struct grpc_call *call)
{
    return call->plain ? http_call_is_inside(call) : grpc_deframer_is_inside(&call->deframer);
}

static size_t inside_bytes(const struct grpc_call *call)
{
    return call->plain ? call->body_bytes : grpc_deframer_bytes(&call->deframer);
}

void grpc_call_look(struct grpc_call *call, int64_t at_us)
{
    call->looked_us = at_us;
    call->looked_bytes = inside_bytes(call);
}

/* Whether less of the message or body under way has come since the last look than a bad line
 * brings. Between messages a call may be silent as long as it likes, and while it is held nothing
 * can come.
 */
static bool is_too_slow(struct grpc_call *call, int64_t now_us)
{
    const int64_t stall_us = call->connection->stall_us, passed_us = now_us - call->looked_us;
    if (call->held || passed_us <= stall_us || !is_inside(call))
        return false;
    const size_t came = inside_bytes(call) - call->looked_bytes;
    grpc_call_look(call, now_us);
    return came < (uint64_t)(stall_us / US_PER_S) * LIMIT_BODY_RATE;
}

/* In plain HTTP the end, too, is a frame that has to be taken. */
static bool has_to_leave(const struct grpc_call *call)
{
    return call->queue.bytes > 0 || (call->plain && call->answered && call->finished);
}

/* Whoever has the whole answer and still sends is told that nobody wants it. */
static void end_waiting(struct grpc_call *call)
{
    if (nghttp2_session_get_stream_local_close(call->connection->http2, call->stream) == 1)
        grpc_call_stop(call);
    else
        grpc_call_reset(call, GRPC_CANCELLED, "the caller takes nothing");
}

/* The server does not wait for ever for peers that take nothing, or whose messages trickle; the
 * client has no reason to hurry a gateway that presses back. */
void grpc_call_tick(struct grpc_call *call, int64_t now_us)
{
    grpc_queue_tick(&call->queue);
    if (!call->connection->role->server || call->over || call->reset)
        return;
    if (has_to_leave(call) && now_us - call->taken_us > call->connection->stall_us)
        end_waiting(call);
    else if (is_too_slow(call, now_us))
        grpc_call_fail(call, GRPC_DEADLINE_EXCEEDED, "a message came too slowly");
}

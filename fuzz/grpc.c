/* gRPC's framing: the stream of messages is the same however it is cut into pieces, and no more
 * memory is held than four times what has arrived, and a little; what is put together in buffers
 * that were used before is no different. */
#include "fuzz.h"

#include "base/buf.h"
#include "net/grpc_frame.h"
#include "net/grpc_text.h"

enum { HELD_AT_ONCE = 4096, STREAM_MAX = 1 << 20 };

/* Takes all messages out of a piece; they are appended to `out`, each behind its size. */
static enum result take(struct grpc_deframer *d, struct bytes piece, struct buf *out)
{
    struct cursor in = cursor_over(piece);
    struct shared *message;
    enum result r;
    while ((r = grpc_deframer_take(d, &in, &message)) == RESULT_OK) {
        HOLDS(shared_view(message).n <= d->largest && !grpc_deframer_is_inside(d));
        buf_bytes32(out, shared_view(message));
        shared_drop(message);
    }
    HOLDS(d->owner == NULL || d->filled <= d->room);
    HOLDS(d->owner == NULL || d->pool != NULL || d->room <= 4 * d->filled + HELD_AT_ONCE);
    HOLDS(r != RESULT_AGAIN || in.left == 0);
    HOLDS(r == RESULT_AGAIN || r == RESULT_TOO_LARGE || r == RESULT_MALFORMED);
    return r;
}

static void reads_texts(struct bytes value)
{
    struct buf encoded = BUF_INIT(3 * value.n), decoded = BUF_INIT(3 * value.n);
    int64_t us;
    HOLDS(grpc_timeout_parse(value, &us) != RESULT_OK || us >= 0);
    (void)grpc_is_content_type(value);
    (void)grpc_status_of_http(value);
    HOLDS(grpc_status_parse(value) <= GRPC_UNAUTHENTICATED);
    grpc_text_encode(value, &encoded);
    grpc_text_decode(buf_view(&encoded), &decoded);
    HOLDS(bytes_equal(buf_view(&decoded), value));
    buf_free(&encoded);
    buf_free(&decoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(bytes_of(data, size));
    struct grpc_deframer whole, pieces;
    struct shared_pool *pool = shared_pool_new(STREAM_MAX);
    struct buf stream = BUF_INIT(STREAM_MAX), at_once = BUF_INIT(4 * STREAM_MAX),
               by_piece = BUF_INIT(4 * STREAM_MAX);
    enum result r = RESULT_AGAIN;
    size_t largest = (size_t)fuzz_byte(&in) * 64;
    grpc_deframer_init(&whole, pool, largest);
    grpc_deframer_init(&pieces, NULL, largest);
    reads_texts(bytes_of(in.at, in.left < 256 ? in.left : 256));
    while (in.left > 0) {
        struct bytes piece = fuzz_piece(&in);
        buf_put(&stream, piece.p, piece.n);
        if (r == RESULT_AGAIN)
            r = take(&pieces, piece, &by_piece);
    }
    HOLDS(take(&whole, buf_view(&stream), &at_once) == r);
    HOLDS(bytes_equal(buf_view(&at_once), buf_view(&by_piece)));
    grpc_deframer_drop(&whole);
    grpc_deframer_drop(&pieces);
    shared_pool_free(pool);
    buf_free(&stream);
    buf_free(&at_once);
    buf_free(&by_piece);
    return 0;
}

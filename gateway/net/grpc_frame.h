/*
 * gRPC's length-prefixed messages (gRPC over HTTP2, "Length-Prefixed-Message"): bytes in any pieces
 * in, whole messages out. Pure: no call, no connection.
 */
#ifndef FEDGATE_NET_GRPC_FRAME_H
#define FEDGATE_NET_GRPC_FRAME_H

#include "base/buf.h"
#include "base/cursor.h"
#include "base/shared.h"

enum { GRPC_PREFIX = 5 }; /* compressed flag, length */

/* Embedded by value in its owner; grpc_deframer_init first, grpc_deframer_drop last. */
struct grpc_deframer {
    struct shared_pool *pool;    /* of the buffers; NULL: none */
    size_t largest;              /* bytes of one message */
    uint8_t prefix[GRPC_PREFIX]; /* as much of it as came */
    size_t prefix_bytes;
    size_t announced;     /* bytes of the message under way */
    struct shared *owner; /* where it is assembled; NULL before its first byte */
    size_t room, filled;  /* of `owner` */
};

/* `pool` stays the caller's and may be NULL. */
void grpc_deframer_init(struct grpc_deframer *d, struct shared_pool *pool, size_t largest);

/* Drops what was assembled. */
void grpc_deframer_drop(struct grpc_deframer *d);

/*
 * Takes bytes from `in` until a message is complete. RESULT_OK: *message (all of its bytes; the
 * caller's hold). RESULT_AGAIN: `in` is used up. RESULT_TOO_LARGE: a message past `largest` is
 * announced. RESULT_MALFORMED: the compressed flag is set, and no encoding was agreed. Memory is
 * taken as bytes arrive, at most four times as much, whatever length a prefix announces; but a
 * buffer that the pool has is taken at once.
 */
MUST_USE enum result grpc_deframer_take(struct grpc_deframer *d, struct cursor *in,
                                        struct shared **message);

/* Whether a message has begun and is not complete; and how many bytes of it came. */
bool grpc_deframer_is_inside(const struct grpc_deframer *d);
size_t grpc_deframer_bytes(const struct grpc_deframer *d);

/* Writes the prefix of a message of `n` bytes. */
void grpc_prefix(uint8_t out[GRPC_PREFIX], size_t n);

#endif

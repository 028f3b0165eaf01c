/* The messages of one call that wait to be sent, as one run of bytes. Payloads are held, not
 * copied. Pure. */
#ifndef FEDGATE_NET_GRPC_QUEUE_H
#define FEDGATE_NET_GRPC_QUEUE_H

#include "base/shared.h"

#include <stdbool.h>

struct grpc_queued;

/* Embedded by value in its owner; zeroed, it is empty. */
struct grpc_queue {
    struct grpc_queued *ring;  /* NULL, or places for `room` messages, a power of two */
    size_t room, first, count; /* `first`: where the first of `count` stands */
    size_t taken;              /* bytes of the first message that are gone */
    size_t bytes;              /* left in all */
    bool used;                 /* since the last tick */
};

/* One message: its gRPC prefix, a copy of `head`, and `payload`, a view into `owner`, which is held
 * until it has gone. `tag` is what grpc_queue_withdraw asks about; 0: nothing. */
void grpc_queue_add(struct grpc_queue *q, uint64_t tag, struct bytes head, struct shared *owner,
                    struct bytes payload);

/* The body of an answer in plain HTTP: these bytes, copied, and nothing in front. */
void grpc_queue_add_plain(struct grpc_queue *q, struct bytes body);

/* Copies the next bytes to `out`, at most `n`, and drops what has gone in full. How many. */
size_t grpc_queue_take(struct grpc_queue *q, uint8_t *out, size_t n);

/* Wipes and drops every message whose tag is `gone`, but not one of which a part has left: *torn,
 * and it stays. How many. */
size_t grpc_queue_withdraw(struct grpc_queue *q, bool (*gone)(void *arg, uint64_t tag), void *arg,
                           bool *torn);

/* About once a second: gives the ring back when nothing passed through it since the last call. */
void grpc_queue_tick(struct grpc_queue *q);

/* Drops everything. */
void grpc_queue_clear(struct grpc_queue *q);

#endif

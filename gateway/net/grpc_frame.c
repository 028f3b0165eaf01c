#include "net/grpc_frame.h"

enum {
    EAGER = 4096, /* room for a message this small is taken at once */
    AHEAD = 4     /* beyond that, room for this many times what has arrived */
};

void grpc_deframer_init(struct grpc_deframer *d, struct shared_pool *pool, size_t largest)
{
    *d = (struct grpc_deframer){.pool = pool, .largest = largest};
}

void grpc_deframer_drop(struct grpc_deframer *d)
{
    shared_drop(d->owner);
    grpc_deframer_init(d, d->pool, d->largest);
}

bool grpc_deframer_is_inside(const struct grpc_deframer *d)
{
    return d->prefix_bytes > 0;
}

size_t grpc_deframer_bytes(const struct grpc_deframer *d)
{
    return d->prefix_bytes + d->filled;
}

void grpc_prefix(uint8_t out[GRPC_PREFIX], size_t n)
{
    out[0] = 0;
    for (size_t i = 1; i < GRPC_PREFIX; i++)
        out[i] = (uint8_t)(n >> (8 * (GRPC_PREFIX - 1 - i)));
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static enum result take_prefix(struct grpc_deframer *d, struct cursor *in)
{
    size_t n = smaller(GRPC_PREFIX - d->prefix_bytes, in->left);
    TRY(cursor_copy(in, d->prefix + d->prefix_bytes, n));
    d->prefix_bytes += n;
    if (d->prefix_bytes < GRPC_PREFIX)
        return RESULT_AGAIN;
    struct cursor c = cursor_over(bytes_of(d->prefix, GRPC_PREFIX));
    uint8_t compressed;
    uint32_t announced;
    TRY(cursor_u8(&c, &compressed));
    TRY(cursor_u32(&c, &announced));
    if (compressed != 0)
        return RESULT_MALFORMED;
    d->announced = announced;
    return announced > d->largest ? RESULT_TOO_LARGE : RESULT_OK;
}

/* Room for `n` bytes more, n being what has arrived. */
static void make_room(struct grpc_deframer *d, size_t n)
{
    size_t need = d->filled + n;
    if (d->owner != NULL && need <= d->room)
        return;
    if (d->owner == NULL && (d->owner = shared_pool_reuse(d->pool, d->announced)) != NULL) {
        d->room = d->announced;
        return;
    }
    size_t room = need > EAGER / AHEAD ? need * AHEAD : EAGER;
    room = smaller(room, d->announced);
    struct shared *larger = shared_pool_take(d->pool, room);
    if (d->filled > 0)
        memcpy(shared_room(larger), shared_room(d->owner), d->filled);
    shared_drop(d->owner);
    d->owner = larger;
    d->room = room;
}

static enum result take_payload(struct grpc_deframer *d, struct cursor *in)
{
    size_t n = smaller(d->announced - d->filled, in->left);
    make_room(d, n);
    TRY(cursor_copy(in, shared_room(d->owner) + d->filled, n));
    d->filled += n;
    return d->filled < d->announced ? RESULT_AGAIN : RESULT_OK;
}

enum result grpc_deframer_take(struct grpc_deframer *d, struct cursor *in, struct shared **message)
{
    if (d->prefix_bytes < GRPC_PREFIX)
        TRY(take_prefix(d, in));
    if (in->left == 0 && d->announced > 0)
        return RESULT_AGAIN;
    TRY(take_payload(d, in));
    *message = d->owner; /* exactly as large as announced */
    grpc_deframer_init(d, d->pool, d->largest);
    return RESULT_OK;
}

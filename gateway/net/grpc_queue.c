#include "net/grpc_queue.h"

#include "base/mem.h"
#include "net/grpc_frame.h"

enum {
    HEAD = 40, /* room in a place for the prefix and a small head: those of video and answers */
    FIRST_ROOM = 8,   /* messages */
    KEPT_ROOM = 1024, /* a larger ring goes as soon as it is empty */
};

struct grpc_queued {
    uint64_t tag;
    struct shared *owner;
    struct bytes payload;
    size_t head_bytes; /* the prefix, then the caller's head */
    uint8_t *large;    /* where that does not fit into: */
    uint8_t small[HEAD];
};

static struct grpc_queued *at(const struct grpc_queue *q, size_t i)
{
    return &q->ring[(q->first + i) & (q->room - 1)];
}

static uint8_t *head_of(struct grpc_queued *m)
{
    return m->large != NULL ? m->large : m->small;
}

static void free_ring(struct grpc_queue *q)
{
    mem_free(q->ring);
    q->ring = NULL;
    q->room = q->first = 0;
}

static void grow(struct grpc_queue *q)
{
    const size_t room = q->room == 0 ? FIRST_ROOM : 2 * q->room;
    struct grpc_queued *ring = mem_new_array(room, sizeof *ring);
    for (size_t i = 0; i < q->count; i++) {
        ring[i] = *at(q, i);
        mem_wipe(at(q, i), sizeof *ring);
    }
    free_ring(q);
    q->ring = ring;
    q->room = room;
}

/* A place at the end, with room for its head. */
static struct grpc_queued *append(struct grpc_queue *q, size_t head_bytes, struct bytes payload)
{
    if (q->count == q->room)
        grow(q);
    struct grpc_queued *m = at(q, q->count++);
    m->head_bytes = head_bytes;
    m->large = head_bytes > HEAD ? mem_room(head_bytes) : NULL;
    m->payload = payload;
    q->bytes += head_bytes + payload.n;
    q->used = true;
    return m;
}

void grpc_queue_add(struct grpc_queue *q, uint64_t tag, struct bytes head, struct shared *owner,
                    struct bytes payload)
{
    struct grpc_queued *m = append(q, GRPC_PREFIX + head.n, payload);
    m->tag = tag;
    grpc_prefix(head_of(m), head.n + payload.n);
    if (head.n > 0)
        memcpy(head_of(m) + GRPC_PREFIX, head.p, head.n);
    m->owner = owner == NULL ? NULL : shared_hold(owner);
}

void grpc_queue_add_plain(struct grpc_queue *q, struct bytes body)
{
    struct grpc_queued *m = append(q, body.n, bytes_of(NULL, 0));
    m->tag = 0;
    if (body.n > 0)
        memcpy(head_of(m), body.p, body.n);
    m->owner = NULL;
}

static void drop(struct grpc_queued *m)
{
    shared_drop(m->owner);
    mem_wipe(head_of(m), m->head_bytes);
    mem_free(m->large);
}

static void drop_first(struct grpc_queue *q)
{
    drop(at(q, 0));
    q->first = (q->first + 1) & (q->room - 1);
    q->count--;
    q->taken = 0;
    if (q->count == 0 && q->room > KEPT_ROOM)
        free_ring(q);
}

/* Copies what is left of `part`, whose first byte is the message's byte number `at`. */
static size_t take_part(struct grpc_queue *q, size_t begin, struct bytes part, uint8_t *out,
                        size_t n)
{
    size_t done = q->taken - begin;
    size_t left = done < part.n ? part.n - done : 0;
    if (left < n)
        n = left;
    if (n > 0)
        memcpy(out, part.p + done, n);
    q->taken += n;
    return n;
}

size_t grpc_queue_take(struct grpc_queue *q, uint8_t *out, size_t n)
{
    size_t put = 0;
    while (q->count > 0 && put < n) {
        struct grpc_queued *m = at(q, 0);
        if (q->taken < m->head_bytes)
            put += take_part(q, 0, bytes_of(head_of(m), m->head_bytes), out + put, n - put);
        if (q->taken >= m->head_bytes)
            put += take_part(q, m->head_bytes, m->payload, out + put, n - put);
        if (q->taken == m->head_bytes + m->payload.n)
            drop_first(q);
    }
    q->bytes -= put;
    return put;
}

size_t grpc_queue_withdraw(struct grpc_queue *q, bool (*gone)(void *arg, uint64_t tag), void *arg,
                           bool *torn)
{
    const size_t before = q->count;
    *torn = false;
    q->count = 0;
    for (size_t i = 0; i < before; i++) {
        struct grpc_queued *m = at(q, i);
        const bool is_gone = m->tag != 0 && gone(arg, m->tag);
        const bool is_torn = i == 0 && q->taken > 0;
        *torn = *torn || (is_gone && is_torn);
        if (is_gone && !is_torn) {
            q->bytes -= m->head_bytes + m->payload.n;
            drop(m);
        } else if (q->count++ < i) {
            *at(q, q->count - 1) = *m;
            mem_wipe(m, sizeof *m);
        }
    }
    return before - q->count;
}

void grpc_queue_tick(struct grpc_queue *q)
{
    if (q->count == 0 && !q->used)
        free_ring(q);
    q->used = false;
}

void grpc_queue_clear(struct grpc_queue *q)
{
    while (q->count > 0)
        drop_first(q);
    free_ring(q);
    q->bytes = 0;
}

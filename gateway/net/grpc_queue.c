#include "net/grpc_queue.h"

#include "base/mem.h"
#include "net/grpc_frame.h"

struct grpc_queued {
    struct grpc_queued *next;
    uint64_t tag;
    struct shared *owner;
    struct bytes payload;
    size_t head_bytes;
    uint8_t head[]; /* the prefix, then the caller's head */
};

static void append(struct grpc_queue *q, struct grpc_queued *m)
{
    if (q->last == NULL)
        q->first = m;
    else
        q->last->next = m;
    q->last = m;
    q->bytes += m->head_bytes + m->payload.n;
}

void grpc_queue_add(struct grpc_queue *q, uint64_t tag, struct bytes head, struct shared *owner,
                    struct bytes payload)
{
    struct grpc_queued *m = mem_new(sizeof *m + GRPC_PREFIX + head.n);
    m->tag = tag;
    m->head_bytes = GRPC_PREFIX + head.n;
    grpc_prefix(m->head, head.n + payload.n);
    if (head.n > 0)
        memcpy(m->head + GRPC_PREFIX, head.p, head.n);
    m->owner = owner == NULL ? NULL : shared_hold(owner);
    m->payload = payload;
    append(q, m);
}

void grpc_queue_add_plain(struct grpc_queue *q, struct bytes body)
{
    struct grpc_queued *m = mem_new(sizeof *m + body.n);
    m->head_bytes = body.n;
    if (body.n > 0)
        memcpy(m->head, body.p, body.n);
    append(q, m);
}

static void free_queued(struct grpc_queued *m)
{
    shared_drop(m->owner);
    mem_wipe(m->head, m->head_bytes);
    mem_free(m);
}

static void drop_first(struct grpc_queue *q)
{
    struct grpc_queued *m = q->first;
    q->first = m->next;
    if (q->first == NULL)
        q->last = NULL;
    q->taken = 0;
    free_queued(m);
}

/* Copies what is left of `part`, whose first byte is the message's byte number `at`. */
static size_t take_part(struct grpc_queue *q, size_t at, struct bytes part, uint8_t *out, size_t n)
{
    size_t done = q->taken - at;
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
    while (q->first != NULL && put < n) {
        struct grpc_queued *m = q->first;
        if (q->taken < m->head_bytes)
            put += take_part(q, 0, bytes_of(m->head, m->head_bytes), out + put, n - put);
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
    struct grpc_queue left = {.taken = q->taken};
    struct grpc_queued *m, *next;
    size_t count = 0;
    *torn = false;
    for (m = q->first; m != NULL; m = next) {
        const bool is_gone = m->tag != 0 && gone(arg, m->tag);
        const bool is_torn = m == q->first && q->taken > 0;
        next = m->next;
        m->next = NULL;
        *torn = *torn || (is_gone && is_torn);
        if (is_gone && !is_torn) {
            free_queued(m);
            count++;
        } else {
            append(&left, m);
        }
    }
    left.bytes -= left.taken;
    *q = left;
    return count;
}

void grpc_queue_clear(struct grpc_queue *q)
{
    while (q->first != NULL)
        drop_first(q);
    q->bytes = 0;
}

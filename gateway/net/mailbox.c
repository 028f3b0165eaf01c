#include "net/mailbox.h"

#include "base/mem.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    CHUNK = 64 << 10, /* hundreds of records; a larger record gets a chunk of its own */
    RING_EVERY =
        4096,       /* records; below that at the end of a turn: small rounds make small commits */
    CACHE_LINE = 64 /* what one side writes shares none with what the other does */
};

/* ---------------------------------------------------------------- bell */

struct bell {
    int fd;
    atomic_bool listening; /* a ring is wanted */
};

struct bell *bell_new(void)
{
    struct bell *b = mem_new(sizeof *b);
    b->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (b->fd < 0)
        abort(); /* no descriptor for our own threads, at the start */
    atomic_init(&b->listening, true);
    return b;
}

void bell_free(struct bell *b)
{
    if (b == NULL)
        return;
    (void)close(b->fd);
    mem_free(b);
}

int bell_fd(const struct bell *b)
{
    return b->fd;
}

/* The exchanges of both sides are in one order: either the ringer sees that the owner listens, or
 * the owner, who looks after its own, sees what was posted. */
void bell_ring(struct bell *b)
{
    const uint64_t one = 1;
    if (atomic_exchange(&b->listening, false))
        (void)!write(b->fd, &one, sizeof one); /* fails only when it was rung already */
}

void bell_answer(struct bell *b)
{
    uint64_t rung;
    (void)atomic_exchange(&b->listening, false);
    (void)!read(b->fd, &rung, sizeof rung);
}

void bell_listen(struct bell *b)
{
    (void)atomic_exchange(&b->listening, true);
}

/* ---------------------------------------------------------------- mailbox */

struct record {
    alignas(max_align_t) size_t n; /* bytes that follow; ONWARD: none, the next chunk goes on */
};

static const size_t ONWARD = SIZE_MAX;

/* A record behind the last one fits in always: the one that says ONWARD. */
struct chunk {
    struct chunk *next;
    size_t room;
    alignas(max_align_t) uint8_t bytes[];
};

struct end {
    struct chunk *chunk;
    size_t at;
    size_t count; /* records, ever */
};

struct mailbox {
    struct bell *bell;
    struct end put; /* the putter's; `count`: posted */
    size_t unrung;  /* the putter's */
    uint8_t apart[CACHE_LINE];
    atomic_size_t posted; /* publishes all that was written before */
    uint8_t apart_too[CACHE_LINE];
    struct end take;               /* the taker's */
    struct record *shown;          /* the record that the taker has */
    _Atomic(struct chunk *) spare; /* one that the taker is done with, for the putter */
};

static struct chunk *chunk_new(size_t room)
{
    struct chunk *c = mem_room(sizeof *c + room);
    c->next = NULL;
    c->room = room;
    return c;
}

struct mailbox *mailbox_new(struct bell *bell)
{
    struct mailbox *m = mem_new(sizeof *m);
    m->bell = bell;
    m->put.chunk = m->take.chunk = chunk_new(CHUNK);
    atomic_init(&m->posted, 0);
    atomic_init(&m->spare, NULL);
    return m;
}

void mailbox_free(struct mailbox *m)
{
    if (m == NULL)
        return;
    while (mailbox_take(m) != NULL)
        continue;
    mem_free(m->take.chunk);
    mem_free(atomic_load(&m->spare));
    mem_free(m);
}

static struct record *record_at(const struct end *e)
{
    return (struct record *)(void *)(e->chunk->bytes + e->at);
}

/* With its header, and so that the next one is aligned. */
static size_t whole(size_t n)
{
    return sizeof(struct record) +
           (n + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
}

static void go_onward(struct mailbox *m, size_t need)
{
    struct chunk *next = need > CHUNK ? NULL : atomic_exchange(&m->spare, NULL);
    if (next == NULL)
        next = chunk_new(need > CHUNK ? need : CHUNK);
    next->next = NULL;
    record_at(&m->put)->n = ONWARD;
    m->put.chunk->next = next;
    m->put.chunk = next;
    m->put.at = 0;
}

void *mailbox_put(struct mailbox *m, size_t n)
{
    size_t need = whole(n) + sizeof(struct record);
    if (need > m->put.chunk->room - m->put.at)
        go_onward(m, need);
    struct record *r = record_at(&m->put);
    r->n = n;
    m->put.at += whole(n);
    return r + 1;
}

void mailbox_post(struct mailbox *m)
{
    atomic_store_explicit(&m->posted, ++m->put.count, memory_order_release);
    if (++m->unrung >= RING_EVERY)
        mailbox_ring(m);
}

void mailbox_ring(struct mailbox *m)
{
    if (m->unrung == 0)
        return;
    m->unrung = 0;
    bell_ring(m->bell);
}

/* Back to the putter, one at a time; what is larger than usual, or too many, goes. */
static void leave_chunk(struct mailbox *m)
{
    struct chunk *done = m->take.chunk;
    m->take.chunk = done->next;
    m->take.at = 0;
    mem_free(done->room == CHUNK ? atomic_exchange(&m->spare, done) : done);
}

void *mailbox_take(struct mailbox *m)
{
    if (m->shown != NULL)
        mem_wipe(m->shown + 1, m->shown->n);
    m->shown = NULL;
    if (m->take.count == atomic_load_explicit(&m->posted, memory_order_acquire))
        return NULL;
    if (record_at(&m->take)->n == ONWARD)
        leave_chunk(m);
    m->shown = record_at(&m->take);
    m->take.at += whole(m->shown->n);
    m->take.count++;
    return m->shown + 1;
}

#include "base/shared.h"

#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>

struct shared {
    atomic_uint holds;
    size_t n;
    uint8_t bytes[];
};

struct shared *shared_new(size_t n)
{
    struct shared *s = mem_room(sizeof *s + n);
    atomic_init(&s->holds, 1);
    s->n = n;
    return s;
}

uint8_t *shared_room(struct shared *s)
{
    return s->bytes;
}

struct shared *shared_copy(struct bytes b)
{
    struct shared *s = shared_new(b.n);
    if (b.n > 0)
        memcpy(s->bytes, b.p, b.n);
    return s;
}

struct shared *shared_hold(struct shared *s)
{
    atomic_fetch_add_explicit(&s->holds, 1, memory_order_relaxed);
    return s;
}

void shared_drop(struct shared *s)
{
    if (s == NULL || atomic_fetch_sub_explicit(&s->holds, 1, memory_order_acq_rel) != 1)
        return;
    mem_wipe(s->bytes, s->n);
    mem_free(s);
}

struct bytes shared_view(const struct shared *s)
{
    return bytes_of(s->bytes, s->n);
}

uint8_t *shared_edit(struct shared *s, struct bytes view)
{
    return view.n == 0 ? s->bytes : s->bytes + (view.p - s->bytes);
}

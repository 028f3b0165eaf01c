#include "base/arena.h"

#include "base/mem.h"

#include <stdalign.h>

enum { BLOCK = 32 * 1024 };

struct block {
    struct block *next;
    size_t used, size;
    alignas(max_align_t) uint8_t bytes[];
};

struct arena {
    struct block *first, *current;
    size_t used, budget;
};

struct arena *arena_new(size_t budget)
{
    struct arena *a = mem_new(sizeof *a);
    a->budget = budget;
    return a;
}

static void free_blocks(struct block *b)
{
    while (b != NULL) {
        struct block *next = b->next;
        mem_wipe(b->bytes, b->used);
        mem_free(b);
        b = next;
    }
}

void arena_free(struct arena *a)
{
    if (a == NULL)
        return;
    free_blocks(a->first);
    mem_free(a);
}

static struct block *block_with(struct arena *a, size_t n)
{
    struct block *b = a->current;
    if (b != NULL && b->size - b->used >= n)
        return b;
    size_t size = n > BLOCK ? n : BLOCK;
    b = mem_room(sizeof *b + size);
    *b = (struct block){.size = size};
    if (a->current == NULL)
        a->first = b;
    else
        a->current->next = b;
    a->current = b;
    return b;
}

void *arena_take(struct arena *a, size_t n)
{
    const size_t align = alignof(max_align_t);
    if (n > SIZE_MAX - align)
        return NULL;
    n = (n == 0 ? 1 : n) + align - 1;
    n -= n % align;
    if (n > a->budget - a->used)
        return NULL;
    struct block *b = block_with(a, n);
    void *p = b->bytes + b->used;
    b->used += n;
    a->used += n;
    return memset(p, 0, n);
}

struct bytes arena_copy(struct arena *a, struct bytes b)
{
    uint8_t *p = arena_take(a, b.n);
    if (p != NULL && b.n > 0)
        memcpy(p, b.p, b.n);
    return bytes_of(p, p == NULL ? 0 : b.n);
}

/* The first block is kept for the next message; larger needs are rare and go back to the system. */
void arena_reset(struct arena *a)
{
    if (a->first != NULL) {
        free_blocks(a->first->next);
        mem_wipe(a->first->bytes, a->first->used);
        a->first->next = NULL;
        a->first->used = 0;
        if (a->first->size > BLOCK) {
            mem_free(a->first);
            a->first = NULL;
        }
    }
    a->current = a->first;
    a->used = 0;
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}

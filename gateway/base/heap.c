#include "base/heap.h"

#include "base/mem.h"

void heap_free(struct heap *h)
{
    mem_free(h->entry);
    *h = (struct heap){0};
}

static void put(struct heap *h, struct heap_entry *e, size_t place)
{
    h->entry[place - 1] = e;
    e->place = place;
}

static void rise(struct heap *h, struct heap_entry *e)
{
    size_t i = e->place;
    while (i > 1 && h->entry[i / 2 - 1]->due_us > e->due_us) {
        put(h, h->entry[i / 2 - 1], i);
        i /= 2;
    }
    put(h, e, i);
}

static void sink(struct heap *h, struct heap_entry *e)
{
    size_t i = e->place;
    for (;;) {
        size_t child = 2 * i;
        if (child > h->count)
            break;
        if (child < h->count && h->entry[child]->due_us < h->entry[child - 1]->due_us)
            child++;
        if (h->entry[child - 1]->due_us >= e->due_us)
            break;
        put(h, h->entry[child - 1], i);
        i = child;
    }
    put(h, e, i);
}

void heap_set(struct heap *h, struct heap_entry *e, int64_t due_us)
{
    if (e->place == 0) {
        if (h->count == h->room) {
            size_t room = h->room == 0 ? 64 : h->room * 2;
            h->entry = mem_grow_array(h->entry, h->room, room, sizeof(struct heap_entry *));
            h->room = room;
        }
        put(h, e, ++h->count);
    }
    e->due_us = due_us;
    rise(h, e);
    sink(h, e);
}

void heap_remove(struct heap *h, struct heap_entry *e)
{
    if (e->place == 0)
        return;
    struct heap_entry *last = h->entry[--h->count];
    if (last != e) {
        put(h, last, e->place);
        rise(h, last);
        sink(h, last);
    }
    e->place = 0;
}

struct heap_entry *heap_first(const struct heap *h)
{
    return h->count == 0 ? NULL : h->entry[0];
}

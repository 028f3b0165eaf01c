/* What comes due first: a heap of entries by time. An entry is embedded in its owner and knows its
 * place, so that it can leave early. */
#ifndef FEDGATE_BASE_HEAP_H
#define FEDGATE_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed, it is in no heap. */
struct heap_entry {
    int64_t due_us;
    size_t place; /* 1-based; 0: in no heap */
};

struct heap {
    struct heap_entry **entry;
    size_t count, room;
};

void heap_free(struct heap *h);

/* Adds an entry that is in no heap, or moves one that is in this heap, to the given time. */
void heap_set(struct heap *h, struct heap_entry *e, int64_t due_us);

/* Takes the entry out; nothing happens when it is in no heap. */
void heap_remove(struct heap *h, struct heap_entry *e);

/* The earliest entry, still in the heap, or NULL. */
struct heap_entry *heap_first(const struct heap *h);

#endif

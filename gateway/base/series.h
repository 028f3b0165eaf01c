/*
 * Items by numbers that are given one after the other, each once. Neighbours stand side by side, so
 * whoever goes through the numbers in order does not wait for memory at each of them, as with a map
 * (map.h). A number that is left over alone costs 2 KiB.
 */
#ifndef FEDGATE_BASE_SERIES_H
#define FEDGATE_BASE_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct series;

struct series *series_new(void);

/* The items stay the caller's. Accepts NULL. */
void series_free(struct series *s);

/* The item of this number, or NULL. */
void *series_get(const struct series *s, uint64_t number);

/* False when the number has an item already. */
bool series_add(struct series *s, uint64_t number, void *item);

/* Takes the item out and returns it; NULL when there is none. */
void *series_remove(struct series *s, uint64_t number);

size_t series_count(const struct series *s);

/* Walks all items in no order: start with a zeroed walk; NULL at the end. Nothing may be added or
 * removed meanwhile; an item that was met may be freed. */
struct series_walk {
    size_t at, place;
    const struct series_page *page;
};
void *series_next(const struct series *s, struct series_walk *w);

#endif

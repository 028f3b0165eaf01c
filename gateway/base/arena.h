/*
 * Memory for one message: taken piece by piece, given back all at once, wiped then. The budget is
 * hard, so that a small hostile message cannot become a large one in memory (protobuf-c amplifies
 * up to 44-fold).
 */
#ifndef FEDGATE_BASE_ARENA_H
#define FEDGATE_BASE_ARENA_H

#include "base/bytes.h"

struct arena;

/* An arena that gives out at most `budget` bytes between two resets. Its blocks stay allocated
 * until arena_free. */
struct arena *arena_new(size_t budget);
void arena_free(struct arena *a);

/* Zeroed memory aligned for any type, valid until the reset; NULL when the budget is used up. */
void *arena_take(struct arena *a, size_t n);

/* A copy in the arena; p is NULL when the budget is used up. */
struct bytes arena_copy(struct arena *a, struct bytes b);

/* Wipes and takes back everything. */
void arena_reset(struct arena *a);

size_t arena_used(const struct arena *a);

#endif

/* Sets of entries: those of one chunk, 65536 in a row, as a row of the index holds them. Inside
 * search/ only. */
#ifndef FEDGATE_SEARCH_SET_H
#define FEDGATE_SEARCH_SET_H

#include "base/bytes.h"
#include "base/result.h"

enum {
    CHUNK_BITS = 16,
    CHUNK = 1 << CHUNK_BITS,
    SET_WORDS = CHUNK / 64,
    SET_BITMAP = CHUNK / 8, /* bytes; a shorter row is a list of two bytes each */
    SLICE_BITS = 8,
    SLICE = 1 << SLICE_BITS, /* entries whose times stand in one row */
    CHUNK_SLICES = CHUNK / SLICE
};

struct set {
    uint64_t word[SET_WORDS];
};

static inline void set_put(struct set *s, unsigned at)
{
    s->word[at / 64] |= UINT64_C(1) << (at % 64);
}

static inline bool set_has(const struct set *s, unsigned at)
{
    return (s->word[at / 64] >> (at % 64) & 1) != 0;
}

/* Keeps [from, to), to at most CHUNK. */
void set_keep(struct set *s, unsigned from, unsigned to);

/* Keeps what is in both. Whether anything is. */
bool set_and(struct set *s, const struct set *other);

size_t set_count(const struct set *s);

/* The first from here on, or the last before here; CHUNK when there is none. */
unsigned set_next(const struct set *s, unsigned from);
unsigned set_last(const struct set *s, unsigned before);

/* Adds what a row holds. RESULT_DAMAGED when it is none. */
MUST_USE enum result set_read(struct set *s, struct bytes row);

/* The row of a set that is not empty, in `out`. */
struct bytes set_write(const struct set *s, uint8_t out[SET_BITMAP]);

#endif

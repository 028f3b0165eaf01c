/* What was taken and is not settled: of one chunk. Inside search/ only. */
#ifndef FEDGATE_SEARCH_PENDING_H
#define FEDGATE_SEARCH_PENDING_H

#include "base/arena.h"
#include "base/map.h"
#include "search/state.h"

enum { PENDING_FEW = 4 };

/* A term with the entries that have it; none for one that an onward row names only. */
struct pending_term {
    struct bytes key; /* its field, then the text or the number */
    bool is_number;
    unsigned field;
    int64_t id; /* a number's key; a word's id, once it was looked up */
    uint32_t count, room;
    uint16_t few[PENDING_FEW], *many; /* places in the chunk, ascending */
};

struct pending_onward {
    uint64_t leaf;
    struct pending_term *term;
};

struct pending_count {
    struct bytes key;
    struct tally_row row;
};

struct pending {
    struct arena *arena;
    struct map *terms, *counts;
    struct pending_onward *onward;
    size_t onwards, onward_room;
    uint64_t chunk;
    size_t leaves;
    uint64_t levels[TERM_FIELDS];
    uint64_t last;
    uint8_t salt[LEAF_SALT];
    struct set there;
    int64_t time[CHUNK];
};

struct pending *pending_new(void);
void pending_free(struct pending *p); /* accepts NULL */
void pending_clear(struct pending *p);

/* Of the chunk that those before were of. */
void pending_take(struct pending *p, const struct leaf *leaf);

static inline const uint16_t *pending_places(const struct pending_term *t)
{
    return t->many == NULL ? t->few : t->many;
}

#endif

/* How a query goes through the chunks that have one term. Inside search/ only. */
#ifndef FEDGATE_SEARCH_LOOK_H
#define FEDGATE_SEARCH_LOOK_H

#include "search/state.h"

struct look_key {
    int64_t term, chunk;
    bool is_sought, is_none;
};

/* A word has one key; a number one for each level that any entry has. */
struct look {
    bool is_number;
    size_t keys; /* 0: no entry has it */
    struct look_key key[TERM_LEVELS];
};

MUST_USE enum result look_begin(const struct search *s, unsigned field, struct bytes value,
                                struct look *out);
void look_begin_number(const struct search *s, unsigned field, uint64_t number, struct look *out);

/* The first chunk from this one on, upwards or downwards, that has it; asked in that order.
 * RESULT_NOT_FOUND. */
MUST_USE enum result look_next(const struct search *s, struct look *l, int64_t from, bool up,
                               int64_t *chunk);

/* Adds the entries of that chunk. */
MUST_USE enum result look_read(const struct search *s, const struct look *l, int64_t chunk,
                               struct set *out);

#endif

/* By which terms an entry is found. Inside search/ only. */
#ifndef FEDGATE_SEARCH_TERMS_H
#define FEDGATE_SEARCH_TERMS_H

#include "search/search.h"

/* Fields behind those of fields.def, which only chains look for. */
enum { TERM_ERASES = SEARCH_FIELDS, TERM_ENDS, TERM_FIELDS };

/*
 * A word, or numbers: all n whose n >> level is `number`. A range is cut into few of those, so that
 * one that lists a million entries costs as little as one that lists ten.
 */
struct term {
    unsigned field;
    bool is_number;
    bool is_onward; /* the entry has not this term; whatever tells what became of it will have */
    struct bytes text;
    uint64_t number;
    unsigned level;
};

enum { TERM_NUMBER_BITS = 51, TERM_LEVELS = TERM_NUMBER_BITS + 1 };

bool term_field_is_number(unsigned field);

/* In digits; false for anything else, or 2^51 and more. */
bool term_read_number(struct bytes digits, uint64_t *out);

/* One integer for each number term, below 2^63; larger for larger numbers of a level. */
int64_t term_key(unsigned field, uint64_t number, unsigned level);

void terms_each(const struct leaf *leaf, void (*each)(void *arg, const struct term *t), void *arg);

/* What is counted of an entry. */
struct term_count {
    enum search_count what;
    struct bytes value, second, third;
    uint64_t bytes;
};

void terms_each_count(const struct leaf *leaf, void (*each)(void *arg, const struct term_count *c),
                      void *arg);

#endif

/* What the module keeps. Inside standing/ only. */
#ifndef FEDGATE_STANDING_STATE_H
#define FEDGATE_STANDING_STATE_H

#include "base/map.h"
#include "standing/standing.h"

/* Behind the exceptions stand zeros, so that two can be compared. */
struct consent {
    uint8_t digest[STANDING_DIGEST];
    char party[IDENT_WORD_MAX + 1];
    uint8_t exception[STANDING_EXCEPTIONS_MAX][STANDING_TAG];
    size_t exceptions;
    bool all_gone; /* for every purpose but the exceptions; else only for those */
};

struct consent_party {
    char name[IDENT_WORD_MAX + 1];
    size_t consents;
};

struct standing {
    char region[STANDING_REGIONS_MAX][IDENT_WORD_MAX + 1];
    size_t regions;
    struct map *consents, *parties;
};

/* Adds one that is not there. */
void standing_add_consent(struct standing *s, const struct consent *c);

#endif

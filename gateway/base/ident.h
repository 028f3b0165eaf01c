/*
 * Names on the wire and in files: parties, units, incidents, message ids. Lower-case letters,
 * digits and hyphens only, so that no two spellings mean the same.
 *
 *   party     npa-daejeon
 *   unit      npa-daejeon/112-control
 *   incident  npa-daejeon/112-control:019aa2b0-0000-7000-8000-000000000001
 */
#ifndef FEDGATE_BASE_IDENT_H
#define FEDGATE_BASE_IDENT_H

#include "base/bytes.h"

#include <stdbool.h>

enum {
    IDENT_WORD_MAX = 40,                     /* a party, or the part of a unit behind the slash */
    IDENT_UNIT_MAX = 2 * IDENT_WORD_MAX + 1, /* party/unit */
    UUID_BYTES = 16,
    UUID_TEXT = 36,                                     /* without NUL */
    IDENT_INCIDENT_MAX = IDENT_UNIT_MAX + 1 + UUID_TEXT /* party/unit:uuid */
};

struct uuid {
    uint8_t b[UUID_BYTES];
};

/* A word: a letter or digit, then up to 39 letters, digits or hyphens. */
bool ident_is_word(struct bytes b);

/* party/unit, both words. The parts are views into `b`; either may be NULL when not wanted. */
bool ident_split_unit(struct bytes b, struct bytes *party, struct bytes *unit);

/* party/unit:uuid. `owner` is the view of party/unit. Either may be NULL when not wanted. */
bool ident_split_incident(struct bytes b, struct bytes *owner, struct uuid *id);

/* Whether it looks like a resident registration number: six digits of a birthday, perhaps a hyphen,
 * a digit from 1 to 8, six more. */
bool ident_is_resident_number(struct bytes b);

/* The 36-character form with lower-case digits, nothing else. */
bool uuid_parse(struct bytes b, struct uuid *out);

/* Writes 36 characters and a NUL. */
void uuid_text(const struct uuid *u, char out[UUID_TEXT + 1]);

/* Version 7 (RFC 9562): milliseconds of `wall_us` in front of the ten random bytes given. */
struct uuid uuid_v7(int64_t wall_us, const uint8_t random[10]);

#endif

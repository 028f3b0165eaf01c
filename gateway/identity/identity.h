/*
 * Who a peer is: the pinned root that its chain led to, and the URI in its certificate, together
 * name a party's unit. A name alone is never identity; a root alone neither.
 *
 *   fedgate://npa-daejeon/112-control
 */
#ifndef FEDGATE_IDENTITY_IDENTITY_H
#define FEDGATE_IDENTITY_IDENTITY_H

#include "base/ident.h"
#include "crypto/digest.h"

#include <stdint.h>

enum { IDENTITY_ROOTS = 2 }; /* of a party, while it goes from one to the next */

/* One unit that may connect. Pointer-free: rows stand in the policy snapshot, sorted by name. */
struct identity_row {
    uint8_t root[IDENTITY_ROOTS][SHA256_BYTES]; /* fingerprints of the party's root certificates; of
                                                   one, twice the same */
    char name[IDENT_UNIT_MAX + 3];              /* party/unit, NUL-terminated */
    uint32_t unit;                              /* index of the unit in the policy set */
};

enum identity_verdict {
    IDENTITY_FOUND,
    IDENTITY_MALFORMED_URI, /* not fedgate://party/unit */
    IDENTITY_UNKNOWN_UNIT,  /* no such unit in the policy set */
    IDENTITY_FOREIGN_ROOT   /* the unit is another party's: no root of its own issued this */
};

/* Looks the peer up; on IDENTITY_FOUND *out is its row. */
enum identity_verdict identity_find(const struct identity_row *rows, size_t count,
                                    const uint8_t root[SHA256_BYTES], const char *uri,
                                    const struct identity_row **out);

/* For the log; static. */
const char *identity_verdict_text(enum identity_verdict v);

#endif

/* A unit that offends again and again: the edge, which sees it, says so to the ledger, which
 * suspends it on record. */
#ifndef FEDGATE_IPC_OFFENDER_H
#define FEDGATE_IPC_OFFENDER_H

#include "base/buf.h"
#include "base/cursor.h"

enum offence {
#define O(NAME, number, word, en, ko) OFFENCE_##NAME = (number),
#include "ipc/offences.def"
#undef O
    OFFENCES /* one more than the highest */
};

/* The word of an offence, which stands in the log; NULL: there is none of this number. */
const char *offence_word(unsigned offence);

/* What the word means; NULL: it is none of these. */
const char *offence_meaning(const char *word, bool korean);

/* IPC_OFFENDER. Taker and putter as those of road.h; an offence that there is not is refused. */
struct road_offender {
    struct bytes unit;
    uint8_t offence; /* the last one */
};

void road_offender_put(const struct road_offender *o, struct buf *out);
MUST_USE enum result road_offender_take(struct cursor *in, struct road_offender *out);

#endif

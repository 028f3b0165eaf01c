/* What a unit may ask of the audit log, and the answer: edge and ledger. Takers and putters as in
 * road.h. */
#ifndef FEDGATE_IPC_LOG_ROAD_H
#define FEDGATE_IPC_LOG_ROAD_H

#include "base/buf.h"
#include "base/cursor.h"

enum {
    LOG_NOTE_MAX = 64 << 10, /* a checkpoint with its signatures; a proof is a little more */
    LOG_PATH_MAX = 96,       /* of a tile */
    LOG_TEXT_MAX = 3 << 20,  /* an entry bundle: what a gRPC client takes by default, and some */
    LOG_ENTRY_MAX = 65535
};

enum log_what { LOG_CHECKPOINT = 1, LOG_TILE = 2, LOG_PROOF = 3, LOG_COSIGN = 4 };

/* IPC_LOG_ASK */
struct log_ask {
    uint64_t ticket;
    uint8_t what;      /* log_what */
    struct bytes unit; /* who asks */
    uint64_t index;    /* LOG_PROOF: of the entry */
    struct bytes text; /* LOG_TILE: its path; LOG_COSIGN: the note */
};

void log_ask_put(const struct log_ask *a, struct buf *out);
MUST_USE enum result log_ask_take(struct cursor *in, struct log_ask *out);

enum log_answer {
    LOG_HERE = 1,   /* `text`: the note, the tile, the proof */
    LOG_NONE = 2,   /* there is no such thing, or not for this unit */
    LOG_DENIED = 3, /* not for this unit; a note that no known witness signed */
    LOG_WRONG = 4,  /* it is no path, no note, not this log's */
    LOG_LATER = 5   /* not now */
};

/* IPC_LOG_SAID */
struct log_said {
    uint64_t ticket;
    uint8_t answer; /* log_answer */
    struct bytes text, entry;
};

void log_said_put(const struct log_said *s, struct buf *out);
MUST_USE enum result log_said_take(struct cursor *in, struct log_said *out);

#endif

/*
 * The gateway's half of a vault item's key: asked for by a unit's vault through the edge, judged
 * and recorded by the ledger, made by the keeper under a scope of its own kind, and sealed there
 * for the vault at once. So the edge never gets such a scope's key, no half passes unrecorded, and
 * nobody between keeper and vault can read one. Takers and putters as in road.h.
 */
#ifndef FEDGATE_IPC_HALF_ROAD_H
#define FEDGATE_IPC_HALF_ROAD_H

#include "ipc/keys.h"

enum { HALF_BYTES = 32, HALF_READER = 32, HALF_BOX = HALF_BYTES + 48 };

enum half_what {
    HALF_STORE = 1,
    HALF_OPEN = 2,
    HALF_REPORT = 3,
    HALF_HELD = 4 /* no half: which of what the unit may have officers hold */
};

/* IPC_HALF_ASK */
struct half_ask {
    uint64_t ticket;
    uint8_t what;                /* half_what */
    struct bytes unit;           /* whose vault asks */
    uint64_t index;              /* of the leaf "released"; of a stream, "watch-opened"; HALF_HELD:
                                    the first that it asks about */
    uint8_t reader[HALF_READER]; /* its public key for this answer; zero where none is given */
    int64_t used_us;             /* HALF_REPORT: when it was opened */
    struct road_fact fact;       /* who opens, and why */
};
void half_ask_put(const struct half_ask *a, struct buf *out);
MUST_USE enum result half_ask_take(struct cursor *in, struct half_ask *out);

enum half_answer {
    HALF_GIVEN = 1,
    HALF_NONE = 2,     /* there is no such record of this unit */
    HALF_FREE = 3,     /* nothing is owed for it: no half is needed */
    HALF_ENDED = 4,    /* it is to be destroyed */
    HALF_USED_UP = 5,  /* it was opened as often as it may be */
    HALF_LATER = 6,    /* not now */
    HALF_SUSPENDED = 7 /* the consent that it rests on does not stand for now */
};

/* IPC_HALF_SAID */
struct half_said {
    uint64_t ticket;
    uint8_t answer;      /* half_answer */
    bool limited;        /* openings are counted, and */
    uint32_t left;       /* so many are left */
    uint64_t entry;      /* of the log about this question */
    struct bytes clause; /* that it was released under */
    struct bytes box;    /* HALF_BOX bytes, or none */
    struct bytes held;   /* HALF_HELD: half_holds, one after the other; */
    uint64_t next;       /* where to ask on, 0: that was all */
};
void half_said_put(const struct half_said *s, struct buf *out);
MUST_USE enum result half_said_take(struct cursor *in, struct half_said *out);

/* What one hold of officers preserves. */
enum { HALF_HELD_MAX = 1000, HALF_HELD_BYTES = HALF_HELD_MAX * (8 + 2 + 8 + 4 + 200) };
struct half_hold {
    struct bytes subject; /* "incident PARTY/UNIT:UUID", "record N", "scope N" */
    int64_t since_us;
    struct bytes records; /* ascending: road_item */
};
void half_hold_put(const struct half_hold *h, struct buf *out);
MUST_USE enum result half_hold_take(struct cursor *in, struct half_hold *out);

/* IPC_HALF_MAKE. The answer IPC_HALF_IS is a box of HALF_BOX bytes, or nothing. */
struct half_make {
    uint64_t scope, index;
    uint8_t reader[HALF_READER];
};
void half_make_put(const struct half_make *m, struct buf *out);
MUST_USE enum result half_make_take(struct cursor *in, struct half_make *out);

/* The tuple of the scope for vaults that belongs to a group of deliveries; the keeper knows such
 * scopes by it, and gives their keys to nobody. */
void half_tuple(uint64_t group, uint8_t out[ROAD_DIGEST]);
bool half_is_tuple(const uint8_t tuple[ROAD_DIGEST]);

#endif

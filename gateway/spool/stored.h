/*
 * Records that are still needed: of messages that somebody may get or has to attend to; of
 * outcomes; of acts. They stand in a round, in which a snapshot writes each of them once
 * (ledger/snapshot.h).
 */
#ifndef FEDGATE_SPOOL_STORED_H
#define FEDGATE_SPOOL_STORED_H

#include "journal/journal.h"

#include <sys/queue.h>

struct delivery;

struct stored {
    uint64_t index; /* of its leaf "received" */
    int64_t at_us;
    struct journal_place place; /* of its record; all zero for an outcome */
    uint64_t refers;            /* of a notice: the leaf that it is about */
    LIST_HEAD(, delivery) deliveries;
    size_t holds;   /* how many need it */
    uint32_t lap;   /* of the round when it was written or came */
    uint8_t duties; /* how many it came with */
    bool is_act;    /* an officer's act, and no message */
    TAILQ_ENTRY(stored) in_turn;
};

TAILQ_HEAD(stored_turns, stored);

struct stored_round {
    struct stored_turns turns; /* those that this lap has not reached stand in front, behind them
                                  those that it has, and then those that came meanwhile */
    struct stored *came;       /* the first of these, or NULL */
    uint32_t lap;
};

void stored_round_init(struct stored_round *r);

/* One more, with one hold, which is the caller's. It needs no writing in the present lap. */
struct stored *stored_new(struct stored_round *r, uint64_t index, int64_t at_us,
                          struct journal_place place, uint64_t refers);

/* One hold more; one less, which frees it when it was the last. */
void stored_hold(struct stored *s);
void stored_drop(struct stored_round *r, struct stored *s);

/* Begins a lap: none of those that are there was written. */
void stored_begin_lap(struct stored_round *r);

/* The next that this lap has not reached, or NULL; whether it has reached one; and that it has. */
struct stored *stored_next(const struct stored_round *r);
bool stored_is_done(const struct stored_round *r, const struct stored *s);
void stored_done(struct stored_round *r, struct stored *s);

#endif

/*
 * Snapshots: what the ledger knows is written again at the journal's head, so that what stands
 * before it can go. The crash argument stands in snapshot.c. Inside ledger/ only.
 */
#ifndef FEDGATE_LEDGER_SNAPSHOT_H
#define FEDGATE_LEDGER_SNAPSHOT_H

#include "ledger/state.h"

enum kept {
#define K(NAME, number, function, text) KEPT_##NAME = (number),
#include "ledger/kept.def"
#undef K
};

/* ---- writing (snapshot.c) */

/* Behind a commit: begins a snapshot when the journal has grown enough, writes it on, and unlinks
 * the oldest segment once it is whole. RESULT_IO and the like end the process. */
MUST_USE enum result snapshot_turn(struct ledger *l);

/* Whether the next turn has something of it to do at once. */
bool snapshot_is_busy(const struct ledger *l);

/*
 * Before the first of the records that will change this message's deliveries or duties: writes it
 * into the snapshot, if there is one that lacks it, and leaves room in the frame for `more` bytes.
 * It may commit, so nothing may be added by halves.
 */
MUST_USE enum result snapshot_ready(struct ledger *l, struct stored *s, size_t more);

/* The same for the messages whose duties this one may meet. */
MUST_USE enum result snapshot_ready_for(struct ledger *l, const struct road_commit *c, size_t more);

/* A record changes this message. One that was not made ready stops the next commit: the process
 * ends, and recovers from what is on disk. */
void snapshot_changes(struct ledger *l, const struct stored *s);

/* Room for so many bytes in the frame and in the journal; a commit, and a spare segment, if need
 * be. RESULT_FULL: there is none. */
MUST_USE enum result snapshot_make_room(struct ledger *l, size_t bytes);

/* ---- what is written (snapshot_put.c), and taken again (snapshot_take.c) */

/* What a scope waits for, and when and why it ends; also that of what recipients owe.
 * RESULT_DAMAGED. */
void clock_put(const struct spool_scope *x, struct buf *out);
MUST_USE enum result clock_take(struct cursor *in, struct road_scope *x, int64_t *ends_us,
                                enum spool_cause *cause);

/* All but messages, in as many frames as that takes. RESULT_FULL: the journal has no room. */
MUST_USE enum result snapshot_put_standing(struct ledger *l);
MUST_USE enum result snapshot_put_message(struct ledger *l, struct stored *s);

/* Some of the ids that are remembered, in about `most` bytes; *bytes is 0 when none was left.
 * RESULT_FULL: the journal has no room, and the snapshot is over. */
MUST_USE enum result snapshot_put_seen(struct ledger *l, size_t most, size_t *bytes);

/* ---- recovery (snapshot_take.c) */

/* One record as it comes back. */
MUST_USE enum result snapshot_read(struct ledger *l, const struct journal_record *r);

/* All came back. RESULT_DAMAGED, with the fault's text filled, when they are not all of it. */
MUST_USE enum result snapshot_read_all(struct ledger *l, struct journal_fault *fault);

#endif

/*
 * The ledger's time. Everything that has a deadline goes by ledger_now: the later of the system's
 * clock and the latest time on record, so that a clock set back brings nothing back and destroys
 * nothing twice.
 *
 * A clock that is far ahead of where it must be by now may be wrong, and what is destroyed by it
 * would be gone. Where it must be: at the start, the latest time on record; from then on, so much
 * later as the steady clock has gone. That is never later than the true time, whatever the system's
 * clock says. Beyond a bound (`clock_jump`), and when more than a share of the scopes, and of the
 * groups that recipients are to destroy (`destroy_share`), would be due at once, an officer of
 * whoever runs the gateway is asked. Until somebody answers, or the clock comes back, the ledger
 * and the edge go by the held time: what is due by it goes on being destroyed, nothing that is due
 * by the system's clock alone is destroyed or ordered to be, and nothing that is past its deadline
 * by either leaves.
 *
 * Inside ledger/ only.
 */
#ifndef FEDGATE_LEDGER_CLOCKS_H
#define FEDGATE_LEDGER_CLOCKS_H

#include "ipc/control.h"
#include "ledger/state.h"

/* At the start, when all is read: what the clock has to be measured against. */
void clocks_begin(struct ledger *l);

/* First in a turn: whether the clock jumped, or came back. */
MUST_USE enum result clocks_turn(struct ledger *l);

/* Whether the system's clock is not gone by now: it jumped, and nobody has trusted it since. */
bool clocks_are_held(const struct ledger *l);

/* Whether the delivery is past its deadline by a clock that nobody has trusted yet: it is kept, and
 * offered to nobody. */
bool clocks_bar(const struct ledger *l, const struct delivery *d);

/* Tells the edge by which time to go. */
void clocks_tell(struct ledger *l);

/* Whether this officer may say now that the clock is right, or wrong: "clock +SECONDS", as it is
 * ahead. */
enum control_code clocks_judge(const struct ledger *l, struct bytes subject,
                               const struct ledger_officer *who);

/* What is said then, once it is recorded. */
MUST_USE enum result clocks_accept(struct ledger *l);
void clocks_refuse(struct ledger *l);
MUST_USE enum result clocks_apply(struct ledger *l, struct bytes body); /* RECORD_CLOCK */

/* How it stands, as one item; `room` is where its views stay. */
void clocks_show(const struct ledger *l, struct buf *room, struct control_item *out);

#endif

/*
 * Entries of the log are let go once they are older than all that law wants kept: the register's
 * rows rest on them, so not before the register's facts, nor within LOG_KEPT_LEAST. An officer of
 * an auditor, or of whoever runs the gateway, signs from where on the log is kept; that act is on
 * the disk, and the statement beside the tiles, before the first entry goes. A ledger that ended
 * meanwhile goes on where it was.
 *
 * Inside ledger/ only.
 */
#ifndef FEDGATE_LEDGER_PRUNE_H
#define FEDGATE_LEDGER_PRUNE_H

#include "ledger/acts.h"

#define LOG_KEPT_LEAST (730 * US_PER_DAY) /* the Safety Notice: access logs, two years at most */

/* Whether the officer may have it let go: "entries before N". */
enum control_code prune_judge(const struct ledger *l, struct bytes subject,
                              const struct ledger_officer *who);

/* What the act's record does: after the commit it is carried out. One that was before, or that a
 * later one went beyond, asks for nothing. */
void prune_begin(struct ledger *l, struct bytes subject, struct bytes text, struct bytes signature);

/* At the start: what a statement says was let go, and is still there. RESULT_DAMAGED with the
 * statement no statement. */
MUST_USE enum result prune_resume(struct ledger *l);

/* After a commit: some of what there is to do; and whether there is more, for which the disk has
 * room. */
MUST_USE enum result prune_turn(struct ledger *l);
bool prune_is_busy(const struct ledger *l);

#endif

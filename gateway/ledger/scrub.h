/*
 * The scrubber: the journal is read again from the disk about once a day, a little at a time, so
 * that damage is known before a start needs what is damaged. Inside ledger/ only.
 */
#ifndef FEDGATE_LEDGER_SCRUB_H
#define FEDGATE_LEDGER_SCRUB_H

#include "ledger/state.h"

/* Reads a piece when it is time. What does not verify is an alarm in the log of the process, with
 * its place, and an entry of the audit log; the ledger goes on. RESULT_IO and the like: it could
 * not be recorded. */
MUST_USE enum result scrub_turn(struct ledger *l);

#endif

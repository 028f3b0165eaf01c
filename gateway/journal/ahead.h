/*
 * Reading ahead: one thread reads and verifies frames and finds their records, and the caller's
 * takes these, in order. Half of what a start costs is that, and it knows nothing of what the
 * records mean.
 *
 * The thread lives as long as ahead_run. It reads into windows, and a window with records that it
 * gave is the caller's until they were taken: nothing is copied. Everything else that `read` works
 * with is its own until ahead_run returns.
 */
#ifndef FEDGATE_JOURNAL_AHEAD_H
#define FEDGATE_JOURNAL_AHEAD_H

#include "journal/walk.h"

struct ahead;

/*
 * Runs `read` on a thread of its own; each record that it gives is handed to `take` on the
 * caller's. When `take` fails, nothing more is handed over, and that is the result: it is about
 * what stands before everything that `read` may have met. Else it is what `read` returned.
 * RESULT_NO_MEMORY without a thread.
 */
MUST_USE enum result ahead_run(enum result (*read)(struct ahead *a, void *arg),
                               enum result (*take)(void *arg, const struct journal_record *r),
                               void *arg);

/* In `read` only: the next window to read into, as walk_windows has it. Waits while all others hold
 * what was given and not taken. NULL: nobody takes any more. */
struct buf *ahead_next(void *ahead, struct bytes kept);

/* In `read` only: gives a record, whose body stands in the window that ahead_next gave last, and
 * stays there. */
void ahead_give(struct ahead *a, const struct journal_record *r);

#endif

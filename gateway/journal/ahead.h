/*
 * Reading ahead: one thread reads and verifies frames, and the caller's takes their records, in
 * order. Half of what a start costs is hashing, and it knows nothing of what the records mean.
 *
 * The thread lives as long as ahead_run. It reads into windows, and a window with frames that it
 * gave is the caller's until they were taken, marks taken out of them in place: nothing is copied.
 * Everything else that `read` works with is its own until ahead_run returns.
 */
#ifndef FEDGATE_JOURNAL_AHEAD_H
#define FEDGATE_JOURNAL_AHEAD_H

#include "journal/walk.h"

struct ahead;

/* A frame that verified. */
struct ahead_frame {
    struct frame_header header;
    uint32_t segment;
    uint64_t place; /* in its segment's file */
};

/*
 * Runs `read` on a thread of its own; each frame that it gives is handed to `take` on the caller's.
 * When `take` fails, nothing more is handed over, and that is the result: it is about what stands
 * before everything that `read` may have met. Else it is what `read` returned. RESULT_NO_MEMORY
 * without a thread.
 */
MUST_USE enum result ahead_run(enum result (*read)(struct ahead *a, void *arg),
                               enum result (*take)(void *arg, const struct ahead_frame *f,
                                                   struct bytes records),
                               void *arg);

/* In `read` only: the next window to read into, as walk_windows has it. Waits while all others hold
 * what was given and not taken. NULL: nobody takes any more. */
struct buf *ahead_next(void *ahead, struct bytes kept);

/* In `read` only: gives a frame, which stands at `raw` in the window that ahead_next gave last. */
void ahead_give(struct ahead *a, const struct ahead_frame *f, const uint8_t *raw);

#endif

/* One event loop, over libevent. A thread has one; nothing here may be called from another thread.
 */
#ifndef FEDGATE_NET_LOOP_H
#define FEDGATE_NET_LOOP_H

#include "base/clock.h"

#include <stddef.h>
#include <stdint.h>

struct loop;

struct loop *loop_new(void);

/* The same with the timers on a clock of the caller's, which tests turn by hand. */
struct loop *loop_new_with_clock(const struct clock *clock);
void loop_free(struct loop *l); /* after everything on it was freed; accepts NULL */

/* Runs until loop_stop. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

/* One turn: what is ready now, or what comes within `most_us` (0: do not wait). For tests. */
void loop_turn(struct loop *l, int64_t most_us);

/* Steady time in microseconds, as the timers see it. */
int64_t loop_now_us(const struct loop *l);

/* Room for `n` bytes that everything on this loop shares: valid until the callback that asked
 * returns to the loop. The contents are whatever was left there. */
uint8_t *loop_scratch(struct loop *l, size_t n);

/* ---- a descriptor */
enum { LOOP_READ = 1, LOOP_WRITE = 2 };
struct loop_watch;

/* `ready` is called with the events among `events` that are ready, again and again until they are
 * taken off. The descriptor stays the caller's, and outlives the watch. */
struct loop_watch *loop_watch_new(struct loop *l, int fd, void (*ready)(void *arg, int events),
                                  void *arg);
void loop_watch_set(struct loop_watch *w, int events);
void loop_watch_free(struct loop_watch *w); /* accepts NULL; may be called from its own callback */

/* ---- time */
struct loop_timer;
struct loop_timer *loop_timer_new(struct loop *l, void (*due)(void *arg), void *arg);

/* Once; again replaces. 0: at the end of this turn, behind everything that is ready in it; set at
 * the end of a turn, in the next one. */
void loop_timer_set(struct loop_timer *t, int64_t in_us);
void loop_timer_stop(struct loop_timer *t);
void loop_timer_free(struct loop_timer *t); /* accepts NULL; may be called from its own callback */

/* ---- signals, as they come to the loop (never inside a handler); one watch a signal and process.
 * The signal is blocked for the calling thread meanwhile: made before other threads start. */
struct loop_signal;
struct loop_signal *loop_signal_new(struct loop *l, int signal, void (*came)(void *arg), void *arg);
void loop_signal_free(struct loop_signal *s); /* accepts NULL */

#endif

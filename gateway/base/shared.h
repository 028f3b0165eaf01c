/* Immutable bytes with several holders: one copy, however many watchers or recipients; wiped by the
 * last holder. */
#ifndef FEDGATE_BASE_SHARED_H
#define FEDGATE_BASE_SHARED_H

#include "base/bytes.h"

struct shared;

/* Room for `n` bytes, not zeroed: filled by the maker through shared_room before anyone else holds
 * it. One hold. */
struct shared *shared_new(size_t n);
uint8_t *shared_room(struct shared *s);

/* A copy of `b`, with one hold. */
struct shared *shared_copy(struct bytes b);

/* One more hold, which shared_drop ends. Both may be called from any thread. shared_drop accepts
 * NULL. */
struct shared *shared_hold(struct shared *s);
void shared_drop(struct shared *s);

struct bytes shared_view(const struct shared *s);

/* Some of its bytes, to be changed by whoever was given them first, before anybody else is. */
uint8_t *shared_edit(struct shared *s, struct bytes view);

/*
 * Buffers that were dropped and wait, wiped, to be used again: those of one owner, who takes them
 * on one thread. Whoever is a buffer's last holder gives it back, on any thread, without a lock.
 */
struct shared_pool;

/* Keeps at most about `most` bytes. */
struct shared_pool *shared_pool_new(size_t most);

/* Buffers in use outlive it. Accepts NULL. */
void shared_pool_free(struct shared_pool *pool);

/* One that was given back, with room for `n` bytes; NULL when there is none, or none that is not
 * much larger. `pool` may be NULL. */
struct shared *shared_pool_reuse(struct shared_pool *pool, size_t n);

/* The same, else a new one that will be given back there. Small ones are not kept. */
struct shared *shared_pool_take(struct shared_pool *pool, size_t n);

/* About once a second: frees as many as waited all the time since the last call. */
void shared_pool_tick(struct shared_pool *pool);

#endif

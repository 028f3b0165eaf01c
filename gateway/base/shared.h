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

#endif

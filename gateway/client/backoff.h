/* How long to wait before the next attempt. */
#ifndef FEDGATE_CLIENT_BACKOFF_H
#define FEDGATE_CLIENT_BACKOFF_H

#include <stdint.h>

/* Zeroed: nothing has failed. */
struct backoff {
    unsigned failures; /* in a row */
    int64_t last_us;
};

/* After another failure: twice as long each time, from 0.2 s to 30 s, less up to half of it as
 * `random` says, so that the units of a whole city do not come back at once. A minute without
 * failure begins anew. */
int64_t backoff_next(struct backoff *b, int64_t now_us, uint32_t random);

/* The gateway answered: what fails next is the first failure. */
static inline void backoff_worked(struct backoff *b)
{
    b->failures = 0;
}

#endif

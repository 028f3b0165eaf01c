#include "client/backoff.h"

#include "base/clock.h"

#define FIRST   (US_PER_S / 5)
#define LONGEST (30 * US_PER_S)

enum { DOUBLINGS = 8 }; /* from the first past the longest */

int64_t backoff_next(struct backoff *b, int64_t now_us, uint32_t random)
{
    if (now_us - b->last_us > US_PER_MINUTE)
        b->failures = 0;
    b->last_us = now_us;
    int64_t most = FIRST << b->failures;
    if (b->failures < DOUBLINGS)
        b->failures++;
    if (most > LONGEST)
        most = LONGEST;
    return most - (int64_t)(((uint64_t)most / 2 * random) >> 32);
}

/*
 * A budget that fills with time, up to a burst. Points are kept in millionths, so that microseconds
 * add up without rounding. Pure.
 */
#ifndef FEDGATE_BASE_BUCKET_H
#define FEDGATE_BASE_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct bucket_size {
    uint32_t most, a_second;
};

struct bucket {
    int64_t millionths;
    int64_t filled_us; /* up to when time has filled it */
};

/* Full, as of now. */
void bucket_init(struct bucket *b, const struct bucket_size *size, int64_t now_us);

/* Adds points that were earned, no further than full. */
void bucket_earn(struct bucket *b, const struct bucket_size *size, uint64_t points);

/* Fills it up to now; whole points that are left, none when it is overdrawn. A clock that goes back
 * fills nothing. */
uint32_t bucket_left(struct bucket *b, const struct bucket_size *size, int64_t now_us);

/* Pays; false when it is overdrawn then, by as much as fills it at most. */
bool bucket_spend(struct bucket *b, const struct bucket_size *size, int64_t now_us,
                  uint32_t points);

#endif

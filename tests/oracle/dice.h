/* Random numbers that can be had again: the same seed, the same throws. */
#ifndef FEDGATE_TESTS_ORACLE_DICE_H
#define FEDGATE_TESTS_ORACLE_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

/* splitmix64 (Steele, Lea, Flood 2014) */
static inline uint64_t dice_next(struct dice *d)
{
    uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* From 0 to n - 1. */
static inline size_t dice_of(struct dice *d, size_t n)
{
    return (size_t)(dice_next(d) % n);
}

static inline int64_t dice_between(struct dice *d, int64_t first, int64_t last)
{
    return first + (int64_t)(dice_next(d) % (uint64_t)(last - first + 1));
}

/* True in `percent` of a hundred throws. */
static inline bool dice_odds(struct dice *d, unsigned percent)
{
    return dice_next(d) % 100 < percent;
}

#define DICE_PICK(d, table) ((table)[dice_of((d), sizeof(table) / sizeof(table)[0])])

#endif

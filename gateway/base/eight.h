/* Eight bytes at a time, for texts that are mostly ASCII. Tests answer with the upper bit of a byte
 * set or clear, and are exact as long as every byte is below 0x80, which is asked first or too. */
#ifndef FEDGATE_BASE_EIGHT_H
#define FEDGATE_BASE_EIGHT_H

#include "base/bytes.h"

#define EIGHT(byte)  (UINT64_C(0x0101010101010101) * (byte))
#define EIGHT_UPPERS EIGHT(0x80)

static inline uint64_t eight_at(const uint8_t *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

/* Up to seven bytes, and `filler` behind them. */
static inline uint64_t eight_of_few(const uint8_t *p, size_t n, uint8_t filler)
{
    uint64_t w = EIGHT(filler);
    if (n > 0)
        memcpy(&w, p, n);
    return w;
}

/* The upper bit of each byte that is `low` to `high`; both, and all bytes, below 0x80. */
static inline uint64_t eight_within(uint64_t w, uint8_t low, uint8_t high)
{
    return (w + EIGHT(0x80u - low)) & ~(w + EIGHT(0x7fu - high)) & EIGHT_UPPERS;
}

/* Whether `holds` is true of all bytes; it is asked about eight, some of which it has seen already
 * or are `filler`. */
static inline bool eight_all(struct bytes b, bool (*holds)(uint64_t eight), uint8_t filler)
{
    size_t i = 0;
    if (b.n < 8)
        return holds(eight_of_few(b.p, b.n, filler));
    for (; b.n - i > 8; i += 8)
        if (!holds(eight_at(b.p + i)))
            return false;
    return holds(eight_at(b.p + b.n - 8));
}

#endif

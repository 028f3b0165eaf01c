#include "search/set.h"

#include <endian.h>

void set_keep(struct set *s, unsigned from, unsigned to)
{
    for (unsigned w = 0; w < SET_WORDS; w++) {
        const unsigned first = w * 64;
        uint64_t mask = UINT64_MAX;
        if (first + 64 <= from || first >= to)
            mask = 0;
        if (mask != 0 && first < from)
            mask &= UINT64_MAX << (from - first);
        if (mask != 0 && first + 64 > to)
            mask &= UINT64_MAX >> (first + 64 - to);
        s->word[w] &= mask;
    }
}

bool set_and(struct set *s, const struct set *other)
{
    uint64_t any = 0;
    for (unsigned w = 0; w < SET_WORDS; w++)
        any |= s->word[w] &= other->word[w];
    return any != 0;
}

size_t set_count(const struct set *s)
{
    size_t n = 0;
    for (unsigned w = 0; w < SET_WORDS; w++)
        n += (size_t)__builtin_popcountll(s->word[w]);
    return n;
}

unsigned set_next(const struct set *s, unsigned from)
{
    for (unsigned w = from / 64; w < SET_WORDS; w++) {
        uint64_t bits = s->word[w];
        if (w == from / 64)
            bits &= UINT64_MAX << (from % 64);
        if (bits != 0)
            return w * 64 + (unsigned)__builtin_ctzll(bits);
    }
    return CHUNK;
}

unsigned set_last(const struct set *s, unsigned before)
{
    for (unsigned w = (before + 63) / 64; w-- > 0;) {
        uint64_t bits = s->word[w];
        if (before / 64 == w)
            bits &= (UINT64_C(1) << (before % 64)) - 1;
        if (bits != 0)
            return w * 64 + 63 - (unsigned)__builtin_clzll(bits);
    }
    return CHUNK;
}

/* Ascending, so that there is one way to write it. */
static enum result read_list(struct set *s, struct bytes row)
{
    unsigned last = 0;
    for (size_t i = 0; i < row.n; i += 2) {
        const unsigned at = (unsigned)row.p[i] << 8 | row.p[i + 1];
        if (i > 0 && at <= last)
            return RESULT_DAMAGED;
        last = at;
        set_put(s, at);
    }
    return RESULT_OK;
}

enum result set_read(struct set *s, struct bytes row)
{
    if (row.n == 0 || row.n > SET_BITMAP || row.n % 2 != 0)
        return RESULT_DAMAGED;
    if (row.n < SET_BITMAP)
        return read_list(s, row);
    for (unsigned w = 0; w < SET_WORDS; w++) {
        uint64_t bits;
        memcpy(&bits, row.p + w * sizeof bits, sizeof bits);
        s->word[w] |= le64toh(bits);
    }
    return RESULT_OK;
}

struct bytes set_write(const struct set *s, uint8_t out[SET_BITMAP])
{
    size_t n = 0;
    if (set_count(s) * 2 < SET_BITMAP) {
        for (unsigned at = set_next(s, 0); at < CHUNK; at = set_next(s, at + 1)) {
            out[n++] = (uint8_t)(at >> 8);
            out[n++] = (uint8_t)at;
        }
        return bytes_of(out, n);
    }
    for (unsigned w = 0; w < SET_WORDS; w++) {
        const uint64_t bits = htole64(s->word[w]);
        memcpy(out + w * sizeof bits, &bits, sizeof bits);
    }
    return bytes_of(out, SET_BITMAP);
}

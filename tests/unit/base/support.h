/* What unit tests of several modules share: cmocka behind the headers that it wants, numbers that
 * look random and are the same in every run, and a view of what is wiped. */
#ifndef FEDGATE_TESTS_BASE_SUPPORT_H
#define FEDGATE_TESTS_BASE_SUPPORT_H

#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* The address sanitizer takes mlock away; what is asserted of it is asserted without that only. */
#if defined(__SANITIZE_ADDRESS__)
#define HAS_MLOCK false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_MLOCK false
#endif
#endif
#ifndef HAS_MLOCK
#define HAS_MLOCK true
#endif

/* xorshift64*; zeroed it begins at the same place in every test. */
struct chance {
    uint64_t state;
};

static inline uint64_t chance_next(struct chance *c)
{
    uint64_t x = c->state == 0 ? UINT64_C(0x9e3779b97f4a7c15) : c->state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    c->state = x;
    return x * UINT64_C(0x2545f4914f6cdd1d);
}

/* A number below `n`. */
static inline size_t chance_below(struct chance *c, size_t n)
{
    return (size_t)((chance_next(c) >> 16) % n);
}

static inline void chance_fill(struct chance *c, void *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((uint8_t *)p)[i] = (uint8_t)(chance_next(c) >> 32);
}

static inline void assert_bytes(struct bytes b, const char *text)
{
    assert_int_equal(b.n, strlen(text));
    assert_memory_equal(b.p, text, b.n);
}

#endif

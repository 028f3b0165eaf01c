/* What the tests of standing/ share: changes, by a carrier and a disaster room. */
#ifndef FEDGATE_TESTS_STANDING_SUPPORT_H
#define FEDGATE_TESTS_STANDING_SUPPORT_H

#include "standing/standing.h"

#include "../base/support.h"

#include <stdio.h>

#define CARRIER "carrier-hana/guardian-service"
#define ROOM    "daejeon-city-center/disaster-room"
#define NOON    INT64_C(1795222800000000)

static inline struct standing_change region(enum standing_step step, const char *name)
{
    return (struct standing_change){
        .step = step, .by = bytes_of_text(ROOM), .region = bytes_of_text(name), .at_us = NOON};
}

/* Of consent number `n`, for all purposes. */
static inline struct standing_change consent(enum standing_step step, unsigned n)
{
    struct standing_change c = {.step = step, .by = bytes_of_text(CARRIER), .at_us = NOON};
    memcpy(c.consent, &n, sizeof n);
    return c;
}

static inline const uint8_t *purpose(unsigned n)
{
    static uint8_t tag[64][STANDING_TAG];
    tag[n][0] = (uint8_t)n;
    return tag[n];
}

static inline struct standing_change for_purpose(struct standing_change c, unsigned n)
{
    memcpy(c.purpose[c.purposes++], purpose(n), STANDING_TAG);
    return c;
}

static inline bool is_gone(const struct standing *s, unsigned n, unsigned for_what)
{
    return standing_is_gone(s, consent(STANDING_SUSPENDED, n).consent, purpose(for_what));
}

static inline bool is_active(const struct standing *s, const char *name)
{
    return standing_is_active(s, bytes_of_text(name));
}

/* Judged as it is applied. */
static inline enum standing_verdict applied(struct standing *s, struct standing_change c)
{
    enum standing_verdict judged = standing_judge(s, &c);
    assert_int_equal(standing_apply(s, &c), judged);
    if (judged == STANDING_APPLIED)
        assert_int_equal(standing_judge(s, &c), STANDING_UNCHANGED);
    return judged;
}

#endif

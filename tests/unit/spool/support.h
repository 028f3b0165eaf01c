/* What the tests of spool share: scopes and messages to fill them with. */
#ifndef FEDGATE_TESTS_SPOOL_SUPPORT_H
#define FEDGATE_TESTS_SPOOL_SUPPORT_H

#include "spool/scopes.h"

#include "base/clock.h"
#include "crypto/init.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define NOON     (INT64_C(1700000000) * US_PER_S)
#define CENTRE   "npa-daejeon/112-control"
#define CAR      "npa-daejeon/patrol-7"
#define INCIDENT CENTRE ":019aa2b0-0000-7000-8000-000000000001"
#define OTHER    CENTRE ":019aa2b0-0000-7000-8000-000000000002"

static inline int start_crypto(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

static inline struct road_scope a_scope(uint64_t id, const char *incident, enum spool_starts starts,
                                        int64_t delay_us, int64_t deadline_us)
{
    return (struct road_scope){.id = id,
                               .incident = bytes_of_text(incident),
                               .starts = (uint8_t)starts,
                               .delay_us = delay_us,
                               .deadline_us = deadline_us,
                               .generation = 1};
}

#endif

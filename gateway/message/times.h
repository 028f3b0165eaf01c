/* protobuf's Timestamp (google/protobuf/timestamp.proto) and our microseconds. */
#ifndef FEDGATE_MESSAGE_TIMES_H
#define FEDGATE_MESSAGE_TIMES_H

#include "base/clock.h"

#include <google/protobuf/timestamp.pb-c.h>

#define TIME_FIRST_S INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define TIME_LAST_S  INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

static inline bool time_is_valid(const Google__Protobuf__Timestamp *t)
{
    return t->seconds >= TIME_FIRST_S && t->seconds <= TIME_LAST_S && t->nanos >= 0 &&
           t->nanos <= 999999999;
}

/* Microseconds of a valid time; 0 for NULL, which stands for "not given". */
static inline int64_t time_us(const Google__Protobuf__Timestamp *t)
{
    return t == NULL ? 0 : t->seconds * US_PER_S + t->nanos / 1000;
}

#endif

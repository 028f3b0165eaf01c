/* Parts that several of the contract's messages have, made from words of ours. Inside service/
 * only. */
#ifndef FEDGATE_SERVICE_PARTS_H
#define FEDGATE_SERVICE_PARTS_H

#include "base/arena.h"

#include <fedgate/v1/fedgate.pb-c.h>

/* A zero-terminated copy in the arena; "" when the arena is full. */
char *parts_text(struct arena *a, struct bytes text);

/* Microseconds since 1970 as a Timestamp, which is initialised here. */
void parts_time(Google__Protobuf__Timestamp *t, int64_t us);
void parts_duration(Google__Protobuf__Duration *d, int64_t us); /* the same for microseconds */

/* Words with blanks between them as Reasons, at most FINDINGS_MAX; *out is in the arena. Their
 * count. */
size_t parts_flags(struct arena *a, struct bytes words, Fedgate__V1__Reason **out);

/* ---- obligations.c: what a grant asks of whoever gets something, in the arena or the policy set;
 * and by when somebody is to attend to it. */
struct policy;
struct obligations;
void parts_obligations(struct arena *a, const struct policy *p, uint32_t grant,
                       const struct obligations *o, Fedgate__V1__Obligations *must);
void parts_attend(struct arena *a, int64_t by_us, const struct obligations *o,
                  Fedgate__V1__Obligations *must);

#endif

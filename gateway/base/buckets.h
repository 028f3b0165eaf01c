/*
 * Budgets (base/bucket.h) of many, in memory that does not grow: each is somebody's, who is named
 * by some bytes. A name has a few places where its bucket may be. When others have all of them, the
 * fullest gives way, so whoever spends most is remembered longest, and whoever is forgotten has a
 * full budget again: strangers in any number take nothing from anybody.
 */
#ifndef FEDGATE_BASE_BUCKETS_H
#define FEDGATE_BASE_BUCKETS_H

#include "base/bucket.h"
#include "base/bytes.h"

#include <stddef.h>

struct buckets;

/* So many at least, each of this size: 24 bytes a bucket. */
struct buckets *buckets_new(size_t count, struct bucket_size size);
void buckets_free(struct buckets *b); /* accepts NULL */

/* Pays one point of this name's; false when it has none left: then it owes nothing for the asking.
 */
bool buckets_pay(struct buckets *b, struct bytes name, int64_t now_us);

/* Takes so many more; what it has not it owes, and pays nothing until time has given that. */
void buckets_charge(struct buckets *b, struct bytes name, int64_t now_us, uint32_t points);

#endif

/* The alerts that are sent: real ones of the contract, all of one size, each with its number and
 * the time at which it was sent, so that whoever gets one can tell all of its bytes. */
#ifndef FEDGATE_BENCH_ALERT_H
#define FEDGATE_BENCH_ALERT_H

#include "base/bytes.h"

enum { ALERT_BYTES = 1024 };

struct alert;

/* Made at `wall_us`. Those of another `run` (below 256) are others to the same gateway. The person
 * is named and positioned: the gateway owes the carrier a notice of each (Location Information Act
 * 19(3)). */
struct alert *alert_new(int64_t wall_us, unsigned run);

#define ALERT_SENDER   "carrier-hana/guardian-service"
#define ALERT_RECEIVER "daejeon-city-center/protection-desk"

/* Another one for the same alerts, for another thread. */
struct alert *alert_copy(const struct alert *a);

/* The first of all, which opens the incident that the others belong to; with a number above 0 one
 * that opens another incident. Valid until the next call. */
struct bytes alert_opening(struct alert *a, uint32_t incident);

/* Alert `number`, valid until the next call. */
struct bytes alert_make(struct alert *a, uint64_t number, int64_t sent_ns);

/* Whether these are exactly the bytes of an alert, and of which. */
bool alert_read(struct alert *a, struct bytes alert, uint64_t *number, int64_t *sent_ns);

#endif

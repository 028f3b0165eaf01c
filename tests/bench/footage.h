/* The messages that a live video takes: an incident is reported, the centre opens a stream for it,
 * the 112 control room watches. Encoded, freed with buf_free. */
#ifndef FEDGATE_BENCH_FOOTAGE_H
#define FEDGATE_BENCH_FOOTAGE_H

#include "base/buf.h"

#define FOOTAGE_SENDER  "daejeon-city-center/video-monitoring"
#define FOOTAGE_WATCHER "npa-daejeon/112-control"

struct buf footage_incident(int64_t wall_us); /* a Message of the watcher */
struct buf footage_close(int64_t wall_us);    /* another, later */
struct buf footage_start(int64_t wall_us);    /* a VideoStart */
struct buf footage_request(void);             /* a WatchRequest */

#endif

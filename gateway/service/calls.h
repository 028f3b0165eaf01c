/* The contract's calls, for net/: each call is bound to a publisher, subscriber, sender or watcher
 * of the edge. */
#ifndef FEDGATE_SERVICE_CALLS_H
#define FEDGATE_SERVICE_CALLS_H

#include "net/server.h"
#include "service/edge.h"

/* The methods that this gateway offers; their `open` gets the session that `accept` returned. */
const struct server_method *calls_methods(size_t *count);

/* What may be had by plain GET: /checkpoint and /tile/..., as C2SP tlog-tiles has them. */
void *calls_get(void *session, struct server_call *call, const char *path);
extern const struct grpc_call_events log_call_events;

#endif

/* The contract's calls, for net/: each call is bound to a publisher, subscriber, sender or watcher
 * of the edge. */
#ifndef FEDGATE_SERVICE_CALLS_H
#define FEDGATE_SERVICE_CALLS_H

#include "net/grpc.h"
#include "service/edge.h"

/* The methods that this gateway offers; their `open` gets the session that `accept` returned. */
const struct grpc_method *calls_methods(size_t *count);

#endif

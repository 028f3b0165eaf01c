/* The call of PolicyService. Inside service/ only. */
#ifndef FEDGATE_SERVICE_CALLS_GRANTS_H
#define FEDGATE_SERVICE_CALLS_GRANTS_H

#include "net/server.h"

extern const struct grpc_call_events grants_call_events;

/* As grpc_method.open. */
void *grants_open(void *session, struct server_call *call);

#endif

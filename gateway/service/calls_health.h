/* grpc.health.v1.Health: whether the gateway takes work. Inside service/ only. */
#ifndef FEDGATE_SERVICE_CALLS_HEALTH_H
#define FEDGATE_SERVICE_CALLS_HEALTH_H

#include "net/server.h"

extern const struct grpc_call_events health_call_events;
void *health_check_open(void *session, struct server_call *call);
void *health_watching_open(void *session, struct server_call *call);

#endif

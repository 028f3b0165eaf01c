/* The calls of VaultService. Inside service/ only. */
#ifndef FEDGATE_SERVICE_CALLS_VAULT_H
#define FEDGATE_SERVICE_CALLS_VAULT_H

#include "service/calls.h"

extern const struct grpc_call_events vault_call_events;

/* As grpc_method.open. */
void *vault_store_open(void *session, struct server_call *call);
void *vault_open_open(void *session, struct server_call *call);
void *vault_report_open(void *session, struct server_call *call);
void *vault_held_open(void *session, struct server_call *call);

#endif

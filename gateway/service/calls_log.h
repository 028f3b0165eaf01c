/* The calls of TransparencyService, and the same by plain GET. Inside service/ only. */
#ifndef FEDGATE_SERVICE_CALLS_LOG_H
#define FEDGATE_SERVICE_CALLS_LOG_H

#include "service/calls.h"

/* As grpc_method.open. */
void *log_checkpoint_open(void *session, struct server_call *call);
void *log_proof_open(void *session, struct server_call *call);
void *log_tile_open(void *session, struct server_call *call);
void *log_cosignature_open(void *session, struct server_call *call);

#endif

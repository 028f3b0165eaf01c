/* Questions about the audit log, asked and waited for: what "proof" and "witness" share. Not from
 * callbacks. */
#ifndef FEDGATE_CLI_AGENT_LOG_H
#define FEDGATE_CLI_AGENT_LOG_H

#include "audit/proof.h"
#include "cli/agent/agent.h"

struct log_asking {
    struct agent *agent;
    struct buf text, entry; /* of the last answer */
    int status;             /* how it ended: a status of gRPC; -1: there was no call */
    bool waiting;
    uint64_t tiles; /* asked for so far */
};

void log_asking_begin(struct log_asking *q, struct agent *a);
void log_asking_end(struct log_asking *q);

/* Each waits for the answer, which is in q->text then. False when there is none: what the gateway
 * said was told, unless it is "not found". */
bool log_ask_checkpoint(struct log_asking *q);
bool log_ask_proof(struct log_asking *q, const struct fedgate_record *record);
bool log_ask_tile(struct log_asking *q, const char *path);
bool log_ask_cosignature(struct log_asking *q, uint64_t old_size, const char *note);

/* The gateway's hash tiles. */
struct proof_source log_tiles(struct log_asking *q);

#endif

/* The messages and streams of a log, each with what became of it. Inside audit_flows*.c only. */
#ifndef FEDGATE_CLI_AUDIT_FLOWS_H
#define FEDGATE_CLI_AUDIT_FLOWS_H

#include "audit/leaf.h"
#include "base/arena.h"
#include "base/map.h"
#include "cli/cli.h"

/* What became of a message for one recipient. */
enum outcome {
    WAITING,
    HELD,
    TAKEN,
    REFUSED,
    RELEASED,
    WITHHELD,
    SET_ASIDE,
    EXPIRED,
    SUPERSEDED,
    NOT_NEEDED
};

struct recipient {
    struct recipient *next;
    struct bytes unit, reason, clause, failed, flags, scope;
    enum outcome outcome;
    bool reserve; /* the clause's unit for when nobody attends */
    int64_t deadline_us, acknowledged_us;
};

/* A message, or an event of a stream. Its texts live in the arena. */
struct flow {
    struct flow *next;
    uint64_t index;
    int64_t time_us;
    enum audit_event event;
    struct bytes kind, source, scopes, detail;
    struct recipient *recipient, **last;
};

/* When a scope's key was erased. */
struct erased {
    struct bytes scope;
    int64_t time_us;
};

struct flows {
    bool korean;
    struct arena *arena;
    struct map *by_index; /* flows of messages */
    struct map *by_scope; /* erased scopes */
    struct flow *first, **last;
    struct cli_table *table;
    int64_t last_us; /* of the row before */
    struct buf text;
};

/* Prints the table to standard output. */
void audit_flows_print(struct flows *all);

#endif

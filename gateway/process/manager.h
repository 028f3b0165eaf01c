/* What the supervisor tells whoever started it as a service: that it serves, reloads, stops, how
 * much it has to do, and that all roles are alive. Inside process/ only. */
#ifndef FEDGATE_PROCESS_MANAGER_H
#define FEDGATE_PROCESS_MANAGER_H

#include "process/children.h"
#include "process/notify.h"
#include "process/pulse.h"

struct manager {
    struct notify to;
    const struct log *log;
    struct pulse pulse;
    int64_t due_us;                /* when roles are asked again */
    bool told_ready;               /* once in a life */
    bool serves, refused, silent;  /* refused: the last reload; silent: told of a role */
    uint64_t count[ROLE_ID_COUNT]; /* what each said last */
};

/* The log stays the caller's. */
void manager_begin(struct manager *m, const struct log *log);

/* Asks the roles that are due, and tells what they said. At least ten times a second. */
void manager_turn(struct manager *m, struct children *roles);

/* A role answered (IPC_PONG). */
void manager_heard(struct manager *m, enum ipc_role role, struct bytes said);

/* A reload begins; it is over. */
void manager_reloads(struct manager *m);
void manager_reloaded(struct manager *m, bool refused);

void manager_stops(struct manager *m);
void manager_end(struct manager *m);

#endif

/* Roles as child processes: this program again, with the role's name and one control channel.
 * Inside process/ only. */
#ifndef FEDGATE_PROCESS_SPAWN_H
#define FEDGATE_PROCESS_SPAWN_H

#include "ipc/channel.h"

#include <sys/types.h>

struct child {
    pid_t pid; /* 0: not running */
    struct channel *control;
};

/* Starts `program --role=<name>` in a session of its own, with our standard error and the control
 * channel, and no other descriptor. SIGKILL and the control channel alone can end it. RESULT_IO. */
MUST_USE enum result spawn_role(const char *program, enum ipc_role role, struct child *out);

/* Hands over a descriptor, which stays the caller's. */
void spawn_give(struct child *c, enum ipc_gift gift, int fd);

#endif

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

/* Starts `program --role=<name>`; its standard error stays ours. RESULT_IO. */
MUST_USE enum result spawn_role(const char *program, enum ipc_role role, struct child *out);

/* Hands over a descriptor, which stays the caller's. */
void spawn_give(struct child *c, enum ipc_gift gift, int fd);

/* Runs the compiler over what `give` hands it and waits for its end; `config_name` names the
 * configuration file in messages. The sealed block's descriptor, or -1 after it said on standard
 * error what is wrong. */
int spawn_compiler(const char *program, const char *config_name,
                   void (*give)(struct child *compiler, void *arg), void *arg);

#endif

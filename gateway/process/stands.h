/* How the roles stand, for whoever asks: since when each runs, how often it ended and how, how far
 * it is shut in (ipc/live.h). Inside process/ only. */
#ifndef FEDGATE_PROCESS_STANDS_H
#define FEDGATE_PROCESS_STANDS_H

#include "ipc/channel.h"
#include "ipc/live.h"

#include <sys/types.h>

struct stands {
    struct stand_of {
        struct live_role is; /* without its texts: */
        char end[LIVE_ROLE_MAX + 1], attained[LIVE_ROLE_MAX + 1];
        bool is_off; /* told though it never ran */
    } role[ROLE_ID_COUNT];
    bool changed; /* since stands_tell said all */
};

/* It runs from now on (wall time). */
void stands_start(struct stands *s, enum ipc_role role, pid_t pid, int64_t now_us);

/* It says how far it is shut in (IPC_READY); a process says so once. */
void stands_ready(struct stands *s, enum ipc_role role, struct bytes attained);

/* It ended, with the status of wait(2). */
void stands_end(struct stands *s, enum ipc_role role, int status, int64_t now_us);

/* It does not run, and will not; `why` instead of how it ended. */
void stands_off(struct stands *s, enum ipc_role role, const char *why);

/* "signal 9", and what it means when the kernel ended it for a system call. */
bool stands_is_forbidden(int status);

/* IPC_ROLES to the ledger, when something changed and it is there (else NULL). */
void stands_tell(struct stands *s, struct channel *ledger);

#endif

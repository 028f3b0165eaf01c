/*
 * Which roles answer: each process is asked, one question at a time, and as long as all answer the
 * supervisor tells the service manager's watchdog so. Pure: time and process numbers come from the
 * caller. Inside process/ only.
 */
#ifndef FEDGATE_PROCESS_PULSE_H
#define FEDGATE_PROCESS_PULSE_H

#include "base/clock.h"
#include "ipc/channel.h"

#include <sys/types.h>

/* A process that has not answered yet may be reading a long journal. */
#define PULSE_BEGIN_WITHIN (10 * US_PER_MINUTE)

struct pulse {
    struct {
        pid_t pid;         /* 0: does not run */
        bool asked;        /* and has not answered that */
        bool spoke;        /* this process has answered before */
        int64_t silent_us; /* since when nothing came, of this process or those before; 0: all was
                              answered */
    } role[ROLE_ID_COUNT];
};

/* Which process is the role now; 0 when it does not run. Whether it is to be asked: it was not, or
 * has answered. */
bool pulse_ask(struct pulse *p, enum ipc_role role, pid_t pid, int64_t now_us);

void pulse_answered(struct pulse *p, enum ipc_role role);

/* Whether a role has been silent for too long: longer than `within_us` after it has answered once,
 * longer than PULSE_BEGIN_WITHIN before, over all processes that ended without an answer. A role
 * that never ran is not awaited. */
bool pulse_is_silent(const struct pulse *p, enum ipc_role role, int64_t within_us, int64_t now_us);

#endif

#include "process/pulse.h"

bool pulse_ask(struct pulse *p, enum ipc_role role, pid_t pid, int64_t now_us)
{
    bool changed = p->role[role].pid != pid;
    if (changed) {
        p->role[role].pid = pid;
        p->role[role].asked = p->role[role].spoke = false;
    }
    bool ask = pid != 0 && !p->role[role].asked;
    if ((changed || ask) && p->role[role].silent_us == 0)
        p->role[role].silent_us = now_us;
    p->role[role].asked = p->role[role].asked || ask;
    return ask;
}

void pulse_answered(struct pulse *p, enum ipc_role role)
{
    p->role[role].asked = false;
    p->role[role].spoke = true;
    p->role[role].silent_us = 0;
}

bool pulse_is_silent(const struct pulse *p, enum ipc_role role, int64_t within_us, int64_t now_us)
{
    int64_t since = p->role[role].silent_us;
    return since != 0 && now_us - since > (p->role[role].spoke ? within_us : PULSE_BEGIN_WITHIN);
}

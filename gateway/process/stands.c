#include "process/stands.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

void stands_start(struct stands *s, enum ipc_role role, pid_t pid, int64_t now_us)
{
    struct stand_of *of = &s->role[role];
    of->is.pid = (uint32_t)pid;
    of->is.since_us = now_us;
    of->is_off = false;
    s->changed = true;
}

/* What a role that was taken over says again and again is not passed on each time. */
void stands_ready(struct stands *s, enum ipc_role role, struct bytes attained)
{
    char *text = s->role[role].attained;
    if (text[0] != '\0')
        return;
    (void)snprintf(text, LIVE_ROLE_MAX + 1, "%.*s", (int)attained.n, (const char *)attained.p);
    s->changed = true;
}

bool stands_is_forbidden(int status)
{
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static void set_down(struct stands *s, struct stand_of *of)
{
    of->is.pid = 0;
    of->is.since_us = 0;
    of->attained[0] = '\0';
    s->changed = true;
}

void stands_end(struct stands *s, enum ipc_role role, int status, int64_t now_us)
{
    struct stand_of *of = &s->role[role];
    set_down(s, of);
    of->is.ends++;
    of->is.ended_us = now_us;
    (void)snprintf(of->end, sizeof of->end, "%s %d%s", WIFSIGNALED(status) ? "signal" : "exit",
                   WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
                   stands_is_forbidden(status) ? " (a forbidden system call)" : "");
}

void stands_off(struct stands *s, enum ipc_role role, const char *why)
{
    struct stand_of *of = &s->role[role];
    set_down(s, of);
    of->is_off = true;
    (void)snprintf(of->end, sizeof of->end, "%s", why);
}

void stands_tell(struct stands *s, struct channel *ledger)
{
    struct buf roles = BUF_INIT(4096);
    if (!s->changed || ledger == NULL)
        return;
    for (unsigned i = 0; i < ROLE_ID_COUNT; i++) {
        const struct stand_of *of = &s->role[i];
        struct live_role r = of->is;
        if (r.pid == 0 && r.ends == 0 && !of->is_off)
            continue; /* it is none that stays */
        r.role = (uint8_t)i;
        r.end = bytes_of_text(of->end);
        r.attained = bytes_of_text(of->attained);
        live_role_put(&r, &roles);
    }
    channel_send(ledger, IPC_ROLES, buf_view(&roles), bytes_of(NULL, 0), -1);
    buf_free(&roles);
    s->changed = false;
}

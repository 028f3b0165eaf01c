#include "process/manager.h"

#include "base/cursor.h"

#include <inttypes.h>

#define BEFORE_READY     (200 * US_PER_S / 1000)
#define WITHOUT_WATCH    (10 * US_PER_S)
#define MORE_TO_START_US "30000000"

static const enum ipc_role watched[] = {ROLE_ID_KEEPER, ROLE_ID_LEDGER, ROLE_ID_EDGE};

void manager_begin(struct manager *m, const struct log *log)
{
    *m = (struct manager){.to = notify_from_environment(), .log = log};
}

/* Four questions within the watchdog's time: one that is lost, or late, is not the end. */
static int64_t interval(const struct manager *m)
{
    if (!m->told_ready)
        return BEFORE_READY;
    return m->to.watchdog_us > 0 ? m->to.watchdog_us / 4 : WITHOUT_WATCH;
}

static void tell_status(const struct manager *m)
{
    notify_send(&m->to, "STATUS=%s: %" PRIu64 " sessions, %" PRIu64 " entries in the log%s",
                m->serves ? "in service" : "not in service", m->count[ROLE_ID_EDGE],
                m->count[ROLE_ID_LEDGER], m->refused ? "; the last reload was refused" : "");
}

/* Said once, until all answer again. */
static bool all_answer(struct manager *m, int64_t now_us)
{
    bool silent = false;
    for (size_t i = 0; i < ARRAY_LEN(watched); i++) {
        if (!pulse_is_silent(&m->pulse, watched[i], interval(m) / 2, now_us))
            continue;
        if (!m->silent)
            log_line(m->log, LOG_ALARM, "role-silent", "role=%s why=\"it does not answer\"",
                     ipc_role_name(watched[i]));
        silent = true;
    }
    m->silent = silent;
    return !silent;
}

void manager_turn(struct manager *m, struct children *roles)
{
    int64_t now_us = clock_steady_us(&m->log->clock);
    if (m->to.fd < 0 || now_us < m->due_us)
        return;
    m->due_us = now_us + interval(m);
    if (all_answer(m, now_us))
        notify_send(&m->to, m->told_ready ? "WATCHDOG=1" : "EXTEND_TIMEOUT_USEC=" MORE_TO_START_US);
    if (m->told_ready)
        tell_status(m);
    for (size_t i = 0; i < ARRAY_LEN(watched); i++) {
        struct channel *c = children_channel(roles, watched[i]);
        if (pulse_ask(&m->pulse, watched[i], children_pid(roles, watched[i]), now_us) && c != NULL)
            channel_send(c, IPC_PING, bytes_of(NULL, 0), bytes_of(NULL, 0), -1);
    }
}

void manager_heard(struct manager *m, enum ipc_role role, struct bytes said)
{
    struct cursor in = cursor_over(said);
    bool serves;
    uint64_t count;
    if (cursor_bool(&in, &serves) != RESULT_OK || cursor_u64(&in, &count) != RESULT_OK ||
        cursor_done(&in) != RESULT_OK)
        return; /* which is no answer */
    pulse_answered(&m->pulse, role);
    m->count[role] = count;
    if (role != ROLE_ID_EDGE)
        return;
    m->serves = serves;
    if (serves && !m->told_ready) {
        m->told_ready = true;
        notify_send(&m->to, "READY=1");
        tell_status(m);
    }
}

void manager_reloads(struct manager *m)
{
    if (m->told_ready)
        notify_send(&m->to, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
                    clock_steady_us(&m->log->clock));
}

void manager_reloaded(struct manager *m, bool refused)
{
    m->refused = refused;
    if (!m->told_ready)
        return;
    notify_send(&m->to, "READY=1");
    tell_status(m);
}

void manager_stops(struct manager *m)
{
    notify_send(&m->to, "STOPPING=1\nSTATUS=stopping");
}

void manager_end(struct manager *m)
{
    notify_close(&m->to);
}

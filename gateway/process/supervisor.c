#include "process/supervisor.h"

#include "process/children.h"
#include "process/compile.h"
#include "process/files.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct supervisor {
    const char *program, *config_path;
    struct settings settings;
    int settings_fd, snapshot_fd, listener_fd, control_fd, signals;
    int trial_fd; /* a policy set that the edge has not taken yet, or -1 */
    struct children *roles;
    struct log log;
    bool reload_wanted, stopping;
};

/* ---- reloading: a new policy set is on trial until the edge has taken it, so that an edge that is
 * started again never finds one that was refused */

static void adopt_trial(struct supervisor *s)
{
    if (s->trial_fd < 0)
        return;
    (void)close(s->snapshot_fd);
    s->snapshot_fd = s->trial_fd;
    s->trial_fd = -1;
    children_lend(s->roles, GIFT_SNAPSHOT, s->snapshot_fd);
    children_hand(s->roles, ROLE_ID_LEDGER, GIFT_SNAPSHOT, s->snapshot_fd);
    log_line(&s->log, LOG_NOTE, "reloaded", "set=new");
}

static void refuse_trial(struct supervisor *s, struct bytes why)
{
    if (s->trial_fd < 0)
        return;
    (void)close(s->trial_fd);
    s->trial_fd = -1;
    log_line(&s->log, LOG_ALARM, "reload-refused", "why=\"%.*s; the running set stays\"",
             (int)why.n, (const char *)why.p);
}

/* One at a time, and not while the keeper, which the edge asks, is away. */
static bool can_reload(const struct supervisor *s)
{
    return s->trial_fd < 0 && children_channel(s->roles, ROLE_ID_KEEPER) != NULL;
}

/* The keeper learns a new key before the edge shows its certificate. */
static bool hand_over(struct supervisor *s)
{
    children_hand(s->roles, ROLE_ID_EDGE, GIFT_SNAPSHOT, s->trial_fd);
    return children_give(s->roles, ROLE_ID_KEEPER, GIFT_TLS_KEY) &&
           children_give(s->roles, ROLE_ID_EDGE, GIFT_CERTIFICATE);
}

static void reload(struct supervisor *s)
{
    s->reload_wanted = false;
    s->trial_fd = compile_policy(s->program, &s->settings, &s->log);
    if (s->trial_fd < 0)
        log_line(&s->log, LOG_ALARM, "reload-refused",
                 "why=\"the policy set has errors; the running set stays\"");
    else if (children_channel(s->roles, ROLE_ID_EDGE) == NULL)
        adopt_trial(s); /* it starts with it */
    else if (!hand_over(s))
        refuse_trial(s, bytes_of_text("the certificate or its key cannot be opened"));
    else
        channel_send(children_channel(s->roles, ROLE_ID_EDGE), IPC_RELOAD, bytes_of(NULL, 0),
                     bytes_of(NULL, 0), -1);
}

static void hear(struct supervisor *s, enum ipc_role role)
{
    struct channel *c = children_channel(s->roles, role);
    struct channel_message m;
    enum result r = channel_receive(c);
    while (channel_next(c, &m)) {
        if (m.fd >= 0)
            (void)close(m.fd);
        if (m.type == IPC_RELOADED && m.body.n > 0)
            refuse_trial(s, m.body);
        else if (m.type == IPC_RELOADED)
            adopt_trial(s);
        else if (m.type == IPC_PEER_LOST)
            children_connect(s->roles, role, m.body);
        else if (m.type == IPC_READY)
            log_line(&s->log, LOG_NOTE, "role-ready", "role=%s pid=%ld", ipc_role_name(role),
                     (long)children_pid(s->roles, role));
    }
    if (r != RESULT_OK && r != RESULT_AGAIN)
        children_part(s->roles, role);
}

/* ---- turns */

static void take_signals(struct supervisor *s)
{
    struct signalfd_siginfo info;
    while (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGCHLD && children_reap(s->roles))
            refuse_trial(s, bytes_of_text("the edge ended over it"));
        else if (info.ssi_signo == SIGHUP)
            s->reload_wanted = true;
        else if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
            s->stopping = true;
    }
}

static void turn(struct supervisor *s)
{
    struct pollfd p[ROLE_ID_COUNT + 1] = {{s->signals, POLLIN, 0}};
    for (unsigned i = 0; i < ROLE_ID_COUNT; i++) {
        const struct channel *c = children_channel(s->roles, (enum ipc_role)i);
        p[i + 1] = (struct pollfd){c == NULL ? -1 : channel_fd(c), POLLIN, 0};
    }
    if (poll(p, ROLE_ID_COUNT + 1, 100) < 0 && errno != EINTR)
        s->stopping = true;
    for (unsigned i = 0; i < ROLE_ID_COUNT; i++)
        if ((p[i + 1].revents & POLLIN) != 0)
            hear(s, (enum ipc_role)i);
    take_signals(s);
    if (s->reload_wanted && can_reload(s))
        reload(s);
    children_turn(s->roles);
}

static bool take_over_signals(struct supervisor *s)
{
    sigset_t set;
    (void)signal(SIGPIPE, SIG_IGN); /* whoever read the log may go */
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGCHLD);
    (void)sigaddset(&set, SIGHUP);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return false;
    s->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return s->signals >= 0;
}

static void begin(struct supervisor *s, const char *program, const char *config_path)
{
    *s = (struct supervisor){
        .program = program,
        .config_path = config_path,
        .settings_fd = -1,
        .snapshot_fd = -1,
        .trial_fd = -1,
        .listener_fd = -1,
        .control_fd = -1,
        .signals = -1,
        .log = {
            .role = "supervisor", .fd = STDERR_FILENO, .least = LOG_NOTE, .clock = clock_system()}};
}

static bool compile_all(struct supervisor *s)
{
    s->settings_fd = compile_settings(s->program, s->config_path, &s->log, &s->settings);
    if (s->settings_fd >= 0)
        s->snapshot_fd = compile_policy(s->program, &s->settings, &s->log);
    return s->snapshot_fd >= 0;
}

int supervisor_check(const char *program, const char *config_path)
{
    struct supervisor s;
    begin(&s, program, config_path);
    return compile_all(&s) ? 0 : 1;
}

int supervisor_run(const char *program, const char *config_path)
{
    struct supervisor s;
    begin(&s, program, config_path);
    if (!compile_all(&s))
        return 1;
    s.listener_fd = files_open(&s.settings, GIFT_LISTENER, &s.log);
    if (s.listener_fd >= 0)
        s.control_fd = files_open(&s.settings, GIFT_CONTROL, &s.log);
    if (s.control_fd < 0 || !take_over_signals(&s))
        return 1;
    s.roles = children_new(program, &s.settings, &s.log);
    children_lend(s.roles, GIFT_SETTINGS, s.settings_fd);
    children_lend(s.roles, GIFT_SNAPSHOT, s.snapshot_fd);
    children_lend(s.roles, GIFT_LISTENER, s.listener_fd);
    children_lend(s.roles, GIFT_CONTROL, s.control_fd);
    bool started = children_start(s.roles);
    if (started) {
        log_line(&s.log, LOG_NOTE, "started", "listen=%s", s.settings.listen);
        while (!s.stopping)
            turn(&s);
        log_line(&s.log, LOG_NOTE, "stopping", "why=\"asked to\"");
    }
    children_stop(s.roles, s.signals);
    children_free(s.roles);
    (void)unlink(s.settings.control_socket);
    return started ? 0 : 1;
}

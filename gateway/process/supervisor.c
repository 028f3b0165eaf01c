#include "process/supervisor.h"

#include "process/compile.h"
#include "process/files.h"
#include "process/host.h"
#include "process/supervisor_state.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { WHY_MAX = 400 }; /* characters of why a reload was refused */

/* ---- activating: a new policy set is on trial until the edge has made it ready and the ledger has
 * recorded it, so that an edge that is started again never finds one that was refused */

/* An operator at the ledger's control socket hears what became of a reload. */
static void tell_asker(struct supervisor *s, const char *reason, struct bytes why)
{
    struct channel *ledger = children_channel(s->roles, ROLE_ID_LEDGER);
    char text[WHY_MAX];
    int n = snprintf(text, sizeof text, "%s%s%.*s", reason, why.n == 0 ? "" : ": ", (int)why.n,
                     (const char *)why.p);
    if (s->answers && ledger != NULL)
        channel_send(ledger, IPC_RELOAD_ENDED,
                     bytes_of(text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1),
                     bytes_of(NULL, 0), -1);
    s->answers = false;
}

/* At the start no other set is there to stay. */
static void refuse(struct supervisor *s, const char *reason, struct bytes why)
{
    bool first = s->snapshot_fd < 0;
    if (s->trial_fd >= 0)
        (void)close(s->trial_fd);
    s->trial_fd = -1;
    s->trial = TRIAL_NONE;
    log_line(&s->log, first ? LOG_FATAL : LOG_ALARM, first ? "start-refused" : "reload-refused",
             "reason=%s why=\"%.*s%s\"", reason, (int)why.n, (const char *)why.p,
             first ? "" : "; the running set stays");
    s->failed = s->failed || first;
    s->stopping = s->stopping || first;
    tell_asker(s, reason, why);
    manager_reloaded(&s->manager, true);
}

static void refuse_trial(struct supervisor *s, const char *reason, struct bytes why)
{
    if (s->trial != TRIAL_NONE)
        refuse(s, reason, why);
}

/* "stale: ..." of the ledger: the word before the colon is the reason. */
static void refuse_as_told(struct supervisor *s, struct bytes told)
{
    char reason[16];
    const uint8_t *colon = memchr(told.p, ':', told.n);
    size_t n = colon == NULL ? 0 : (size_t)(colon - told.p);
    (void)snprintf(reason, sizeof reason, "%.*s", (int)n, (const char *)told.p);
    refuse_trial(s, reason, told);
}

static void ask_ledger(struct supervisor *s)
{
    struct channel *ledger = children_channel(s->roles, ROLE_ID_LEDGER);
    s->trial = TRIAL_AT_LEDGER;
    if (ledger == NULL)
        refuse_trial(s, "ledger", bytes_of_text("the ledger is away"));
    else
        channel_send(ledger, IPC_ACTIVATE, buf_view(&s->claim), bytes_of(NULL, 0), -1);
}

/* An edge that was started again meanwhile has the older set: once more from the beginning. */
static void tell_edge(struct supervisor *s)
{
    struct channel *edge = children_channel(s->roles, ROLE_ID_EDGE);
    struct channel *keeper = children_channel(s->roles, ROLE_ID_KEEPER);
    const struct bytes nothing = {NULL, 0};
    if (edge == NULL)
        return;
    if (s->trial_edge == 0 || s->trial_edge != children_pid(s->roles, ROLE_ID_EDGE)) {
        s->reload_wanted = true;
        return;
    }
    channel_send(edge, IPC_USE, nothing, nothing, -1);
    if (keeper != NULL)
        channel_send(keeper, IPC_USED, nothing, nothing, -1);
}

/* A socket that was handed over listens elsewhere than the setting says. */
static void tell_started(const struct supervisor *s)
{
    char address[FILES_ADDRESS];
    files_listener_address(s->listener_fd, address);
    log_line(&s->log, LOG_NOTE, "started", "listen=%s", address);
}

/* The console takes what is in force, or ends; nobody waits for it. */
static void tell_console(struct supervisor *s)
{
    struct channel *console = children_channel(s->roles, ROLE_ID_CONSOLE);
    if (console == NULL) {
        children_start_console(s->roles);
        return;
    }
    children_hand(s->roles, ROLE_ID_CONSOLE, GIFT_SNAPSHOT, s->snapshot_fd);
    (void)!children_give(s->roles, ROLE_ID_KEEPER, GIFT_CONSOLE_KEY);
    (void)!children_give(s->roles, ROLE_ID_CONSOLE, GIFT_CONSOLE_CERTIFICATE);
    channel_send(console, IPC_REFRESH, bytes_of(NULL, 0), bytes_of(NULL, 0), -1);
}

/* It is on record. */
static void adopt_trial(struct supervisor *s)
{
    bool first = s->snapshot_fd < 0;
    if (s->trial != TRIAL_AT_LEDGER)
        return;
    if (!first)
        (void)close(s->snapshot_fd);
    s->snapshot_fd = s->trial_fd;
    s->trial_fd = -1;
    s->trial = TRIAL_NONE;
    buf_clear(&s->in_force);
    buf_put(&s->in_force, s->claim.p, s->claim.n);
    children_lend(s->roles, GIFT_SNAPSHOT, s->snapshot_fd);
    children_hand(s->roles, ROLE_ID_LEDGER, GIFT_SNAPSHOT, s->snapshot_fd);
    tell_edge(s);
    if (!first)
        tell_console(s);
    if (s->settings.policy_signatures != SIGNATURES_REQUIRED)
        log_line(&s->log, LOG_ALARM, "signatures-not-required",
                 "why=\"policy_signatures says so: anybody who can write the policy folder decides "
                 "what is permitted\"");
    if (!first)
        log_line(&s->log, LOG_NOTE, "reloaded", "set=new");
    else if (children_start_edge(s->roles))
        tell_started(s);
    else
        s->failed = s->stopping = true;
    tell_asker(s, "", bytes_of(NULL, 0));
    manager_reloaded(&s->manager, false);
}

/* One at a time, and not while the keeper, which the edge asks, or the ledger is away. */
static bool can_reload(const struct supervisor *s)
{
    return s->trial == TRIAL_NONE && s->ledger_spoke &&
           children_channel(s->roles, ROLE_ID_LEDGER) != NULL &&
           children_channel(s->roles, ROLE_ID_KEEPER) != NULL;
}

/* The keeper learns a new key before the edge shows its certificate. */
static bool hand_over(struct supervisor *s)
{
    children_hand(s->roles, ROLE_ID_EDGE, GIFT_SNAPSHOT, s->trial_fd);
    return children_give(s->roles, ROLE_ID_KEEPER, GIFT_TLS_KEY) &&
           children_give(s->roles, ROLE_ID_EDGE, GIFT_CERTIFICATE);
}

static struct bytes why_not_compiled(const char *reason)
{
    return bytes_of_text(strcmp(reason, "errors") == 0     ? "the policy set has errors"
                         : strcmp(reason, "compiler") == 0 ? "the compiler ended over it"
                                                           : "the policy set is not signed as it "
                                                             "has to be, or not whole");
}

static void reload(struct supervisor *s)
{
    const struct bytes in_force = buf_view(&s->in_force);
    struct channel *edge = children_channel(s->roles, ROLE_ID_EDGE);
    char reason[16];
    s->reload_wanted = false;
    s->answers = s->is_asked;
    s->is_asked = false;
    s->trial_edge = 0;
    manager_reloads(&s->manager);
    s->trial_fd = compile_policy(s->program, &s->settings, &in_force, &s->log, &s->claim);
    if (s->trial_fd < 0) {
        (void)snprintf(reason, sizeof reason, "%s", s->claim.n == 0 ? "errors" : buf_c(&s->claim));
        refuse(s, reason, why_not_compiled(reason));
    } else if (edge == NULL) {
        ask_ledger(s); /* an edge starts with it */
    } else if (s->trial = TRIAL_AT_EDGE, !hand_over(s)) {
        refuse_trial(s, "certificate",
                     bytes_of_text("the certificate or its key cannot be opened"));
    } else {
        s->trial_edge = children_pid(s->roles, ROLE_ID_EDGE);
        channel_send(edge, IPC_RELOAD, bytes_of(NULL, 0), bytes_of(NULL, 0), -1);
    }
}

/* ---- what roles say */

/* Another set than the running one is on record when the ledger ended before it could tell so. */
static void learn_in_force(struct supervisor *s, struct bytes what)
{
    const bool is_other = s->in_force.n > 0 && !bytes_equal(what, buf_view(&s->in_force));
    buf_clear(&s->in_force);
    buf_put(&s->in_force, what.p, what.n);
    s->ledger_spoke = true;
    s->reload_wanted = s->reload_wanted || s->snapshot_fd < 0 || is_other;
}

void supervisor_take(struct supervisor *s, enum ipc_role role, const struct channel_message *m)
{
    switch (m->type) {
    case IPC_RELOADED:
        if (s->trial == TRIAL_AT_EDGE && m->body.n > 0)
            refuse_trial(s, "edge", m->body);
        else if (s->trial == TRIAL_AT_EDGE)
            ask_ledger(s);
        break;
    case IPC_IN_FORCE: learn_in_force(s, m->body); break;
    case IPC_ACTIVATED:
        if (m->body.n > 0)
            refuse_as_told(s, m->body);
        else
            adopt_trial(s);
        break;
    case IPC_RELOAD_WANTED: s->reload_wanted = s->is_asked = true; break;
    case IPC_DRAINED: s->stopping = true; break;
    case IPC_PEER_LOST: children_connect(s->roles, role, m->body); break;
    case IPC_PONG: manager_heard(&s->manager, role, m->body); break;
    case IPC_READY:
        children_ready(s->roles, role, m->body);
        log_line(&s->log, LOG_NOTE, "role-ready", "role=%s pid=%ld", ipc_role_name(role),
                 (long)children_pid(s->roles, role));
        break;
    default: break; /* no other is allowed by messages.def */
    }
}

static void hear(struct supervisor *s, enum ipc_role role)
{
    struct channel *c = children_channel(s->roles, role);
    struct channel_message m;
    enum result r = channel_receive(c);
    while (channel_next(c, &m)) {
        if (m.fd >= 0)
            (void)close(m.fd);
        supervisor_take(s, role, &m);
    }
    if (r != RESULT_OK && r != RESULT_AGAIN)
        children_part(s->roles, role);
}

/* However its end came to light: by its channel, or by its signal with the channel unread. */
static void see_whether_ledger_ended(struct supervisor *s)
{
    if (children_channel(s->roles, ROLE_ID_LEDGER) != NULL)
        return;
    s->ledger_spoke = false;
    if (s->trial == TRIAL_AT_LEDGER)
        refuse_trial(s, "ledger", bytes_of_text("the ledger ended over it"));
}

/* ---- turns */

static void take_signals(struct supervisor *s)
{
    struct signalfd_siginfo info;
    while (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGCHLD && children_reap(s->roles)) {
            if (s->trial == TRIAL_AT_EDGE)
                refuse_trial(s, "edge", bytes_of_text("the edge ended over it"));
        }
        if (info.ssi_signo == SIGHUP)
            s->reload_wanted = true;
        else if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
            s->stopping = true;
    }
}

void supervisor_turn(struct supervisor *s)
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
    see_whether_ledger_ended(s);
    if (s->reload_wanted && can_reload(s))
        reload(s);
    manager_turn(&s->manager, s->roles);
    children_turn(s->roles);
    s->failed = s->failed || children_gave_up(s->roles);
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

void supervisor_begin(struct supervisor *s, const char *program, const char *config_path)
{
    *s = (struct supervisor){
        .program = program,
        .config_path = config_path,
        .settings_fd = -1,
        .snapshot_fd = -1,
        .trial_fd = -1,
        .listener_fd = -1,
        .control_fd = -1,
        .console_fd = -1,
        .metrics_fd = -1,
        .signals = -1,
        .claim = BUF_INIT(CLAIM_MAX),
        .in_force = BUF_INIT(CLAIM_MAX),
        .log = {
            .role = "supervisor", .fd = STDERR_FILENO, .least = LOG_NOTE, .clock = clock_system()}};
}

static bool open_sockets(struct supervisor *s)
{
    s->listener_fd = files_open(&s->settings, GIFT_LISTENER, &s->log);
    if (s->listener_fd >= 0)
        s->control_fd = files_open(&s->settings, GIFT_CONTROL, &s->log);
    if (s->settings.console_listen[0] != '\0')
        s->console_fd = files_open(&s->settings, GIFT_CONSOLE_LISTENER, &s->log);
    if (s->settings.metrics_listen[0] != '\0')
        s->metrics_fd = files_open(&s->settings, GIFT_METRICS_LISTENER, &s->log);
    return s->control_fd >= 0;
}

/* The ledger tells which set was in force, and so who may sign the next: only then is the policy
 * set compiled, and only with it the edge begins. */
static void run(struct supervisor *s)
{
    s->roles = children_new(s->program, &s->settings, &s->log);
    children_lend(s->roles, GIFT_SETTINGS, s->settings_fd);
    children_lend(s->roles, GIFT_LISTENER, s->listener_fd);
    children_lend(s->roles, GIFT_CONTROL, s->control_fd);
    children_lend(s->roles, GIFT_CONSOLE_LISTENER, s->console_fd);
    children_lend(s->roles, GIFT_METRICS_LISTENER, s->metrics_fd);
    s->failed = !children_start(s->roles);
    while (!s->failed && !s->stopping)
        supervisor_turn(s);
    if (!s->failed)
        log_line(&s->log, LOG_NOTE, "stopping", "why=\"asked to\"");
    manager_stops(&s->manager);
    children_stop(s->roles, s->signals);
    children_free(s->roles);
}

int supervisor_run(const char *program, const char *config_path)
{
    struct supervisor s;
    supervisor_begin(&s, program, config_path);
    manager_begin(&s.manager, &s.log);
    if (!host_hides(&s.log))
        return 1;
    s.settings_fd = compile_settings(program, config_path, &s.log, &s.settings);
    if (s.settings_fd < 0 || !host_fits(&s.settings, &s.log) || !open_sockets(&s) ||
        !host_forbids(&s.log) || !take_over_signals(&s))
        return 1;
    run(&s);
    (void)unlink(s.settings.control_socket);
    buf_free(&s.claim);
    buf_free(&s.in_force);
    manager_end(&s.manager);
    return s.failed ? 1 : 0;
}

#include "process/supervisor.h"

#include "base/mem.h"
#include "process/files.h"
#include "process/role.h"
#include "process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST_BACK_OFF (100 * US_PER_S / 1000)
#define LAST_BACK_OFF  (1 * US_PER_S)
#define HEALTHY_AFTER  (10 * US_PER_S)
#define STOP_WITHIN    (8 * US_PER_S)

/* The roles that stay, in the order in which they are started: each finds there what it asks at its
 * start. */
static const enum ipc_role order[] = {ROLE_ID_KEEPER, ROLE_ID_LEDGER, ROLE_ID_EDGE};

struct kept {
    struct child child;
    int64_t started_us, back_off_us,
        due_us; /* due_us: when it is to be started again; 0: it runs */
};

struct supervisor {
    const char *program, *config_path;
    struct settings settings;
    int settings_fd, snapshot_fd, listener_fd, signals;
    struct kept role[ROLE_ID_COUNT];
    struct log log;
    bool stopping;
};

static int64_t steady(const struct supervisor *s)
{
    return clock_steady_us(&s->log.clock);
}

/* ---- compiling */

struct compiling {
    struct supervisor *s;
    int fd[2];
};

static void give_config(struct child *compiler, void *arg)
{
    spawn_give(compiler, GIFT_CONFIG_FILE, ((struct compiling *)arg)->fd[0]);
}

static void give_policy(struct child *compiler, void *arg)
{
    const struct compiling *c = arg;
    spawn_give(compiler, GIFT_POLICY_FOLDER, c->fd[0]);
    spawn_give(compiler, GIFT_CRL_FOLDER, c->fd[1]);
}

static bool say_cannot_open(const struct supervisor *s, const char *what)
{
    log_line(&s->log, LOG_FATAL, "cannot-open", "path=\"%s\" why=\"%s\"", what, strerror(errno));
    return false;
}

static bool compile_settings(struct supervisor *s)
{
    struct compiling c = {s, {open(s->config_path, O_RDONLY | O_CLOEXEC), -1}};
    struct bytes block;
    if (c.fd[0] < 0)
        return say_cannot_open(s, s->config_path);
    s->settings_fd = spawn_compiler(s->program, s->config_path, give_config, &c);
    (void)close(c.fd[0]);
    if (s->settings_fd < 0 || role_map(dup(s->settings_fd), &block) != RESULT_OK)
        return false;
    bool fits = block.n == sizeof s->settings;
    if (fits)
        memcpy(&s->settings, block.p, sizeof s->settings);
    role_unmap(block);
    return fits && settings_valid(&s->settings);
}

/* The policy set as it is now, compiled; -1 after errors. */
static int compile_policy(struct supervisor *s)
{
    char what[SETTINGS_TEXT + 32];
    struct compiling c = {s, {files_open(&s->settings, GIFT_POLICY_FOLDER, what, sizeof what), -1}};
    int block = -1;
    if (c.fd[0] < 0 || (c.fd[1] = files_open(&s->settings, GIFT_CRL_FOLDER, what, sizeof what)) < 0)
        (void)say_cannot_open(s, what);
    else
        block = spawn_compiler(s->program, s->settings.policy_folder, give_policy, &c);
    for (size_t i = 0; i < 2; i++)
        if (c.fd[i] >= 0)
            (void)close(c.fd[i]);
    return block;
}

/* ---- handing over */

static bool give(struct supervisor *s, enum ipc_role role, enum ipc_gift gift)
{
    char what[SETTINGS_TEXT + 32];
    int own = gift == GIFT_SETTINGS   ? s->settings_fd
              : gift == GIFT_SNAPSHOT ? s->snapshot_fd
              : gift == GIFT_LISTENER ? s->listener_fd
                                      : -1;
    int fd = own >= 0 ? own : files_open(&s->settings, gift, what, sizeof what);
    if (fd < 0)
        return say_cannot_open(s, what);
    spawn_give(&s->role[role].child, gift, fd);
    if (own < 0)
        (void)close(fd);
    return true;
}

static bool give_all(struct supervisor *s, enum ipc_role role)
{
    static const struct {
        enum ipc_role role;
        enum ipc_gift gift;
    } table[] = {
#define HANDED(NAME, gift) {ROLE_ID_##NAME, GIFT_##gift},
#include "process/roles.def"
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].role == role && !give(s, role, table[i].gift))
            return false;
    return true;
}

static enum ipc_gift channel_to(enum ipc_role role)
{
    return role == ROLE_ID_EDGE     ? GIFT_PEER_EDGE
           : role == ROLE_ID_LEDGER ? GIFT_PEER_LEDGER
                                    : GIFT_PEER_KEEPER;
}

/* A fresh channel between two roles, if both are there. */
static void connect_pair(struct supervisor *s, enum ipc_role a, enum ipc_role b)
{
    int pair[2];
    if (s->role[a].child.pid == 0 || s->role[b].child.pid == 0)
        return;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        log_line(&s->log, LOG_ALARM, "no-channel", "why=\"%s\"", strerror(errno));
        return;
    }
    spawn_give(&s->role[a].child, channel_to(b), pair[0]);
    spawn_give(&s->role[b].child, channel_to(a), pair[1]);
    (void)close(pair[0]);
    (void)close(pair[1]);
}

static void connect_role(struct supervisor *s, enum ipc_role role)
{
#define PEERS(a, b)                                                                                \
    if (role == ROLE_ID_##a || role == ROLE_ID_##b)                                                \
        connect_pair(s, ROLE_ID_##a, ROLE_ID_##b);
#include "process/roles.def"
}

static void flush_all(struct supervisor *s)
{
    for (unsigned i = 0; i < ROLE_ID_COUNT; i++)
        if (s->role[i].child.control != NULL)
            (void)!channel_flush(s->role[i].child.control); /* a dead child shows by its signal */
}

/* ---- starting */

static bool start_role(struct supervisor *s, enum ipc_role role)
{
    struct kept *k = &s->role[role];
    if (spawn_role(s->program, role, &k->child) != RESULT_OK)
        return false;
    k->started_us = steady(s);
    k->due_us = 0;
    if (!give_all(s, role)) {
        (void)kill(k->child.pid, SIGKILL);
        return false;
    }
    connect_role(s, role);
    channel_send(k->child.control, IPC_START, bytes_of(NULL, 0), bytes_of(NULL, 0), -1);
    flush_all(s);
    return true;
}

/* ---- ends of roles */

static void plan_restart(struct supervisor *s, enum ipc_role role, int status)
{
    struct kept *k = &s->role[role];
    bool healthy = steady(s) - k->started_us > HEALTHY_AFTER;
    k->back_off_us = healthy || k->back_off_us == 0 ? FIRST_BACK_OFF : k->back_off_us * 2;
    if (k->back_off_us > LAST_BACK_OFF)
        k->back_off_us = LAST_BACK_OFF;
    k->due_us = steady(s) + k->back_off_us;
    log_line(&s->log, LOG_ALARM, "role-ended", "role=%s %s=%d restart_in_ms=%lld",
             ipc_role_name(role), WIFSIGNALED(status) ? "signal" : "exit",
             WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
             (long long)(k->back_off_us / 1000));
}

static void reap(struct supervisor *s)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        for (unsigned i = 0; i < ROLE_ID_COUNT; i++) {
            struct kept *k = &s->role[i];
            if (k->child.pid != pid)
                continue;
            channel_free(k->child.control);
            k->child = (struct child){0};
            if (!s->stopping)
                plan_restart(s, (enum ipc_role)i, status);
        }
    }
}

static void restart_due(struct supervisor *s)
{
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        struct kept *k = &s->role[order[i]];
        if (k->due_us == 0 || k->due_us > steady(s))
            continue;
        /* The ledger recovers with the keeper's keys: it waits for it. */
        if (order[i] != ROLE_ID_KEEPER && s->role[ROLE_ID_KEEPER].child.pid == 0)
            continue;
        if (!start_role(s, order[i]))
            k->due_us = steady(s) + LAST_BACK_OFF;
    }
}

/* ---- reloading */

static void reload(struct supervisor *s)
{
    int block = compile_policy(s);
    if (block < 0) {
        log_line(&s->log, LOG_ALARM, "reload-refused",
                 "why=\"the policy set has errors; the running set stays\"");
        return;
    }
    (void)close(s->snapshot_fd);
    s->snapshot_fd = block;
    struct child *edge = &s->role[ROLE_ID_EDGE].child;
    /* The keeper learns a new key before the edge shows its certificate. */
    if (edge->pid == 0 || s->role[ROLE_ID_KEEPER].child.pid == 0 ||
        !give(s, ROLE_ID_KEEPER, GIFT_TLS_KEY) || !give(s, ROLE_ID_EDGE, GIFT_SNAPSHOT) ||
        !give(s, ROLE_ID_EDGE, GIFT_CERTIFICATE))
        return;
    channel_send(edge->control, IPC_RELOAD, bytes_of(NULL, 0), bytes_of(NULL, 0), -1);
    flush_all(s);
}

static void hear(struct supervisor *s, enum ipc_role role)
{
    struct channel *c = s->role[role].child.control;
    struct channel_message m;
    (void)!channel_receive(c); /* an end is seen by the child's signal */
    while (channel_next(c, &m)) {
        if (m.fd >= 0)
            (void)close(m.fd);
        if (m.type == IPC_RELOADED && m.body.n > 0)
            log_line(&s->log, LOG_ALARM, "reload-refused", "why=\"%.*s; the running set stays\"",
                     (int)m.body.n, (const char *)m.body.p);
        else if (m.type == IPC_RELOADED)
            log_line(&s->log, LOG_NOTE, "reloaded", "set=new");
        else if (m.type == IPC_READY)
            log_line(&s->log, LOG_NOTE, "role-ready", "role=%s pid=%ld", ipc_role_name(role),
                     (long)s->role[role].child.pid);
    }
}

/* ---- stopping: the edge first, so that nothing new comes; the ledger next; the keeper last */

static bool wait_for_end(struct supervisor *s, enum ipc_role role)
{
    int64_t until = steady(s) + STOP_WITHIN;
    while (s->role[role].child.pid != 0 && steady(s) < until) {
        struct pollfd p = {s->signals, POLLIN, 0};
        struct signalfd_siginfo info;
        if (poll(&p, 1, 100) > 0)
            (void)!read(s->signals, &info, sizeof info);
        reap(s);
    }
    return s->role[role].child.pid == 0;
}

static void stop_role(struct supervisor *s, enum ipc_role role)
{
    struct child *c = &s->role[role].child;
    if (c->pid == 0)
        return;
    channel_send(c->control, IPC_STOP, bytes_of(NULL, 0), bytes_of(NULL, 0), -1);
    flush_all(s);
    if (wait_for_end(s, role))
        return;
    log_line(&s->log, LOG_WARNING, "role-killed", "role=%s why=\"did not stop in time\"",
             ipc_role_name(role));
    (void)kill(c->pid, SIGKILL);
    (void)wait_for_end(s, role);
}

static void stop_all(struct supervisor *s)
{
    s->stopping = true;
    for (size_t i = ARRAY_LEN(order); i-- > 0;)
        stop_role(s, order[i]);
}

/* ---- turns */

static void take_signals(struct supervisor *s)
{
    struct signalfd_siginfo info;
    while (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGCHLD)
            reap(s);
        else if (info.ssi_signo == SIGHUP)
            reload(s);
        else
            s->stopping = true;
    }
}

static void turn(struct supervisor *s)
{
    struct pollfd p[ROLE_ID_COUNT + 1] = {{s->signals, POLLIN, 0}};
    for (unsigned i = 0; i < ROLE_ID_COUNT; i++) {
        const struct channel *c = s->role[i].child.control;
        p[i + 1] = (struct pollfd){c == NULL ? -1 : channel_fd(c), POLLIN, 0};
    }
    if (poll(p, ROLE_ID_COUNT + 1, 100) < 0 && errno != EINTR)
        s->stopping = true;
    for (unsigned i = 0; i < ROLE_ID_COUNT; i++)
        if ((p[i + 1].revents & POLLIN) != 0)
            hear(s, (enum ipc_role)i);
    take_signals(s);
    restart_due(s);
    flush_all(s);
}

static bool take_over_signals(struct supervisor *s)
{
    sigset_t set;
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
        .listener_fd = -1,
        .signals = -1,
        .log = {
            .role = "supervisor", .fd = STDERR_FILENO, .least = LOG_NOTE, .clock = clock_system()}};
}

int supervisor_check(const char *program, const char *config_path)
{
    struct supervisor s;
    begin(&s, program, config_path);
    return compile_settings(&s) && compile_policy(&s) >= 0 ? 0 : 1;
}

int supervisor_run(const char *program, const char *config_path)
{
    struct supervisor s;
    char what[SETTINGS_TEXT + 32];
    begin(&s, program, config_path);
    if (!compile_settings(&s) || (s.snapshot_fd = compile_policy(&s)) < 0)
        return 1;
    s.listener_fd = files_open(&s.settings, GIFT_LISTENER, what, sizeof what);
    if (s.listener_fd < 0)
        return say_cannot_open(&s, what), 1;
    if (!take_over_signals(&s))
        return 1;
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        if (!start_role(&s, order[i])) {
            stop_all(&s);
            return 1;
        }
    }
    log_line(&s.log, LOG_NOTE, "started", "listen=%s", s.settings.listen);
    while (!s.stopping)
        turn(&s);
    log_line(&s.log, LOG_NOTE, "stopping", "why=\"asked to\"");
    stop_all(&s);
    return 0;
}

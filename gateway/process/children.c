#include "process/children.h"

#include "base/mem.h"
#include "process/files.h"
#include "process/spawn.h"
#include "process/stands.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST_BACK_OFF (100 * US_PER_S / 1000)
#define LAST_BACK_OFF  (1 * US_PER_S)
#define CONNECT_AFTER  (1 * US_PER_S) /* so that a pair at odds does not spin */
#define HEALTHY_AFTER  (10 * US_PER_S)
#define STOP_WITHIN    (8 * US_PER_S)
#define PAGES_WITHIN   (2 * US_PER_S) /* nothing that a console has under way is worth a wait */
enum { CRASHES_MOST = 20 };           /* in a row, none of them healthy: some twenty seconds */

/* The roles that stay, in the order in which they are started: each finds there what it asks at its
 * start. */
static const enum ipc_role order[] = {ROLE_ID_KEEPER, ROLE_ID_LEDGER, ROLE_ID_EDGE,
                                      ROLE_ID_CONSOLE};

struct kept {
    struct child child;
    int64_t started_us, back_off_us,
        due_us;                        /* due_us: when it is to be started again; 0: it runs */
    unsigned crashes;                  /* since it was healthy last */
    int64_t connect_us[ROLE_ID_COUNT]; /* when a channel to that role is due again; 0: not */
};

struct children {
    const char *program;
    const struct settings *settings;
    const struct log *log;
    int lent[GIFT_COUNT]; /* -1: opened each time */
    struct kept role[ROLE_ID_COUNT];
    struct stands stands;
    bool stopping, gave_up;
};

static int64_t steady(const struct children *c)
{
    return clock_steady_us(&c->log->clock);
}

struct children *children_new(const char *program, const struct settings *s, const struct log *log)
{
    struct children *c = mem_new(sizeof *c);
    *c = (struct children){.program = program, .settings = s, .log = log};
    stands_start(&c->stands, ROLE_ID_SUPERVISOR, getpid(), clock_wall_us(&log->clock));
    for (size_t i = 0; i < GIFT_COUNT; i++)
        c->lent[i] = -1;
    return c;
}

void children_free(struct children *c)
{
    if (c == NULL)
        return;
    for (unsigned i = 0; i < ROLE_ID_COUNT; i++)
        channel_free(c->role[i].child.control);
    mem_free(c);
}

void children_lend(struct children *c, enum ipc_gift gift, int fd)
{
    c->lent[gift] = fd;
}

pid_t children_pid(const struct children *c, enum ipc_role role)
{
    return c->role[role].child.pid;
}

struct channel *children_channel(const struct children *c, enum ipc_role role)
{
    return c->role[role].child.control;
}

void children_part(struct children *c, enum ipc_role role)
{
    struct child *child = &c->role[role].child;
    channel_free(child->control);
    child->control = NULL;
    if (role == ROLE_ID_CONSOLE && child->pid != 0)
        (void)kill(child->pid, SIGKILL); /* else it could go by an old set for ever */
}

/* ---- handing over */

void children_hand(struct children *c, enum ipc_role role, enum ipc_gift gift, int fd)
{
    spawn_give(&c->role[role].child, gift, fd);
}

bool children_give(struct children *c, enum ipc_role role, enum ipc_gift gift)
{
    int fd = c->lent[gift] >= 0 ? c->lent[gift] : files_open(c->settings, gift, c->log);
    if (fd < 0)
        return false;
    children_hand(c, role, gift, fd);
    if (c->lent[gift] < 0)
        (void)close(fd);
    return true;
}

static bool has_console(const struct children *c)
{
    return c->lent[GIFT_CONSOLE_LISTENER] >= 0;
}

/* What is not there, or comes later. */
static bool is_wanted(const struct children *c, enum ipc_gift gift)
{
    switch (gift) {
    case GIFT_SNAPSHOT: return c->lent[GIFT_SNAPSHOT] >= 0;
    case GIFT_URGENT_FOLDER: return c->settings->urgent_journal[0] != '\0';
    case GIFT_CONSOLE_KEY: return has_console(c);
    case GIFT_METRICS_LISTENER: return c->lent[GIFT_METRICS_LISTENER] >= 0;
    default: return true;
    }
}

static bool give_all(struct children *c, enum ipc_role role)
{
    static const struct {
        enum ipc_role role;
        enum ipc_gift gift;
    } table[] = {
#define HANDED(NAME, gift) {ROLE_ID_##NAME, GIFT_##gift},
#include "process/roles.def"
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        bool may_lack = table[i].gift == GIFT_URGENT_FOLDER || table[i].gift == GIFT_CONSOLE_KEY;
        if (table[i].role == role && is_wanted(c, table[i].gift) &&
            !children_give(c, role, table[i].gift) && !may_lack)
            return false;
    }
    return true;
}

static void connect_channel(struct children *c, enum ipc_role a, enum ipc_role b,
                            enum ipc_gift to_a, enum ipc_gift to_b)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        log_line(c->log, LOG_ALARM, "no-channel", "why=\"%s\"", strerror(errno));
        return;
    }
    spawn_give(&c->role[a].child, to_a, pair[0]);
    spawn_give(&c->role[b].child, to_b, pair[1]);
    (void)close(pair[0]);
    (void)close(pair[1]);
}

/* Fresh channels between two roles, if both are there. */
static void connect_pair(struct children *c, enum ipc_role a, enum ipc_role b)
{
    static const struct {
        enum ipc_role a, b;
        enum ipc_gift to_a, to_b;
    } table[] = {
#define CHANNEL(a, b, to_a, to_b) {ROLE_ID_##a, ROLE_ID_##b, GIFT_##to_a, GIFT_##to_b},
#include "process/roles.def"
    };
    c->role[a].connect_us[b] = c->role[b].connect_us[a] = 0;
    if (c->role[a].child.pid == 0 || c->role[b].child.pid == 0)
        return;
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].a == a && table[i].b == b)
            connect_channel(c, a, b, table[i].to_a, table[i].to_b);
}

static void connect_role(struct children *c, enum ipc_role role)
{
#define PEERS(a, b)                                                                                \
    if (role == ROLE_ID_##a || role == ROLE_ID_##b)                                                \
        connect_pair(c, ROLE_ID_##a, ROLE_ID_##b);
#include "process/roles.def"
}

/* The peer may be well, or be a process that was stopped for a while. */
void children_connect(struct children *c, enum ipc_role role, struct bytes peer)
{
    if (peer.n == 1 && peer.p[0] < ROLE_ID_COUNT)
        c->role[role].connect_us[peer.p[0]] = steady(c) + CONNECT_AFTER;
}

static void connect_due(struct children *c)
{
    int64_t now = steady(c);
#define IS_DUE(a, b) (c->role[a].connect_us[b] != 0 && c->role[a].connect_us[b] <= now)
#define PEERS(a, b)                                                                                \
    if (IS_DUE(ROLE_ID_##a, ROLE_ID_##b) || IS_DUE(ROLE_ID_##b, ROLE_ID_##a))                      \
        connect_pair(c, ROLE_ID_##a, ROLE_ID_##b);
#include "process/roles.def"
#undef IS_DUE
}

/* In the order of starting: the keeper has a new TLS key before the edge asks it to sign with it.
 */
static void flush_all(struct children *c)
{
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        struct channel *control = c->role[order[i]].child.control;
        if (control != NULL)
            (void)!channel_flush(control); /* a dead child shows by its signal */
    }
}

/* ---- starting */

/* An edge or console opens its certificate anew, which may have been renewed since the keeper got
 * its key. One that does not fit is theirs to tell. */
static void give_key_for(struct children *c, enum ipc_role role)
{
    if (c->role[ROLE_ID_KEEPER].child.control == NULL)
        return;
    if (role == ROLE_ID_EDGE)
        (void)!children_give(c, ROLE_ID_KEEPER, GIFT_TLS_KEY);
    else if (role == ROLE_ID_CONSOLE)
        (void)!children_give(c, ROLE_ID_KEEPER, GIFT_CONSOLE_KEY);
}

static bool start_role(struct children *c, enum ipc_role role)
{
    struct kept *k = &c->role[role];
    if (spawn_role(c->program, role, &k->child) != RESULT_OK)
        return false;
    k->started_us = steady(c);
    k->due_us = 0;
    stands_start(&c->stands, role, k->child.pid, clock_wall_us(&c->log->clock));
    if (!give_all(c, role)) {
        (void)kill(k->child.pid, SIGKILL);
        return false;
    }
    connect_role(c, role);
    give_key_for(c, role);
    channel_send(k->child.control, IPC_START, bytes_of(NULL, 0), bytes_of(NULL, 0), -1);
    flush_all(c);
    return true;
}

bool children_start(struct children *c)
{
    if (!has_console(c))
        stands_off(&c->stands, ROLE_ID_CONSOLE, "off");
    return start_role(c, ROLE_ID_KEEPER) && start_role(c, ROLE_ID_LEDGER);
}

bool children_start_edge(struct children *c)
{
    if (!start_role(c, ROLE_ID_EDGE))
        return false;
    children_start_console(c);
    return true;
}

void children_start_console(struct children *c)
{
    struct kept *k = &c->role[ROLE_ID_CONSOLE];
    if (!has_console(c) || k->child.pid != 0)
        return;
    k->crashes = 0;
    k->due_us = start_role(c, ROLE_ID_CONSOLE) ? 0 : steady(c) + LAST_BACK_OFF;
}

void children_ready(struct children *c, enum ipc_role role, struct bytes attained)
{
    stands_ready(&c->stands, role, attained);
}

/* ---- ends */

/* Nobody's message waits for it: the others go on. */
static void leave_console(struct children *c)
{
    struct kept *k = &c->role[ROLE_ID_CONSOLE];
    k->due_us = 0;
    stands_off(&c->stands, ROLE_ID_CONSOLE, "stays down: a reload starts it again");
    log_line(c->log, LOG_ALARM, "console-down",
             "ends=%u why=\"it never ran for %d s, and stays down until a reload\"", k->crashes,
             (int)(HEALTHY_AFTER / US_PER_S));
}

static void plan_restart(struct children *c, enum ipc_role role, int status)
{
    struct kept *k = &c->role[role];
    bool healthy = steady(c) - k->started_us > HEALTHY_AFTER;
    k->back_off_us = healthy || k->back_off_us == 0 ? FIRST_BACK_OFF : k->back_off_us * 2;
    if (k->back_off_us > LAST_BACK_OFF)
        k->back_off_us = LAST_BACK_OFF;
    k->due_us = steady(c) + k->back_off_us;
    k->crashes = healthy ? 1 : k->crashes + 1;
    log_line(c->log, LOG_ALARM, "role-ended", "role=%s %s=%d%s restart_in_ms=%lld",
             ipc_role_name(role), WIFSIGNALED(status) ? "signal" : "exit",
             WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
             stands_is_forbidden(status) ? " why=\"a forbidden system call\"" : "",
             (long long)(k->back_off_us / 1000));
    if (k->crashes < CRASHES_MOST)
        return;
    if (role == ROLE_ID_CONSOLE) {
        leave_console(c);
        return;
    }
    log_line(c->log, LOG_FATAL, "crash-loop", "role=%s ends=%u why=\"it never ran for %d s\"",
             ipc_role_name(role), k->crashes, (int)(HEALTHY_AFTER / US_PER_S));
    c->gave_up = true;
}

bool children_gave_up(const struct children *c)
{
    return c->gave_up;
}

bool children_reap(struct children *c)
{
    bool edge_ended = false;
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        for (unsigned i = 0; i < ROLE_ID_COUNT; i++) {
            struct kept *k = &c->role[i];
            if (k->child.pid != pid)
                continue;
            channel_free(k->child.control);
            k->child = (struct child){0};
            edge_ended = edge_ended || i == ROLE_ID_EDGE;
            stands_end(&c->stands, (enum ipc_role)i, status, clock_wall_us(&c->log->clock));
            if (!c->stopping)
                plan_restart(c, (enum ipc_role)i, status);
        }
    }
    return edge_ended;
}

void children_turn(struct children *c)
{
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        struct kept *k = &c->role[order[i]];
        if (k->due_us == 0 || k->due_us > steady(c))
            continue;
        /* The ledger recovers with the keeper's keys: it waits for it. */
        if (order[i] != ROLE_ID_KEEPER && c->role[ROLE_ID_KEEPER].child.pid == 0)
            continue;
        if (!start_role(c, order[i]))
            k->due_us = steady(c) + LAST_BACK_OFF;
    }
    connect_due(c);
    stands_tell(&c->stands, c->role[ROLE_ID_LEDGER].child.control);
    flush_all(c);
}

/* ---- stopping: console and edge first, so that nothing new comes; the ledger next; the keeper
 * last
 */

static bool wait_for_end(struct children *c, enum ipc_role role, int signals)
{
    int64_t until = steady(c) + (role == ROLE_ID_CONSOLE ? PAGES_WITHIN : STOP_WITHIN);
    while (c->role[role].child.pid != 0 && steady(c) < until) {
        struct pollfd p = {signals, POLLIN, 0};
        struct signalfd_siginfo info;
        if (poll(&p, 1, 100) > 0)
            (void)!read(signals, &info, sizeof info);
        (void)children_reap(c);
    }
    return c->role[role].child.pid == 0;
}

static void stop_role(struct children *c, enum ipc_role role, int signals)
{
    struct child *child = &c->role[role].child;
    if (child->pid == 0)
        return;
    if (child->control != NULL)
        channel_send(child->control, IPC_STOP, bytes_of(NULL, 0), bytes_of(NULL, 0), -1);
    flush_all(c);
    if (wait_for_end(c, role, signals))
        return;
    log_line(c->log, LOG_WARNING, "role-killed", "role=%s why=\"did not stop in time\"",
             ipc_role_name(role));
    (void)kill(child->pid, SIGKILL);
    (void)wait_for_end(c, role, signals);
}

void children_stop(struct children *c, int signals)
{
    c->stopping = true;
    for (size_t i = ARRAY_LEN(order); i-- > 0;)
        stop_role(c, order[i], signals);
}

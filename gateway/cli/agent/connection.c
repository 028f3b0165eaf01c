/* The connection of a command: its options, signals, and how it ends. */
#include "cli/agent/agent.h"

#include "base/clock.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define PATIENCE (5 * US_PER_S)

/* ---------------------------------------------------------------- what is told */

void agent_worse(struct agent *a, int code)
{
    a->code = code > a->code ? code : a->code;
}

/* INVALID_ARGUMENT is about the options; with three others the gateway says no. */
static int code_of(int status)
{
    switch (status) {
    case FEDGATE_INVALID_ARGUMENT: return CLI_USAGE;
    case FEDGATE_NOT_FOUND:
    case FEDGATE_PERMISSION_DENIED:
    case FEDGATE_ABORTED: return CLI_NO;
    default: return AGENT_GATEWAY;
    }
}

void agent_call_ended(struct agent *a, const struct fedgate_end *end)
{
    if (end->status == FEDGATE_ENDED_WELL)
        return;
    agent_worse(a, code_of(end->status));
    buf_clear(&a->problem);
    buf_printf(&a->problem, "the gateway ended the call: %s (%s)",
               end->text[0] == '\0' ? "no reason given" : end->text,
               fedgate_status_name(end->status));
    if (end->status != FEDGATE_UNAVAILABLE) {
        agent_error("%s", buf_c(&a->problem));
        buf_clear(&a->problem);
    }
}

/* ---------------------------------------------------------------- the connection */

static void connected(void *arg)
{
    struct agent *a = arg;
    a->connected = true;
}

static void lost(void *arg, const struct fedgate_lost *l)
{
    struct agent *a = arg;
    const char *text = l->text[a->language];
    bool final = !a->options.reconnect || l->loss == FEDGATE_LOSS_UNTRUSTED ||
                 l->loss == FEDGATE_LOSS_NOT_ACCEPTED;
    a->connected = false;
    buf_clear(&a->problem);
    if (!final) {
        agent_say(a, "%s: %s; trying again in %.1f s", a->options.gateway, l->why,
                  (double)l->retry_in_us / (double)US_PER_S);
        return;
    }
    if (text[0] != '\0')
        agent_error("%s: %s (%s)", a->options.gateway, text, l->why);
    else
        agent_error("%s: the connection ended: %s", a->options.gateway, l->why);
    agent_worse(a, AGENT_GATEWAY);
    a->gone = true;
    agent_stop(a);
}

/* ---------------------------------------------------------------- signals */

static sigset_t end_signals(void)
{
    sigset_t s;
    (void)sigemptyset(&s);
    (void)sigaddset(&s, SIGINT);
    (void)sigaddset(&s, SIGTERM);
    return s;
}

/* The first asks the command to end its calls; the second does not wait for that. */
static void signal_came(void *arg, int events)
{
    struct agent *a = arg;
    struct signalfd_siginfo info;
    (void)events;
    if (read(a->signal_fd, &info, sizeof info) != (ssize_t)sizeof info)
        return;
    bool again = a->signal != 0;
    a->signal = (int)info.ssi_signo;
    if (again) {
        agent_stop(a);
        return;
    }
    agent_stop_soon(a);
    a->interrupted(a->arg);
}

/* They come through the loop; a reader that is gone is told by write. */
static bool take_signals(struct agent *a)
{
    sigset_t set = end_signals();
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    a->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (a->signal_fd < 0)
        return false;
    a->signals = fedgate_watch_new(a->client, a->signal_fd, signal_came, a);
    fedgate_watch_set(a->signals, FEDGATE_READ);
    return true;
}

static void patience_ended(void *arg)
{
    agent_stop(arg);
}

/* ---------------------------------------------------------------- begin and end */

struct fedgate_client *agent_client_new(const struct agent *a, void (*when_connected)(void *arg),
                                        void (*when_lost)(void *arg,
                                                          const struct fedgate_lost *lost),
                                        void *arg, char *why, size_t n)
{
    const struct fedgate_client_config config = {.gateway = a->options.gateway,
                                                 .certificate_file = a->options.certificate,
                                                 .key_file = a->options.key,
                                                 .root_file = a->options.root,
                                                 .server_name = a->options.server_name,
                                                 .reconnect = a->options.reconnect,
                                                 .arg = arg,
                                                 .connected = when_connected,
                                                 .lost = when_lost};
    return fedgate_client_new(&config, why, n);
}

int agent_begin(struct agent *a, void (*interrupted)(void *arg), void *arg)
{
    char why[400];
    int code = agent_settings(a);
    if (code != CLI_OK)
        return code;
    a->interrupted = interrupted;
    a->arg = arg;
    a->problem = BUF_INIT(4096);
    a->client = agent_client_new(a, connected, lost, a, why, sizeof why);
    if (a->client == NULL) {
        cli_error("%s", why);
        return CLI_FAILED;
    }
    if (!take_signals(a)) {
        cli_error("signals: %s", strerror(errno));
        fedgate_client_free(a->client);
        return CLI_FAILED;
    }
    a->patience = fedgate_timer_new(a->client, patience_ended, a);
    return CLI_OK;
}

void agent_run(struct agent *a)
{
    if (!a->gone)
        fedgate_client_run(a->client);
}

void agent_stop(struct agent *a)
{
    if (a->client != NULL) /* publish into a spool has none */
        fedgate_client_stop(a->client);
}

void agent_stop_soon(struct agent *a)
{
    fedgate_timer_set(a->patience, a->connected ? PATIENCE : 0);
}

int agent_end(struct agent *a)
{
    sigset_t set = end_signals();
    if (a->problem.n > 0 && !a->gone)
        agent_error("%s", buf_c(&a->problem));
    fedgate_watch_free(a->signals);
    fedgate_timer_free(a->patience);
    fedgate_client_free(a->client);
    (void)close(a->signal_fd);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
    buf_free(&a->problem);
    return a->signal == 0 ? a->code : 128 + a->signal;
}

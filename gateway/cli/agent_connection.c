/* The connection of a command: its options, signals, and how it ends. */
#include "cli/agent.h"

#include "base/clock.h"
#include "cli/audit_log.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define PATIENCE (5 * US_PER_S)

/* ---------------------------------------------------------------- what is told */

void agent_worse(struct agent *a, int code)
{
    a->code = code > a->code ? code : a->code;
}

void agent_say(const struct agent *a, const char *fmt, ...)
{
    char text[2000];
    va_list args;
    if (a->options.quiet)
        return;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    cli_error("%s", text);
}

bool agent_print(struct agent *a, struct bytes line)
{
    if (fwrite(line.p, 1, line.n, stdout) == line.n && fputc('\n', stdout) != EOF &&
        fflush(stdout) == 0)
        return true;
    cli_error("standard output: %s", strerror(errno));
    agent_worse(a, CLI_FAILED);
    agent_stop(a);
    return false;
}

void agent_call_ended(struct agent *a, const struct fedgate_end *end)
{
    static const int no_such_thing = 5, not_permitted = 7, no_connection = 14;
    if (end->status == 0)
        return;
    agent_worse(a,
                end->status == no_such_thing || end->status == not_permitted ? CLI_NO : CLI_FAILED);
    buf_clear(&a->problem);
    buf_printf(&a->problem, "the gateway ended the call: %s (%s)",
               end->text[0] == '\0' ? "no reason given" : end->text,
               fedgate_status_name(end->status));
    if (end->status != no_connection) {
        cli_error("%s", buf_c(&a->problem));
        buf_clear(&a->problem);
    }
}

/* ---------------------------------------------------------------- the connection */

static void lost(void *arg, const struct fedgate_lost *l)
{
    struct agent *a = arg;
    const char *text = l->text[a->language];
    bool final = !a->options.reconnect || l->loss == FEDGATE_LOSS_UNTRUSTED ||
                 l->loss == FEDGATE_LOSS_NOT_ACCEPTED;
    buf_clear(&a->problem);
    if (!final) {
        agent_say(a, "%s: %s; trying again in %.1f s", a->options.gateway, l->why,
                  (double)l->retry_in_us / (double)US_PER_S);
        return;
    }
    if (text[0] != '\0')
        cli_error("%s: %s (%s)", a->options.gateway, text, l->why);
    else
        cli_error("%s: the connection ended: %s", a->options.gateway, l->why);
    agent_worse(a, CLI_FAILED);
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

static void patience_ended(void *arg)
{
    agent_stop(arg);
}

/* ---------------------------------------------------------------- begin and end */

static bool needed(const char **value, const char *option, const char *variable)
{
    if (*value == NULL)
        *value = getenv(variable);
    if (*value != NULL && **value != '\0')
        return true;
    cli_error("--%s is missing; the environment variable %s does as well", option, variable);
    return false;
}

static bool complete(struct agent *a)
{
    struct agent_options *o = &a->options;
    bool korean;
    if (!audit_language(o->lang, &korean))
        return false;
    a->language = korean ? FEDGATE_KOREAN : FEDGATE_ENGLISH;
    return needed(&o->gateway, "gateway", "FEDGATE_GATEWAY") &&
           needed(&o->certificate, "certificate", "FEDGATE_CERTIFICATE") &&
           needed(&o->key, "key", "FEDGATE_KEY") && needed(&o->root, "root", "FEDGATE_ROOT");
}

int agent_begin(struct agent *a, void (*interrupted)(void *arg), void *arg)
{
    char why[400];
    sigset_t set = end_signals();
    if (!complete(a))
        return CLI_USAGE;
    const struct fedgate_client_config config = {.gateway = a->options.gateway,
                                                 .certificate_file = a->options.certificate,
                                                 .key_file = a->options.key,
                                                 .root_file = a->options.root,
                                                 .reconnect = a->options.reconnect,
                                                 .arg = a,
                                                 .lost = lost};
    a->client = fedgate_client_new(&config, why, sizeof why);
    if (a->client == NULL) {
        cli_error("%s", why);
        return CLI_FAILED;
    }
    a->interrupted = interrupted;
    a->arg = arg;
    a->problem = BUF_INIT(4096);
    (void)signal(SIGPIPE, SIG_IGN); /* told by write */
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    a->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (a->signal_fd < 0)
        abort(); /* out of descriptors before anything was opened */
    a->signals = fedgate_watch_new(a->client, a->signal_fd, signal_came, a);
    fedgate_watch_set(a->signals, FEDGATE_READ);
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
    fedgate_client_stop(a->client);
}

void agent_stop_soon(struct agent *a)
{
    fedgate_timer_set(a->patience, PATIENCE);
}

int agent_end(struct agent *a)
{
    sigset_t set = end_signals();
    if (a->problem.n > 0)
        cli_error("%s", buf_c(&a->problem));
    fedgate_watch_free(a->signals);
    fedgate_timer_free(a->patience);
    fedgate_client_free(a->client);
    (void)close(a->signal_fd);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
    buf_free(&a->problem);
    return a->signal == 0 ? a->code : 128 + a->signal;
}

/* fedgate-agent subscribe: one delivery a line, acknowledged once it is written. */
#include "cli/agent/message.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 32 << 20, IN_FLIGHT_MOST = 1024 };

struct subscribe {
    struct agent agent;
    struct fedgate_subscriber *subscriber;
    struct fedgate_timer *until;
    struct agent_saving saving;
    unsigned long count; /* wanted; 0: without end */
    unsigned long got, seconds;
    bool no_ack, to_file, finishing;
    bool broken; /* a delivery was not kept: it is not acknowledged, nor any after it */
    struct buf line;
};

/* ---------------------------------------------------------------- deliveries */

static void finish(struct subscribe *s)
{
    if (s->finishing)
        return;
    s->finishing = true;
    agent_stop_soon(&s->agent);
    fedgate_subscriber_finish(s->subscriber);
}

static bool fail(struct subscribe *s)
{
    agent_worse(&s->agent, CLI_FAILED);
    agent_stop(&s->agent);
    return false;
}

/* Whether the recipient has it now: what is acknowledged is the recipient's to keep, and so in a
 * file is on disk. False after an error message, or for a signal. */
static bool keep(struct subscribe *s, const struct fedgate_delivery *d)
{
    buf_clear(&s->line);
    if (!agent_put_delivery(d, &s->saving, &s->line))
        return fail(s);
    if (!agent_print(&s->agent, buf_view(&s->line)))
        return false;
    if (!s->to_file || fdatasync(STDOUT_FILENO) == 0)
        return true;
    cli_error("standard output: %s", strerror(errno));
    return fail(s);
}

static void got_delivery(void *arg, const struct fedgate_delivery *d)
{
    struct subscribe *s = arg;
    if (s->finishing || s->broken)
        return;
    s->broken = !keep(s, d);
    if (s->broken)
        return;
    if (!s->no_ack)
        (void)fedgate_subscriber_ack(s->subscriber, d->seq, FEDGATE_TAKEN);
    if (++s->got == s->count)
        finish(s);
}

static void got_end(void *arg, const struct fedgate_end *end)
{
    struct subscribe *s = arg;
    agent_call_ended(&s->agent, end);
    agent_stop(&s->agent);
}

static const struct fedgate_subscriber_events subscriber_events = {got_delivery, got_end};

/* ---------------------------------------------------------------- the command */

static void end_of_time(void *arg)
{
    finish(arg);
}

struct wish {
    struct agent_list kind, incident;
    const char *queue, *count, *seconds, *in_flight, *save, *format;
};

/* The gateway fixes a queue's filter when the queue is first named; "default" has none. */
static bool has_its_queue(const struct wish *w)
{
    bool filters = w->kind.count > 0 || w->incident.count > 0;
    if (!filters || (w->queue != NULL && strcmp(w->queue, "default") != 0))
        return true;
    cli_error("--kind and --incident are the filter of a queue of its own: give --queue NAME");
    return false;
}

/* With a count, no more is asked for than is taken: by one at a time, unless told otherwise. */
static bool read_wish(struct subscribe *s, const struct wish *w, struct fedgate_subscription *out)
{
    unsigned long in_flight = w->count == NULL ? 0 : 1;
    struct stat to;
    if (!has_its_queue(w) || !agent_number("count", w->count, 1, 1000000000, &s->count) ||
        !agent_number("for", w->seconds, 1, 1000000000, &s->seconds) ||
        !agent_number("max-in-flight", w->in_flight, 1, IN_FLIGHT_MOST, &in_flight))
        return false;
    if (s->no_ack && s->count > in_flight && w->in_flight == NULL)
        in_flight = s->count < IN_FLIGHT_MOST ? s->count : IN_FLIGHT_MOST;
    s->to_file = fstat(STDOUT_FILENO, &to) == 0 && S_ISREG(to.st_mode);
    *out = (struct fedgate_subscription){.queue = w->queue,
                                         .kind = w->kind.item,
                                         .kinds = w->kind.count,
                                         .incident = w->incident.item,
                                         .incidents = w->incident.count,
                                         .max_in_flight = (uint32_t)in_flight};
    return true;
}

static bool open_folder(struct subscribe *s, const char *path)
{
    s->saving = (struct agent_saving){-1, path, s->saving.format};
    if (path == NULL)
        return true;
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        s->saving.folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->saving.folder < 0)
        cli_error("%s: %s", path, strerror(errno));
    return s->saving.folder >= 0;
}

static int subscribe_run(struct subscribe *s, const struct fedgate_subscription *wanted)
{
    int code = agent_begin(&s->agent, end_of_time, s);
    if (code != CLI_OK)
        return code;
    s->line = BUF_INIT(LINE_MAX_BYTES);
    s->subscriber = fedgate_subscriber_new(s->agent.client, wanted, &subscriber_events, s);
    s->until = fedgate_timer_new(s->agent.client, end_of_time, s);
    if (s->seconds > 0)
        fedgate_timer_set(s->until, (int64_t)s->seconds * US_PER_S);
    if (s->subscriber != NULL)
        agent_run(&s->agent);
    else
        cli_error("the subscription is larger than a request can be");
    agent_worse(&s->agent, s->subscriber == NULL ? CLI_FAILED
                           : s->got < s->count   ? CLI_NO
                                                 : CLI_OK);
    fedgate_timer_free(s->until);
    buf_free(&s->line);
    return agent_end(&s->agent);
}

static bool read_options(struct subscribe *s, struct wish *w, int argc, char **argv)
{
    const struct cli_option options[] = {
        AGENT_OPTIONS(s->agent.options), {"reconnect", NULL, &s->agent.options.reconnect},
        {"queue", &w->queue, NULL},      {"count", &w->count, NULL},
        {"for", &w->seconds, NULL},      {"max-in-flight", &w->in_flight, NULL},
        {"save", &w->save, NULL},        {"format", &w->format, NULL},
        {"no-ack", NULL, &s->no_ack},    {NULL, NULL, NULL}};
    if (!agent_list_option("kind", &w->kind, &argc, argv) ||
        !agent_list_option("incident", &w->incident, &argc, argv))
        return false;
    int count = cli_options(options, argc, argv);
    if (count > 0)
        cli_error("subscribe takes no \"%s\"", argv[1]);
    return count == 0 && agent_format_option("format", w->format, &s->saving.format);
}

int agent_subscribe_run(int argc, char **argv)
{
    struct subscribe s = {0};
    struct wish w = {0};
    struct fedgate_subscription wanted;
    if (!read_options(&s, &w, argc, argv) || !read_wish(&s, &w, &wanted))
        return CLI_USAGE;
    if (!open_folder(&s, w.save))
        return CLI_FAILED;
    int code = subscribe_run(&s, &wanted);
    if (s.saving.folder >= 0)
        (void)close(s.saving.folder);
    return code;
}

/* fedgate-agent publish: messages from documents; one receipt a line. */
#include "cli/agent/message.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"

#include <errno.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LEFT_SHOWN = 8 };

#define PAUSE US_PER_S /* before a message is sent again that the gateway did not take for now */

/* One message until its receipt. */
struct outgoing {
    TAILQ_ENTRY(outgoing) next;
    struct buf encoded;
    char id[AGENT_ID];
    uint64_t number; /* in the order in which they were read */
    const char *file;
    size_t line;
};

TAILQ_HEAD(outgoings, outgoing);

struct publish {
    struct agent agent;
    struct agent_addition more;
    struct buf photo;
    struct fedgate_publisher *publisher[2]; /* by lane */
    enum fedgate_lane lane;                 /* of the last that was sent */
    struct outgoings again;                 /* came back without a receipt, in order */
    struct outgoing *next;                  /* waits for room */
    struct outgoings sent;                  /* have no receipt yet */
    uint64_t read;                          /* messages so far */
    char **file;                            /* to read, NULL behind them */
    struct agent_reader *reader;
    struct fedgate_timer *pause;
    bool paused;
    bool finishing; /* there are no more messages */
    unsigned ended; /* publishers */
    unsigned count[FEDGATE_HELD + 1];
};

static void pump(struct publish *p);

static void pump_again(void *arg)
{
    pump(arg);
}

static void outgoing_free(struct outgoing *o)
{
    if (o == NULL)
        return;
    buf_free(&o->encoded);
    mem_free(o);
}

/* ---------------------------------------------------------------- in */

static bool encode(struct publish *p, struct bytes json, struct outgoing *o)
{
    const struct clock clock = clock_system();
    struct format_report report = {0};
    char why[300];
    if (p->more.header.id != NULL && o->number > 0)
        (void)snprintf(why, sizeof why, "--id names one message, and this is another");
    else if (agent_encode(json, &p->more, clock_wall_us(&clock), &o->encoded, o->id, &report, why,
                          sizeof why)) {
        agent_tell_losses(&p->agent, o->file, &report);
        return true;
    }
    agent_error("%s:%zu: %s", o->file, o->line, why);
    agent_worse(&p->agent, CLI_FAILED);
    return false;
}

/* The next message that can be sent, in p->next. RESULT_AGAIN: it has to be waited for. RESULT_END:
 * there are no more. */
static enum result read_next(struct publish *p)
{
    while (p->next == NULL) {
        struct outgoing head = {.encoded = BUF_INIT(FEDGATE_MESSAGE_MAX)};
        struct bytes json;
        if (p->finishing)
            return RESULT_END;
        TRY(agent_reader_next(p->reader, &json, &head.file, &head.line));
        head.number = p->read++;
        struct outgoing *o = mem_new(sizeof *o);
        *o = head;
        if (encode(p, json, o))
            p->next = o;
        else
            outgoing_free(o);
    }
    return RESULT_OK;
}

/* ---------------------------------------------------------------- out */

static void finish(struct publish *p)
{
    if (p->finishing)
        return;
    p->finishing = true;
    for (size_t i = 0; i < 2; i++)
        fedgate_publisher_finish(p->publisher[i]);
}

/* False when it has to wait. What changes lanes waits for all receipts, so that messages are handed
 * in in their order: a photo names an incident that the alert before it opened. */
static bool send_next(struct publish *p)
{
    struct outgoing *o = p->next;
    enum fedgate_lane lane = fedgate_lane_of(o->encoded.p, o->encoded.n);
    if (lane != p->lane && !TAILQ_EMPTY(&p->sent))
        return false;
    p->lane = lane;
    if (fedgate_publish(p->publisher[lane], o->encoded.p, o->encoded.n, o) != FEDGATE_OK)
        return false; /* room follows, or the end */
    TAILQ_INSERT_TAIL(&p->sent, o, next);
    p->next = NULL;
    return true;
}

static void pump(struct publish *p)
{
    enum result r = RESULT_OK;
    while (r == RESULT_OK && !p->paused) {
        if (p->next == NULL && !TAILQ_EMPTY(&p->again)) {
            p->next = TAILQ_FIRST(&p->again);
            TAILQ_REMOVE(&p->again, p->next, next);
        }
        r = read_next(p);
        if (r == RESULT_OK && !send_next(p))
            r = RESULT_AGAIN;
    }
    if (r == RESULT_END && TAILQ_EMPTY(&p->sent))
        finish(p);
}

/* ---------------------------------------------------------------- what comes back */

static void insert(struct publish *p, struct outgoing *o)
{
    struct outgoing *before = TAILQ_LAST(&p->again, outgoings);
    while (before != NULL && before->number > o->number)
        before = TAILQ_PREV(before, outgoings, next);
    if (before == NULL)
        TAILQ_INSERT_HEAD(&p->again, o, next);
    else
        TAILQ_INSERT_AFTER(&p->again, before, o, next);
}

/* Before what was read after it. */
static void put_back(struct publish *p, struct outgoing *o)
{
    insert(p, o);
    if (p->next != NULL)
        insert(p, p->next);
    p->next = NULL;
}

/* The gateway has kept nothing of it: it is stopping, or asks for fewer messages a second. */
static void send_again(struct publish *p, struct outgoing *o, int64_t after_us)
{
    put_back(p, o);
    p->paused = true;
    fedgate_timer_set(p->pause, after_us > 0 ? after_us : PAUSE);
}

static void pause_ended(void *arg)
{
    struct publish *p = arg;
    p->paused = false;
    pump(p);
}

static void got_receipt(void *arg, void *tag, const struct fedgate_receipt *r)
{
    struct publish *p = arg;
    struct outgoing *o = tag;
    char what[400];
    TAILQ_REMOVE(&p->sent, o, next);
    if (r->retry == FEDGATE_RETRY_SAME_ID && p->agent.options.reconnect && !p->finishing) {
        send_again(p, o, r->retry_after_us);
        return;
    }
    if (r->answer >= FEDGATE_ACCEPTED && r->answer <= FEDGATE_HELD)
        p->count[r->answer]++;
    (void)snprintf(what, sizeof what, "%s:%zu: message %s", o->file, o->line, o->id);
    agent_worse(&p->agent, agent_tell_receipt(&p->agent, what, r));
    (void)agent_print_message(&p->agent, "Receipt", r->encoded);
    outgoing_free(o);
    pump(p);
}

static void got_unsent(void *arg, void *tag, struct fedgate_bytes message)
{
    struct publish *p = arg;
    struct outgoing *o = tag;
    (void)message;
    TAILQ_REMOVE(&p->sent, o, next);
    put_back(p, o);
}

static void got_end(void *arg, const struct fedgate_end *end)
{
    struct publish *p = arg;
    agent_call_ended(&p->agent, end);
    if (++p->ended == 2 || end->status != 0)
        agent_stop(&p->agent);
}

static const struct fedgate_publisher_events publisher_events = {got_receipt, got_unsent,
                                                                 pump_again, got_end};

/* ---------------------------------------------------------------- the command */

static void interrupted(void *arg)
{
    finish(arg);
}

static void tell_left(const struct outgoing *o, size_t count)
{
    if (count < LEFT_SHOWN)
        agent_error("%s:%zu: message %s has no receipt: publish it again, with --id %s", o->file,
                    o->line, o->id, o->id);
    else if (count == LEFT_SHOWN)
        cli_error("and more messages have no receipt");
}

/* Says what is left without a receipt, and drops it. */
static void publish_end(struct publish *p)
{
    struct outgoing *o;
    size_t count = 0;
    if (p->next != NULL)
        insert(p, p->next);
    TAILQ_CONCAT(&p->sent, &p->again, next);
    for (; (o = TAILQ_FIRST(&p->sent)) != NULL; count++) {
        tell_left(o, count);
        TAILQ_REMOVE(&p->sent, o, next);
        outgoing_free(o);
    }
    if (count > 0)
        agent_worse(&p->agent, AGENT_GATEWAY);
}

static int publish_run(struct publish *p)
{
    int code = agent_begin(&p->agent, interrupted, p);
    if (code != CLI_OK)
        return code;
    TAILQ_INIT(&p->again);
    TAILQ_INIT(&p->sent);
    p->more.unit = fedgate_client_unit(p->agent.client);
    p->reader = agent_reader_new(&p->agent, p->file, p->more.format != NULL, pump_again, p);
    p->pause = fedgate_timer_new(p->agent.client, pause_ended, p);
    for (size_t i = 0; i < 2; i++)
        p->publisher[i] = fedgate_publisher_new(p->agent.client, &publisher_events, p);
    pump(p);
    agent_run(&p->agent);
    publish_end(p);
    fedgate_timer_free(p->pause);
    agent_reader_free(p->reader);
    if (isatty(STDERR_FILENO) == 1)
        agent_say(&p->agent, "%u accepted, %u partly, %u refused, %u held",
                  p->count[FEDGATE_ACCEPTED], p->count[FEDGATE_PARTLY], p->count[FEDGATE_REFUSED],
                  p->count[FEDGATE_HELD]);
    return agent_end(&p->agent);
}

/* Its time is the file's. */
static bool read_photo(struct publish *p, const char *path)
{
    struct stat s;
    if (path == NULL)
        return true;
    p->photo = BUF_INIT(LIMIT_PHOTO + 1);
    if (!cli_read_file(path, LIMIT_PHOTO, &p->photo))
        return false;
    if (p->photo.n == 0 || stat(path, &s) != 0) {
        cli_error("%s: %s", path, p->photo.n == 0 ? "the file is empty" : strerror(errno));
        return false;
    }
    p->more.photo = buf_view(&p->photo);
    p->more.taken_us = (int64_t)s.st_mtime * US_PER_S;
    return true;
}

static int read_options(struct publish *p, int argc, char **argv, const char **photo,
                        const char **format)
{
    struct agent_header *h = &p->more.header;
    const struct cli_option options[] = {AGENT_OPTIONS(p->agent.options),
                                         AGENT_PURPOSE_OPTIONS(*h),
                                         {"service", &h->service, NULL},
                                         {"id", &h->id, NULL},
                                         {"status", &h->status, NULL},
                                         {"sent", &h->sent, NULL},
                                         {"destroy-by", &h->destroy_by, NULL},
                                         {"photo", photo, NULL},
                                         {"format", format, NULL},
                                         {"reconnect", NULL, &p->agent.options.reconnect},
                                         {NULL, NULL, NULL}};
    if (!agent_list_option("evidence", &h->evidence, &argc, argv) ||
        !agent_list_option("incident", &h->incident, &argc, argv) ||
        !agent_list_option("to", &h->to, &argc, argv))
        return -1;
    int count = cli_options(options, argc, argv);
    return count >= 0 && agent_header_check(h) ? count : -1;
}

int agent_publish_run(int argc, char **argv)
{
    static char standard[] = "-";
    char *only_standard[] = {standard, NULL};
    struct publish p = {0};
    const char *photo = NULL, *format = NULL;
    int count = read_options(&p, argc, argv, &photo, &format);
    if (count < 0 || !agent_format_option("format", format, &p.more.format))
        return CLI_USAGE;
    argv[1 + count] = NULL;
    p.file = count == 0 ? only_standard : argv + 1;
    int code = read_photo(&p, photo) ? publish_run(&p) : CLI_FAILED;
    buf_free(&p.photo);
    return code;
}

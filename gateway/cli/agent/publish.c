/* fedgate-agent publish: messages from documents; one receipt a line. */
#include "cli/agent/publish.h"

#include "base/clock.h"

#include <inttypes.h>
#include <unistd.h>

enum { LEFT_SHOWN = 8 };

#define PAUSE US_PER_S /* before a message is sent again that the gateway did not take for now */

TAILQ_HEAD(outgoings, outgoing);

struct publish {
    struct agent agent;
    struct publish_input input;
    struct fedgate_publisher *publisher[2]; /* by lane */
    enum fedgate_lane lane;                 /* of the last that was sent */
    struct outgoings again;                 /* came back without a receipt, in order */
    struct outgoing *next;                  /* waits for room */
    struct outgoings sent;                  /* have no receipt yet */
    size_t under_way;                       /* so many */
    struct fedgate_timer *pause;
    bool paused;
    bool finishing; /* there are no more messages */
    unsigned ended; /* publishers */
    unsigned count[FEDGATE_HELD + 1];
    uint64_t receipts;
    struct agent_meter meter;
};

static void pump(struct publish *p);

static void pump_again(void *arg)
{
    pump(arg);
}

/* ---------------------------------------------------------------- in */

/* The next message that can be sent, in p->next; as publish_input_next. */
static enum result read_next(struct publish *p)
{
    if (p->next != NULL)
        return RESULT_OK;
    return p->finishing ? RESULT_END : publish_input_next(&p->input, &p->next);
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
    o->behind = false;
    TAILQ_INSERT_TAIL(&p->sent, o, next);
    p->under_way++;
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
    struct outgoing *x;
    TAILQ_FOREACH (x, &p->sent, next)
        x->behind = true;
    put_back(p, o);
    p->paused = true;
    fedgate_timer_set(p->pause, after_us > 0 ? after_us : PAUSE);
}

/* What was refused perhaps for want of the one before it, as an alert's end without its beginning.
 * The gateway has kept nothing of it either. */
static bool came_too_early(const struct outgoing *o, const struct fedgate_receipt *r)
{
    return o->behind && r->answer == FEDGATE_REFUSED && r->retry == FEDGATE_RETRY_LATER;
}

static void pause_ended(void *arg)
{
    struct publish *p = arg;
    p->paused = false;
    pump(p);
}

static void take_back(struct publish *p, struct outgoing *o)
{
    TAILQ_REMOVE(&p->sent, o, next);
    p->under_way--;
}

static void show_progress(struct publish *p)
{
    double per_s;
    if (agent_meter_is_due(&p->meter, p->receipts, &per_s))
        agent_meter_show(&p->meter, "%" PRIu64 " receipts  %.0f/s  %zu under way", p->receipts,
                         per_s, p->under_way);
}

static void got_receipt(void *arg, void *tag, const struct fedgate_receipt *r)
{
    struct publish *p = arg;
    struct outgoing *o = tag;
    char what[400];
    take_back(p, o);
    if (r->retry == FEDGATE_RETRY_SAME_ID && p->agent.options.reconnect && !p->finishing) {
        send_again(p, o, r->retry_after_us);
        return;
    }
    if (came_too_early(o, r)) {
        put_back(p, o);
        pump(p);
        return;
    }
    if (r->answer >= FEDGATE_ACCEPTED && r->answer <= FEDGATE_HELD)
        p->count[r->answer]++;
    p->receipts++;
    agent_meter_make_way(&p->meter, r);
    (void)snprintf(what, sizeof what, "%s:%zu: message %s", o->file, o->line, o->id);
    agent_worse(&p->agent, agent_tell_receipt(&p->agent, what, r));
    (void)agent_print_message(&p->agent, "Receipt", r->encoded);
    outgoing_free(o);
    show_progress(p);
    pump(p);
}

static void got_unsent(void *arg, void *tag, struct fedgate_bytes message)
{
    struct publish *p = arg;
    struct outgoing *o = tag;
    (void)message;
    take_back(p, o);
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

static int publish_run(struct publish *p, char **file)
{
    int code = agent_begin(&p->agent, interrupted, p);
    if (code != CLI_OK)
        return code;
    TAILQ_INIT(&p->again);
    TAILQ_INIT(&p->sent);
    p->input.more.unit = fedgate_client_unit(p->agent.client);
    p->input.reader =
        agent_reader_new(&p->agent, file, p->input.more.format != NULL, pump_again, p);
    p->meter = agent_meter_new(&p->agent);
    p->pause = fedgate_timer_new(p->agent.client, pause_ended, p);
    for (size_t i = 0; i < 2; i++)
        p->publisher[i] = fedgate_publisher_new(p->agent.client, &publisher_events, p);
    pump(p);
    agent_run(&p->agent);
    agent_meter_clear(&p->meter);
    publish_end(p);
    fedgate_timer_free(p->pause);
    agent_reader_free(p->input.reader);
    if (isatty(STDERR_FILENO) == 1)
        agent_say(&p->agent, "%u accepted, %u partly, %u refused, %u held",
                  p->count[FEDGATE_ACCEPTED], p->count[FEDGATE_PARTLY], p->count[FEDGATE_REFUSED],
                  p->count[FEDGATE_HELD]);
    return agent_end(&p->agent);
}

static int read_options(struct publish *p, int argc, char **argv, const char **photo,
                        const char **format)
{
    struct agent_header *h = &p->input.more.header;
    const struct cli_option options[] = {AGENT_OPTIONS(p->agent.options),
                                         AGENT_SPOOL_OPTIONS(p->agent.options),
                                         AGENT_PURPOSE_OPTIONS(*h),
                                         {"service", &h->service, NULL},
                                         {"id", &h->id, NULL},
                                         {"status", &h->status, NULL},
                                         {"wish", &h->wish, NULL},
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

/* Into the spool, where there is one by the settings; else to the gateway. */
static int publish(struct publish *p, char **file)
{
    int code = agent_settings_some(&p->agent);
    const char *spool = agent_spool(&p->agent);
    if (code != CLI_OK)
        return code;
    return spool == NULL ? publish_run(p, file) : publish_into_spool(&p->input, spool, file);
}

int agent_publish_run(int argc, char **argv)
{
    static char standard[] = "-";
    char *only_standard[] = {standard, NULL};
    struct publish p = {0};
    const char *photo = NULL, *format = NULL;
    int count = read_options(&p, argc, argv, &photo, &format);
    if (count < 0 || !agent_format_option("format", format, &p.input.more.format))
        return CLI_USAGE;
    argv[1 + count] = NULL;
    p.input.agent = &p.agent;
    int code = publish_input_photo(&p.input, photo)
                   ? publish(&p, count == 0 ? only_standard : argv + 1)
                   : CLI_FAILED;
    buf_free(&p.input.photo);
    return code;
}

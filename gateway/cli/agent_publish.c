/* fedgate-agent publish: messages from JSON; one receipt a line. */
#include "cli/agent_message.h"
#include "cli/agent_stream.h"

#include "base/clock.h"
#include "base/mem.h"

#include <sys/queue.h>
#include <unistd.h>

enum { READ_AT_ONCE = 64 << 10 };

/* One message until its receipt. */
struct outgoing {
    TAILQ_ENTRY(outgoing) next;
    struct buf encoded;
    uint64_t number; /* in the order in which they were read */
    const char *file;
    size_t line;
};

TAILQ_HEAD(outgoings, outgoing);

struct publish {
    struct agent agent;
    struct fedgate_publisher *publisher[2]; /* by lane */
    enum fedgate_lane lane;                 /* of the last that was sent */
    struct outgoings again;                 /* came back without a receipt, in order */
    struct outgoing *next;                  /* waits for room */
    struct outgoings sent;                  /* have no receipt yet */
    uint64_t read;                          /* messages so far */
    char **file;                            /* those that are still to be read, NULL behind them */
    struct agent_input *input;
    struct agent_cutter *cutter;
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

static struct outgoing *encode(struct publish *p, struct bytes json, size_t line)
{
    const struct clock clock = clock_system();
    char why[300];
    struct outgoing *o = mem_new(sizeof *o);
    *o = (struct outgoing){.encoded = BUF_INIT(FEDGATE_MESSAGE_MAX),
                           .number = p->read++,
                           .file = agent_input_name(p->input),
                           .line = line};
    if (agent_encode(json, fedgate_client_unit(p->agent.client), clock_wall_us(&clock), &o->encoded,
                     why, sizeof why))
        return o;
    cli_error("%s:%zu: %s", o->file, line, why);
    agent_worse(&p->agent, CLI_FAILED);
    outgoing_free(o);
    return NULL;
}

static void close_input(struct publish *p)
{
    agent_input_close(p->input);
    agent_cutter_free(p->cutter);
    p->input = NULL;
    p->cutter = NULL;
}

/* What cannot be read any further ends its file, not the others. */
static void give_up_input(struct publish *p)
{
    agent_worse(&p->agent, CLI_FAILED);
    close_input(p);
}

/* RESULT_END when no file is left. */
static enum result open_input(struct publish *p)
{
    while (p->input == NULL) {
        if (*p->file == NULL)
            return RESULT_END;
        p->input = agent_input_open(&p->agent, *p->file++, pump_again, p);
        if (p->input == NULL)
            agent_worse(&p->agent, CLI_FAILED);
    }
    if (p->cutter == NULL)
        p->cutter = agent_cutter_new();
    return RESULT_OK;
}

static enum result read_more(struct publish *p)
{
    struct buf text = BUF_INIT(READ_AT_ONCE);
    enum result r = agent_input_read(p->input, READ_AT_ONCE, &text);
    size_t line;
    if (r == RESULT_OK) {
        agent_cutter_add(p->cutter, buf_view(&text));
    } else if (r == RESULT_END) {
        if (agent_cutter_is_inside(p->cutter, &line)) {
            cli_error("%s:%zu: the file ends inside of this message", agent_input_name(p->input),
                      line);
            agent_worse(&p->agent, CLI_FAILED);
        }
        close_input(p);
    } else if (r == RESULT_IO) {
        give_up_input(p);
    }
    buf_free(&text);
    return r == RESULT_AGAIN ? RESULT_AGAIN : RESULT_OK;
}

/* Cuts the next message out of what was read, or reads more. RESULT_AGAIN: it has to be waited
 * for. RESULT_END: there are no more. */
static enum result step(struct publish *p)
{
    struct bytes json;
    size_t line;
    if (p->finishing)
        return RESULT_END;
    TRY(open_input(p));
    enum result r = agent_cutter_next(p->cutter, &json, &line);
    if (r == RESULT_AGAIN)
        return read_more(p);
    if (r == RESULT_OK) {
        p->next = encode(p, json, line);
        return RESULT_OK;
    }
    cli_error("%s:%zu: %s", agent_input_name(p->input), line,
              r == RESULT_TOO_LARGE ? "larger than a message can be"
                                    : "expected a message: a JSON object, beginning with '{'");
    give_up_input(p);
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
    for (;;) {
        if (p->next == NULL && !TAILQ_EMPTY(&p->again)) {
            p->next = TAILQ_FIRST(&p->again);
            TAILQ_REMOVE(&p->again, p->next, next);
        }
        if (p->next != NULL) {
            if (!send_next(p))
                return;
            continue;
        }
        enum result r = step(p);
        if (r == RESULT_AGAIN)
            return;
        if (r == RESULT_END) {
            if (TAILQ_EMPTY(&p->sent))
                finish(p);
            return;
        }
    }
}

/* ---------------------------------------------------------------- what comes back */

static void got_receipt(void *arg, void *tag, const struct fedgate_receipt *r)
{
    struct publish *p = arg;
    struct outgoing *o = tag;
    struct fedgate_buffer json;
    char what[400];
    TAILQ_REMOVE(&p->sent, o, next);
    if (r->answer >= FEDGATE_ACCEPTED && r->answer <= FEDGATE_HELD)
        p->count[r->answer]++;
    (void)snprintf(what, sizeof what, "%s:%zu: message %.64s", o->file, o->line, r->id);
    agent_worse(&p->agent, agent_tell_receipt(&p->agent, what, r));
    if (fedgate_json_write("Receipt", r->encoded.p, r->encoded.n, 0, &json) == FEDGATE_OK) {
        (void)agent_print(&p->agent, bytes_of(json.p, json.n));
        fedgate_buffer_free(&json);
    }
    outgoing_free(o);
    pump(p);
}

static void put_back(struct publish *p, struct outgoing *o)
{
    struct outgoing *before = TAILQ_LAST(&p->again, outgoings);
    while (before != NULL && before->number > o->number)
        before = TAILQ_PREV(before, outgoings, next);
    if (before == NULL)
        TAILQ_INSERT_HEAD(&p->again, o, next);
    else
        TAILQ_INSERT_AFTER(&p->again, before, o, next);
}

static void got_unsent(void *arg, void *tag, struct fedgate_bytes message)
{
    struct publish *p = arg;
    struct outgoing *o = tag;
    (void)message;
    TAILQ_REMOVE(&p->sent, o, next);
    put_back(p, o);
    if (p->next != NULL)
        put_back(p, p->next);
    p->next = NULL;
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

static size_t drop_all(struct outgoings *list)
{
    struct outgoing *o;
    size_t count = 0;
    for (; (o = TAILQ_FIRST(list)) != NULL; count++) {
        TAILQ_REMOVE(list, o, next);
        outgoing_free(o);
    }
    return count;
}

/* Drops what is left, and says how much that is. */
static void publish_end(struct publish *p)
{
    size_t count = (p->next != NULL) + drop_all(&p->again) + drop_all(&p->sent);
    outgoing_free(p->next);
    close_input(p);
    if (count == 0)
        return;
    cli_error("%zu %s no receipt: send %s again, with the same id", count,
              count == 1 ? "message has" : "messages have", count == 1 ? "it" : "them");
    agent_worse(&p->agent, CLI_FAILED);
}

static int publish_run(struct publish *p)
{
    int code = agent_begin(&p->agent, interrupted, p);
    if (code != CLI_OK)
        return code;
    TAILQ_INIT(&p->again);
    TAILQ_INIT(&p->sent);
    for (size_t i = 0; i < 2; i++)
        p->publisher[i] = fedgate_publisher_new(p->agent.client, &publisher_events, p);
    pump(p);
    agent_run(&p->agent);
    publish_end(p);
    if (isatty(STDERR_FILENO) == 1)
        agent_say(&p->agent, "%u accepted, %u partly, %u refused, %u held",
                  p->count[FEDGATE_ACCEPTED], p->count[FEDGATE_PARTLY], p->count[FEDGATE_REFUSED],
                  p->count[FEDGATE_HELD]);
    return agent_end(&p->agent);
}

int agent_publish_run(int argc, char **argv)
{
    struct publish p = {0};
    const struct cli_option options[] = {AGENT_OPTIONS(p.agent.options),
                                         {"reconnect", NULL, &p.agent.options.reconnect},
                                         {NULL, NULL, NULL}};
    static char standard[] = "-";
    char *only_standard[] = {standard, NULL};
    int count = cli_options(options, argc, argv);
    if (count < 0)
        return CLI_USAGE;
    argv[1 + count] = NULL;
    p.file = count == 0 ? only_standard : argv + 1;
    return publish_run(&p);
}

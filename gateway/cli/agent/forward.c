/* fedgate-agent forward: sends what waits in a spool, the urgent lane first, and removes each
 * message behind its receipt. What the gateway did not answer for is still there, and is listed
 * again. */
#include "cli/agent/agent.h"

#include "base/clock.h"
#include "base/mem.h"
#include "cli/agent/outbox.h"

#include <inttypes.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#define PAUSE US_PER_S /* before what the gateway did not take for now is sent again */

enum { AT_ONCE = 1024 }; /* messages that are listed */

/* A message in the spool, until it is gone from there, or its call has ended. */
struct letter {
    TAILQ_ENTRY(letter) next;
    struct road *road;
    char name[OUTBOX_NAME + 1];
    bool behind; /* was sent behind one that is sent again */
};

TAILQ_HEAD(letters, letter);

/* One lane. */
struct road {
    struct forward *forward;
    enum fedgate_lane lane;
    struct fedgate_publisher *publisher;
    struct letters waiting, sent;
    size_t under_way; /* sent, without a receipt */
    struct fedgate_timer *pause;
    bool paused;
};

struct forward {
    struct agent agent;
    struct outbox *outbox;
    struct road road[2]; /* by lane */
    struct buf message;
    int watch_fd; /* -1: not watched */
    struct fedgate_watch *watch;
    bool follow, finishing;
    unsigned ended; /* publishers */
    uint64_t receipts, refused;
    struct agent_meter meter;
};

static void pump(struct forward *f);

/* ---------------------------------------------------------------- what waits */

static void drop_all(struct letters *list)
{
    struct letter *l;
    while ((l = TAILQ_FIRST(list)) != NULL) {
        TAILQ_REMOVE(list, l, next);
        mem_free(l);
    }
}

static void finish(struct forward *f)
{
    if (f->finishing)
        return;
    f->finishing = true;
    for (size_t i = 0; i < ARRAY_LEN(f->road); i++)
        fedgate_publisher_finish(f->road[i].publisher);
}

/* The spool cannot be used: that was told. */
static void give_up(struct forward *f)
{
    agent_worse(&f->agent, CLI_FAILED);
    finish(f);
}

/* What waits on disk, when nothing of it is known here. */
static void list(struct road *r)
{
    struct outbox_list names;
    if (outbox_list(r->forward->outbox, r->lane, AT_ONCE, &names) != RESULT_OK)
        give_up(r->forward);
    for (size_t i = 0; i < names.count && !r->forward->finishing; i++) {
        struct letter *l = mem_new(sizeof *l);
        l->road = r;
        memcpy(l->name, names.name[i], sizeof l->name);
        TAILQ_INSERT_TAIL(&r->waiting, l, next);
    }
    outbox_list_free(&names);
}

/* ---------------------------------------------------------------- out */

/* Sets it aside with the reason. */
static bool refuse(struct forward *f, const struct letter *l, struct bytes why)
{
    f->refused++;
    agent_worse(&f->agent, CLI_NO);
    return outbox_refuse(f->outbox, l->road->lane, l->name, why) == RESULT_OK;
}

static bool refuse_foreign(struct forward *f, const struct letter *l)
{
    agent_error("%s: no message of the contract's", l->name);
    return refuse(f, l, bytes_of_text("{\"error\":\"no message of the contract's\"}"));
}

/* Sends the first. False when it has to wait, or nothing more can be sent. */
static bool send_first(struct road *r)
{
    struct forward *f = r->forward;
    struct letter *l = TAILQ_FIRST(&r->waiting);
    enum fedgate_result sent = FEDGATE_TOO_LARGE;
    buf_clear(&f->message);
    enum result read = outbox_read(f->outbox, r->lane, l->name, &f->message);
    if (read == RESULT_OK)
        sent = fedgate_publish(r->publisher, f->message.p, f->message.n, l);
    if (sent == FEDGATE_WAIT || sent == FEDGATE_CLOSED)
        return false; /* room follows, or the end */
    TAILQ_REMOVE(&r->waiting, l, next);
    if (sent == FEDGATE_OK) {
        TAILQ_INSERT_TAIL(&r->sent, l, next);
        r->under_way++;
        return true;
    }
    bool good = read == RESULT_NOT_FOUND || (read != RESULT_IO && refuse_foreign(f, l));
    mem_free(l);
    if (!good)
        give_up(f);
    return good;
}

/* Whether nothing of the lane waits, or is under way. */
static bool drive(struct road *r)
{
    if (!r->paused && TAILQ_EMPTY(&r->waiting) && TAILQ_EMPTY(&r->sent))
        list(r);
    while (!r->paused && !r->forward->finishing && !TAILQ_EMPTY(&r->waiting) && send_first(r))
        continue;
    return !r->paused && TAILQ_EMPTY(&r->waiting) && TAILQ_EMPTY(&r->sent);
}

/* A photo never goes before the alert that opens its incident, nor in front of any other. */
static void pump(struct forward *f)
{
    if (f->finishing || !drive(&f->road[FEDGATE_URGENT]) || !drive(&f->road[FEDGATE_NORMAL]) ||
        f->finishing)
        return;
    outbox_settle(f->outbox);
    if (!f->follow)
        finish(f);
}

static void pump_again(void *arg)
{
    pump(((struct road *)arg)->forward);
}

static void something_came(void *arg, int events)
{
    struct forward *f = arg;
    (void)events;
    outbox_watch_read(f->watch_fd);
    pump(f);
}

/* ---------------------------------------------------------------- what comes back */

static void pause_ended(void *arg)
{
    struct road *r = arg;
    r->paused = false;
    pump(r->forward);
}

/* The gateway has kept nothing of it. What was behind it is listed again, too. */
static void send_again(struct road *r, int64_t after_us)
{
    struct letter *l;
    TAILQ_FOREACH (l, &r->sent, next)
        l->behind = true;
    drop_all(&r->waiting);
    r->paused = true;
    fedgate_timer_set(r->pause, after_us > 0 ? after_us : PAUSE);
}

static void show_progress(struct forward *f)
{
    double per_s;
    if (agent_meter_is_due(&f->meter, f->receipts, &per_s))
        agent_meter_show(&f->meter, "%" PRIu64 " receipts  %.0f/s  %zu under way", f->receipts,
                         per_s, f->road[0].under_way + f->road[1].under_way);
}

/* Removes the message, or sets it aside. */
static bool settle(struct forward *f, const struct letter *l, const struct fedgate_receipt *r)
{
    struct fedgate_buffer json;
    if (r->answer != FEDGATE_REFUSED)
        return outbox_remove(f->outbox, l->road->lane, l->name) == RESULT_OK;
    if (fedgate_json_write("Receipt", r->encoded.p, r->encoded.n, 2, &json) != FEDGATE_OK)
        return refuse(f, l, bytes_of_text("{\"error\":\"refused\"}"));
    bool good = refuse(f, l, bytes_of(json.p, json.n));
    fedgate_buffer_free(&json);
    return good;
}

static void take(struct forward *f, const struct letter *l, const struct fedgate_receipt *r)
{
    char what[80];
    f->receipts++;
    (void)snprintf(what, sizeof what, "message %.*s", (int)UUID_TEXT,
                   l->name + OUTBOX_NAME - UUID_TEXT);
    agent_meter_make_way(&f->meter, r);
    agent_worse(&f->agent, agent_tell_receipt(&f->agent, what, r));
    if (!agent_print_message(&f->agent, "Receipt", r->encoded))
        finish(f); /* it stays in the spool, and its receipt comes again */
    else if (!settle(f, l, r))
        give_up(f);
    show_progress(f);
}

/* What was refused perhaps for want of the one before it, as an alert's end without its beginning.
 * The gateway has kept nothing of it either. */
static bool came_too_early(const struct letter *l, const struct fedgate_receipt *r)
{
    return l->behind && r->answer == FEDGATE_REFUSED && r->retry == FEDGATE_RETRY_LATER;
}

static void got_receipt(void *arg, void *tag, const struct fedgate_receipt *receipt)
{
    struct road *r = arg;
    struct letter *l = tag;
    TAILQ_REMOVE(&r->sent, l, next);
    r->under_way--;
    if (receipt->retry == FEDGATE_RETRY_SAME_ID)
        send_again(r, receipt->retry_after_us);
    else if (!came_too_early(l, receipt))
        take(r->forward, l, receipt);
    mem_free(l);
    pump(r->forward);
}

/* It is on disk still; so is what was behind it. */
static void got_unsent(void *arg, void *tag, struct fedgate_bytes message)
{
    struct road *r = arg;
    struct letter *l = tag;
    (void)message;
    TAILQ_REMOVE(&r->sent, l, next);
    r->under_way--;
    mem_free(l);
    drop_all(&r->waiting);
}

static void got_end(void *arg, const struct fedgate_end *end)
{
    struct forward *f = ((struct road *)arg)->forward;
    agent_call_ended(&f->agent, end);
    if (++f->ended == ARRAY_LEN(f->road) || end->status != 0)
        agent_stop(&f->agent);
}

static const struct fedgate_publisher_events events = {got_receipt, got_unsent, pump_again,
                                                       got_end};

/* ---------------------------------------------------------------- the command */

static void interrupted(void *arg)
{
    finish(arg);
}

static bool watch(struct forward *f)
{
    f->watch_fd = outbox_watch(f->outbox);
    if (f->watch_fd < 0)
        return false;
    f->watch = fedgate_watch_new(f->agent.client, f->watch_fd, something_came, f);
    fedgate_watch_set(f->watch, FEDGATE_READ);
    return true;
}

static void begin(struct forward *f)
{
    for (size_t i = 0; i < ARRAY_LEN(f->road); i++) {
        struct road *r = &f->road[i];
        r->forward = f;
        r->lane = (enum fedgate_lane)i;
        TAILQ_INIT(&r->waiting);
        TAILQ_INIT(&r->sent);
        r->pause = fedgate_timer_new(f->agent.client, pause_ended, r);
        r->publisher = fedgate_publisher_new(f->agent.client, &events, r);
    }
    f->meter = agent_meter_new(&f->agent);
}

/* How many are left, and were set aside. */
static void tell_left(struct forward *f)
{
    size_t count;
    uint64_t bytes;
    agent_meter_clear(&f->meter);
    if (outbox_count(f->outbox, &count, &bytes) != RESULT_OK)
        return;
    if (count > 0)
        agent_error("messages that wait in %s: %zu", agent_spool(&f->agent), count);
    if (f->refused > 0)
        agent_say(&f->agent, "refused, and set aside in %s/refused: %" PRIu64,
                  agent_spool(&f->agent), f->refused);
}

static int run(struct forward *f)
{
    int code = agent_begin(&f->agent, interrupted, f);
    if (code != CLI_OK)
        return code;
    f->message = BUF_INIT(FEDGATE_MESSAGE_MAX);
    begin(f);
    if (!f->follow || watch(f)) {
        pump(f);
        agent_run(&f->agent);
    } else {
        agent_worse(&f->agent, CLI_FAILED);
    }
    tell_left(f);
    outbox_settle(f->outbox);
    fedgate_watch_free(f->watch);
    if (f->watch_fd >= 0)
        (void)close(f->watch_fd);
    for (size_t i = 0; i < ARRAY_LEN(f->road); i++) {
        drop_all(&f->road[i].waiting);
        drop_all(&f->road[i].sent);
        fedgate_timer_free(f->road[i].pause);
    }
    buf_free(&f->message);
    return agent_end(&f->agent);
}

/* The exit code; CLI_OK with f->outbox open. */
static int open_spool(struct forward *f)
{
    struct outbox_limits most;
    int code = agent_settings(&f->agent);
    const char *folder = agent_spool(&f->agent);
    const struct agent_needed needed[] = {{"spool", folder}, {NULL, NULL}};
    if (code != CLI_OK)
        return code;
    if (!agent_has(needed) || !agent_spool_limits(&f->agent, &most))
        return CLI_USAGE;
    f->outbox = outbox_open(folder, most);
    return f->outbox != NULL && outbox_claim(f->outbox) ? CLI_OK : CLI_FAILED;
}

/* Then no gateway is needed. */
static bool is_empty(const struct forward *f)
{
    size_t count;
    uint64_t bytes;
    return outbox_count(f->outbox, &count, &bytes) == RESULT_OK && count == 0;
}

int agent_forward_run(int argc, char **argv)
{
    struct forward f = {.watch_fd = -1};
    const struct cli_option options[] = {AGENT_OPTIONS(f.agent.options),
                                         AGENT_SPOOL_OPTIONS(f.agent.options),
                                         {"follow", NULL, &f.follow},
                                         {"reconnect", NULL, &f.agent.options.reconnect},
                                         {NULL, NULL, NULL}};
    int count = cli_options(options, argc, argv);
    if (count > 0)
        cli_error("forward takes no \"%s\"", argv[1]);
    if (count != 0)
        return CLI_USAGE;
    int code = open_spool(&f);
    if (code == CLI_OK && (f.follow || !is_empty(&f)))
        code = run(&f);
    outbox_close(f.outbox);
    return code;
}

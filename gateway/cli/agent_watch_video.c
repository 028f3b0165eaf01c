/* fedgate-agent watch-video: a stream to a file or a player. */
#include "cli/agent_message.h"
#include "cli/agent_stream.h"

#include "base/ident.h"
#include "base/limits.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <inttypes.h>

struct watch {
    struct agent agent;
    struct fedgate_watcher *watcher;
    struct agent_events *events;
    struct agent_output *output;
    uint64_t bytes;
    unsigned gaps;
    bool paused; /* the gateway was asked to wait */
    bool over;   /* the call has ended: what is left is written out */
};

/* ---------------------------------------------------------------- from the gateway to the output
 */

/* A player that was closed ends the watching in order. */
static void output_failed(struct watch *w, enum result r)
{
    if (r == RESULT_CLOSED)
        agent_say(&w->agent, "the reader of the output is gone");
    else
        agent_worse(&w->agent, CLI_FAILED);
    agent_stop(&w->agent);
}

static void drained(void *arg, enum result r)
{
    struct watch *w = arg;
    if (r != RESULT_OK) {
        output_failed(w, r);
    } else if (w->over) {
        agent_stop(&w->agent);
    } else if (w->paused) {
        w->paused = false;
        fedgate_watcher_resume(w->watcher);
    }
}

static void show_progress(struct watch *w)
{
    char more[32];
    (void)snprintf(more, sizeof more, "%u gaps", w->gaps);
    agent_progress(w->events, w->bytes, more);
}

static enum fedgate_result got_data(void *arg, const void *packets, size_t n)
{
    struct watch *w = arg;
    enum result r = agent_output_put(w->output, bytes_of(packets, n));
    w->bytes += n;
    show_progress(w);
    if (r == RESULT_OK)
        return FEDGATE_OK;
    if (r == RESULT_AGAIN)
        w->paused = true;
    else
        output_failed(w, r);
    return FEDGATE_WAIT;
}

/* ---------------------------------------------------------------- what the gateway says */

static void got_start(void *arg, const struct fedgate_video_start *start)
{
    struct watch *w = arg;
    agent_event_message(w->events, "opened", "start", "VideoStart", start->encoded);
    agent_tell_obligations(&w->agent, &start->must);
}

static void got_gap(void *arg, uint64_t bytes, int64_t duration_us)
{
    struct watch *w = arg;
    char members[96];
    w->gaps++;
    (void)snprintf(members, sizeof members, "\"bytes\":%" PRIu64 ",\"milliseconds\":%" PRId64,
                   bytes, duration_us / 1000);
    agent_event(w->events, "gap", members);
}

static void got_stop(void *arg, const struct fedgate_video_end *end)
{
    struct watch *w = arg;
    agent_event_message(w->events, "stopped", "end", "VideoEnd", end->encoded);
    agent_worse(&w->agent, agent_tell_video_end(&w->agent, end));
}

static void got_end(void *arg, const struct fedgate_end *end)
{
    struct watch *w = arg;
    char members[96];
    w->over = true;
    (void)snprintf(members, sizeof members, "\"status\":\"%s\",\"bytes\":%" PRIu64,
                   fedgate_status_name(end->status), w->bytes);
    agent_event(w->events, "ended", members);
    if (w->agent.code == CLI_OK)
        agent_call_ended(&w->agent, end);
    if (agent_output_waiting(w->output) == 0)
        agent_stop(&w->agent);
}

static const struct fedgate_watcher_events watcher_events = {got_start, got_data, got_gap, got_stop,
                                                             got_end};

/* ---------------------------------------------------------------- the command */

/* The watcher has nothing to say that the gateway would have to take: its call is cancelled. */
static void interrupted(void *arg)
{
    struct watch *w = arg;
    agent_stop(&w->agent);
}

struct wish {
    const char *stream, *purpose, *basis, *staff, *role, *workstation, *output, *events;
    struct agent_list evidence;
};

static bool put_request(const struct wish *w, struct arena *a, struct buf *out)
{
    Fedgate__V1__WatchRequest request = FEDGATE__V1__WATCH_REQUEST__INIT;
    Fedgate__V1__Actor actor = FEDGATE__V1__ACTOR__INIT;
    request.stream_id = (char *)(uintptr_t)w->stream;
    request.purpose = (char *)(uintptr_t)w->purpose;
    request.basis = agent_basis(a, w->basis, &w->evidence);
    if (w->staff != NULL) {
        actor.staff_ref = (char *)(uintptr_t)w->staff;
        actor.role = (char *)(uintptr_t)(w->role == NULL ? "" : w->role);
        actor.workstation = (char *)(uintptr_t)(w->workstation == NULL ? "" : w->workstation);
        request.actor = &actor;
    }
    if (request.basis == NULL)
        return false;
    if (message_pack(&request.base, out) == RESULT_OK)
        return true;
    cli_error("the options are larger than a request can be");
    return false;
}

static int open_watch(struct watch *w, const struct wish *wish)
{
    struct arena *a = arena_new(4 * LIMIT_REQUEST);
    struct buf request = BUF_INIT(LIMIT_REQUEST);
    int code = CLI_USAGE;
    if (put_request(wish, a, &request)) {
        w->watcher = fedgate_watcher_new(w->agent.client, request.p, request.n, &watcher_events, w);
        code = CLI_OK;
    }
    buf_free(&request);
    arena_free(a);
    return code;
}

static int watch_run(struct watch *w, const struct wish *wish)
{
    int code = agent_begin(&w->agent, interrupted, w);
    if (code != CLI_OK)
        return code;
    w->output = agent_output_open(&w->agent, wish->output, drained, w);
    w->events = w->output == NULL ? NULL : agent_events_open(&w->agent, wish->events, wish->stream);
    agent_worse(&w->agent, w->events == NULL ? CLI_FAILED : open_watch(w, wish));
    if (w->agent.code == CLI_OK)
        agent_run(&w->agent);
    agent_events_close(w->events);
    agent_output_close(w->output);
    return agent_end(&w->agent);
}

static bool is_complete(const struct wish *w)
{
    const struct {
        const char *name, *value;
    } must[] = {{"stream", w->stream}, {"purpose", w->purpose}, {"basis", w->basis}};
    struct uuid id;
    for (size_t i = 0; i < ARRAY_LEN(must); i++)
        if (must[i].value == NULL) {
            cli_error("--%s is missing", must[i].name);
            return false;
        }
    if (uuid_parse(bytes_of_text(w->stream), &id))
        return true;
    cli_error("--stream is a UUID in lower case, as a stream_notice names it");
    return false;
}

int agent_watch_video_run(int argc, char **argv)
{
    struct watch w = {0};
    struct wish wish = {0};
    const struct cli_option options[] = {AGENT_OPTIONS(w.agent.options),
                                         {"stream", &wish.stream, NULL},
                                         {"purpose", &wish.purpose, NULL},
                                         {"basis", &wish.basis, NULL},
                                         {"staff", &wish.staff, NULL},
                                         {"role", &wish.role, NULL},
                                         {"workstation", &wish.workstation, NULL},
                                         {"output", &wish.output, NULL},
                                         {"events", &wish.events, NULL},
                                         {NULL, NULL, NULL}};
    argc = agent_list_option("evidence", &wish.evidence, argc, argv);
    int count = argc < 0 ? -1 : cli_options(options, argc, argv);
    if (count > 0)
        cli_error("watch-video takes no \"%s\"", argv[1]);
    return count != 0 || !is_complete(&wish) ? CLI_USAGE : watch_run(&w, &wish);
}

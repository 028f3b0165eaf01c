/* fedgate-agent watch-video: a stream to a file, a player, a server of RTSP, or a page (HLS). */
#include "cli/agent/media.h"
#include "cli/agent/message.h"
#include "cli/agent/stream.h"

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
    struct agent_child *wall; /* NULL: a file or a pipe */
    const char *hls;          /* the folder; NULL: none */
    uint64_t bytes;
    unsigned gaps;
    bool paused; /* the gateway was asked to wait */
    bool over;   /* the call has ended: what is left is written out */
};

/* ---------------------------------------------------------------- to the output */

/* A player that was closed ends the watching in order. */
static void output_failed(struct watch *w, enum result r)
{
    if (r == RESULT_CLOSED && w->wall == NULL)
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

static void tell_end(struct watch *w, const char *status)
{
    char members[96];
    w->over = true;
    (void)snprintf(members, sizeof members, "\"status\":\"%s\",\"bytes\":%" PRIu64, status,
                   w->bytes);
    agent_event(w->events, "ended", members);
}

static void got_end(void *arg, const struct fedgate_end *end)
{
    struct watch *w = arg;
    tell_end(w, fedgate_status_name(end->status));
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
    struct agent_header header;
    const char *stream, *output, *hls, *events;
};

static bool put_request(const struct wish *w, struct arena *a, struct buf *out)
{
    Fedgate__V1__WatchRequest request = FEDGATE__V1__WATCH_REQUEST__INIT;
    request.stream_id = (char *)(uintptr_t)w->stream;
    request.purpose = (char *)(uintptr_t)w->header.purpose;
    request.basis = agent_header_basis(a, &w->header);
    request.actor = agent_header_actor(a, &w->header);
    if (message_pack(&request.base, out) == RESULT_OK)
        return true;
    cli_error("the options are larger than a request can be");
    return false;
}

static int open_watch(struct watch *w, const struct wish *wish)
{
    struct arena *a = arena_new(AGENT_HEADER_MAX);
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

static bool open_output(struct watch *w, const struct wish *wish)
{
    const bool is_rtsp = wish->output != NULL && agent_is_rtsp(wish->output);
    int fd;
    if (!is_rtsp && wish->hls == NULL) {
        w->output = agent_output_open(&w->agent, wish->output, drained, w);
        return w->output != NULL;
    }
    if (wish->hls != NULL && !agent_hls_begin(wish->hls))
        return false;
    w->hls = wish->hls;
    w->wall = is_rtsp ? agent_rtsp_start(&w->agent, wish->output, &fd)
                      : agent_hls_start(&w->agent, wish->hls, &fd);
    if (w->wall != NULL)
        w->output = agent_output_of(&w->agent, fd, "ffmpeg", drained, w);
    return w->wall != NULL;
}

static void close_output(struct watch *w)
{
    agent_output_close(w->output);
    const bool ended = agent_child_stop(w->wall, true);
    const bool removed = w->hls == NULL || agent_hls_end(w->hls); /* however it ended */
    if (!ended || !removed)
        agent_worse(&w->agent, CLI_FAILED);
}

static int watch_run(struct watch *w, const struct wish *wish)
{
    const bool elsewhere = wish->output != NULL || wish->hls != NULL;
    int code = agent_begin(&w->agent, interrupted, w);
    if (code != CLI_OK)
        return code;
    w->events = open_output(w, wish)
                    ? agent_events_open(&w->agent, wish->events, elsewhere, wish->stream)
                    : NULL;
    agent_worse(&w->agent, w->events == NULL ? CLI_FAILED : open_watch(w, wish));
    if (w->agent.code == CLI_OK) {
        agent_run(&w->agent);
        if (!w->over)
            tell_end(w, "CANCELLED"); /* by a signal, or because the output is gone */
    }
    agent_events_close(w->events);
    close_output(w);
    return agent_end(&w->agent);
}

static bool is_complete(struct wish *w)
{
    const struct agent_needed needed[] = {{"stream", w->stream},
                                          {"purpose", w->header.purpose},
                                          {"basis", w->header.basis},
                                          {NULL, NULL}};
    struct uuid id;
    if (!agent_has(needed) || !agent_header_check(&w->header))
        return false;
    if (w->hls != NULL && w->output != NULL) {
        cli_error("--hls and --output are one or the other");
        return false;
    }
    if (uuid_parse(bytes_of_text(w->stream), &id))
        return true;
    cli_error("--stream is a UUID in lower case, as a stream_notice names it");
    return false;
}

static bool read_options(struct watch *w, struct wish *wish, int argc, char **argv)
{
    const struct cli_option options[] = {AGENT_OPTIONS(w->agent.options),
                                         AGENT_PURPOSE_OPTIONS(wish->header),
                                         {"stream", &wish->stream, NULL},
                                         {"output", &wish->output, NULL},
                                         {"hls", &wish->hls, NULL},
                                         {"events", &wish->events, NULL},
                                         {NULL, NULL, NULL}};
    if (!agent_list_option("evidence", &wish->header.evidence, &argc, argv))
        return false;
    int count = cli_options(options, argc, argv);
    if (count > 0)
        cli_error("watch-video takes no \"%s\"", argv[1]);
    return count == 0;
}

int agent_watch_video_run(int argc, char **argv)
{
    struct watch w = {0};
    struct wish wish = {0};
    return read_options(&w, &wish, argc, argv) && is_complete(&wish) ? watch_run(&w, &wish)
                                                                     : CLI_USAGE;
}

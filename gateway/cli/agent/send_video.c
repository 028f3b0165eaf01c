/* fedgate-agent send-video: a transport stream or fragmented MP4 from a file, a pipe or a camera.
 */
#include "cli/agent/media.h"
#include "cli/agent/message.h"
#include "cli/agent/stream.h"

#include "base/clock.h"
#include "base/ident.h"
#include "base/limits.h"
#include "crypto/random.h"
#include "message/message.h"
#include "message/mpegts.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <inttypes.h>
#include <string.h>

enum { AT_ONCE = 348 * TS_PACKET }; /* just below 64 KiB: what a pipe holds */

struct send {
    struct agent agent;
    struct fedgate_sender *sender;
    struct agent_events *events;
    struct agent_input *input;
    struct buf data; /* read, not yet sent */
    uint64_t bytes;  /* sent */
    uint32_t watchers;
    bool accepted, finished;
    bool realtime, loop;
    bool in_packets; /* a transport stream; else it goes as it comes */
    struct agent_pace pace;
    int64_t begun_us; /* the first packets were sent; 0: not yet */
    struct fedgate_timer *due;
    const char *path;
    struct agent_child *camera; /* NULL: it is a file or a pipe, or the camera is away */
    bool is_camera, sound;
    const char *track; /* where the camera's positions come from; NULL: it stands */
    struct agent_positions *positions;
    unsigned failures; /* of the camera, in a row */
    struct fedgate_timer *again;
    char stream[UUID_TEXT + 1];
};

/* ---------------------------------------------------------------- from the input to the gateway */

static void finish(struct send *s)
{
    if (s->finished)
        return;
    s->finished = true;
    fedgate_sender_finish(s->sender);
}

static void give_up(struct send *s)
{
    agent_worse(&s->agent, CLI_FAILED);
    finish(s);
}

static void fail(struct send *s, const char *what)
{
    cli_error("%s: %s at byte %" PRIu64, agent_input_name(s->input), what, s->bytes + s->data.n);
    give_up(s);
}

/* When the packets at the front are to go: in this many microseconds; *n is how many bytes go. */
static int64_t wait_for(struct send *s, size_t *n)
{
    const struct clock clock = clock_system();
    int64_t due_us, now = clock_steady_us(&clock);
    if (!s->realtime)
        return 0;
    *n = agent_pace_next(&s->pace, bytes_of(s->data.p, *n), &due_us);
    if (s->begun_us == 0)
        s->begun_us = now - due_us;
    return s->begun_us + due_us - now;
}

/* Sends from the front of what is there. RESULT_OK: some went, or more has to be read first.
 * RESULT_AGAIN: it is not yet due, or there is no room. RESULT_END: nothing more goes. */
static enum result send_some(struct send *s, bool *more)
{
    bool wrong = false;
    size_t n = s->in_packets ? agent_packets(buf_view(&s->data), &wrong) : s->data.n;
    *more = n == 0;
    if (n == 0 && wrong) {
        buf_clear(&s->data);
        fail(s, "no transport-stream packet of 188 bytes begins");
        return RESULT_END;
    }
    if (n == 0)
        return RESULT_OK;
    int64_t wait = wait_for(s, &n);
    if (wait > 0) {
        fedgate_timer_set(s->due, wait);
        return RESULT_AGAIN;
    }
    enum fedgate_result r = fedgate_sender_data(s->sender, s->data.p, n);
    if (r != FEDGATE_OK)
        return r == FEDGATE_WAIT ? RESULT_AGAIN : RESULT_END;
    buf_drop(&s->data, n);
    s->bytes += n;
    return RESULT_OK;
}

static void close_source(struct send *s)
{
    agent_input_close(s->input);
    s->input = NULL;
    (void)agent_child_stop(s->camera, false);
    s->camera = NULL;
}

/* With --reconnect the stream stays open, and the camera is asked again: after a second, then twice
 * as long each time, half a minute at most. What is left of a packet goes. */
static enum result camera_ended(struct send *s)
{
    const int64_t wait_us = (s->failures > 4 ? 30 : 1 << s->failures) * US_PER_S;
    char members[64];
    (void)snprintf(members, sizeof members, "\"bytes\":%" PRIu64 "%s", s->bytes,
                   s->agent.options.reconnect ? ",\"retry\":true" : "");
    agent_event(s->events, "source-lost", members);
    close_source(s);
    buf_clear(&s->data);
    if (s->agent.options.reconnect) {
        s->failures++;
        fedgate_timer_set(s->again, wait_us);
        return RESULT_AGAIN;
    }
    give_up(s);
    return RESULT_END;
}

static enum result read_some(struct send *s)
{
    if (s->input == NULL)
        return RESULT_AGAIN; /* the camera is away */
    enum result r = agent_input_read(s->input, AT_ONCE - s->data.n, &s->data);
    if (r == RESULT_OK)
        s->failures = 0;
    if (r == RESULT_END && s->is_camera)
        return camera_ended(s);
    if (r == RESULT_END && s->data.n > 0)
        fail(s, "the input ends inside of a packet,");
    else if (r == RESULT_END && s->loop && s->bytes > 0 && agent_input_rewind(s->input))
        return RESULT_OK;
    if (r == RESULT_IO)
        agent_worse(&s->agent, CLI_FAILED);
    if (r == RESULT_END || r == RESULT_IO)
        finish(s);
    return r;
}

static void pump(void *arg)
{
    struct send *s = arg;
    enum result r = RESULT_OK;
    char more[32];
    while (r == RESULT_OK && s->accepted && !s->finished) {
        bool empty;
        r = send_some(s, &empty);
        if (r == RESULT_OK && empty)
            r = read_some(s);
    }
    (void)snprintf(more, sizeof more, "%" PRIu32 " watching", s->watchers);
    agent_progress(s->events, s->bytes, more);
}

static bool open_source(struct send *s)
{
    int fd;
    if (!s->is_camera) {
        s->input = agent_input_open(&s->agent, s->path, pump, s);
        return s->input != NULL;
    }
    s->camera = agent_camera_start(&s->agent, s->path, !s->in_packets, s->sound, &fd);
    if (s->camera != NULL)
        s->input = agent_input_of(&s->agent, fd, "the camera", pump, s);
    return s->camera != NULL;
}

static void camera_again(void *arg)
{
    struct send *s = arg;
    if (s->finished)
        return;
    if (!open_source(s))
        give_up(s);
    pump(s);
}

/* ---------------------------------------------------------------- what the gateway says */

static void got_opened(void *arg, const struct fedgate_receipt *r)
{
    struct send *s = arg;
    s->accepted = r->answer == FEDGATE_ACCEPTED;
    agent_event_message(s->events, s->accepted ? "opened" : "refused", "receipt", "Receipt",
                        r->encoded);
    agent_worse(&s->agent, agent_tell_receipt(&s->agent, "the stream", r));
    pump(s);
}

static void got_watchers(void *arg, uint32_t count)
{
    struct send *s = arg;
    char members[32];
    s->watchers = count;
    (void)snprintf(members, sizeof members, "\"watchers\":%" PRIu32, count);
    agent_event(s->events, "watchers", members);
}

static void got_stop(void *arg, const struct fedgate_video_end *end)
{
    struct send *s = arg;
    s->accepted = false;
    agent_event_message(s->events, "stopped", "end", "VideoEnd", end->encoded);
    agent_worse(&s->agent, agent_tell_video_end(&s->agent, end));
}

static void got_end(void *arg, const struct fedgate_end *end)
{
    struct send *s = arg;
    char members[96];
    s->accepted = false;
    (void)snprintf(members, sizeof members, "\"status\":\"%s\",\"bytes\":%" PRIu64,
                   fedgate_status_name(end->status), s->bytes);
    agent_event(s->events, "ended", members);
    if (s->agent.code == CLI_OK)
        agent_call_ended(&s->agent, end);
    agent_stop(&s->agent);
}

static const struct fedgate_sender_events sender_events = {got_opened, got_watchers, pump, got_stop,
                                                           got_end};

/* ---------------------------------------------------------------- the command */

static void interrupted(void *arg)
{
    finish(arg);
}

struct wish {
    struct agent_header header;
    const char *camera, *stream, *container;
};

static bool put_start(const struct send *s, const struct wish *w, struct arena *a, struct buf *out)
{
    const struct clock clock = clock_system();
    Fedgate__V1__VideoStart start = FEDGATE__V1__VIDEO_START__INIT;
    start.header = agent_header_make(a, &w->header, fedgate_client_unit(s->agent.client),
                                     clock_wall_us(&clock), NULL);
    start.stream_id = (char *)(uintptr_t)s->stream;
    start.camera_id = (char *)(uintptr_t)w->camera;
    start.container = (char *)(uintptr_t)w->container;
    if (message_pack(&start.base, out) == RESULT_OK)
        return true;
    cli_error("the options are larger than a request can be");
    return false;
}

/* The exit code when it does not come about. */
static int open_stream(struct send *s, const struct wish *w)
{
    struct arena *a = arena_new(AGENT_HEADER_MAX);
    struct buf start = BUF_INIT(LIMIT_REQUEST);
    int code = CLI_USAGE;
    if (put_start(s, w, a, &start)) {
        agent_event(s->events, "opening", "");
        s->sender = fedgate_sender_new(s->agent.client, start.p, start.n, &sender_events, s);
        if (s->track != NULL)
            s->positions = agent_positions_open(&s->agent, s->track, s->events, s->sender);
        code = CLI_OK;
    }
    buf_free(&start);
    arena_free(a);
    return code;
}

static int send_run(struct send *s, const struct wish *w)
{
    int code = agent_begin(&s->agent, interrupted, s);
    if (code != CLI_OK)
        return code;
    s->data = BUF_INIT(AT_ONCE);
    s->due = fedgate_timer_new(s->agent.client, pump, s);
    s->again = fedgate_timer_new(s->agent.client, camera_again, s);
    s->events = agent_events_open(&s->agent, NULL, true, s->stream);
    agent_worse(&s->agent, open_source(s) ? open_stream(s, w) : CLI_FAILED);
    if (s->agent.code == CLI_OK)
        agent_run(&s->agent);
    agent_positions_close(s->positions);
    agent_events_close(s->events);
    close_source(s);
    fedgate_timer_free(s->due);
    fedgate_timer_free(s->again);
    buf_free(&s->data);
    return agent_end(&s->agent);
}

static bool go_together(const struct send *s)
{
    if (s->realtime && !s->in_packets) {
        cli_error("--realtime is for transport streams, which have a clock");
        return false;
    }
    if (s->loop && !s->realtime) {
        cli_error("--loop goes with --realtime");
        return false;
    }
    if (s->is_camera && (s->realtime || s->loop)) {
        cli_error("--realtime and --loop are for files");
        return false;
    }
    if (!s->is_camera && (s->sound || s->agent.options.reconnect)) {
        cli_error("--sound and --reconnect are for a camera, rtsp://...");
        return false;
    }
    if (s->agent.options.reconnect && !s->in_packets) {
        cli_error("--reconnect is for transport streams: fragmented MP4 cannot begin again within "
                  "a stream");
        return false;
    }
    return true;
}

static bool is_complete(struct wish *w, struct send *s)
{
    const struct agent_needed needed[] = {{"camera", w->camera},
                                          {"service", w->header.service},
                                          {"purpose", w->header.purpose},
                                          {"basis", w->header.basis},
                                          {NULL, NULL}};
    const struct clock clock = clock_system();
    struct uuid id = random_uuid(clock_wall_us(&clock));
    if (!agent_has(needed) || !agent_header_check(&w->header))
        return false;
    if (w->stream != NULL && !uuid_parse(bytes_of_text(w->stream), &id)) {
        cli_error("--stream is a UUID in lower case");
        return false;
    }
    if (w->container == NULL)
        w->container = media_container_word(MEDIA_MPEGTS);
    s->in_packets = strcmp(w->container, media_container_word(MEDIA_MPEGTS)) == 0;
    if (!s->in_packets && strcmp(w->container, media_container_word(MEDIA_FMP4)) != 0) {
        cli_error("--container is mpegts or fmp4");
        return false;
    }
    if (!go_together(s))
        return false;
    if (s->track != NULL && strcmp(s->track, "-") == 0 && strcmp(s->path, "-") == 0) {
        cli_error("standard input is the video's or the positions', not both");
        return false;
    }
    uuid_text(&id, s->stream);
    return true;
}

static bool read_options(struct send *s, struct wish *w, int argc, char **argv)
{
    struct agent_header *h = &w->header;
    const struct cli_option options[] = {AGENT_OPTIONS(s->agent.options),
                                         AGENT_PURPOSE_OPTIONS(*h),
                                         {"service", &h->service, NULL},
                                         {"camera", &w->camera, NULL},
                                         {"stream", &w->stream, NULL},
                                         {"container", &w->container, NULL},
                                         {"positions", &s->track, NULL},
                                         {"realtime", NULL, &s->realtime},
                                         {"loop", NULL, &s->loop},
                                         {"sound", NULL, &s->sound},
                                         {"reconnect", NULL, &s->agent.options.reconnect},
                                         {NULL, NULL, NULL}};
    if (!agent_list_option("evidence", &h->evidence, &argc, argv) ||
        !agent_list_option("incident", &h->incident, &argc, argv) ||
        !agent_list_option("to", &h->to, &argc, argv))
        return false;
    int count = cli_options(options, argc, argv);
    if (count > 1)
        cli_error("send-video takes one file, - for standard input, or a camera's address");
    s->path = count == 1 ? argv[1] : "-";
    s->is_camera = agent_is_rtsp(s->path);
    return count == 0 || count == 1;
}

int agent_send_video_run(int argc, char **argv)
{
    struct send s = {0};
    struct wish w = {0};
    return read_options(&s, &w, argc, argv) && is_complete(&w, &s) ? send_run(&s, &w) : CLI_USAGE;
}

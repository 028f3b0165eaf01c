/* Live video through the gateway: the centre sends, the 112 control room watches, on as many
 * screens as are asked for. */
#include "base/mem.h"
#include "clip.h"
#include "fedgate.h"
#include "footage.h"
#include "load.h"

struct screen {
    struct video *video;
    struct fedgate_watcher *watcher;
    bool opened, begun;
    uint64_t position; /* it has the video up to there */
};

struct video {
    struct load *load;
    struct fedgate_end_point centre, control;
    struct fedgate_sender *sender;
    struct fedgate_watch *wake;
    struct clip *clip;
    bool opened;
    struct screen *screen;
    size_t screens;
};

/* ---- the sender */

static void sender_opened(void *arg, const struct fedgate_receipt *receipt)
{
    struct video *v = arg;
    if (receipt->answer != FEDGATE_ACCEPTED)
        load_fail("the stream was refused: %s %s",
                  receipt->recipients > 0 ? receipt->recipient[0].clause : "",
                  receipt->recipients > 0 ? receipt->recipient[0].failed : "");
    v->opened = true;
}

static void stopped(void *arg, const struct fedgate_video_end *end)
{
    (void)arg;
    load_fail("the stream was stopped: reason %u %s", end->why.reason, end->why.failed);
}

/* ---- the watchers */

static void watcher_opened(void *arg, const struct fedgate_video_start *start)
{
    (void)start;
    ((struct screen *)arg)->opened = true;
}

/* The gateway begins with the stream's tables and at a point where a decoder can start: what of the
 * first chunk it left out counts as arrived. */
static bool begins(struct screen *s, struct bytes data)
{
    const struct bytes first = clip_chunk(s->video->clip, 0);
    if (data.n > first.n)
        load_fail("the video begins with more than was sent");
    s->position = first.n - data.n;
    return clip_is_at(s->video->clip, s->position, data);
}

static uint64_t position_of_all(const struct video *v)
{
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < v->screens; i++)
        if (v->screen[i].position < least)
            least = v->screen[i].position;
    return least;
}

static enum fedgate_result data(void *arg, const void *packets, size_t n)
{
    struct screen *s = arg;
    const struct bytes came = bytes_of(packets, n);
    if (!s->begun && !(s->begun = begins(s, came)))
        return FEDGATE_OK;
    if (!clip_is_at(s->video->clip, s->position, came))
        load_fail("other bytes arrived than were sent");
    s->position += n;
    load_video_reached(s->video->load, position_of_all(s->video));
    return FEDGATE_OK;
}

static void gap(void *arg, uint64_t bytes, int64_t duration_us)
{
    (void)arg;
    (void)bytes;
    (void)duration_us;
    load_fail("the gateway left a gap");
}

/* ---- opening */

static void report_incident(struct video *v)
{
    struct buf report = footage_incident(load_wall_us());
    fedgate_publish_one(&v->control, buf_view(&report));
    buf_free(&report);
}

static void open_sender(struct video *v)
{
    static const struct fedgate_sender_events events = {
        .opened = sender_opened, .stopped = stopped, .ended = fedgate_call_ended};
    struct buf start = footage_start(load_wall_us());
    v->sender = fedgate_sender_new(v->centre.client, start.p, start.n, &events, v);
    fedgate_await(&v->centre, &v->opened, "answer to the VideoStart");
    buf_free(&start);
}

static void open_watcher(struct video *v, struct screen *s)
{
    static const struct fedgate_watcher_events events = {.opened = watcher_opened,
                                                         .data = data,
                                                         .gap = gap,
                                                         .stopped = stopped,
                                                         .ended = fedgate_call_ended};
    struct buf request = footage_request();
    s->video = v;
    s->watcher = fedgate_watcher_new(v->control.client, request.p, request.n, &events, s);
    fedgate_await(&v->control, &s->opened, "start of the video");
    buf_free(&request);
}

static void woken(void *arg, int events)
{
    (void)events;
    load_woken(((struct video *)arg)->load);
}

static void *open_video(struct load *l)
{
    struct video *v = mem_new(sizeof *v);
    const struct load_options *o = load_options(l);
    v->load = l;
    v->clip = clip_open(o->clip);
    fedgate_connect(&v->control, o->port, o->pki, FOOTAGE_WATCHER, false);
    fedgate_connect(&v->centre, o->port, o->pki, FOOTAGE_SENDER, false);
    report_incident(v);
    open_sender(v);
    v->screens = o->watchers;
    v->screen = mem_new_array(v->screens, sizeof *v->screen);
    for (size_t i = 0; i < v->screens; i++)
        open_watcher(v, &v->screen[i]);
    v->wake = fedgate_watch_new(v->centre.client, load_wake_fd(l), woken, v);
    fedgate_watch_set(v->wake, FEDGATE_READ);
    return v;
}

/* ---- running */

static bool send_chunk(void *arg, struct bytes chunk)
{
    const struct video *v = arg;
    enum fedgate_result r = fedgate_sender_data(v->sender, chunk.p, chunk.n);
    if (r != FEDGATE_OK && r != FEDGATE_WAIT)
        load_fail("a chunk was not taken");
    return r == FEDGATE_OK;
}

static void turn(void *arg, int64_t most_us)
{
    const struct video *v = arg;
    fedgate_client_turn(v->centre.client, most_us);
}

static void take(void *arg, int64_t most_us)
{
    const struct video *v = arg;
    fedgate_client_turn(v->control.client, most_us);
}

const struct driver driver_fedgate_video = {.name = "fedgate-video",
                                            .video = true,
                                            .open = open_video,
                                            .send = send_chunk,
                                            .turn = turn,
                                            .take = take};

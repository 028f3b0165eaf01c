/* Live video through the gateway: the centre sends, the 112 control room watches. */
#include "base/mem.h"
#include "clip.h"
#include "fedgate.h"
#include "footage.h"
#include "load.h"

struct video {
    struct load *load;
    struct fedgate_end_point centre, control;
    struct fedgate_sender *sender;
    struct fedgate_watcher *watcher;
    struct fedgate_watch *wake;
    struct clip *clip;
    bool opened, watching, begun;
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

/* ---- the watcher */

static void watcher_opened(void *arg, const struct fedgate_video_start *start)
{
    (void)start;
    ((struct video *)arg)->watching = true;
}

/* The gateway begins with the stream's tables and at a point where a decoder can start: what of the
 * first chunk it left out counts as arrived. */
static bool begins(struct video *v, struct bytes data)
{
    const struct bytes first = clip_chunk(v->clip, 0);
    if (data.n > first.n)
        load_fail("the video begins with more than was sent");
    const struct bytes left_out = bytes_of(first.p, first.n - data.n);
    if (!clip_is_at(v->clip, left_out.n, data))
        return false;
    load_video_arrived(v->load, left_out);
    return true;
}

static enum fedgate_result data(void *arg, const void *packets, size_t n)
{
    struct video *v = arg;
    if (!v->begun)
        v->begun = begins(v, bytes_of(packets, n));
    if (v->begun)
        load_video_arrived(v->load, bytes_of(packets, n));
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

static void open_watcher(struct video *v)
{
    static const struct fedgate_watcher_events events = {.opened = watcher_opened,
                                                         .data = data,
                                                         .gap = gap,
                                                         .stopped = stopped,
                                                         .ended = fedgate_call_ended};
    struct buf request = footage_request();
    v->watcher = fedgate_watcher_new(v->control.client, request.p, request.n, &events, v);
    fedgate_await(&v->control, &v->watching, "start of the video");
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
    open_watcher(v);
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

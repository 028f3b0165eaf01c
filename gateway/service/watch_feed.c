/* What a watcher is sent: from a point where a decoder can start, and as much as it can take. */
#include "service/stream.h"

#include "crypto/digest.h"

#include <fedgate/v1/fedgate.pb-c.h>

static void put_data(struct watcher *w, struct shared *owner, struct bytes data)
{
    uint8_t head[1 + VARINT_MAX] = {0x12}; /* VideoFrame.data, length-delimited */
    if (data.n == 0)
        return;
    w->events->frame(w->arg, bytes_of(head, 1 + varint_put(head + 1, data.n)), owner, data);
    if (w->sent != NULL)
        hasher_add(w->sent, data);
    w->bytes += data.n;
    w->frames++;
}

static void put_gap(struct watcher *w)
{
    int64_t us = clock_steady_us(&w->edge->config.clock) - w->gap_us;
    Fedgate__V1__VideoFrame frame = FEDGATE__V1__VIDEO_FRAME__INIT;
    Fedgate__V1__VideoGap gap = FEDGATE__V1__VIDEO_GAP__INIT;
    Google__Protobuf__Duration duration = GOOGLE__PROTOBUF__DURATION__INIT;
    duration.seconds = us / US_PER_S;
    duration.nanos = (int32_t)(us % US_PER_S * 1000);
    gap.bytes = w->gap_bytes;
    gap.duration = &duration;
    frame.part_case = FEDGATE__V1__VIDEO_FRAME__PART_GAP;
    frame.gap = &gap;
    watch_put_frame(w, &frame);
    w->gaps++;
    w->in_gap = false;
}

/* The head first, so that a decoder knows what follows; then from the point where it can start. */
static void start_here(struct watcher *w, const struct passing *p)
{
    struct bytes head = media_head(w->sender->media);
    if (w->in_gap)
        put_gap(w);
    if (head.n > 0) {
        struct shared *copy = shared_copy(head);
        put_data(w, copy, shared_view(copy));
        shared_drop(copy);
    }
    w->started = true;
    put_data(w, p->owner, bytes_of(p->chunk.p + p->found.start, p->found.to - p->found.start));
}

/* What passes of a chunk, up to there. */
static void go_on(struct watcher *w, const struct passing *p, size_t to)
{
    if (p->before != NULL)
        put_data(w, p->before, shared_view(p->before));
    put_data(w, p->owner, bytes_of(p->chunk.p + p->found.from, to - p->found.from));
}

/* Too slow: others do not wait for it. */
static void leave_behind(struct watcher *w, const struct passing *p)
{
    go_on(w, p, p->found.cut);
    w->started = false;
    w->in_gap = true;
    w->gap_bytes = p->found.to - p->found.cut;
    w->gap_us = clock_steady_us(&w->edge->config.clock);
}

/* Its own grant, which may be another than the sender's, may list fewer codecs. */
static bool may_have_codec(const struct watcher *w)
{
    uint8_t codecs = policy_limits(w->edge->policy, w->decision.grant).codecs;
    bool may = codecs == 0;
    for (unsigned i = 0; i < MEDIA_CODECS; i++)
        may = may || ((codecs >> i & 1) != 0 &&
                      strcmp(media_codec(w->sender->media), media_codec_word(i)) == 0);
    return may;
}

void watch_feed(struct watcher *w, const struct passing *p)
{
    if (w->state != WATCH_LIVE)
        return;
    size_t queued = w->events->queued(w->arg), most = w->edge->config.watcher_queue;
    if (w->started && queued > most && p->found.has_cut)
        leave_behind(w, p);
    else if (w->started)
        go_on(w, p, p->found.to);
    else if (p->found.has_start && !may_have_codec(w))
        watch_stop(w, REASON_MEDIA_REFUSED, w->clause, "limits.codecs: the stream has another");
    else if (p->found.has_start && queued <= most / 2)
        start_here(w, p);
    else if (w->in_gap)
        w->gap_bytes += p->chunk.n;
}

void watch_gap(struct watcher *w, struct bytes frame, struct shared *owner)
{
    if (w->state == WATCH_LIVE && w->started &&
        w->events->queued(w->arg) <= w->edge->config.watcher_queue)
        w->events->frame(w->arg, bytes_of(NULL, 0), owner, frame);
}

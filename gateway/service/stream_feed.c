/* What a sender sends once its stream is open: to every watcher, no faster than its grant permits.
 */
#include "service/stream.h"

/* A second's worth may pass at once; more presses back on the sender. */
static bool is_paced(struct sender *s, size_t bytes)
{
    int64_t now_us = clock_steady_us(&s->edge->config.clock);
    int64_t most = (int64_t)s->limits.bits_per_s;
    if (most == 0)
        return false;
    if (s->allowance_us == 0)
        s->allowance_bits = most;
    else
        s->allowance_bits += (now_us - s->allowance_us) * (most / 1000) / 1000;
    s->allowance_us = now_us;
    if (s->allowance_bits > most)
        s->allowance_bits = most;
    s->allowance_bits -= (int64_t)bytes * 8;
    return s->allowance_bits < 0;
}

static void feed_watchers(struct sender *s, struct passing *p)
{
    struct watcher *w, *next;
    if (p->found.before.n > 0)
        p->before = shared_copy(p->found.before);
    for (w = TAILQ_FIRST(&s->watchers); w != NULL; w = next) {
        next = TAILQ_NEXT(w, of_stream);
        watch_feed(w, p);
    }
    shared_drop(p->before);
}

static enum result take_data(struct sender *s, struct shared *owner, struct bytes data)
{
    struct passing p = {.owner = owner, .chunk = data};
    enum reason reason;
    const char *why;
    if (s->state != STREAM_OPEN)
        return RESULT_OK; /* before the answer "opened" it is discarded */
    /* It was read into a buffer of its own, and no watcher has it yet. */
    if (media_chunk(s->media, shared_edit(owner, data), data.n, &p.found, &reason, &why) !=
        RESULT_OK) {
        stream_stop(s, reason, s->clause, why);
        return RESULT_OK;
    }
    s->bytes += data.n;
    s->frames++;
    feed_watchers(s, &p);
    s->paced = is_paced(s, data.n) || s->paced; /* one that was asked to wait is told when not to */
    return s->paced ? RESULT_AGAIN : RESULT_OK;
}

static enum result take_gap(struct sender *s, struct shared *owner, struct bytes frame)
{
    struct watcher *w;
    if (s->state != STREAM_OPEN)
        return RESULT_OK;
    if (!media_may_gap(s->media)) {
        stream_stop(s, REASON_MEDIA_REFUSED, s->clause, "a gap inside of a fragment");
        return RESULT_OK;
    }
    TAILQ_FOREACH (w, &s->watchers, of_stream)
        watch_gap(w, frame, owner);
    return RESULT_OK;
}

enum result sender_take(struct sender *s, struct shared *owner, struct bytes frame)
{
    enum video_part part;
    struct bytes content;
    if (s->state == STREAM_NEW)
        return stream_begin(s, frame);
    TRY(video_frame_peek(frame, &part, &content));
    switch (part) {
    case VIDEO_DATA: return take_data(s, owner, content);
    case VIDEO_GAP: return take_gap(s, owner, frame);
    case VIDEO_END: sender_finish(s); return RESULT_OK;
    case VIDEO_POSITION: return stream_take_position(s, frame);
    case VIDEO_START: break;
    }
    return RESULT_MALFORMED;
}

void stream_feed_tick(struct sender *s)
{
    if (!s->paced || is_paced(s, 0))
        return;
    s->paced = false;
    s->events->room(s->arg);
}

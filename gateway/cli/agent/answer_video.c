/* The video of a test bench: a centre's short stream, and somebody at 112 who watches. */
#include "cli/agent/answer.h"

#include "base/clock.h"
#include "base/mem.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <inttypes.h>

enum { WATCHES_MAX = 16 };

#define WATCHER_WITHIN (20 * US_PER_S) /* then a clip is sent to nobody */

/* ---------------------------------------------------------------- a centre */

struct answer_stream {
    LIST_ENTRY(answer_stream) next;
    struct answer *w;
    struct agent_clip *clip;
};

static void free_stream(struct answer_stream *s)
{
    LIST_REMOVE(s, next);
    agent_clip_free(s->clip);
    mem_free(s);
}

static void clip_over(void *arg, const struct agent_clip_end *end)
{
    struct answer_stream *s = arg;
    if (end->good)
        agent_say(&s->w->agent, "a stream was sent: %zu bytes", end->sent);
    else
        agent_say(&s->w->agent, "a stream was not sent to its end: %s", end->why);
    free_stream(s);
}

void answer_send(struct answer *w, const struct Fedgate__V1__Message *request)
{
    struct buf start = BUF_INIT(FEDGATE_REQUEST_MAX);
    const char *camera = answer_camera(w, request);
    if (w->packets.n > 0 && camera[0] != '\0' && answer_start(w, request, camera, &start)) {
        struct answer_stream *s = mem_new(sizeof *s);
        s->w = w;
        LIST_INSERT_HEAD(&w->streams, s, next);
        s->clip = agent_clip_new(w->agent.client, buf_view(&start), buf_view(&w->packets),
                                 WATCHER_WITHIN, clip_over, s);
        if (s->clip == NULL)
            free_stream(s);
    }
    buf_free(&start);
}

/* ---------------------------------------------------------------- 112 */

struct answer_watch {
    LIST_ENTRY(answer_watch) next;
    struct answer *w;
    struct fedgate_watcher *watcher;
    uint64_t bytes;
};

static void free_watch(struct answer_watch *x)
{
    LIST_REMOVE(x, next);
    x->w->watching--;
    fedgate_watcher_free(x->watcher);
    mem_free(x);
}

/* What it shows is nobody's: it is counted and forgotten. */
static enum fedgate_result got_data(void *arg, const void *packets, size_t n)
{
    struct answer_watch *x = arg;
    (void)packets;
    x->bytes += n;
    return FEDGATE_OK;
}

static void got_stop(void *arg, const struct fedgate_video_end *end)
{
    struct answer_watch *x = arg;
    (void)agent_tell_video_end(&x->w->agent, end);
}

static void watch_ended(void *arg, const struct fedgate_end *end)
{
    struct answer_watch *x = arg;
    agent_say(&x->w->agent, "watched %" PRIu64 " bytes of a stream%s%s", x->bytes,
              end->status == FEDGATE_ENDED_WELL ? "" : ": ",
              end->status == FEDGATE_ENDED_WELL ? "" : end->text);
    free_watch(x);
}

void answer_watch(struct answer *w, const struct Fedgate__V1__Message *notice)
{
    static const struct fedgate_watcher_events events = {
        .data = got_data, .stopped = got_stop, .ended = watch_ended};
    struct buf request = BUF_INIT(FEDGATE_REQUEST_MAX);
    if (notice->stream_notice->open && w->watching < WATCHES_MAX &&
        answer_watch_request(w, notice, &request)) {
        struct answer_watch *x = mem_new(sizeof *x);
        x->w = w;
        w->watching++;
        LIST_INSERT_HEAD(&w->watches, x, next);
        x->watcher = fedgate_watcher_new(w->agent.client, request.p, request.n, &events, x);
        if (x->watcher == NULL)
            free_watch(x);
    }
    buf_free(&request);
}

void answer_video_end(struct answer *w)
{
    struct answer_stream *s;
    struct answer_watch *x;
    while ((s = LIST_FIRST(&w->streams)) != NULL)
        free_stream(s);
    while ((x = LIST_FIRST(&w->watches)) != NULL)
        free_watch(x);
}

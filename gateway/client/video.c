/* Video: Send and Watch. */
#include "message/video.h"

#include "base/limits.h"
#include "base/mem.h"
#include "client/answer.h"
#include "client/state.h"
#include "message/media.h"

#include <fedgate/v1/fedgate.pb-c.h>

enum { SEND_MARK = 512 << 10 }; /* half a second of a good camera: more would only be late */
enum { POSITION_MAX = 1024 };   /* an encoded Position: ten times as large as any */

_Static_assert(FEDGATE_VIDEO_MAX + 4 <= LIMIT_VIDEO_FRAME, "the data and its tag and length");
_Static_assert(FEDGATE_REQUEST_MAX == LIMIT_REQUEST && FEDGATE_MESSAGE_MAX == LIMIT_MESSAGE,
               "the public header says what the gateway takes");

_Static_assert(LIMIT_STREAM_WINDOW + LIMIT_VIDEO_FRAME <= 2u << 20,
               "the public header says what a watcher that waits still gets");

/* ---------------------------------------------------------------- Send */

struct fedgate_sender {
    struct object object;
    const struct fedgate_sender_events *events;
    void *arg;
    struct buf start;    /* the encoded VideoStart; empty once it was sent */
    struct buf position; /* the last one, until the VideoStart was sent */
    bool accepted, wants_room;
    bool in_packets; /* a transport stream: whole packets only */
    uint64_t bytes;
};

/* A VideoFrame with this part, which is encoded already. */
static enum fedgate_result put_part(struct fedgate_sender *s, enum video_part part,
                                    struct bytes content)
{
    struct buf head = BUF_INIT(16);
    struct shared *payload = shared_copy(content);
    buf_u8(&head, (uint8_t)(part << 3 | PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED));
    buf_varint(&head, content.n);
    enum result r = grpc_call_send(s->object.call, buf_view(&head), payload, shared_view(payload));
    shared_drop(payload);
    buf_free(&head);
    return r == RESULT_OK ? FEDGATE_OK : FEDGATE_CLOSED;
}

static void send_opened(struct object *o)
{
    struct fedgate_sender *s = CONTAINER_OF(o, struct fedgate_sender, object);
    grpc_call_set_mark(o->call, SEND_MARK);
    (void)put_part(s, VIDEO_START, buf_view(&s->start));
    if (s->position.n > 0)
        (void)put_part(s, VIDEO_POSITION, buf_view(&s->position));
    buf_free(&s->start);
    buf_free(&s->position);
}

static void tell_room(struct fedgate_sender *s)
{
    if (!s->wants_room || !s->accepted)
        return;
    s->wants_room = false;
    if (s->events->room != NULL)
        s->events->room(s->arg);
}

static enum result send_message(struct object *o, struct bytes message)
{
    struct fedgate_sender *s = CONTAINER_OF(o, struct fedgate_sender, object);
    struct control control;
    TRY(answer_control(o->client->arena, message, &control));
    if (control.step == CONTROL_OPENED) {
        s->accepted = control.opened.answer == FEDGATE_ACCEPTED;
        if (s->events->opened != NULL)
            s->events->opened(s->arg, &control.opened);
        if (!o->dead)
            tell_room(s);
    } else if (control.step == CONTROL_WATCHERS && s->events->watchers != NULL) {
        s->events->watchers(s->arg, control.watchers);
    } else if (control.step == CONTROL_STOP) {
        s->accepted = false;
        if (s->events->stopped != NULL)
            s->events->stopped(s->arg, &control.stop);
    }
    return RESULT_OK;
}

static void send_writable(struct object *o)
{
    tell_room(CONTAINER_OF(o, struct fedgate_sender, object));
}

static void send_ended(struct object *o, const struct fedgate_end *end)
{
    struct fedgate_sender *s = CONTAINER_OF(o, struct fedgate_sender, object);
    if (s->events->ended != NULL)
        s->events->ended(s->arg, end);
}

static void send_destroy(struct object *o)
{
    struct fedgate_sender *s = CONTAINER_OF(o, struct fedgate_sender, object);
    buf_free(&s->start);
    buf_free(&s->position);
    mem_free(s);
}

static const struct object_class send_class = {.path = "/fedgate.v1.VideoService/Send",
                                               .largest_answer = LIMIT_REQUEST,
                                               .opened = send_opened,
                                               .message = send_message,
                                               .writable = send_writable,
                                               .ended = send_ended,
                                               .destroy = send_destroy};

/* What cannot be read is the gateway's to refuse. */
static bool is_in_packets(struct bytes video_start)
{
    struct arena *a = arena_new(4 * LIMIT_REQUEST);
    ProtobufCMessage *m;
    struct finding why;
    bool is = message_unpack(a, &fedgate__v1__video_start__descriptor, video_start, LIMIT_REQUEST,
                             &m, &why) != RESULT_OK ||
              media_container_of(((const Fedgate__V1__VideoStart *)m)->container) == MEDIA_MPEGTS;
    arena_free(a);
    return is;
}

struct fedgate_sender *fedgate_sender_new(struct fedgate_client *c, const void *video_start,
                                          size_t n, const struct fedgate_sender_events *events,
                                          void *arg)
{
    if (n > FEDGATE_REQUEST_MAX)
        return NULL;
    struct fedgate_sender *s = mem_new(sizeof *s);
    s->events = events;
    s->arg = arg;
    s->start = BUF_INIT(LIMIT_REQUEST);
    s->position = BUF_INIT(POSITION_MAX);
    buf_put(&s->start, video_start, n);
    s->in_packets = is_in_packets(buf_view(&s->start));
    object_begin(&s->object, c, &send_class);
    return s;
}

static enum fedgate_result may_send(struct fedgate_sender *s)
{
    const struct object *o = &s->object;
    if (o->over || o->finishing)
        return FEDGATE_CLOSED;
    if (o->call != NULL && s->accepted && grpc_call_queued(o->call) < SEND_MARK)
        return FEDGATE_OK;
    s->wants_room = true;
    return FEDGATE_WAIT;
}

enum fedgate_result fedgate_sender_data(struct fedgate_sender *s, const void *packets, size_t n)
{
    enum fedgate_result r = may_send(s);
    if (r != FEDGATE_OK)
        return r;
    if (n == 0 || (s->in_packets && n % 188 != 0))
        return FEDGATE_WRONG;
    if (n > FEDGATE_VIDEO_MAX)
        return FEDGATE_TOO_LARGE;
    r = put_part(s, VIDEO_DATA, bytes_of(packets, n));
    if (r == FEDGATE_OK)
        s->bytes += n;
    return r;
}

enum fedgate_result fedgate_sender_position(struct fedgate_sender *s, const void *position,
                                            size_t n)
{
    const struct object *o = &s->object;
    if (o->over || o->finishing)
        return FEDGATE_CLOSED;
    if (n == 0 || n > POSITION_MAX)
        return n == 0 ? FEDGATE_WRONG : FEDGATE_TOO_LARGE;
    if (o->call != NULL && s->start.n == 0)
        return grpc_call_queued(o->call) < SEND_MARK
                   ? put_part(s, VIDEO_POSITION, bytes_of(position, n))
                   : FEDGATE_WAIT;
    buf_clear(&s->position);
    buf_put(&s->position, position, n);
    return FEDGATE_OK;
}

static enum fedgate_result put_frame(struct fedgate_sender *s, const Fedgate__V1__VideoFrame *frame)
{
    struct buf out = BUF_INIT(256);
    enum fedgate_result r = FEDGATE_WRONG;
    if (message_pack(&frame->base, &out) == RESULT_OK)
        r = grpc_call_send(s->object.call, buf_view(&out), NULL, bytes_of(NULL, 0)) == RESULT_OK
                ? FEDGATE_OK
                : FEDGATE_CLOSED;
    buf_free(&out);
    return r;
}

enum fedgate_result fedgate_sender_gap(struct fedgate_sender *s, uint64_t bytes,
                                       int64_t duration_us)
{
    Fedgate__V1__VideoFrame frame = FEDGATE__V1__VIDEO_FRAME__INIT;
    Fedgate__V1__VideoGap gap = FEDGATE__V1__VIDEO_GAP__INIT;
    Google__Protobuf__Duration duration = GOOGLE__PROTOBUF__DURATION__INIT;
    enum fedgate_result r = may_send(s);
    if (r != FEDGATE_OK)
        return r;
    if (duration_us < 0)
        return FEDGATE_WRONG;
    duration.seconds = duration_us / US_PER_S;
    duration.nanos = (int32_t)(duration_us % US_PER_S * 1000);
    gap.bytes = bytes;
    gap.duration = &duration;
    frame.part_case = FEDGATE__V1__VIDEO_FRAME__PART_GAP;
    frame.gap = &gap;
    return put_frame(s, &frame);
}

void fedgate_sender_finish(struct fedgate_sender *s)
{
    Fedgate__V1__VideoFrame frame = FEDGATE__V1__VIDEO_FRAME__INIT;
    Fedgate__V1__VideoEnd end = FEDGATE__V1__VIDEO_END__INIT;
    if (s->object.finishing)
        return;
    s->object.finishing = true;
    if (s->object.call == NULL)
        return;
    end.bytes = s->bytes;
    frame.part_case = FEDGATE__V1__VIDEO_FRAME__PART_END;
    frame.end = &end;
    (void)put_frame(s, &frame);
    grpc_call_half_close(s->object.call);
}

void fedgate_sender_free(struct fedgate_sender *s)
{
    if (s != NULL)
        object_free(&s->object);
}

/* ---------------------------------------------------------------- Watch */

struct fedgate_watcher {
    struct object object;
    const struct fedgate_watcher_events *events;
    void *arg;
    struct buf request; /* empty once it was sent */
};

static void watch_opened(struct object *o)
{
    struct fedgate_watcher *w = CONTAINER_OF(o, struct fedgate_watcher, object);
    (void)!grpc_call_send(o->call, buf_view(&w->request), NULL, bytes_of(NULL, 0));
    grpc_call_half_close(o->call);
    buf_free(&w->request);
}

static enum result watch_other(struct fedgate_watcher *w, struct bytes message)
{
    struct frame frame;
    TRY(answer_frame(w->object.client->arena, message, &frame));
    if (frame.part == FRAME_START && w->events->opened != NULL)
        w->events->opened(w->arg, &frame.start);
    else if (frame.part == FRAME_GAP && w->events->gap != NULL)
        w->events->gap(w->arg, frame.gap_bytes, frame.gap_us);
    else if (frame.part == FRAME_END && w->events->stopped != NULL)
        w->events->stopped(w->arg, &frame.end);
    return RESULT_OK;
}

static enum result watch_message(struct object *o, struct bytes message)
{
    struct fedgate_watcher *w = CONTAINER_OF(o, struct fedgate_watcher, object);
    struct bytes content;
    enum video_part part;
    TRY(video_frame_peek(message, &part, &content));
    if (part != VIDEO_DATA)
        return watch_other(w, message);
    if (w->events->data != NULL && w->events->data(w->arg, content.p, content.n) == FEDGATE_WAIT)
        return RESULT_AGAIN;
    return RESULT_OK;
}

static void watch_ended(struct object *o, const struct fedgate_end *end)
{
    struct fedgate_watcher *w = CONTAINER_OF(o, struct fedgate_watcher, object);
    if (w->events->ended != NULL)
        w->events->ended(w->arg, end);
}

static void watch_destroy(struct object *o)
{
    struct fedgate_watcher *w = CONTAINER_OF(o, struct fedgate_watcher, object);
    buf_free(&w->request);
    mem_free(w);
}

static const struct object_class watch_class = {.path = "/fedgate.v1.VideoService/Watch",
                                                .largest_answer = LIMIT_VIDEO_FRAME,
                                                .opened = watch_opened,
                                                .message = watch_message,
                                                .ended = watch_ended,
                                                .destroy = watch_destroy};

struct fedgate_watcher *fedgate_watcher_new(struct fedgate_client *c, const void *watch_request,
                                            size_t n, const struct fedgate_watcher_events *events,
                                            void *arg)
{
    if (n > FEDGATE_REQUEST_MAX)
        return NULL;
    struct fedgate_watcher *w = mem_new(sizeof *w);
    w->events = events;
    w->arg = arg;
    w->request = BUF_INIT(LIMIT_REQUEST);
    buf_put(&w->request, watch_request, n);
    object_begin(&w->object, c, &watch_class);
    return w;
}

void fedgate_watcher_resume(struct fedgate_watcher *w)
{
    if (w->object.call != NULL)
        grpc_call_resume(w->object.call);
}

void fedgate_watcher_free(struct fedgate_watcher *w)
{
    if (w != NULL)
        object_free(&w->object);
}

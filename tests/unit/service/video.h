/* A stream of the centre's and a watch of 112's, about an incident of 112's. */
#ifndef FEDGATE_TESTS_SERVICE_VIDEO_H
#define FEDGATE_TESTS_SERVICE_VIDEO_H

#include "publish.h"

#include "message/mpegts.h"

#include <stdlib.h>

/* ---- a call of Send */

struct source {
    struct sender *sender; /* NULL: it has ended */
    char opened[DESK_JSON], stop[DESK_JSON];
    unsigned watchers, rooms;
    int status;
    struct buf at_room; /* sent as soon as there is room; empty: nothing */
};

static inline enum result give(struct source *x, unsigned field, struct bytes content)
{
    struct buf frame = BUF_INIT(LIMIT_VIDEO_FRAME);
    buf_u8(&frame, (uint8_t)(field << 3 | 2)); /* a VideoFrame with one field */
    buf_varint(&frame, content.n);
    buf_put(&frame, content.p, content.n);
    struct shared *owner = shared_copy(buf_view(&frame));
    enum result r = sender_take(x->sender, owner, shared_view(owner));
    shared_drop(owner);
    buf_free(&frame);
    return r;
}

static inline enum result give_data(struct source *x, struct bytes data)
{
    return give(x, 2, data);
}

static inline void on_control(void *arg, struct bytes control)
{
    struct source *x = arg;
    char json[DESK_JSON];
    desk_json("fedgate.v1.VideoControl", control, json);
    if (strstr(json, "\"opened\"") != NULL)
        memcpy(x->opened, json, sizeof json);
    else if (strstr(json, "\"stop\"") != NULL)
        memcpy(x->stop, json, sizeof json);
    else
        x->watchers = strstr(json, ":") == NULL ? 0 : (unsigned)atoi(strstr(json, ":") + 1);
}

static inline void on_source_ended(void *arg, int status, const char *why)
{
    struct source *x = arg;
    (void)why;
    x->sender = NULL;
    x->status = status;
}

static inline void on_room(void *arg)
{
    struct source *x = arg;
    x->rooms++;
    if (x->at_room.n > 0)
        (void)give_data(x, buf_view(&x->at_room));
}

/* ---- a call of Watch */

struct viewer {
    struct watcher *watcher; /* NULL: it has ended */
    char start[DESK_JSON], end[DESK_JSON];
    size_t bytes;
    struct buf came;     /* the first of them */
    const uint8_t *last; /* where the last of them lay */
    size_t queued;       /* is said to wait */
    int status;
    int64_t within_us; /* what waits unsent may still be sent for so long */
};

static inline void on_frame(void *arg, struct bytes head, struct shared *owner,
                            struct bytes payload)
{
    struct viewer *v = arg;
    char json[DESK_JSON];
    (void)owner;
    v->bytes += payload.n;
    v->last = payload.p;
    buf_put(&v->came, payload.p, payload.n);
    if (payload.n > 0)
        return;
    desk_json("fedgate.v1.VideoFrame", head, json);
    if (strstr(json, "\"start\"") != NULL)
        memcpy(v->start, json, sizeof json);
    if (strstr(json, "\"end\"") != NULL)
        memcpy(v->end, json, sizeof json);
}

static inline size_t on_queued(void *arg)
{
    return ((const struct viewer *)arg)->queued;
}

static inline void on_viewer_ended(void *arg, int status, const char *why, int64_t within_us)
{
    struct viewer *v = arg;
    v->within_us = within_us;
    (void)why;
    v->watcher = NULL;
    v->status = status;
}

/* ---- both, and their incident */

enum { STREAMS_MOST = 16 }; /* limits.streams_per_incident of this grant */

struct fixture {
    struct desk d;
    struct session *police, *centre;
    char incident[IDENT_INCIDENT_MAX + 1], stream[UUID_TEXT + 1];
    struct buf clip;
    struct source x, more[STREAMS_MOST + 1];
    struct viewer v;
    struct caller caller;  /* of 112's last message */
    const char *container; /* of a stream that begins; NULL: mpegts */
    const char *camera;    /* the same; NULL: CAMERA */
};

static inline void load_clip(struct buf *out)
{
    uint8_t part[4096];
    ssize_t n;
    int fd = open("tests/data/cctv-20s.ts", O_RDONLY);
    assert_true(fd >= 0);
    while ((n = read(fd, part, sizeof part)) > 0)
        buf_put(out, part, (size_t)n);
    (void)close(fd);
    assert_true(out->n > TS_PACKET);
}

static inline struct bytes packets(const struct fixture *f, size_t first, size_t count)
{
    assert_true((first + count) * TS_PACKET <= f->clip.n);
    return bytes_of(f->clip.p + first * TS_PACKET, count * TS_PACKET);
}

/* Sends the VideoStart of f->stream; what comes of it waits for the ledger. */
static inline void begin_stream(struct fixture *f, struct source *x)
{
    static const struct sender_events events = {on_control, on_source_ended, on_room};
    struct buf json = BUF_INIT(1 << 14), start = BUF_INIT(1 << 14);
    char id[UUID_TEXT + 1];
    desk_uuid(&f->d, id);
    buf_text(&json, "{");
    desk_header(&f->d, id, CENTRE, f->incident, &json);
    buf_printf(&json, ",'streamId':'%s','cameraId':'%s','container':'%s','codec':'h264'}",
               f->stream, f->camera == NULL ? CAMERA : f->camera,
               f->container == NULL ? "mpegts" : f->container);
    desk_encode("fedgate.v1.VideoStart", &json, &start);
    *x = (struct source){.at_room = BUF_INIT(1 << 10)};
    x->sender = sender_open(f->centre, &events, x);
    assert_int_equal(give(x, 1, buf_view(&start)), RESULT_OK);
    buf_free(&start);
}

static inline void open_stream(struct fixture *f)
{
    begin_stream(f, &f->x);
    desk_record_events(&f->d);
    assert_says(f->x.opened, "VERDICT_ACCEPTED");
    desk_commit_next(&f->d, ROAD_ON_DISK); /* 112's notice that it is open */
}

static inline void begin_view(struct fixture *f, struct viewer *v, struct session *who,
                              const char *claim)
{
    static const struct watcher_events events = {on_frame, on_queued, on_viewer_ended};
    struct buf json = BUF_INIT(1 << 14), request = BUF_INIT(1 << 14);
    buf_printf(&json, "{'streamId':'%s',%s}", f->stream, claim);
    desk_encode("fedgate.v1.WatchRequest", &json, &request);
    buf_free(&v->came);
    *v = (struct viewer){.came = BUF_INIT(1 << 20)};
    v->watcher = watcher_open(who, &events, v, buf_view(&request));
    buf_free(&request);
}

static inline void begin_watch(struct fixture *f, struct session *who, const char *claim)
{
    begin_view(f, &f->v, who, claim);
}

#define OFFICER                                                                                    \
    "'purpose':'crime-response','basis':{'code':'kr/pipa/18-2-3'},'actor':{'staffRef':'p-417',"    \
    "'role':'duty-officer','workstation':'w2','authenticatedBy':'smartcard'}"

static inline void open_watch(struct fixture *f)
{
    begin_watch(f, f->police, OFFICER);
    desk_record_events(&f->d);
    assert_says(f->v.start, f->stream);
    assert_int_equal(f->x.watchers, 1);
}

/* 112 publishes about the incident; the ledger's answer is the caller's. */
static inline void publish(struct fixture *f, const char *body)
{
    caller_open(&f->caller, f->police);
    caller_send(&f->caller, &f->d, POLICE, f->incident, body, NULL);
}

static inline int set_up(void **state)
{
    struct fixture *f = mem_new(sizeof *f);
    desk_new(&f->d);
    f->clip = BUF_INIT(1 << 24);
    load_clip(&f->clip);
    f->police = desk_session(&f->d, POLICE);
    f->centre = desk_session(&f->d, CENTRE);
    desk_open_incident(&f->d, f->police, f->incident);
    desk_uuid(&f->d, f->stream);
    f->x.at_room = BUF_INIT(0);
    *state = f;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *f = *state;
    desk_free(&f->d);
    buf_free(&f->clip);
    buf_free(&f->v.came);
    buf_free(&f->x.at_room);
    mem_free(f);
    return 0;
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif

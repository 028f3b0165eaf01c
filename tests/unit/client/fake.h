/*
 * A gateway that answers as it is told: the contract's methods over the real net/, no policy, no
 * ledger. What a message is to meet stands in its purpose:
 *
 *   Publish  refused, partly, held; unavailable: the call ends without a receipt; cut: so does the
 *            connection; silent: no receipt; crowded: the first is to come again, and a follower is
 *            refused until it did; anything else is accepted
 *   Send     refused; stopped: at the first data; anything else is accepted
 *   Watch    refused; endless; anything else gets `frames` frames, a gap, and the sender's end
 */
#ifndef FEDGATE_TESTS_FAKE_H
#define FEDGATE_TESTS_FAKE_H

#include "../net/peers.h"
#include "base/limits.h"
#include "crypto/box.h"
#include "message/message.h"
#include "message/video.h"
#include "net/grpc.h"

#include <arpa/inet.h>
#include <fedgate/v1/fedgate.pb-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FAKE_CALLS = 64, FAKE_IDS = 64 };

struct fake;

/* One call, whichever method. */
struct fake_call {
    struct fake *fake;
    struct grpc_call *call;
    unsigned in_flight, frames;
    bool endless;
};

struct fake {
    struct peers *peers;
    struct credential unit;
    struct loop *loop;
    struct tls_context *tls;
    struct grpc_server *server;
    struct grpc_connection *connection; /* the last */
    int listen_fd;
    uint16_t port;
    char folder[64], address[32];
    struct fake_call call[FAKE_CALLS];
    size_t calls;
    /* what it is to do */
    const char *refuse;      /* nobody is accepted */
    unsigned most_sessions;  /* so many are, one after the other; 0: any number */
    unsigned deliveries;     /* of a subscription, in all */
    const char *photo;       /* the image of each, or NULL */
    size_t image;            /* bytes of it */
    unsigned frames;         /* of a watch */
    void (*on_data)(void *); /* at the first data of a stream, with this: */
    void *arg;
    /* what came */
    unsigned sessions, messages, acks, refusals, subscriptions, video_frames, positions;
    double latitude; /* of the last position */
    uint64_t last_ack;
    unsigned crowded;
    char id[FAKE_IDS][40];
    char queue[64];
    unsigned kinds, incidents, max_in_flight;
    uint64_t video_bytes, video_sum;
    bool video_ended, half_closed;
    char camera[64], stream[64], purpose[64], staff[64], incident[96];
    unsigned evidence;
};

static inline void fake_pack(struct grpc_call *call, const ProtobufCMessage *m)
{
    struct buf out = BUF_INIT(4u << 20);
    assert_int_equal(message_pack(m, &out), RESULT_OK);
    (void)!grpc_call_send(call, buf_view(&out), NULL, bytes_of(NULL, 0));
    buf_free(&out);
}

static inline void *fake_unpack(struct arena *a, const ProtobufCMessageDescriptor *type,
                                struct bytes wire)
{
    ProtobufCMessage *m;
    struct finding why;
    if (message_unpack(a, type, wire, 4u << 20, &m, &why) != RESULT_OK)
        fail_msg("%s", why.text);
    return m;
}

static inline void *fake_open(void *session, struct grpc_call *call)
{
    struct fake *f = session;
    assert_true(f->calls < FAKE_CALLS);
    struct fake_call *c = &f->call[f->calls++];
    *c = (struct fake_call){.fake = f, .call = call};
    return c;
}

static inline void fake_closed(void *arg, enum grpc_status status, const char *text)
{
    struct fake_call *c = arg;
    (void)status;
    (void)text;
    c->call = NULL;
}

static inline void fake_finish(void *arg)
{
    struct fake_call *c = arg;
    c->fake->half_closed = true;
    grpc_call_finish(c->call, GRPC_OK, "");
}

/* ---- Publish and GetReceipt */

static inline void fake_verdict(Fedgate__V1__RecipientVerdict *v, int verdict)
{
    static char to[] = "npa-daejeon/112-control", clause[] = "molit#alerts (mou/a.yaml:7)",
                failed[] = "incident.state: open", none[] = "";
    fedgate__v1__recipient_verdict__init(v);
    v->to = to;
    v->reason = verdict == 4   ? FEDGATE__V1__REASON__REASON_APPROVAL_PENDING
                : verdict == 1 ? FEDGATE__V1__REASON__REASON_PERMITTED
                               : FEDGATE__V1__REASON__REASON_INCIDENT_CLOSED;
    v->clause = clause;
    v->failed = verdict == 1 ? none : failed;
}

/* Three messages of five are left for a second after 2026-11-21T10:00:00+09:00. */
static inline void fake_quota(Fedgate__V1__Receipt *r, int verdict)
{
    static Fedgate__V1__Quota q, *list[] = {&q};
    static Google__Protobuf__Timestamp renewed;
    static char clause[] = "molit#alerts (mou/a.yaml:7)", limit[] = "messages_per_s";
    fedgate__v1__quota__init(&q);
    google__protobuf__timestamp__init(&renewed);
    renewed.seconds = 1795222801;
    q.clause = clause;
    q.limit = limit;
    q.most = 5;
    q.left = 3;
    q.renewed_at = &renewed;
    r->quota = list;
    r->n_quota = verdict == 3 ? 1 : 0;
}

static inline void fake_receipt(Fedgate__V1__Receipt *r, char *id, int verdict)
{
    static Fedgate__V1__RecipientVerdict v[2], *list[2] = {&v[0], &v[1]};
    static Fedgate__V1__LogRef record;
    static char origin[] = "gateway.example/log";
    fedgate__v1__receipt__init(r);
    fedgate__v1__log_ref__init(&record);
    fake_verdict(&v[0], verdict == 2 ? 1 : verdict);
    fake_verdict(&v[1], 3);
    record.origin = origin;
    record.index = 17;
    r->id = id;
    r->verdict = (Fedgate__V1__Verdict)verdict;
    r->recipient = list;
    r->n_recipient = verdict == 2 ? 2 : 1;
    r->record = &record;
    r->retry = verdict == 3 ? FEDGATE__V1__RETRY__RETRY_LATER : 0;
    fake_quota(r, verdict);
}

static inline int fake_answer(const char *purpose)
{
    return strcmp(purpose, "refused") == 0  ? 3
           : strcmp(purpose, "partly") == 0 ? 2
           : strcmp(purpose, "held") == 0   ? 4
                                            : 1;
}

/* Counts those that are crowded. */
static inline bool fake_is_crowded(struct fake *f, bool crowded, const char *purpose)
{
    f->crowded += crowded;
    return f->crowded == 1 && (crowded || strcmp(purpose, "follower") == 0);
}

static inline enum result fake_publish(void *arg, struct shared *owner, struct bytes message)
{
    struct fake_call *c = arg;
    struct fake *f = c->fake;
    struct arena *a = arena_new(LIMIT_ARENA);
    const Fedgate__V1__Message *m = fake_unpack(a, &fedgate__v1__message__descriptor, message);
    const char *purpose = m->header->purpose;
    (void)owner;
    (void)snprintf(f->id[f->messages++ % FAKE_IDS], sizeof f->id[0], "%s", m->header->id);
    if (strcmp(purpose, "unavailable") == 0) {
        grpc_call_finish(c->call, GRPC_UNAVAILABLE, "the ledger is not there");
    } else if (strcmp(purpose, "cut") == 0) {
        grpc_connection_close(f->connection, "cut");
    } else if (strcmp(purpose, "silent") != 0) {
        Fedgate__V1__Receipt r;
        const bool crowded = strcmp(purpose, "crowded") == 0;
        const bool later = fake_is_crowded(f, crowded, purpose);
        fake_receipt(&r, m->header->id, later ? 3 : fake_answer(purpose));
        if (later && crowded)
            r.retry = FEDGATE__V1__RETRY__RETRY_SAME_ID;
        fake_pack(c->call, &r.base);
    }
    arena_free(a);
    return RESULT_OK;
}

static inline enum result fake_get_receipt(void *arg, struct shared *owner, struct bytes message)
{
    struct fake_call *c = arg;
    struct arena *a = arena_new(LIMIT_REQUEST);
    const Fedgate__V1__GetReceiptRequest *q =
        fake_unpack(a, &fedgate__v1__get_receipt_request__descriptor, message);
    (void)owner;
    size_t n = strlen(q->id);
    if (n > 0 && q->id[n - 1] == '0') {
        grpc_call_finish(c->call, GRPC_NOT_FOUND, "not found");
    } else {
        Fedgate__V1__Receipt r;
        fake_receipt(&r, q->id, n > 0 && q->id[n - 1] == '1' ? 1 : 4);
        fake_pack(c->call, &r.base);
    }
    arena_free(a);
    return RESULT_OK;
}

/* ---- Subscribe */

static inline void fake_message(const struct fake *f, unsigned number, struct buf *out)
{
    Fedgate__V1__Message m = FEDGATE__V1__MESSAGE__INIT;
    Fedgate__V1__Header h = FEDGATE__V1__HEADER__INIT;
    Fedgate__V1__SceneImage image = FEDGATE__V1__SCENE_IMAGE__INIT;
    char id[40], camera[] = "cam-1", type[] = "image/jpeg";
    (void)snprintf(id, sizeof id, "019aa2b0-0000-7000-8000-%012u", number);
    h.id = id;
    image.camera_id = camera;
    if (f->photo != NULL) {
        image.media_type = type;
        image.image = (ProtobufCBinaryData){f->image, (uint8_t *)(uintptr_t)f->photo};
    }
    m.header = &h;
    m.body_case = FEDGATE__V1__MESSAGE__BODY_SCENE_IMAGE;
    m.scene_image = &image;
    assert_int_equal(message_pack(&m.base, out), RESULT_OK);
}

static inline void fake_deliver(struct fake_call *c)
{
    static char origin[] = "gateway.example/log", mou[] = "molit", duty[] = "respond only";
    struct fake *f = c->fake;
    while (c->call != NULL && c->frames < f->deliveries && c->in_flight < f->max_in_flight) {
        Fedgate__V1__Delivery d = FEDGATE__V1__DELIVERY__INIT;
        Fedgate__V1__LogRef record = FEDGATE__V1__LOG_REF__INIT;
        Fedgate__V1__Obligations must = FEDGATE__V1__OBLIGATIONS__INIT;
        Google__Protobuf__Timestamp destroy_by = {
            .base = PROTOBUF_C_MESSAGE_INIT(&google__protobuf__timestamp__descriptor),
            .seconds = 1800000000};
        Fedgate__V1__Reason flag = FEDGATE__V1__REASON__REASON_STALE;
        struct buf message = BUF_INIT(4u << 20);
        char *duties[] = {duty};
        c->frames++;
        c->in_flight++;
        fake_message(f, c->frames, &message);
        record.origin = origin;
        record.index = 100 + c->frames;
        must.mou = mou;
        must.destroy_by = &destroy_by;
        must.recipient_duty = duties;
        must.n_recipient_duty = 1;
        d.seq = c->frames;
        d.redelivery = f->subscriptions > 1;
        d.message = (ProtobufCBinaryData){message.n, message.p};
        d.record = &record;
        d.must = &must;
        d.flag = &flag;
        d.n_flag = 1;
        fake_pack(c->call, &d.base);
        buf_free(&message);
    }
}

static inline void fake_start(struct fake_call *c, const Fedgate__V1__SubscribeStart *s)
{
    struct fake *f = c->fake;
    (void)snprintf(f->queue, sizeof f->queue, "%s", s->queue);
    (void)snprintf(f->incident, sizeof f->incident, "%s",
                   s->n_incident_id > 0 ? s->incident_id[0] : "");
    f->subscriptions++;
    f->kinds = (unsigned)s->n_kind;
    f->incidents = (unsigned)s->n_incident_id;
    f->max_in_flight = s->max_in_flight == 0 ? 64 : s->max_in_flight;
    if (strcmp(s->queue, "taken") == 0)
        grpc_call_finish(c->call, GRPC_ABORTED, "another consumer took the queue");
    else
        fake_deliver(c);
}

static inline enum result fake_subscribe(void *arg, struct shared *owner, struct bytes message)
{
    struct fake_call *c = arg;
    struct arena *a = arena_new(4 * LIMIT_REQUEST);
    const Fedgate__V1__SubscribeRequest *r =
        fake_unpack(a, &fedgate__v1__subscribe_request__descriptor, message);
    (void)owner;
    if (r->step_case == FEDGATE__V1__SUBSCRIBE_REQUEST__STEP_START) {
        fake_start(c, r->start);
    } else {
        c->fake->acks += (unsigned)r->ack->n_seq;
        c->fake->refusals += r->ack->refuse != 0;
        c->fake->last_ack = r->ack->seq[0];
        c->in_flight -= (unsigned)r->ack->n_seq;
        fake_deliver(c);
    }
    arena_free(a);
    return RESULT_OK;
}

/* ---- video */

static inline void fake_end(Fedgate__V1__VideoEnd *end, Fedgate__V1__RecipientVerdict *v,
                            int reason)
{
    fedgate__v1__video_end__init(end);
    fake_verdict(v, 3);
    v->reason = (Fedgate__V1__Reason)reason;
    end->why = v;
    end->bytes = 188;
}

static inline void fake_control(struct fake_call *c, int step, int verdict)
{
    Fedgate__V1__VideoControl out = FEDGATE__V1__VIDEO_CONTROL__INIT;
    Fedgate__V1__Receipt receipt;
    Fedgate__V1__VideoEnd end;
    Fedgate__V1__RecipientVerdict v;
    char id[] = "video";
    out.step_case = (Fedgate__V1__VideoControl__StepCase)step;
    if (step == FEDGATE__V1__VIDEO_CONTROL__STEP_OPENED) {
        fake_receipt(&receipt, id, verdict);
        out.opened = &receipt;
    } else if (step == FEDGATE__V1__VIDEO_CONTROL__STEP_WATCHERS) {
        out.watchers = 2;
    } else {
        fake_end(&end, &v, FEDGATE__V1__REASON__REASON_INCIDENT_CLOSED);
        out.stop = &end;
    }
    fake_pack(c->call, &out.base);
}

static inline void fake_video_start(struct fake_call *c, struct bytes message)
{
    struct fake *f = c->fake;
    struct arena *a = arena_new(4 * LIMIT_REQUEST);
    const Fedgate__V1__VideoFrame *frame =
        fake_unpack(a, &fedgate__v1__video_frame__descriptor, message);
    const Fedgate__V1__VideoStart *s = frame->start;
    (void)snprintf(f->camera, sizeof f->camera, "%s", s->camera_id);
    (void)snprintf(f->stream, sizeof f->stream, "%s", s->stream_id);
    (void)snprintf(f->purpose, sizeof f->purpose, "%s", s->header->purpose);
    f->evidence = s->header->basis == NULL ? 0 : (unsigned)s->header->basis->n_evidence;
    int verdict = fake_answer(f->purpose);
    fake_control(c, FEDGATE__V1__VIDEO_CONTROL__STEP_OPENED, verdict);
    if (verdict != 1)
        grpc_call_finish(c->call, GRPC_PERMISSION_DENIED,
                         "the stream is not permitted; see the receipt");
    arena_free(a);
}

static inline void fake_video_position(struct fake_call *c, struct bytes message)
{
    struct arena *a = arena_new(LIMIT_REQUEST);
    const Fedgate__V1__VideoFrame *frame =
        fake_unpack(a, &fedgate__v1__video_frame__descriptor, message);
    c->fake->positions++;
    c->fake->latitude = frame->position->latitude;
    arena_free(a);
}

static inline void fake_video_data(struct fake_call *c, struct bytes data)
{
    struct fake *f = c->fake;
    f->video_frames++;
    f->video_bytes += data.n;
    for (size_t i = 0; i < data.n; i++)
        f->video_sum = f->video_sum * 31 + data.p[i];
    if (f->video_frames == 1) {
        fake_control(c, FEDGATE__V1__VIDEO_CONTROL__STEP_WATCHERS, 0);
        if (f->on_data != NULL)
            f->on_data(f->arg);
    }
    if (strcmp(f->purpose, "stopped") == 0) {
        fake_control(c, FEDGATE__V1__VIDEO_CONTROL__STEP_STOP, 0);
        grpc_call_finish(c->call, GRPC_OK, "");
    }
}

static inline enum result fake_send(void *arg, struct shared *owner, struct bytes message)
{
    struct fake_call *c = arg;
    struct bytes content;
    enum video_part part;
    (void)owner;
    assert_int_equal(video_frame_peek(message, &part, &content), RESULT_OK);
    if (part == VIDEO_START)
        fake_video_start(c, message);
    else if (part == VIDEO_POSITION)
        fake_video_position(c, message);
    else if (part == VIDEO_DATA)
        fake_video_data(c, content);
    else if (part == VIDEO_END)
        c->fake->video_ended = true;
    return RESULT_OK;
}

static inline void fake_frame(struct fake_call *c, int part, struct bytes data)
{
    Fedgate__V1__VideoFrame out = FEDGATE__V1__VIDEO_FRAME__INIT;
    Fedgate__V1__VideoStart start = FEDGATE__V1__VIDEO_START__INIT;
    Fedgate__V1__Obligations must = FEDGATE__V1__OBLIGATIONS__INIT;
    Fedgate__V1__VideoGap gap = FEDGATE__V1__VIDEO_GAP__INIT;
    Google__Protobuf__Duration duration = GOOGLE__PROTOBUF__DURATION__INIT;
    Fedgate__V1__VideoEnd end;
    Fedgate__V1__RecipientVerdict v;
    char camera[] = "cam-1", codec[] = "h264", duty[] = "respond only", *duties[] = {duty};
    out.part_case = (Fedgate__V1__VideoFrame__PartCase)part;
    must.recipient_duty = duties;
    must.n_recipient_duty = 1;
    start.camera_id = camera;
    start.codec = codec;
    start.stream_id = c->fake->stream;
    start.must = &must;
    duration.seconds = 1;
    gap.bytes = 376;
    gap.duration = &duration;
    fake_end(&end, &v, data.n > 0 ? 3 : FEDGATE__V1__REASON__REASON_SENDER_ENDED);
    if (part == VIDEO_START)
        out.start = &start;
    else if (part == VIDEO_DATA)
        out.data = (ProtobufCBinaryData){data.n, (uint8_t *)(uintptr_t)data.p};
    else if (part == VIDEO_GAP)
        out.gap = &gap;
    else
        out.end = &end;
    fake_pack(c->call, &out.base);
}

/* Frame `number`: packets that hold its number. */
static inline void fake_put_data(struct fake_call *c, unsigned number)
{
    uint8_t data[10 * 188];
    memset(data, (int)(number & 0xff), sizeof data);
    for (size_t i = 0; i < sizeof data; i += 188)
        data[i] = 0x47;
    fake_frame(c, VIDEO_DATA, bytes_of(data, sizeof data));
}

static inline void fake_refuse_watch(struct fake_call *c)
{
    Fedgate__V1__VideoFrame out = FEDGATE__V1__VIDEO_FRAME__INIT;
    Fedgate__V1__VideoEnd end;
    Fedgate__V1__RecipientVerdict v;
    fake_end(&end, &v, FEDGATE__V1__REASON__REASON_NOT_PARTICIPANT);
    out.part_case = FEDGATE__V1__VIDEO_FRAME__PART_END;
    out.end = &end;
    fake_pack(c->call, &out.base);
    grpc_call_finish(c->call, GRPC_PERMISSION_DENIED, "watching is not permitted; see the end");
}

static inline void fake_more(void *arg)
{
    struct fake_call *c = arg;
    while (c->call != NULL && c->endless && grpc_call_queued(c->call) < 100000)
        fake_put_data(c, c->frames++);
}

static inline enum result fake_watch(void *arg, struct shared *owner, struct bytes message)
{
    struct fake_call *c = arg;
    struct fake *f = c->fake;
    struct arena *a = arena_new(4 * LIMIT_REQUEST);
    const Fedgate__V1__WatchRequest *w =
        fake_unpack(a, &fedgate__v1__watch_request__descriptor, message);
    (void)owner;
    (void)snprintf(f->stream, sizeof f->stream, "%s", w->stream_id);
    (void)snprintf(f->purpose, sizeof f->purpose, "%s", w->purpose);
    (void)snprintf(f->staff, sizeof f->staff, "%s", w->actor == NULL ? "" : w->actor->staff_ref);
    f->evidence = w->basis == NULL ? 0 : (unsigned)w->basis->n_evidence;
    arena_free(a);
    if (strcmp(f->purpose, "refused") == 0) {
        fake_refuse_watch(c);
        return RESULT_OK;
    }
    fake_frame(c, VIDEO_START, bytes_of(NULL, 0));
    for (unsigned i = 0; i < f->frames; i++)
        fake_put_data(c, i);
    c->endless = strcmp(f->purpose, "endless") == 0;
    grpc_call_set_mark(c->call, 100000);
    fake_more(c);
    if (!c->endless) {
        fake_frame(c, VIDEO_GAP, bytes_of(NULL, 0));
        fake_frame(c, VIDEO_END, bytes_of(NULL, 0));
        grpc_call_finish(c->call, GRPC_OK, "");
    }
    return RESULT_OK;
}

/* ---- VaultService: a half that says for which record it is, sealed for its reader; index 13 is
 * refused, 14 gets one that was sealed for nobody */

static inline void fake_give_half(struct fake_call *c, uint64_t index, ProtobufCBinaryData reader)
{
    Fedgate__V1__VaultHalf half = FEDGATE__V1__VAULT_HALF__INIT;
    Fedgate__V1__LogRef record = FEDGATE__V1__LOG_REF__INIT;
    static char origin[] = "gateway.example/log", clause[] = "molit#alerts";
    uint8_t plain[32], box[80];
    memset(plain, (int)index, sizeof plain);
    record.origin = origin;
    record.index = 100 + index;
    half.record = &record;
    half.clause = clause;
    half.uses_limited = true;
    half.uses_left = 2;
    if (index == 13) {
        half.refused = FEDGATE__V1__REASON__REASON_PURPOSE_FULFILLED;
    } else if (reader.len == BOX_KEY) {
        assert_int_equal(box_seal(reader.data, bytes_of(plain, sizeof plain), box), RESULT_OK);
        box[sizeof box - 1] ^= index == 14;
        half.half = (ProtobufCBinaryData){sizeof box, box};
    }
    fake_pack(c->call, &half.base);
    grpc_call_finish(c->call, GRPC_OK, "");
}

static inline enum result fake_vault_open(void *arg, struct shared *owner, struct bytes wire)
{
    struct fake_call *c = arg;
    struct arena *a = arena_new(1 << 16);
    const Fedgate__V1__VaultOpenRequest *r =
        fake_unpack(a, &fedgate__v1__vault_open_request__descriptor, wire);
    (void)owner;
    (void)snprintf(c->fake->staff, sizeof c->fake->staff, "%s", r->actor->staff_ref);
    (void)snprintf(c->fake->purpose, sizeof c->fake->purpose, "%s", r->reason);
    fake_give_half(c, r->record->index, r->reader);
    arena_free(a);
    return RESULT_OK;
}

static inline enum result fake_vault_store(void *arg, struct shared *owner, struct bytes wire)
{
    struct fake_call *c = arg;
    struct arena *a = arena_new(1 << 16);
    const Fedgate__V1__VaultStoreRequest *r =
        fake_unpack(a, &fedgate__v1__vault_store_request__descriptor, wire);
    (void)owner;
    fake_give_half(c, r->record->index, r->reader);
    arena_free(a);
    return RESULT_OK;
}

static inline enum result fake_vault_report(void *arg, struct shared *owner, struct bytes wire)
{
    struct fake_call *c = arg;
    struct arena *a = arena_new(1 << 16);
    const Fedgate__V1__UseReport *r = fake_unpack(a, &fedgate__v1__use_report__descriptor, wire);
    (void)owner;
    assert_int_equal(r->used_at->seconds, 1800000000);
    fake_give_half(c, r->item->index, (ProtobufCBinaryData){0, NULL});
    arena_free(a);
    return RESULT_OK;
}

/* From record 7 on: two of an incident, and more behind them; then nothing. */
static inline enum result fake_vault_held(void *arg, struct shared *owner, struct bytes wire)
{
    static uint64_t index[] = {7, 9};
    static char subject[] = "incident npa/112:1", origin[] = "gateway.example/log";
    struct fake_call *c = arg;
    struct arena *a = arena_new(1 << 16);
    const Fedgate__V1__VaultHeldRequest *r =
        fake_unpack(a, &fedgate__v1__vault_held_request__descriptor, wire);
    Fedgate__V1__VaultHeld held = FEDGATE__V1__VAULT_HELD__INIT;
    Fedgate__V1__Hold hold = FEDGATE__V1__HOLD__INIT, *holds[] = {&hold};
    Google__Protobuf__Timestamp since = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    (void)owner;
    since.seconds = 1800000000;
    hold.subject = subject;
    hold.since = &since;
    hold.index = index;
    hold.n_index = 2;
    held.origin = origin;
    held.hold = holds;
    held.n_hold = r->from <= 7 ? 1 : 0;
    held.next = r->from <= 7 ? 11 : 0;
    fake_pack(c->call, &held.base);
    grpc_call_finish(c->call, GRPC_OK, "");
    arena_free(a);
    return RESULT_OK;
}

/* One grant and where to ask on; from there one that is shut, and the end. */
static inline enum result fake_get_grants(void *arg, struct shared *owner, struct bytes wire)
{
    static char unit[] = "npa/112", other[] = "centre/desk", kind[] = "video_request",
                word[] = "crime-response", clause[] = "molit#request", policy[] = "test",
                basis[] = "kr/pipa/18-2-3", failed[] = "in_force", *bases[] = {basis};
    static Fedgate__V1__Status status[] = {FEDGATE__V1__STATUS__STATUS_ACTUAL,
                                           FEDGATE__V1__STATUS__STATUS_TEST};
    struct fake_call *c = arg;
    struct arena *a = arena_new(1 << 16);
    const Fedgate__V1__GetGrantsRequest *r =
        fake_unpack(a, &fedgate__v1__get_grants_request__descriptor, wire);
    Fedgate__V1__Grants m = FEDGATE__V1__GRANTS__INIT;
    Fedgate__V1__Grant grant = FEDGATE__V1__GRANT__INIT, *grants[] = {&grant};
    Google__Protobuf__Timestamp now = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    (void)owner;
    now.seconds = 1800000000;
    now.nanos = 250000000;
    grant.from = r->from == 0 ? unit : other;
    grant.to = r->from == 0 ? other : unit;
    grant.kind = kind;
    grant.purpose = word;
    grant.basis = bases;
    grant.n_basis = 1;
    grant.clause = clause;
    grant.way = FEDGATE__V1__GRANT_WAY__GRANT_WAY_DIRECT;
    grant.status = status;
    grant.n_status = r->from == 0 ? 2 : 0;
    grant.closed = r->from == 0 ? 0 : FEDGATE__V1__REASON__REASON_MOU_NOT_IN_FORCE;
    grant.failed = failed;
    m.unit = unit;
    m.now = &now;
    m.policy = policy;
    m.serial = 7;
    m.grant = grants;
    m.n_grant = 1;
    m.next = r->from == 0 ? 5 : 0;
    fake_pack(c->call, &m.base);
    grpc_call_finish(c->call, GRPC_OK, "");
    arena_free(a);
    return RESULT_OK;
}

static const struct grpc_call_events fake_grants_events = {fake_get_grants, NULL, NULL, fake_closed,
                                                           NULL};
static const struct grpc_call_events fake_vault_held_events = {fake_vault_held, NULL, NULL,
                                                               fake_closed, NULL};
static const struct grpc_call_events fake_vault_open_events = {fake_vault_open, NULL, NULL,
                                                               fake_closed, NULL};
static const struct grpc_call_events fake_vault_store_events = {fake_vault_store, NULL, NULL,
                                                                fake_closed, NULL};
static const struct grpc_call_events fake_vault_report_events = {fake_vault_report, NULL, NULL,
                                                                 fake_closed, NULL};
static const struct grpc_call_events fake_publish_events = {fake_publish, fake_finish, NULL,
                                                            fake_closed, NULL};
static const struct grpc_call_events fake_receipt_events = {fake_get_receipt, fake_finish, NULL,
                                                            fake_closed, NULL};
static const struct grpc_call_events fake_subscribe_events = {fake_subscribe, fake_finish, NULL,
                                                              fake_closed, NULL};
static const struct grpc_call_events fake_send_events = {fake_send, fake_finish, NULL, fake_closed,
                                                         NULL};
static const struct grpc_call_events fake_watch_events = {fake_watch, NULL, fake_more, fake_closed,
                                                          NULL};

static const struct grpc_method fake_methods[] = {
    {"/fedgate.v1.ExchangeService/Publish", LIMIT_MESSAGE, &fake_publish_events, fake_open},
    {"/fedgate.v1.ExchangeService/Subscribe", LIMIT_REQUEST, &fake_subscribe_events, fake_open},
    {"/fedgate.v1.ExchangeService/GetReceipt", LIMIT_REQUEST, &fake_receipt_events, fake_open},
    {"/fedgate.v1.VideoService/Send", LIMIT_VIDEO_FRAME, &fake_send_events, fake_open},
    {"/fedgate.v1.VideoService/Watch", LIMIT_REQUEST, &fake_watch_events, fake_open},
    {"/fedgate.v1.VaultService/Store", LIMIT_REQUEST, &fake_vault_store_events, fake_open},
    {"/fedgate.v1.VaultService/Open", LIMIT_REQUEST, &fake_vault_open_events, fake_open},
    {"/fedgate.v1.VaultService/Report", LIMIT_REQUEST, &fake_vault_report_events, fake_open},
    {"/fedgate.v1.VaultService/Held", LIMIT_REQUEST, &fake_vault_held_events, fake_open},
    {"/fedgate.v1.PolicyService/GetGrants", LIMIT_REQUEST, &fake_grants_events, fake_open},
};

/* ---- the gateway */

static inline void *fake_accept(void *arg, const struct tls_peer *peer,
                                struct grpc_connection *connection, const char **why)
{
    struct fake *f = arg;
    (void)peer;
    if (f->refuse != NULL) {
        *why = f->refuse;
        return NULL;
    }
    if (f->most_sessions > 0 && f->sessions == f->most_sessions) {
        *why = "closed";
        return NULL;
    }
    f->sessions++;
    f->connection = connection;
    return f;
}

static inline void fake_ended(void *arg, void *session)
{
    (void)arg;
    (void)session;
}

static inline void fake_put_file(const struct fake *f, const char *name, const struct buf *content)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", f->folder, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    if (content->n > 0)
        assert_int_equal(fwrite(content->p, 1, content->n, out), content->n);
    assert_int_equal(fclose(out), 0);
}

static inline void fake_serve(struct fake *f)
{
    const struct grpc_server_config config = {.loop = f->loop,
                                              .listen_fd = f->listen_fd,
                                              .method = fake_methods,
                                              .methods =
                                                  sizeof fake_methods / sizeof fake_methods[0],
                                              .arg = f,
                                              .accept = fake_accept,
                                              .ended = fake_ended,
                                              .most_connections = 16};
    f->server = grpc_server_new(&config, f->tls);
}

/* With unit.pem, unit.key and root.pem in its folder; it listens, and serves once fake_serve was
 * called. `clock` NULL: the system's. */
static inline struct fake *fake_new(const struct clock *clock)
{
    struct fake *f = calloc(1, sizeof *f);
    f->peers = peers_new();
    struct pki_spec spec = unit_spec(&f->peers->root);
    spec.alt_names = "URI:fedgate://npa-daejeon/112-control";
    f->unit = credential_new(spec);
    (void)snprintf(f->folder, sizeof f->folder, "/tmp/fedgate-client-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    fake_put_file(f, "root.pem", &f->peers->root.certificate_pem);
    fake_put_file(f, "unit.pem", &f->unit.certificate_pem);
    fake_put_file(f, "unit.key", &f->unit.key_pem);
    f->loop = clock == NULL ? loop_new() : loop_new_with_clock(clock);
    f->tls = gateway_context(f->peers);
    f->listen_fd = listen_here(&f->port);
    (void)snprintf(f->address, sizeof f->address, "127.0.0.1:%u", (unsigned)f->port);
    return f;
}

static inline void fake_stop_serving(struct fake *f)
{
    grpc_server_free(f->server);
    f->server = NULL;
    for (size_t i = 0; i < f->calls; i++)
        assert_null(f->call[i].call);
    f->calls = 0;
}

static inline void fake_free(struct fake *f)
{
    char command[128];
    if (f->server != NULL)
        fake_stop_serving(f);
    loop_free(f->loop);
    tls_context_drop(f->tls);
    if (f->listen_fd >= 0)
        (void)close(f->listen_fd);
    (void)snprintf(command, sizeof command, "rm -r %s", f->folder);
    assert_int_equal(system(command), 0);
    credential_free(&f->unit);
    peers_free(f->peers);
    free(f);
}

/* Path of a file in its folder; `out` holds 128 characters. */
static inline const char *fake_path(const struct fake *f, const char *name, char *out)
{
    (void)snprintf(out, 128, "%s/%s", f->folder, name);
    return out;
}

#endif

#include "client/answer.h"

#include "base/clock.h"
#include "base/limits.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>

/* A contract of the public header's: its numbers are the contract's. */
_Static_assert((int)FEDGATE_HELD == FEDGATE__V1__VERDICT__VERDICT_HELD &&
                   (int)FEDGATE_RETRY_LATER == FEDGATE__V1__RETRY__RETRY_LATER &&
                   (int)FEDGATE_NO_PURPOSE == FEDGATE__V1__ACK_REFUSAL__ACK_REFUSAL_NO_PURPOSE,
               "the enumerators of client.h are the contract's");

static enum result unpack(struct arena *a, const ProtobufCMessageDescriptor *type,
                          struct bytes wire, size_t largest, ProtobufCMessage **out)
{
    struct finding why;
    return message_unpack(a, type, wire, largest, out, &why);
}

/* The encoding of a part of a message. */
static enum result pack(struct arena *a, const ProtobufCMessage *m, struct fedgate_bytes *out)
{
    size_t n = protobuf_c_message_get_packed_size(m);
    uint8_t *to = arena_take(a, n);
    if (to == NULL)
        return RESULT_NO_MEMORY;
    *out = (struct fedgate_bytes){to, protobuf_c_message_pack(m, to)};
    return RESULT_OK;
}

static struct fedgate_bytes view(const ProtobufCBinaryData *b)
{
    return (struct fedgate_bytes){b->data, b->len};
}

static struct fedgate_record record_of(const Fedgate__V1__LogRef *r)
{
    return r == NULL ? (struct fedgate_record){"", 0}
                     : (struct fedgate_record){r->origin, r->index};
}

static int64_t time_of(const Google__Protobuf__Timestamp *t)
{
    const int64_t most = INT64_MAX / US_PER_S - 1;
    if (t == NULL || t->seconds > most || t->seconds < -most)
        return 0;
    return t->seconds * US_PER_S + t->nanos / 1000;
}

static int64_t length_of(const Google__Protobuf__Duration *d)
{
    const int64_t most = INT64_MAX / US_PER_S - 1;
    if (d == NULL || d->seconds > most || d->seconds < -most)
        return 0;
    return d->seconds * US_PER_S + d->nanos / 1000;
}

static enum result flags_of(struct arena *a, const Fedgate__V1__Reason *flag, size_t n,
                            const unsigned **out)
{
    unsigned *copy = arena_take(a, n * sizeof *copy);
    if (copy == NULL)
        return RESULT_NO_MEMORY;
    for (size_t i = 0; i < n; i++)
        copy[i] = (unsigned)flag[i];
    *out = copy;
    return RESULT_OK;
}

static enum result verdict_of(struct arena *a, const Fedgate__V1__RecipientVerdict *v,
                              struct fedgate_verdict *out)
{
    static const Fedgate__V1__RecipientVerdict none = FEDGATE__V1__RECIPIENT_VERDICT__INIT;
    if (v == NULL)
        v = &none;
    *out = (struct fedgate_verdict){.to = v->to,
                                    .reason = (unsigned)v->reason,
                                    .clause = v->clause,
                                    .failed = v->failed,
                                    .flags = v->n_flag};
    return flags_of(a, v->flag, v->n_flag, &out->flag);
}

/* ---------------------------------------------------------------- receipts */

static enum result quotas_of(struct arena *a, const Fedgate__V1__Receipt *r,
                             const struct fedgate_quota **out)
{
    struct fedgate_quota *q = arena_take(a, r->n_quota * sizeof *q);
    if (q == NULL)
        return RESULT_NO_MEMORY;
    for (size_t i = 0; i < r->n_quota; i++)
        q[i] = (struct fedgate_quota){.clause = r->quota[i]->clause,
                                      .limit = r->quota[i]->limit,
                                      .most = r->quota[i]->most,
                                      .left = r->quota[i]->left,
                                      .renewed_us = time_of(r->quota[i]->renewed_at)};
    *out = q;
    return RESULT_OK;
}

static enum result receipt_of(struct arena *a, const Fedgate__V1__Receipt *r,
                              struct fedgate_bytes encoded, struct fedgate_receipt *out)
{
    struct fedgate_verdict *v = arena_take(a, r->n_recipient * sizeof *v);
    if (v == NULL)
        return RESULT_NO_MEMORY;
    for (size_t i = 0; i < r->n_recipient; i++)
        TRY(verdict_of(a, r->recipient[i], &v[i]));
    *out = (struct fedgate_receipt){.encoded = encoded,
                                    .id = r->id,
                                    .answer = (int)r->verdict,
                                    .recipient = v,
                                    .recipients = r->n_recipient,
                                    .record = record_of(r->record),
                                    .repeated = r->repeated != 0,
                                    .retry = (int)r->retry,
                                    .retry_after_us = length_of(r->retry_after),
                                    .quotas = r->n_quota};
    return quotas_of(a, r, &out->quota);
}

enum result answer_receipt(struct arena *a, struct bytes wire, struct fedgate_receipt *out)
{
    ProtobufCMessage *m;
    TRY(unpack(a, &fedgate__v1__receipt__descriptor, wire, LIMIT_REQUEST, &m));
    return receipt_of(a, (const void *)m, (struct fedgate_bytes){wire.p, wire.n}, out);
}

/* ---------------------------------------------------------------- deliveries */

static void obligations_of(const Fedgate__V1__Obligations *o, struct fedgate_obligations *out)
{
    static const Fedgate__V1__Obligations none = FEDGATE__V1__OBLIGATIONS__INIT;
    if (o == NULL)
        o = &none;
    *out = (struct fedgate_obligations){.mou = o->mou,
                                        .grant = o->grant,
                                        .purpose = o->purpose,
                                        .destroy_by_us = time_of(o->destroy_by),
                                        .attend_by_us = time_of(o->attend_by),
                                        .destruction_receipt_required =
                                            o->destruction_receipt_required != 0,
                                        .retransmission_allowed = o->retransmission_allowed != 0,
                                        .uses = o->uses,
                                        .offline_for_us = length_of(o->offline_for),
                                        .duty = (const char *const *)o->recipient_duty,
                                        .duties = o->n_recipient_duty,
                                        .changed_field = (const char *const *)o->changed_field,
                                        .changed_fields = o->n_changed_field};
}

enum result answer_delivery(struct arena *a, struct bytes wire, struct fedgate_delivery *out)
{
    ProtobufCMessage *m;
    TRY(unpack(a, &fedgate__v1__delivery__descriptor, wire, LIMIT_MESSAGE + LIMIT_REQUEST, &m));
    const Fedgate__V1__Delivery *d = (const void *)m;
    *out = (struct fedgate_delivery){.encoded = {wire.p, wire.n},
                                     .message = view(&d->message),
                                     .seq = d->seq,
                                     .record = record_of(d->record),
                                     .redelivery = d->redelivery != 0,
                                     .flags = d->n_flag};
    obligations_of(d->must, &out->must);
    return flags_of(a, d->flag, d->n_flag, &out->flag);
}

/* ---------------------------------------------------------------- video */

static enum result end_of(struct arena *a, const Fedgate__V1__VideoEnd *e,
                          struct fedgate_video_end *out)
{
    *out = (struct fedgate_video_end){
        .bytes = e->bytes, .sha256 = view(&e->sha256), .record = record_of(e->record)};
    TRY(pack(a, &e->base, &out->encoded));
    return verdict_of(a, e->why, &out->why);
}

static enum result start_of(struct arena *a, const Fedgate__V1__VideoStart *s,
                            struct fedgate_video_start *out)
{
    *out = (struct fedgate_video_start){.stream_id = s->stream_id,
                                        .camera_id = s->camera_id,
                                        .container = s->container,
                                        .codec = s->codec,
                                        .record = record_of(s->record)};
    obligations_of(s->must, &out->must);
    return pack(a, &s->base, &out->encoded);
}

static enum result opened_of(struct arena *a, const Fedgate__V1__Receipt *r,
                             struct fedgate_receipt *out)
{
    struct fedgate_bytes encoded;
    TRY(pack(a, &r->base, &encoded));
    return receipt_of(a, r, encoded, out);
}

enum result answer_control(struct arena *a, struct bytes wire, struct control *out)
{
    ProtobufCMessage *m;
    TRY(unpack(a, &fedgate__v1__video_control__descriptor, wire, LIMIT_REQUEST, &m));
    const Fedgate__V1__VideoControl *c = (const void *)m;
    *out = (struct control){.step = CONTROL_NONE};
    switch (c->step_case) {
    case FEDGATE__V1__VIDEO_CONTROL__STEP_OPENED:
        out->step = CONTROL_OPENED;
        return opened_of(a, c->opened, &out->opened);
    case FEDGATE__V1__VIDEO_CONTROL__STEP_WATCHERS:
        out->step = CONTROL_WATCHERS;
        out->watchers = c->watchers;
        return RESULT_OK;
    case FEDGATE__V1__VIDEO_CONTROL__STEP_STOP:
        out->step = CONTROL_STOP;
        return end_of(a, c->stop, &out->stop);
    default: return RESULT_MALFORMED;
    }
}

enum result answer_frame(struct arena *a, struct bytes wire, struct frame *out)
{
    ProtobufCMessage *m;
    TRY(unpack(a, &fedgate__v1__video_frame__descriptor, wire, LIMIT_VIDEO_FRAME, &m));
    const Fedgate__V1__VideoFrame *f = (const void *)m;
    *out = (struct frame){.part = FRAME_OTHER};
    switch (f->part_case) {
    case FEDGATE__V1__VIDEO_FRAME__PART_START:
        out->part = FRAME_START;
        return start_of(a, f->start, &out->start);
    case FEDGATE__V1__VIDEO_FRAME__PART_GAP:
        out->part = FRAME_GAP;
        out->gap_bytes = f->gap->bytes;
        out->gap_us = length_of(f->gap->duration);
        return RESULT_OK;
    case FEDGATE__V1__VIDEO_FRAME__PART_END:
        out->part = FRAME_END;
        return end_of(a, f->end, &out->end);
    default: return RESULT_OK; /* a position of the camera's */
    }
}

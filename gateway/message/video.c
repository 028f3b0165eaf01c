#include "message/video.h"

#include "base/cursor.h"
#include "message/fill.h"
#include "message/rules.h"
#include "message/times.h"

/*
 * The opening of a stream, live or (with both times) a recording. Without a stream_id the gateway
 * chooses one. The container is the MPEG transport stream or fragmented MP4, by its usual name or
 * its media type; the codec is the sender's word, for the gateway looks into the stream itself.
 * `must` and `record` are the gateway's.
 */
static bool start_whole(struct check *c, ProtobufCMessage *m)
{
    const Fedgate__V1__VideoStart *v = (const void *)m;
    return check_span(c, v->begins_at, v->ends_at);
}

static const char *const containers[] = {"mpegts", "video/mp2t", "fmp4", "video/mp4", NULL};
static const char *const codecs[] = {"h264", "h265", NULL};

static const struct field_rule start[] = {FIELD("header", MUST, ANY),
                                          FIELD("stream_id", STRICT, UUID),
                                          FIELD("camera_id", MUST, REFERENCE),
                                          FIELD("container", MUST, CHOICE, .choice = containers),
                                          FIELD("codec", STRICT, CHOICE, .choice = codecs),
                                          FIELD("begins_at", STRICT, PAST),
                                          FIELD("ends_at", STRICT, PAST),
                                          OF_TYPE("subject", STRICT, rules_subject),
                                          FIELD("must", GATEWAY, ANY),
                                          FIELD("record", GATEWAY, ANY)};
RULES(rules_video_start, fedgate__v1__video_start__descriptor, start, start_whole);

static const struct field_rule watch[] = {
    FIELD("stream_id", MUST, REFERENCE), FIELD("purpose", MUST, WORD),
    OF_TYPE("basis", MUST, rules_basis), OF_TYPE("actor", STRICT, rules_actor)};
RULES(rules_watch, fedgate__v1__watch_request__descriptor, watch, NULL);

/* A position between the frames counts now, so it has a time; what else it may be, any position may
 * be. */
static bool fix_whole(struct check *c, ProtobufCMessage *m)
{
    const Fedgate__V1__Position *p = (const void *)m;
    if (time_us(p->fixed_at) < c->limits->now_us - LIMIT_CAMERA_FIX_AGE)
        return check_wrong(c, "fixed_at", REASON_STALE, "at most %d seconds ago",
                           (int)(LIMIT_CAMERA_FIX_AGE / US_PER_S));
    return rules_position.whole(c, m);
}

static const struct field_rule fix[] = {
    FIELD("latitude", STRICT, NUMBER, .low = -90, .high = 90),
    FIELD("longitude", STRICT, NUMBER, .low = -180, .high = 180),
    FIELD("accuracy_m", STRICT, NUMBER, .high = LIMIT_CAMERA_ACCURACY_M),
    FIELD("fixed_at", MUST, TIME),
    FIELD("method", STRICT, ENUM),
    FIELD("origin", STRICT, ENUM)};
static RULES(rules_fix, fedgate__v1__position__descriptor, fix, fix_whole);

/* So that what goes on record of a refusal says nothing that was not found good. */
static void reduce(Fedgate__V1__VideoStart *v)
{
    Fedgate__V1__Header *h = v->header;
    fedgate__v1__video_start__init(v);
    v->header = h;
    if (h != NULL)
        header_reduce(h);
}

void video_start_check(Fedgate__V1__VideoStart *v, const struct check_limits *limits,
                       struct findings *found)
{
    struct check c = {.limits = limits, .found = found, .header = v->header};
    found->refused = false;
    found->count = 0;
    if (header_check(&c, v->header, false) &&
        check_message(&c, "video_start", &v->base, &rules_video_start))
        return;
    check_refuse(&c);
    reduce(v);
}

void watch_check(Fedgate__V1__WatchRequest *w, const struct check_limits *limits,
                 struct findings *found)
{
    struct check c = {.limits = limits, .found = found};
    found->refused = false;
    found->count = 0;
    if (!check_message(&c, "watch", &w->base, &rules_watch))
        check_refuse(&c);
}

void facts_of_video_start(const Fedgate__V1__VideoStart *v, struct facts *f)
{
    *f = (struct facts){.kind = KIND_VIDEO};
    fill_header(f, v->header);
    fill_camera(f, v->camera_id);
    fill_subject(f, v->subject);
    f->recorded_us = time_us(v->begins_at);
    f->recorded = v->begins_at != NULL;
}

void facts_of_watch(const Fedgate__V1__WatchRequest *w, struct facts *f)
{
    *f = (struct facts){.kind = KIND_VIDEO};
    f->purpose = bytes_of_text(w->purpose);
    fill_basis(f, w->basis);
    fill_actor(f, w->actor);
}

enum result video_fix_take(struct arena *a, struct bytes frame, const struct check_limits *limits,
                           struct video_fix *out, struct findings *found)
{
    struct check c = {.limits = limits, .found = found};
    struct ProtobufCMessage *m;
    struct finding why;
    found->refused = false;
    found->count = 0;
    TRY(message_unpack(a, &fedgate__v1__video_frame__descriptor, frame, LIMIT_REQUEST, &m, &why));
    const Fedgate__V1__VideoFrame *f = (const void *)m;
    if (f->part_case != FEDGATE__V1__VIDEO_FRAME__PART_POSITION)
        return RESULT_MALFORMED;
    Fedgate__V1__Position *p = f->position;
    if (!check_message(&c, "position", &p->base, &rules_fix)) {
        check_refuse(&c);
        return RESULT_OK;
    }
    *out = (struct video_fix){{p->latitude, p->longitude},
                              p->accuracy_m > 0 ? (double)p->accuracy_m : LIMIT_CAMERA_ACCURACY_M,
                              time_us(p->fixed_at)};
    return RESULT_OK;
}

enum result video_frame_peek(struct bytes frame, enum video_part *part, struct bytes *content)
{
    struct cursor c = cursor_over(frame);
    uint8_t tag;
    uint64_t n;
    if (frame.n > LIMIT_VIDEO_FRAME)
        return RESULT_TOO_LARGE;
    if (cursor_u8(&c, &tag) != RESULT_OK || cursor_varint(&c, &n) != RESULT_OK || n != c.left)
        return RESULT_MALFORMED;
    if ((tag & 7) != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED || tag >> 3 < VIDEO_START ||
        tag >> 3 > VIDEO_POSITION)
        return RESULT_MALFORMED;
    *part = tag >> 3;
    *content = bytes_of(c.at, c.left);
    return RESULT_OK;
}

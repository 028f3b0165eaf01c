#include "message/kind.h"
#include "message/photo.h"
#include "message/times.h"

/*
 * A picture of a scene, from a camera (camera_id) or by hand (none). When it was taken is required:
 * legal ceilings count from there. original_sha256 is the digest of the picture as its source made
 * and signed it, so it has to fit the bytes received; delivered_sha256 is the gateway's word on
 * what it delivers without metadata, and nobody else's.
 */
static bool whole(struct check *c, ProtobufCMessage *m)
{
    Fedgate__V1__SceneImage *s = (void *)m;
    if (s->useful_until != NULL && time_us(s->useful_until) <= time_us(s->taken_at))
        return check_wrong(c, "useful_until", REASON_OUT_OF_RANGE, "a time after taken_at");
    return photo_has_digest(c, "original_sha256", &s->image, &s->original_sha256) &&
           photo_strip(c, "image", s->media_type, &s->image) &&
           photo_digest(c, &s->image, &s->delivered_sha256);
}

static const struct field_rule fields[] = {
    FIELD("camera_id", MAY, REFERENCE),
    FIELD("taken_at", MUST, PAST),
    FIELD("media_type", MUST, CHOICE, .choice = media_jpeg),
    FIELD("image", MUST, BYTES, .high = LIMIT_PHOTO),
    FREE_TEXT("note", MAY),
    OF_TYPE("subject", MAY, rules_subject),
    FIELD("original_sha256", STRICT, DIGEST),
    FIELD("source_signature", MAY, BYTES, .high = LIMIT_SIGNATURE),
    FIELD("delivered_sha256", GATEWAY, DIGEST),
    FIELD("useful_until", STRICT, TIME)};
RULES(kind_rules_scene_image, fedgate__v1__scene_image__descriptor, fields, whole);

void kind_facts_scene_image(const Fedgate__V1__Message *m, struct facts *f)
{
    const Fedgate__V1__SceneImage *s = m->scene_image;
    fill_camera(f, s->camera_id);
    fill_subject(f, s->subject);
    f->recorded_us = time_us(s->taken_at);
    f->media_bytes = s->image.len;
}

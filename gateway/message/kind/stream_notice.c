#include "message/kind.h"

/* The gateway tells a unit that a stream which it may watch has opened, or has ended and why. */
static bool whole(struct check *c, ProtobufCMessage *m)
{
    const Fedgate__V1__StreamNotice *s = (const void *)m;
    return s->open || s->why != FEDGATE__V1__REASON__REASON_UNSPECIFIED ||
           check_wrong(c, "why", REASON_MALFORMED, "required when a stream has ended");
}

static const struct field_rule fields[] = {FIELD("stream_id", MUST, REFERENCE),
                                           FIELD("camera_id", MUST, REFERENCE),
                                           FIELD("open", STRICT, ANY), FIELD("why", STRICT, ENUM)};
RULES(kind_rules_stream_notice, fedgate__v1__stream_notice__descriptor, fields, whole);

void kind_facts_stream_notice(const Fedgate__V1__Message *m, struct facts *f)
{
    fill_camera(f, m->stream_notice->camera_id);
}

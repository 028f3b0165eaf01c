#include "message/kind.h"

/*
 * Asks for video around a place, from named cameras, or both; one of the two has to be there. With
 * both times it asks for a recording: a bad time is never left out, for that would turn it into a
 * request for live video. max_streams 0 leaves the number to the centre and the grant.
 */
static bool whole(struct check *c, ProtobufCMessage *m)
{
    const Fedgate__V1__VideoRequest *v = (const void *)m;
    if (v->around == NULL && v->n_camera_id == 0)
        return check_wrong(c, NULL, REASON_MALFORMED, "around or camera_id");
    return check_span(c, v->begins_at, v->ends_at);
}

static const struct field_rule fields[] = {OF_TYPE("around", MAY, rules_area),
                                           CAMERA_ID,
                                           FIELD("max_streams", MAY, NUMBER, .high = LIMIT_STREAMS),
                                           FIELD("begins_at", STRICT, PAST),
                                           FIELD("ends_at", STRICT, PAST),
                                           FREE_TEXT("reason", MAY)};
RULES(kind_rules_video_request, fedgate__v1__video_request__descriptor, fields, whole);

void kind_facts_video_request(const Fedgate__V1__Message *m, struct facts *f)
{
    const Fedgate__V1__VideoRequest *v = m->video_request;
    f->recorded = v->begins_at != NULL;
    fill_area(f, v->around);
    fill_cameras(f, v->camera_id, v->n_camera_id);
}

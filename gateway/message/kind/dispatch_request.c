#include "message/kind.h"
#include "message/photo.h"

/*
 * The centre asks police or rescue to go somewhere. Only the type is required: a place may be told
 * in the note, and a request that lost its photo or position on the way still has to arrive.
 */
static bool whole(struct check *c, ProtobufCMessage *m)
{
    Fedgate__V1__DispatchRequest *d = (void *)m;
    if (d->photo.len == 0 || photo_strip(c, "photo", d->media_type, &d->photo))
        return true;
    d->photo = (ProtobufCBinaryData){0, NULL};
    return check_left_out(c);
}

static const struct field_rule fields[] = {FIELD("type", MUST, NAME),
                                           OF_TYPE("position", MAY, rules_position),
                                           OF_TYPE("subject", MAY, rules_subject),
                                           FIELD("media_type", MAY, CHOICE, .choice = media_jpeg),
                                           FIELD("photo", MAY, BYTES, .high = LIMIT_PHOTO),
                                           FREE_TEXT("features", MAY),
                                           LINE("guardian_contact", MAY),
                                           FREE_TEXT("note", MAY),
                                           CAMERA_ID};
RULES(kind_rules_dispatch_request, fedgate__v1__dispatch_request__descriptor, fields, whole);

void kind_facts_dispatch_request(const Fedgate__V1__Message *m, struct facts *f)
{
    const Fedgate__V1__DispatchRequest *d = m->dispatch_request;
    f->incident_type = bytes_of_text(d->type);
    fill_person(f, d->position);
    fill_subject(f, d->subject);
    fill_cameras(f, d->camera_id, d->n_camera_id);
    f->media_bytes = d->photo.len;
}

#include "message/kind.h"

/* What a control room says afterwards of the cameras: which helped, where one was missing. Nothing
 * is required. `gap` is where a camera was missing, a place and not a person's position. */
static const struct field_rule fields[] = {CAMERA_ID, FIELD("helped", STRICT, ANY),
                                           OF_TYPE("gap", MAY, rules_position),
                                           FREE_TEXT("note", MAY)};
RULES(kind_rules_feedback, fedgate__v1__feedback__descriptor, fields, NULL);

void kind_facts_feedback(const Fedgate__V1__Message *m, struct facts *f)
{
    fill_place(f, m->feedback->gap);
    fill_cameras(f, m->feedback->camera_id, m->feedback->n_camera_id);
}

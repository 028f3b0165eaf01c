#include "message/kind.h"

/* The centre's answer to a request. Camera ids may go with an offer, but need not: each stream is
 * announced by a notice of its own. */
static const struct field_rule fields[] = {FIELD("result", MUST, ENUM), CAMERA_ID,
                                           FREE_TEXT("note", MAY)};
RULES(kind_rules_video_answer, fedgate__v1__video_answer__descriptor, fields, NULL);

void kind_facts_video_answer(const Fedgate__V1__Message *m, struct facts *f)
{
    fill_cameras(f, m->video_answer->camera_id, m->video_answer->n_camera_id);
}

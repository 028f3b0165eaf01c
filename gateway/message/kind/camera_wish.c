#include "message/kind.h"

/* A wish about one camera, in words: where it might look. An operator of the centre decides (PIPA
 * 25(5): a fixed camera is not turned for other purposes); the gateway never steers a camera. */
static const struct field_rule fields[] = {FIELD("camera_id", MUST, REFERENCE),
                                           FREE_TEXT("wish", MUST)};
RULES(kind_rules_camera_wish, fedgate__v1__camera_wish__descriptor, fields, NULL);

void kind_facts_camera_wish(const Fedgate__V1__Message *m, struct facts *f)
{
    fill_camera(f, m->camera_wish->camera_id);
}

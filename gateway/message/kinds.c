#include "message/kind.h"

enum { SENDER_AGENCY = 0, SENDER_GATEWAY = 1, STATE_KEEPS = 0, STATE_CHANGES = 1 };

static const struct kind kinds[KIND_COUNT] = {
#define K(NAME, word, lane_, sender, state)                                                        \
    {.id = KIND_##NAME,                                                                            \
     .name = #word,                                                                                \
     .lane = LANE_##lane_,                                                                         \
     .from_gateway = SENDER_##sender != 0,                                                         \
     .changes_state = STATE_##state != 0,                                                          \
     .body_case = FEDGATE__V1__MESSAGE__BODY_##NAME,                                               \
     .rules = &kind_rules_##word,                                                                  \
     .facts = kind_facts_##word},
#include "message/kinds.def"
#undef K
    {.id = KIND_VIDEO, .name = "video", .lane = LANE_BULK}};

const struct kind *kind_row(enum kind_id id)
{
    return id < KIND_COUNT ? &kinds[id] : NULL;
}

const struct kind *kind_named(struct bytes name)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (bytes_is(name, kinds[i].name))
            return &kinds[i];
    return NULL;
}

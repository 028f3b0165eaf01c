#include "base/cursor.h"
#include "base/limits.h"
#include "message/kind.h"

enum { SENDER_AGENCY, SENDER_GATEWAY, SENDER_ORDERED };
enum { STATE_KEEPS, STATE_CHANGES, STATE_SHARES };

static const struct kind kinds[KIND_COUNT] = {
#define K(NAME, word, lane_, sender, state)                                                        \
    {.id = KIND_##NAME,                                                                            \
     .name = #word,                                                                                \
     .lane = LANE_##lane_,                                                                         \
     .from_gateway = SENDER_##sender == SENDER_GATEWAY,                                            \
     .answers_order = SENDER_##sender == SENDER_ORDERED,                                           \
     .changes_state = STATE_##state != STATE_KEEPS,                                                \
     .for_gateway_only = STATE_##state == STATE_CHANGES,                                           \
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

/* The number of the first field behind the header: the body's. 0: there is none. */
static uint64_t body_number(struct bytes message)
{
    struct cursor c = cursor_over(message);
    struct bytes content;
    uint64_t tag, n;
    while (cursor_varint(&c, &tag) == RESULT_OK) {
        if (tag >> 3 != 1)
            return tag >> 3;
        if ((tag & 7) != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED ||
            cursor_varint(&c, &n) != RESULT_OK || cursor_take(&c, n, &content) != RESULT_OK)
            return 0;
    }
    return 0;
}

enum lane message_lane(struct bytes encoded)
{
    const uint64_t number = body_number(encoded);
    for (size_t i = 0; i < KIND_VIDEO && encoded.n <= LIMIT_URGENT_BYTES; i++)
        if (kinds[i].body_case == number)
            return kinds[i].lane;
    return LANE_NORMAL;
}

bool kind_has_answer(enum kind_id id)
{
    switch (id) {
#define A(KIND, ANSWER) case KIND_##KIND:
#include "message/answers.def"
#undef A
        return true;
    default: return false;
    }
}

/* Messages as JSON, as the agent reads them: what was read is written, and read again the same. */
#include "fuzz.h"

#include "base/limits.h"
#include "message/json.h"
#include "message/message.h"

static const char *const types[] = {"fedgate.v1.Message", "fedgate.v1.SubscribeRequest",
                                    "fedgate.v1.WatchRequest", "fedgate.v1.VideoFrame",
                                    "fedgate.v1.Delivery"};

static void comes_back(const struct ProtobufCMessageDescriptor *type, struct bytes wire)
{
    struct buf json = BUF_INIT(8u << 20), again = BUF_INIT(LIMIT_MESSAGE);
    struct arena *arena = arena_new(LIMIT_ARENA);
    struct ProtobufCMessage *m;
    struct finding why;
    char text[200];
    enum result r = message_unpack(arena, type, wire, LIMIT_MESSAGE, &m, &why);
    HOLDS(r == RESULT_OK || r == RESULT_TOO_LARGE || r == RESULT_NO_MEMORY);
    if (r == RESULT_OK) {
        HOLDS(message_to_json(m, 0, &json) == RESULT_OK && bytes_is_text(buf_view(&json)));
        HOLDS(message_from_json(type, buf_view(&json), &again, text, sizeof text) == RESULT_OK);
        HOLDS(bytes_equal(buf_view(&again), wire));
    }
    arena_free(arena);
    buf_free(&json);
    buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(bytes_of(data, size));
    const struct ProtobufCMessageDescriptor *type =
        message_type(types[fuzz_byte(&in) % ARRAY_LEN(types)]);
    struct buf wire = BUF_INIT(LIMIT_MESSAGE);
    char why[200] = "";
    enum result r = message_from_json(type, bytes_of(in.at, in.left), &wire, why, sizeof why);
    if (r == RESULT_OK)
        comes_back(type, buf_view(&wire));
    else
        HOLDS(r == RESULT_TOO_LARGE || (why[0] != '\0' && bytes_is_text(bytes_of_text(why))));
    buf_free(&wire);
    return 0;
}

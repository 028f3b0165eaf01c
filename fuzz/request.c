/* Every other message of the contract that a peer may send, chosen by the first byte; and a frame
 * of video, looked into without being decoded. */
#include "fuzz.h"

#include "base/limits.h"
#include "message/half.h"
#include "message/json.h"
#include "message/video.h"

static const char *const types[] = {"fedgate.v1.SubscribeRequest",
                                    "fedgate.v1.GetReceiptRequest",
                                    "fedgate.v1.WatchRequest",
                                    "fedgate.v1.VideoStart",
                                    "fedgate.v1.VideoFrame",
                                    "fedgate.v1.GetCheckpointRequest",
                                    "fedgate.v1.GetProofRequest",
                                    "fedgate.v1.GetTileRequest",
                                    "fedgate.v1.AddCosignatureRequest",
                                    "fedgate.v1.Receipt",
                                    "fedgate.v1.Delivery",
                                    "fedgate.v1.VideoControl",
                                    "fedgate.v1.VaultStoreRequest",
                                    "fedgate.v1.VaultOpenRequest",
                                    "fedgate.v1.UseReport",
                                    "fedgate.v1.VaultHalf"};
enum { WATCH = 2, VIDEO_OPENING = 3, VIDEO_FRAME = 4, STORE = 12, OPEN = 13, REPORT = 14 };

static void checks(size_t type, struct ProtobufCMessage *m)
{
    static const struct check_limits limits = FUZZ_LIMITS;
    struct findings found = {0};
    struct facts facts;
    if (type == WATCH) {
        watch_check((void *)m, &limits, &found);
        facts_of_watch((void *)m, &facts);
    } else if (type == VIDEO_OPENING) {
        video_start_check((void *)m, &limits, &found);
        facts_of_video_start((void *)m, &facts);
    } else if (type == STORE) {
        vault_store_check((void *)m, &limits, &found);
    } else if (type == OPEN) {
        vault_open_check((void *)m, &limits, &found);
    } else if (type == REPORT) {
        use_report_check((void *)m, &limits, &found);
    }
    HOLDS(found.count <= FINDINGS_MAX && (!found.refused || found.count > 0));
}

/* What was unpacked is packed, unpacked and packed again. */
static void comes_back(struct arena *arena, const struct ProtobufCMessageDescriptor *type,
                       const struct ProtobufCMessage *m)
{
    struct buf first = BUF_INIT(LIMIT_MESSAGE), second = BUF_INIT(LIMIT_MESSAGE);
    struct ProtobufCMessage *again;
    struct finding why;
    HOLDS(message_pack(m, &first) == RESULT_OK);
    HOLDS(message_unpack(arena, type, buf_view(&first), LIMIT_MESSAGE, &again, &why) == RESULT_OK);
    HOLDS(message_pack(again, &second) == RESULT_OK);
    HOLDS(bytes_equal(buf_view(&first), buf_view(&second)));
    buf_free(&first);
    buf_free(&second);
}

/* What is taken for a position is one, in its bounds. */
static void places(struct arena *arena, struct bytes frame)
{
    static const struct check_limits limits = FUZZ_LIMITS;
    struct findings found;
    struct video_fix fix;
    if (video_fix_take(arena, frame, &limits, &fix, &found) != RESULT_OK)
        return;
    HOLDS(found.refused
              ? found.count > 0
              : geo_in_box(fix.at, limits.service_area) && fix.accuracy_m > 0 && fix.fixed_us != 0);
}

/* Data must be the frame's one field, as a full decoder sees it. */
static void peeks(struct bytes frame, bool decoded)
{
    struct bytes content;
    enum video_part part;
    if (video_frame_peek(frame, &part, &content) != RESULT_OK)
        return;
    HOLDS(part >= VIDEO_START && part <= VIDEO_POSITION);
    HOLDS(content.n < frame.n && content.p + content.n == frame.p + frame.n);
    HOLDS(part != VIDEO_DATA || decoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(bytes_of(data, size));
    size_t chosen = fuzz_byte(&in) % ARRAY_LEN(types);
    const struct ProtobufCMessageDescriptor *type = message_type(types[chosen]);
    struct arena *arena = arena_new(LIMIT_ARENA);
    struct bytes wire = bytes_of(in.at, in.left);
    struct ProtobufCMessage *m;
    struct finding why;
    enum result r = message_unpack(arena, type, wire, LIMIT_VIDEO_FRAME, &m, &why);
    if (r == RESULT_OK) {
        comes_back(arena, type, m);
        checks(chosen, m);
        comes_back(arena, type, m);
    }
    if (chosen == VIDEO_FRAME) {
        peeks(wire, r == RESULT_OK);
        places(arena, wire);
    }
    arena_free(arena);
    return 0;
}

/* What the gateway answers, from the wire into the structures of client.h. All views point into
 * the arena, or into the bytes given. Each answers RESULT_OK, or why it is no such message. */
#ifndef FEDGATE_CLIENT_ANSWER_H
#define FEDGATE_CLIENT_ANSWER_H

#include "base/arena.h"
#include "base/result.h"
#include "client/client.h"

MUST_USE enum result answer_receipt(struct arena *a, struct bytes wire,
                                    struct fedgate_receipt *out);
MUST_USE enum result answer_delivery(struct arena *a, struct bytes wire,
                                     struct fedgate_delivery *out);

enum control_step { CONTROL_NONE, CONTROL_OPENED, CONTROL_WATCHERS, CONTROL_STOP };

/* A VideoControl. */
struct control {
    enum control_step step;
    struct fedgate_receipt opened;
    uint32_t watchers;
    struct fedgate_video_end stop;
};
MUST_USE enum result answer_control(struct arena *a, struct bytes wire, struct control *out);

/* A VideoFrame that carries no data. */
enum frame_part { FRAME_OTHER, FRAME_START, FRAME_GAP, FRAME_END };

struct frame {
    enum frame_part part;
    struct fedgate_video_start start;
    uint64_t gap_bytes;
    int64_t gap_us;
    struct fedgate_video_end end;
};
MUST_USE enum result answer_frame(struct arena *a, struct bytes wire, struct frame *out);

#endif

/*
 * Video streams' own messages: the opening by a sender (VideoStart) and by a watcher
 * (WatchRequest), which are judged like a message of the kind "video"; and the frames between,
 * whose data passes without being decoded.
 */
#ifndef FEDGATE_MESSAGE_VIDEO_H
#define FEDGATE_MESSAGE_VIDEO_H

#include "message/message.h"

struct Fedgate__V1__VideoStart;
struct Fedgate__V1__WatchRequest;

/* Checks what needs no policy, as message_check does; nothing is left out: any fault refuses, and
 * of a refused start nothing is left but the header's id and source, each if well-formed. A
 * recording is a start with both times. */
void video_start_check(struct Fedgate__V1__VideoStart *start, const struct check_limits *limits,
                       struct findings *found);
void watch_check(struct Fedgate__V1__WatchRequest *watch, const struct check_limits *limits,
                 struct findings *found);

/* The facts of an opening, once it was checked; kind is KIND_VIDEO. A watcher's have purpose, basis
 * and actor only: camera, incidents and subject are the stream's, and the source is whom the
 * certificate names. */
void facts_of_video_start(const struct Fedgate__V1__VideoStart *start, struct facts *facts);
void facts_of_watch(const struct Fedgate__V1__WatchRequest *watch, struct facts *facts);

/* The alternatives of a VideoFrame, by their numbers in the contract. */
enum video_part {
    VIDEO_START = 1,
    VIDEO_DATA = 2,
    VIDEO_END = 3,
    VIDEO_GAP = 4,
    VIDEO_POSITION = 5
};

/*
 * Which part an encoded VideoFrame holds, and its content as a view into the frame: for VIDEO_DATA
 * the packets themselves; the others are read with message_unpack over the whole frame.
 * RESULT_MALFORMED unless the frame is exactly one such field with nothing behind it;
 * RESULT_TOO_LARGE past LIMIT_VIDEO_FRAME.
 */
MUST_USE enum result video_frame_peek(struct bytes frame, enum video_part *part,
                                      struct bytes *content);

/* Where a camera that moves was, and when. */
struct video_fix {
    struct point at;
    double accuracy_m; /* radius; the largest that may be where none is given */
    int64_t fixed_us;
};

/* Reads a whole frame with VIDEO_POSITION: RESULT_OK, or as message_unpack. Unless `found` refuses
 * it (no time, or one too long ago; too coarse; outside of the service area), `out` is filled. */
MUST_USE enum result video_fix_take(struct arena *a, struct bytes frame,
                                    const struct check_limits *limits, struct video_fix *out,
                                    struct findings *found);

#endif

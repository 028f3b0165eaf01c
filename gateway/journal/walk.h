/* Reading a segment frame by frame, and telling its end from damage. */
#ifndef FEDGATE_JOURNAL_WALK_H
#define FEDGATE_JOURNAL_WALK_H

#include "journal/frame.h"
#include "journal/journal.h"

enum {
    WALK_WINDOW = 1 << 20, /* bytes that are read at once, or a frame */
    WALK_WINDOW_MAX = WALK_WINDOW + FRAME_RAW_MAX
};

/* Whose windows a walk reads into, when they are not its own: `next` gives another one that begins
 * with these bytes of the one before. NULL: no more is to be read. */
struct walk_windows {
    struct buf *(*next)(void *arg, struct bytes kept);
    void *arg;
};

struct walk {
    int fd;
    uint32_t number;
    uint64_t size; /* of the file */
    uint64_t at;   /* of the next frame; when the frames have ended, where they ended */
    bool named;    /* the first sector was there */
    uint64_t torn; /* where the frame at `at` would have ended, when its header is there; else 0 */
    bool cut;      /* walk_rest found pieces of a torn frame */
    struct chain *chain;
    struct buf *window; /* bytes read, from window_at on */
    uint64_t window_at;
    struct buf own;                     /* the window, */
    const struct walk_windows *windows; /* unless there are these */
    struct journal_fault *fault;
};

/* Starts reading; the descriptor stays the caller's. walk_free afterwards in any case. */
MUST_USE enum result walk_begin(struct walk *w, int fd, uint32_t number, struct chain *chain,
                                struct journal_fault *fault);
void walk_free(struct walk *w);

/* Moves these bytes of the window to its front, and lets go the others. */
void walk_keep(struct buf *window, struct bytes kept);

/* The segment's first sector; RESULT_END when it is unwritten: nothing was ever written whole. */
MUST_USE enum result walk_segment(struct walk *w, bool oldest);

/* The next frame, verified: its place in the file, and its bytes, valid until the next call, or as
 * long as the window that they stand in; the walk reads them no more.
 * RESULT_END where no whole frame stands; RESULT_DAMAGED, RESULT_IO with the fault filled. */
MUST_USE enum result walk_frame(struct walk *w, struct frame_header *header, uint64_t *place,
                                uint8_t **frame);

/* Hands over the records of a frame that walk_frame gave, in order: their bodies stand where the
 * frame did, which has no marks then. RESULT_DAMAGED with the fault filled when they are not laid
 * out as the header says, or what `each` answers. */
MUST_USE enum result walk_records(struct walk *w, const struct frame_header *h, uint64_t place,
                                  uint8_t *frame,
                                  enum result (*each)(void *arg, const struct journal_record *r),
                                  void *arg);

/*
 * Whether what stands behind the last whole frame may stand there. In the segment that was written
 * last: what is unwritten, or one torn frame. In any other: what is unwritten, since no segment is
 * begun before the last frame of the one before was synced.
 */
MUST_USE enum result walk_rest(struct walk *w, bool last);

/* Fills the fault; returns RESULT_DAMAGED. */
enum result walk_damage(struct walk *w, uint64_t at, const char *why);

/* Gives the fault the result's own text when it has none yet; returns the result. */
enum result walk_explain(struct journal_fault *fault, enum result r);

#endif

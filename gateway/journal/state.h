/* The journal's inside, shared by its files. */
#ifndef FEDGATE_JOURNAL_STATE_H
#define FEDGATE_JOURNAL_STATE_H

#include "journal/folders.h"
#include "journal/frame.h"
#include "journal/journal.h"
#include "journal/segment.h"
#include "journal/walk.h"

enum { READERS = 32 };

/* A descriptor kept open for journal_read; its place is the segment's number modulo READERS. */
struct reader {
    uint32_t segment; /* 0: none */
    int fd;
};

/* A frame that was committed a moment ago, as it stands on the disk: what is delivered at once is
 * read from here. */
struct recent {
    uint32_t segment; /* 0: none */
    uint32_t at;
    struct buf raw;
};

/* A segment that goes, aside. */
struct retiring {
    const struct folders *folders;
    uint32_t segment; /* 0: none */
    bool stays;       /* its file becomes a spare one */
    enum result result;
    int error; /* errno with it */
};

/* Where the scrubber stands. */
struct scrub {
    int fd; /* -1: between two segments */
    uint32_t next;
    bool linked; /* the chain comes from the segment before `next` */
    struct chain chain;
    struct walk walk;
};

struct journal {
    struct folders folders;
    uint32_t segment_bytes;
    const struct log *log;
    uint8_t *key; /* in secret memory */
    struct chain chain;
    bool failed; /* a write or a sync failed: nothing is promised any more */
    bool low;    /* the first device had no room */
    bool over;   /* the segment being written lies in the second folder */

    /* the segment being written */
    int fd; /* -1: none yet */
    uint32_t number, size;
    uint32_t at; /* of the next frame */
    struct frame frame;

    struct reserve reserve;
    struct reserve second; /* in the second folder; `most` is 0 without one */
    uint32_t owed; /* bytes of zeros that the reserve should have by now, beyond what it has */
    uint32_t kept; /* files of retired segments that may be spare ones beside those */

    struct aside *aside; /* NULL: what it would do is done at once */
    struct retiring retiring;
    uint32_t oldest;
    struct reader reader[READERS];
    struct recent recent[JOURNAL_RECENT];
    size_t newest; /* of those */
    struct scrub scrub;
};

/* The scrubber leaves the segment that it is in, if it is this one, whose file goes. */
void journal_scrub_leave(struct journal *j, uint32_t segment);

/* Says what failed, and stops all promises; returns RESULT_IO. */
enum result journal_fail(struct journal *j, const char *what);

/* Lets the reserves grow by what is owed; a full disk sets `low` and is no failure. */
MUST_USE enum result journal_advance_reserve(struct journal *j);

/* Whether no segment is going, and none failed to. */
MUST_USE enum result journal_end_retiring(struct journal *j);

/* Lets the second folder's reserve grow; false when it has no room. What fails there is told and
 * costs that reserve only: nothing is promised of it before it is used. */
bool journal_fill_second(struct journal *j, uint32_t bytes);

/* Makes the next segment the one being written. RESULT_FULL: nothing has changed. */
MUST_USE enum result journal_next_segment(struct journal *j);

#endif

/* Entries that were asked for and are not shown, and why. Wherever records are shown or leave it is
 * said how many: a reader takes what he got for all there is. */
#ifndef FEDGATE_CONSOLE_GAPS_H
#define FEDGATE_CONSOLE_GAPS_H

#include "console/web.h"

#include "audit/leaf.h"

struct gaps {
    uint64_t shown;
    uint64_t let_go;        /* by the log, under an officer's statement (audit/pruned.h) */
    uint64_t unreadable;    /* missing or damaged, though the log never let them go */
    uint64_t withheld;      /* the index names them to this visitor, and they are not his to read */
    uint64_t let_go_before; /* the log has let go of all entries before this one */
};

/* Of the log as it is now. */
void gaps_begin(struct gaps *g, const struct web_call *w);

/* The leaf for this visitor, views into `room`, freed by leaf_room_free in any case. False: it is
 * counted why not. */
bool gaps_read(struct gaps *g, const struct web_call *w, uint64_t index, struct leaf *leaf,
               struct leaf_room **room);

/* What is to be said below a list of them, nothing when there is nothing; `is_end`: no older ones
 * follow. */
void gaps_put(const struct gaps *g, struct html *h, bool is_end);

/* The end of a file of records: rows of as many cells as the others, whose first begins with "#";
 * the last object of an array, whose one member is "end". */
void gaps_csv(const struct gaps *g, size_t columns, bool korean, struct buf *out);
void gaps_json(const struct gaps *g, struct buf *out);

#endif

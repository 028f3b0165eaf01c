/*
 * The log as its files have it, up to the published checkpoint: whatever pages show of a leaf comes
 * from here, and can be proven. The bundle that was read last is kept, for neighbours are shown
 * together.
 */
#ifndef FEDGATE_CONSOLE_LEAVES_H
#define FEDGATE_CONSOLE_LEAVES_H

#include "audit/leaf.h"
#include "audit/note.h"

struct leaves;
struct leaves *leaves_new(int folder);
void leaves_free(struct leaves *l); /* accepts NULL */

/* The published checkpoint, read anew when it was looked at `now_us` (steady) a while ago. */
struct leaves_head {
    bool is_there;
    struct checkpoint checkpoint; /* views into `note` */
    struct bytes note;
    int64_t last_us; /* when its last leaf was made; 0: unknown */
};
const struct leaves_head *leaves_look(struct leaves *l, int64_t now_us);

/* The entry with this index, below the size that was looked at last: a view until the next call.
 * RESULT_NOT_FOUND: past it, or its bundle was let go; RESULT_MALFORMED, RESULT_IO. */
MUST_USE enum result leaves_entry(struct leaves *l, uint64_t index, struct bytes *entry);

/* The same, read: views into `room`, freed by leaf_room_free. RESULT_MISMATCH: the entry there says
 * that it is another one. */
MUST_USE enum result leaves_read(struct leaves *l, uint64_t index, struct leaf *leaf,
                                 struct leaf_room **room);

#endif

/*
 * The folders that segments lie in: the journal's own, and perhaps a second one on another device
 * for when the first is full. Nothing else knows in which of them a segment lies; it lies in one of
 * them only.
 *
 * A file of no content in the first folder, "reached-0000000043", bears the highest number that was
 * begun in the second. So a second folder that is not there, or another one in its place, is never
 * taken for a journal that ends earlier. It is given its next name by a rename, for which a full
 * disk has room.
 */
#ifndef FEDGATE_JOURNAL_FOLDERS_H
#define FEDGATE_JOURNAL_FOLDERS_H

#include "base/result.h"

#include <stdint.h>

struct folders {
    int first, second; /* descriptors; second: -1 when there is none */
    uint32_t reached;  /* what the file in the first says; 0: nothing was begun in the second */
};

/* Reads what was reached, and makes the file when there is a second folder. */
MUST_USE enum result folders_open(struct folders *f);

/* The numbers of all segments, in order; freed by mem_free. One that lies in both is there twice.
 * The folders are synced first: what an earlier process unlinked in one does not come back behind
 * what is unlinked from now on in the other. */
MUST_USE enum result folders_list(const struct folders *f, uint32_t **number, size_t *count);

/* The descriptor of the folder that the segment lies in; of the first when it is in none. */
int folders_of(const struct folders *f, uint32_t number);

MUST_USE enum result folders_open_segment(const struct folders *f, uint32_t number, int *fd);

/* Unlinks it, and syncs that: two folders may lie on two devices, and only so does what is unlinked
 * first go first. */
MUST_USE enum result folders_remove_segment(const struct folders *f, uint32_t number);

/* The same for one in the first folder, whose file stays there under this name. */
MUST_USE enum result folders_set_aside(const struct folders *f, uint32_t number, const char *name);

/* Sets what was reached, and syncs that. */
MUST_USE enum result folders_reach(struct folders *f, uint32_t number);

#endif

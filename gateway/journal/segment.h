/* Segment files by name, and the reserve: the next segments, made ahead of their use, or kept from
 * segments that are needed no more. */
#ifndef FEDGATE_JOURNAL_SEGMENT_H
#define FEDGATE_JOURNAL_SEGMENT_H

#include "base/aside.h"
#include "base/result.h"

#include <stdbool.h>
#include <stdint.h>

enum { SEGMENT_NAME = 24 };

/* "segment-0000000042" */
void segment_name(uint32_t number, char out[SEGMENT_NAME]);

/* Adds the numbers of all files in the folder that are named like segments but with this prefix of
 * eight letters, in no order; freed by mem_free. Other files are not looked at. */
MUST_USE enum result segment_list(int folder, const char *prefix, uint32_t **number, size_t *count);

/* A new file of `size` bytes under this name; its space is reserved but not written. What stood
 * there goes first and is not written over: a sync of it may have failed. RESULT_FULL: there is no
 * such file. */
MUST_USE enum result segment_create(int folder, const char *name, uint64_t size, int *fd);

/* Zeros behind the file's present end, `size`, up to `to`. RESULT_FULL: it is as long as before. */
MUST_USE enum result segment_extend(int fd, uint64_t size, uint64_t to);

/* Gives a file its segment's name and syncs the folder. */
MUST_USE enum result segment_place(int folder, const char *from, uint32_t number);

/*
 * Segments of the future: files of zeros, or of earlier segments, synced. Those that are complete
 * are named "spare-1", "spare-2" and so on; one more is being made, by a thread aside as long as
 * the disk has room.
 */
struct reserve {
    int folder;          /* that they lie in */
    uint32_t size;       /* of a whole one */
    uint32_t most;       /* complete ones that are made; there may be more, of earlier segments */
    uint32_t ready;      /* that there are */
    bool full;           /* the disk had no room for one: it is asked again at once, in commits */
    struct aside *aside; /* NULL: what is made is made at once; others may use it too */

    bool is_making;     /* these belong to the thread until that is done: */
    int fd;             /* of the one being made; -1: none begun */
    uint32_t zeroed;    /* bytes written to it so far, */
    uint32_t to;        /* and to be written */
    enum result result; /* of that */
    int error;          /* errno with it */
};

/* Takes over the complete ones that an earlier process left: it synced each before it named it so.
 * Others go, also those with sectors of a segment behind `newest`, the last one of the journal: it
 * is a copy of an older state, or begins anew. */
MUST_USE enum result reserve_open(struct reserve *r, uint32_t newest);
void reserve_close(struct reserve *r);

/* Makes the next one unless there are enough, aside; or at once, and then by at least `bytes`.
 * Syncs and names it when it is complete. RESULT_FULL: the disk has no room to go on. What failed
 * aside is told by the next call. */
MUST_USE enum result reserve_advance(struct reserve *r, uint32_t bytes);

/* The name under which a segment's file is set aside, before it becomes a spare one; and that. */
extern const char reserve_retired[];
MUST_USE enum result reserve_keep_retired(struct reserve *r);

/* Whether a segment's file can be one, and one more is wanted beside those that are made. */
bool reserve_wants(const struct reserve *r, const char *name, uint32_t beside);

/* Hands a complete one over under this name, which is not synced; makes one when there is none. */
MUST_USE enum result reserve_take(struct reserve *r, const char *name, int *fd);

#endif

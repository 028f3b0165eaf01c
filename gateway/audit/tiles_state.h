/* The log being written, shared by its files. Inside audit/ only. */
#ifndef FEDGATE_AUDIT_TILES_STATE_H
#define FEDGATE_AUDIT_TILES_STATE_H

#include "audit/note.h"
#include "audit/tile_file.h"
#include "audit/tower.h"

#define SETTLED_FILE   "settled"
#define SETTLED_ORIGIN "fedgate-settled-v1"

/* A file that found no room on the disk, kept until there is some. */
struct waiting {
    struct waiting *next;
    char path[TILE_PATH];
    size_t n;
    uint8_t content[];
};

struct tiles {
    int folder;
    struct hasher *hasher;
    struct tower tower;
    struct buf bundle;  /* the entries of the last, partial bundle */
    struct buf facts;   /* those about them (facts.c) */
    uint64_t settled;   /* size on the disk */
    uint64_t published; /* size of the checkpoint */
    enum result failed; /* RESULT_OK, or what ended all writing */
    struct waiting *waiting;
};

/* The checkpoint that a note holds, whoever signed it; its origin is a view into the note. */
MUST_USE enum result tiles_checkpoint_of(struct bytes note, struct checkpoint *c);

/* ---- facts.c */

/* Reads the facts of the last, partial bundle, whose entries are there already. RESULT_DAMAGED with
 * `why` when one is missing that an entry is committed to. */
MUST_USE enum result facts_open(struct tiles *t, char *why, size_t n);

/* A file of entries that is full: on the disk, or waiting for room there. */
MUST_USE enum result tiles_full_file(const struct tiles *t, int level, uint64_t number,
                                     struct buf *out);

#endif

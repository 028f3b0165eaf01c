/* The log being written, shared by its files. Inside audit/ only. */
#ifndef FEDGATE_AUDIT_TILES_STATE_H
#define FEDGATE_AUDIT_TILES_STATE_H

#include "audit/note.h"
#include "audit/tile_file.h"
#include "audit/tower.h"
#include "base/aside.h"

#define SETTLED_FILE   "settled"
#define SETTLED_ORIGIN "fedgate-settled-v1"

/* A file on its way to the disk. */
struct waiting {
    struct waiting *next;
    char path[TILE_PATH];
    size_t n;
    uint8_t content[];
};

/* What is written at one go, aside: until it is done it belongs to that thread, but for the files'
 * content, which nobody changes. */
struct writing {
    int folder;
    struct waiting *full, *partial; /* tiles */
    const struct waiting *left;     /* of the full ones, the first that is not written */
    bool settles;                   /* writes the partial ones too, and syncs all; */
    bool settled;                   /* and did */
    uint64_t before, size;          /* of what is settled: so far, and by this */
    struct buf text;                /* of the file `settled` */
    struct buf note;                /* published then; empty: none */
    enum result result;
};

/* The full bundle in which an entry was looked for last, and its hashes, as the tree has them. */
struct looked {
    bool there;
    uint64_t number;
    struct buf bundle;
    struct tree_hash hash[TILE_WIDTH];
};

struct tiles {
    int folder;
    struct aside *aside; /* NULL: files are written at once */
    struct hasher *hasher;
    struct tower tower;
    struct buf bundle;       /* the entries of the last, partial bundle */
    struct buf facts;        /* those about them (facts.c) */
    struct looked looked;    /* of the full ones */
    uint64_t settled;        /* size on the disk */
    uint64_t published;      /* size of the checkpoint */
    enum result failed;      /* RESULT_OK, or what ended all writing */
    struct waiting *waiting; /* full tiles */
    bool is_writing;
    struct writing writing;
};

/* ---- tiles_write.c */

/* A full tile: kept, until what is kept is written, at once or when nothing else is. When the disk
 * has no room, it stays. */
void tiles_keep_full(struct tiles *t, int level, uint64_t number, struct bytes content);
void tiles_write_full(struct tiles *t);

/* Ends all writing, and frees what it has not come to. */
void tiles_stop_writing(struct tiles *t);

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

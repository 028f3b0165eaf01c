/*
 * The two files that SQLite gets, and nothing else of the file system: they are open before, and
 * whatever name SQLite asks for is one of them or cannot be opened. Every page has a checksum, so
 * that what a disk changed is noticed. Inside search/ only.
 */
#ifndef FEDGATE_SEARCH_FILES_H
#define FEDGATE_SEARCH_FILES_H

#include "base/result.h"

#include <sqlite3.h>

enum { FILES_PAGE = 4096, FILES_SUM = 8 /* bytes at a page's end, that SQLite leaves free */ };

struct files {
    int data, journal; /* -1: none */
    char name[32];
    sqlite3_vfs vfs;
};

/* Opens both in this folder, making what is missing, for this process alone. RESULT_EXISTS when
 * another has them; RESULT_FULL, RESULT_IO. */
MUST_USE enum result files_open(struct files *f, int folder);
void files_close(struct files *f);

/* Bytes of the data. */
sqlite3_int64 files_size(const struct files *f);

/* Nothing is left in either. */
MUST_USE enum result files_empty(const struct files *f);

/* What is written is on the disk. */
MUST_USE enum result files_sync(const struct files *f);

/* Opens SQLite on them. A result of SQLite's. */
int files_connect(struct files *f, sqlite3 **out);

#endif

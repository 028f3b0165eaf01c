/* The files of tiles. Inside audit/ only. */
#ifndef FEDGATE_AUDIT_TILE_FILE_H
#define FEDGATE_AUDIT_TILE_FILE_H

#include "audit/tiles.h"

/* The levels that tile_path knows as entries, and as the register's facts about them. */
enum { LEVEL_ENTRIES = -1, LEVEL_FACTS = -2 };

/* Writes the file with its folders, and begins its way to the disk; nothing is synced. RESULT_FULL,
 * RESULT_IO. */
MUST_USE enum result tile_write(int folder, const char *path, struct bytes content);

/* Removes the partial tiles of a tile that became full. */
MUST_USE enum result tile_remove_partials(int folder, int level, uint64_t number);

/* The whole file, appended. RESULT_NOT_FOUND, RESULT_TOO_LARGE past the buffer's ceiling,
 * RESULT_IO. */
MUST_USE enum result tile_read_file(int folder, const char *path, struct buf *out);

/* A tile of at least this width, appended to `out`: the partial one, or (*longer) the full one that
 * has replaced it. */
MUST_USE enum result tile_read_either(int folder, int level, uint64_t number, unsigned width,
                                      struct buf *out, bool *longer);

#endif

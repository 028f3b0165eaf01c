/*
 * The log's files in C2SP tlog-tiles form: tile/<L>/<N>[.p/<W>], tile/entries/<N>[.p/<W>],
 * checkpoint. The ledger appends here what its journal has committed; auditors and the verifier
 * read.
 */
#ifndef FEDGATE_AUDIT_TILES_H
#define FEDGATE_AUDIT_TILES_H

#include "audit/tree.h"
#include "base/aside.h"
#include "base/buf.h"

enum {
    TILE_WIDTH = 256,
    TILE_PATH = 96,
    TILE_BUNDLE_MAX = TILE_WIDTH * (2 + 65535), /* bytes of an entry bundle */
    FACT_RECORD_MAX = 20 << 10,                 /* a sealed fact with what it takes to open it */
    FACT_BUNDLE_MAX = TILE_WIDTH * (3 + FACT_RECORD_MAX)
};

/* "tile/2/x001/067.p/12": level -1 is entries, -2 the register; width 0 means a full tile. */
void tile_path(int level, uint64_t number, unsigned width, char out[TILE_PATH]);

/* The opposite: false when the text is no path that a tile of a log can have. */
bool tile_path_read(struct bytes text, int *level, uint64_t *number, unsigned *width);

/* ---- writing: the ledger
 *
 * Beside each bundle of entries may stand what is kept of them apart from the log, sealed: the
 * register's facts, register/<N>[.p/<W>]. They are no part of the tree; their entries hold
 * commitments over them, so one that is missing is noticed. Settled together with the entries. */
struct tiles;

/*
 * Opens the log in a folder (empty for a new log) and reads its right edge. The size is that of
 * what was settled last; entries above it come again from the journal. RESULT_DAMAGED when files
 * contradict each other or are missing, with `why` (of n characters) filled; RESULT_IO. The
 * folder's descriptor stays the caller's.
 */
MUST_USE enum result tiles_open(int folder, struct tiles **out, char *why, size_t n);
void tiles_close(struct tiles *t);

/* The number of entries appended so far, settled or not. */
uint64_t tiles_size(const struct tiles *t);

/* How many of them are settled. */
uint64_t tiles_settled(const struct tiles *t);

/* From now on files are written by this thread (base/aside.h), which stays the caller's and does
 * nothing else; NULL, and before: at once. */
void tiles_write_aside(struct tiles *t, struct aside *aside);

/* Whether nothing is under way there, and until then. */
bool tiles_are_written(struct tiles *t);
void tiles_wait(struct tiles *t);

/* Appends an entry with the next index. What fills a tile is written soon, the rest is kept for
 * tiles_settle, which also tells what went wrong here. */
void tiles_append(struct tiles *t, struct bytes entry);

/* A fact of the entry that is appended next, at most FACT_RECORD_MAX bytes, not empty. */
void tiles_append_fact(struct tiles *t, struct bytes fact);

/* Hands every fact about the entries `from` to before `to` to `each`, in order; a result other than
 * RESULT_OK from it ends the reading with that result. RESULT_MALFORMED, RESULT_IO. */
MUST_USE enum result
tiles_each_fact(const struct tiles *t, uint64_t from, uint64_t to,
                enum result (*each)(void *arg, uint64_t index, struct bytes fact), void *arg);

/*
 * Writes the rest of what changed and syncs it, so that a checkpoint over the present size can be
 * published and the journal need not keep the entries; partial tiles that became full are removed
 * (tlog-tiles, Partial Tiles). RESULT_FULL: nothing is lost, call again when the disk has room.
 * RESULT_IO as in journal.h. It syncs the whole file system, which should be the data's own. It
 * waits, also for what is under way.
 */
MUST_USE enum result tiles_settle(struct tiles *t);

/* The entry with this index, settled or not, appended to `out`: it is what the tree has.
 * RESULT_NOT_FOUND past the size, or when its bundle was let go; RESULT_MISMATCH for files that
 * hold something else; RESULT_MALFORMED, RESULT_IO. */
MUST_USE enum result tiles_entry(struct tiles *t, uint64_t index, struct buf *out);

/* Bundles were let go: none of their entries is left in memory. */
void tiles_forget_looked(struct tiles *t);

/* The root over all entries appended. */
struct tree_hash tiles_root(struct tiles *t);

/* Replaces the published checkpoint atomically (write, sync, rename, sync the folder). RESULT_STATE
 * when it covers more than is settled or less than the one before; RESULT_MALFORMED, RESULT_FULL,
 * RESULT_IO. */
MUST_USE enum result tiles_publish(struct tiles *t, struct bytes note);

/*
 * Both, aside, for a note over the present size: tiles_end_publishing tells what became of it,
 * once, and RESULT_AGAIN until then. What is under way is waited for. Results as those of the two.
 */
MUST_USE enum result tiles_begin_publishing(struct tiles *t, struct bytes note);
MUST_USE enum result tiles_end_publishing(struct tiles *t);

/* ---- reading: anyone */

/* A hash tile or an entry bundle, appended to `out`. RESULT_NOT_FOUND, RESULT_TOO_LARGE past the
 * buffer's ceiling, RESULT_IO. */
MUST_USE enum result tiles_read(int folder, int level, uint64_t number, unsigned width,
                                struct buf *out);

/* Hands every entry of a log of this size to `each`, in order; a result other than RESULT_OK from
 * it ends the reading with that result. RESULT_NOT_FOUND, RESULT_MALFORMED, RESULT_IO. */
MUST_USE enum result tiles_each(int folder, uint64_t size,
                                enum result (*each)(void *arg, uint64_t index, struct bytes entry),
                                void *arg);

/* The same for the one bundle that has this entry. */
MUST_USE enum result
tiles_each_of(int folder, uint64_t size, uint64_t index,
              enum result (*each)(void *arg, uint64_t index, struct bytes entry), void *arg);

/* The same for a copy that lacks the bundles of some time, but not their hashes: they are passed
 * over, and their entries counted in *absent. */
MUST_USE enum result tiles_each_there(int folder, uint64_t size,
                                      enum result (*each)(void *arg, uint64_t index,
                                                          struct bytes entry),
                                      void *arg, uint64_t *absent);

/* The published checkpoint. */
MUST_USE enum result tiles_read_checkpoint(int folder, struct buf *out);

#endif

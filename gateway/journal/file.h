/* Whole reads and writes at a place, and what has to be synced so that a name or a file is there
 * after a power cut. */
#ifndef FEDGATE_JOURNAL_FILE_H
#define FEDGATE_JOURNAL_FILE_H

#include "base/bytes.h"
#include "base/result.h"

/* What the present errno means: RESULT_FULL (no space, quota), RESULT_NOT_FOUND, else RESULT_IO. */
enum result file_result(void);

/* All of `b` at offset `at`. */
MUST_USE enum result file_write(int fd, uint64_t at, struct bytes b);

/* Up to `n` bytes from offset `at`; *got is less only at the end of the file. */
MUST_USE enum result file_read(int fd, uint64_t at, void *to, size_t n, size_t *got);

/* Zeros from offset `from` up to `to`, and their writing to the disk begun. RESULT_FULL. */
MUST_USE enum result file_zero(int fd, uint64_t from, uint64_t to);

/* The same past the page cache, where the file system can, and where the places are a multiple of
 * 4096: nobody will read them. */
MUST_USE enum result file_zero_ahead(int fd, uint64_t from, uint64_t to);

MUST_USE enum result file_size(int fd, uint64_t *size);

/* fdatasync and fsync of a folder, each once: after a failure the process ends (journal.h). */
MUST_USE enum result file_sync(int fd);
MUST_USE enum result folder_sync(int folder);

/* Puts a file of this name and content in place of what was there, at once and for good: whatever
 * happens, the name stands for the old content or the new. */
MUST_USE enum result file_replace(int folder, const char *name, struct bytes content);

/* The same, and what was there before is overwritten with zeros, on disk, before this answers. What
 * a crash in between leaves stands beside it until the next call, or file_erase_left. */
MUST_USE enum result file_replace_erasing(int folder, const char *name, struct bytes content);
MUST_USE enum result file_erase_left(int folder, const char *name);

#endif

/* The files of a log, as the gateway writes them (audit/tiles.h), under a checkpoint of a key made
 * for the bench. Whatever fails ends the program. */
#ifndef FEDGATE_BENCH_SEARCH_FILES_H
#define FEDGATE_BENCH_SEARCH_FILES_H

#include "base/bytes.h"

struct tiles;

struct tiles *files_begin(int folder);
void files_end(struct tiles *t, const char *origin); /* publishes, closes */

#endif

/* Counts what a program and its libraries allocate: linked in, it stands before the C library's
 * malloc, calloc and realloc. For programs with one thread. */
#ifndef FEDGATE_BENCH_ALLOCATIONS_H
#define FEDGATE_BENCH_ALLOCATIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Since the program began. */
size_t allocations_count(void);

/* From now on the callers of each are kept (it takes time), or no longer. */
void allocations_trace(bool on);

/* What was kept, on standard output: a line for each way to an allocation, how often, then the
 * callers as offsets into the program, nearest first. */
void allocations_print(void);

#endif

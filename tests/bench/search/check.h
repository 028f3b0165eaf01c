/* Whatever fails ends the program. */
#ifndef FEDGATE_BENCH_SEARCH_CHECK_H
#define FEDGATE_BENCH_SEARCH_CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static inline void check(bool good, const char *what)
{
    if (good)
        return;
    (void)fprintf(stderr, "measure: %s\n", what);
    exit(1);
}

#endif

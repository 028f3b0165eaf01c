/* Whatever goes wrong ends the program with a message: a benchmark has nothing to save. */
#ifndef FEDGATE_BENCH_FAIL_H
#define FEDGATE_BENCH_FAIL_H

#include "base/attr.h"

NORETURN void load_fail(const char *format, ...) PRINTF_LIKE(1, 2);

#endif

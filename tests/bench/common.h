/* What the programs of the benchmark have in common. Whatever goes wrong ends them with a message:
 * a benchmark has nothing to save. */
#ifndef FEDGATE_BENCH_COMMON_H
#define FEDGATE_BENCH_COMMON_H

#include "base/attr.h"

#include <stdbool.h>
#include <stdint.h>

NORETURN void load_fail(const char *format, ...) PRINTF_LIKE(1, 2);

int64_t load_now_ns(void);  /* steady */
int64_t load_wall_us(void); /* for the times in messages */

/* "PKI/NAMEEND", into one of the caller's arrays of LOAD_PATH characters. */
enum { LOAD_PATH = 512 };
const char *load_path(const char *pki, const char *name, const char *end, char *out);

/* Files of a unit in a PKI, and the root of the gateway's. */
struct load_files {
    char certificate[LOAD_PATH], key[LOAD_PATH], root[LOAD_PATH];
};
void load_files(const char *pki, const char *unit, struct load_files *out);

/* A number above 0 (or 0) of a command line. */
uint64_t load_number(const char *text);

/* Says a line on standard output at once; waits for one on standard input, false at its end. */
void load_say(const char *line);
bool load_await_line(void);

#endif

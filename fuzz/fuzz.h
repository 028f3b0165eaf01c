/* What the harnesses share. Each is one file that defines LLVMFuzzerTestOneInput over pure
 * functions; README.md says how they are built and run. */
#ifndef FEDGATE_FUZZ_FUZZ_H
#define FEDGATE_FUZZ_FUZZ_H

#include "base/attr.h"
#include "base/bytes.h"
#include "base/cursor.h"

/* The entry point that libFuzzer, AFL++ and replay.c have in common. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for every input; where it does not, the process aborts and the fuzzer keeps the
 * input. */
#define HOLDS(condition)                                                                           \
    ((condition) ? (void)0 : fuzz_fails(#condition, __FILE__, (unsigned)__LINE__))
NORETURN void fuzz_fails(const char *condition, const char *file, unsigned line);

/* A choice that the input makes: its next byte or two, or 0 at its end. */
uint8_t fuzz_byte(struct cursor *in);
uint16_t fuzz_u16(struct cursor *in);

/* The next piece of the input: a length of one byte, and as much of that as there is. */
struct bytes fuzz_piece(struct cursor *in);

/* The time that every harness lives in: 2026-11-21T12:00:00Z. */
#define FUZZ_NOW_US INT64_C(1795262400000000)

/* What messages are checked with (struct check_limits): Daejeon, and its week. */
#define FUZZ_LIMITS                                                                                \
    {                                                                                              \
        FUZZ_NOW_US, {{36.183, 127.246}, {36.501, 127.560}}, LIMIT_ID_WINDOW, 0                    \
    }

/* A folder of this process for those formats that are read from files: kept from input to input,
 * gone at the end. Made in $TMPDIR, which should not be a disk. */
int fuzz_folder(void);

/* A folder below it with nothing in it; the descriptor is the caller's. */
int fuzz_folder_empty(const char *name);

/* Makes a folder below, unless it is there. */
void fuzz_folder_make(int folder, const char *path);

/* The whole file, in place of what was there; and its content, to be freed by mem_free. p is NULL
 * when there is no such file. */
void fuzz_file_write(int folder, const char *path, struct bytes content);
struct bytes fuzz_file_read(int folder, const char *path);
void fuzz_file_remove(int folder, const char *path);

#endif

/*
 * Closing the door: what a process can still do once it has what it needs. Applied before any byte
 * of a peer is read. It fails closed, but for a kernel without Landlock; the attained level is
 * told, for the log.
 */
#ifndef FEDGATE_SANDBOX_SANDBOX_H
#define FEDGATE_SANDBOX_SANDBOX_H

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>

/* A folder, open, in which files may still be opened. */
struct sandbox_folder {
    int fd;
    bool write; /* create, change and remove too */
};

struct sandbox_level {
    int landlock;   /* version of Landlock in force; 0: the kernel has none */
    unsigned calls; /* system calls that are permitted; 0: no filter, for a sanitizer is built in */
    bool locks;     /* secrets can be kept from swap */
};

/* Groups of system calls (sandbox/calls.def), bits of a set. */
enum sandbox_group_number {
#define GROUP(NAME, text) SANDBOX_NUMBER_##NAME,
#include "sandbox/calls.def"
    SANDBOX_GROUPS
};
enum sandbox_group {
#define GROUP(NAME, text) SANDBOX_##NAME = 1 << SANDBOX_NUMBER_##NAME,
#include "sandbox/calls.def"
};

/* The version of Landlock that this kernel has; 0: none. */
int sandbox_landlock(void);

/* Whether so many bytes of memory may be locked (RLIMIT_MEMLOCK), in this process as in those that
 * it starts. */
bool sandbox_can_lock(size_t bytes);

/* For the whole process, for ever, and before it takes a secret: no new privileges, no core dump,
 * not traceable by others of the same user. RESULT_IO when the kernel refuses. */
MUST_USE enum result sandbox_hide(void);

/* For the whole process, for ever, after sandbox_hide: no file but those below the folders given,
 * and those that are open. RESULT_IO when the kernel refuses something that it has. */
MUST_USE enum result sandbox_enter(const struct sandbox_folder *folder, unsigned folders,
                                   struct sandbox_level *level);

/* For the whole process, for ever, after sandbox_hide: no system call but those of `groups` and of
 * BASE. Any other ends the process with SIGSYS. RESULT_IO when the kernel refuses. */
MUST_USE enum result sandbox_limit(unsigned groups, struct sandbox_level *level);

/* For the whole process and all that it starts, for ever, after sandbox_hide: none of the calls
 * that nothing here needs (FORBIDDEN of calls.def); each ends the process with SIGSYS. RESULT_IO
 * when the kernel refuses. */
MUST_USE enum result sandbox_forbid(void);

#endif

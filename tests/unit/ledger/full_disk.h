/* A disk on which no segment gets its space while a test says so. In one file of a program only. */
#ifndef FEDGATE_TESTS_LEDGER_FULL_DISK_H
#define FEDGATE_TESTS_LEDGER_FULL_DISK_H

#include "support.h"

#include <errno.h>
#include <sys/syscall.h>

static bool disk_is_full;

int fallocate(int fd, int mode, off_t at, off_t n)
{
    errno = ENOSPC;
    return disk_is_full ? -1 : (int)syscall(SYS_fallocate, fd, mode, at, n);
}

/* From here on the ledger has no room for a message of so many bytes. */
static inline void fill_disk(struct bench *b, size_t bytes)
{
    disk_is_full = true;
    while (ledger_has_room(b->l, bytes)) {
        struct leaf leaf = {.event = AUDIT_GATEWAY_STARTED};
        assert_int_equal(ledger_leaf(b->l, &leaf, NULL), RESULT_OK);
        turn(b);
    }
    forget_said(b);
}

/* Somebody made room: the next commit finds it. */
static inline void free_disk(struct bench *b)
{
    disk_is_full = false;
    assert_int_equal(ledger_commit(b->l), RESULT_OK);
    assert_true(ledger_has_room(b->l, 0));
}

#endif

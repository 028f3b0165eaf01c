/* A program in place of the gateway's own, for children that only have to be there. */
#ifndef FEDGATE_TESTS_PROCESS_PROGRAM_H
#define FEDGATE_TESTS_PROCESS_PROGRAM_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A script of this text; unlinked by the caller. */
static inline void program_write(char path[64], const char *text)
{
    (void)snprintf(path, 64, "/tmp/fedgate-program-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    assert_int_equal(fchmod(fd, 0700), 0);
    (void)close(fd);
}

#endif

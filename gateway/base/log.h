/*
 * The diagnostics log: one line a fact, for operators. Nothing personal and no payload ever goes
 * in: write names of parties, kinds, counts, reasons and positions in files, never a value that
 * came in a message body.
 *
 *   2026-11-21T10:00:00.000+09:00 edge[712] warning session-refused peer=192.0.2.7
 * reason=certificate-expired
 */
#ifndef FEDGATE_BASE_LOG_H
#define FEDGATE_BASE_LOG_H

#include "base/attr.h"
#include "base/clock.h"

/* How bad it is, in the sense of what follows from it. */
enum log_level {
    LOG_DETAIL,  /* for finding a fault; off by default */
    LOG_NOTE,    /* a thing an operator likes to see once */
    LOG_WARNING, /* something is wrong, the gateway goes on */
    LOG_ALARM,   /* a person has to act */
    LOG_FATAL    /* this process ends now, and recovers from disk */
};

struct log {
    const char *role; /* static */
    int fd;           /* -1: say nothing */
    enum log_level least;
    struct clock clock;
};

/* `event` is a fixed word with hyphens; then key=value pairs, values with blanks in double quotes.
 * Control characters are replaced by '?'. A line for which the reader has
 * no room is lost: this never waits. A NULL log says nothing. */
void log_line(const struct log *log, enum log_level level, const char *event, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

#endif

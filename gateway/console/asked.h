/* What was asked of the log, how much of it was read for that, and what was not there. Inside
 * console/ only. */
#ifndef FEDGATE_CONSOLE_ASKED_H
#define FEDGATE_CONSOLE_ASKED_H

#include "console/inquiry.h"
#include "console/web.h"

struct asked {
    struct inquiry *inquiry;
    char argument[INQUIRY_ARGUMENT_MAX + 1];
    int64_t from_us, until_us;
    uint64_t size; /* of the log */
};

/* A table above the answer: what a print of it has to say. */
void asked_put(const struct asked *a, struct web_call *w);

/* Files say it of each table, behind its rows: how much was read in any case, what was not there
 * when there is something. */
void asked_count(const struct asked *a, bool korean, struct report_table *t);

#endif

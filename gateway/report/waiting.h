/*
 * What waits for officers, and what officers did that stands: a line of a control list
 * (ipc/control.h) in words of both languages, for terminals and pages alike. Envelope facts only.
 */
#ifndef FEDGATE_REPORT_WAITING_H
#define FEDGATE_REPORT_WAITING_H

#include "ipc/control.h"

enum waiting_column {
    WAITING_SUBJECT,
    WAITING_RECEIVED,
    WAITING_DUE,
    WAITING_FROM,
    WAITING_TO,
    WAITING_KIND,
    WAITING_STATUS,
    WAITING_CLAUSE,
    WAITING_PERSONS,
    WAITING_SINCE,
    WAITING_OFFICER,
    WAITING_REASON,
    WAITING_NUMBER,
    WAITING_REQUESTER,
    WAITING_STANDS,
    WAITING_COLUMNS
};

/* The columns of a list: cases (road_case_kind), CONTROL_SUSPENSIONS, CONTROL_HOLDS,
 * CONTROL_REQUESTS. Their count. */
size_t waiting_columns(unsigned list, const enum waiting_column **out);
const char *waiting_heading(enum waiting_column c, bool korean);

/* Appends what an item has there. Times are Korean, in RFC 3339. */
void waiting_put(const struct control_item *i, enum waiting_column c, bool korean, struct buf *out);

/* All that is known of one, row by row; what is empty is left out. `value` is valid during the
 * call. */
void waiting_each(const struct control_item *i, unsigned list, bool korean,
                  void (*row)(void *arg, const char *name, struct bytes value), void *arg);

#endif

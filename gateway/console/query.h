/* application/x-www-form-urlencoded (URL Standard, 5.1), of a query or a small form: bounded, and
 * with a name for what is wrong. */
#ifndef FEDGATE_CONSOLE_QUERY_H
#define FEDGATE_CONSOLE_QUERY_H

#include "base/buf.h"

enum { QUERY_PAIRS_MAX = 32, QUERY_BYTES_MAX = 64 << 10 };

enum query_fault {
    QUERY_GOOD,
    QUERY_TOO_LONG,
    QUERY_TOO_MANY,   /* pairs */
    QUERY_BAD_ESCAPE, /* "%" without two hexadecimal digits */
    QUERY_NOT_TEXT,   /* no UTF-8, or with a NUL */
    QUERY_TWICE       /* a name that came before */
};

struct query_pair {
    struct bytes name, value; /* views into `text` */
};

struct query {
    struct buf text; /* decoded */
    struct query_pair pair[QUERY_PAIRS_MAX];
    size_t pairs;
};

/* Fills `out`, which query_free frees whatever came of it. A value that is empty counts as one that
 * is not there. */
enum query_fault query_read(struct bytes text, struct query *out);
void query_free(struct query *q); /* wipes */

/* The value, blanks around it left out; empty when there is none. */
struct bytes query_get(const struct query *q, const char *name);

/* Appends a value as it may stand in a query or a path's part. */
void query_escape(struct buf *out, struct bytes text);

/* Appends "&name=value", the value escaped ("?" instead of "&" when `out` has none yet); nothing
 * for an empty value. */
void query_put(struct buf *out, const char *name, struct bytes value);

#endif

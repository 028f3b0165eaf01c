/*
 * The parts of a form with files (multipart/form-data, RFC 7578), as browsers send it. Nothing is
 * copied, nothing is decoded: views into the body.
 */
#ifndef FEDGATE_CONSOLE_MULTIPART_H
#define FEDGATE_CONSOLE_MULTIPART_H

#include "base/bytes.h"
#include "base/result.h"

enum { MULTIPART_BOUNDARY_MAX = 70 }; /* RFC 2046, 5.1.1 */

/* Where reading stands. */
struct multipart {
    struct bytes rest;
    char mark[MULTIPART_BOUNDARY_MAX + 5]; /* "\r\n--" and the boundary */
    size_t n;
};

struct multipart_part {
    struct bytes name, file; /* of the field; that the file had, or empty */
    struct bytes value;
};

/* By the boundary with which the body begins. RESULT_MALFORMED: it is no such form. The body
 * outlives it. */
MUST_USE enum result multipart_begin(struct multipart *m, struct bytes body);

/* The next part. RESULT_END behind the last, RESULT_MALFORMED. */
MUST_USE enum result multipart_next(struct multipart *m, struct multipart_part *out);

/* The value of the first part with this name, to which `m` is read; RESULT_NOT_FOUND,
 * RESULT_MALFORMED. `m` stays. */
MUST_USE enum result multipart_get(const struct multipart *m, const char *name,
                                   struct bytes *value);

#endif

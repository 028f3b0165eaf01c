/*
 * Visits: who has stated what for he looks at records, under a random id that the browser keeps in
 * a cookie until it is closed. In memory alone, bound to the certificate, for an hour.
 */
#ifndef FEDGATE_CONSOLE_VISIT_H
#define FEDGATE_CONSOLE_VISIT_H

#include "base/buf.h"

enum {
    VISIT_ID = 32,         /* bytes, random */
    VISITS_MAX = 512,      /* then the oldest goes; */
    VISITS_OF_ONE = 4,     /* of one certificate, before any of another's */
    VISIT_REASON_MAX = 500 /* characters, as of officers' acts */
};

#define VISIT_COOKIE "visit"
#define VISIT_TIME   US_PER_HOUR

struct visit {
    uint8_t id[VISIT_ID], certificate[32];
    int64_t until_us; /* steady */
    struct bytes reason;
    void *own; /* what else is kept for it, freed by `drop` */
    void (*drop)(void *own);
    struct visit *next;
};

struct visits;
struct visits *visits_new(void);
void visits_free(struct visits *v); /* wipes; accepts NULL */

/* Whether that may be stated: a line of 1 to 500 characters, none of which misleads. */
bool visit_reason_is_good(struct bytes reason);

/* A new one, for this certificate. */
struct visit *visit_begin(struct visits *v, const uint8_t certificate[32], struct bytes reason,
                          int64_t now_us);

/* The visit whose id stands in the value of a Cookie header, if it is this certificate's and not
 * over; or NULL. */
struct visit *visit_find(struct visits *v, struct bytes cookie, const uint8_t certificate[32],
                         int64_t now_us);

/* The value of a cookie's field, appended: "visit=...; Secure; ...". */
void visit_cookie(const struct visit *v, struct buf *out);

/* What else is kept for each visit for which something is. */
void visits_each(const struct visits *v, void (*take)(const void *own, void *arg), void *arg);

/* Forgets what is over. */
void visits_turn(struct visits *v, int64_t now_us);

#endif

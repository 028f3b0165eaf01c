/*
 * /metrics for whoever is on this machine: plain HTTP/1 on a socket of 127.0.0.1 or [::1], one
 * request a connection, answered by the page that units get (pages.h). Nothing else is shown there,
 * and nobody is known who could be on record. Off unless the settings say metrics_listen. Inside
 * process/ only.
 */
#ifndef FEDGATE_PROCESS_SCRAPES_H
#define FEDGATE_PROCESS_SCRAPES_H

#include "base/log.h"
#include "net/loop.h"
#include "process/pages.h"

struct scrapes;

enum {
    SCRAPES_OPEN = 8, /* connections at once; more are closed as they come, */
    SCRAPES_MOST = 30,
    SCRAPES_A_SECOND = 5,      /* as are those beyond so many at once, and a second */
    SCRAPES_REQUEST_MAX = 8192 /* bytes of a request's head */
};

/* How long one may take, from its beginning to its end: the ledger has ten seconds of that. */
#define SCRAPES_WITHIN (20 * US_PER_S)

/* Over a listening, non-blocking socket, which stays the caller's, as all else does. -1: nobody is
 * answered, and it is NULL. */
struct scrapes *scrapes_new(struct loop *loop, const struct log *log, int listener,
                            struct pages *pages);

/* Ends all connections; before the pages. Accepts NULL. */
void scrapes_free(struct scrapes *s);

#endif

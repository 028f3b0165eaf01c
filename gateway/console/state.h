/* The console's own state. Inside console/ only, and not for pages. */
#ifndef FEDGATE_CONSOLE_STATE_H
#define FEDGATE_CONSOLE_STATE_H

#include "console/assets.h"
#include "console/leaves.h"
#include "console/metrics.h"
#include "console/now.h"
#include "console/sets.h"
#include "console/web.h"

/* The ledger's time to answer, or to record a view. */
#define LEDGER_WITHIN (10 * US_PER_S)

/* A question to the ledger that is under way. */
struct console_asked {
    uint64_t ticket;
    int64_t until_us; /* steady: then nobody waits any more */
    void (*said)(void *arg, struct bytes answer);
    void *arg;
    struct console_asked *next;
};

struct console {
    struct console_config config;
    const struct policy *policy;
    struct visits *visits;
    struct assets *assets;
    struct leaves *leaves;
    struct now *now;
    struct metrics *metrics;
    struct web_call *call;
    struct sets *sets;
    unsigned jobs;      /* long readings of the log under way (asking.c) */
    size_t calls, live; /* of them streams of events */
    size_t bodies;      /* bytes of large ones: those that calls hold as `large` */
    struct console_asked *asked;
    uint64_t tickets;
    bool index_is_its;       /* the log's: a slice has gone through to its end */
    enum result index_fault; /* of the last slice, told once */
};

/* What the calls of one unit hold together: nobody has all of what there is for all. */
struct console_share {
    size_t calls;
    size_t live;   /* streams of events */
    size_t jobs;   /* long readings of the log */
    size_t bodies; /* bytes of large ones */
};
struct console_share console_share_of(const struct console *c, struct bytes unit);

int64_t console_now(const struct console *c); /* steady */
int64_t console_wall(const struct console *c);

/* Whether the index has this many entries, once it took for a slice what the log has more. */
bool console_caught_up(struct console *c, uint64_t size);

/* dispatch.c: finds the page and judges whether this visitor gets it; makes it once the body is
 * whole. */
void dispatch_head(struct web_call *w, const struct web_request *r);
void dispatch_body(struct web_call *w);

/* answer.c */
void answer_viewed(struct web_call *w, bool done);
void answer_file(struct web_call *w, const char *type, struct bytes content); /* an asset */

/* layout.c */
void layout_begin(struct web_call *w, struct bytes title);
void layout_end(struct web_call *w);

#endif

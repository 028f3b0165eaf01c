/* The index while it is behind the log: pages wait for it, or say so. What the log got a moment ago
 * is not in it yet; it is there soon, unless the index is built. Inside console/ only. */
#ifndef FEDGATE_CONSOLE_INDEX_H
#define FEDGATE_CONSOLE_INDEX_H

#include "console/web.h"

#define INDEX_LOOK_US (US_PER_S / 100)

struct index_wait {
    uint64_t size;    /* of the log, as it was asked for */
    int64_t until_us; /* steady */
};

struct index_wait index_wait_begin(const struct web_call *w);

/* RESULT_OK: the index has all of it; RESULT_AGAIN: look again in INDEX_LOOK_US;
 * RESULT_UNAVAILABLE: there is none, or it stays behind. */
MUST_USE enum result index_wait_look(const struct web_call *w, const struct index_wait *i);

/* Whether it is more behind than it is while it follows: what is not found may be there. */
bool index_is_behind(const struct web_call *w);

/* Says how far it is; that there is none. */
void index_put_progress(struct web_call *w);

#endif

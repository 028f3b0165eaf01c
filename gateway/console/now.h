/*
 * How the gateway stands at this moment, as ledger and edge say: asked for once for all who look,
 * at most every two seconds and only while somebody does. Inside console/ only.
 */
#ifndef FEDGATE_CONSOLE_NOW_H
#define FEDGATE_CONSOLE_NOW_H

#include "base/cursor.h"
#include "console/web.h"
#include "ipc/control.h"

/* The lists that are asked for, one after the other. */
enum now_list {
    NOW_LEDGER,
    NOW_EDGE,
    NOW_ROLES,
    NOW_UNITS,
    NOW_STREAMS,
    NOW_DUE,
    NOW_PARTIES,
    NOW_LISTS
};

struct now;
struct now *now_new(struct console *c);
void now_free(struct now *n); /* accepts NULL */

/* Asks anew when what there is has become old. When it was said (steady), 0: never, or the ledger
 * is away. */
int64_t now_look(struct now *n);

/* Whether an answer is on its way. */
bool now_is_asking(const struct now *n);

/* The items of a list: how many, and where they begin. False: it was not answered. */
bool now_items(const struct now *n, enum now_list list, struct cursor *items, size_t *count,
               bool *more);

/* Writes all of it as parts of a page. */
void now_put(struct web_call *w);

/* Of these: what waits in each lane; how old the checkpoint is, and what witnesses confirmed last
 * (now_ages.c). */
void now_put_lanes(struct web_call *w, const struct live_ledger *l);
void now_put_ages(struct web_call *w, const struct live_ledger *l);

/* What the log says: which witnesses are late; refusals of the last day, and what came too late
 * last (now_log.c). */
void now_put_late(struct web_call *w);
void now_put_log(struct web_call *w);

/* Whether the log's last word about this witness is that it is late. There must be an index. */
bool now_witness_is_late(struct web_call *w, struct bytes witness);

#endif

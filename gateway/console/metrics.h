/* What Prometheus asks for: gathered from the ledger's lists and the index, one question after the
 * other, at most once a second for all who ask. Inside console/ only. */
#ifndef FEDGATE_CONSOLE_METRICS_H
#define FEDGATE_CONSOLE_METRICS_H

#include "console/metric_set.h"
#include "console/web.h"
#include "ipc/control.h"

struct metrics;
struct metrics *metrics_new(struct console *c);
void metrics_free(struct metrics *m); /* accepts NULL */

/* Begins to gather when what there is has become old. */
void metrics_look(struct metrics *m);

/* Whether answers are on their way. */
bool metrics_are_asked(const struct metrics *m);

/* What was gathered last: a view until the next call of metrics_look; empty when it does not fit.
 */
struct bytes metrics_text(const struct metrics *m);

/* Whether this unit's reading is on record for this hour, and that it is now. */
bool metrics_reader_is_known(const struct metrics *m, struct bytes unit);
void metrics_reader_add(struct metrics *m, struct bytes unit);

/* ---- how it is gathered */

/* A list that the ledger is asked for. `end` is told after the last item; either may be NULL. */
struct metrics_sum {
    int64_t now_us;       /* by the wall's clock */
    uint64_t items, late; /* of the list so far; those whose time has passed */
    bool is_enough;       /* the rest of the list tells nothing more */
};
struct metrics_list {
    uint8_t list;
    enum result (*take)(struct metric_set *s, struct metrics_sum *sum, struct cursor *items,
                        struct buf *after);
    void (*end)(struct metric_set *s, const struct metrics_sum *sum);
};
const struct metrics_list *metrics_list_at(size_t i); /* metrics_live.c; NULL past the last */

/* What the log itself says (metrics_log.c). */
void metrics_put_log(struct metric_set *s, struct console *c);

#endif

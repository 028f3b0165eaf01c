#include "spool/lane.h"

#include "base/mem.h"

#include <stdlib.h>

/* Behind the one before: what came while the snapshot was written stands behind all that it holds,
 * and nearly all of those come back in order. */
void lane_restore(struct spool_queue *queue, size_t lane, struct entry *e)
{
    struct entry *before = queue->restored[lane];
    if (before == NULL)
        TAILQ_INSERT_HEAD(&queue->lane[lane], e, in_queue);
    else
        TAILQ_INSERT_AFTER(&queue->lane[lane], before, e, in_queue);
    const struct entry *next = TAILQ_NEXT(e, in_queue);
    if ((before != NULL && before->id > e->id) || (next != NULL && next->id < e->id))
        queue->disordered = true;
    queue->restored[lane] = e;
}

void lane_leave(struct spool_queue *queue, size_t lane, struct entry *e)
{
    if (queue->restored[lane] == e)
        queue->restored[lane] = TAILQ_PREV(e, entry_list, in_queue);
    TAILQ_REMOVE(&queue->lane[lane], e, in_queue);
}

static int by_number(const void *a, const void *b)
{
    const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
    return (x->id > y->id) - (x->id < y->id);
}

static void sort_lane(struct entry_list *lane)
{
    struct entry *e;
    size_t count = 0, i = 0;
    TAILQ_FOREACH (e, lane, in_queue)
        count++;
    struct entry **all = mem_new_array(count, sizeof(struct entry *));
    TAILQ_FOREACH (e, lane, in_queue)
        all[i++] = e;
    qsort(all, count, sizeof(struct entry *), by_number);
    TAILQ_INIT(lane);
    for (i = 0; i < count; i++)
        TAILQ_INSERT_TAIL(lane, all[i], in_queue);
    mem_free(all);
}

void lane_sort_all(struct spool_queue *queue)
{
    for (size_t i = 0; queue->disordered && i < SPOOL_LANES; i++)
        sort_lane(&queue->lane[i]);
    queue->disordered = false;
    memset(queue->restored, 0, sizeof queue->restored);
}

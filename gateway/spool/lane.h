/* The order of a queue's lanes while a snapshot is read again. Inside spool/ only. */
#ifndef FEDGATE_SPOOL_LANE_H
#define FEDGATE_SPOOL_LANE_H

#include "spool/queues.h"

/* Puts in an entry that comes back from a snapshot. */
void lane_restore(struct spool_queue *queue, size_t lane, struct entry *e);

/* Takes one out. */
void lane_leave(struct spool_queue *queue, size_t lane, struct entry *e);

/* All are back: brings the lanes in order if they are not. */
void lane_sort_all(struct spool_queue *queue);

#endif

/*
 * Positions of one person, of which only the newest says where that person is: deliveries that are
 * alike but for the place, in the order in which they came. Who is alike says a tag that the edge
 * makes, and no queue is mixed with another. A newer one may stand for an older one that nobody has
 * yet; it takes its place, so that a queue that never empties still brings every person's newest
 * position in turn. Derived from the journal, as queues are.
 */
#ifndef FEDGATE_SPOOL_SUCCESSION_H
#define FEDGATE_SPOOL_SUCCESSION_H

#include "spool/queues.h"

struct successions;

struct successions *successions_new(void);

/* All deliveries must have left. Accepts NULL. */
void successions_free(struct successions *s);

/* A delivery that stands in queues is one of its tag's from now on, until its recipient may have
 * it; it must leave before it is freed. */
void succession_join(struct successions *s, struct delivery *d, const uint8_t tag[ROAD_TAG]);
void succession_leave(struct successions *s, struct delivery *d); /* accepts one that joined none */

/* The tag that it joined with, or nothing. */
struct bytes succession_tag(const struct delivery *d);

/* One that nobody was offered yet and that the newest one may stand for, or NULL. */
struct delivery *succession_older(const struct delivery *newest);

/* Whether the newer one may stand for the older one, as far as records tell: no order of officers
 * keeps that, wherever it is the newer one is too, and whoever has to attend to it has to attend to
 * the newer one. */
bool succession_may(const struct delivery *older, const struct delivery *newer);

/* The newer one, which stands in its queues, waits where the older one did, under the numbers of
 * its entries. The older one is for the caller to end. succession_may. */
void succession_take_place(struct spool_queues *q, struct delivery *older, struct delivery *newer);

#endif

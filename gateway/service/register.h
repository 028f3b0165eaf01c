/*
 * What the register keeps of a message, of a delivery and of a stream: taken from the decoded
 * message, sealed under the register's key, committed in the leaf. Never whom or what a message
 * only asked about, and never a position.
 */
#ifndef FEDGATE_SERVICE_REGISTER_H
#define FEDGATE_SERVICE_REGISTER_H

#include "message/media.h"
#include "service/state.h"

/* Takes the scope that the ledger names for facts, and its key. */
MUST_USE enum result register_take_scope(struct edge *e, struct bytes body);

/* Whether facts can be sealed; without a register they need not be. Asks the keeper when it has
 * not. */
bool register_is_ready(struct edge *e);

/*
 * Seals what is kept of a message as it came in: who acted, on which evidence, under which letter,
 * what a request came to. `out` views into `room`, and is empty when there is nothing to keep.
 * RESULT_UNAVAILABLE without a key; RESULT_TOO_LARGE and the like when it cannot be a fact.
 */
MUST_USE enum result register_received(struct edge *e, const struct message *m,
                                       struct road_fact *out, struct buf *room);

/* The same of what one recipient gets: which items, of which camera, whose data, in which form. */
MUST_USE enum result register_delivered(struct edge *e, const struct message *m,
                                        struct road_fact *out, struct buf *room);

/* The same of a stream's opening, or of a watcher's: its camera, and who sends or looks at it on
 * which evidence. */
MUST_USE enum result register_stream(struct edge *e, const struct facts *stream,
                                     enum media_container container, const struct facts *who,
                                     struct road_fact *out, struct buf *room);

/* The same of an opening of a vault's item: who opened it where, and what for. */
struct Fedgate__V1__Actor;
MUST_USE enum result register_opening(struct edge *e, const struct Fedgate__V1__Actor *actor,
                                      struct bytes reason, struct road_fact *out, struct buf *room);

#endif

/* One record and what became of it: the leaf, and its chain, read in slices. Inside console/ only.
 */
#ifndef FEDGATE_CONSOLE_RECORD_H
#define FEDGATE_CONSOLE_RECORD_H

#include "console/web.h"
#include "report/chain.h"

/* Reads the number at the path's end, and the leaf there, if it is for this visitor. False: it was
 * answered. The room is freed by leaf_room_free. */
bool record_open(struct web_call *w, struct leaf *leaf, struct leaf_room **room);

/* The leaf that an entry's chain begins with: itself, or what it refers to. False: it belongs to
 * none. */
bool record_root(struct web_call *w, uint64_t index, uint64_t *root);

/* Writes the leaf as a list of facts and its recipients, with what each word means. */
void record_put_leaf(struct web_call *w, const struct leaf *leaf);

/* Writes the chain as a timeline, with what it comes to: not of one that may go on (`is_behind`).
 */
void record_put_chain(struct web_call *w, const struct chain *c, uint64_t index, bool is_cut,
                      bool is_behind);

/* Says how many entries of a chain are not there; nothing for 0. */
void record_put_absent(struct web_call *w, uint64_t absent);

#endif

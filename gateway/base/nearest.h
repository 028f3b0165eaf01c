/* "Did you mean ...?": the known word nearest to a wrong one. */
#ifndef FEDGATE_BASE_NEAREST_H
#define FEDGATE_BASE_NEAREST_H

#include "base/bytes.h"

/* The number of changes, insertions, removals and swaps of single bytes between two words; SIZE_MAX
 * when one has more than 64. */
size_t nearest_distance(struct bytes a, struct bytes b);

/* Keeps `candidate` in *best when it is nearer to `word` than what *best holds, and near enough to
 * be meant (a third of its length). Start with *best = NULL. */
void nearest_offer(struct bytes word, const char *candidate, const char **best);

#endif

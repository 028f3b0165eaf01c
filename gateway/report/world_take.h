/* What the files that make a world (world.h) of leaves share. Inside report/ only. */
#ifndef FEDGATE_REPORT_WORLD_TAKE_H
#define FEDGATE_REPORT_WORLD_TAKE_H

#include "report/world.h"

/* The key of what is found by the index of a leaf. */
static inline struct bytes world_key(const uint64_t *index)
{
    return bytes_of(index, sizeof *index);
}

/* The world's own copy of a word. Few words stand in many leaves: each is kept once. */
struct bytes world_word(struct world *w, struct bytes text);

/* One leaf each, of the events that their names say. */
void world_take_acknowledged(struct world *w, const struct leaf *leaf);
void world_take_destroyed(struct world *w, const struct leaf *leaf);
void world_take_owed(struct world *w, const struct leaf *leaf);
void world_take_opened(struct world *w, const struct leaf *leaf);
void world_take_incident(struct world *w, const struct leaf *leaf);
void world_take_act(struct world *w, const struct leaf *leaf);
void world_take_overdue(struct world *w, const struct leaf *leaf);
void world_take_claim(struct world *w, const struct leaf *leaf); /* an act about one */
void world_take_late_claim(struct world *w, const struct leaf *leaf);

/* Takes this text off the front of `t`. */
bool world_take_text(struct bytes *t, const char *text);

#endif

/* change.c and change_inventory.c: each changes one place; false when there is no such place. */
#ifndef FEDGATE_TESTS_ORACLE_CHANGE_H
#define FEDGATE_TESTS_ORACLE_CHANGE_H

#include "model.h"

int64_t near_number(struct dice *d, int64_t n, int64_t least);
bool drop_word(struct dice *d, struct list *l);
bool change_words(struct dice *d, struct list *l, const struct list *from);
bool change_units(struct dice *d, const struct model_set *s, struct list *l);

bool change_camera(struct dice *d, struct model_set *s);
bool change_place(struct dice *d, struct model_set *s);
bool change_party(struct dice *d, struct model_set *s);
bool change_exercise(struct dice *d, struct model_set *s);
bool change_zone(struct dice *d, struct model_set *s);
bool change_law(struct dice *d, struct model_set *s);

#endif

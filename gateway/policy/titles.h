/* What words are called in a sentence, in both languages. Inside policy/ only. */
#ifndef FEDGATE_POLICY_TITLES_H
#define FEDGATE_POLICY_TITLES_H

#include "policy/snapshot.h"

/* The classes of titles.def; then those whose titles the set itself brings. */
enum title_class {
    TITLE_KIND,
    TITLE_CAMERA_KIND,
    TITLE_FOOTAGE,
    TITLE_CATEGORY,
    TITLE_AGE_BAND,
    TITLE_GIVER,
    TITLE_GROUND,
    TITLE_ORIGIN,
    TITLE_STARTS,
    TITLE_REGISTER,
    TITLE_PARTY_ROLE,
    TITLE_OFFICER_ROLE,
    TITLE_DAY,
    TITLE_FIELD,
    TITLE_WORD_FIRST, /* and on: an enum word_class each */
    TITLE_BASIS = TITLE_WORD_FIRST + WORD_CLASSES,
    TITLE_PARTY,
    TITLE_CLASSES
};

/* The title of a word; NULL when there is none. Lives in the snapshot, or for ever. */
const char *policy_title(const struct policy *p, unsigned class, struct bytes word, bool korean);

/* The words of a class of titles.def, in the order of the contract's numbers, where it has some:
 * fills `words` and returns their count, at most `most`. */
size_t policy_title_words(unsigned class, const char **words, size_t most);

/* Appends a unit, "Police (112 control room)", with its party's title; the unit's own word when the
 * set does not know it. */
void policy_put_unit(const struct policy *p, struct bytes unit, bool korean, struct buf *out);

#endif

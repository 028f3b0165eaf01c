/* The conditions of a grant while they are read, shared by the files that read them. Inside policy/
 * only. */
#ifndef FEDGATE_POLICY_WHEN_H
#define FEDGATE_POLICY_WHEN_H

#include "policy/clause.h"

/* Where conditions go: the grant, and which alternative is being read (0: must hold). */
struct when {
    struct compilation *c;
    struct row_grant *grant;
    uint8_t alternative;
};

/* The condition's key: "camera.kind". */
const char *when_key(enum condition_op op);

/* A new condition at a node; valid until the next is added. */
struct row_condition *when_add(struct when *w, enum condition_op op, const struct node *n);

/* False, after an error, when the grant's kind cannot be asked this. */
bool when_has_meaning(struct reader *r, const struct when *w, const struct node *n,
                      enum condition_op op, unsigned asks);

/* A map of conditions; an empty one would ask nothing, and look as if it did. */
void when_map(struct reader *r, const struct node *n, const char *what, const struct read_key *keys,
              size_t count, void *target);

/* A condition that is stated by one word: `assigned: yes`. */
void when_word(struct reader *r, const struct node *n, struct when *w, enum condition_op op,
               const char *word);

/* The words of one of the contract's own enums, the first with number `first`. */
struct choices {
    const char *const *words;
    size_t count;
    unsigned first;
};

/* A list of them, as a mask. */
void when_choices(struct reader *r, const struct node *n, struct when *w, enum condition_op op,
                  unsigned asks, const struct choices *from);

/* The word for a number of the contract's: of a category, an age band, an origin, a ground or (any
 * other condition) a giver of consent; "" for one that has none. */
const char *when_word_of(enum condition_op op, unsigned number);

/* A list of words of the vocabulary, as a mask. */
void when_words(struct reader *r, const struct node *n, struct when *w, enum condition_op op,
                unsigned asks, enum word_class class, const char *what);

/* ---- keys of `when`: target is a struct when */
void when_read_subject(struct reader *r, const struct node *n, void *target);
void when_read_consent(struct reader *r, const struct node *n, void *target);
void when_read_request(struct reader *r, const struct node *n, void *target);
void when_read_origin(struct reader *r, const struct node *n, void *target);
void when_read_period(struct reader *r, const struct node *n, void *target);
void when_read_headquarters(struct reader *r, const struct node *n, void *target);

/* A list of regions, which all have corners if a place is to be found in them. */
void when_regions(struct reader *r, const struct node *n, struct when *w, enum condition_op op,
                  bool with_corners);

#endif

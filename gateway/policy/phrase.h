/* Values of policy files put in words of a language, and the templates of sentences.def. Inside
 * policy/ only. */
#ifndef FEDGATE_POLICY_PHRASE_H
#define FEDGATE_POLICY_PHRASE_H

#include "base/map.h"
#include "config/document.h"
#include "policy/titles.h"

enum { PHRASE_NODES_MAX = 4096 }; /* values of one sentence: lists are bounded by the language */

/* What is being said. */
struct phrase {
    const struct policy *p;
    bool korean;
    const char *about;        /* {@} */
    const struct node *place; /* the map, or value, that the template speaks about */
    const struct node *said[PHRASE_NODES_MAX]; /* the values that it said */
    size_t count;
};

/* Appends the template with its slots filled. False when a slot is not there: nothing is said then,
 * and what was appended is to be dropped. */
bool phrase_fill(struct phrase *s, const char *template, struct buf *out);

/* Appends the value (a list: all of it, "a, b and c") as the format (NULL: as it is) has it; notes
 * it as said. False when it does not fit. */
bool phrase_value(struct phrase *s, const struct node *n, const char *format, size_t format_bytes,
                  struct buf *out);

/* Appends a length of time ("6 hours", "6시간") in the language. */
void phrase_put_duration(struct bytes text, bool korean, struct buf *out);

#endif

/* All answers of a set to the questions of one line, as regions that have nothing in common; what
 * is in none of them is refused. Inside policy/ only. */
#ifndef FEDGATE_POLICY_ANSWERS_H
#define FEDGATE_POLICY_ANSWERS_H

#include "policy/checks.h"

enum { ANSWERS_MAX = 3 * LINE_GRANTS_MAX };

struct one_answer {
    enum policy_verdict verdict;
    uint32_t grant;
    struct region where;
};

struct answers {
    const struct policy *p;
    struct line_grants grants;
    struct one_answer *answer;
    size_t count, room;
    bool full; /* some region is */
};

/* The grants of the line; while the space gathers, their atoms are collected. False when there are
 * more than there is room for. answers_free frees it. */
bool answers_begin(struct answers *a, struct space *s, unsigned side);

/* For the cells that the space has now. */
void answers_find(struct answers *a);
void answers_free(struct answers *a);

#endif

/*
 * All answers of a set to the questions of one line, as regions that have nothing in common; the
 * rest is refused. Inside policy/ only.
 */
#ifndef FEDGATE_POLICY_ANSWERS_H
#define FEDGATE_POLICY_ANSWERS_H

#include "policy/checks.h"

struct one_answer {
    enum policy_verdict verdict;
    uint32_t grant;
    struct region where;
};

/* Where each grant of the line holds, goes as in an emergency, holds by exception, and is
 * prohibited (holds.h): all that an answer hangs on. */
enum asked_of { ASKED_HOLDS, ASKED_EMERGENCY, ASKED_EXCEPTION, ASKED_PROHIBITED, ASKED };

struct answers {
    const struct policy *p;
    struct line_grants grants;
    struct region asked[ASKED][LINE_GRANTS_MAX];
    struct one_answer *answer;
    size_t count, room;
    struct region refused;
    bool full; /* some region is */
};

/* The grants of the line; while the space gathers, their atoms are collected. False when there are
 * more than there is room for. answers_free frees it. */
bool answers_begin(struct answers *a, struct space *s, unsigned side);

/* For the cells that the space has now: asks the grants, and then answers the questions within a
 * box. */
void answers_ask(struct answers *a);
void answers_find(struct answers *a, const struct box_cells *within);
void answers_free(struct answers *a);

/* Boxes outside of which both answer alike, with the same terms; and others (changed.c). */
void answers_changed(const struct answers *old, const struct answers *new, struct region *out);

#endif

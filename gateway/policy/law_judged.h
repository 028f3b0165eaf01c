/* A grant or memorandum while it is judged by the rules of law (lawful.c), and what a rule can ask
 * of it (law_holds.c). Inside policy/ only. */
#ifndef FEDGATE_POLICY_LAW_JUDGED_H
#define FEDGATE_POLICY_LAW_JUDGED_H

#include "policy/law.h"

/* What all conditions of one way together allow. */
struct way {
    uint64_t mask[CONDITION_OPS];
    bool stated[CONDITION_OPS];
    const struct row_condition *last[CONDITION_OPS]; /* of those stated */
};

/* What is judged: a memorandum, or a grant in one way on one basis. */
struct judged {
    struct reader *r;
    struct compilation *c;
    const struct node *node;       /* the grant, or the memorandum */
    const struct row_grant *grant; /* NULL: a memorandum */
    uint32_t else_unit;            /* gets it when nobody attended in time, or ROW_NONE */
    const struct node *when;       /* the alternative, or `when`, or the grant */
    struct way way;
    const struct row_basis *basis;
    const struct node *place; /* what the rule is about; NULL: all of it */
    uint32_t recipient;       /* unit, or ROW_NONE */
};

/* Whether everything on a side of a rule holds; `place` is then, or else, what it is about. Under
 * `applies` conditions ask what a message may be, under `requires` what each of them is. */
bool judged_hold(struct judged *j, const struct rule_side *side, bool applies);

/* The item of a list with this text; the list without one. */
const struct node *judged_item(const struct node *list, const char *text);

/* The party of a unit. */
const struct row_party *judged_party(const struct compilation *c, uint32_t unit);

#endif

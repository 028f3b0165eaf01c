/* near.c: questions on the edge of a condition. */
#ifndef FEDGATE_TESTS_ORACLE_NEAR_H
#define FEDGATE_TESTS_ORACLE_NEAR_H

#include "model.h"

/* Changes the question so that the condition holds, or so that it just does or just does not. */
void model_fit_condition(struct dice *d, const struct model_set *s, const struct condition *c,
                         struct model_question *q);

void model_settle(struct model_incident *i, int64_t now_us);

#endif

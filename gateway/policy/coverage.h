/* What tests reached of a set. Inside policy/ only. */
#ifndef FEDGATE_POLICY_COVERAGE_H
#define FEDGATE_POLICY_COVERAGE_H

#include "policy/snapshot.h"
#include "policy/tools.h"

struct coverage;

struct coverage *coverage_new(const struct policy *p);
void coverage_free(struct coverage *c);

/* Counts a decision with its steps. */
void coverage_add(struct coverage *c, const struct policy_explanation *e);

/* As policy_tests_coverage. */
void coverage_report(const struct coverage *c, bool korean, struct policy_coverage *out,
                     struct buf *missing);

#endif

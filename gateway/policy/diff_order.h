/* Inside policy/ only. */
#ifndef FEDGATE_POLICY_DIFF_ORDER_H
#define FEDGATE_POLICY_DIFF_ORDER_H

#include "policy/analysis.h"

/* What is newly permitted first, what is refused now last; by clause then. */
void diff_sort(struct policy_diff *d);

#endif

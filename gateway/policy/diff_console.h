/* Which units may do what in the console under two sets. Inside policy/ only. */
#ifndef FEDGATE_POLICY_DIFF_CONSOLE_H
#define FEDGATE_POLICY_DIFF_CONSOLE_H

#include "policy/analysis.h"

/* Fills in the changes; freed by mem_free. What is wider comes first, what is narrower last. */
void diff_console(const struct policy *old, const struct policy *new, struct policy_diff *out);

#endif

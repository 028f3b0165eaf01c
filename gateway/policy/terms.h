/* What two grants of two sets bring with them, compared by name. Inside policy/ only. */
#ifndef FEDGATE_POLICY_TERMS_H
#define FEDGATE_POLICY_TERMS_H

#include "policy/analysis.h"
#include "policy/snapshot.h"

/* The aspects in which they differ; that of emergencies only where one is used. */
unsigned terms_differ(const struct policy *p, uint32_t a, const struct policy *q, uint32_t b,
                      bool emergency);

#endif

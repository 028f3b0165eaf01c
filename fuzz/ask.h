/* Policy sets for those harnesses that need one: compiled from an archive, and asked. */
#ifndef FEDGATE_FUZZ_ASK_H
#define FEDGATE_FUZZ_ASK_H

#include "base/buf.h"
#include "policy/policy.h"

/*
 * Compiles the set that is written in one text: each file behind a line "=== mou/police.yaml".
 * Names that no set has are passed over. What is said of it goes to `said`. The result is that of
 * policy_compile.
 */
enum result ask_compile(struct bytes archive, struct buf *block, struct buf *said);

/* seeds/policy/small, which must compile. */
struct bytes ask_small_set(void);

/* Every question that the small set has words for, from every unit to every unit. */
void ask_everything(const struct policy *p);

#endif

/* Policy sets for those harnesses that need one: compiled from an archive, and asked. */
#ifndef FEDGATE_FUZZ_ASK_H
#define FEDGATE_FUZZ_ASK_H

#include "base/buf.h"
#include "policy/policy.h"

struct seal;

/*
 * Compiles the set that is written in one text: each file behind a line "=== mou/police.yaml".
 * Names that no set has are passed over; the set is a draft. What is said of it goes to
 * `said`. The result is that of policy_compile.
 */
enum result ask_compile(struct bytes archive, struct buf *block, struct buf *said);

/* The same with a seal, in an empty folder of the caller's: `between` is called when the files are
 * there, before they are compiled. */
struct ask_sealing {
    struct seal *seal;
    bool draft;
    void (*between)(void *arg, int folder);
    void *arg;
};
enum result ask_compile_sealed(int folder, struct bytes archive, const struct ask_sealing *sealing,
                               struct buf *block, struct buf *said);

/* Writes the files of an archive in place of those that are there; empty ones are removed. */
void ask_rewrite(int folder, struct bytes archive);

/* seeds/policy/small, which must compile. */
struct bytes ask_small_set(void);

/* Every question that the small set has words for, from every unit to every unit. */
void ask_everything(const struct policy *p);

#endif

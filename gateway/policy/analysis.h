/*
 * Comparing decisions without deciding: which messages two sets answer differently, and whether
 * what little is known of a message settles its answer. Both look at all messages there can be, not
 * at some of them (region.h); an example is told only when the decision itself gives the answers
 * that it is an example of.
 */
#ifndef FEDGATE_POLICY_ANALYSIS_H
#define FEDGATE_POLICY_ANALYSIS_H

#include "policy/tools.h"

/* What a message comes to under one set. */
struct policy_decided {
    enum policy_verdict verdict;
    enum reason reason;
    const char *clause; /* in the set, or "" */
    const char *failed; /* in the set or static, or "" */
};

/* ---- diff */

/* What a clause brings with it. */
enum policy_aspect {
#define ASPECT(NAME, en, ko) POLICY_ASPECT_##NAME,
#include "policy/aspects.def"
#undef ASPECT
    POLICY_ASPECTS
};
const char *policy_aspect_text(enum policy_aspect a, bool korean);

/* Messages of one kind and way that come to one thing under the old set and to another under the
 * new one; two refusals are the same thing, whatever their reasons. */
struct policy_difference {
    const char *kind, *from, *to;
    struct policy_decided old, new;
    unsigned aspects; /* that differ, where both permit: bit 1 << policy_aspect */
    char *message;    /* an example: "key\tvalue\n", in the language asked for */
};

/* A way whose messages could not all be compared. */
struct policy_uncompared {
    const char *kind, *from, *to;
    bool too_many; /* the grants ask more different things than fit; else no place was found where
                      an example could be */
};

struct policy_diff {
    struct policy_difference *difference; /* what the new set newly permits first */
    size_t differences;
    struct policy_uncompared *uncompared;
    size_t uncompareds;
    size_t unconfirmed; /* examples that the decision denied: a fault of ours */
};

/* Compares all ways of both sets; examples are about `now_us` where the time does not matter. The
 * sets must outlive the result, which policy_diff_free frees. */
void policy_diff(const struct policy *old, const struct policy *new, int64_t now_us, bool korean,
                 struct policy_diff *out);
void policy_diff_free(struct policy_diff *d);

#endif

/* What words are called in reports, by the policy sets that a reader brings; the words themselves
 * where no set knows them. */
#ifndef FEDGATE_REPORT_NAMES_H
#define FEDGATE_REPORT_NAMES_H

#include "policy/policy.h"
#include "policy/tools.h"

enum { NAMES_SETS_MAX = 16 };

struct names {
    const struct policy *set[NAMES_SETS_MAX];
    size_t sets;
    bool korean;
};

/* The set with this serial; NULL when it is not at hand. */
const struct policy *names_set_of(const struct names *n, uint64_t serial);

/* The set with this serial; else the one with the highest; NULL when there is none. */
const struct policy *names_set(const struct names *n, uint64_t serial);

/* Appends what a word is called; nothing for an empty one. */
void names_put(const struct names *n, uint64_t serial, enum policy_name what, struct bytes word,
               struct buf *out);

/* Appends the reason's text in the language. */
void names_put_reason(const struct names *n, struct bytes reason, struct buf *out);

/* Appends the duties that the clause lays on its recipient (PIPA 18(5)), parted by "; ": those of
 * that very set, since a clause of the same name may lay others on it in another. */
void names_put_duties(const struct names *n, uint64_t serial, struct bytes clause, struct buf *out);

/* Appends a word that facts use for how a position was taken or what a release came to. */
void names_put_word(const struct names *n, struct bytes word, struct buf *out);

#endif

/*
 * Claims: requests of citizens and companies for footage of the centre's, as officers enter them
 * and the log tells of them. The log knows who asks by the centre's own number of the request,
 * never by a name; which camera and when stands in what officers sign, not in the log.
 *
 * An act about a claim has one of these subjects:
 *
 *   request NUMBER by CLAIMANT received 2026-11-28
 *   request NUMBER postponed
 *   request NUMBER masked sha256:HEX           the file that would be given, or
 *   request NUMBER masked nobody-else          on which nobody else is to be seen
 *   request NUMBER outcome OUTCOME
 */
#ifndef FEDGATE_AUDIT_CLAIM_H
#define FEDGATE_AUDIT_CLAIM_H

#include "base/bytes.h"

enum { CLAIM_MASKED_MAX = sizeof "sha256:" - 1 + 64 };

#define CLAIM_NOBODY_ELSE "nobody-else"

enum claimant {
#define W(NAME, number, word, en, ko) CLAIMANT_##NAME = (number),
#include "audit/claimants.def"
#undef W
    CLAIMANTS
};

enum claim_outcome {
#define O(NAME, number, word, persons, gives, en, ko) CLAIM_##NAME = (number),
#include "audit/claim_outcomes.def"
#undef O
    CLAIM_OUTCOMES
};

/* A word's row in its table, 0: none; words and texts of rows, "?" for what is none. */
unsigned claimant_named(struct bytes word);
const char *claimant_word(unsigned by);
const char *claimant_text(unsigned by, bool korean);
unsigned claim_outcome_named(struct bytes word);
const char *claim_outcome_word(unsigned outcome);
const char *claim_outcome_text(unsigned outcome, bool korean);

/* How many officers have to state an outcome, and whether footage is given by it. */
unsigned claim_persons(unsigned outcome);
bool claim_gives(unsigned outcome);

enum claim_step { CLAIM_OPENS, CLAIM_IS_POSTPONED, CLAIM_IS_MASKED, CLAIM_IS_DECIDED };

/* What a subject says; views into it. Each step has its own members, the others are empty. */
struct claim_subject {
    struct bytes number; /* a word of base/ident.h, and no resident number */
    enum claim_step step;
    unsigned by;         /* claimant */
    int64_t received_us; /* when that day began in Korea */
    struct bytes masked; /* "sha256:..." or CLAIM_NOBODY_ELSE */
    unsigned outcome;
};
bool claim_subject_take(struct bytes subject, struct claim_subject *out);

/* The last second in which it is answered in time: of the tenth day behind that of receipt (PIPA
 * Decree 41, 42; Official Information Disclosure Act 11(1)), or of the twentieth (11(2); PIPA 35(3)
 * names no number of days), in Korea. A holiday on that day gives no more time here than another
 * day. */
int64_t claim_due_us(int64_t received_us, bool postponed);

#endif

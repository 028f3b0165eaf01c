/*
 * Ends before their time: a consent withdrawn, a memorandum that is no more in force, officers'
 * orders. Everything that ends something early comes by here, whoever asked for it.
 */
#include "ledger/owed.h"

void ends_scope(struct ledger *l, struct spool_scope *x, enum spool_cause cause, int64_t at_us)
{
    spool_scope_end(l->scopes, x, cause, at_us);
}

void ends_owed(struct ledger *l, struct spool_scope *clock, enum spool_cause cause, int64_t at_us)
{
    spool_scope_end(l->owing->clocks, clock, cause, at_us);
}

const char *ends_cause_word(enum spool_cause cause)
{
    static const char *const words[] = {[SPOOL_NOT_ENDED] = "",
                                        [SPOOL_DEADLINE] = "deadline",
                                        [SPOOL_PURPOSE_FULFILLED] = "purpose-fulfilled",
                                        [SPOOL_CONSENT_WITHDRAWN] = "consent-withdrawn",
                                        [SPOOL_UNLAWFUL] = "unlawful",
                                        [SPOOL_MOU_ENDED] = "mou-ended"};
    return words[cause];
}

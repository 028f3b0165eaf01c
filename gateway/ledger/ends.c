/*
 * Ends before their time: a consent withdrawn, a memorandum that is no more in force, officers'
 * orders. Everything that ends something early comes by here, whoever asked for it.
 */
#include "ledger/owed.h"

#include <stdio.h>

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

/* ---- by number, on record */

static enum result leaf_ends(struct ledger *l, const struct ends *e)
{
    struct buf detail = BUF_INIT(1024);
    buf_printf(&detail, "cause=%s about=\"%.*s\" scopes=%zu groups=%zu", ends_cause_word(e->cause),
               (int)e->about.n, (const char *)e->about.p, e->scopes, e->groups);
    struct leaf leaf = {.event = AUDIT_ENDED_EARLY, .detail = buf_view(&detail)};
    enum result r = ledger_leaf(l, &leaf, NULL);
    buf_free(&detail);
    return r;
}

enum result ends_record(struct ledger *l, const struct ends *e)
{
    TRY(leaf_ends(l, e));
    buf_clear(&l->record);
    buf_u8(&l->record, (uint8_t)e->cause);
    buf_i64(&l->record, ledger_now(l));
    buf_u32(&l->record, (uint32_t)e->scopes);
    for (size_t i = 0; i < e->scopes; i++)
        buf_u64(&l->record, e->scope[i]);
    for (size_t i = 0; i < e->groups; i++)
        buf_u64(&l->record, e->group[i]);
    return ledger_record(l, RECORD_ENDED, buf_view(&l->record));
}

enum result ends_apply(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    uint8_t cause;
    int64_t at_us;
    uint32_t scopes;
    uint64_t id;
    if (cursor_u8(&in, &cause) != RESULT_OK || cursor_i64(&in, &at_us) != RESULT_OK ||
        cursor_u32(&in, &scopes) != RESULT_OK || cause == SPOOL_NOT_ENDED ||
        cause > SPOOL_MOU_ENDED)
        return RESULT_DAMAGED;
    ledger_saw_time(l, at_us);
    for (size_t i = 0; in.left > 0; i++) {
        if (cursor_u64(&in, &id) != RESULT_OK)
            return RESULT_DAMAGED;
        struct spool_scope *x = spool_scopes_get(i < scopes ? l->scopes : l->owing->clocks, id);
        if (x == NULL)
            return RESULT_DAMAGED;
        if (i < scopes)
            ends_scope(l, x, (enum spool_cause)cause, at_us);
        else
            ends_owed(l, x, (enum spool_cause)cause, at_us);
    }
    return RESULT_OK;
}

/*
 * Ends before their time: a consent withdrawn, a memorandum that is no more in force, officers'
 * orders. Everything that ends something early comes by here, whoever asked for it.
 */
#include "ledger/owed.h"

#include "base/mem.h"

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

/* ---- memoranda that are over */

/* Those of the memorandum that nothing has ended yet. */
static size_t find_under(const struct spool_scopes *scopes, struct bytes mou, uint64_t **out)
{
    const struct spool_scope *x = spool_scopes_of(scopes, SPOOL_OF_MOU, mou);
    size_t count = 0;
    *out = mem_new_array(spool_scopes_count(scopes) + 1, sizeof **out);
    for (; x != NULL; x = spool_scopes_beside(x, SPOOL_OF_MOU))
        if (!x->dying && x->cause == SPOOL_NOT_ENDED)
            (*out)[count++] = x->slot.id;
    return count;
}

/* The grant's own rule ends it sooner, if it does (spool_scope_end). */
static enum result end_mou(struct ledger *l, struct bytes mou)
{
    uint64_t *scope, *group;
    const size_t scopes = find_under(l->scopes, mou, &scope);
    const size_t groups = find_under(l->owing->clocks, mou, &group);
    const struct ends e = {SPOOL_MOU_ENDED, mou, scope, group, scopes, groups};
    const size_t bytes = (scopes + groups) * sizeof(uint64_t);
    enum result r = RESULT_OK;
    if (scopes + groups > 0 && ledger_has_room(l, bytes)) {
        r = ledger_make_frame_room(l, bytes);
        if (r == RESULT_OK)
            r = ends_record(l, &e);
    }
    mem_free(scope);
    mem_free(group);
    return r;
}

static enum result end_under(struct ledger *l, const struct spool_scopes *scopes, int64_t now_us)
{
    char name[IDENT_WORD_MAX + 1];
    struct bytes mou;
    for (size_t at = 0; spool_scopes_mou(scopes, &at, &mou);) {
        if (!l->config.mou_is_over(l->config.arg, mou, now_us))
            continue;
        memcpy(name, mou.p, mou.n); /* what it stood in may be gone by the record's end */
        TRY(end_mou(l, bytes_of(name, mou.n)));
    }
    return RESULT_OK;
}

enum result ends_turn(struct ledger *l, int64_t now_us)
{
    if (l->config.mou_is_over == NULL || now_us - l->memoranda_us < US_PER_S)
        return RESULT_OK;
    l->memoranda_us = now_us;
    TRY(end_under(l, l->scopes, now_us));
    return end_under(l, l->owing->clocks, now_us);
}

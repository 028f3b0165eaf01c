/* What an order of the Commission or a court keeps from destruction, as the gateway said last. */
#include "vault/state.h"

#include <stdio.h>

static bool is_said(const struct vault_entry *e, uint64_t from, uint64_t below)
{
    return e->record >= from && (below == 0 || e->record < below) &&
           (e->state == VAULT_KEPT || e->state == VAULT_RECORDING);
}

static const struct vault_hold *holder_of(uint64_t record, const struct vault_hold *hold,
                                          size_t holds)
{
    for (size_t i = 0; i < holds; i++)
        for (size_t k = 0; k < hold[i].records; k++)
            if (hold[i].record[k] == record)
                return &hold[i];
    return NULL;
}

/* Whether that is news. */
static bool set(struct vault_entry *e, const struct vault_hold *by)
{
    const int64_t since_us = by == NULL ? 0 : by->since_us > 0 ? by->since_us : 1;
    const char *subject = by == NULL ? "" : by->subject;
    if (e->held_us == since_us && strcmp(e->hold, subject) == 0)
        return false;
    e->held_us = since_us;
    (void)snprintf(e->hold, sizeof e->hold, "%s", subject);
    return true;
}

enum result vault_hold(struct vault *v, uint64_t from, uint64_t below,
                       const struct vault_hold *hold, size_t holds)
{
    bool news = false;
    for (size_t i = 0; i < holds; i++)
        if (strlen(hold[i].subject) > VAULT_HOLD_MAX)
            return RESULT_TOO_LARGE;
    TRY(vault_lock(v));
    for (size_t i = 0; i < v->index->entries; i++) {
        struct vault_entry *e = v->index->entry[i];
        if (is_said(e, from, below) && set(e, holder_of(e->record, hold, holds)))
            news = true;
    }
    v->is_known = v->is_known && !news; /* until it is written */
    enum result r = news ? vault_save(v) : RESULT_OK;
    vault_unlock(v);
    return r;
}

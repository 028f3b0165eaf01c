/*
 * What stands beside incidents, as messages change it: headquarters of regions, and consents. The
 * end of the last headquarters of its regions starts the clock of a scope.
 */
#include "ledger/owed.h"

#include <stdio.h>

bool standing_fits(const struct ledger *l, const struct road_commit *c)
{
    struct cursor in = cursor_over(c->standing);
    struct standing_change change;
    if (c->standing.n == 0)
        return true;
    return standing_change_take(&in, &change) == RESULT_OK && cursor_done(&in) == RESULT_OK &&
           bytes_equal(change.by, c->envelope.source) &&
           change.at_us <= ledger_now(l) + AHEAD_MOST &&
           standing_judge(l->standing, &change) != STANDING_TOO_MANY;
}

/* Whether `each` holds for one of the words. */
static bool any_word(const char *words, const struct ledger *l, const struct bytes *word)
{
    struct bytes rest = bytes_of_text(words == NULL ? "" : words);
    while (rest.n > 0) {
        const uint8_t *blank = memchr(rest.p, ' ', rest.n);
        const size_t n = blank == NULL ? rest.n : (size_t)(blank - rest.p);
        const struct bytes one = bytes_of(rest.p, n);
        if (word == NULL ? standing_is_active(l->standing, one) : bytes_equal(one, *word))
            return true;
        rest = n == rest.n ? bytes_of(NULL, 0) : bytes_of(rest.p + n + 1, rest.n - n - 1);
    }
    return false;
}

bool standing_has_headquarters(const struct ledger *l, const char *regions)
{
    return any_word(regions, l, NULL);
}

/* A region's headquarters began its work, or ended it. */
static void turn_clocks(struct ledger *l, struct spool_scopes *scopes,
                        const struct standing_change *c)
{
    struct spool_scope *x;
    size_t at = 0;
    while ((x = spool_scopes_next(scopes, &at)) != NULL) {
        if (x->starts != SPOOL_DISASTER_END || !any_word(x->regions, l, &c->region))
            continue;
        if (c->step == STANDING_ACTIVE) {
            spool_scope_stop(scopes, x);
            outlet_go_on(l, x);
        } else if (!standing_has_headquarters(l, x->regions)) {
            spool_scope_start(scopes, x, c->at_us);
        }
    }
}

/* Scopes that came when the last headquarters had ended already. */
static void start_late_clocks(struct ledger *l, const struct road_commit *c)
{
    for (size_t i = 0; i < c->scopes; i++) {
        struct spool_scope *x = spool_scopes_get(l->scopes, c->scope[i].id);
        if (x != NULL && x->starts == SPOOL_DISASTER_END &&
            !standing_has_headquarters(l, x->regions))
            spool_scope_start(l->scopes, x, c->at_us);
    }
}

bool standing_lacks(const struct ledger *l, const uint8_t *consent)
{
    return standing_consents(l->standing) > 0 &&
           standing_is_gone(l->standing, consent, consent + STANDING_DIGEST);
}

static bool is_about(const struct standing_change *c, const struct spool_scope *x)
{
    for (size_t i = 0; i < c->purposes; i++)
        if (memcmp(c->purpose[i], x->consent + STANDING_DIGEST, STANDING_TAG) == 0)
            return true;
    return c->purposes == 0;
}

/* What rests on a consent ends when it is withdrawn, also when it was suspended before (LIA 24);
 * what waited while it was suspended goes on when it stands again. */
static void reach_scopes(struct ledger *l, const struct standing_change *c)
{
    struct spool_scope *x =
        spool_scopes_of(l->scopes, SPOOL_OF_CONSENT, bytes_of(c->consent, STANDING_DIGEST));
    for (; x != NULL; x = spool_scopes_beside(x, SPOOL_OF_CONSENT)) {
        if (!is_about(c, x))
            continue;
        if (c->step == STANDING_WITHDRAWN)
            ends_scope(l, x, SPOOL_CONSENT_WITHDRAWN, c->at_us);
        else if (c->step == STANDING_RESUMED)
            outlet_go_on(l, x);
    }
}

/* And so ends what recipients may have of it. */
static void reach_owed(struct ledger *l, const struct standing_change *c)
{
    struct spool_scope *x =
        spool_scopes_of(l->owing->clocks, SPOOL_OF_CONSENT, bytes_of(c->consent, STANDING_DIGEST));
    for (; x != NULL && c->step == STANDING_WITHDRAWN; x = spool_scopes_beside(x, SPOOL_OF_CONSENT))
        if (is_about(c, x))
            ends_owed(l, x, SPOOL_CONSENT_WITHDRAWN, c->at_us);
}

enum result standing_apply_record(struct ledger *l, const struct road_commit *c)
{
    struct cursor in = cursor_over(c->standing);
    struct standing_change change;
    if (c->standing.n > 0) {
        if (standing_change_take(&in, &change) != RESULT_OK)
            return RESULT_DAMAGED;
        enum standing_verdict v = standing_apply(l->standing, &change);
        if (v == STANDING_TOO_MANY)
            return RESULT_DAMAGED;
        if (v == STANDING_APPLIED && change.region.n > 0) {
            turn_clocks(l, l->scopes, &change);
            turn_clocks(l, l->owing->clocks, &change);
        }
        if (change.region.n == 0) {
            reach_scopes(l, &change);
            reach_owed(l, &change);
        }
    }
    start_late_clocks(l, c);
    return RESULT_OK;
}

enum result standing_leaf(struct ledger *l, const struct road_commit *c, uint64_t about)
{
    static const char *const steps[] = {"", "active", "ended", "suspended", "resumed", "withdrawn"};
    struct cursor in = cursor_over(c->standing);
    struct standing_change change;
    char detail[128];
    if (c->standing.n == 0)
        return RESULT_OK;
    TRY(standing_change_take(&in, &change));
    int n = change.region.n > 0
                ? snprintf(detail, sizeof detail, "step=%s region=%.*s", steps[change.step],
                           (int)change.region.n, (const char *)change.region.p)
                : snprintf(detail, sizeof detail, "step=%s purposes=%zu", steps[change.step],
                           change.purposes);
    struct leaf leaf = {.event = change.region.n > 0 ? AUDIT_HEADQUARTERS_CHANGED
                                                     : AUDIT_CONSENT_CHANGED,
                        .time_us = c->at_us,
                        .source = change.by,
                        .status = c->envelope.status,
                        .policy = c->envelope.policy,
                        .has_refers = true,
                        .refers = about,
                        .detail = bytes_of(detail, (size_t)n)};
    return ledger_leaf(l, &leaf, NULL);
}

static void tell_item(void *arg, struct bytes item)
{
    ledger_answer(arg, IPC_VIEW_STANDING, item);
}

void standing_view(struct ledger *l)
{
    standing_each(l->standing, tell_item, l);
}

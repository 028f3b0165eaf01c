/* What a grant asks of whoever gets something: destroy, keep, notify, pass on, open offline. */
#include "policy/clause.h"

#include "base/limits.h"

bool grant_kind_may(struct reader *r, const struct node *n, const struct grant *g, const char *key,
                    bool may)
{
    if (g->kind == NULL || may)
        return true;
    read_fail(r, n, DIAGNOSE_CONDITION_NOT_FOR_KIND, key, g->kind->name, NULL);
    return false;
}

bool source_span(struct reader *r, const struct node *n, const char *what, int64_t *out_us)
{
    int64_t us = 0;
    if (!read_duration(r, n, what, &us))
        return false;
    if (us == 0)
        read_fail(r, n, DIAGNOSE_DURATION_RANGE, "1 second", "100 years", what);
    *out_us = us;
    return us > 0;
}

/* ---- destroy */

bool grant_read_start(struct reader *r, const struct node *n, uint8_t *start)
{
    static const char *const words[] = {"arrival", "incident-end", "found", "disaster-end"};
    unsigned chosen;
    if (!read_choice(r, n, "starts_at", words, ARRAY_LEN(words), &chosen))
        return false;
    *start = (uint8_t)chosen;
    return true;
}

static void read_starts_at(struct reader *r, const struct node *n, void *target)
{
    (void)grant_read_start(r, n, &((struct grant *)target)->row.starts_at);
}

static void read_delay(struct reader *r, const struct node *n, void *target)
{
    (void)read_duration(r, n, "delay", &((struct grant *)target)->row.delay_us);
}

static void read_ceiling(struct reader *r, const struct node *n, void *target)
{
    (void)source_span(r, n, "at_most_after_recording", &((struct grant *)target)->row.ceiling_us);
}

static void read_receipt_within(struct reader *r, const struct node *n, void *target)
{
    (void)source_span(r, n, "receipt_within", &((struct grant *)target)->duties.receipt_within_us);
}

/* Alerts are never held back for a debt: the urgent lane never kills. */
static void read_overdue(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"alarm", "suspend"};
    struct grant *g = target;
    unsigned chosen;
    if (!read_choice(r, n, "overdue", words, ARRAY_LEN(words), &chosen))
        return;
    g->duties.overdue = chosen == 0 ? OVERDUE_ALARM : OVERDUE_SUSPEND;
    if (g->duties.receipt_within_us == 0)
        read_fail(r, n, DIAGNOSE_NEEDS_OTHER_KEY, "overdue", "receipt_within", NULL);
    if (chosen == 1 && g->kind != NULL && g->kind->lane == LANE_URGENT)
        read_fail(r, n, DIAGNOSE_SUSPENDS_URGENT, g->kind->name, NULL, NULL);
}

void grant_read_destroy(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"starts_at", true, read_starts_at},
                                           {"delay", true, read_delay},
                                           {"at_most_after_recording", false, read_ceiling},
                                           {"receipt_within", false, read_receipt_within},
                                           {"overdue", false, read_overdue}};
    (void)read_map(r, n, "destroy", keys, ARRAY_LEN(keys), target);
}

/* ---- keep: what may be retained as evidence (PIPA 21(1) proviso) */

static void read_keep_bases(struct reader *r, const struct node *n, void *target)
{
    source_bases(r, n, &((struct grant *)target)->duties.keep_bases);
}

static void read_keep_evidence(struct reader *r, const struct node *n, void *target)
{
    source_words(r, n, WORD_EVIDENCE, "kind of evidence",
                 &((struct grant *)target)->duties.keep_evidence);
}

static void read_keep_role(struct reader *r, const struct node *n, void *target)
{
    (void)source_officer_role(r, n, &((struct grant *)target)->duties.keep_role);
}

static void read_keep_approval(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"role", true, read_keep_role}};
    (void)read_map(r, n, "approval of keeping", keys, ARRAY_LEN(keys), target);
}

void grant_read_keep(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"basis_any_of", true, read_keep_bases},
                                           {"evidence", true, read_keep_evidence},
                                           {"approval", false, read_keep_approval}};
    (void)read_map(r, n, "keep", keys, ARRAY_LEN(keys), target);
}

/* ---- notify: the subject hears of it (LIA 19(3)) */

static void read_notify_within(struct reader *r, const struct node *n, void *target)
{
    (void)read_duration(r, n, "within", &((struct grant *)target)->row.notify_within_us);
}

static void read_deferrable(struct reader *r, const struct node *n, void *target)
{
    source_words(r, n, WORD_REASON, "reason", &((struct grant *)target)->duties.deferrable);
}

void grant_read_notify(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"within", true, read_notify_within},
                                           {"deferrable", false, read_deferrable}};
    const struct grant *g = target;
    if (g->kind != NULL)
        (void)grant_kind_may(r, n, g, "notify", (kind_asks(g->kind->id) & ASKS_SUBJECT) != 0);
    (void)read_map(r, n, "notify", keys, ARRAY_LEN(keys), target);
}

/* ---- onward: refused unless said (PIPA 19) */

static void read_onward_to(struct reader *r, const struct node *n, void *target)
{
    struct grant *g = target;
    uint32_t unit[POLICY_REACH_MAX];
    g->duties.onwards = source_units(r, n, "onward.to", unit);
    g->duties.onward_first = builder_numbers(g->c, unit, g->duties.onwards);
}

static void read_onward_bases(struct reader *r, const struct node *n, void *target)
{
    source_bases(r, n, &((struct grant *)target)->duties.onward_bases);
}

void grant_read_onward(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"refuse"};
    static const struct read_key keys[] = {{"to", true, read_onward_to},
                                           {"basis_any_of", true, read_onward_bases}};
    unsigned chosen;
    if (node_type(n) == NODE_TEXT)
        (void)read_choice(r, n, "onward", words, ARRAY_LEN(words), &chosen);
    else
        (void)read_map(r, n, "onward (refuse, or to whom)", keys, ARRAY_LEN(keys), target);
}

/* ---- offline: opened without the gateway for a while */

static void read_open_for(struct reader *r, const struct node *n, void *target)
{
    (void)source_span(r, n, "open_for", &((struct grant *)target)->duties.offline_us);
}

void grant_read_offline(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"open_for", true, read_open_for}};
    const struct grant *g = target;
    (void)grant_kind_may(r, n, g, "offline", g->kind == NULL || !g->kind->changes_state);
    (void)read_map(r, n, "offline", keys, ARRAY_LEN(keys), target);
}

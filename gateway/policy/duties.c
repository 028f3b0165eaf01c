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

static void read_starts_at(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"arrival", "incident-end", "found", "disaster-end"};
    unsigned chosen;
    if (read_choice(r, n, "starts_at", words, ARRAY_LEN(words), &chosen))
        ((struct grant *)target)->row.starts_at = (uint8_t)chosen;
}

/* No length of time may be above what the law allows for the kind. */
static void check_retention(struct reader *r, const struct node *n, const struct grant *g,
                            int64_t us)
{
    char most[TIME_TEXT];
    if (g->kind == NULL)
        return;
    const struct ceiling lawful = law_ceiling(g->c, g->kind->id);
    if (lawful.at_most_us == 0 || us <= lawful.at_most_us)
        return;
    duration_text(lawful.at_most_us, most);
    read_fail(r, n, DIAGNOSE_LAW_RETENTION, node_c(n), most, builder_text_at(g->c, lawful.ground));
}

static void read_delay(struct reader *r, const struct node *n, void *target)
{
    struct grant *g = target;
    if (read_duration(r, n, "delay", &g->row.delay_us))
        check_retention(r, n, g, g->row.delay_us);
}

static void read_ceiling(struct reader *r, const struct node *n, void *target)
{
    struct grant *g = target;
    if (source_span(r, n, "at_most_after_recording", &g->row.ceiling_us))
        check_retention(r, n, g, g->row.ceiling_us);
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
    struct grant *g = target;
    (void)read_map(r, n, "destroy", keys, ARRAY_LEN(keys), target);
    if (g->kind == NULL || node_member(n, "at_most_after_recording") != NULL)
        return;
    g->row.ceiling_us = law_ceiling(g->c, g->kind->id).at_most_us;
    if (g->row.ceiling_us == 0)
        read_fail(r, n, DIAGNOSE_MISSING_KEY, "at_most_after_recording", "destroy", NULL);
}

/* ---- keep: what may be retained as evidence (PIPA 21(1) proviso) */

static void read_keep_bases(struct reader *r, const struct node *n, void *target)
{
    struct grant *g = target;
    source_bases(r, n, &g->duties.keep_bases);
    for (size_t i = 0; i < builder_count(g->c, SECTION_BASES); i++) {
        const struct row_basis *b = builder_row(g->c, SECTION_BASES, i);
        if ((g->duties.keep_bases >> i & 1) != 0 && b->rely != RELY_RECIPIENT)
            read_fail(r, n, DIAGNOSE_LAW_NOT_KEEPING, builder_text_at(g->c, b->code), NULL, NULL);
    }
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

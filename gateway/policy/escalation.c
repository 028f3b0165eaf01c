/* Duties with a person behind them: attend, answer, approval. */
#include "policy/clause.h"

/* ---- attend, answer */

static void read_within(struct reader *r, const struct node *n, void *target)
{
    (void)source_span(r, n, "within", &((struct grant *)target)->duties.attend_within_us);
}

static void read_else(struct reader *r, const struct node *n, void *target)
{
    ((struct grant *)target)->duties.else_unit = source_unit(r, n);
}

static void read_by(struct reader *r, const struct node *n, void *target)
{
    source_kinds(r, n, &((struct grant *)target)->duties.answer_kinds);
}

/* Only what waits in a queue of an agency can be attended: no stream, and nothing to the gateway.
 */
static bool waits_for_somebody(const struct grant *g)
{
    return g->kind == NULL || (g->kind->lane != LANE_BULK && !g->kind->changes_state);
}

void grant_read_attend(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"within", true, read_within},
                                           {"else", true, read_else}};
    const struct grant *g = target;
    if (grant_kind_may(r, n, g, "attend", waits_for_somebody(g)))
        (void)read_map(r, n, "attend", keys, ARRAY_LEN(keys), target);
}

void grant_read_answer(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {
        {"by", true, read_by}, {"within", true, read_within}, {"else", true, read_else}};
    const struct grant *g = target;
    if (g->duties.attend_within_us != 0)
        read_fail(r, n, DIAGNOSE_ONE_OF_TWO, "attend", "answer", NULL);
    else if (grant_kind_may(r, n, g, "answer", waits_for_somebody(g)))
        (void)read_map(r, n, "answer", keys, ARRAY_LEN(keys), target);
}

/* ---- approval */

bool source_officer_role(struct reader *r, const struct node *n, uint8_t *out)
{
    static const char *const words[] = {
#define OFFICER(NAME, word) word,
#include "policy/officer_roles.def"
#undef OFFICER
    };
    unsigned role;
    if (!read_choice(r, n, "role of an officer", words, ARRAY_LEN(words), &role))
        return false;
    *out = (uint8_t)role;
    return true;
}

static void read_role(struct reader *r, const struct node *n, void *target)
{
    (void)source_officer_role(r, n, &((struct grant *)target)->duties.approval_role);
}

static void read_persons(struct reader *r, const struct node *n, void *target)
{
    int64_t v;
    if (read_number(r, n, "persons", 1, 2, &v))
        ((struct grant *)target)->duties.approvers = (uint8_t)v;
}

static void read_approval_within(struct reader *r, const struct node *n, void *target)
{
    (void)source_span(r, n, "within", &((struct grant *)target)->duties.approval_within_us);
}

static void read_night_hours(struct reader *r, const struct node *n, void *target)
{
    struct row_duties *d = &((struct grant *)target)->duties;
    (void)source_hours(r, n, "hours", &d->night_from, &d->night_to);
}

static void read_second_within(struct reader *r, const struct node *n, void *target)
{
    (void)source_span(r, n, "second_within", &((struct grant *)target)->duties.second_within_us);
}

static void read_night(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"hours", true, read_night_hours},
                                           {"second_within", true, read_second_within}};
    const struct grant *g = target;
    if (g->duties.approvers == 1)
        read_fail(r, n, DIAGNOSE_NEEDS_OTHER_KEY, "at_night", "persons: 2", NULL);
    (void)read_map(r, n, "at_night", keys, ARRAY_LEN(keys), target);
}

void grant_read_approval(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"role", true, read_role},
                                           {"persons", true, read_persons},
                                           {"within", true, read_approval_within},
                                           {"at_night", false, read_night}};
    const struct grant *g = target;
    if (grant_kind_may(r, n, g, "approval", waits_for_somebody(g)))
        (void)read_map(r, n, "approval", keys, ARRAY_LEN(keys), target);
}

/* ---- together */

const struct node *grant_else(const struct node *grant)
{
    const struct node *attend = node_member(grant, "attend");
    const struct node *duty = attend != NULL ? attend : node_member(grant, "answer");
    return duty == NULL ? NULL : node_member(duty, "else");
}

/* Whoever gets it anyway is no reserve; and the gateway attends to nothing. */
static void check_else(struct reader *r, const struct node *n, const struct grant *g)
{
    const uint32_t other = g->duties.else_unit;
    const struct node *place = grant_else(n);
    if (other == ROW_NONE)
        return;
    for (uint32_t i = 0; i < g->row.tos; i++)
        if (g->to_unit[i] == other)
            read_fail(r, place, DIAGNOSE_ELSE_IS_RECIPIENT, node_c(place), NULL, NULL);
    if (other == g->c->header.self || other == g->row.from)
        read_fail(r, place, DIAGNOSE_ELSE_IS_NOBODY, node_c(place), NULL, NULL);
}

/* What ends with a disaster is bound to the headquarters whose end it waits for. */
static void check_disaster_end(struct reader *r, const struct node *n, const struct grant *g)
{
    const struct node *destroy = node_member(n, "destroy");
    if (g->row.starts_at == POLICY_STARTS_DISASTER_END &&
        grant_allows(g->c, &g->row, CONDITION_HEADQUARTERS) == UINT64_MAX)
        read_fail(r, node_member(destroy, "starts_at"), DIAGNOSE_NEEDS_OTHER_KEY,
                  "starts_at: disaster-end", "when.disaster_headquarters", NULL);
}

void grant_check_duties(struct reader *r, const struct node *n, const struct grant *g)
{
    check_else(r, n, g);
    check_disaster_end(r, n, g);
}

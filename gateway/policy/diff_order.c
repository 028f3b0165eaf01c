#include "policy/diff_order.h"

#include <stdlib.h>
#include <string.h>

static unsigned rank(const struct policy_difference *x)
{
    enum { CLAUSE = 4, TERMS = 5 };
    static const unsigned ranks[4][4] = {
        [POLICY_REFUSED] = {[POLICY_PERMITTED] = 0, [POLICY_EMERGENCY] = 1, [POLICY_HELD] = 2},
        [POLICY_HELD] = {[POLICY_PERMITTED] = 3,
                         [POLICY_EMERGENCY] = 3,
                         [POLICY_HELD] = CLAUSE,
                         [POLICY_REFUSED] = 9},
        [POLICY_EMERGENCY] = {[POLICY_PERMITTED] = 3,
                              [POLICY_EMERGENCY] = CLAUSE,
                              [POLICY_HELD] = 8,
                              [POLICY_REFUSED] = 9},
        [POLICY_PERMITTED] = {[POLICY_PERMITTED] = CLAUSE,
                              [POLICY_EMERGENCY] = 6,
                              [POLICY_HELD] = 7,
                              [POLICY_REFUSED] = 9}};
    const unsigned r = ranks[x->old.verdict][x->new.verdict];
    return r == CLAUSE && strcmp(x->old.clause, x->new.clause) == 0 ? TERMS : r;
}

static const char *clause(const struct policy_difference *x)
{
    return x->new.verdict != POLICY_REFUSED ? x->new.clause : x->old.clause;
}

static int by_rank(const void *a, const void *b)
{
    const struct policy_difference *x = a, *y = b;
    if (rank(x) != rank(y))
        return rank(x) < rank(y) ? -1 : 1;
    int order = strcmp(clause(x), clause(y));
    if (order == 0)
        order = strcmp(x->kind, y->kind);
    if (order == 0)
        order = strcmp(x->from, y->from);
    if (order == 0)
        order = strcmp(x->to, y->to);
    return order != 0 ? order : strcmp(x->message, y->message);
}

void diff_sort(struct policy_diff *d)
{
    if (d->differences > 0)
        qsort(d->difference, d->differences, sizeof *d->difference, by_rank);
}

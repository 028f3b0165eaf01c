/* What a permission brings with it, compared between two grants of two sets: "Comparing two sets"
 * of LANGUAGE.md lists what counts. */
#include "judge.h"

static bool same_word(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : word_is(a, b);
}

/* In any order. */
static bool same_list(const struct list *a, const struct list *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same = list_has(b, a->word[i]);
    return same;
}

static bool same_destroy(const struct model_set *s, const struct grant *a,
                         const struct model_set *t, const struct grant *b)
{
    const struct list *x = model_awaited(a), *y = model_awaited(b);
    return word_is(a->starts_at, b->starts_at) && a->delay_s == b->delay_s &&
           model_kept_s(s, a) == model_kept_s(t, b) && a->duties.receipt_s == b->duties.receipt_s &&
           same_word(a->duties.overdue, b->duties.overdue) &&
           (x == NULL || y == NULL ? x == y : same_list(x, y));
}

static bool same_approval(const struct grant_duties *a, const struct grant_duties *b)
{
    return a->persons == b->persons && same_word(a->approver, b->approver) &&
           a->approval_s == b->approval_s && a->second_s == b->second_s &&
           (a->second_s == 0 || (a->night_from == b->night_from && a->night_to == b->night_to));
}

static bool same_duties(const struct grant_duties *a, const struct grant_duties *b)
{
    return same_approval(a, b) && same_list(&a->keep_bases, &b->keep_bases) &&
           a->attend_s == b->attend_s && same_word(a->other, b->other) &&
           same_list(&a->answer_kinds, &b->answer_kinds) && same_list(&a->onward, &b->onward) &&
           same_list(&a->onward_bases, &b->onward_bases) && a->offline_s == b->offline_s &&
           a->uses == b->uses && a->largest_kib == b->largest_kib && a->kib_per_s == b->kib_per_s &&
           a->messages_per_s == b->messages_per_s;
}

static bool same_transforms(const struct grant *a, const struct grant *b)
{
    bool same = a->transforms == b->transforms;
    for (size_t i = 0; same && i < a->transforms; i++) {
        const struct grant_transform *x = &a->transform[i], *y = &b->transform[i];
        same = word_is(x->field, y->field) && word_is(x->effect, y->effect) &&
               x->grid_m == y->grid_m && x->within_m == y->within_m;
    }
    return same;
}

/* An emergency that is used lasts, where it is declared, as long as the memorandum says. */
bool model_terms_differ(const struct model_set *s, int grant, const struct model_set *t, int other,
                        bool emergency)
{
    const struct grant *a = &s->grant[grant], *b = &t->grant[other];
    const struct mou *m = &s->mou[a->mou], *n = &t->mou[b->mou];
    return !same_destroy(s, a, t, b) || !same_duties(&a->duties, &b->duties) ||
           !same_transforms(a, b) || a->notify_s != b->notify_s ||
           !same_list(&a->deferrable, &b->deferrable) || m->duties != n->duties ||
           (emergency && m->emergency.lasts_s != n->emergency.lasts_s);
}

/* Which messages two sets decide differently: single changes with their differences, boundaries to
 * the step, and random messages, each of whose differences has to be told. */
#include "pair.h"
#include "roll.h"

static void pair_open(struct pair *p, const struct change *change, bool reversed)
{
    struct set *changed = reversed ? &p->old : &p->new;
    set_new(&p->old);
    set_new(&p->new);
    set_change(changed, change->path, change->old, change->new);
    pair_compare(p, change->new);
}

static void each_change_is_told_as_what_it_changes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        struct pair p = {0};
        pair_open(&p, &changes[i], false);
        pair_expect(&p, changes[i].new, changes[i].says);
        pair_free(&p);
    }
}

/* ---- random messages */

static bool same(const struct policy_decided *a, const struct policy_decided *b)
{
    return a->verdict == b->verdict &&
           (a->verdict == POLICY_REFUSED || strcmp(a->clause, b->clause) == 0);
}

static bool is_told(const struct policy_diff *d, const struct ask *a,
                    const struct policy_decided *old, const struct policy_decided *new)
{
    for (size_t i = 0; i < d->differences; i++) {
        const struct policy_difference *x = &d->difference[i];
        if (same(&x->old, old) && same(&x->new, new) && bytes_is(a->facts.source, x->from) &&
            strcmp(a->to, x->to) == 0 && strcmp(kind_row(a->facts.kind)->name, x->kind) == 0)
            return true;
    }
    return false;
}

static void every_random_difference_is_told(void **state)
{
    enum { MESSAGES = 2000 };
    size_t seen = 0;
    (void)state;
    for (size_t i = 0; i < 2 * ARRAY_LEN(changes); i++) {
        struct pair p = {0};
        struct ask a = {0};
        const struct change *change = &changes[i / 2];
        pair_open(&p, change, i % 2 != 0);
        for (size_t k = 0; k < MESSAGES; k++) {
            roll(&a);
            const struct policy_decided old = decided(&a, p.old.policy),
                                        new = decided(&a, p.new.policy);
            if (same(&old, &new))
                continue;
            seen++;
            if (!is_told(&p.diff, &a, &old, &new))
                fail_msg("%s: not told: %s from %s to %s: %s %s -> %s %s", change->new,
                         kind_row(a.facts.kind)->name, (const char *)a.facts.source.p, a.to,
                         policy_verdict_word(old.verdict, false), old.clause,
                         policy_verdict_word(new.verdict, false), new.clause);
        }
        pair_free(&p);
    }
    assert_true(seen > 500);
}

/* ---- examples */

static void an_example_is_as_short_as_it_can_be(void **state)
{
    static const struct change change = {A, "younger_than: 6 hours", "younger_than: 7 hours", NULL};
    struct pair p = {0};
    (void)state;
    pair_open(&p, &change, false);
    assert_int_equal(p.diff.differences, 1);
    assert_string_equal(
        p.diff.difference[0].message,
        "kind\tvideo\nfrom\tcentre/video\nto\tpolice/control\nservice\tonsite-video\n"
        "purpose\tcrime-response\nbasis\tkr/pipa/18-2-3\nwatcher.purpose\tcrime-response\n"
        "watcher.basis\tkr/pipa/18-2-3\nwatcher.actor\tnamed\ncamera_id\tcam-1\n"
        "incident\topen robbery since 2026-11-21T15:00:00+09:00 with police/control at "
        "36.3522483,127.3800000\ntime\t2026-11-21T21:00:00+09:00\n");
    pair_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_change_is_told_as_what_it_changes),
                                       cmocka_unit_test(every_random_difference_is_told),
                                       cmocka_unit_test(an_example_is_as_short_as_it_can_be)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

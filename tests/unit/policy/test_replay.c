/* What a replay settles is what the decision says, for random messages of which it is told no more
 * than a log holds. */
#include "roll.h"

struct pair {
    struct set then, now;
    struct policy_replayer *with, *without; /* the set that decided */
    size_t settled[2], changed;
};

static void pair_open(struct pair *p, const struct change *change, bool reversed)
{
    struct set *changed = reversed ? &p->then : &p->now;
    *p = (struct pair){0};
    set_new(&p->then);
    set_new(&p->now);
    set_change(changed, change->path, change->old, change->new);
    set_open(&p->then);
    set_open(&p->now);
    p->with = policy_replayer_new(p->now.policy, p->then.policy);
    p->without = policy_replayer_new(p->now.policy, NULL);
}

static void pair_free(struct pair *p)
{
    policy_replayer_free(p->with);
    policy_replayer_free(p->without);
    set_free(&p->then);
    set_free(&p->now);
}

static struct policy_recorded record_of(const struct ask *a, const struct policy_decided *then)
{
    static const char *const status[] = {"", "actual", "exercise", "test"};
    return (struct policy_recorded){.kind = bytes_of_text(kind_row(a->facts.kind)->name),
                                    .from = a->facts.source,
                                    .to = bytes_of_text(a->to),
                                    .service = a->facts.service,
                                    .purpose = a->facts.purpose,
                                    .basis = a->facts.basis,
                                    .status = bytes_of_text(status[a->facts.status]),
                                    .incidents = a->facts.incidents,
                                    .time_us = a->now_us,
                                    .serial = 7,
                                    .verdict = then->verdict,
                                    .clause = bytes_of_text(then->clause)};
}

static void replay_one(struct pair *p, struct ask *a)
{
    const struct policy_decided then = decided(a, p->then.policy), now = decided(a, p->now.policy);
    const struct policy_recorded record = record_of(a, &then);
    struct policy_replayer *const replayer[] = {p->without, p->with};
    p->changed += then.verdict != now.verdict;
    for (size_t i = 0; i < 2; i++) {
        struct policy_replayed r;
        policy_replay(replayer[i], &record, &r);
        p->settled[i] += r.settled;
        if (r.settled && (r.now.verdict != now.verdict || strcmp(r.now.clause, now.clause) != 0))
            fail_msg("%s from %s to %s: %s %s, not %s %s", kind_row(a->facts.kind)->name,
                     (const char *)a->facts.source.p, a->to,
                     policy_verdict_word(now.verdict, false), now.clause,
                     policy_verdict_word(r.now.verdict, false), r.now.clause);
        assert_true(r.settled ? r.facts == 0 : r.facts != 0);
    }
}

static void what_is_settled_is_what_the_decision_says(void **state)
{
    enum { MESSAGES = 200 };
    size_t settled[2] = {0}, changed = 0;
    (void)state;
    for (size_t i = 0; i < 2 * ARRAY_LEN(changes); i++) {
        struct pair p;
        struct ask a = {0};
        pair_open(&p, &changes[i / 2], i % 2 != 0);
        for (size_t k = 0; k < MESSAGES; k++) {
            roll(&a);
            if (a.facts.kind != KIND_VIDEO)
                replay_one(&p, &a);
        }
        settled[0] += p.settled[0];
        settled[1] += p.settled[1];
        changed += p.changed;
        pair_free(&p);
    }
    /* knowing what decided settles more; and some decisions did change */
    assert_true(settled[0] > 1000 && settled[1] > settled[0] + 1000 && changed > 50);
}

/* Between them no fact is left out, and each has a key. */
static void every_fact_has_a_key(void **state)
{
    unsigned i = 0;
    (void)state;
    while (policy_fact_key(i) != NULL)
        assert_true(policy_fact_key(i++)[0] != '\0');
    assert_true(i > 20 && i < 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_settled_is_what_the_decision_says),
                                       cmocka_unit_test(every_fact_has_a_key)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

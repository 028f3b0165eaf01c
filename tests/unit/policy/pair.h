/* Two sets that differ in one place, compared. */
#ifndef FEDGATE_TESTS_POLICY_PAIR_H
#define FEDGATE_TESTS_POLICY_PAIR_H

#include "policy/analysis.h"
#include "set.h"

struct pair {
    struct set old, new;
    struct policy_diff diff;
};

/* Compares both; nothing may be left out. */
static inline void pair_compare(struct pair *p, const char *about)
{
    set_open(&p->old);
    set_open(&p->new);
    policy_diff(p->old.policy, p->new.policy, NOW_US, false, &p->diff);
    assert_int_equal(p->diff.unconfirmed, 0);
    for (size_t i = 0; i < p->diff.uncompareds; i++)
        fail_msg("%s: not compared: %s to %s: %s", about, p->diff.uncompared[i].kind,
                 p->diff.uncompared[i].to,
                 p->diff.uncompared[i].too_many ? "too many" : "no place");
}

static inline void pair_free(struct pair *p)
{
    policy_diff_free(&p->diff);
    set_free(&p->old);
    set_free(&p->new);
}

/* "refused -> permitted a#live: incident-too-old; ..." */
static inline void pair_summarise(const struct policy_diff *d, struct buf *out)
{
    for (size_t i = 0; i < d->differences; i++) {
        const struct policy_difference *x = &d->difference[i];
        const struct policy_decided *why = x->new.verdict == POLICY_REFUSED ? &x->new : &x->old;
        buf_printf(out, "%s%s -> %s %s", i == 0 ? "" : "; ",
                   policy_verdict_word(x->old.verdict, false),
                   policy_verdict_word(x->new.verdict, false),
                   x->new.verdict == POLICY_REFUSED ? x->old.clause : x->new.clause);
        if (why->verdict == POLICY_REFUSED)
            buf_printf(out, ": %s", why->failed);
        for (unsigned k = 0; k < POLICY_ASPECTS; k++)
            if ((x->aspects >> k & 1) != 0)
                buf_printf(out, " (%s)", policy_aspect_text((enum policy_aspect)k, false));
    }
}

static inline void pair_expect(const struct pair *p, const char *about, const char *says)
{
    struct buf said = BUF_INIT(1 << 16);
    pair_summarise(&p->diff, &said);
    if (strcmp(buf_c(&said), says) != 0)
        fail_msg("%s: \"%s\"\n  instead of \"%s\"", about, buf_c(&said), says);
    buf_free(&said);
}

#endif

/*
 * `policy diff` against the evaluator of tests/oracle/, over the whole language: random pairs of
 * small sets, most of which differ in one place.
 *
 * Every difference that is told is read from its words and put to the evaluator, which has to give
 * both answers. Then random questions, on the edge of what one of the sets says: what the evaluator
 * answers differently has to be told, or named as not compared; so where nothing is told, nothing
 * differs. And no grant that answers is said to be dead.
 *
 *   DIFF_PAIRS=20000 DIFF_SEED=7 DIFF_GRANTS=10 build/test/policy/test_diff_oracle
 */
#include "set.h"

#include "../../oracle/model.h"
#include "policy/analysis.h"

#include <inttypes.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define PAIRS 300
#else
#define PAIRS 2000
#endif

enum { GRANTS = 3, QUESTIONS = 200, UNCOMPARED_PERCENT = 3 };

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

struct run {
    struct dice dice;
    uint64_t seed; /* of this pair */
    size_t grants;
    struct model_set *model[2];
    struct set set[2];
    struct policy_diff diff;
    uint64_t pairs, unlawful, alike, uncompared;
    uint64_t questions, differences, told;
};

/* ---- what the evaluator says */

static void evaluate(const struct run *r, const struct model_question *q, struct model_answer m[2])
{
    for (size_t side = 0; side < 2; side++)
        model_evaluate_for(r->model[side], q, &m[side]);
}

static enum policy_verdict verdict_of(const struct run *r, size_t side,
                                      const struct model_answer *m)
{
    if (!model_permits(m->reason))
        return POLICY_REFUSED;
    if (strcmp(m->reason, "PERMITTED") != 0)
        return POLICY_EMERGENCY;
    return r->model[side]->grant[m->grant].duties.persons > 0 ? POLICY_HELD : POLICY_PERMITTED;
}

static bool terms_differ(const struct run *r, const struct model_answer m[2])
{
    const bool emergency =
        verdict_of(r, 0, &m[0]) == POLICY_EMERGENCY && verdict_of(r, 1, &m[1]) == POLICY_EMERGENCY;
    return model_permits(m[0].reason) && model_permits(m[1].reason) &&
           model_terms_differ(r->model[0], m[0].grant, r->model[1], m[1].grant, emergency);
}

static bool differ(const struct run *r, const struct model_answer m[2])
{
    const enum policy_verdict old = verdict_of(r, 0, &m[0]), new = verdict_of(r, 1, &m[1]);
    if (old == POLICY_REFUSED || new == POLICY_REFUSED)
        return old != new;
    return old != new || strcmp(m[0].clause, m[1].clause) != 0 || terms_differ(r, m);
}

/* ---- a disagreement */

static void add_file(void *arg, const char *path, const char *text)
{
    buf_printf(arg, "--- %s\n%s", path, text);
}

static void add_answer(struct buf *out, const char *who, const struct model_answer *m)
{
    buf_printf(out, "%s: %s %s (%s)\n", who, m->reason, m->clause, m->failed);
}

static void add_difference(struct buf *out, const struct policy_difference *x)
{
    buf_printf(out, "told: %s %s -> %s: %s %s (%s) -> %s %s (%s), aspects %x\n%s", x->kind, x->from,
               x->to, policy_verdict_word(x->old.verdict, false), x->old.clause, x->old.failed,
               policy_verdict_word(x->new.verdict, false), x->new.clause, x->new.failed, x->aspects,
               x->message);
}

/* Both sets to standard error, for they are long. */
static void fail_pair(const struct run *r, const char *why, const struct model_question *q,
                      const struct model_answer m[2])
{
    struct buf text = BUF_INIT(1 << 20);
    for (size_t side = 0; side < 2; side++) {
        buf_printf(&text, "====== %s\n", side == 0 ? "old" : "new");
        model_write(r->model[side], add_file, &text);
        buf_printf(&text, "--- the compiler says\n%s", (const char *)r->set[side].said.p);
    }
    for (size_t i = 0; i < r->diff.differences; i++)
        add_difference(&text, &r->diff.difference[i]);
    if (q != NULL) {
        model_print(q, &text);
        add_answer(&text, "old", &m[0]);
        add_answer(&text, "new", &m[1]);
    }
    (void)fprintf(stderr, "%s", buf_c(&text));
    fail_msg("%s; again: DIFF_PAIRS=1 DIFF_SEED=%" PRIu64, why, r->seed);
}

/* ---- what is told, confirmed */

static bool is_side(const struct run *r, size_t side, const struct policy_decided *x,
                    const struct model_answer *m)
{
    return x->verdict == verdict_of(r, side, m) &&
           (x->verdict == POLICY_REFUSED || strcmp(x->clause, m->clause) == 0);
}

/* Of a refusal the reason too, unless the recipient is none of the set's. */
static bool is_just_so(const struct run *r, size_t side, const struct policy_decided *x,
                       const struct model_answer *m)
{
    return is_side(r, side, x, m) &&
           (x->reason == REASON_RECIPIENT_UNKNOWN ||
            (strcmp(reason_row(x->reason)->name, m->reason) == 0 &&
             strcmp(x->clause, m->clause) == 0 && strcmp(x->failed, m->failed) == 0));
}

static void expect_confirmed(const struct run *r, const struct policy_difference *x)
{
    struct model_question q;
    struct model_answer m[2];
    char *text = mem_text(x->message, strlen(x->message));
    if (!model_read(text, &q))
        fail_pair(r, "a message is told that cannot be read", NULL, NULL);
    evaluate(r, &q, m);
    if (!is_just_so(r, 0, &x->old, &m[0]) || !is_just_so(r, 1, &x->new, &m[1]) || !differ(r, m) ||
        (x->aspects != 0) != terms_differ(r, m))
        fail_pair(r, "told, and it is not so", &q, m);
    mem_free(text);
}

/* ---- what differs, told */

static bool is_told(const struct run *r, const struct model_question *q,
                    const struct model_answer m[2])
{
    for (size_t i = 0; i < r->diff.differences; i++) {
        const struct policy_difference *x = &r->diff.difference[i];
        if (strcmp(x->kind, q->kind) == 0 && strcmp(x->from, q->from) == 0 &&
            strcmp(x->to, q->to) == 0 && is_side(r, 0, &x->old, &m[0]) &&
            is_side(r, 1, &x->new, &m[1]))
            return true;
    }
    for (size_t i = 0; i < r->diff.uncompareds; i++) {
        const struct policy_uncompared *x = &r->diff.uncompared[i];
        if (strcmp(x->kind, q->kind) == 0 && strcmp(x->from, q->from) == 0 &&
            strcmp(x->to, q->to) == 0)
            return true;
    }
    return false;
}

/* A grant that is said to be dead answers nothing; a stream may open that nobody can watch. */
static void expect_alive(const struct run *r, size_t side, const struct model_question *q,
                         const struct model_answer m[2])
{
    char dead[160];
    (void)snprintf(dead, sizeof dead, "grant '%s' never answers", m[side].clause);
    if (q->asks != MODEL_OPENING && model_permits(m[side].reason) &&
        strstr((const char *)r->set[side].said.p, dead) != NULL)
        fail_pair(r, dead, q, m);
}

/* Suspensions are no part of a set. */
static void ask_both(struct run *r)
{
    struct model_question q;
    struct model_answer m[2];
    model_random_question(&r->dice, r->model[dice_of(&r->dice, 2)], &q);
    q.suspended_units.n = 0;
    q.suspended_grants = 0;
    evaluate(r, &q, m);
    r->questions++;
    for (size_t side = 0; side < 2; side++)
        expect_alive(r, side, &q, m);
    if (!differ(r, m))
        return;
    r->differences++;
    if (!is_told(r, &q, m))
        fail_pair(r, "not told", &q, m);
}

/* ---- pairs */

static void put_file(void *arg, const char *path, const char *text)
{
    set_put(arg, path, text);
}

/* A change may break a rule of law, or make two grants overlap: then the set is none. */
static bool open_set(const struct model_set *model, struct set *s)
{
    *s = (struct set){.now_us = MODEL_NOW, .said = BUF_INIT(1 << 22), .block = BUF_INIT(0)};
    model_write(model, put_file, s);
    set_compile(s);
    if (s->result == RESULT_OK)
        assert_int_equal(policy_open(buf_view(&s->block), &s->policy), RESULT_OK);
    return s->result == RESULT_OK;
}

/* A set and its neighbour, either of which may be the new one; or two over one inventory. */
static void make_pair(struct run *r)
{
    struct dice *d = &r->dice;
    const size_t one = dice_of(d, 2), mous = 1 + dice_of(d, 2);
    struct model_set *a = r->model[one], *b = r->model[1 - one];
    model_random_inventory(d, a);
    *b = *a;
    model_random_memoranda(d, a, mous, r->grants);
    if (dice_odds(d, 10)) {
        model_random_memoranda(d, b, mous, r->grants);
        return;
    }
    *b = *a;
    for (size_t i = dice_odds(d, 80) ? 1 : 2 + dice_of(d, 3); i > 0; i--)
        model_change(d, b);
}

static void compare_pair(struct run *r)
{
    policy_diff(r->set[0].policy, r->set[1].policy, MODEL_NOW, false, &r->diff);
    if (r->diff.unconfirmed > 0)
        fail_pair(r, "an example that the decision denies", NULL, NULL);
    r->told += r->diff.differences;
    r->uncompared += r->diff.uncompareds > 0;
    r->alike += r->diff.differences + r->diff.uncompareds == 0;
    for (size_t i = 0; i < r->diff.differences; i++)
        expect_confirmed(r, &r->diff.difference[i]);
    for (size_t i = 0; i < QUESTIONS; i++)
        ask_both(r);
    policy_diff_free(&r->diff);
}

static void try_pair(struct run *r)
{
    make_pair(r);
    const bool old = open_set(r->model[0], &r->set[0]), new = open_set(r->model[1], &r->set[1]);
    r->pairs += old && new;
    r->unlawful += !old || !new;
    if (old && new)
        compare_pair(r);
    set_free(&r->set[0]);
    set_free(&r->set[1]);
}

/* Each pair has a seed of its own, by which it can be had again alone. */
static void diff_tells_what_the_page_decides_differently(void **state)
{
    const uint64_t pairs = setting("DIFF_PAIRS", PAIRS);
    struct run r = {.seed = setting("DIFF_SEED", 20261121),
                    .grants = setting("DIFF_GRANTS", GRANTS)};
    (void)state;
    for (size_t side = 0; side < 2; side++)
        r.model[side] = mem_new(sizeof *r.model[side]);
    for (; r.pairs < pairs; r.seed++) {
        r.dice.state = r.seed;
        try_pair(&r);
    }
    print_message(
        "diff: to seed %" PRIu64 ", %" PRIu64 " pairs of sets, %" PRIu64
        " not all compared, %" PRIu64 " alike; %" PRIu64 " differences told and confirmed; %" PRIu64
        " of %" PRIu64 " questions differ, all told; %" PRIu64 " sets were unlawful\n",
        r.seed, r.pairs, r.uncompared, r.alike, r.told, r.differences, r.questions, r.unlawful);
    for (size_t side = 0; side < 2; side++)
        mem_free(r.model[side]);
    assert_true(pairs < PAIRS || r.uncompared * 100 <= pairs * UNCOMPARED_PERCENT);
    assert_true(pairs < PAIRS || (r.told > pairs / 2 && r.alike > pairs / 20));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(diff_tells_what_the_page_decides_differently)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * `policy diff` against the evaluator of tests/oracle/: random pairs of sets, which differ in a few
 * places, and for each pair random questions on the edge of what one of them says. Whatever the
 * evaluator answers differently has to be told, and no grant that answers is said to be dead.
 *
 *   DIFF_PAIRS=2000 DIFF_SEED=7 build/test/policy/test_diff_oracle
 */
#include "set.h"

#include "../../oracle/model.h"
#include "policy/analysis.h"

#include <inttypes.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define PAIRS 3
#else
#define PAIRS 10
#endif

enum { QUESTIONS = 400, CHANGES_MAX = 3 };

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* ---- the other set: a few changes, each of one place */

static void drop_word(struct dice *d, struct list *l)
{
    if (l->n < 2)
        return;
    l->word[dice_of(d, l->n)] = l->word[l->n - 1];
    l->n--;
}

static void change_condition(struct dice *d, struct conditions *c)
{
    if (c->n == 0)
        return;
    struct condition *x = &c->at[dice_of(d, c->n)];
    if (x->words.n > 0) {
        drop_word(d, &x->words);
        return;
    }
    if (strcmp(x->key, "incident.younger_than") != 0 && strncmp(x->key, "camera.within", 13) != 0)
        return;
    x->number = dice_odds(d, 50) ? x->number + 1 : x->number * 2;
    (void)snprintf(x->text, sizeof x->text, "%" PRId64 "%s", x->number,
                   x->key[0] == 'i' ? " seconds" : "");
}

static void change_grant(struct dice *d, struct grant *g)
{
    switch (dice_of(d, 5)) {
    case 0: g->delay_s += dice_between(d, 1, 60); break;
    case 1: drop_word(d, &g->bases); break;
    case 2: drop_word(d, &g->to); break;
    case 3: change_condition(d, &g->when); break;
    default:
        if (g->alternatives > 0)
            change_condition(d, &g->any[dice_of(d, g->alternatives)]);
        else
            change_condition(d, &g->when);
    }
}

static void change_camera(struct dice *d, struct camera *c)
{
    static const char *const kinds[] = {"fixed", "drone", "vehicle"};
    switch (dice_of(d, 3)) {
    case 0: c->kind = DICE_PICK(d, kinds); break;
    case 1: c->at.latitude += (double)dice_between(d, -50, 50) / 10000; break;
    default: drop_word(d, &c->installed_for);
    }
}

static void change(struct dice *d, struct model_set *s)
{
    switch (dice_of(d, 6)) {
    case 0:
        if (s->cameras > 0)
            change_camera(d, &s->camera[dice_of(d, s->cameras)]);
        break;
    case 1:
        if (s->exercises > 0)
            s->exercise[dice_of(d, s->exercises)].until_us += 60 * MODEL_SECOND;
        break;
    case 2:
        if (s->prohibitions > 0)
            drop_word(d, &s->prohibition[dice_of(d, s->prohibitions)].spared_roles);
        break;
    default: change_grant(d, &s->grant[dice_of(d, s->grants)]);
    }
}

/* ---- both sets */

struct run {
    struct dice dice;
    struct model_set *model[2];
    struct set set[2];
    struct policy_diff diff;
    uint64_t pairs, questions, differences, told, without;
};

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

static bool is_permitted(const struct model_answer *m)
{
    return strncmp(m->reason, "PERMITTED", 9) == 0; /* or PERMITTED_EMERGENCY */
}

/* What only the terms of one grant can part, is its delay here. */
static bool differ(const struct run *r, const struct model_answer m[2])
{
    if (!is_permitted(&m[0]) || !is_permitted(&m[1]))
        return is_permitted(&m[0]) != is_permitted(&m[1]);
    return strcmp(m[0].clause, m[1].clause) != 0 || strcmp(m[0].reason, m[1].reason) != 0 ||
           r->model[0]->grant[m[0].grant].delay_s != r->model[1]->grant[m[1].grant].delay_s;
}

static bool is_side(const struct policy_decided *x, const struct model_answer *m)
{
    if (!is_permitted(m) || x->verdict == POLICY_REFUSED)
        return is_permitted(m) == (x->verdict != POLICY_REFUSED);
    const bool emergency = strcmp(m->reason, "PERMITTED_EMERGENCY") == 0;
    return (x->verdict == POLICY_EMERGENCY) == emergency && strcmp(x->clause, m->clause) == 0;
}

static bool is_told(const struct run *r, const struct model_question *q,
                    const struct model_answer m[2])
{
    for (size_t i = 0; i < r->diff.differences; i++) {
        const struct policy_difference *x = &r->diff.difference[i];
        if (strcmp(x->kind, q->kind) == 0 && strcmp(x->from, q->from) == 0 &&
            strcmp(x->to, q->to) == 0 && is_side(&x->old, &m[0]) && is_side(&x->new, &m[1]))
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

static void fail_pair(const struct run *r, const struct model_question *q,
                      const struct model_answer m[2])
{
    struct buf text = BUF_INIT(1 << 20);
    model_print(q, &text);
    for (size_t i = 0; i < r->diff.differences; i++) {
        const struct policy_difference *x = &r->diff.difference[i];
        buf_printf(&text, "told: %s %s -> %s: %s %s (%s) -> %s %s (%s)\n", x->kind, x->from, x->to,
                   policy_verdict_word(x->old.verdict, false), x->old.clause, x->old.failed,
                   policy_verdict_word(x->new.verdict, false), x->new.clause, x->new.failed);
    }
    fail_msg("pair %" PRIu64 ": not told: %s %s (%s) -> %s %s (%s)\n%s", r->pairs, m[0].reason,
             m[0].clause, m[0].failed, m[1].reason, m[1].clause, m[1].failed, buf_c(&text));
}

/* A grant that is said to be dead answers nothing. */
static void expect_alive(const struct run *r, size_t side, const struct model_answer *m)
{
    char dead[160];
    (void)snprintf(dead, sizeof dead, "grant '%s' never answers", m->clause);
    if (strstr((const char *)r->set[side].said.p, dead) != NULL)
        fail_msg("pair %" PRIu64 ": %s, and it does", r->pairs, dead);
}

static void ask_both(struct run *r)
{
    struct model_question q;
    struct model_answer m[2];
    model_random_question(&r->dice, r->model[dice_of(&r->dice, 2)], &q);
    if (q.asks == MODEL_OPENING)
        return;
    for (size_t side = 0; side < 2; side++) {
        model_evaluate(r->model[side], &q, &m[side]);
        if (is_permitted(&m[side]))
            expect_alive(r, side, &m[side]);
    }
    r->questions++;
    if (!differ(r, m))
        return;
    r->differences++;
    if (!is_told(r, &q, m))
        fail_pair(r, &q, m);
}

static void compare_pair(struct run *r)
{
    model_random_set(&r->dice, r->model[0]);
    *r->model[1] = *r->model[0];
    for (size_t i = 0; i <= dice_of(&r->dice, CHANGES_MAX); i++)
        change(&r->dice, r->model[1]);
    const bool one = open_set(r->model[0], &r->set[0]), other = open_set(r->model[1], &r->set[1]);
    if (one && other) {
        r->pairs++;
        policy_diff(r->set[0].policy, r->set[1].policy, MODEL_NOW, false, &r->diff);
        assert_int_equal(r->diff.unconfirmed, 0);
        r->told += r->diff.differences;
        r->without += r->diff.uncompareds > 0;
        for (size_t i = 0; i < QUESTIONS; i++)
            ask_both(r);
        policy_diff_free(&r->diff);
    }
    set_free(&r->set[0]);
    set_free(&r->set[1]);
}

static void what_the_page_decides_differently_is_told(void **state)
{
    const uint64_t pairs = setting("DIFF_PAIRS", PAIRS);
    struct run r = {.dice = {setting("DIFF_SEED", 20261121)}};
    (void)state;
    for (size_t side = 0; side < 2; side++)
        r.model[side] = mem_new(sizeof *r.model[side]);
    while (r.pairs < pairs)
        compare_pair(&r);
    print_message("diff: %" PRIu64 " pairs of sets, %" PRIu64 " differences told, %" PRIu64
                  " pairs not all compared; %" PRIu64 " of %" PRIu64 " questions differ\n",
                  r.pairs, r.told, r.without, r.differences, r.questions);
    assert_true(r.differences > pairs / 2 && r.told > pairs / 2);
    assert_true(r.without < pairs);
    for (size_t side = 0; side < 2; side++)
        mem_free(r.model[side]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_the_page_decides_differently_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

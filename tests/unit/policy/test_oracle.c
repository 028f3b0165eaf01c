/*
 * The decision against an evaluator that was written from policy/LANGUAGE.md alone (tests/oracle/):
 * random sets, for each of them random questions, most on the edge of what the set says.
 *
 *   ORACLE_PAIRS=20000 ORACLE_SEED=7 build/test/policy/test_oracle
 *
 * A disagreement is told as the set, the question and both answers.
 */
#include "oracle.h"

#include "message/reason.h"

#include <inttypes.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define PAIRS 100000
#else
#define PAIRS 1100000
#endif

enum { QUESTIONS = 500, TOLD_MAX = 3 };

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* ---- both answers */

struct put {
    struct facts facts, watcher;
    struct incident incident[MODEL_INCIDENTS];
    struct policy_question q;
    struct decision d;
    uint32_t to;
    uint64_t units_suspended[4], grants_suspended[1];
};

/* Words, units and grants by their numbers in the set. */
static void state_of(const struct policy *p, const struct model_set *s,
                     const struct model_question *q, struct put *a)
{
    struct policy_state *state = &a->q.state;
    const struct list regions = regions_of(s);
    memset(a->units_suspended, 0, sizeof a->units_suspended);
    a->grants_suspended[0] = 0;
    for (size_t i = 0; i < q->headquarters.n; i++)
        state->regions_active |= UINT64_C(1) << place_of(&regions, q->headquarters.word[i]);
    state->consent = q->consent.gone ? POLICY_CONSENT_GONE : POLICY_CONSENT_STANDS;
    for (size_t i = 0; i < q->suspended_units.n; i++) {
        uint32_t unit = policy_unit(p, bytes_of_text(q->suspended_units.word[i]));
        a->units_suspended[unit / 64] |= UINT64_C(1) << (unit % 64);
    }
    for (size_t i = 0; i < s->grants; i++) {
        char clause[60];
        (void)snprintf(clause, sizeof clause, "%s#%s", s->mou[s->grant[i].mou].name,
                       s->grant[i].name);
        if ((q->suspended_grants >> i & 1) != 0)
            a->grants_suspended[0] |= UINT64_C(1) << policy_clause(p, bytes_of_text(clause));
    }
    state->units_suspended = a->units_suspended;
    state->grants_suspended = a->grants_suspended;
}

static void ask_gateway(const struct policy *p, const struct model_set *s,
                        const struct model_question *q, struct put *a)
{
    const struct incident *known[FACTS_INCIDENT_MAX] = {NULL};
    const char *failed = "";
    facts_of(q, &a->facts);
    a->watcher = (struct facts){0};
    claim_of(q, &q->watcher, &a->watcher);
    for (size_t i = 0; i < q->incidents; i++) {
        incident_of(&q->incident[i], &a->incident[i]);
        known[i] = q->incident[i].known ? &a->incident[i] : NULL;
    }
    a->to = q->asks == MODEL_OPENING ? POLICY_NONE : policy_unit(p, bytes_of_text(q->to));
    enum reason r = policy_ask(p, &a->facts, q->asks == MODEL_WATCHING ? &a->watcher : NULL, known,
                               q->now_us, &a->q, &failed);
    if (r == REASON_PERMITTED)
        state_of(p, s, q, a);
    if (r != REASON_PERMITTED)
        a->d = (struct decision){.reason = r,
                                 .grant = POLICY_NONE,
                                 .incident = POLICY_NONE,
                                 .clause = "",
                                 .failed = failed,
                                 .law = ""};
    else if (q->asks == MODEL_OPENING)
        policy_decide_send(&a->q, &a->to, &a->d);
    else
        policy_decide(&a->q, a->to, &a->d);
}

static bool same_unit(const struct policy *p, uint32_t unit, const char *name)
{
    if (unit == POLICY_NONE || name == NULL)
        return unit == POLICY_NONE && name == NULL;
    return strcmp(policy_unit_name(p, unit), name) == 0;
}

static bool same_decision(const struct decision *d, const struct model_answer *m)
{
    int incident = d->incident == POLICY_NONE ? -1 : (int)d->incident;
    return !m->several && strcmp(reason_row(d->reason)->name, m->reason) == 0 &&
           strcmp(d->clause, m->clause) == 0 && strcmp(d->failed, m->failed) == 0 &&
           strcmp(d->law, m->law) == 0 && d->near == m->near && incident == m->incident &&
           d->declares == m->declares;
}

static bool same_units(const struct policy *p, const uint32_t *unit, size_t count,
                       const struct list *names)
{
    bool same = count == names->n;
    for (size_t i = 0; same && i < count; i++)
        same = list_has(names, policy_unit_name(p, unit[i]));
    return same;
}

static uint64_t mask_of(const struct list *all, const struct list *words)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < words->n; i++)
        mask |= UINT64_C(1) << place_of(all, words->word[i]);
    return mask;
}

static uint64_t bases_of(const struct model_set *s, const struct list *codes)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < s->bases; i++)
        if (list_has(codes, s->basis[i].code))
            mask |= UINT64_C(1) << i;
    return mask;
}

static uint64_t kinds_of(const struct list *names)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < names->n; i++)
        mask |= UINT64_C(1) << kind_named(bytes_of_text(names->word[i]))->id;
    return mask;
}

static bool same_clock(const struct model_set *s, const struct grant *g,
                       const struct obligations *fast, const struct model_obligations *slow)
{
    static const char *const starts[] = {[POLICY_STARTS_ARRIVAL] = "arrival",
                                         [POLICY_STARTS_INCIDENT_END] = "incident-end",
                                         [POLICY_STARTS_FOUND] = "found",
                                         [POLICY_STARTS_DISASTER_END] = "disaster-end"};
    static const char *const overdue[] = {[POLICY_OVERDUE_NOTHING] = "",
                                          [POLICY_OVERDUE_ALARM] = "alarm",
                                          [POLICY_OVERDUE_SUSPEND] = "suspend"};
    const struct grant_duties *o = &g->duties;
    const struct list regions = regions_of(s);
    return strcmp(starts[fast->starts], slow->starts_at) == 0 && fast->delay_us == slow->delay_us &&
           fast->destroy_by_us == slow->destroy_by_us &&
           fast->notify_within_us == slow->notify_within_us &&
           fast->duties == (size_t)slow->duties && strcmp(fast->purpose, g->purpose) == 0 &&
           fast->receipt_within_us == o->receipt_s * US_PER_S &&
           strcmp(overdue[fast->overdue], o->overdue == NULL ? "" : o->overdue) == 0 &&
           fast->deferrable == mask_of(model_words(WORDS_REASON), &g->deferrable) &&
           fast->regions == mask_of(&regions, &slow->regions) &&
           fast->offline_us == o->offline_s * US_PER_S && (int64_t)fast->uses == o->uses &&
           fast->keep_bases == bases_of(s, &o->keep_bases);
}

static bool same_persons(const struct policy *p, const struct model_set *s, const struct grant *g,
                         const struct obligations *fast, const struct model_obligations *slow)
{
    const struct grant_duties *o = &g->duties;
    const struct policy_approval *a = &fast->approval;
    bool same = (int)a->persons == o->persons &&
                same_units(p, fast->onward.unit, fast->onward.units, &o->onward) &&
                fast->onward.bases == bases_of(s, &o->onward_bases) &&
                fast->attend.within_us == o->attend_s * US_PER_S &&
                fast->attend.answer_kinds == kinds_of(&o->answer_kinds);
    if (same && o->persons > 0)
        same = strcmp(policy_officer_role(a->role), o->approver) == 0 &&
               strncmp(g->from, a->party, strlen(a->party)) == 0 &&
               a->within_us == o->approval_s * US_PER_S && a->is_night == slow->is_night &&
               a->second_within_us == o->second_s * US_PER_S;
    return same &&
           (o->other == NULL || strcmp(policy_unit_name(p, fast->attend.other), o->other) == 0);
}

static bool same_limits(const struct grant *g, struct policy_limits l)
{
    const struct grant_duties *o = &g->duties;
    return (int64_t)l.largest == o->largest_kib * 1024 &&
           (int64_t)l.bytes_per_s == o->kib_per_s * 1024 &&
           (int64_t)l.messages_per_s == o->messages_per_s;
}

/* What a permission brings with it, and what becomes of it when nobody attends. */
static bool same_obligations(const struct policy *p, const struct model_set *s,
                             const struct model_question *q, const struct put *a,
                             const struct model_answer *m)
{
    struct model_obligations slow;
    struct model_answer slow_else;
    struct obligations fast;
    struct decision fast_else;
    if (!model_permits(m->reason))
        return true;
    const struct grant *g = &s->grant[m->grant];
    model_obligations(s, q, m->grant, &slow);
    policy_obligations(&a->q, a->d.grant, &fast);
    if (!same_clock(s, g, &fast, &slow) || !same_persons(p, s, g, &fast, &slow) ||
        !same_limits(g, policy_limits(p, a->d.grant)))
        return false;
    if (g->duties.other == NULL)
        return true;
    model_evaluate_else(s, q, m->grant, &slow_else);
    policy_decide_else(&a->q, a->d.grant, &fast_else);
    return same_decision(&fast_else, &slow_else);
}

/* ---- what is told */

static void tell_file(void *arg, const char *path, const char *text)
{
    (void)arg;
    if (strncmp(path, "legal", 5) != 0 && strcmp(path, "vocabulary.yaml") != 0)
        (void)fprintf(stderr, "--- %s\n%s", path, text);
}

static void tell(const struct model_set *s, const struct model_question *q, const struct put *a,
                 const struct model_answer *m)
{
    struct buf text = BUF_INIT(1 << 16);
    model_write(s, tell_file, NULL);
    model_print(q, &text);
    (void)fprintf(stderr, "--- the question\n%s", buf_c(&text));
    (void)fprintf(stderr, "--- the gateway: %s, %s, %s; law: %s; incident %d\n",
                  reason_word(a->d.reason), a->d.clause, a->d.failed, a->d.law, (int)a->d.incident);
    (void)fprintf(stderr, "--- the page: %s, %s, %s; law: %s; incident %d%s\n", m->reason,
                  m->clause, m->failed, m->law, m->incident, m->several ? "; two grants hold" : "");
    buf_free(&text);
}

/* ---- the comparison */

struct run {
    struct dice dice;
    uint64_t pairs, permitted, emergencies, sets, refused_sets, disagreements;
};

static void put_file(void *arg, const char *path, const char *text)
{
    set_put(arg, path, text);
}

/* Compiles it; false when the compiler refuses it because two of its grants answer one message. */
static bool open_set(const struct model_set *model, struct set *s)
{
    *s = (struct set){.now_us = MODEL_NOW, .said = BUF_INIT(1 << 22), .block = BUF_INIT(0)};
    model_write(model, put_file, s);
    set_compile(s);
    if (s->result != RESULT_OK && strstr(buf_c(&s->said), "both answer this message") == NULL) {
        model_write(model, tell_file, NULL);
        fail_msg("%s", buf_c(&s->said));
    }
    if (s->result == RESULT_OK)
        assert_int_equal(policy_open(buf_view(&s->block), &s->policy), RESULT_OK);
    return s->result == RESULT_OK;
}

/* A stream's camera may move: somewhere else than it is listed, or nowhere that is known. */
static void move_camera(struct dice *d, const struct model_set *s, struct model_question *q)
{
    if (strcmp(q->kind, "video") != 0 || !dice_odds(d, 30))
        return;
    q->lost = dice_odds(d, 30);
    q->moved = !q->lost;
    q->at = s->camera[dice_of(d, s->cameras)].at;
}

static void compare(struct run *r, const struct model_set *model, const struct policy *p)
{
    struct model_question q;
    struct model_answer m;
    struct put a;
    model_random_question(&r->dice, model, &q);
    move_camera(&r->dice, model, &q);
    model_evaluate(model, &q, &m);
    ask_gateway(p, model, &q, &a);
    r->pairs++;
    r->permitted += a.d.reason == REASON_PERMITTED;
    r->emergencies += a.d.reason == REASON_PERMITTED_EMERGENCY;
    if (same_decision(&a.d, &m) && (q.asks != MODEL_OPENING || same_unit(p, a.to, m.to)) &&
        same_obligations(p, model, &q, &a, &m))
        return;
    if (r->disagreements++ < TOLD_MAX)
        tell(model, &q, &a, &m);
}

static void the_decision_is_what_the_page_says(void **state)
{
    struct model_set *model = mem_new(sizeof *model);
    uint64_t seed = setting("ORACLE_SEED", 20261121), pairs = setting("ORACLE_PAIRS", PAIRS);
    struct run r = {.dice = {seed}};
    (void)state;
    while (r.pairs < pairs) {
        struct set s;
        model_random_set(&r.dice, model);
        r.sets++;
        bool open = open_set(model, &s);
        r.refused_sets += !open;
        for (int i = 0; open && i < QUESTIONS && r.pairs < pairs; i++)
            compare(&r, model, s.policy);
        set_free(&s);
    }
    mem_free(model);
    print_message("oracle: seed %" PRIu64 ", %" PRIu64 " pairs, %" PRIu64 " permitted, %" PRIu64
                  " in emergencies, %" PRIu64 " sets, %" PRIu64 " refused as they have to be\n",
                  seed, r.pairs, r.permitted, r.emergencies, r.sets, r.refused_sets);
    assert_int_equal(r.disagreements, 0);
    assert_true(r.refused_sets * 10 < r.sets);
    assert_in_range(r.permitted, pairs / 10, pairs - pairs / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_decision_is_what_the_page_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

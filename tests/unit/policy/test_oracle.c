/*
 * The decision against an evaluator that was written from policy/LANGUAGE.md alone (tests/oracle/):
 * random sets, for each of them random questions, most on the edge of what the set says.
 *
 *   ORACLE_PAIRS=20000 ORACLE_SEED=7 build/test/policy/test_oracle
 *
 * A disagreement is told as the set, the question and both answers.
 */
#include "set.h"

#include "../../oracle/model.h"

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

/* ---- the model's question as the decision takes it */

static uint32_t number_of(enum model_words which, const char *word)
{
    const struct list *l = model_words(which);
    uint32_t i = 0;
    while (i < l->n && strcmp(l->word[i], word) != 0)
        i++;
    return i;
}

static void claim_of(const struct model_question *q, const struct model_claim *c, struct facts *f)
{
    f->kind = kind_named(bytes_of_text(q->kind))->id;
    f->purpose = bytes_of_text(c->purpose);
    f->basis = bytes_of_text(c->basis);
    f->has_actor = c->actor;
    for (size_t i = 0; i < c->empty_evidence.n && f->evidences < FACTS_EVIDENCE_MAX; i++)
        f->evidence[f->evidences++].kind = bytes_of_text(c->empty_evidence.word[i]);
    for (size_t i = 0; i < c->evidence.n && f->evidences < FACTS_EVIDENCE_MAX; i++)
        f->evidence[f->evidences++] =
            (struct facts_evidence){bytes_of_text(c->evidence.word[i]), bytes_of_text("X-1")};
}

static size_t words_of(const struct list *l, struct bytes *out)
{
    for (size_t i = 0; i < l->n; i++)
        out[i] = bytes_of_text(l->word[i]);
    return l->n;
}

/* The numbers of the contract follow the order of words.c: origins from 0, the others from 1. */
static void person_of(const struct model_question *q, struct facts *f)
{
    const struct model_consent *c = &q->consent;
    for (size_t i = 0; i < q->origins.n; i++)
        f->origins |= 1u << number_of(WORDS_ORIGIN, q->origins.word[i]);
    for (size_t i = 0; i < q->categories.n; i++)
        f->categories |= 2u << number_of(WORDS_CATEGORY, q->categories.word[i]);
    if (q->age_band != NULL)
        f->age_band = 1 + number_of(WORDS_AGE_BAND, q->age_band);
    if (!c->present)
        return;
    f->consent.present = true;
    f->consent.given_by = 1 + number_of(WORDS_GIVER, c->given_by);
    f->consent.until_us = c->until_us;
    f->consent.recipients = words_of(&c->recipients, f->consent.recipient);
    f->consent.purposes = words_of(&c->purposes, f->consent.purpose);
}

static void facts_of(const struct model_question *q, struct facts *f)
{
    *f = (struct facts){.source = bytes_of_text(q->from),
                        .service = bytes_of_text(q->service),
                        .status = strcmp(q->status, "actual") == 0     ? STATUS_ACTUAL
                                  : strcmp(q->status, "exercise") == 0 ? STATUS_EXERCISE
                                                                       : STATUS_TEST,
                        .recorded_us = q->recorded_us,
                        .destroy_by_us = q->destroy_by_us};
    claim_of(q, &q->sender, f);
    person_of(q, f);
    if (q->incident_type != NULL)
        f->incident_type = bytes_of_text(q->incident_type);
    f->cameras = words_of(&q->cameras, f->camera);
    for (size_t i = 0; i < q->incidents; i++)
        f->incident[f->incidents++] = bytes_of_text(q->incident[i].id);
}

static void incident_of(const struct model_incident *from, struct incident *to)
{
    *to = (struct incident){.exists = true,
                            .has_centre = from->has_place,
                            .centre = {from->place.latitude, from->place.longitude},
                            .opened_us = from->opened_us,
                            .ended_us = from->ended_us,
                            .participants = from->participants.n,
                            .assignments = from->assigned.n};
    (void)snprintf(to->id, sizeof to->id, "%s", from->id);
    (void)snprintf(to->type, sizeof to->type, "%s", from->type);
    for (size_t i = 0; i < from->participants.n; i++) {
        const char *unit = from->participants.word[i];
        (void)snprintf(to->participant[i].name, sizeof to->participant[i].name, "%s", unit);
        to->participant[i].open = !list_has(&from->closed_parts, unit);
    }
    for (size_t i = 0; i < from->assigned.n; i++) {
        (void)snprintf(to->assigned[i].name, sizeof to->assigned[i].name, "%s",
                       from->assigned.word[i]);
        to->assigned[i].open = true;
    }
}

/* ---- both answers */

struct asked {
    struct facts facts, watcher;
    struct incident incident[MODEL_INCIDENTS];
    struct policy_question q;
    struct decision d;
    uint32_t to;
};

static void ask_gateway(const struct policy *p, const struct model_question *q, struct asked *a)
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

static bool same_answer(const struct policy *p, const struct model_question *q,
                        const struct asked *a, const struct model_answer *m)
{
    int incident = a->d.incident == POLICY_NONE ? -1 : (int)a->d.incident;
    return !m->several && strcmp(reason_row(a->d.reason)->name, m->reason) == 0 &&
           strcmp(a->d.clause, m->clause) == 0 && strcmp(a->d.failed, m->failed) == 0 &&
           strcmp(a->d.law, m->law) == 0 && a->d.near == m->near && incident == m->incident &&
           (q->asks != MODEL_OPENING || same_unit(p, a->to, m->to));
}

static bool same_obligations(const struct model_set *s, const struct model_question *q,
                             const struct asked *a, const struct model_answer *m)
{
    static const char *const starts[] = {[POLICY_STARTS_ARRIVAL] = "arrival",
                                         [POLICY_STARTS_INCIDENT_END] = "incident-end",
                                         [POLICY_STARTS_FOUND] = "found"};
    struct model_obligations slow;
    struct obligations fast;
    if (strcmp(m->reason, "PERMITTED") != 0)
        return true;
    model_obligations(s, q, m->grant, &slow);
    policy_obligations(&a->q, a->d.grant, &fast);
    return strcmp(starts[fast.starts], slow.starts_at) == 0 && fast.delay_us == slow.delay_us &&
           fast.destroy_by_us == slow.destroy_by_us &&
           fast.notify_within_us == slow.notify_within_us && fast.duties == (size_t)slow.duties &&
           strcmp(fast.purpose, s->grant[m->grant].purpose) == 0;
}

/* ---- what is told */

static void tell_file(void *arg, const char *path, const char *text)
{
    (void)arg;
    if (strncmp(path, "legal", 5) != 0 && strcmp(path, "vocabulary.yaml") != 0)
        (void)fprintf(stderr, "--- %s\n%s", path, text);
}

static void tell(const struct model_set *s, const struct model_question *q, const struct asked *a,
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
    uint64_t pairs, permitted, sets, refused_sets, disagreements;
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

static void compare(struct run *r, const struct model_set *model, const struct policy *p)
{
    struct model_question q;
    struct model_answer m;
    struct asked a;
    model_random_question(&r->dice, model, &q);
    model_evaluate(model, &q, &m);
    ask_gateway(p, &q, &a);
    r->pairs++;
    r->permitted += a.d.reason == REASON_PERMITTED;
    if (same_answer(p, &q, &a, &m) && same_obligations(model, &q, &a, &m))
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
                  " sets, %" PRIu64 " refused as they have to be\n",
                  seed, r.pairs, r.permitted, r.sets, r.refused_sets);
    assert_int_equal(r.disagreements, 0);
    assert_true(r.refused_sets * 10 < r.sets);
    assert_in_range(r.permitted, pairs / 10, pairs - pairs / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_decision_is_what_the_page_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

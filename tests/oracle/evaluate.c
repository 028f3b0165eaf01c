/*
 * The decision, straight from policy/LANGUAGE.md ("How a decision is made", "Conditions",
 * "Prohibitions"): every grant is compared with the message, one after the other, word by word.
 * Slow, and to be read beside the page.
 */
#include "judge.h"

#include <stdio.h>
#include <string.h>

bool word_is(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

void say_list(char *out, const char *key, const struct list *words)
{
    size_t n = (size_t)snprintf(out, MODEL_TEXT, "%s: ", key);
    for (size_t i = 0; i < words->n; i++)
        n += (size_t)snprintf(out + n, MODEL_TEXT - n, "%s%s", i > 0 ? ", " : "", words->word[i]);
}

void say_word(char *out, const char *key, const char *word)
{
    (void)snprintf(out, MODEL_TEXT, "%s: %s", key, word);
}

const struct basis *basis_of(const struct model_set *s, const char *code)
{
    for (size_t i = 0; i < s->bases; i++)
        if (word_is(s->basis[i].code, code))
            return &s->basis[i];
    return NULL;
}

const struct party *party_of(const struct model_set *s, const char *unit)
{
    for (size_t i = 0; i < s->parties; i++)
        if (list_has(&s->party[i].units, unit))
            return &s->party[i];
    return NULL;
}

/* An incident that the header names is evidence of the kind incident-id by itself. */
bool brings(const struct model_question *q, const struct model_claim *c, const struct list *kinds)
{
    return list_shares(&c->evidence, kinds) || (q->incidents > 0 && list_has(kinds, "incident-id"));
}

/* ---- steps 2 and 3: the words of a grant, up to the evidence that the basis asks for */

static bool refuse(struct judged *j, int came, const char *reason)
{
    j->came = came;
    j->reason = reason;
    return false;
}

static bool refuse_by_law(struct judged *j, int came, const char *reason, const char *basis)
{
    (void)snprintf(j->law, sizeof j->law, "The law of %s", basis);
    return refuse(j, came, reason);
}

static bool grant_is_for(const struct grant *g, const struct model_question *q, const char *to,
                         struct judged *j)
{
    say_word(j->failed, "from", g->from);
    if (!word_is(g->from, q->from))
        return refuse(j, CAME_TO_FROM, "NO_GRANT");
    say_list(j->failed, "to", &g->to);
    if (!list_has(&g->to, to))
        return refuse(j, CAME_TO_TO, "NO_GRANT");
    say_word(j->failed, "service", g->service);
    if (!word_is(g->service, q->service))
        return refuse(j, CAME_TO_SERVICE, "SERVICE_NOT_GRANTED");
    return true;
}

/* A stream was opened for the grant's purpose, or for one that its watchers may join; a watcher
 * states the grant's own. */
static bool purpose_fits(const struct grant *g, const struct model_question *q, struct judged *j)
{
    bool sender = word_is(q->sender.purpose, g->purpose);
    if (q->asks != MODEL_MESSAGE && list_has(&g->joins, q->sender.purpose))
        sender = true;
    bool watcher = q->asks != MODEL_WATCHING || word_is(q->watcher.purpose, g->purpose);
    say_word(j->failed, "purpose", g->purpose);
    return (sender && watcher) || refuse(j, CAME_TO_PURPOSE, "PURPOSE_NOT_GRANTED");
}

static bool basis_fits(const struct grant *g, const struct model_question *q, struct judged *j)
{
    say_list(j->failed, "basis_any_of", &g->bases);
    if (!list_has(&g->bases, q->sender.basis))
        return refuse_by_law(j, CAME_TO_BASIS, "BASIS_NOT_ACCEPTED", q->sender.basis);
    if (q->asks == MODEL_WATCHING && !list_has(&g->bases, q->watcher.basis))
        return refuse_by_law(j, CAME_TO_BASIS, "BASIS_NOT_ACCEPTED", q->watcher.basis);
    return true;
}

static bool in_one_window(const struct model_set *s, int64_t now_us, const char *from,
                          const char *to)
{
    for (size_t i = 0; i < s->exercises; i++) {
        const struct exercise *e = &s->exercise[i];
        if (now_us >= e->from_us && now_us < e->until_us && list_has(&e->units, from) &&
            (list_has(&e->units, to) || word_is(to, "gateway/self")))
            return true;
    }
    return false;
}

static bool is_synthetic(const struct model_set *s, const char *unit)
{
    const struct party *p = party_of(s, unit);
    return p != NULL && p->synthetic;
}

static bool status_fits(const struct model_set *s, const struct model_question *q, const char *to,
                        struct judged *j)
{
    bool fits;
    if (word_is(q->status, "actual")) {
        (void)snprintf(j->failed, MODEL_TEXT, "status: actual, between real units only");
        fits = !is_synthetic(s, q->from) && !is_synthetic(s, to);
    } else if (word_is(q->status, "exercise")) {
        (void)snprintf(j->failed, MODEL_TEXT,
                       "status: exercise, between units of a declared window");
        fits = in_one_window(s, q->now_us, q->from, to);
    } else {
        (void)snprintf(j->failed, MODEL_TEXT, "status: test, to synthetic units only");
        fits = is_synthetic(s, to) || (word_is(to, "gateway/self") && is_synthetic(s, q->from));
    }
    return fits || refuse(j, CAME_TO_CONDITIONS, "STATUS_NOT_LIVE");
}

static bool basis_is_proven(const struct model_set *s, const struct model_question *q,
                            const struct model_claim *c, struct judged *j)
{
    const struct basis *b = basis_of(s, c->basis);
    say_list(j->failed, "evidence", &b->evidence);
    return b->evidence.n == 0 || brings(q, c, &b->evidence) ||
           refuse_by_law(j, CAME_TO_CONDITIONS, "EVIDENCE_MISSING", c->basis);
}

bool words_fit(const struct model_set *s, const struct model_question *q, const char *to,
               const struct grant *g, struct judged *j)
{
    if (!grant_is_for(g, q, to, j) || !purpose_fits(g, q, j) || !basis_fits(g, q, j))
        return false;
    const struct mou *m = &s->mou[g->mou];
    (void)snprintf(j->failed, MODEL_TEXT, "in_force");
    if (q->now_us < m->from_us || q->now_us >= m->end_us)
        return refuse(j, CAME_TO_CONDITIONS, "MOU_NOT_IN_FORCE");
    (void)snprintf(j->failed, MODEL_TEXT, "suspended: unit");
    if (list_has(&q->suspended_units, q->from) || list_has(&q->suspended_units, to))
        return refuse(j, CAME_TO_CONDITIONS, "PARTY_SUSPENDED");
    (void)snprintf(j->failed, MODEL_TEXT, "suspended: grant");
    if ((q->suspended_grants >> g->number & 1) != 0)
        return refuse(j, CAME_TO_CONDITIONS, "SUSPENDED");
    return status_fits(s, q, to, j) && basis_is_proven(s, q, &q->sender, j) &&
           (q->asks != MODEL_WATCHING || basis_is_proven(s, q, &q->watcher, j));
}

/* ---- step 5 */

/* What the recipient would get counts: a position that a transform removes is not there. */
static bool carries_position_under(const struct model_set *s, const struct grant *g,
                                   const struct model_question *q, const struct list *articles)
{
    const char *field = model_kind(g->kind)->position;
    for (size_t i = 0; i < g->transforms; i++)
        if (word_is(g->transform[i].field, field) &&
            (word_is(g->transform[i].effect, "drop") ||
             word_is(g->transform[i].effect, "to-cameras")))
            return false;
    for (size_t i = 0; i < articles->n; i++)
        if (list_shares(&q->origins, &basis_of(s, articles->word[i])->origins))
            return true;
    return false;
}

static bool prohibits(const struct model_set *s, const struct prohibition *p, const struct grant *g,
                      const struct model_question *q, const char *to)
{
    if (word_is(to, "gateway/self"))
        return false;
    if (p->kinds.n > 0 && !list_has(&p->kinds, q->kind))
        return false;
    if (list_shares(&p->spared_roles, &party_of(s, to)->roles))
        return false;
    return p->under.n == 0 || carries_position_under(s, g, q, &p->under);
}

static void ask_prohibitions(const struct model_set *s, const struct model_question *q,
                             const char *to, const struct grant *g, struct model_answer *a)
{
    for (size_t i = 0; i < s->prohibitions; i++) {
        const struct prohibition *p = &s->prohibition[i];
        if (!prohibits(s, p, g, q, to))
            continue;
        a->reason = p->under.n > 0 ? "ORIGIN_PROHIBITED" : "PROHIBITED";
        (void)snprintf(a->clause, sizeof a->clause, "%s#%s", s->mou[p->mou].name, p->name);
        (void)snprintf(a->failed, MODEL_TEXT, "%s", p->because);
        (void)snprintf(a->law, MODEL_TEXT, "%s", p->because);
        return;
    }
}

/* ---- the whole */

static bool is_narrower(const struct model_set *s, int one, int other)
{
    while (one >= 0 && one != other)
        one = s->grant[one].narrower_than;
    return one == other;
}

/* Of grants that hold the narrowest answers; of others the one that came furthest, the first of
 * equal ones. */
static bool is_better(const struct model_set *s, int one, const struct judged *j, int other,
                      const struct judged *best, bool *several)
{
    if (other < 0 || j->came != best->came)
        return other < 0 || j->came > best->came;
    if (j->came < CAME_THROUGH || is_narrower(s, other, one))
        return false;
    if (!is_narrower(s, one, other))
        *several = true;
    return true;
}

/* The answer that comes of the best grant; a prohibition beats it. */
static void tell(const struct model_set *s, const struct model_question *q, const char *to,
                 const struct judged *best, struct model_answer *a)
{
    a->reason = best->reason;
    a->came = best->came;
    a->near = best->came > CAME_TO_BASIS;
    a->incident = best->incident;
    a->declares = best->declares;
    memcpy(a->failed, best->failed, sizeof a->failed);
    memcpy(a->law, best->law, sizeof a->law);
    if (a->grant < 0)
        return;
    const struct grant *g = &s->grant[a->grant];
    (void)snprintf(a->clause, sizeof a->clause, "%s#%s", s->mou[g->mou].name, g->name);
    if (best->came == CAME_THROUGH)
        ask_prohibitions(s, q, to, g, a);
}

static void answer_for(const struct model_set *s, const struct model_question *q, const char *to,
                       struct model_answer *a)
{
    struct judged best = {.reason = "NO_GRANT", .incident = -1};
    *a = (struct model_answer){.grant = -1, .incident = -1, .to = to};
    (void)snprintf(best.failed, MODEL_TEXT, "kind");
    for (size_t i = 0; i < s->grants; i++) {
        struct judged j = {.incident = -1};
        if (!word_is(s->grant[i].kind, q->kind))
            continue;
        judge_grant(s, q, to, &s->grant[i], &j);
        if (is_better(s, (int)i, &j, a->grant, &best, &a->several)) {
            best = j;
            a->grant = (int)i;
        }
    }
    for (int i = (int)s->grants - 1; i >= 0 && best.came < CAME_THROUGH; i--) {
        struct judged j = {.incident = -1};
        if (!word_is(s->grant[i].kind, q->kind) || !judge_exception(s, q, to, &s->grant[i], &j))
            continue;
        best = j;
        a->grant = i;
    }
    tell(s, q, to, &best, a);
}

void model_evaluate_else(const struct model_set *s, const struct model_question *q, int grant,
                         struct model_answer *a)
{
    const struct grant *g = &s->grant[grant];
    struct grant instead = *g;
    struct judged j = {.incident = -1}, excepted = {.incident = -1};
    *a = (struct model_answer){.grant = grant, .incident = -1, .to = g->duties.other};
    list_add(&instead.to, g->duties.other);
    judge_grant(s, q, g->duties.other, &instead, &j);
    if (j.came < CAME_THROUGH && judge_exception(s, q, g->duties.other, &instead, &excepted))
        j = excepted;
    tell(s, q, g->duties.other, &j, a);
}

/* A stream opens when any unit may watch it: the first in the order of names; else the nearest
 * refusal. It may open for the purposes of several grants that it can be watched under. */
static void answer_for_opening(const struct model_set *s, const struct model_question *q,
                               struct model_answer *a)
{
    struct list to = {.n = 0};
    for (size_t i = 0; i < s->grants; i++)
        if (word_is(s->grant[i].kind, q->kind) && word_is(s->grant[i].from, q->from))
            for (size_t k = 0; k < s->grant[i].to.n; k++)
                list_add(&to, s->grant[i].to.word[k]);
    list_sort(&to);
    answer_for(s, q, "nobody", a);
    for (size_t i = 0; i < to.n; i++) {
        struct model_answer one;
        answer_for(s, q, to.word[i], &one);
        if (model_permits(one.reason)) {
            *a = one;
            break;
        }
        if (one.came > a->came)
            *a = one;
    }
    a->several = false;
    if (!model_permits(a->reason))
        a->to = NULL;
}

/* ---- step 1: a word that the set does not know ends it, by name */

static bool knows_camera(const struct model_set *s, const char *id)
{
    bool known = false;
    for (size_t i = 0; i < s->cameras; i++)
        known = known || word_is(s->camera[i].id, id);
    return known;
}

static const char *unknown_word(const struct model_set *s, const struct model_question *q,
                                const char **reason)
{
    if (*reason = "PARTY_UNKNOWN", party_of(s, q->from) == NULL)
        return "source: a unit of the inventory";
    if (*reason = "SERVICE_UNKNOWN", !list_has(model_words(WORDS_SERVICE), q->service))
        return "service: a word of vocabulary.yaml";
    if (*reason = "PURPOSE_UNKNOWN", !list_has(model_words(WORDS_PURPOSE), q->sender.purpose))
        return "purpose: a word of vocabulary.yaml";
    if (*reason = "BASIS_UNKNOWN",
        basis_of(s, q->sender.basis) == NULL ||
            (q->asks == MODEL_WATCHING && basis_of(s, q->watcher.basis) == NULL))
        return "basis: a code of the legal catalogue";
    *reason = "CAMERA_UNKNOWN";
    for (size_t i = 0; i < q->cameras.n; i++)
        if (!knows_camera(s, q->cameras.word[i]))
            return "camera_id: a camera of the inventory";
    *reason = "INCIDENT_TYPE_NOT_COVERED";
    return q->incident_type != NULL && !list_has(model_words(WORDS_TYPE), q->incident_type)
               ? "incident type: a word of vocabulary.yaml"
               : NULL;
}

static bool is_unknown(const struct model_set *s, const struct model_question *q,
                       struct model_answer *out)
{
    const char *reason, *unknown = unknown_word(s, q, &reason);
    if (unknown == NULL)
        return false;
    *out = (struct model_answer){.reason = reason, .grant = -1, .incident = -1};
    (void)snprintf(out->failed, MODEL_TEXT, "%s", unknown);
    return true;
}

void model_evaluate_for(const struct model_set *s, const struct model_question *q,
                        struct model_answer *out)
{
    if (!is_unknown(s, q, out))
        answer_for(s, q, q->to, out);
}

void model_evaluate(const struct model_set *s, const struct model_question *q,
                    struct model_answer *out)
{
    if (q->asks != MODEL_OPENING)
        model_evaluate_for(s, q, out);
    else if (!is_unknown(s, q, out))
        answer_for_opening(s, q, out);
}

/*
 * A question by chance. Most are made to fit one grant of the set, with times, distances and words
 * on the very edge of what it says; then up to two things are changed.
 */
#include "judge.h"
#include "near.h"

static const char *any_unit(struct dice *d, const struct model_set *s)
{
    return dice_word(d, &s->party[dice_of(d, s->parties)].units);
}

static void any_camera(struct dice *d, const struct model_set *s, struct model_question *q)
{
    list_add(&q->cameras, s->camera[dice_of(d, s->cameras)].id);
}

/* ---- anything at all */

static struct model_incident any_incident(struct dice *d, const struct model_set *s, size_t i,
                                          int64_t now_us)
{
    static const char *const id[MODEL_INCIDENTS] = {
        "police/control:019aa2b0-0000-7000-8000-000000000001",
        "police/control:019aa2b0-0000-7000-8000-000000000002",
        "police/control:019aa2b0-0000-7000-8000-000000000003",
        "police/control:019aa2b0-0000-7000-8000-000000000004"};
    static const struct list more_types = {
        {"fire", "robbery", "theft", "flood", "missing", "arson"}, 6};
    struct model_incident one = {.id = id[i],
                                 .type = dice_word(d, &more_types),
                                 .known = dice_odds(d, 92),
                                 .has_place = dice_odds(d, 92),
                                 .opened_us = now_us - dice_between(d, 0, 90000) * MODEL_SECOND,
                                 .place = s->camera[dice_of(d, s->cameras)].at};
    for (size_t k = 1 + dice_of(d, 3); k > 0; k--) {
        const char *unit = any_unit(d, s);
        list_add(&one.participants, unit);
        if (dice_odds(d, 25))
            list_add(&one.closed_parts, unit);
    }
    for (size_t k = dice_of(d, 3); k > 0; k--)
        list_add(&one.assigned, any_unit(d, s));
    for (size_t k = dice_of(d, MODEL_ROUTE + 1); k > 0; k--)
        one.route[one.points++] = s->camera[dice_of(d, s->cameras)].at;
    if (dice_odds(d, 30)) {
        static const int64_t off[] = {-1, 0, 1, 60 * MODEL_SECOND};
        for (size_t k = 1 + dice_of(d, 2); k > 0; k--)
            list_add(&one.emergencies, s->mou[dice_of(d, s->mous)].name);
        one.emergency_until_us = now_us + DICE_PICK(d, off);
    }
    model_settle(&one, now_us);
    return one;
}

/* An incident has ended just when no part is open. */
void model_settle(struct model_incident *i, int64_t now_us)
{
    bool open = false;
    for (size_t k = 0; k < i->participants.n; k++)
        open = open || !list_has(&i->closed_parts, i->participants.word[k]);
    i->ended_us = open ? 0 : (i->opened_us + now_us) / 2 + 1;
}

/* Where it is and the points of its area are told together, or not at all. */
static void settle_place(struct model_incident *i)
{
    if (!i->has_place)
        i->points = 0;
    else if (i->points == 0)
        i->route[i->points++] = i->place;
}

static struct model_claim any_claim(struct dice *d, const struct model_set *s)
{
    struct model_claim c = {.purpose = dice_word(d, model_words(WORDS_PURPOSE)),
                            .basis = s->basis[dice_of(d, s->bases)].code,
                            .actor = dice_odds(d, 60)};
    if (dice_odds(d, 70))
        c.evidence = dice_words(d, model_words(WORDS_EVIDENCE), 3);
    if (dice_odds(d, 10))
        list_add(&c.empty_evidence, dice_word(d, model_words(WORDS_EVIDENCE)));
    return c;
}

static int64_t any_time(struct dice *d, const struct model_set *s)
{
    static const int64_t off[] = {-MODEL_SECOND, -1, 0, 1, MODEL_SECOND};
    const struct mou *m = &s->mou[dice_of(d, s->mous)];
    if (dice_odds(d, 10))
        return (dice_odds(d, 50) ? m->from_us : m->end_us) + DICE_PICK(d, off);
    if (s->exercises > 0 && dice_odds(d, 10)) {
        const struct exercise *e = &s->exercise[dice_of(d, s->exercises)];
        return (dice_odds(d, 50) ? e->from_us : e->until_us) + DICE_PICK(d, off);
    }
    return MODEL_NOW + dice_between(d, -86400, 86400) * MODEL_SECOND + dice_between(d, 0, 999999);
}

static void any_subject(struct dice *d, const struct model_set *s, struct model_question *q)
{
    q->categories = dice_words(d, model_words(WORDS_CATEGORY), 2);
    if (dice_odds(d, 90))
        q->age_band = dice_word(d, model_words(WORDS_AGE_BAND));
    q->consent.present = dice_odds(d, 80);
    q->consent.given_by = dice_word(d, model_words(WORDS_GIVER));
    for (size_t i = dice_of(d, 4); i > 0; i--) {
        const struct party *p = &s->party[dice_of(d, s->parties)];
        list_add(&q->consent.recipients, dice_odds(d, 50) ? p->name : dice_word(d, &p->units));
    }
    q->consent.purposes = dice_words(d, model_words(WORDS_PURPOSE), 2);
    q->consent.items = dice_words(d, model_words(WORDS_ITEM), 2);
    q->consent.gone = dice_odds(d, 5);
}

static void any_question(struct dice *d, const struct model_set *s, struct model_question *q)
{
    static const char *const status[] = {"actual", "actual", "actual", "exercise", "test"};
    size_t kinds = 0;
    while (model_kind_at(kinds) != NULL)
        kinds++;
    *q = (struct model_question){.now_us = any_time(d, s),
                                 .kind = model_kind_at(dice_of(d, kinds))->name,
                                 .from = any_unit(d, s),
                                 .to = dice_odds(d, 10) ? "gateway/self" : any_unit(d, s),
                                 .service = dice_word(d, model_words(WORDS_SERVICE)),
                                 .sender = any_claim(d, s),
                                 .watcher = any_claim(d, s),
                                 .status = dice_odds(d, 70) ? "actual" : DICE_PICK(d, status)};
    q->incidents = dice_odds(d, 15) ? 0 : 1 + (dice_odds(d, 35) ? dice_of(d, MODEL_INCIDENTS) : 0);
    for (size_t i = 0; i < q->incidents; i++)
        q->incident[i] = any_incident(d, s, i, q->now_us);
}

/* As a message can be: with a witness just the witness's consent, and a wish of whom another called
 * for. */
static void settle_request(struct dice *d, struct model_question *q)
{
    q->ground = dice_word(d, model_words(WORDS_GROUND));
    q->witness = word_is(q->ground, "witness");
    q->wish = word_is(q->ground, "person-to-be-rescued") || dice_odds(d, 30);
}

/* What only some kinds carry. */
static void any_body(struct dice *d, const struct model_set *s, struct model_question *q)
{
    const struct model_kind *k = model_kind(q->kind);
    for (size_t i = k->camera ? dice_of(d, 3) : 0; i > 0; i--)
        any_camera(d, s, q);
    if (k->origin && dice_odds(d, 80))
        q->origins = dice_words(d, model_words(WORDS_ORIGIN), 2);
    if (k->consent)
        any_subject(d, s, q);
    if (k->states_type)
        q->incident_type = dice_word(d, model_words(WORDS_TYPE));
    if (dice_odds(d, 30))
        q->recorded_us = q->now_us - dice_between(d, -86400, 40 * 86400) * MODEL_SECOND;
    if (dice_odds(d, 30))
        q->destroy_by_us = q->now_us + dice_between(d, -3600, 90000) * MODEL_SECOND;
    if (word_is(q->kind, "notice_deferral"))
        q->reason_code = dice_odds(d, 95) ? dice_word(d, model_words(WORDS_REASON)) : "because";
    if (word_is(q->kind, "location_request"))
        settle_request(d, q);
    q->recorded = k->footage && dice_odds(d, 30);
    if (word_is(q->kind, "video"))
        q->asks = dice_odds(d, 35) ? MODEL_OPENING : MODEL_WATCHING;
}

/* ---- what fits a grant */

static void fit_claim(struct dice *d, const struct model_set *s, const struct grant *g,
                      struct model_claim *c)
{
    c->purpose = g->purpose;
    c->basis = dice_word(d, &g->bases);
    const struct basis *b = basis_of(s, c->basis);
    if (b->evidence.n > 0)
        list_add(&c->evidence, dice_word(d, &b->evidence));
}

static void fit_status(struct dice *d, const struct model_set *s, struct model_question *q)
{
    const struct party *p = party_of(s, word_is(q->to, "gateway/self") ? q->from : q->to);
    if (p != NULL && p->synthetic)
        q->status = "test";
    else if (dice_odds(d, 85))
        q->status = "actual";
}

static void fit_grant(struct dice *d, const struct model_set *s, const struct grant *g,
                      struct model_question *q)
{
    const struct mou *m = &s->mou[g->mou];
    q->kind = g->kind;
    q->from = g->from;
    q->to = dice_word(d, &g->to);
    q->service = g->service;
    fit_claim(d, s, g, &q->sender);
    fit_claim(d, s, g, &q->watcher);
    if (g->joins.n > 0 && dice_odds(d, 50))
        q->sender.purpose = dice_word(d, &g->joins);
    fit_status(d, s, q);
    if (!dice_odds(d, 90))
        return;
    if (q->now_us < m->from_us)
        q->now_us = m->from_us + dice_between(d, 0, 3600) * MODEL_SECOND;
    if (q->now_us >= m->end_us)
        q->now_us = m->end_us - dice_between(d, 1, 3600) * MODEL_SECOND;
}

static void fit_conditions(struct dice *d, const struct model_set *s, const struct conditions *c,
                           struct model_question *q)
{
    for (size_t i = 0; i < c->n; i++)
        if (dice_odds(d, 95))
            model_fit_condition(d, s, &c->at[i], q);
}

/* ---- one thing changed */

static void change_words(struct dice *d, const struct model_set *s, struct model_question *q)
{
    switch (dice_of(d, 7)) {
    case 0: q->service = dice_word(d, model_words(WORDS_SERVICE)); break;
    case 1: q->sender.purpose = dice_word(d, model_words(WORDS_PURPOSE)); break;
    case 2: q->watcher.purpose = dice_word(d, model_words(WORDS_PURPOSE)); break;
    case 3: q->sender.basis = s->basis[dice_of(d, s->bases)].code; break;
    case 4: q->watcher.basis = s->basis[dice_of(d, s->bases)].code; break;
    case 5: q->from = any_unit(d, s); break;
    default: q->to = any_unit(d, s); break;
    }
}

static void change_claim(struct dice *d, const struct model_set *s, struct model_question *q)
{
    struct model_claim *c = dice_odds(d, 50) ? &q->sender : &q->watcher;
    switch (dice_of(d, 4)) {
    case 0: c->evidence.n = 0; break;
    case 1: c->evidence = dice_words(d, model_words(WORDS_EVIDENCE), 2); break;
    case 2: c->actor = !c->actor; break;
    default: *c = any_claim(d, s); break;
    }
}

static void change_incidents(struct dice *d, const struct model_set *s, struct model_question *q)
{
    if (dice_odds(d, 20) || q->incidents == 0) {
        q->incidents = dice_of(d, 2);
        if (q->incidents == 0)
            return;
    }
    size_t i = dice_of(d, q->incidents);
    q->incident[i] = any_incident(d, s, i, q->now_us);
}

static void change_body(struct dice *d, const struct model_set *s, struct model_question *q)
{
    const struct model_kind *k = model_kind(q->kind);
    if (k->consent && dice_odds(d, 60))
        any_subject(d, s, q);
    else if (k->origin && dice_odds(d, 50))
        list_add(&q->origins, dice_word(d, model_words(WORDS_ORIGIN)));
    else if (k->camera && dice_odds(d, 80))
        any_camera(d, s, q);
    else if (dice_odds(d, 50) || !k->states_type)
        q->cameras.n = 0;
    else
        q->incident_type = dice_word(d, model_words(WORDS_TYPE));
}

/* A word that the set does not know. */
static void change_to_unknown(struct dice *d, struct model_question *q)
{
    const struct model_kind *k = model_kind(q->kind);
    switch (dice_of(d, 7)) {
    case 0: q->service = "onsite"; break;
    case 1: q->sender.purpose = "onsite-video"; break;
    case 2: q->sender.basis = "kr/pipa/18-2-33"; break;
    case 3: q->from = "police/dogs"; break;
    case 4:
        if (k->states_type)
            q->incident_type = "arson";
        break;
    case 5:
        if (k->camera)
            list_add(&q->cameras, "cam-0");
        break;
    default: list_add(&q->sender.evidence, "rumour"); break;
    }
}

static void change(struct dice *d, const struct model_set *s, struct model_question *q)
{
    switch (dice_of(d, 8)) {
    case 0:
    case 1: change_words(d, s, q); break;
    case 2: change_claim(d, s, q); break;
    case 3:
    case 4: change_incidents(d, s, q); break;
    case 5:
    case 6: change_body(d, s, q); break;
    default: q->now_us = any_time(d, s); break;
    }
}

/* What stands beside the message: headquarters, suspensions, a declared emergency. */
static void any_state(struct dice *d, const struct model_set *s, struct model_question *q)
{
    static const char *const reason[] = {"life-at-stake", "fire-spreads", "because"};
    for (size_t i = dice_of(d, 3); i > 0; i--)
        list_add(&q->headquarters, s->region[dice_of(d, s->regions)].name);
    if (dice_odds(d, 2))
        list_add(&q->suspended_units, any_unit(d, s));
    if (s->grants > 0 && dice_odds(d, 4))
        q->suspended_grants = UINT64_C(1) << dice_of(d, s->grants);
    q->sender.role = dice_odds(d, 70) ? "duty-officer" : "operator";
    if (word_is(q->kind, "video") || !dice_odds(d, 20))
        return;
    q->sender.actor = true;
    q->sender.emergency_reason = dice_odds(d, 90) ? reason[0] : DICE_PICK(d, reason);
    q->sender.in_words = dice_odds(d, 90);
}

/* Of what the memorandum's emergency is for: declared here, or for the incident a while ago. */
static void fit_emergency(struct dice *d, const struct model_set *s, const struct grant *g,
                          struct model_question *q)
{
    const struct mou *m = &s->mou[g->mou];
    const struct emergency *e = &m->emergency;
    for (size_t i = 0; i < e->bases.n; i++)
        if (list_has(&g->bases, e->bases.word[i]))
            q->sender.basis = q->watcher.basis = e->bases.word[i];
    list_add(&q->sender.evidence, "emergency-call");
    list_add(&q->watcher.evidence, "emergency-call");
    for (size_t i = 0; i < e->units.n; i++)
        if (list_has(&g->to, e->units.word[i]))
            q->to = e->units.word[i];
    if (q->incidents > 0 && dice_odds(d, 70)) {
        list_add(&q->incident[0].emergencies, m->name);
        q->incident[0].emergency_until_us = q->now_us + dice_between(d, 0, 2);
    }
    if (!word_is(q->kind, "video") && dice_odds(d, 50)) {
        q->sender.emergency_reason = "life-at-stake";
        q->sender.in_words = q->sender.actor = true;
        q->sender.role = e->role;
    }
}

static void fit_to_a_grant(struct dice *d, const struct model_set *s, struct model_question *q)
{
    const struct grant *g = &s->grant[dice_of(d, s->grants)];
    fit_grant(d, s, g, q);
    any_body(d, s, q);
    for (size_t i = 0; i < q->incidents && dice_odds(d, 95); i++)
        q->incident[i] = any_incident(d, s, i, q->now_us);
    fit_conditions(d, s, &g->when, q);
    if (g->alternatives > 0)
        fit_conditions(d, s, &g->any[dice_of(d, g->alternatives)], q);
    if (s->mou[g->mou].emergency.lasts_s > 0 && dice_odds(d, 40))
        fit_emergency(d, s, g, q);
    for (size_t i = dice_odds(d, 40) ? 0 : 1 + dice_of(d, 2); i > 0; i--)
        change(d, s, q);
}

/* Well-formed, too: a change of the gateway's state names one incident; a role is an actor's; an
 * update of a report may leave its type out. */
void model_random_question(struct dice *d, const struct model_set *s, struct model_question *q)
{
    any_question(d, s, q);
    any_state(d, s, q);
    if (s->grants == 0 || dice_odds(d, 4))
        any_body(d, s, q);
    else
        fit_to_a_grant(d, s, q);
    if (dice_odds(d, 2))
        change_to_unknown(d, q);
    if (model_kind(q->kind)->to_gateway && q->incidents == 0)
        q->incident[0] = any_incident(d, s, 0, q->now_us);
    if (model_kind(q->kind)->to_gateway)
        q->incidents = 1;
    for (size_t i = 0; i < q->incidents; i++)
        settle_place(&q->incident[i]);
    if (!q->sender.actor)
        q->sender.role = NULL;
    if (word_is(q->kind, "incident_report") && dice_odds(d, 30))
        q->incident_type = NULL;
}

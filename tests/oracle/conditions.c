/*
 * The conditions of LANGUAGE.md's table, each a function that says whether it holds and, if not,
 * why. They are judged in the order that "How a decision is made" tells, first failure first; the
 * alternatives last.
 */
#include "judge.h"

#include <stdio.h>
#include <string.h>

struct asked {
    const struct model_set *s;
    const struct model_question *q;
    const char *to;
    const struct grant *g;
    const struct condition *c;
    const struct model_incident *incident; /* the one that is tried; NULL: none is named */
    const char *reason;                    /* why the condition does not hold */
};

static bool no(struct asked *a, const char *reason)
{
    a->reason = reason;
    return false;
}

static const struct model_claim *who_acts(const struct asked *a)
{
    return a->q->asks == MODEL_WATCHING ? &a->q->watcher : &a->q->sender;
}

/* When a stream opens, actor, basis and evidence are left to each watcher. */
static bool left_to_watchers(const struct asked *a)
{
    return a->q->asks == MODEL_OPENING;
}

/* ---- the subject and its consent */

static bool category(struct asked *a)
{
    bool all = a->q->categories.n > 0;
    for (size_t i = 0; i < a->q->categories.n; i++)
        all = all && list_has(&a->c->words, a->q->categories.word[i]);
    return all || no(a, "CATEGORY_NOT_COVERED");
}

static bool age_band(struct asked *a)
{
    return list_has(&a->c->words, a->q->age_band) || no(a, "AGE_BAND_NOT_COVERED");
}

static bool given_by(struct asked *a)
{
    const struct model_consent *c = &a->q->consent;
    if (!c->present)
        return no(a, "CONSENT_MISSING");
    if (c->until_us != 0 && a->q->now_us >= c->until_us)
        return no(a, "CONSENT_WITHDRAWN");
    if (list_has(&a->c->words, c->given_by))
        return true;
    bool under_14 = word_is(a->q->age_band, "up-to-8") || word_is(a->q->age_band, "9-to-13");
    return no(a, under_14 ? "REPRESENTATIVE_MISSING" : "CONSENT_MISSING");
}

static bool names_recipient(struct asked *a)
{
    const struct list *named = &a->q->consent.recipients;
    const struct party *p = party_of(a->s, a->to);
    return list_has(named, a->to) || (p != NULL && list_has(named, p->name)) ||
           no(a, "CONSENT_NOT_COVERING");
}

static bool names_purpose(struct asked *a)
{
    return list_has(&a->q->consent.purposes, a->q->sender.purpose) || no(a, "CONSENT_NOT_COVERING");
}

/* ---- who acts */

static bool actor(struct asked *a)
{
    return left_to_watchers(a) || who_acts(a)->actor || no(a, "ACTOR_MISSING");
}

static bool evidence(struct asked *a)
{
    return left_to_watchers(a) || brings(a->q, who_acts(a), &a->c->words) ||
           no(a, "EVIDENCE_MISSING");
}

static bool basis(struct asked *a)
{
    return left_to_watchers(a) || list_has(&a->c->words, who_acts(a)->basis) ||
           no(a, "BASIS_NOT_ACCEPTED");
}

static bool origin(struct asked *a)
{
    bool all = true;
    for (size_t i = 0; i < a->q->origins.n; i++)
        all = all && list_has(&a->c->words, a->q->origins.word[i]);
    return all || no(a, "ORIGIN_PROHIBITED");
}

/* ---- the incident */

static bool there_is_one(struct asked *a)
{
    return (a->incident != NULL && a->incident->known) || no(a, "INCIDENT_UNKNOWN");
}

static bool state(struct asked *a)
{
    return there_is_one(a) && (a->incident->ended_us == 0 || no(a, "INCIDENT_CLOSED"));
}

static bool participant(struct asked *a)
{
    if (!there_is_one(a))
        return false;
    const char *unit = a->c->words.word[0];
    if (a->incident->ended_us != 0)
        return no(a, "INCIDENT_CLOSED");
    bool takes_part = list_has(&a->incident->participants, unit);
    return (takes_part && !list_has(&a->incident->closed_parts, unit)) || no(a, "NOT_PARTICIPANT");
}

static bool younger_than(struct asked *a)
{
    return there_is_one(a) &&
           (a->q->now_us - a->incident->opened_us < a->c->number * MODEL_SECOND ||
            no(a, "INCIDENT_TOO_OLD"));
}

static bool incident_type(struct asked *a)
{
    const char *type = a->q->incident_type;
    if (type == NULL) {
        if (!there_is_one(a))
            return false;
        type = a->incident->type;
    }
    return list_has(&a->c->words, type) || no(a, "INCIDENT_TYPE_NOT_COVERED");
}

static bool assigned(struct asked *a)
{
    return there_is_one(a) &&
           ((a->incident->ended_us == 0 && list_has(&a->incident->assigned, a->to)) ||
            no(a, "NOT_ASSIGNED"));
}

/* ---- cameras: every one that is named; a message that names none does not meet what is asked of
 * them */

static const struct camera *camera(const struct asked *a, size_t i)
{
    for (size_t k = 0; k < a->s->cameras; k++)
        if (word_is(a->s->camera[k].id, a->q->cameras.word[i]))
            return &a->s->camera[k];
    return NULL;
}

/* The coarsest grid behind which a request hides its place from this unit's party; 0: none does. */
double model_hidden_from(const struct model_set *s, const char *unit)
{
    int64_t grid_m = 0;
    for (size_t i = 0; i < s->grants; i++) {
        const struct grant *g = &s->grant[i];
        for (size_t k = 0; k < g->transforms; k++)
            for (size_t u = 0; u < g->to.n; u++)
                if (party_of(s, g->to.word[u]) == party_of(s, unit) &&
                    g->transform[k].grid_m > grid_m)
                    grid_m = g->transform[k].grid_m;
    }
    return (double)grid_m;
}

static bool within_m(struct asked *a)
{
    if (!there_is_one(a))
        return false;
    if (!a->incident->has_place)
        return no(a, "NO_POSITION");
    struct place from = a->incident->place;
    double grid_m = model_hidden_from(a->s, a->q->from);
    if (grid_m > 0)
        from = model_cell_centre(a->s->south_west, grid_m, from);
    for (size_t i = 0; i < a->q->cameras.n; i++) {
        if (model_distance_m(from, camera(a, i)->at) > (double)a->c->number)
            return no(a, "OUTSIDE_RADIUS");
    }
    return a->q->cameras.n > 0 || no(a, "OUTSIDE_RADIUS");
}

static bool installed_for(struct asked *a)
{
    bool all = a->q->cameras.n > 0;
    for (size_t i = 0; i < a->q->cameras.n; i++)
        all = all && list_shares(&camera(a, i)->installed_for, &a->c->words);
    return all || no(a, "CAMERA_PURPOSE_MISMATCH");
}

static bool camera_kind(struct asked *a)
{
    bool all = a->q->cameras.n > 0;
    for (size_t i = 0; i < a->q->cameras.n; i++)
        all = all && list_has(&a->c->words, camera(a, i)->kind);
    return all || no(a, "CAMERA_KIND_NOT_COVERED");
}

/* In the order in which they are judged. */
static const struct {
    const char *key;
    bool (*holds)(struct asked *a);
    bool law; /* the refusal quotes the text of the basis stated */
} order[] = {
    {"subject.category", category, true},
    {"subject.age_band", age_band, true},
    {"consent.given_by", given_by, true},
    {"consent.names_recipient", names_recipient, true},
    {"consent.names_purpose", names_purpose, true},
    {"actor", actor, false},
    {"evidence", evidence, true},
    {"basis", basis, true},
    {"origin", origin, true},
    {"incident.state", state, false},
    {"incident.participant", participant, false},
    {"incident.younger_than", younger_than, false},
    {"incident_type", incident_type, false},
    {"assigned", assigned, false},
    {"camera.within_m_of_incident", within_m, false},
    {"camera.installed_for", installed_for, false},
    {"camera.kind", camera_kind, false},
};
enum { ORDERED = sizeof order / sizeof order[0] };

/* In the memorandum's own words. */
static void say_condition(char *out, const struct condition *c)
{
    if (c->words.n > 0)
        say_list(out, c->key, &c->words);
    else
        say_word(out, c->key, c->text);
}

/* All of them, in order; j tells of the first that does not hold. */
static bool all_hold(struct asked *a, const struct conditions *all, struct judged *j)
{
    for (size_t i = 0; i < ORDERED; i++)
        for (size_t k = 0; k < all->n; k++) {
            if (!word_is(all->at[k].key, order[i].key))
                continue;
            a->c = &all->at[k];
            if (order[i].holds(a))
                continue;
            j->came = CAME_TO_CONDITIONS;
            j->reason = a->reason;
            say_condition(j->failed, a->c);
            if (order[i].law)
                (void)snprintf(j->law, sizeof j->law, "The law of %s", who_acts(a)->basis);
            return false;
        }
    return true;
}

static bool one_holds(struct asked *a, struct judged *j)
{
    struct judged other;
    for (size_t i = 0; i < a->g->alternatives; i++)
        if (all_hold(a, &a->g->any[i], i == 0 ? j : &other))
            return true;
    return a->g->alternatives == 0;
}

static bool asks_for_an_incident(const struct model_question *q, const struct conditions *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const char *key = c->at[i].key;
        if (strncmp(key, "incident.", 9) == 0 || word_is(key, "assigned") ||
            word_is(key, "camera.within_m_of_incident") ||
            (word_is(key, "incident_type") && q->incident_type == NULL))
            return true;
    }
    return false;
}

/* With this one of the message's incidents (-1: it names none). */
static void judge_with(struct asked *a, int incident, struct judged *j)
{
    *j = (struct judged){.incident = -1};
    a->incident = incident >= 0 ? &a->q->incident[incident] : NULL;
    if (!all_hold(a, &a->g->when, j) || !one_holds(a, j))
        return;
    *j = (struct judged){.came = CAME_THROUGH, .reason = "PERMITTED", .incident = -1};
    bool asks = asks_for_an_incident(a->q, &a->g->when);
    for (size_t i = 0; i < a->g->alternatives; i++)
        asks = asks || asks_for_an_incident(a->q, &a->g->any[i]);
    if (asks)
        j->incident = incident;
}

/* One incident has to meet all conditions; when none does, the first is told of. */
void judge_grant(const struct model_set *s, const struct model_question *q, const char *to,
                 const struct grant *g, struct judged *j)
{
    struct asked a = {.s = s, .q = q, .to = to, .g = g};
    struct judged other;
    if (!words_fit(s, q, to, g, j))
        return;
    judge_with(&a, q->incidents > 0 ? 0 : -1, j);
    for (int i = 1; j->came < CAME_THROUGH && i < (int)q->incidents; i++) {
        judge_with(&a, i, &other);
        if (other.came == CAME_THROUGH)
            *j = other;
    }
}

/*
 * The conditions of LANGUAGE.md's table, each a function that says whether it holds and, if not,
 * why. They are judged in the order that "How a decision is made" tells, first failure first; the
 * alternatives last.
 */
#include "judge.h"

#include <string.h>

static bool no(struct asked *a, const char *reason)
{
    a->reason = reason;
    return false;
}

const struct model_claim *who_acts(const struct asked *a)
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

/* Or was withdrawn or suspended: that fails whatever is asked of it. */
static bool ran_out(const struct asked *a)
{
    const struct model_consent *c = &a->q->consent;
    return c->gone || (c->until_us != 0 && a->q->now_us >= c->until_us);
}

/* What other conditions on consent have to ask first. */
static bool stands(struct asked *a)
{
    if (!a->q->consent.present)
        return no(a, "CONSENT_MISSING");
    return !ran_out(a) || no(a, "CONSENT_WITHDRAWN");
}

static bool given_by(struct asked *a)
{
    const struct model_consent *c = &a->q->consent;
    if (!c->present)
        return no(a, "CONSENT_MISSING");
    if (ran_out(a))
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
    return stands(a) && (list_has(named, a->to) || (p != NULL && list_has(named, p->name)) ||
                         no(a, "CONSENT_NOT_COVERING"));
}

static bool names_purpose(struct asked *a)
{
    return stands(a) && (list_has(&a->q->consent.purposes, a->q->sender.purpose) ||
                         no(a, "CONSENT_NOT_COVERING"));
}

static bool names_items(struct asked *a)
{
    bool all = true;
    for (size_t i = 0; i < a->c->words.n; i++)
        all = all && list_has(&a->q->consent.items, a->c->words.word[i]);
    return stands(a) && (all || no(a, "CONSENT_NOT_COVERING"));
}

/* ---- why a location is asked for */

static bool ground(struct asked *a)
{
    return list_has(&a->c->words, a->q->ground) || no(a, "GROUND_NOT_COVERED");
}

static bool wish(struct asked *a)
{
    return a->q->wish || no(a, "WISH_NOT_CONFIRMED");
}

static bool witness_consent(struct asked *a)
{
    return a->q->witness || no(a, "CONSENT_MISSING");
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

static bool reason_code(struct asked *a)
{
    return list_has(&a->c->words, a->q->reason_code) || no(a, "OUT_OF_RANGE");
}

static bool footage(struct asked *a)
{
    return list_has(&a->c->words, a->q->recorded ? "recorded" : "live") ||
           no(a, "FOOTAGE_NOT_COVERED");
}

/* ---- the time, in the set's zone */

int64_t model_local_minutes(const struct model_set *s, int64_t now_us)
{
    return (now_us / MODEL_SECOND + (s->seoul ? 9 * 3600 : 0)) / 60;
}

/* From the first minute on, before the last; it may pass midnight. */
bool model_in_hours(const struct model_set *s, int64_t now_us, int64_t from, int64_t to)
{
    int64_t minute = model_local_minutes(s, now_us) % (24 * 60);
    return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

static bool hours(struct asked *a)
{
    return model_in_hours(a->s, a->q->now_us, a->c->number, a->c->until) || no(a, "OUTSIDE_PERIOD");
}

/* 1970-01-01 was a Thursday. */
static bool days(struct asked *a)
{
    int64_t day = (model_local_minutes(a->s, a->q->now_us) / (24 * 60) + 3) % 7;
    return list_has(&a->c->words, model_words(WORDS_DAY)->word[day]) || no(a, "OUTSIDE_PERIOD");
}

static bool headquarters(struct asked *a)
{
    return list_shares(&a->c->words, &a->q->headquarters) || no(a, "DISASTER_HQ_NOT_ACTIVE");
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

static bool area(struct asked *a)
{
    if (!there_is_one(a))
        return false;
    if (!a->incident->has_place)
        return no(a, "NO_POSITION");
    for (size_t i = 0; i < a->s->regions; i++)
        if (list_has(&a->c->words, a->s->region[i].name) &&
            model_is_inside(&a->s->region[i], a->incident->place))
            return true;
    return no(a, "OUTSIDE_AREA");
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

/* The inventory's place of it, unless it moves. */
static struct place camera_at(const struct asked *a, size_t i)
{
    return a->q->moved ? a->q->at : camera(a, i)->at;
}

static bool reaches_party_of(const struct model_set *s, const struct grant *g, const char *unit)
{
    const char *other = g->duties.other;
    bool reaches = other != NULL && party_of(s, other) == party_of(s, unit);
    for (size_t u = 0; u < g->to.n; u++)
        reaches = reaches || party_of(s, g->to.word[u]) == party_of(s, unit);
    return reaches;
}

/* The coarsest grid behind which a request hides its place from this unit's party; 0: none does. */
double model_hidden_from(const struct model_set *s, const char *unit)
{
    int64_t grid_m = 0;
    for (size_t i = 0; i < s->grants; i++) {
        const struct grant *g = &s->grant[i];
        for (size_t k = 0; k < g->transforms && reaches_party_of(s, g, unit); k++)
            if (g->transform[k].grid_m > grid_m)
                grid_m = g->transform[k].grid_m;
    }
    return (double)grid_m;
}

static bool within_m(struct asked *a)
{
    if (!there_is_one(a))
        return false;
    if (!a->incident->has_place || a->q->lost)
        return no(a, "NO_POSITION");
    struct place from = a->incident->place;
    double grid_m = model_hidden_from(a->s, a->q->from);
    if (grid_m > 0)
        from = model_cell_centre(a->s->south_west, grid_m, from);
    for (size_t i = 0; i < a->q->cameras.n; i++) {
        if (model_distance_m(from, camera_at(a, i)) > (double)a->c->number)
            return no(a, "OUTSIDE_RADIUS");
    }
    return a->q->cameras.n > 0 || no(a, "OUTSIDE_RADIUS");
}

static bool within_m_of_route(struct asked *a)
{
    struct place line[MODEL_ROUTE];
    if (!there_is_one(a))
        return false;
    if (a->incident->points == 0 || a->q->lost)
        return no(a, "NO_POSITION");
    double grid_m = model_hidden_from(a->s, a->q->from);
    for (size_t i = 0; i < a->incident->points; i++)
        line[i] = grid_m > 0 ? model_cell_centre(a->s->south_west, grid_m, a->incident->route[i])
                             : a->incident->route[i];
    for (size_t i = 0; i < a->q->cameras.n; i++)
        if (model_distance_to_line_m(line, a->incident->points, camera_at(a, i)) >
            (double)a->c->number)
            return no(a, "OUTSIDE_RADIUS");
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
const struct judged_condition judged_order[] = {
    {"subject.category", category, true},
    {"subject.age_band", age_band, true},
    {"consent.given_by", given_by, true},
    {"consent.names_recipient", names_recipient, true},
    {"consent.names_purpose", names_purpose, true},
    {"consent.names_items", names_items, true},
    {"request.ground", ground, true},
    {"request.wish", wish, true},
    {"request.witness_consent", witness_consent, true},
    {"actor", actor, false},
    {"evidence", evidence, true},
    {"basis", basis, true},
    {"origin", origin, true},
    {"reason_code", reason_code, false},
    {"footage", footage, false},
    {"period.hours", hours, false},
    {"period.days", days, false},
    {"disaster_headquarters", headquarters, true},
    {"incident.state", state, false},
    {"incident.participant", participant, false},
    {"incident.younger_than", younger_than, false},
    {"incident.area", area, false},
    {"incident_type", incident_type, false},
    {"assigned", assigned, false},
    {"camera.within_m_of_incident", within_m, false},
    {"camera.within_m_of_route", within_m_of_route, false},
    {"camera.installed_for", installed_for, false},
    {"camera.kind", camera_kind, false},
};
const size_t judged_count = sizeof judged_order / sizeof judged_order[0];

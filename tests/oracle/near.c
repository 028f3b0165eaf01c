#include "near.h"

#include "judge.h"

#include <math.h>

#define DEGREE_M (6371008.8 * 3.14159265358979323846 / 180.0)

static const int64_t off_us[] = {-MODEL_SECOND, -1, 0, 1, MODEL_SECOND};

/* The incident that a condition is made to hold for; mostly the first. */
static struct model_incident *an_incident(struct dice *d, struct model_question *q)
{
    if (q->incidents == 0)
        return &q->incident[0]; /* not named: what is written there is not asked about */
    return &q->incident[dice_odds(d, 60) ? 0 : dice_of(d, q->incidents)];
}

/* ---- places */

static struct place step(struct place from, double metres, double bearing)
{
    struct place p = {from.latitude + metres * cos(bearing) / DEGREE_M,
                      from.longitude + metres * sin(bearing) / DEGREE_M /
                                           cos(from.latitude * 3.14159265358979323846 / 180.0)};
    return p;
}

/* A place at just this distance, to a tenth of a millimetre. */
static struct place at_distance(struct place from, double metres, double bearing)
{
    double steps = metres;
    struct place p = step(from, steps, bearing);
    for (int i = 0; i < 4; i++) {
        steps *= metres / model_distance_m(from, p);
        p = step(from, steps, bearing);
    }
    return p;
}

/* Of several places the one whose cell's middle is nearest to the edge, near that cell's own edge.
 */
static struct place in_a_cell(struct dice *d, const struct model_set *s, double grid_m,
                              struct place camera, double radius_m)
{
    struct place best = camera;
    double nearest = INFINITY;
    for (int i = 0; i < 12; i++) {
        struct place p = step(camera, radius_m, (double)dice_of(d, 6283) / 1000);
        struct place middle = model_cell_centre(s->south_west, grid_m, p);
        double off = fabs(model_distance_m(middle, camera) - radius_m);
        if (off < nearest) {
            double side = grid_m / 2 * (dice_odds(d, 50) ? 0.999 : 0.2);
            nearest = off;
            best = (struct place){middle.latitude + side / DEGREE_M * (dice_odds(d, 50) ? 1 : -1),
                                  middle.longitude};
        }
    }
    return best;
}

static const struct camera *camera_of(const struct model_set *s, const struct model_question *q)
{
    for (size_t i = 0; i < s->cameras && q->cameras.n > 0; i++)
        if (word_is(s->camera[i].id, q->cameras.word[0]))
            return &s->camera[i];
    return NULL;
}

static void fit_distance(struct dice *d, const struct model_set *s, int64_t radius_m,
                         struct model_question *q)
{
    static const double off[] = {-1.003, -0.5, -0.01, 0.01, 0.5, 1.003};
    struct model_incident *i = an_incident(d, q);
    q->cameras.n = 0;
    list_add(&q->cameras, s->camera[dice_of(d, s->cameras)].id);
    const struct camera *c = camera_of(s, q);
    double grid_m = model_hidden_from(s, q->from);
    double bearing = (double)dice_of(d, 6283) / 1000;
    i->has_place = true;
    if (dice_odds(d, 30))
        i->place = step(c->at, (double)radius_m * (double)dice_of(d, 100) / 100, bearing);
    else if (grid_m > 0 && dice_odds(d, 60))
        i->place = in_a_cell(d, s, grid_m, c->at, (double)radius_m);
    else
        i->place = at_distance(c->at, (double)radius_m + DICE_PICK(d, off), bearing);
}

/* A route past a camera, at just this distance from where it is nearest; of one point, that point.
 */
static void fit_route(struct dice *d, const struct model_set *s, int64_t radius_m,
                      struct model_question *q)
{
    static const double off[] = {-1.003, -0.3, 0.3, 1.003};
    struct model_incident *i = an_incident(d, q);
    if (q->cameras.n == 0)
        list_add(&q->cameras, s->camera[dice_of(d, s->cameras)].id);
    const struct camera *c = camera_of(s, q);
    if (c == NULL)
        return;
    double bearing = (double)dice_of(d, 6283) / 1000;
    double metres = radius_m > 2 ? (double)radius_m + DICE_PICK(d, off) : (double)radius_m / 2;
    struct place nearest = at_distance(c->at, metres, bearing);
    i->has_place = true;
    i->points = 0;
    if (dice_odds(d, 30)) {
        i->route[i->points++] = nearest;
        return;
    }
    i->route[i->points++] =
        step(nearest, (double)dice_between(d, 1, 400), bearing + 1.5707963267948966);
    i->route[i->points++] =
        step(nearest, (double)dice_between(d, 1, 400), bearing - 1.5707963267948966);
    if (dice_odds(d, 50))
        i->route[i->points++] = step(i->route[1], 300, bearing);
}

/* Just inside or just outside of an edge of a region. */
static void fit_area(struct dice *d, const struct model_set *s, const struct condition *c,
                     struct model_question *q)
{
    struct model_incident *i = an_incident(d, q);
    const struct region *r = &s->region[dice_of(d, s->regions)];
    for (size_t k = 0; k < s->regions; k++)
        if (list_has(&c->words, s->region[k].name))
            r = &s->region[k];
    size_t k = dice_of(d, r->corners);
    struct place a = r->corner[k], b = r->corner[(k + 1) % r->corners];
    double way = (double)dice_between(d, 1, 99) / 100;
    struct place edge = {a.latitude + way * (b.latitude - a.latitude),
                         a.longitude + way * (b.longitude - a.longitude)};
    i->has_place = true;
    i->place = step(edge, (double)dice_between(d, 1, 3), (double)dice_of(d, 6283) / 1000);
}

/* On a minute of the period's edge, or within. */
static void fit_hours(struct dice *d, const struct model_set *s, const struct condition *c,
                      struct model_question *q)
{
    static const int64_t off[] = {-MODEL_SECOND, -1, 0, 1};
    int64_t now = model_local_minutes(s, q->now_us), of_day = now % 1440;
    int64_t wanted = dice_odds(d, 50) ? c->number : c->until;
    int64_t minutes = wanted - of_day;
    q->now_us += minutes * 60 * MODEL_SECOND;
    q->now_us -= q->now_us % (60 * MODEL_SECOND);
    q->now_us += wanted == c->number && dice_odds(d, 60) ? 0 : DICE_PICK(d, off);
}

static void fit_cameras(struct dice *d, const struct model_set *s, const struct condition *c,
                        struct model_question *q)
{
    if (word_is(c->key, "camera.within_m_of_incident")) {
        fit_distance(d, s, c->number, q);
        return;
    }
    if (word_is(c->key, "camera.within_m_of_route")) {
        fit_route(d, s, c->number, q);
        return;
    }
    for (int tries = 0; tries < 20; tries++) {
        const struct camera *one = &s->camera[dice_of(d, s->cameras)];
        bool fits = word_is(c->key, "camera.kind") ? list_has(&c->words, one->kind)
                                                   : list_shares(&one->installed_for, &c->words);
        if (!fits)
            continue;
        if (q->cameras.n == 0 || dice_odds(d, 20))
            list_add(&q->cameras, one->id);
        return;
    }
}

/* ---- incidents */

static void fit_incident(struct dice *d, const struct condition *c, struct model_question *q)
{
    struct model_incident *i = an_incident(d, q);
    i->known = true;
    if (word_is(c->key, "incident.state")) {
        list_add(&i->participants, "police/control");
        i->closed_parts.n = 0;
    } else if (word_is(c->key, "incident.participant")) {
        list_add(&i->participants, c->words.word[0]);
        if (list_has(&i->closed_parts, c->words.word[0]))
            i->closed_parts.n = 0;
    } else if (word_is(c->key, "incident.younger_than")) {
        i->opened_us = q->now_us - c->number * MODEL_SECOND + DICE_PICK(d, off_us);
        if (dice_odds(d, 30))
            i->opened_us = q->now_us - dice_between(d, 0, c->number) * MODEL_SECOND;
    } else if (word_is(c->key, "incident_type")) {
        i->type = dice_word(d, &c->words);
        if (q->incident_type != NULL)
            q->incident_type = dice_word(d, &c->words);
    } else {
        i->assigned.n = 0;
        list_add(&i->assigned, q->to);
        if (i->ended_us != 0)
            i->closed_parts.n = 0;
    }
    model_settle(i, q->now_us);
}

/* ---- persons */

static void fit_consent(struct dice *d, const struct model_set *s, const struct condition *c,
                        struct model_question *q)
{
    const struct party *p = party_of(s, q->to);
    if (word_is(c->key, "consent.given_by")) {
        q->consent.present = true;
        q->consent.given_by = dice_word(d, &c->words);
        if (dice_odds(d, 50))
            q->consent.until_us = q->now_us + DICE_PICK(d, off_us);
    } else if (word_is(c->key, "consent.names_items")) {
        q->consent.items = c->words;
    } else if (word_is(c->key, "consent.names_purpose")) {
        list_add(&q->consent.purposes, q->sender.purpose);
    } else {
        list_add(&q->consent.recipients, p == NULL || dice_odds(d, 50) ? q->to : p->name);
    }
}

static void fit_actor(struct dice *d, const struct condition *c, struct model_question *q)
{
    struct model_claim *who = q->asks == MODEL_WATCHING ? &q->watcher : &q->sender;
    if (word_is(c->key, "actor"))
        who->actor = true;
    else if (word_is(c->key, "evidence"))
        list_add(&who->evidence, dice_word(d, &c->words));
    else
        who->basis = dice_word(d, &c->words);
}

static void fit_ground(const char *ground, struct model_question *q)
{
    q->ground = ground;
    q->witness = word_is(ground, "witness");
    q->wish = q->wish || word_is(ground, "person-to-be-rescued");
}

void model_fit_condition(struct dice *d, const struct model_set *s, const struct condition *c,
                         struct model_question *q)
{
    const char *key = c->key;
    if (word_is(key, "incident.area"))
        fit_area(d, s, c, q);
    else if (word_is(key, "period.hours"))
        fit_hours(d, s, c, q);
    else if (word_is(key, "period.days"))
        q->now_us += (int64_t)dice_of(d, 3) * MODEL_DAY;
    else if (word_is(key, "disaster_headquarters"))
        list_add(&q->headquarters, dice_word(d, &c->words));
    else if (word_is(key, "reason_code"))
        q->reason_code = dice_word(d, &c->words);
    else if (word_is(key, "request.ground"))
        fit_ground(dice_word(d, &c->words), q);
    else if (word_is(key, "request.wish"))
        q->wish = true;
    else if (word_is(key, "request.witness_consent"))
        fit_ground("witness", q);
    else if (word_is(key, "footage"))
        q->recorded = word_is(dice_word(d, &c->words), "recorded");
    else if (strncmp(key, "incident", 8) == 0 || word_is(key, "assigned"))
        fit_incident(d, c, q);
    else if (strncmp(key, "camera.", 7) == 0)
        fit_cameras(d, s, c, q);
    else if (strncmp(key, "consent.", 8) == 0)
        fit_consent(d, s, c, q);
    else if (word_is(key, "subject.category"))
        q->categories = dice_words(d, &c->words, 2);
    else if (word_is(key, "subject.age_band"))
        q->age_band = dice_word(d, &c->words);
    else if (word_is(key, "origin"))
        q->origins = dice_words(d, &c->words, 2);
    else
        fit_actor(d, c, q);
}

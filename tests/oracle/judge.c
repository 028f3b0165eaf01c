/* One grant, to the end: its words, its conditions, its alternatives; and once more where a person
 * went past conditions. */
#include "judge.h"

#include <stdio.h>
#include <string.h>

/* In the memorandum's own words. */
static void say_condition(char *out, const struct condition *c)
{
    if (c->words.n > 0)
        say_list(out, c->key, &c->words);
    else
        say_word(out, c->key, c->text);
}

/* The reasons that "break" in the table of reasons: what a memorandum itself sets. */
static bool breaks(const char *reason)
{
    static const char *const may[] = {"INCIDENT_TYPE_NOT_COVERED",
                                      "INCIDENT_TOO_OLD",
                                      "NO_POSITION",
                                      "OUTSIDE_RADIUS",
                                      "OUTSIDE_PERIOD",
                                      "NOT_ASSIGNED",
                                      "NOT_PARTICIPANT",
                                      "OUTSIDE_AREA",
                                      "CAMERA_PURPOSE_MISMATCH",
                                      "CAMERA_KIND_NOT_COVERED",
                                      "FOOTAGE_NOT_COVERED",
                                      "CATEGORY_NOT_COVERED",
                                      "AGE_BAND_NOT_COVERED"};
    for (size_t i = 0; i < sizeof may / sizeof may[0]; i++)
        if (word_is(may[i], reason))
            return true;
    return false;
}

/* All of them, in order; j tells of the first that does not hold. With `passed`, what breaks is
 * passed over, and the first such is said there. */
static bool all_hold(struct asked *a, const struct conditions *all, struct judged *j, char *passed)
{
    for (size_t i = 0; i < judged_count; i++)
        for (size_t k = 0; k < all->n; k++) {
            if (!word_is(all->at[k].key, judged_order[i].key))
                continue;
            a->c = &all->at[k];
            if (judged_order[i].holds(a))
                continue;
            if (passed != NULL && breaks(a->reason)) {
                if (passed[0] == '\0')
                    say_condition(passed, a->c);
                continue;
            }
            j->came = CAME_TO_CONDITIONS;
            j->reason = a->reason;
            say_condition(j->failed, a->c);
            if (judged_order[i].law)
                (void)snprintf(j->law, sizeof j->law, "The law of %s", who_acts(a)->basis);
            return false;
        }
    return true;
}

/* One that holds as it stands is better than one where something is passed over. */
static bool one_holds(struct asked *a, struct judged *j, char *passed)
{
    struct judged other;
    for (size_t i = 0; i < a->g->alternatives; i++)
        if (all_hold(a, &a->g->any[i], i == 0 ? j : &other, NULL))
            return true;
    for (size_t i = 0; passed != NULL && i < a->g->alternatives; i++) {
        char there[MODEL_TEXT] = "";
        if (!all_hold(a, &a->g->any[i], &other, there))
            continue;
        if (passed[0] == '\0')
            memcpy(passed, there, sizeof there);
        return true;
    }
    return a->g->alternatives == 0;
}

static bool asks_for_an_incident(const struct model_question *q, const struct conditions *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const char *key = c->at[i].key;
        if (strncmp(key, "incident.", 9) == 0 || word_is(key, "assigned") ||
            strncmp(key, "camera.within_m_of_", 19) == 0 ||
            (word_is(key, "incident_type") && q->incident_type == NULL))
            return true;
    }
    return false;
}

/* With this one of the message's incidents (-1: it names none). */
static void judge_with(struct asked *a, int incident, struct judged *j, char *passed)
{
    *j = (struct judged){.incident = -1};
    a->incident = incident >= 0 ? &a->q->incident[incident] : NULL;
    if (!all_hold(a, &a->g->when, j, passed) || !one_holds(a, j, passed))
        return;
    *j = (struct judged){.came = CAME_THROUGH, .reason = "PERMITTED", .incident = -1};
    bool asks = asks_for_an_incident(a->q, &a->g->when);
    for (size_t i = 0; i < a->g->alternatives; i++)
        asks = asks || asks_for_an_incident(a->q, &a->g->any[i]);
    if (asks)
        j->incident = incident;
}

/* ---- emergencies */

static bool names_an_open_incident(const struct model_question *q)
{
    for (size_t i = 0; i < q->incidents; i++)
        if (q->incident[i].known && q->incident[i].ended_us == 0)
            return true;
    return false;
}

static bool is_for(const struct emergency *e, const struct asked *a)
{
    return e->lasts_s > 0 && list_has(&e->kinds, a->q->kind) &&
           list_has(&e->bases, who_acts(a)->basis);
}

static bool is_declared(const struct asked *a)
{
    const struct emergency *e = &a->s->mou[a->g->mou].emergency;
    const struct model_claim *c = &a->q->sender;
    return !word_is(a->q->kind, "video") && is_for(e, a) && list_has(&e->units, a->q->from) &&
           word_is(c->role, e->role) && list_has(model_words(WORDS_REASON), c->emergency_reason) &&
           c->in_words && names_an_open_incident(a->q);
}

static bool is_covered(const struct asked *a, const struct model_incident *i)
{
    const struct mou *m = &a->s->mou[a->g->mou];
    return is_for(&m->emergency, a) && i->known && list_has(&i->emergencies, m->name) &&
           a->q->now_us < i->emergency_until_us &&
           (list_has(&m->emergency.units, a->q->from) || list_has(&m->emergency.units, a->to));
}

/* It is on record that a message which holds as it stands declares an emergency; and under one
 * approval is not waited for. */
static void note_emergency(const struct asked *a, struct judged *j)
{
    bool covered = is_declared(a);
    for (size_t i = 0; i < a->q->incidents; i++)
        covered = covered || is_covered(a, &a->q->incident[i]);
    bool passed = covered && a->g->duties.persons > 0;
    j->declares = is_declared(a);
    if (j->declares || passed)
        j->reason = "PERMITTED_EMERGENCY";
    if (passed)
        (void)snprintf(j->failed, sizeof j->failed, "approval");
}

bool judge_exception(const struct model_set *s, const struct model_question *q, const char *to,
                     const struct grant *g, struct judged *j)
{
    struct asked a = {.s = s, .q = q, .to = to, .g = g};
    if (!words_fit(s, q, to, g, j))
        return false;
    for (int i = 0; i < (int)q->incidents; i++) {
        char passed[MODEL_TEXT] = "";
        if (!is_declared(&a) && !is_covered(&a, &q->incident[i]))
            continue;
        judge_with(&a, i, j, passed);
        if (j->came < CAME_THROUGH)
            continue;
        j->reason = "PERMITTED_EMERGENCY";
        j->incident = i;
        j->declares = is_declared(&a);
        memcpy(j->failed, passed, sizeof passed);
        return true;
    }
    return false;
}

/* One incident has to meet all conditions; when none does, the first is told of. */
void judge_grant(const struct model_set *s, const struct model_question *q, const char *to,
                 const struct grant *g, struct judged *j)
{
    struct asked a = {.s = s, .q = q, .to = to, .g = g};
    struct judged other;
    if (!words_fit(s, q, to, g, j))
        return;
    judge_with(&a, q->incidents > 0 ? 0 : -1, j, NULL);
    for (int i = 1; j->came < CAME_THROUGH && i < (int)q->incidents; i++) {
        judge_with(&a, i, &other, NULL);
        if (other.came == CAME_THROUGH)
            *j = other;
    }
    if (j->came == CAME_THROUGH)
        note_emergency(&a, j);
}

/* A question of the model as the decision takes it. */
#ifndef FEDGATE_TESTS_POLICY_ORACLE_H
#define FEDGATE_TESTS_POLICY_ORACLE_H

#include "set.h"

#include "../../oracle/model.h"

static inline uint32_t number_of(enum model_words which, const char *word)
{
    const struct list *l = model_words(which);
    uint32_t i = 0;
    while (i < l->n && strcmp(l->word[i], word) != 0)
        i++;
    return i;
}

/* The number of a word in a set, which has its words in the order of their names. */
static inline uint32_t place_of(const struct list *words, const char *word)
{
    uint32_t before = 0;
    for (size_t i = 0; i < words->n; i++)
        before += strcmp(words->word[i], word) < 0;
    return before;
}

static inline struct list regions_of(const struct model_set *s)
{
    struct list l = {.n = 0};
    for (size_t i = 0; i < s->regions; i++)
        list_add(&l, s->region[i].name);
    return l;
}

static inline void claim_of(const struct model_question *q, const struct model_claim *c,
                            struct facts *f)
{
    f->kind = kind_named(bytes_of_text(q->kind))->id;
    f->purpose = bytes_of_text(c->purpose);
    f->basis = bytes_of_text(c->basis);
    f->has_actor = c->actor;
    f->actor_role = bytes_of_text(c->role == NULL ? "" : c->role);
    f->has_emergency = c->emergency_reason != NULL;
    f->emergency_reason = bytes_of_text(c->emergency_reason == NULL ? "" : c->emergency_reason);
    f->emergency_text = c->in_words;
    for (size_t i = 0; i < c->empty_evidence.n && f->evidences < FACTS_EVIDENCE_MAX; i++)
        f->evidence[f->evidences++].kind = bytes_of_text(c->empty_evidence.word[i]);
    for (size_t i = 0; i < c->evidence.n && f->evidences < FACTS_EVIDENCE_MAX; i++)
        f->evidence[f->evidences++] =
            (struct facts_evidence){bytes_of_text(c->evidence.word[i]), bytes_of_text("X-1")};
}

static inline size_t words_of(const struct list *l, struct bytes *out)
{
    for (size_t i = 0; i < l->n; i++)
        out[i] = bytes_of_text(l->word[i]);
    return l->n;
}

/* The numbers of the contract follow the order of words.c: origins from 0, the others from 1. */
static inline void person_of(const struct model_question *q, struct facts *f)
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
    f->consent.items = words_of(&c->items, f->consent.item);
    f->consent.purposes = words_of(&c->purposes, f->consent.purpose);
}

static inline void facts_of(const struct model_question *q, struct facts *f)
{
    *f = (struct facts){.source = bytes_of_text(q->from),
                        .service = bytes_of_text(q->service),
                        .status = strcmp(q->status, "actual") == 0     ? STATUS_ACTUAL
                                  : strcmp(q->status, "exercise") == 0 ? STATUS_EXERCISE
                                                                       : STATUS_TEST,
                        .recorded = q->recorded,
                        .recorded_us = q->recorded_us,
                        .destroy_by_us = q->destroy_by_us};
    claim_of(q, &q->sender, f);
    person_of(q, f);
    if (q->ground != NULL)
        f->ground = 1 + number_of(WORDS_GROUND, q->ground);
    f->wish_confirmed = q->wish;
    f->witness_consents = q->witness;
    f->reason_code = bytes_of_text(q->reason_code == NULL ? "" : q->reason_code);
    if (q->incident_type != NULL)
        f->incident_type = bytes_of_text(q->incident_type);
    f->cameras = words_of(&q->cameras, f->camera);
    f->camera_place = q->moved ? CAMERA_PLACED : q->lost ? CAMERA_UNPLACED : CAMERA_LISTED;
    f->camera_at = (struct point){q->at.latitude, q->at.longitude};
    for (size_t i = 0; i < q->incidents; i++)
        f->incident[f->incidents++] = bytes_of_text(q->incident[i].id);
}

static inline void incident_of(const struct model_incident *from, struct incident *to)
{
    *to = (struct incident){.exists = true,
                            .has_centre = from->has_place,
                            .centre = {from->place.latitude, from->place.longitude},
                            .opened_us = from->opened_us,
                            .ended_us = from->ended_us,
                            .participants = from->participants.n,
                            .assignments = from->assigned.n};
    for (size_t i = 0; i < from->points; i++)
        to->route[to->route_points++] =
            (struct point){from->route[i].latitude, from->route[i].longitude};
    for (size_t i = 0; i < from->emergencies.n; i++) {
        to->emergency[i].until_us = from->emergency_until_us;
        (void)snprintf(to->emergency[i].mou, sizeof to->emergency[i].mou, "%s",
                       from->emergencies.word[i]);
    }
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

#endif

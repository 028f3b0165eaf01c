/* "Duties" of LANGUAGE.md: the earliest of what the grant, the law and the sender say, rounded
 * down. */
#include "judge.h"

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The shortest that a rule of law sets for the kind. */
static int64_t ceiling_s(const struct model_set *s, const char *kind)
{
    int64_t least = INT64_MAX / MODEL_SECOND / 2;
    for (size_t i = 0; i < s->ceilings; i++) {
        const struct ceiling *c = &s->ceiling[i];
        if (list_has(&c->kinds, kind) != c->others)
            least = earlier(least, c->at_most_s);
    }
    return least;
}

int64_t model_kept_s(const struct model_set *s, const struct grant *g)
{
    const int64_t law_s = ceiling_s(s, g->kind);
    return g->at_most_s < 0 ? law_s : earlier(g->at_most_s, law_s);
}

const struct list *model_awaited(const struct grant *g)
{
    for (size_t i = 0; word_is(g->starts_at, "disaster-end") && i < g->when.n; i++)
        if (word_is(g->when.at[i].key, "disaster_headquarters"))
            return &g->when.at[i].words;
    return NULL;
}

/* To seconds within the hour, to minutes within the day, to hours beyond. */
int64_t model_bucket(int64_t deadline_us, int64_t now_us)
{
    int64_t left = deadline_us - now_us, unit = 3600 * MODEL_SECOND;
    if (left < MODEL_DAY)
        unit = 60 * MODEL_SECOND;
    if (left < 3600 * MODEL_SECOND)
        unit = MODEL_SECOND;
    return deadline_us - deadline_us % unit;
}

void model_obligations(const struct model_set *s, const struct model_question *q, int grant,
                       struct model_obligations *out)
{
    const struct grant *g = &s->grant[grant];
    int64_t came_us = q->now_us;
    if (q->recorded_us != 0 && q->recorded_us < came_us)
        came_us = q->recorded_us;
    int64_t by = came_us + model_kept_s(s, g) * MODEL_SECOND;
    if (word_is(g->starts_at, "arrival"))
        by = earlier(by, q->now_us + g->delay_s * MODEL_SECOND);
    if (q->destroy_by_us != 0)
        by = earlier(by, q->destroy_by_us);
    *out = (struct model_obligations){.starts_at = g->starts_at,
                                      .delay_us = g->delay_s * MODEL_SECOND,
                                      .destroy_by_us = model_bucket(by, q->now_us),
                                      .notify_within_us =
                                          g->notify_s < 0 ? -1 : g->notify_s * MODEL_SECOND,
                                      .duties = s->mou[g->mou].duties};
    const struct grant_duties *d = &g->duties;
    out->is_night = d->second_s > 0 && model_in_hours(s, q->now_us, d->night_from, d->night_to);
    const struct list *awaited = model_awaited(g);
    if (awaited != NULL)
        out->regions = *awaited;
}

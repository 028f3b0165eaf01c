/* One place of what stands beside the memoranda: cameras, regions, parties, exercises, the zone,
 * the law. */
#include "change.h"

bool change_camera(struct dice *d, struct model_set *s)
{
    struct camera *c = &s->camera[dice_of(d, s->cameras)];
    switch (dice_of(d, 4)) {
    case 0: c->kind = dice_word(d, model_words(WORDS_CAMERA_KIND)); return true;
    case 1:
        c->at.latitude += (double)(dice_odds(d, 50) ? dice_between(d, -50, 50) : 1) *
                          (dice_odds(d, 50) ? 1e-4 : 1e-6);
        return true;
    case 2: return change_words(d, &c->installed_for, model_words(WORDS_CAMERA_PURPOSE));
    default: return s->cameras > 1 && s->cameras-- > 0;
    }
}

bool change_place(struct dice *d, struct model_set *s)
{
    if (dice_odds(d, 25)) {
        s->south_west.latitude += 1e-3;
        return true;
    }
    if (dice_odds(d, 15) && s->regions > 1) {
        s->regions--;
        return true;
    }
    struct region *r = &s->region[dice_of(d, s->regions)];
    r->corner[dice_of(d, r->corners)].longitude += dice_odds(d, 50) ? 1e-5 : 2e-3;
    return true;
}

bool change_party(struct dice *d, struct model_set *s)
{
    static const struct list roles = {
        {"police", "rescue-agency", "centre", "carrier", "other", "operator"}, 6};
    struct party *p = &s->party[dice_of(d, s->parties)];
    if (dice_odds(d, 40))
        return change_words(d, &p->roles, &roles);
    if (dice_odds(d, 50))
        p->synthetic = !p->synthetic;
    else
        return drop_word(d, &p->units);
    return true;
}

bool change_exercise(struct dice *d, struct model_set *s)
{
    if (s->exercises == 0)
        return false;
    struct exercise *e = &s->exercise[dice_of(d, s->exercises)];
    switch (dice_of(d, 4)) {
    case 0: e->until_us += MODEL_SECOND; return true;
    case 1: e->from_us -= MODEL_SECOND; return true;
    case 2: return change_units(d, s, &e->units);
    default: s->exercises--; return true;
    }
}

/* Every memorandum begins and ends at midnight there. */
bool change_zone(struct dice *d, struct model_set *s)
{
    const int64_t later = (s->seoul ? 9 : -9) * 3600 * MODEL_SECOND;
    if (!dice_odds(d, 30))
        return false;
    s->seoul = !s->seoul;
    for (size_t i = 0; i < s->mous; i++) {
        s->mou[i].from_us += later;
        s->mou[i].end_us += later;
    }
    return true;
}

bool change_law(struct dice *d, struct model_set *s)
{
    static const struct list origins = {{"lia-29", "lia-consent", "missing-persons", "disaster"},
                                        4};
    if (dice_odds(d, 30)) {
        struct ceiling *c = &s->ceiling[dice_of(d, s->ceilings)];
        c->at_most_s = near_number(d, c->at_most_s, 1);
        return true;
    }
    struct basis *b = &s->basis[dice_of(d, s->bases)];
    if (dice_odds(d, 20)) {
        *b = s->basis[--s->bases];
        return true;
    }
    if (dice_odds(d, 30) && b->origins.n > 0)
        return change_words(d, &b->origins, &origins);
    return change_words(d, &b->evidence, model_words(WORDS_EVIDENCE));
}

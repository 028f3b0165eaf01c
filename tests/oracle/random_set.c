/* A set by chance, but lawful: what the compiler has to take. Its grants are random_grant.c's. */
#include "model.h"

#include <math.h>
#include <stdio.h>

static struct list words_of(const char *a, const char *b, const char *c)
{
    struct list l = {.n = 0};
    const char *const w[] = {a, b, c};
    for (size_t i = 0; i < 3; i++)
        if (w[i] != NULL)
            list_add(&l, w[i]);
    return l;
}

static void add_parties(struct dice *d, struct model_set *s)
{
    static const struct {
        const char *name, *role[2], *unit[3];
        bool public_institution, synthetic;
        unsigned odds;
    } row[] = {
        {"city", {"centre"}, {"city/video", "city/desk"}, true, false, 100},
        {"police", {"police"}, {"police/control", "police/car"}, true, false, 100},
        {"fire", {"rescue-agency"}, {"fire/control", "fire/engine"}, true, false, 100},
        {"carrier", {"carrier"}, {"carrier/alerts"}, false, false, 100},
        {"roads", {"other", "operator"}, {"roads/signs", "roads/room"}, true, false, 60},
        {"guard", {"police", "other"}, {"guard/post"}, false, false, 40},
        {"lab", {"other"}, {"lab/bench", "lab/stand"}, true, true, 40},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        if (dice_odds(d, row[i].odds))
            s->party[s->parties++] =
                (struct party){.name = row[i].name,
                               .roles = words_of(row[i].role[0], row[i].role[1], NULL),
                               .units = words_of(row[i].unit[0], row[i].unit[1], row[i].unit[2]),
                               .public_institution = row[i].public_institution,
                               .synthetic = row[i].synthetic};
}

static void add_law(struct model_set *s)
{
    static const struct {
        const char *code, *rely;
        bool publish;
        const char *evidence[2], *origin;
    } row[] = {
        {"kr/pipa/18-2-3", "anyone", true, {"emergency-call", "incident-id"}, NULL},
        {"kr/pipa/18-2-7", "public-institution", false, {"case-number"}, NULL},
        {"kr/pipa/18-2-10", "anyone", true, {"incident-id"}, NULL},
        {"kr/pipa/18-2-5", "public-institution", true, {"resolution-number"}, NULL},
        {"kr/location/19", "anyone", false, {"consent-reference"}, "lia-consent"},
        {"kr/location/26",
         "anyone",
         false,
         {"guardian-registration", "consent-reference"},
         "lia-consent"},
        {"kr/location/29", "anyone", false, {"emergency-call"}, "lia-29"},
        {"kr/missing-persons/9", "anyone", false, {"case-number"}, "missing-persons"},
        {"kr/disaster/74-3", "anyone", false, {"case-number"}, "disaster"},
        {"kr/pipa/21-1-proviso", "recipient", false, {"case-number"}, NULL},
        {"kr/pipa/18-2-2", "anyone", true, {NULL}, NULL},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        s->basis[s->bases++] =
            (struct basis){.code = row[i].code,
                           .rely = row[i].rely,
                           .publish = row[i].publish,
                           .evidence = words_of(row[i].evidence[0], row[i].evidence[1], NULL),
                           .origins = words_of(row[i].origin, NULL, NULL)};
}

static void add_ceilings(struct dice *d, struct model_set *s)
{
    s->ceiling[s->ceilings++] = (struct ceiling){words_of("video", "scene_image", NULL), false,
                                                 dice_between(d, 1, 30) * 86400};
    s->ceiling[s->ceilings++] = (struct ceiling){
        words_of("guardian_alert", "location_update", NULL), false, dice_between(d, 3600, 86400)};
    s->ceiling[s->ceilings++] = (struct ceiling){words_of("video", "scene_image", NULL), true,
                                                 dice_between(d, 1, 60) * 86400};
    if (dice_odds(d, 50))
        s->ceiling[s->ceilings++] = (struct ceiling){words_of("scene_image", "feedback", NULL),
                                                     false, dice_between(d, 86400, 40 * 86400)};
}

static void add_cameras(struct dice *d, struct model_set *s)
{
    static const char *const id[MODEL_CAMERAS] = {"cam-1", "cam-2", "cam-3", "cam-4",
                                                  "cam-5", "cam-6", "cam-7", "cam-8"};
    size_t n = (size_t)dice_between(d, 3, 8);
    for (size_t i = 0; i < n; i++)
        s->camera[s->cameras++] = (struct camera){
            .id = id[i],
            .kind = dice_word(d, model_words(WORDS_CAMERA_KIND)),
            .owner = dice_odds(d, 75) ? "city" : s->party[dice_of(d, s->parties)].name,
            .at = {(double)dice_between(d, 36330000, 36370000) / 1e6,
                   (double)dice_between(d, 127360000, 127400000) / 1e6},
            .installed_for = dice_words(d, model_words(WORDS_CAMERA_PURPOSE), 2)};
}

static const char *any_unit(struct dice *d, const struct model_set *s)
{
    return dice_word(d, &s->party[dice_of(d, s->parties)].units);
}

static struct list any_units(struct dice *d, const struct model_set *s, size_t n)
{
    struct list l = {.n = 0};
    for (size_t i = 0; i < n; i++)
        list_add(&l, any_unit(d, s));
    return l;
}

static void add_exercises(struct dice *d, struct model_set *s)
{
    size_t n = dice_of(d, MODEL_EXERCISES + 1);
    for (size_t i = 0; i < n; i++) {
        int64_t from_us = MODEL_NOW + dice_between(d, -40000, 40000) * MODEL_SECOND;
        s->exercise[s->exercises++] =
            (struct exercise){.from_us = from_us,
                              .until_us = from_us + dice_between(d, 1, 40000) * MODEL_SECOND,
                              .units = any_units(d, s, 2 + dice_of(d, 4))};
    }
}

/* A day of November or December. */
int64_t model_day(const struct model_set *s, int64_t after, char out[12])
{
    int64_t day = 21 + after;
    (void)snprintf(out, 12, "2026-%02d-%02d", day > 30 ? 12 : 11, (int)(day > 30 ? day - 30 : day));
    int64_t midnight_utc = INT64_C(1795219200000000) + after * MODEL_DAY;
    return midnight_utc - (s->seoul ? 9 * 3600 * MODEL_SECOND : 0);
}

static void add_mou(struct dice *d, struct model_set *s)
{
    static const char *const name[MODEL_MOUS] = {"a", "b", "c"};
    struct mou *m = &s->mou[s->mous];
    int64_t first = dice_odds(d, 70) ? dice_between(d, -10, 0) : dice_between(d, 1, 10);
    m->name = name[s->mous++];
    m->duties = (int)dice_between(d, 1, 4);
    m->from_us = model_day(s, first, m->from);
    m->end_us = model_day(s, dice_between(d, first > 1 ? first : 1, 25), m->until) + MODEL_DAY;
}

static void add_emergency(struct dice *d, const struct model_set *s, struct emergency *e)
{
    const struct model_palette *p = &s->palette;
    *e = (struct emergency){.units = dice_words(d, dice_odds(d, 50) ? &p->from : &p->to, 2),
                            .role = "duty-officer",
                            .lasts_s = dice_between(d, 60, 7200)};
    for (size_t i = 0; i < 2; i++)
        list_add(&e->kinds, p->kind[dice_of(d, p->kinds)]->name);
    for (size_t i = 0; i < 3; i++)
        list_add(&e->bases, s->basis[dice_of(d, 4)].code);
}

/* Corners round a middle, near and far in turns: a simple polygon, mostly not convex. */
static void add_regions(struct dice *d, struct model_set *s)
{
    size_t n = 1 + dice_of(d, MODEL_REGIONS);
    for (size_t i = 0; i < n; i++) {
        struct region *r = &s->region[s->regions++];
        struct place middle = s->camera[dice_of(d, s->cameras)].at;
        *r = (struct region){.name = model_words(WORDS_REGION)->word[i],
                             .corners = 3 + dice_of(d, MODEL_CORNERS - 2)};
        for (size_t k = 0; k < r->corners; k++) {
            double angle = 2 * 3.14159265358979323846 * (double)k / (double)r->corners;
            double far = (double)dice_between(d, 2000, 30000);
            r->corner[k] = (struct place){floor(middle.latitude * 1e6 + far * sin(angle)) / 1e6,
                                          floor(middle.longitude * 1e6 + far * cos(angle)) / 1e6};
        }
    }
}

static void add_prohibition(struct dice *d, struct model_set *s, size_t mou)
{
    const struct model_palette *palette = &s->palette;
    static const char *const article[] = {"kr/location/29", "kr/location/19", "kr/location/26",
                                          "kr/missing-persons/9", "kr/disaster/74-3"};
    static const char *const role[] = {"police", "rescue-agency", "centre", "carrier", "other"};
    struct prohibition *p = &s->prohibition[s->prohibitions];
    *p = (struct prohibition){.mou = mou, .because = DICE_PICK(d, role)};
    (void)snprintf(p->name, sizeof p->name, "no-%zu", s->prohibitions);
    if (dice_odds(d, 75))
        for (size_t i = 1 + dice_of(d, 2); i > 0; i--)
            list_add(&p->under, DICE_PICK(d, article));
    if (dice_odds(d, 60))
        for (size_t i = 1 + dice_of(d, 2); i > 0; i--)
            list_add(&p->kinds, palette->kind[dice_of(d, palette->kinds)]->name);
    for (size_t i = 1 + dice_of(d, 3); i > 0; i--)
        list_add(&p->spared_roles, DICE_PICK(d, role));
    s->prohibitions++;
}

static void make_palette(struct dice *d, struct model_set *s)
{
    struct model_palette *p = &s->palette;
    size_t kinds = 0;
    while (model_kind_at(kinds) != NULL)
        kinds++;
    p->kinds = 1 + dice_of(d, 3);
    for (size_t i = 0; i < p->kinds; i++)
        p->kind[i] = model_kind_at(dice_odds(d, 20) ? kinds - 1 : dice_of(d, kinds));
    p->from = any_units(d, s, 1 + dice_of(d, 2));
    p->to = any_units(d, s, 2 + dice_of(d, 4));
    p->services = dice_words(d, model_words(WORDS_SERVICE), 2);
    p->purposes = dice_words(d, model_words(WORDS_PURPOSE), 3);
}

void model_random_inventory(struct dice *d, struct model_set *s)
{
    *s = (struct model_set){.seoul = dice_odds(d, 70),
                            .south_west = {36.2 + (double)dice_of(d, 1000) / 1e4, 127.2},
                            .north_east = {36.5, 127.6}};
    add_law(s);
    add_ceilings(d, s);
    add_parties(d, s);
    add_cameras(d, s);
    add_regions(d, s);
    add_exercises(d, s);
    make_palette(d, s);
}

void model_random_memoranda(struct dice *d, struct model_set *s, size_t mous, size_t grants)
{
    for (size_t m = 0; m < mous; m++) {
        add_mou(d, s);
        for (size_t i = 1 + dice_of(d, grants); i > 0; i--)
            model_random_grant(d, s, m);
        if (dice_odds(d, 50))
            add_emergency(d, s, &s->mou[m].emergency);
        for (size_t i = dice_odds(d, 40) ? 1 + dice_of(d, 2) : 0; i > 0; i--)
            add_prohibition(d, s, m);
    }
}

void model_random_set(struct dice *d, struct model_set *s)
{
    enum { GRANTS = 10 };
    model_random_inventory(d, s);
    model_random_memoranda(d, s, 1 + dice_of(d, MODEL_MOUS), GRANTS);
}

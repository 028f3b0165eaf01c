/* A set as the files of LANGUAGE.md. */
#include "judge.h"
#include "write.h"

#include <inttypes.h>
#include <stdio.h>

static void put_time(struct buf *out, int64_t us)
{
    int64_t of_winter = us / MODEL_SECOND - INT64_C(1795219200); /* since November 21 */
    int64_t day = 21, left = of_winter;
    for (; left < 0; left += 86400)
        day--;
    for (; left >= 86400; left -= 86400)
        day++;
    buf_printf(out, "2026-%d-%02dT%02d:%02d:%02dZ", day > 30 ? 12 : 11,
               (int)(day > 30 ? day - 30 : day), (int)(left / 3600), (int)(left / 60 % 60),
               (int)(left % 60));
}

static void put_parties(struct buf *out, const struct model_set *s)
{
    buf_text(out, "parties:\n");
    for (size_t i = 0; i < s->parties; i++) {
        const struct party *p = &s->party[i];
        buf_printf(out, "  %s:\n    name: %s\n    role: ", p->name, p->name);
        put_list(out, &p->roles);
        buf_printf(
            out, "\n    public_institution: %s\n    synthetic: %s\n    root: %s.pem\n    units:\n",
            p->public_institution ? "yes" : "no", p->synthetic ? "yes" : "no", p->name);
        for (size_t k = 0; k < p->units.n; k++)
            buf_printf(out, "      %s: {name: Unit}\n", strchr(p->units.word[k], '/') + 1);
    }
}

static void put_cameras(struct buf *out, const struct model_set *s)
{
    buf_text(out, "id,latitude,longitude,kind,installed_for,owner,audio\n");
    for (size_t i = 0; i < s->cameras; i++) {
        const struct camera *c = &s->camera[i];
        buf_printf(out, "%s,%.6f,%.6f,%s,", c->id, c->at.latitude, c->at.longitude, c->kind);
        for (size_t k = 0; k < c->installed_for.n; k++)
            buf_printf(out, "%s%s", k > 0 ? ";" : "", c->installed_for.word[k]);
        buf_printf(out, ",%s,no\n", c->owner);
    }
}

static void put_exercises(struct buf *out, const struct model_set *s)
{
    buf_text(out, s->exercises > 0 ? "exercises:\n" : "exercises: []\n");
    for (size_t i = 0; i < s->exercises; i++) {
        buf_printf(out, "  - exercise: drill-%zu\n    from: ", i);
        put_time(out, s->exercise[i].from_us);
        buf_text(out, "\n    until: ");
        put_time(out, s->exercise[i].until_us);
        buf_text(out, "\n    units: ");
        put_list(out, &s->exercise[i].units);
        buf_text(out, "\n");
    }
}

/* A key that may be left out. */
static void put_key(struct buf *out, const char *key, const struct list *l)
{
    if (l->n == 0)
        return;
    buf_printf(out, "    %s: ", key);
    put_list(out, l);
    buf_text(out, "\n");
}

static void put_law(struct buf *out, const struct model_set *s)
{
    buf_text(out, "bases:\n");
    for (size_t i = 0; i < s->bases; i++) {
        const struct basis *b = &s->basis[i];
        buf_printf(
            out,
            "  %s:\n    title: Title of %s\n    text: {en: The law of %s, ko: 법}\n    rely: "
            "%s\n    publish: %s\n    version_read: 2027 text\n    effective_from: 2023-09-15\n"
            "    verify_by: 2027-03-31\n    status: text\n",
            b->code, b->code, b->code, b->rely, b->publish ? "yes" : "no");
        put_key(out, "evidence", &b->evidence);
        put_key(out, "origin", &b->origins);
    }
}

static void put_rules(struct buf *out, const struct model_set *s)
{
    buf_text(out, "rules:\n");
    for (size_t i = 0; i < s->ceilings; i++) {
        buf_printf(
            out,
            "  kr/kept/%zu:\n    about: grant\n    severity: error\n    says: too long\n    "
            "ground: A guideline\n    text: A text\n    advice: shorten it\n    status: text\n  "
            "  version_read: 2027 text\n    effective_from: 2023-09-15\n    verify_by: "
            "2027-03-31\n    applies: {%s: ",
            i, s->ceiling[i].others ? "other_kinds_than" : "kinds");
        put_list(out, &s->ceiling[i].kinds);
        buf_text(out, "}\n    requires: {kept_at_most: ");
        put_duration(out, s->ceiling[i].at_most_s);
        buf_text(out, "}\n");
    }
}

static void put_vocabulary(struct buf *out, const struct model_set *s)
{
    static const struct {
        const char *name;
        enum model_words words;
    } row[] = {{"services", WORDS_SERVICE},    {"purposes", WORDS_PURPOSE},
               {"incident_types", WORDS_TYPE}, {"camera_purposes", WORDS_CAMERA_PURPOSE},
               {"evidence", WORDS_EVIDENCE},   {"reasons", WORDS_REASON},
               {"consent_items", WORDS_ITEM}};
    buf_text(out, "regions:\n");
    for (size_t i = 0; i < s->regions; i++) {
        const struct region *r = &s->region[i];
        buf_printf(out, "  %s: {en: Region, ko: Region, corners: [", r->name);
        for (size_t k = 0; k < r->corners; k++)
            buf_printf(out, "%s[%.6f, %.6f]", k > 0 ? ", " : "", r->corner[k].latitude,
                       r->corner[k].longitude);
        buf_text(out, "]}\n");
    }
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        const struct list *l = model_words(row[i].words);
        buf_printf(out, "%s:\n", row[i].name);
        for (size_t k = 0; k < l->n; k++)
            buf_printf(out, "  %s: %s\n", l->word[k], l->word[k]);
    }
}

static void put_set(struct buf *out, const struct model_set *s)
{
    buf_printf(out,
               "set: random\nserial: 1\ntime_zone: %s\nservice_area:\n  south_west: [%.6f, %.6f]\n"
               "  north_east: [%.6f, %.6f]\n",
               s->seoul ? "Asia/Seoul" : "UTC", s->south_west.latitude, s->south_west.longitude,
               s->north_east.latitude, s->north_east.longitude);
}

static void tell(struct buf *text, model_file *file, void *arg, const char *path)
{
    file(arg, path, buf_c(text));
    buf_clear(text);
}

void model_write(const struct model_set *s, model_file *file, void *arg)
{
    struct buf text = BUF_INIT(1 << 24);
    char path[40];
    put_set(&text, s);
    tell(&text, file, arg, "set.yaml");
    put_vocabulary(&text, s);
    tell(&text, file, arg, "vocabulary.yaml");
    put_law(&text, s);
    tell(&text, file, arg, "legal/kr.yaml");
    put_rules(&text, s);
    tell(&text, file, arg, "legal/rules.yaml");
    put_parties(&text, s);
    tell(&text, file, arg, "inventory/parties.yaml");
    put_cameras(&text, s);
    tell(&text, file, arg, "inventory/cameras.csv");
    put_exercises(&text, s);
    tell(&text, file, arg, "inventory/exercises.yaml");
    for (size_t i = 0; i < s->mous; i++) {
        put_mou(&text, s, i);
        (void)snprintf(path, sizeof path, "mou/%s.yaml", s->mou[i].name);
        tell(&text, file, arg, path);
    }
    buf_free(&text);
}

/*
 * One place of a set changed: what a neighbour differs in, for `policy diff` to find. Each function
 * returns false when there is no such place. Numbers change by one step mostly, so that the sets
 * differ on an edge only.
 */
#include "change.h"

#include "judge.h"

#include <stdio.h>

/* ---- numbers and words */

int64_t near_number(struct dice *d, int64_t n, int64_t least)
{
    static const int64_t off[] = {-1, 1, 1, -60, 60, 3600};
    const int64_t other = dice_odds(d, 80) ? n + DICE_PICK(d, off) : n * 2;
    return other < least ? least : other;
}

/* A number that may be left out (0). */
static bool change_number(struct dice *d, int64_t *n)
{
    *n = *n > 0 && dice_odds(d, 30) ? 0 : near_number(d, *n, 1);
    return true;
}

bool drop_word(struct dice *d, struct list *l)
{
    if (l->n < 2)
        return false;
    const size_t i = dice_of(d, l->n);
    for (size_t k = i; k + 1 < l->n; k++)
        l->word[k] = l->word[k + 1];
    l->n--;
    return true;
}

static bool add_word(struct dice *d, struct list *l, const struct list *from)
{
    const size_t n = l->n;
    list_add(l, dice_word(d, from));
    return l->n > n;
}

bool change_words(struct dice *d, struct list *l, const struct list *from)
{
    return dice_odds(d, 50) ? drop_word(d, l) : add_word(d, l, from);
}

static struct list units(const struct model_set *s)
{
    struct list l = {.n = 0};
    for (size_t i = 0; i < s->parties; i++)
        for (size_t k = 0; k < s->party[i].units.n; k++)
            list_add(&l, s->party[i].units.word[k]);
    return l;
}

static struct list bases(const struct model_set *s)
{
    struct list l = {.n = 0};
    for (size_t i = 0; i < s->bases; i++)
        list_add(&l, s->basis[i].code);
    return l;
}

static struct list regions(const struct model_set *s)
{
    struct list l = {.n = 0};
    for (size_t i = 0; i < s->regions; i++)
        list_add(&l, s->region[i].name);
    return l;
}

bool change_units(struct dice *d, const struct model_set *s, struct list *l)
{
    const struct list all = units(s);
    return change_words(d, l, &all);
}

static bool change_bases(struct dice *d, const struct model_set *s, struct list *l)
{
    const struct list all = bases(s);
    return change_words(d, l, &all);
}

/* ---- conditions */

static struct list words_for(const struct model_set *s, const struct grant *g, const char *key)
{
    static const struct {
        const char *key;
        enum model_words words;
    } row[] = {{"incident_type", WORDS_TYPE},
               {"camera.installed_for", WORDS_CAMERA_PURPOSE},
               {"camera.kind", WORDS_CAMERA_KIND},
               {"subject.category", WORDS_CATEGORY},
               {"subject.age_band", WORDS_AGE_BAND},
               {"consent.given_by", WORDS_GIVER},
               {"consent.names_items", WORDS_ITEM},
               {"origin", WORDS_ORIGIN},
               {"request.ground", WORDS_GROUND},
               {"reason_code", WORDS_REASON},
               {"evidence", WORDS_EVIDENCE},
               {"period.days", WORDS_DAY},
               {"footage", WORDS_FOOTAGE}};
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        if (word_is(key, row[i].key))
            return *model_words(row[i].words);
    return word_is(key, "basis") ? g->bases : regions(s);
}

static void change_hours(struct dice *d, struct condition *c)
{
    int64_t *end = dice_odds(d, 50) ? &c->number : &c->until;
    *end = (*end + (dice_odds(d, 50) ? 1 : 1439)) % 1440;
    if (c->number == c->until)
        *end = (*end + 2) % 1440;
    (void)snprintf(c->text, sizeof c->text, "%02d:%02d-%02d:%02d", (int)(c->number / 60),
                   (int)(c->number % 60), (int)(c->until / 60), (int)(c->until % 60));
}

static bool change_condition(struct dice *d, const struct model_set *s, const struct grant *g,
                             struct condition *c)
{
    if (word_is(c->key, "incident.participant")) {
        const struct list all = units(s);
        c->words.word[0] = dice_word(d, &all);
    } else if (word_is(c->key, "period.hours")) {
        change_hours(d, c);
    } else if (c->words.n == 0) {
        c->number = near_number(d, c->number, 1);
        (void)snprintf(c->text, sizeof c->text, "%lld%s", (long long)c->number,
                       c->key[0] == 'i' ? " seconds" : "");
    } else {
        const struct list all = words_for(s, g, c->key);
        return list_shares(&all, &c->words) && change_words(d, &c->words, &all);
    }
    return true;
}

static bool change_conditions(struct dice *d, const struct model_set *s, const struct grant *g,
                              struct conditions *c)
{
    if (c->n == 0)
        return false;
    struct condition *one = &c->at[dice_of(d, c->n)];
    if (dice_odds(d, 75))
        return change_condition(d, s, g, one);
    *one = c->at[--c->n];
    return true;
}

static bool change_alternatives(struct dice *d, const struct model_set *s, struct grant *g)
{
    if (g->alternatives == 0)
        return false;
    if (g->alternatives < 2 || dice_odds(d, 60))
        return change_conditions(d, s, g, &g->any[dice_of(d, g->alternatives)]) &&
               g->any[g->alternatives - 1].n > 0;
    g->any[dice_of(d, g->alternatives)] = g->any[g->alternatives - 1];
    g->alternatives--;
    return true;
}

/* ---- grants */

static bool change_transform(struct dice *d, struct grant *g)
{
    if (g->transforms == 0)
        return false;
    struct grant_transform *t = &g->transform[0];
    if (word_is(t->effect, "drop") || dice_odds(d, 30))
        g->transforms = 0;
    else if (word_is(t->effect, "coarsen") || dice_odds(d, 50))
        t->grid_m += 50;
    else
        t->within_m += 100;
    return true;
}

static bool change_who(struct dice *d, const struct model_set *s, struct grant *g)
{
    switch (dice_of(d, 6)) {
    case 0: return change_units(d, s, &g->to);
    case 1: return change_bases(d, s, &g->bases);
    case 2:
        return word_is(g->kind, "video") && change_words(d, &g->joins, model_words(WORDS_PURPOSE));
    case 3: g->purpose = dice_word(d, model_words(WORDS_PURPOSE)); return true;
    case 4: g->service = dice_word(d, model_words(WORDS_SERVICE)); return true;
    default: (void)snprintf(g->name, sizeof g->name, "other-%zu", g->number % 100); return true;
    }
}

static bool change_clock(struct dice *d, struct grant *g)
{
    static const char *const starts[] = {"arrival", "incident-end", "found"};
    switch (dice_of(d, 5)) {
    case 0: g->delay_s = near_number(d, g->delay_s, 0); return true;
    case 1: g->at_most_s = g->at_most_s < 0 ? 60 : near_number(d, g->at_most_s, 1); return true;
    case 2: g->notify_s = g->notify_s < 0 ? 60 : near_number(d, g->notify_s, 1); return true;
    case 3: return g->notify_s >= 0 && change_words(d, &g->deferrable, model_words(WORDS_REASON));
    default: g->starts_at = DICE_PICK(d, starts); return true;
    }
}

static bool change_approval(struct dice *d, struct grant_duties *o)
{
    if (o->persons == 0 || dice_odds(d, 25)) {
        o->persons = o->persons == 0;
        o->approver = o->persons == 0 ? NULL : "privacy-officer";
        o->approval_s = o->persons == 0 ? 0 : 600;
        o->second_s = 0;
        return true;
    }
    if (o->second_s == 0 || dice_odds(d, 30))
        o->approval_s = near_number(d, o->approval_s, 1);
    else if (dice_odds(d, 50))
        o->second_s = near_number(d, o->second_s, 1);
    else
        o->night_to = (o->night_to + 2) % 1440;
    return o->night_from != o->night_to;
}

static bool change_duties(struct dice *d, const struct model_set *s, struct grant *g)
{
    struct grant_duties *o = &g->duties;
    int64_t *const number[] = {&o->receipt_s,   &o->offline_s, &o->uses,
                               &o->largest_kib, &o->kib_per_s, &o->messages_per_s};
    if (dice_odds(d, 30))
        return change_approval(d, o);
    switch (dice_of(d, 6)) {
    case 0:
        if (o->other == NULL)
            return false;
        o->attend_s = near_number(d, o->attend_s, 1);
        return true;
    case 1: return o->onward.n > 0 && change_units(d, s, &o->onward);
    case 2: return o->onward.n > 0 && change_bases(d, s, &o->onward_bases);
    case 3:
        if (o->receipt_s == 0)
            return false;
        o->overdue = o->overdue == NULL ? "alarm" : NULL;
        return true;
    case 4:
        if (o->keep_bases.n > 0)
            o->keep_bases.n = 0;
        else
            list_add(&o->keep_bases, "kr/pipa/21-1-proviso");
        return true;
    default: return change_number(d, DICE_PICK(d, number)) && (o->receipt_s > 0 || !o->overdue);
    }
}

static bool change_grant(struct dice *d, struct model_set *s)
{
    if (s->grants == 0)
        return false;
    struct grant *g = &s->grant[dice_of(d, s->grants)];
    switch (dice_of(d, 10)) {
    case 0: return change_who(d, s, g);
    case 1: return change_transform(d, g);
    case 2: return change_clock(d, g);
    case 3:
    case 4: return change_duties(d, s, g);
    case 5: return change_alternatives(d, s, g);
    default: return change_conditions(d, s, g, &g->when);
    }
}

/* The last one: an earlier one may be what others are narrower than. */
static bool change_grants(struct dice *d, struct model_set *s)
{
    if (s->grants > 1 && dice_odds(d, 50)) {
        s->grants--;
        return true;
    }
    const size_t n = s->grants;
    model_random_grant(d, s, s->mous - 1);
    return s->grants > n;
}

/* ---- memoranda */

static bool change_emergency(struct dice *d, struct model_set *s)
{
    struct emergency *e = &s->mou[dice_of(d, s->mous)].emergency;
    if (e->lasts_s == 0)
        return false;
    switch (dice_of(d, 6)) {
    case 0: e->lasts_s = 0; return true;
    case 1: e->lasts_s = near_number(d, e->lasts_s, 1); return true;
    case 2: return change_units(d, s, &e->units);
    case 3: return change_bases(d, s, &e->bases);
    case 4: e->role = word_is(e->role, "operator") ? "duty-officer" : "operator"; return true;
    default: list_add(&e->kinds, s->palette.kind[dice_of(d, s->palette.kinds)]->name);
    }
    return dice_odds(d, 50) || drop_word(d, &e->kinds);
}

static bool change_prohibition(struct dice *d, struct model_set *s)
{
    static const struct list roles = {
        {"police", "rescue-agency", "centre", "carrier", "other", "operator"}, 6};
    static const struct list articles = {{"kr/location/29", "kr/location/19", "kr/disaster/74-3"},
                                         3};
    if (s->prohibitions == 0)
        return false;
    struct prohibition *p = &s->prohibition[dice_of(d, s->prohibitions)];
    switch (dice_of(d, 4)) {
    case 0: return change_words(d, &p->spared_roles, &roles);
    case 1: return p->kinds.n > 0 && drop_word(d, &p->kinds);
    case 2: return p->under.n > 0 && change_words(d, &p->under, &articles);
    default: s->prohibitions--; return true;
    }
}

static bool change_force(struct dice *d, struct model_set *s)
{
    struct mou *m = &s->mou[dice_of(d, s->mous)];
    if (dice_odds(d, 30)) {
        m->duties = 1 + m->duties % 4;
        return true;
    }
    const int64_t zone = s->seoul ? 9 * 3600 * MODEL_SECOND : 0;
    const int64_t since = m->from_us + zone - INT64_C(1795219200000000);
    const int64_t first = since / MODEL_DAY, end = first + (m->end_us - m->from_us) / MODEL_DAY;
    if (dice_odds(d, 50) && first + 1 < end)
        m->from_us = model_day(s, first + 1, m->from);
    else
        m->end_us = model_day(s, end, m->until) + MODEL_DAY;
    return true;
}

void model_change(struct dice *d, struct model_set *s)
{
    static bool (*const of[])(struct dice * d, struct model_set * s) = {
        change_grant,  change_grant,     change_grant,       change_grant,
        change_grant,  change_grant,     change_grants,      change_force,
        change_camera, change_emergency, change_prohibition, change_place,
        change_party,  change_zone,      change_exercise,    change_law};
    while (!DICE_PICK(d, of)(d, s)) {
    }
}

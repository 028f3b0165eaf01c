/*
 * One grant by chance. It keeps the rules of law (LANGUAGE.md, "Rules of law"), and where it would
 * answer the same message as an earlier one it says that it is narrower, or is given up; a few are
 * left to the compiler, which parts them by their conditions or refuses the set.
 */
#include "judge.h"

#include <stdio.h>

static bool starts_with(const char *word, const char *start)
{
    return strncmp(word, start, strlen(start)) == 0;
}

static void ask_words(struct conditions *c, const char *key, struct list words)
{
    for (size_t i = 0; i < c->n; i++)
        if (word_is(c->at[i].key, key))
            return;
    c->at[c->n++] = (struct condition){.key = key, .words = words};
}

static void ask_word(struct conditions *c, const char *key, const char *word)
{
    ask_words(c, key, (struct list){{word}, 1});
}

static void ask_metres(struct conditions *c, const char *key, int64_t metres)
{
    struct condition *one = &c->at[c->n++];
    *one = (struct condition){.key = key, .number = metres};
    (void)snprintf(one->text, sizeof one->text, "%lld", (long long)metres);
}

/* In whatever unit it can be told. */
static void ask_time(struct dice *d, struct conditions *c, const char *key)
{
    static const struct {
        int64_t seconds;
        const char *word;
    } unit[] = {{1, "seconds"}, {1, "초"}, {60, "minutes"}, {3600, "hours"}, {3600, "시간"}};
    struct condition *one = &c->at[c->n++];
    size_t i = dice_of(d, sizeof unit / sizeof unit[0]);
    long long count = dice_between(d, 1, 90000 / unit[i].seconds);
    *one = (struct condition){.key = key, .number = count * unit[i].seconds};
    (void)snprintf(one->text, sizeof one->text, "%lld %s", count, unit[i].word);
}

static void ask_hours(struct dice *d, struct conditions *c)
{
    struct condition *one = &c->at[c->n++];
    int from = (int)dice_of(d, 1440), to = (int)dice_of(d, 1440);
    to = to == from ? (to + 1) % 1440 : to;
    *one = (struct condition){.key = "period.hours", .number = from, .until = to};
    (void)snprintf(one->text, sizeof one->text, "%02d:%02d-%02d:%02d", from / 60, from % 60,
                   to / 60, to % 60);
}

/* ---- conditions */

static struct list any_regions(struct dice *d, const struct model_set *s)
{
    struct list l = {.n = 0};
    for (size_t i = 1 + dice_of(d, 2); i > 0; i--)
        list_add(&l, s->region[dice_of(d, s->regions)].name);
    return l;
}

static void ask_time_and_place(struct dice *d, const struct model_set *s, struct conditions *c,
                               unsigned odds)
{
    if (dice_odds(d, odds))
        ask_hours(d, c);
    if (dice_odds(d, odds))
        ask_words(c, "period.days", dice_words(d, model_words(WORDS_DAY), 6));
    if (dice_odds(d, odds))
        ask_words(c, "disaster_headquarters", any_regions(d, s));
    if (dice_odds(d, odds))
        ask_words(c, "incident.area", any_regions(d, s));
}

static void ask_incident(struct dice *d, const struct model_set *s, struct conditions *c,
                         unsigned odds)
{
    if (dice_odds(d, odds))
        ask_word(c, "incident.state", "open");
    if (dice_odds(d, odds)) {
        const struct party *p = &s->party[dice_of(d, s->parties)];
        ask_word(c, "incident.participant", dice_word(d, &p->units));
    }
    if (dice_odds(d, odds))
        ask_time(d, c, "incident.younger_than");
    if (dice_odds(d, odds))
        ask_words(c, "incident_type", dice_words(d, model_words(WORDS_TYPE), 3));
    if (dice_odds(d, odds / 2))
        ask_word(c, "assigned", "yes");
}

static void ask_cameras(struct dice *d, struct conditions *c, unsigned odds)
{
    if (dice_odds(d, odds))
        ask_metres(c, "camera.within_m_of_incident", dice_between(d, 1, 4000));
    if (dice_odds(d, odds))
        ask_metres(c, "camera.within_m_of_route", dice_between(d, 1, 2000));
    if (dice_odds(d, odds))
        ask_words(c, "camera.installed_for", dice_words(d, model_words(WORDS_CAMERA_PURPOSE), 2));
    if (dice_odds(d, odds))
        ask_words(c, "camera.kind", dice_words(d, model_words(WORDS_CAMERA_KIND), 2));
}

static void ask_who_acts(struct dice *d, const struct grant *g, struct conditions *c, unsigned odds)
{
    if (dice_odds(d, odds))
        ask_word(c, "actor", "required");
    if (dice_odds(d, odds))
        ask_words(c, "evidence", dice_words(d, model_words(WORDS_EVIDENCE), 2));
    if (dice_odds(d, odds))
        ask_words(c, "basis", dice_words(d, &g->bases, 2));
}

static bool has_basis(const struct grant *g, const char *code)
{
    return list_has(&g->bases, code);
}

/* LIA 19, 25 and 26: whose consent serves for whom. */
static void ask_subject(struct dice *d, const struct grant *g, struct conditions *c, unsigned odds)
{
    static const struct list older = {{"14-to-17", "adult"}, 2};
    bool consent = has_basis(g, "kr/location/19") || has_basis(g, "kr/location/26");
    if (has_basis(g, "kr/location/26")) {
        ask_words(c, "subject.category",
                  (struct list){{"adult-ward", "registered-severe-mental-disability"}, 2});
        ask_word(c, "subject.age_band", "adult");
    } else if (consent && dice_odds(d, 60)) {
        ask_words(c, "subject.age_band", dice_words(d, &older, 2));
    } else if (consent) {
        ask_word(c, "consent.given_by", "legal-representative");
    }
    if (dice_odds(d, odds))
        ask_words(c, "subject.category", dice_words(d, model_words(WORDS_CATEGORY), 4));
    if (dice_odds(d, odds))
        ask_words(c, "subject.age_band", dice_words(d, model_words(WORDS_AGE_BAND), 3));
    if (!consent && !dice_odds(d, odds))
        return;
    ask_words(c, "consent.given_by", dice_words(d, model_words(WORDS_GIVER), 2));
    if (consent || dice_odds(d, 50))
        ask_word(c, "consent.names_recipient", "yes");
    if (dice_odds(d, 50))
        ask_word(c, "consent.names_purpose", "yes");
    if (dice_odds(d, 30))
        ask_words(c, "consent.names_items", dice_words(d, model_words(WORDS_ITEM), 2));
}

static void ask_request(struct dice *d, struct conditions *c, unsigned odds)
{
    if (dice_odds(d, odds))
        ask_words(c, "request.ground", dice_words(d, model_words(WORDS_GROUND), 3));
    if (dice_odds(d, odds))
        ask_word(c, "request.wish", "confirmed");
    if (dice_odds(d, odds))
        ask_word(c, "request.witness_consent", "given");
}

static void shuffle(struct dice *d, struct conditions *c)
{
    for (size_t i = c->n; i > 1; i--) {
        size_t k = dice_of(d, i);
        struct condition one = c->at[i - 1];
        c->at[i - 1] = c->at[k];
        c->at[k] = one;
    }
}

static void ask_anything(struct dice *d, const struct model_set *s, const struct grant *g,
                         struct conditions *c, unsigned odds)
{
    const struct model_kind *k = model_kind(g->kind);
    ask_incident(d, s, c, odds);
    ask_who_acts(d, g, c, odds / 2);
    ask_time_and_place(d, s, c, odds / 3);
    if (word_is(k->name, "notice_deferral") && dice_odds(d, 50))
        ask_words(c, "reason_code", dice_words(d, model_words(WORDS_REASON), 2));
    if (word_is(k->name, "location_request"))
        ask_request(d, c, odds);
    if (k->footage && dice_odds(d, odds))
        ask_words(c, "footage", dice_words(d, model_words(WORDS_FOOTAGE), 2));
    if (k->camera)
        ask_cameras(d, c, odds);
    if (k->consent)
        ask_subject(d, g, c, odds);
    if (k->origin && dice_odds(d, odds))
        ask_words(c, "origin", dice_words(d, model_words(WORDS_ORIGIN), 4));
    shuffle(d, c);
}

static void add_conditions(struct dice *d, const struct model_set *s, struct grant *g)
{
    if (dice_odds(d, 80))
        ask_anything(d, s, g, &g->when, 30);
    else if (model_kind(g->kind)->consent)
        ask_subject(d, g, &g->when, 0);
    if (!dice_odds(d, 35))
        return;
    for (size_t i = 1 + dice_of(d, MODEL_ALTERNATIVES); i > 0; i--) {
        struct conditions *c = &g->any[g->alternatives];
        ask_anything(d, s, g, c, 25);
        if (c->n > 0)
            g->alternatives++;
    }
}

/* ---- what the law asks for */

static bool may_get_emergency_positions(const struct model_set *s, const char *unit)
{
    const struct party *p = party_of(s, unit);
    return p == NULL || list_has(&p->roles, "police") || list_has(&p->roles, "rescue-agency");
}

static void hide_position(struct dice *d, const struct model_kind *k, struct grant *g)
{
    struct grant_transform *t = &g->transform[g->transforms++];
    *t = (struct grant_transform){.field = k->position, .effect = "drop"};
    if (k->camera && dice_odds(d, 70)) {
        t->effect = "to-cameras";
        t->grid_m = dice_between(d, 1, 20) * 50;
        t->within_m = dice_between(d, 1, 20) * 100;
    } else if (dice_odds(d, 20)) {
        t->effect = "coarsen";
        t->grid_m = dice_between(d, 1, 20) * 50;
    }
}

/* LIA 29(11) */
static void guard_positions(struct dice *d, const struct model_set *s, struct grant *g)
{
    static const struct list safe = {{"place", "lia-consent", "device", "disaster"}, 4};
    const struct model_kind *k = model_kind(g->kind);
    bool everywhere = true, restricted = false;
    for (size_t i = 0; i < g->to.n; i++)
        everywhere = everywhere && may_get_emergency_positions(s, g->to.word[i]);
    if (k->position == NULL || (everywhere && !dice_odds(d, 30)))
        return;
    hide_position(d, k, g);
    if (everywhere || !word_is(g->transform[0].effect, "coarsen"))
        return;
    for (size_t i = 0; i < g->when.n; i++)
        if (word_is(g->when.at[i].key, "origin")) {
            g->when.at[i].words = dice_words(d, &safe, 3);
            restricted = true;
        }
    if (!restricted)
        ask_words(&g->when, "origin", dice_words(d, &safe, 3));
}

static void choose_bases(struct dice *d, const struct model_set *s, struct grant *g)
{
    const struct model_kind *k = model_kind(g->kind);
    const struct party *from = party_of(s, g->from);
    size_t wanted = 1 + dice_of(d, 3);
    for (int tries = 0; g->bases.n < wanted && tries < 50; tries++) {
        const struct basis *b = &s->basis[dice_of(d, s->bases)];
        bool of_consent = word_is(b->code, "kr/location/19") || word_is(b->code, "kr/location/26");
        if (word_is(b->rely, "public-institution") && !from->public_institution)
            continue;
        if (word_is(b->code, "kr/disaster/74-3") || word_is(b->rely, "recipient") ||
            (of_consent && !k->consent))
            continue;
        if (!starts_with(b->code, "kr/pipa/") && k->position == NULL)
            continue;
        list_add(&g->bases, b->code);
    }
}

static int64_t ceiling_of(const struct model_set *s, const char *kind)
{
    int64_t least = 86400;
    for (size_t i = 0; i < s->ceilings; i++)
        if (list_has(&s->ceiling[i].kinds, kind) != s->ceiling[i].others &&
            s->ceiling[i].at_most_s < least)
            least = s->ceiling[i].at_most_s;
    return least;
}

/* Positions are not kept past the end of their purpose. */
static void add_duties(struct dice *d, const struct model_set *s, struct grant *g)
{
    static const char *const starts[] = {"arrival", "incident-end", "found"};
    const struct model_kind *k = model_kind(g->kind);
    int64_t ceiling_s = ceiling_of(s, g->kind);
    bool ends = k->position != NULL;
    g->starts_at = starts[ends ? 1 + dice_of(d, 2) : dice_of(d, 3)];
    g->delay_s = ends ? 0 : dice_between(d, 0, ceiling_s);
    /* A grant whose alternatives all contradict the rest holds in no way, and no law has a default
     * for it. */
    g->at_most_s = g->alternatives > 0 || dice_odds(d, 40) ? dice_between(d, 1, ceiling_s) : -1;
    g->notify_s = -1;
    if (k->subject && (k->consent || dice_odds(d, 50)))
        g->notify_s = dice_between(d, 1, 7200);
}

/* ---- how it stands to the earlier grants */

static const struct list *asked_words(const struct grant *g, const char *key)
{
    for (size_t i = 0; i < g->when.n; i++)
        if (word_is(g->when.at[i].key, key))
            return &g->when.at[i].words;
    return NULL;
}

/* Whether both ask for words of one key and have none in common. The last ones part nothing, for a
 * message brings several: of them a few are left to the compiler, which has to refuse the set. */
static bool are_parted(struct dice *d, const struct grant *a, const struct grant *b)
{
    static const char *const key[] = {
        "camera.kind", "subject.age_band", "consent.given_by", "subject.category",
        "basis",       "incident_type",    "evidence",         "camera.installed_for"};
    enum { PARTING = 5 };
    for (size_t i = 0; i < sizeof key / sizeof key[0]; i++) {
        const struct list *x = asked_words(a, key[i]), *y = asked_words(b, key[i]);
        if (x != NULL && y != NULL && !list_shares(x, y) && (i < PARTING || dice_odds(d, 8)))
            return true;
    }
    return false;
}

static bool could_both_answer(struct dice *d, const struct model_set *s, const struct grant *a,
                              const struct grant *b)
{
    return word_is(a->kind, b->kind) && word_is(a->from, b->from) && list_shares(&a->to, &b->to) &&
           word_is(a->service, b->service) && word_is(a->purpose, b->purpose) &&
           list_shares(&a->bases, &b->bases) && s->mou[a->mou].from_us < s->mou[b->mou].end_us &&
           s->mou[b->mou].from_us < s->mou[a->mou].end_us && !are_parted(d, a, b);
}

/* Narrower than the last one that it meets, if that is narrower than all others. */
static bool find_its_place(struct dice *d, const struct model_set *s, struct grant *g)
{
    bool fits = true;
    g->narrower_than = -1;
    for (int i = 0; i < (int)s->grants; i++) {
        if (!could_both_answer(d, s, g, &s->grant[i]))
            continue;
        int above = i;
        while (above >= 0 && above != g->narrower_than)
            above = s->grant[above].narrower_than;
        fits = fits && s->grant[i].mou == g->mou && above == g->narrower_than;
        g->narrower_than = i;
    }
    if (fits)
        return true;
    g->narrower_than = -1;
    return dice_odds(d, 1);
}

void model_random_grant(struct dice *d, struct model_set *s, size_t mou)
{
    const struct model_palette *p = &s->palette;
    struct grant *g = &s->grant[s->grants];
    const struct model_kind *k = p->kind[dice_of(d, p->kinds)];
    if (s->grants == MODEL_GRANTS)
        return;
    *g = (struct grant){.mou = mou,
                        .number = s->grants,
                        .service = dice_word(d, &p->services),
                        .kind = k->name,
                        .from = dice_word(d, &p->from),
                        .purpose = dice_word(d, &p->purposes),
                        .to = dice_words(d, &p->to, 3)};
    (void)snprintf(g->name, sizeof g->name, "g-%zu", s->grants);
    if (k->to_gateway)
        g->to = (struct list){{"gateway/self"}, 1};
    if (party_of(s, g->from) == NULL)
        return;
    choose_bases(d, s, g);
    if (word_is(k->name, "video") && dice_odds(d, 40))
        g->joins = dice_words(d, model_words(WORDS_PURPOSE), 2);
    add_conditions(d, s, g);
    guard_positions(d, s, g);
    add_duties(d, s, g);
    model_random_duties(d, s, g);
    if (g->bases.n > 0 && find_its_place(d, s, g))
        s->grants++;
}

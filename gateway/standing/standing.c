#include "standing/state.h"

#include "base/mem.h"

#include <stdio.h>

/* ---- making and freeing */

static struct bytes consent_key(const void *item)
{
    return bytes_of(((const struct consent *)item)->digest, STANDING_DIGEST);
}

static struct bytes party_key(const void *item)
{
    return bytes_of_text(((const struct consent_party *)item)->name);
}

struct standing *standing_new(void)
{
    struct standing *s = mem_new(sizeof *s);
    s->consents = map_new(consent_key);
    s->parties = map_new(party_key);
    return s;
}

void standing_clear(struct standing *s)
{
    size_t at = 0;
    while (map_next(s->consents, &at) != NULL)
        mem_free(map_take(s->consents, &at));
    at = 0;
    while (map_next(s->parties, &at) != NULL)
        mem_free(map_take(s->parties, &at));
    s->regions = 0;
}

void standing_free(struct standing *s)
{
    if (s == NULL)
        return;
    standing_clear(s);
    map_free(s->consents);
    map_free(s->parties);
    mem_free(s);
}

/* ---- regions */

static size_t find_region(const struct standing *s, struct bytes region)
{
    size_t i = 0;
    while (i < s->regions && !bytes_is(region, s->region[i]))
        i++;
    return i;
}

static enum standing_verdict judge_region(const struct standing *s, const struct standing_change *c)
{
    size_t i = find_region(s, c->region);
    if ((i < s->regions) == (c->step == STANDING_ACTIVE))
        return STANDING_UNCHANGED;
    return i == STANDING_REGIONS_MAX ? STANDING_TOO_MANY : STANDING_APPLIED;
}

static void apply_region(struct standing *s, const struct standing_change *c)
{
    size_t i = find_region(s, c->region);
    if (c->step == STANDING_ACTIVE) {
        memcpy(s->region[i], c->region.p, c->region.n);
        s->region[i][c->region.n] = '\0';
        s->regions++;
    } else {
        memmove(s->region[i], s->region[--s->regions], sizeof s->region[i]);
    }
}

bool standing_is_active(const struct standing *s, struct bytes region)
{
    return find_region(s, region) < s->regions;
}

const char *standing_region(const struct standing *s, size_t i)
{
    return i < s->regions ? s->region[i] : NULL;
}

/* ---- consents: each as it stands for all purposes, and those for which it is the other way */

static const struct consent *known(const struct standing *s, const uint8_t digest[STANDING_DIGEST])
{
    return map_get(s->consents, bytes_of(digest, STANDING_DIGEST));
}

static size_t find_exception(const struct consent *c, const uint8_t purpose[STANDING_TAG])
{
    size_t i = 0;
    while (i < c->exceptions && memcmp(c->exception[i], purpose, STANDING_TAG) != 0)
        i++;
    return i;
}

bool standing_is_gone(const struct standing *s, const uint8_t digest[STANDING_DIGEST],
                      const uint8_t purpose[STANDING_TAG])
{
    const struct consent *c = known(s, digest);
    return c != NULL && c->all_gone != (find_exception(c, purpose) < c->exceptions);
}

size_t standing_consents(const struct standing *s)
{
    return map_count(s->consents);
}

/* What the consent becomes. False: it has no room for so many exceptions. */
static bool changed(struct consent *x, const struct standing_change *c)
{
    const bool gone = c->step != STANDING_RESUMED;
    if (c->purposes == 0) {
        x->all_gone = gone;
        x->exceptions = 0;
        memset(x->exception, 0, sizeof x->exception);
    }
    for (size_t k = 0; k < c->purposes; k++) {
        size_t i = find_exception(x, c->purpose[k]);
        if ((i < x->exceptions) == (gone != x->all_gone))
            continue;
        if (i == STANDING_EXCEPTIONS_MAX)
            return false;
        if (i < x->exceptions) {
            memmove(x->exception[i], x->exception[--x->exceptions], STANDING_TAG);
            memset(x->exception[x->exceptions], 0, STANDING_TAG);
        } else {
            memcpy(x->exception[x->exceptions++], c->purpose[k], STANDING_TAG);
        }
    }
    return true;
}

static struct consent before(const struct standing *s, const struct standing_change *c)
{
    const struct consent *x = known(s, c->consent);
    if (x != NULL)
        return *x;
    struct consent fresh = {.all_gone = false};
    struct bytes party;
    memcpy(fresh.digest, c->consent, STANDING_DIGEST);
    if (ident_split_unit(c->by, &party, NULL))
        memcpy(fresh.party, party.p, party.n);
    return fresh;
}

static size_t count_of(const struct standing *s, const char *party)
{
    const struct consent_party *p = map_get(s->parties, bytes_of_text(party));
    return p == NULL ? 0 : p->consents;
}

static enum standing_verdict judge_consent(const struct standing *s,
                                           const struct standing_change *c)
{
    const struct consent was = before(s, c);
    struct consent is = was;
    if (!changed(&is, c))
        return STANDING_TOO_MANY;
    if (is.all_gone == was.all_gone && is.exceptions == was.exceptions &&
        memcmp(is.exception, was.exception, sizeof is.exception) == 0)
        return STANDING_UNCHANGED;
    bool is_new = known(s, c->consent) == NULL;
    return is_new && count_of(s, is.party) >= STANDING_CONSENTS_MAX ? STANDING_TOO_MANY
                                                                    : STANDING_APPLIED;
}

static struct consent_party *party_of(struct standing *s, const char *name)
{
    struct consent_party *p = map_get(s->parties, bytes_of_text(name));
    if (p != NULL)
        return p;
    p = mem_new(sizeof *p);
    (void)snprintf(p->name, sizeof p->name, "%s", name);
    (void)map_add(s->parties, p);
    return p;
}

void standing_add_consent(struct standing *s, const struct consent *c)
{
    struct consent *x = mem_new(sizeof *x);
    *x = *c;
    (void)map_add(s->consents, x);
    party_of(s, x->party)->consents++;
}

static void remove_consent(struct standing *s, const uint8_t digest[STANDING_DIGEST])
{
    struct consent *x = map_remove(s->consents, bytes_of(digest, STANDING_DIGEST));
    struct consent_party *p = party_of(s, x->party);
    if (--p->consents == 0)
        mem_free(map_remove(s->parties, party_key(p)));
    mem_free(x);
}

static void apply_consent(struct standing *s, const struct standing_change *c)
{
    struct consent is = before(s, c);
    bool was_known = known(s, c->consent) != NULL;
    (void)changed(&is, c);
    if (was_known)
        remove_consent(s, c->consent);
    if (is.all_gone || is.exceptions > 0)
        standing_add_consent(s, &is);
}

/* ---- either */

static bool is_about_region(const struct standing_change *c)
{
    return c->step == STANDING_ACTIVE || c->step == STANDING_ENDED;
}

enum standing_verdict standing_judge(const struct standing *s, const struct standing_change *c)
{
    return is_about_region(c) ? judge_region(s, c) : judge_consent(s, c);
}

enum standing_verdict standing_apply(struct standing *s, const struct standing_change *c)
{
    enum standing_verdict v = standing_judge(s, c);
    if (v != STANDING_APPLIED)
        return v;
    if (is_about_region(c))
        apply_region(s, c);
    else
        apply_consent(s, c);
    return v;
}

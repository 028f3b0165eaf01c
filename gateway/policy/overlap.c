/* One answer a message: no two grants may both hold for one, unless one is the narrower. */
#include "policy/builder.h"

#include <stdio.h>

static const struct row_grant *grant_at(const struct compilation *c, size_t i)
{
    return builder_row(c, SECTION_GRANTS, i);
}

/* The words that both grants allow for a condition. */
static uint64_t common(const struct compilation *c, const struct row_grant *a,
                       const struct row_grant *b, enum condition_op op)
{
    return grant_allows(c, a, op) & grant_allows(c, b, op);
}

static uint64_t common_bases(const struct compilation *c, const struct row_grant *a,
                             const struct row_grant *b)
{
    return a->bases & b->bases & common(c, a, b, CONDITION_BASIS);
}

/* A message names several incidents, so grants for different types can both hold, unless the kind
 * itself states the type or is about one incident only. */
static bool has_one_type(enum kind_id kind)
{
    return kind_row(kind)->for_gateway_only || (kind_asks(kind) & ASKS_TYPE) != 0;
}

static bool are_in_force_together(const struct compilation *c, const struct row_grant *a,
                                  const struct row_grant *b)
{
    const struct row_mou *x = builder_row(c, SECTION_MOUS, a->mou);
    const struct row_mou *y = builder_row(c, SECTION_MOUS, b->mou);
    return x->from_us < y->until_us && y->from_us < x->until_us;
}

/* The first condition of this kind outside `any`; NULL when there is none. */
static const struct row_condition *condition_of(const struct compilation *c,
                                                const struct row_grant *g, enum condition_op op)
{
    for (uint32_t i = 0; i < g->conditions; i++) {
        const struct row_condition *k = builder_row(c, SECTION_CONDITIONS, g->condition_first + i);
        if (k->op == op && k->alternative == 0)
            return k;
    }
    return NULL;
}

/* Two spans of the day meet where one of them begins within the other. */
static bool hours_are_apart(const struct compilation *c, const struct row_grant *a,
                            const struct row_grant *b)
{
    const struct row_condition *x = condition_of(c, a, CONDITION_PERIOD_HOURS);
    const struct row_condition *y = condition_of(c, b, CONDITION_PERIOD_HOURS);
    return x != NULL && y != NULL &&
           !policy_in_hours(x->from_minute, y->from_minute, y->to_minute) &&
           !policy_in_hours(y->from_minute, x->from_minute, x->to_minute);
}

/* Only conditions that ask for one of a few words can part two grants. A watcher states the grant's
 * own purpose, whatever streams it may join. */
static bool can_both_hold(const struct compilation *c, const struct row_grant *a,
                          const struct row_grant *b)
{
    static const enum condition_op closed[] = {CONDITION_CAMERA_KIND,      CONDITION_AGE_BAND,
                                               CONDITION_CONSENT_GIVEN_BY, CONDITION_CATEGORY,
                                               CONDITION_PERIOD_DAYS,      CONDITION_FOOTAGE};
    if (a->service != b->service || a->purpose != b->purpose || common_bases(c, a, b) == 0 ||
        !are_in_force_together(c, a, b))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(closed); i++)
        if (common(c, a, b, closed[i]) == 0)
            return false;
    if (hours_are_apart(c, a, b))
        return false;
    return !has_one_type((enum kind_id)a->kind) || common(c, a, b, CONDITION_INCIDENT_TYPE) != 0;
}

/* Whether grant `a` is narrower than `b`, directly or through others. */
static bool is_narrower(const struct compilation *c, uint32_t a, uint32_t b)
{
    while (a > b && a != ROW_NONE)
        a = grant_at(c, a)->narrower_than;
    return a == b;
}

static const char *word_at(const struct compilation *c, enum word_class class, uint16_t word)
{
    const struct row_word *w = builder_row(c, SECTION_WORDS, c->header.word_first[class] + word);
    return builder_text_at(c, w->name);
}

static const char *unit_at(const struct compilation *c, uint32_t unit)
{
    const struct row_unit *u = builder_row(c, SECTION_UNITS, unit);
    return builder_text_at(c, u->name);
}

/* At the later of the two, with a message for which both would hold. */
static void say_overlap(struct compilation *c, uint32_t earlier, uint32_t later, uint32_t to)
{
    const struct row_grant *x = grant_at(c, earlier), *y = grant_at(c, later);
    const struct row_basis *basis =
        builder_row(c, SECTION_BASES, (size_t)__builtin_ctzll(common_bases(c, x, y)));
    char example[768];
    (void)snprintf(example, sizeof example,
                   "kind %s, from %s, to %s, service %s, purpose %s, basis %s",
                   kind_row((enum kind_id)x->kind)->name, unit_at(c, x->from), unit_at(c, to),
                   word_at(c, WORD_SERVICE, x->service), word_at(c, WORD_PURPOSE, x->purpose),
                   builder_text_at(c, basis->code));
    read_fail(&c->reader, builder_grant_place(c, later), DIAGNOSE_OVERLAP,
              builder_text_at(c, x->clause), builder_text_at(c, y->clause), example);
    read_also(&c->reader, builder_grant_place(c, earlier));
}

/* The grants of a slot stand last first. */
static void check_slot(struct compilation *c, const struct row_slot *slot)
{
    const uint32_t to = slot_to(slot);
    for (uint32_t i = 0; i < slot->count; i++) {
        const uint32_t later = *(uint32_t *)builder_row(c, SECTION_NUMBERS, slot->first + i);
        for (uint32_t k = i + 1; k < slot->count; k++) {
            const uint32_t earlier = *(uint32_t *)builder_row(c, SECTION_NUMBERS, slot->first + k);
            if (can_both_hold(c, grant_at(c, earlier), grant_at(c, later)) &&
                !is_narrower(c, later, earlier))
                say_overlap(c, earlier, later, to);
        }
    }
}

/* Grants can only meet in a slot: equal kind, from and to. */
void check_overlaps(struct compilation *c)
{
    for (size_t i = 0; i < builder_count(c, SECTION_SLOTS); i++) {
        const struct row_slot *slot = builder_row(c, SECTION_SLOTS, i);
        if (slot_to(slot) < SLOT_REACH)
            check_slot(c, slot);
    }
}

/*
 * What the law asks of consent to a provision of location (LIA 19, 25, 26). A grant may hold in
 * several ways, one for each alternative under `any`; each of them has to keep the rules by itself.
 */
#include "policy/builder.h"

#define BIT(number) (UINT64_C(1) << (number))

/* The numbers of the contract's SubjectCategory, AgeBand and ConsentGiver. */
enum { CHILD = 1, ADULT_WARD = 3, SEVERE_MENTAL_DISABILITY = 4 };
enum { UP_TO_8 = 1, FROM_9_TO_13 = 2 };
enum { SUBJECT = 1, LIA_26_GUARDIAN = 3 };

/* What all conditions of one way together allow. */
struct way {
    uint64_t bases, category, age, giver;
    bool names_recipient;
};

static void narrow(struct way *w, const struct row_condition *c)
{
    switch ((enum condition_op)c->op) {
    case CONDITION_BASIS: w->bases &= c->mask; break;
    case CONDITION_CATEGORY: w->category &= c->mask; break;
    case CONDITION_AGE_BAND: w->age &= c->mask; break;
    case CONDITION_CONSENT_GIVEN_BY: w->giver &= c->mask; break;
    case CONDITION_CONSENT_NAMES_RECIPIENT: w->names_recipient = true; break;
    default: break;
    }
}

static struct way way_of(const struct compilation *c, const struct row_grant *g, unsigned number)
{
    struct way w = {g->bases, UINT64_MAX, UINT64_MAX, UINT64_MAX, false};
    for (uint32_t i = 0; i < g->conditions; i++) {
        const struct row_condition *k = builder_row(c, SECTION_CONDITIONS, g->condition_first + i);
        if (k->alternative == 0 || k->alternative == number)
            narrow(&w, k);
    }
    return w;
}

static uint64_t basis_bit(const struct compilation *c, const char *code)
{
    uint32_t i = names_find(c, names_of(c, SECTION_BASES), bytes_of_text(code));
    return i == ROW_NONE ? 0 : BIT(i);
}

static void judge(struct reader *r, const struct node *n, const struct way *w)
{
    const struct compilation *c = COMPILATION_OF(r);
    const uint64_t guardians = basis_bit(c, "kr/location/26") & w->bases;
    const uint64_t own = basis_bit(c, "kr/location/19") & w->bases;
    const bool under_14 = (w->age & (BIT(UP_TO_8) | BIT(FROM_9_TO_13))) != 0;
    if ((own | guardians) == 0)
        return;
    if (!w->names_recipient)
        read_fail(r, n, DIAGNOSE_LAW_LIA_19, NULL, NULL, NULL);
    if (under_14 &&
        ((w->giver & BIT(SUBJECT)) != 0 || (own != 0 && (w->giver & BIT(LIA_26_GUARDIAN)) != 0)))
        read_fail(r, n, DIAGNOSE_LAW_LIA_25, NULL, NULL, NULL);
    bool other =
        (w->category & ~(BIT(CHILD) | BIT(ADULT_WARD) | BIT(SEVERE_MENTAL_DISABILITY))) != 0;
    bool older = (w->category & BIT(CHILD)) != 0 && (w->age & ~BIT(UP_TO_8)) != 0;
    if (guardians != 0 && (other || older))
        read_fail(r, n, DIAGNOSE_LAW_LIA_26, NULL, NULL, NULL);
}

void check_consent(struct reader *r, const struct node *when, const struct row_grant *grant)
{
    const struct compilation *c = COMPILATION_OF(r);
    const struct node *any = node_member(when, "any");
    if ((kind_asks((enum kind_id)grant->kind) & ASKS_CONSENT) == 0)
        return;
    for (unsigned number = 1; number <= (any == NULL ? 1 : node_count(any)); number++) {
        const struct way w = way_of(c, grant, number);
        judge(r, any == NULL ? when : node_item(any, number - 1), &w);
    }
}

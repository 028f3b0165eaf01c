/*
 * What the law asks of a grant, whatever its memorandum says. Each rule cites its ground; the table
 * of rules is in the project's policy/LANGUAGE.md.
 */
#include "policy/builder.h"

#include <stdio.h>

/* A grant being judged. */
struct judged {
    struct reader *r;
    struct compilation *c;
    const struct node *node;
    const struct row_grant *grant;
};

static const struct node *at(const struct judged *j, const char *key)
{
    const struct node *n = node_member(j->node, key);
    return n == NULL ? j->node : n;
}

static const struct row_party *party_of(const struct compilation *c, uint32_t unit)
{
    const struct row_unit *u = builder_row(c, SECTION_UNITS, unit);
    return builder_row(c, SECTION_PARTIES, u->party);
}

static bool is_under(const struct judged *j, const char *prefix)
{
    for (size_t i = 0; i < builder_count(j->c, SECTION_BASES); i++) {
        const struct row_basis *b = builder_row(j->c, SECTION_BASES, i);
        if ((j->grant->bases >> i & 1) != 0 &&
            strncmp(builder_text_at(j->c, b->code), prefix, strlen(prefix)) == 0)
            return true;
    }
    return false;
}

/* PIPA 18(2): who may rely on a basis; 18(4): what must be published. */
static void judge_basis(const struct judged *j, size_t index)
{
    const struct row_basis *b = builder_row(j->c, SECTION_BASES, index);
    const struct row_party *provider = party_of(j->c, j->grant->from);
    const char *code = builder_text_at(j->c, b->code), *law = builder_text_at(j->c, b->text_en);
    const struct node *n = at(j, "basis_any_of");
    if (b->rely == RELY_NOBODY)
        read_fail(j->r, n, DIAGNOSE_LAW_NOBODY, code, law, NULL);
    if (b->rely == RELY_PUBLIC && provider->public_institution == 0)
        read_fail(j->r, n, DIAGNOSE_LAW_PUBLIC_ONLY, code, builder_text_at(j->c, provider->name),
                  law);
    if (b->publish != 0 && provider->public_institution != 0 && !j->c->publishes[j->grant->mou])
        read_fail(j->r, n, DIAGNOSE_LAW_PUBLICATION, code, law, NULL);
}

static bool restricts_origin(const struct judged *j)
{
    enum { LIA_29 = 2 };
    for (uint32_t i = 0; i < j->grant->conditions; i++) {
        const struct row_condition *c =
            builder_row(j->c, SECTION_CONDITIONS, j->grant->condition_first + i);
        if (c->op == CONDITION_ORIGIN && c->alternative == 0 && (c->mask >> LIA_29 & 1) == 0)
            return true;
    }
    return false;
}

/* LIA 29(11): what was obtained for a rescue goes to police and rescue agencies only. */
static void judge_origin(const struct judged *j)
{
    const uint32_t rescuers = 1u << ROLE_POLICE | 1u << ROLE_RESCUE_AGENCY;
    if (j->grant->keeps_positions == 0 || restricts_origin(j))
        return;
    for (uint32_t i = 0; i < j->grant->tos; i++) {
        const uint32_t *unit = builder_row(j->c, SECTION_NUMBERS, j->grant->to_first + i);
        if (*unit == j->c->header.self || (party_of(j->c, *unit)->roles & rescuers) != 0)
            continue;
        const struct row_unit *u = builder_row(j->c, SECTION_UNITS, *unit);
        read_fail(j->r, at(j, "to"), DIAGNOSE_LAW_POSITION_ORIGIN,
                  builder_text_at(j->c, j->grant->name), builder_text_at(j->c, u->name), NULL);
        return;
    }
}

/* LIA 23: positions go at once when the purpose ends. LIA 19(3): the subject is told. LIA 30:
 * through the system only. */
static void judge_location(const struct judged *j, bool has_lia_30)
{
    char delay[TIME_TEXT];
    if (is_under(j, "kr/location/") && j->grant->keeps_positions != 0 && j->grant->delay_us > 0) {
        duration_text(j->grant->delay_us, delay);
        read_fail(j->r, at(j, "destroy"), DIAGNOSE_LAW_RETENTION, delay, "0 seconds", "LIA 23");
    }
    if ((is_under(j, "kr/location/19") || is_under(j, "kr/location/26")) &&
        j->grant->keeps_positions != 0 && j->grant->notify_within_us < 0)
        read_fail(j->r, j->node, DIAGNOSE_LAW_NOTIFY, NULL, NULL, NULL);
    if (is_under(j, "kr/location/29") && !has_lia_30)
        read_fail(j->r, j->node, DIAGNOSE_LAW_LIA_30, NULL, NULL, NULL);
}

void check_lawful(struct reader *r, const struct node *n, const struct row_grant *grant,
                  bool has_lia_30)
{
    const struct judged j = {r, COMPILATION_OF(r), n, grant};
    for (size_t i = 0; i < builder_count(j.c, SECTION_BASES); i++)
        if ((grant->bases >> i & 1) != 0)
            judge_basis(&j, i);
    judge_origin(&j);
    judge_location(&j, has_lia_30);
}

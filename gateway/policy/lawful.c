/*
 * What the law asks of a grant, whatever its memorandum says. Each rule cites its ground; the table
 * of rules is in the project's policy/LANGUAGE.md.
 */
#include "policy/builder.h"

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

bool grant_rests_on(const struct compilation *c, const struct row_grant *grant, const char *prefix)
{
    for (size_t i = 0; i < builder_count(c, SECTION_BASES); i++) {
        const struct row_basis *b = builder_row(c, SECTION_BASES, i);
        if ((grant->bases >> i & 1) != 0 &&
            bytes_begins(bytes_of_text(builder_text_at(c, b->code)), prefix))
            return true;
    }
    return false;
}

/* PIPA 18(2): who may rely on a basis. */
static void judge_reliance(const struct judged *j, const struct row_basis *b)
{
    const struct row_party *provider = party_of(j->c, j->grant->from);
    const char *code = builder_text_at(j->c, b->code), *law = builder_text_at(j->c, b->text_en);
    const struct node *n = at(j, "basis_any_of");
    switch ((enum rely)b->rely) {
    case RELY_ANYONE: break;
    case RELY_PUBLIC:
        if (provider->public_institution == 0)
            read_fail(j->r, n, DIAGNOSE_LAW_PUBLIC_ONLY, code,
                      builder_text_at(j->c, provider->name), law);
        break;
    case RELY_RECIPIENT: read_fail(j->r, n, DIAGNOSE_LAW_KEEPING, code, law, NULL); break;
    case RELY_NOBODY: read_fail(j->r, n, DIAGNOSE_LAW_NOBODY, code, law, NULL); break;
    }
}

/* PIPA 18(4), which binds public institutions: some bases have to be published. */
static void judge_publication(const struct judged *j, const struct row_basis *b)
{
    struct publication *p = &j->c->publication[j->grant->mou];
    if (b->publish == 0 || party_of(j->c, j->grant->from)->public_institution == 0)
        return;
    p->needed = true;
    if (!p->stated)
        read_fail(j->r, at(j, "basis_any_of"), DIAGNOSE_LAW_PUBLICATION,
                  builder_text_at(j->c, b->code), builder_text_at(j->c, b->text_en), NULL);
}

/* PIPA 18(2)5: the Commission's resolution has to be named, whoever edits the catalogue. */
static void judge_resolution(const struct judged *j, const struct row_basis *b)
{
    const char *code = builder_text_at(j->c, b->code);
    uint32_t word =
        names_find(j->c, names_of_words(j->c, WORD_EVIDENCE), bytes_of_text("resolution-number"));
    uint64_t needed = word == ROW_NONE ? 0 : UINT64_C(1) << word;
    if (strcmp(code, "kr/pipa/18-2-5") == 0 && b->evidence != needed &&
        grant_allows(j->c, j->grant, CONDITION_EVIDENCE) != needed)
        read_fail(j->r, at(j, "basis_any_of"), DIAGNOSE_LAW_RESOLUTION, code, NULL, NULL);
}

/* LIA 29(11): what was obtained for a rescue goes to police and rescue agencies only. */
static void judge_origin(const struct judged *j)
{
    enum { LIA_29 = 2 };
    const uint32_t rescuers = 1u << ROLE_POLICE | 1u << ROLE_RESCUE_AGENCY;
    if ((grant_allows(j->c, j->grant, CONDITION_ORIGIN) >> LIA_29 & 1) == 0)
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

/* Positions go at once when the purpose ends. */
static void judge_location_end(const struct judged *j, const char *basis, const char *ground)
{
    char delay[TIME_TEXT];
    if (!grant_rests_on(j->c, j->grant, basis) || j->grant->delay_us == 0)
        return;
    duration_text(j->grant->delay_us, delay);
    read_fail(j->r, node_member(at(j, "destroy"), "delay"), DIAGNOSE_LAW_RETENTION, delay,
              "0 seconds", ground);
}

static void judge_location(const struct judged *j, bool has_lia_30)
{
    if (grant_rests_on(j->c, j->grant, "kr/location/29") && !has_lia_30)
        read_fail(j->r, j->node, DIAGNOSE_LAW_LIA_30, NULL, NULL, NULL);
    if (j->grant->keeps_positions == 0)
        return;
    judge_origin(j);
    judge_location_end(j, "kr/location/", "LIA 23");
    judge_location_end(j, "kr/missing-persons/", "Missing Children Act 9");
    if ((grant_rests_on(j->c, j->grant, "kr/location/19") ||
         grant_rests_on(j->c, j->grant, "kr/location/26")) &&
        j->grant->notify_within_us < 0)
        read_fail(j->r, j->node, DIAGNOSE_LAW_NOTIFY, NULL, NULL, NULL);
    if (grant_rests_on(j->c, j->grant, "kr/disaster/74-3"))
        read_fail(j->r, at(j, "basis_any_of"), DIAGNOSE_LAW_HEADQUARTERS, "kr/disaster/74-3", NULL,
                  NULL);
}

void check_lawful(struct reader *r, const struct node *n, const struct row_grant *grant,
                  bool has_lia_30)
{
    const struct judged j = {r, COMPILATION_OF(r), n, grant};
    for (size_t i = 0; i < builder_count(j.c, SECTION_BASES); i++) {
        const struct row_basis *b = builder_row(j.c, SECTION_BASES, i);
        if ((grant->bases >> i & 1) == 0)
            continue;
        judge_reliance(&j, b);
        judge_publication(&j, b);
        judge_resolution(&j, b);
    }
    judge_location(&j, has_lia_30);
    check_consent(r, at(&j, "when"), grant);
}

/* Break-glass: what a memorandum lets a named person go past, for how long, and who reviews it. */
#include "policy/clause.h"

struct emergency {
    struct compilation *c;
    struct row_emergency row;
};

static void read_units(struct reader *r, const struct node *n, void *target)
{
    struct emergency *e = target;
    uint32_t unit[POLICY_REACH_MAX];
    e->row.units = source_units(r, n, "units", unit);
    e->row.unit_first = builder_numbers(e->c, unit, e->row.units);
}

static void read_role(struct reader *r, const struct node *n, void *target)
{
    struct emergency *e = target;
    struct bytes word;
    if (read_word(r, n, "a role", &word))
        e->row.role = builder_text(e->c, word);
}

static void read_who(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"units", true, read_units}, {"role", true, read_role}};
    (void)read_map(r, n, "who", keys, ARRAY_LEN(keys), target);
}

static void read_kinds(struct reader *r, const struct node *n, void *target)
{
    source_kinds(r, n, &((struct emergency *)target)->row.kinds);
}

static void read_bases(struct reader *r, const struct node *n, void *target)
{
    source_bases(r, n, &((struct emergency *)target)->row.bases);
}

static void read_reason(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"required"};
    unsigned chosen;
    const struct compilation *c = COMPILATION_OF(r);
    (void)target;
    if (read_choice(r, n, "reason", words, ARRAY_LEN(words), &chosen) &&
        c->header.words_in[WORD_REASON] == 0)
        read_fail(r, n, DIAGNOSE_NEEDS_OTHER_KEY, "emergency", "reasons (vocabulary.yaml)", NULL);
}

static void read_lasts(struct reader *r, const struct node *n, void *target)
{
    (void)source_span(r, n, "lasts", &((struct emergency *)target)->row.lasts_us);
}

static void read_persons(struct reader *r, const struct node *n, void *target)
{
    int64_t v;
    if (read_number(r, n, "persons", 1, 2, &v))
        ((struct emergency *)target)->row.reviewers = (uint32_t)v;
}

static void read_within(struct reader *r, const struct node *n, void *target)
{
    (void)source_span(r, n, "within", &((struct emergency *)target)->row.review_within_us);
}

static void read_review(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"persons", true, read_persons},
                                           {"within", true, read_within}};
    (void)read_map(r, n, "review", keys, ARRAY_LEN(keys), target);
}

void compile_emergency(struct reader *r, const struct node *n, uint32_t mou)
{
    static const struct read_key keys[] = {{"who", true, read_who},
                                           {"kinds", true, read_kinds},
                                           {"basis_any_of", true, read_bases},
                                           {"reason", true, read_reason},
                                           {"lasts", true, read_lasts},
                                           {"review", true, read_review}};
    struct compilation *c = COMPILATION_OF(r);
    struct emergency e = {.c = c, .row = {.mou = mou, .line = node_line(n)}};
    struct row_mou *m = builder_row(c, SECTION_MOUS, mou);
    (void)read_map(r, n, "an emergency", keys, ARRAY_LEN(keys), &e);
    m->emergency = (uint32_t)builder_count(c, SECTION_EMERGENCIES);
    *(struct row_emergency *)builder_add(c, SECTION_EMERGENCIES) = e.row;
}

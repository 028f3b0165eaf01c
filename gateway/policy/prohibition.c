/* One prohibition: what nobody may have but those spared, whatever a grant says. */
#include "policy/clause.h"

#include "base/limits.h"

struct prohibition {
    struct compilation *c;
    struct row_prohibition row;
};

static void read_name(struct reader *r, const struct node *n, void *target)
{
    struct prohibition *p = target;
    uint32_t name;
    clause_name(r, n, "prohibition", p->row.mou, &name, &p->row.clause);
}

/* Data follows the law it was obtained under: the catalogue says which origin of positions a basis
 * stands for. */
static void add_obtained_under(struct reader *r, const struct node *n, void *target)
{
    struct prohibition *p = target;
    uint64_t known;
    source_bases(r, n, &known);
    if (known == 0)
        return;
    const struct row_basis *b = builder_row(p->c, SECTION_BASES, (size_t)__builtin_ctzll(known));
    if (b->origins == 0)
        read_fail(r, n, DIAGNOSE_NO_ORIGIN, node_c(n), NULL, NULL);
    p->row.origins |= b->origins;
}

static void read_obtained_under(struct reader *r, const struct node *n, void *target)
{
    source_each_text(r, n, "data_obtained_under", add_obtained_under, target);
}

static void read_spared_role(struct reader *r, const struct node *n, void *target)
{
    source_roles(r, n, &((struct prohibition *)target)->row.roles_spared);
}

static void read_other_than(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"role", true, read_spared_role}};
    (void)read_map(r, n, "to_other_than", keys, ARRAY_LEN(keys), target);
}

static void read_because(struct reader *r, const struct node *n, void *target)
{
    (void)source_told(r, n, "because", &((struct prohibition *)target)->row.because);
}

static void read_kinds(struct reader *r, const struct node *n, void *target)
{
    source_kinds(r, n, &((struct prohibition *)target)->row.kinds);
}

void compile_prohibition(struct reader *r, const struct node *n, uint32_t mou)
{
    static const struct read_key keys[] = {{"prohibit", true, read_name},
                                           {"data_obtained_under", false, read_obtained_under},
                                           {"kind", false, read_kinds},
                                           {"to_other_than", true, read_other_than},
                                           {"because", true, read_because}};
    struct compilation *c = COMPILATION_OF(r);
    struct prohibition p = {.c = c, .row = {.mou = mou, .line = node_line(n)}};
    (void)read_map(r, n, "a prohibition", keys, ARRAY_LEN(keys), &p);
    *(struct row_prohibition *)builder_add(c, SECTION_PROHIBITIONS) = p.row;
}

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

/* Data follows the law it was obtained under: a basis of a location law names an origin of
 * positions (PositionOrigin). */
static void add_obtained_under(struct reader *r, const struct node *n, void *target)
{
    static const struct {
        const char *code;
        unsigned origin;
    } origin[] = {{"kr/location/29", 2},
                  {"kr/location/19", 3},
                  {"kr/location/26", 3},
                  {"kr/missing-persons/9", 4},
                  {"kr/disaster/74-3", 6}};
    struct prohibition *p = target;
    uint64_t known;
    source_bases(r, n, &known);
    for (size_t i = 0; i < ARRAY_LEN(origin); i++) {
        if (bytes_is(node_text(n), origin[i].code)) {
            p->row.origins |= 1u << origin[i].origin;
            return;
        }
    }
    if (known != 0)
        read_fail(r, n, DIAGNOSE_NO_ORIGIN, node_c(n), NULL, NULL);
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
    struct bytes t;
    if (read_text(r, n, "because", LIMIT_TEXT, &t))
        ((struct prohibition *)target)->row.because = builder_text(COMPILATION_OF(r), t);
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

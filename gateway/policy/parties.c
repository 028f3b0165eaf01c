/* inventory/parties.yaml with the roots and revocation lists of its parties, and
 * inventory/exercises.yaml. */
#include "policy/builder.h"

#include "base/limits.h"
#include "base/mem.h"
#include "crypto/certificate.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* One party while it is read. */
struct party {
    struct compilation *c;
    struct row_party row;
    uint32_t index;
    const struct node *node, *root, *units;
};

static void read_name(struct reader *r, const struct node *n, void *target)
{
    struct party *p = target;
    source_both(r, n, "name", &p->row.title_en, &p->row.title_ko);
}

static void read_role(struct reader *r, const struct node *n, void *target)
{
    struct party *p = target;
    source_roles(r, n, &p->row.roles);
}

static void read_public(struct reader *r, const struct node *n, void *target)
{
    struct party *p = target;
    bool yes = false;
    if (read_yes_no(r, n, "public_institution", &yes))
        p->row.public_institution = yes;
}

static void read_synthetic(struct reader *r, const struct node *n, void *target)
{
    struct party *p = target;
    bool yes = false;
    if (read_yes_no(r, n, "synthetic", &yes))
        p->row.synthetic = yes;
}

static void read_root(struct reader *r, const struct node *n, void *target)
{
    struct bytes t;
    if (read_text(r, n, "root", LIMIT_WORD, &t))
        ((struct party *)target)->root = n;
}

static void read_units(struct reader *r, const struct node *n, void *target)
{
    if (read_is_map(r, n, "units"))
        ((struct party *)target)->units = n;
}

static void add_certificate(struct compilation *c, uint32_t party, struct bytes der, bool is_crl)
{
    uint32_t offset = builder_blob(c, der);
    *(struct row_certificate *)builder_add(c, SECTION_CERTIFICATES) =
        (struct row_certificate){party, offset, (uint32_t)der.n, is_crl};
}

static void compile_crl(struct reader *r, const struct party *p)
{
    struct buf pem = BUF_INIT(LIMIT_YAML_BYTES), der = BUF_INIT(LIMIT_YAML_BYTES);
    char path[PATH_TEXT];
    (void)snprintf(path, sizeof path, "%s.crl", builder_text_at(p->c, p->row.name));
    if (p->c->sources->crls < 0)
        return;
    if (faccessat(p->c->sources->crls, path, R_OK, 0) != 0)
        read_fail(r, p->node, DIAGNOSE_CRL_MISSING, builder_text_at(p->c, p->row.name), path, NULL);
    else if (!source_text(p->c, p->c->sources->crls, path, LIMIT_YAML_BYTES, &pem) ||
             certificate_crl_der_of_pem(buf_view(&pem), &der) != RESULT_OK)
        read_fail(r, p->node, DIAGNOSE_CRL_UNREADABLE, path, NULL, NULL);
    else
        add_certificate(p->c, p->index, buf_view(&der), true);
    buf_free(&pem);
    buf_free(&der);
}

/* The root's fingerprint; false when the party cannot connect. */
static bool compile_root(struct reader *r, const struct party *p, uint8_t fingerprint[SHA256_BYTES])
{
    struct buf pem = BUF_INIT(LIMIT_YAML_BYTES), der = BUF_INIT(LIMIT_YAML_BYTES);
    const char *name = builder_text_at(p->c, p->row.name);
    char path[PATH_TEXT];
    bool ok = false;
    (void)snprintf(path, sizeof path, "inventory/roots/%s", node_c(p->root));
    if (faccessat(p->c->sources->folder, path, R_OK, 0) != 0) {
        if (p->c->sources->draft)
            read_fail(r, p->root, DIAGNOSE_ROOT_MISSING_DRAFT, name, NULL, NULL);
        else
            read_fail(r, p->root, DIAGNOSE_ROOT_MISSING, name, path, NULL);
    } else if (!source_text(p->c, p->c->sources->folder, path, LIMIT_YAML_BYTES, &pem) ||
               certificate_der_of_pem(buf_view(&pem), &der) != RESULT_OK) {
        read_fail(r, p->root, DIAGNOSE_ROOT_UNREADABLE, path, NULL, NULL);
    } else {
        struct hasher *h = hasher_new();
        struct bytes view = buf_view(&der);
        hasher_sha256(h, &view, 1, fingerprint);
        hasher_free(h);
        add_certificate(p->c, p->index, view, false);
        ok = true;
    }
    buf_free(&pem);
    buf_free(&der);
    return ok;
}

/* Each agency has its own root: one that two share would let either speak for the other. */
static void check_root_is_its_own(struct reader *r, const struct party *p,
                                  const uint8_t fingerprint[SHA256_BYTES])
{
    for (size_t i = 0; i < builder_count(p->c, SECTION_IDENTITIES); i++) {
        const struct identity_row *row = builder_row(p->c, SECTION_IDENTITIES, i);
        if (memcmp(row->root, fingerprint, SHA256_BYTES) != 0)
            continue;
        read_fail(r, p->root, DIAGNOSE_ROOT_SHARED, builder_text_at(p->c, p->row.name), row->name,
                  NULL);
        return;
    }
}

static void read_unit_name(struct reader *r, const struct node *n, void *target)
{
    struct row_unit *u = target;
    source_both(r, n, "name", &u->title_en, &u->title_ko);
}

static void add_unit(struct reader *r, const struct party *p, const struct node *key,
                     const struct node *value)
{
    static const struct read_key keys[] = {{"name", true, read_unit_name}};
    struct row_unit u = {.party = p->index};
    struct bytes word;
    char name[IDENT_UNIT_MAX + 1];
    if (!read_word(r, key, "a unit", &word))
        return;
    (void)snprintf(name, sizeof name, "%s/%s", builder_text_at(p->c, p->row.name), node_c(key));
    u.name = builder_text_c(p->c, name);
    (void)read_map(r, value, "a unit", keys, ARRAY_LEN(keys), &u);
    *(struct row_unit *)builder_add(p->c, SECTION_UNITS) = u;
}

static void add_identities(struct compilation *c, size_t first_unit,
                           const uint8_t fingerprint[SHA256_BYTES])
{
    for (size_t i = first_unit; i < builder_count(c, SECTION_UNITS); i++) {
        const struct row_unit *u = builder_row(c, SECTION_UNITS, i);
        const char *name = builder_text_at(c, u->name);
        struct identity_row *row = builder_add(c, SECTION_IDENTITIES);
        memcpy(row->root, fingerprint, SHA256_BYTES);
        (void)snprintf(row->name, sizeof row->name, "%s", name);
    }
}

static void read_party(struct reader *r, const struct node *key, const struct node *value)
{
    static const struct read_key keys[] = {{"name", true, read_name},
                                           {"role", true, read_role},
                                           {"public_institution", true, read_public},
                                           {"synthetic", false, read_synthetic},
                                           {"root", true, read_root},
                                           {"units", true, read_units}};
    struct compilation *c = COMPILATION_OF(r);
    struct party p = {.c = c, .node = key};
    struct bytes word;
    uint8_t fingerprint[SHA256_BYTES];
    if (!read_word(r, key, "a party", &word))
        return;
    p.row.name = builder_text(c, word);
    p.index = (uint32_t)builder_count(c, SECTION_PARTIES);
    (void)read_map(r, value, "a party", keys, ARRAY_LEN(keys), &p);
    *(struct row_party *)builder_add(c, SECTION_PARTIES) = p.row;
    size_t first_unit = builder_count(c, SECTION_UNITS);
    for (size_t i = 0; p.units != NULL && i < node_count(p.units); i++)
        add_unit(r, &p, node_key(p.units, i), node_value(p.units, i));
    if (p.root == NULL || !compile_root(r, &p, fingerprint))
        return;
    check_root_is_its_own(r, &p, fingerprint);
    add_identities(c, first_unit, fingerprint);
    compile_crl(r, &p);
}

static void read_parties(struct reader *r, const struct node *n, void *target)
{
    (void)target;
    if (!read_is_map(r, n, "parties"))
        return;
    for (size_t i = 0; i < node_count(n); i++)
        read_party(r, node_key(n, i), node_value(n, i));
}

/* The gateway is a party of every set: what it sends itself comes from gateway/self. */
static void add_gateway(struct compilation *c)
{
    struct row_party *p = builder_add(c, SECTION_PARTIES);
    uint32_t party = (uint32_t)builder_count(c, SECTION_PARTIES) - 1;
    *p = (struct row_party){.name = builder_text_c(c, "gateway"),
                            .roles = 1u << ROLE_OPERATOR,
                            .public_institution = 1};
    p->title_en = builder_text_c(c, "The gateway itself");
    p->title_ko = builder_text_c(c, "게이트웨이");
    uint32_t name = builder_text_c(c, "gateway/self");
    *(struct row_unit *)builder_add(c, SECTION_UNITS) =
        (struct row_unit){name, p->title_en, p->title_ko, party};
}

/* Units are looked up by name at run time. qsort has no context: the names are put beside the rows.
 */
struct named_unit {
    const char *name;
    struct row_unit row;
};

static int by_unit_name(const void *a, const void *b)
{
    return strcmp(((const struct named_unit *)a)->name, ((const struct named_unit *)b)->name);
}

static int by_identity_name(const void *a, const void *b)
{
    return strcmp(((const struct identity_row *)a)->name, ((const struct identity_row *)b)->name);
}

static void sort_units(struct compilation *c)
{
    size_t count = builder_count(c, SECTION_UNITS);
    size_t identities = builder_count(c, SECTION_IDENTITIES);
    struct named_unit *all = mem_new_array(count, sizeof *all);
    for (size_t i = 0; i < count; i++) {
        all[i].row = *(const struct row_unit *)builder_row(c, SECTION_UNITS, i);
        all[i].name = builder_text_at(c, all[i].row.name);
    }
    qsort(all, count, sizeof *all, by_unit_name);
    for (size_t i = 0; i < count; i++) {
        *(struct row_unit *)builder_row(c, SECTION_UNITS, i) = all[i].row;
        if (strcmp(all[i].name, "gateway/self") == 0)
            c->header.self = (uint32_t)i;
    }
    if (identities > 0)
        qsort(builder_row(c, SECTION_IDENTITIES, 0), identities, sizeof(struct identity_row),
              by_identity_name);
    for (size_t i = 0, u = 0; i < identities; i++) {
        struct identity_row *row = builder_row(c, SECTION_IDENTITIES, i);
        while (strcmp(all[u].name, row->name) != 0)
            u++;
        row->unit = (uint32_t)u;
    }
    mem_free(all);
}

void compile_parties(struct compilation *c)
{
    static const struct read_key keys[] = {{"parties", true, read_parties}};
    const struct node *root = source_document(c, "inventory/parties.yaml");
    add_gateway(c);
    if (root != NULL)
        (void)read_map(&c->reader, root, "inventory/parties.yaml", keys, ARRAY_LEN(keys), NULL);
    sort_units(c);
}

/* ---- exercises.yaml */

struct window {
    struct row_window row;
    uint32_t unit[MASK_WORDS];
};

static void read_window_name(struct reader *r, const struct node *n, void *target)
{
    struct bytes word;
    if (read_word(r, n, "an exercise", &word))
        ((struct window *)target)->row.name = builder_text(COMPILATION_OF(r), word);
}

static void read_from(struct reader *r, const struct node *n, void *target)
{
    (void)read_time(r, n, "from", &((struct window *)target)->row.from_us);
}

static void read_until(struct reader *r, const struct node *n, void *target)
{
    struct window *w = target;
    if (read_time(r, n, "until", &w->row.until_us) && w->row.until_us <= w->row.from_us)
        read_fail(r, n, DIAGNOSE_ENDS_BEFORE_IT_BEGINS, NULL, NULL, NULL);
}

static void add_window_unit(struct reader *r, const struct node *n, void *target)
{
    struct window *w = target;
    uint32_t unit = source_unit(r, n);
    if (unit != ROW_NONE && w->row.units < ARRAY_LEN(w->unit))
        w->unit[w->row.units++] = unit;
}

static void read_window_units(struct reader *r, const struct node *n, void *target)
{
    source_each_text(r, n, "units", add_window_unit, target);
}

static void read_windows(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"exercise", true, read_window_name},
                                           {"from", true, read_from},
                                           {"until", true, read_until},
                                           {"units", true, read_window_units}};
    struct compilation *c = COMPILATION_OF(r);
    (void)target;
    if (!read_is_list(r, n, "exercises"))
        return;
    for (size_t i = 0; i < node_count(n); i++) {
        struct window w = {0};
        (void)read_map(r, node_item(n, i), "an exercise", keys, ARRAY_LEN(keys), &w);
        w.row.unit_first = builder_numbers(c, w.unit, w.row.units);
        *(struct row_window *)builder_add(c, SECTION_WINDOWS) = w.row;
    }
}

void compile_exercises(struct compilation *c)
{
    static const struct read_key keys[] = {{"exercises", true, read_windows}};
    const struct node *root = source_document(c, "inventory/exercises.yaml");
    if (root != NULL)
        (void)read_map(&c->reader, root, "inventory/exercises.yaml", keys, ARRAY_LEN(keys), NULL);
}

/* inventory/parties.yaml with the roots and revocation lists of its parties; keys.c has their keys.
 */
#include "policy/builder.h"

#include "base/limits.h"
#include "base/mem.h"
#include "crypto/certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define GATEWAY_PARTY "gateway"

enum { PEM_MAX = 1 << 20 }; /* of a revocation list: some 20,000 certificates */

/* One party while it is read. */
struct party {
    struct compilation *c;
    struct row_party row;
    uint32_t index;
    const struct node *node, *root, *units, *signing_key, *officers;
    uint8_t fingerprint[IDENTITY_ROOTS][SHA256_BYTES]; /* of its roots */
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
    if (!read_text(r, n, "root", LIMIT_WORD, &t))
        return;
    if (memchr(t.p, '/', t.n) != NULL)
        read_fail(r, n, DIAGNOSE_NOT_A_FILE_NAME, "root", NULL, NULL);
    else
        ((struct party *)target)->root = n;
}

static void read_units(struct reader *r, const struct node *n, void *target)
{
    if (read_is_map(r, n, "units"))
        ((struct party *)target)->units = n;
}

static void keep_signing_key(struct reader *r, const struct node *n, void *target)
{
    (void)r;
    ((struct party *)target)->signing_key = n;
}

static void keep_officers(struct reader *r, const struct node *n, void *target)
{
    (void)r;
    ((struct party *)target)->officers = n;
}

static void add_certificate(struct compilation *c, uint32_t party, struct bytes der, bool is_crl)
{
    uint32_t offset = builder_blob(c, der);
    *(struct row_certificate *)builder_add(c, SECTION_CERTIFICATES) =
        (struct row_certificate){party, offset, (uint32_t)der.n, is_crl};
}

/* Every certificate or revocation list of a PEM file is given, in DER, to `take` until one is not
 * wanted; false after an error. */
static bool read_pem(struct reader *r, const struct node *n, int folder, const char *path,
                     bool is_crl, bool (*take)(void *target, struct bytes der), void *target)
{
    struct buf pem = BUF_INIT(PEM_MAX + 2 * 65536), der = BUF_INIT(PEM_MAX);
    bool there = source_text(COMPILATION_OF(r), folder, path, PEM_MAX, &pem), wanted = true;
    enum result made = there ? RESULT_OK : RESULT_NOT_FOUND;
    struct bytes rest = buf_view(&pem);
    size_t found = 0;
    while (made == RESULT_OK && wanted) {
        buf_clear(&der);
        made = is_crl ? certificate_crl_next_of_pem(&rest, &der)
                      : certificate_next_of_pem(&rest, &der);
        if (made == RESULT_OK)
            wanted = take(target, buf_view(&der));
        found += made == RESULT_OK;
    }
    bool ends_well = made == RESULT_OK || (made == RESULT_NOT_FOUND && found > 0);
    if (there && !ends_well)
        read_fail(r, n, is_crl ? DIAGNOSE_CRL_UNREADABLE : DIAGNOSE_ROOT_UNREADABLE, path, NULL,
                  NULL);
    buf_free(&pem);
    buf_free(&der);
    return there && ends_well && wanted;
}

static bool take_crl(void *target, struct bytes der)
{
    const struct party *p = target;
    add_certificate(p->c, p->index, der, true);
    return true;
}

/* One list of each authority: of a party that changes its root, or has others below it, several. */
static void compile_crl(struct reader *r, struct party *p)
{
    const int folder = p->c->sources->crls;
    const char *name = builder_text_at(p->c, p->row.name);
    char path[PATH_TEXT];
    if (folder < 0)
        return;
    (void)snprintf(path, sizeof path, "%s.crl", name);
    if (faccessat(folder, path, F_OK, 0) != 0)
        read_fail(r, p->node, DIAGNOSE_CRL_MISSING, name, path, NULL);
    else
        (void)read_pem(r, p->node, folder, path, true, take_crl, p);
}

/* Each agency has its own root: one that two share would let either speak for the other. */
static bool root_is_its_own(struct reader *r, const struct party *p, struct bytes der)
{
    for (size_t i = 0; i < builder_count(p->c, SECTION_CERTIFICATES); i++) {
        const struct row_certificate *other = builder_row(p->c, SECTION_CERTIFICATES, i);
        const struct row_party *party = builder_row(p->c, SECTION_PARTIES, other->party);
        const uint8_t *at = builder_row(p->c, SECTION_BLOBS, other->offset);
        if (!bytes_equal(der, bytes_of(at, other->bytes)))
            continue;
        read_fail(r, p->root, DIAGNOSE_ROOT_SHARED, builder_text_at(p->c, p->row.name),
                  builder_text_at(p->c, party->name), NULL);
        return false;
    }
    return true;
}

/* The file of a root while it is read. */
struct roots {
    struct reader *r;
    struct party *p;
    const char *path;
    size_t count;
};

/* Two while a party goes from one root to the next. */
static bool take_root(void *target, struct bytes der)
{
    struct roots *f = target;
    if (f->count == IDENTITY_ROOTS) {
        read_fail(f->r, f->p->root, DIAGNOSE_ROOTS_MANY, f->path, NULL, NULL);
        return false;
    }
    if (!root_is_its_own(f->r, f->p, der))
        return false;
    struct hasher *h = hasher_new();
    hasher_sha256(h, &der, 1, f->p->fingerprint[f->count++]);
    hasher_free(h);
    add_certificate(f->p->c, f->p->index, der, false);
    return true;
}

/* The fingerprints of its roots; false when the party cannot connect. */
static bool compile_root(struct reader *r, struct party *p)
{
    const struct policy_sources *s = p->c->sources;
    const char *name = builder_text_at(p->c, p->row.name);
    char path[PATH_TEXT];
    struct roots f = {r, p, path, 0};
    (void)snprintf(path, sizeof path, "inventory/roots/%s", node_c(p->root));
    if (!source_is_there(p->c, s->folder, path)) {
        p->c->without_root++;
        if (!s->draft)
            read_fail(r, p->root, DIAGNOSE_ROOT_MISSING, name, path, NULL);
        return false;
    }
    if (!read_pem(r, p->root, s->folder, path, false, take_root, &f))
        return false;
    for (size_t i = f.count; i < IDENTITY_ROOTS; i++)
        memcpy(p->fingerprint[i], p->fingerprint[0], SHA256_BYTES);
    return true;
}

/* One unit while it is read. */
struct unit {
    struct row_unit row;
    const struct party *of;
    const struct node *receipt_key;
};

static void read_unit_name(struct reader *r, const struct node *n, void *target)
{
    struct unit *u = target;
    source_both(r, n, "name", &u->row.title_en, &u->row.title_ko);
}

static void keep_receipt_key(struct reader *r, const struct node *n, void *target)
{
    (void)r;
    ((struct unit *)target)->receipt_key = n;
}

/* An auditor's unit sees the records of all: that is the party's office, and no setting of a unit.
 */
static void read_console(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {
#define CONSOLE(NAME, word, ko) word,
#include "policy/console_roles.def"
#undef CONSOLE
    };
    struct unit *u = target;
    unsigned choice;
    if (!read_choice(r, n, "console", words, ARRAY_LEN(words), &choice))
        return;
    u->row.console = POLICY_CONSOLE_NONE + 1 + choice;
    if (u->row.console == POLICY_CONSOLE_AUDITOR && !has_bit(u->of->row.roles, ROLE_AUDITOR))
        read_fail(r, n, DIAGNOSE_CONSOLE_NO_AUDITOR, builder_text_at(u->of->c, u->of->row.name),
                  NULL, NULL);
}

static void add_unit(struct reader *r, const struct party *p, const struct node *key,
                     const struct node *value)
{
    static const struct read_key keys[] = {{"name", true, read_unit_name},
                                           {"console", false, read_console},
                                           {"receipt_key", false, keep_receipt_key}};
    struct unit u = {.row = {.party = p->index}, .of = p};
    struct bytes word;
    char name[IDENT_UNIT_MAX + 1];
    if (!read_word(r, key, "a unit", &word))
        return;
    (void)snprintf(name, sizeof name, "%s/%s", builder_text_at(p->c, p->row.name), node_c(key));
    u.row.name = builder_text_c(p->c, name);
    (void)read_map(r, value, "a unit", keys, ARRAY_LEN(keys), &u);
    *(struct row_unit *)builder_add(p->c, SECTION_UNITS) = u.row;
    if (u.receipt_key != NULL)
        compile_receipt_key(r, u.receipt_key, &u.row);
}

static void add_identities(const struct party *p, size_t first_unit)
{
    struct compilation *c = p->c;
    for (size_t i = first_unit; i < builder_count(c, SECTION_UNITS); i++) {
        const struct row_unit *u = builder_row(c, SECTION_UNITS, i);
        const char *name = builder_text_at(c, u->name);
        struct identity_row *row = builder_add(c, SECTION_IDENTITIES);
        memcpy(row->root, p->fingerprint, sizeof row->root);
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
                                           {"signing_key", false, keep_signing_key},
                                           {"officers", false, keep_officers},
                                           {"units", true, read_units}};
    struct compilation *c = COMPILATION_OF(r);
    struct party p = {.c = c, .node = key};
    struct bytes word;
    if (!read_word(r, key, "a party", &word))
        return;
    if (bytes_is(word, GATEWAY_PARTY)) {
        read_fail(r, key, DIAGNOSE_RESERVED, GATEWAY_PARTY, NULL, NULL);
        return;
    }
    p.row.name = builder_text(c, word);
    p.index = (uint32_t)builder_count(c, SECTION_PARTIES);
    (void)read_map(r, value, "a party", keys, ARRAY_LEN(keys), &p);
    *(struct row_party *)builder_add(c, SECTION_PARTIES) = p.row;
    compile_keys(r, p.index, p.signing_key, p.officers);
    size_t first_unit = builder_count(c, SECTION_UNITS);
    for (size_t i = 0; p.units != NULL && i < node_count(p.units); i++)
        add_unit(r, &p, node_key(p.units, i), node_value(p.units, i));
    if (p.root == NULL || !compile_root(r, &p))
        return;
    add_identities(&p, first_unit);
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
    const struct row_party p = {.name = builder_text_c(c, GATEWAY_PARTY),
                                .title_en = builder_text_c(c, "The gateway itself"),
                                .title_ko = builder_text_c(c, "게이트웨이"),
                                .roles = 1u << ROLE_OPERATOR,
                                .public_institution = 1};
    const struct row_unit u = {.name = builder_text_c(c, GATEWAY_UNIT),
                               .title_en = p.title_en,
                               .title_ko = p.title_ko,
                               .party = (uint32_t)builder_count(c, SECTION_PARTIES)};
    *(struct row_party *)builder_add(c, SECTION_PARTIES) = p;
    *(struct row_unit *)builder_add(c, SECTION_UNITS) = u;
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
        if (strcmp(all[i].name, GATEWAY_UNIT) == 0)
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
    compile_set_officers(c);
    sort_units(c);
}

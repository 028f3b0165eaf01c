/* Who signs: a party's key for memoranda, its officers, and its units' keys for receipts of
 * destruction. The keys stand in inventory/keys/. */
#include "policy/clause.h"

#include "base/limits.h"
#include "base/mem.h"

#include <stdio.h>
#include <unistd.h>

enum { OFFICERS_MAX = 1024 };

/* A key is one's own: whoever had two names could sign twice. */
static bool is_its_own(struct reader *r, const struct node *n, const struct row_signer *s)
{
    const struct compilation *c = COMPILATION_OF(r);
    for (size_t i = 0; i < builder_count(c, SECTION_SIGNERS); i++) {
        const struct row_signer *other = builder_row(c, SECTION_SIGNERS, i);
        if (!other->has_key || (memcmp(s->key, other->key, sizeof s->key) != 0 &&
                                memcmp(s->id, other->id, sizeof s->id) != 0))
            continue;
        read_fail(r, n, DIAGNOSE_KEY_SHARED, builder_text_at(c, s->name),
                  builder_text_at(c, other->name), NULL);
        return false;
    }
    return true;
}

/* Without a key, which a draft may have, nobody is known by it. */
static void read_key_file(struct reader *r, const struct node *n, struct row_signer *s)
{
    struct compilation *c = COMPILATION_OF(r);
    struct buf text = BUF_INIT(MINISIGN_FILE_MAX + 2 * 65536);
    struct minisign_public key;
    char path[PATH_TEXT];
    (void)snprintf(path, sizeof path, "inventory/keys/%s", node_c(n));
    if (faccessat(c->sources->folder, path, F_OK, 0) != 0) {
        if (!c->sources->draft)
            read_fail(r, n, DIAGNOSE_KEY_MISSING, builder_text_at(c, s->name), path, NULL);
    } else if (source_text(c, c->sources->folder, path, MINISIGN_FILE_MAX, &text)) {
        if (minisign_public_read(buf_view(&text), &key) != RESULT_OK) {
            read_fail(r, n, DIAGNOSE_KEY_UNREADABLE, path, NULL, NULL);
        } else {
            memcpy(s->id, key.id, sizeof s->id);
            memcpy(s->key, key.key, sizeof s->key);
            s->has_key = is_its_own(r, n, s);
        }
    }
    buf_free(&text);
}

static bool is_file_name(struct reader *r, const struct node *n, const char *what)
{
    struct bytes t;
    if (!read_text(r, n, what, LIMIT_WORD, &t))
        return false;
    if (memchr(t.p, '/', t.n) == NULL)
        return true;
    read_fail(r, n, DIAGNOSE_NOT_A_FILE_NAME, what, NULL, NULL);
    return false;
}

static void add_signer(struct compilation *c, const struct row_signer *s)
{
    *(struct row_signer *)builder_add(c, SECTION_SIGNERS) = *s;
}

static void read_signing_key(struct reader *r, const struct node *n, uint32_t party)
{
    const struct row_party *row = builder_row(COMPILATION_OF(r), SECTION_PARTIES, party);
    struct row_signer s = {.name = row->name, .party = party, .role = SIGNER_PARTY};
    if (!is_file_name(r, n, "signing_key"))
        return;
    read_key_file(r, n, &s);
    add_signer(COMPILATION_OF(r), &s);
}

void compile_receipt_key(struct reader *r, const struct node *n, const struct row_unit *unit)
{
    struct row_signer s = {.name = unit->name, .party = unit->party, .role = SIGNER_RECEIPTS};
    if (!is_file_name(r, n, "receipt_key"))
        return;
    read_key_file(r, n, &s);
    add_signer(COMPILATION_OF(r), &s);
}

static bool has_receipt_key(const struct compilation *c, uint32_t unit_name)
{
    for (size_t i = 0; i < builder_count(c, SECTION_SIGNERS); i++) {
        const struct row_signer *s = builder_row(c, SECTION_SIGNERS, i);
        if (s->role == SIGNER_RECEIPTS && s->name == unit_name)
            return true;
    }
    return false;
}

/* Nobody could believe their receipts, and each would be overdue (PIPA 18(5), 21). */
void compile_check_receipt_keys(struct reader *r, const struct node *n, const uint32_t *unit,
                                size_t units)
{
    const struct compilation *c = COMPILATION_OF(r);
    for (size_t i = 0; i < units && !c->sources->draft; i++) {
        const struct row_unit *u = builder_row(c, SECTION_UNITS, unit[i]);
        if (!has_receipt_key(c, u->name))
            read_fail(r, n, DIAGNOSE_NO_RECEIPT_KEY, builder_text_at(c, u->name), NULL, NULL);
    }
}

/* ---- officers */

static void read_officer_role(struct reader *r, const struct node *n, void *target)
{
    (void)source_officer_role(r, n, &((struct row_signer *)target)->role);
}

static void read_officer_key(struct reader *r, const struct node *n, void *target)
{
    if (is_file_name(r, n, "key"))
        read_key_file(r, n, target);
}

static void read_officer(struct reader *r, const struct node *key, const struct node *value,
                         uint32_t party)
{
    static const struct read_key keys[] = {{"role", true, read_officer_role},
                                           {"key", true, read_officer_key}};
    struct compilation *c = COMPILATION_OF(r);
    const struct row_party *row = builder_row(c, SECTION_PARTIES, party);
    struct row_signer s = {.party = party};
    struct bytes word;
    char name[IDENT_UNIT_MAX + 1];
    if (!read_word(r, key, "an officer", &word))
        return;
    if (builder_count(c, SECTION_SIGNERS) == OFFICERS_MAX) {
        read_fail(r, key, DIAGNOSE_TOO_MANY, "1024", "officers", NULL);
        return;
    }
    (void)snprintf(name, sizeof name, "%s/%s", builder_text_at(c, row->name), node_c(key));
    s.name = builder_text_c(c, name);
    (void)read_map(r, value, "an officer", keys, ARRAY_LEN(keys), &s);
    add_signer(c, &s);
}

void compile_keys(struct reader *r, uint32_t party, const struct node *signing_key,
                  const struct node *officers)
{
    if (signing_key != NULL)
        read_signing_key(r, signing_key, party);
    if (officers == NULL || !read_is_map(r, officers, "officers"))
        return;
    for (size_t i = 0; i < node_count(officers); i++)
        read_officer(r, node_key(officers, i), node_value(officers, i), party);
}

/* ---- who signs what */

struct row_signer *builder_signer(const struct compilation *c, struct bytes name)
{
    uint32_t text = builder_known_text(c, name);
    for (size_t i = 0; text != ROW_NONE && i < builder_count(c, SECTION_SIGNERS); i++) {
        struct row_signer *s = builder_row(c, SECTION_SIGNERS, i);
        if (s->name == text)
            return s;
    }
    return NULL;
}

static void mark_officer(struct reader *r, const struct node *n, void *target)
{
    struct compilation *c = COMPILATION_OF(r);
    size_t *count = target;
    if (!read_is_text(r, n, "officers"))
        return;
    struct row_signer *s = builder_signer(c, node_text(n));
    if (s == NULL || s->role >= OFFICER_ROLES)
        read_fail(r, n, DIAGNOSE_UNKNOWN_OFFICER, node_c(n), NULL, NULL);
    else if (s->role != OFFICER_SET_OFFICER)
        read_fail(r, n, DIAGNOSE_NO_SET_OFFICER, node_c(n), NULL, NULL);
    else if (s->signs_sets)
        read_fail(r, n, DIAGNOSE_OFFICER_TWICE, node_c(n), NULL, NULL);
    else
        s->signs_sets = 1;
    (*count)++;
}

void compile_set_officers(struct compilation *c)
{
    struct reader *r = &c->reader;
    char most[12];
    size_t count = 0;
    if (c->set_officers == NULL || !read_is_list(r, c->set_officers, "officers"))
        return;
    (void)snprintf(most, sizeof most, "%d", SET_OFFICERS_MAX);
    for (size_t i = 0; i < node_count(c->set_officers); i++)
        mark_officer(r, node_item(c->set_officers, i), &count);
    if (count < SET_OFFICERS_MIN)
        read_fail(r, c->set_officers, DIAGNOSE_FEW_OFFICERS, NULL, NULL, NULL);
    else if (count > SET_OFFICERS_MAX)
        read_fail(r, c->set_officers, DIAGNOSE_LIST_TOO_LONG, "officers", most, NULL);
}

const struct row_signer *source_signing_key(struct reader *r, const struct node *n, uint32_t party)
{
    const struct compilation *c = COMPILATION_OF(r);
    const struct row_party *row = builder_row(c, SECTION_PARTIES, party);
    const struct row_signer *s = builder_signer(c, bytes_of_text(builder_text_at(c, row->name)));
    if (s == NULL && !c->sources->draft)
        read_fail(r, n, DIAGNOSE_NO_SIGNING_KEY, builder_text_at(c, row->name), NULL, NULL);
    return s;
}

/* The legal catalogue: every file of legal/. Entries are data; a reviewer changes them without
 * touching code. */
#include "policy/law.h"

#include "base/limits.h"

#include <stdio.h>

/* One basis while it is read. */
struct basis {
    struct law_entry entry; /* first */
    struct row_basis row;
};

/* ---- what bases and rules have in common */

void law_read_status(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"text", "secondary", "inference"};
    unsigned status;
    if (read_choice(r, n, "status", words, ARRAY_LEN(words), &status))
        ((struct law_entry *)target)->status = (enum diagnose_status)status;
}

void law_read_version(struct reader *r, const struct node *n, void *target)
{
    struct bytes t;
    (void)target;
    (void)read_text(r, n, "version_read", LIMIT_WORD, &t);
}

void law_read_from(struct reader *r, const struct node *n, void *target)
{
    struct law_entry *e = target;
    if (read_time(r, n, "effective_from", &e->from_us))
        e->from_text = builder_text(e->c, node_text(n));
}

void law_read_until(struct reader *r, const struct node *n, void *target)
{
    struct law_entry *e = target;
    if (!source_end(r, n, "effective_until", &e->until_us))
        return;
    e->until_text = builder_text(e->c, node_text(n));
    if (e->until_us <= e->from_us)
        read_fail(r, n, DIAGNOSE_ENDS_BEFORE_IT_BEGINS, NULL, NULL, NULL);
}

void law_read_verify_by(struct reader *r, const struct node *n, void *target)
{
    const struct law_entry *e = target;
    int64_t end;
    if (source_end(r, n, "verify_by", &end) && end <= e->c->sources->now_us)
        read_fail(r, n, DIAGNOSE_VERIFY_DUE, builder_text_at(e->c, e->code), node_c(n),
                  diagnose_status(e->status));
}

bool law_is_code(struct bytes t)
{
    if (t.n == 0 || t.n > LIMIT_WORD)
        return false;
    for (size_t i = 0; i < t.n; i++) {
        bool word = (t.p[i] >= 'a' && t.p[i] <= 'z') || (t.p[i] >= '0' && t.p[i] <= '9') ||
                    t.p[i] == '-' || t.p[i] == '/';
        if (!word)
            return false;
    }
    return true;
}

/* ---- bases */

static void read_title(struct reader *r, const struct node *n, void *target)
{
    struct basis *b = target;
    source_both(r, n, "title", &b->row.title_en, &b->row.title_ko);
}

static void read_law_text(struct reader *r, const struct node *n, void *target)
{
    struct basis *b = target;
    source_both(r, n, "text", &b->row.text_en, &b->row.text_ko);
}

bool law_read_rely(struct reader *r, const struct node *n, unsigned *rely)
{
    static const char *const words[] = {"anyone", "public-institution", "recipient", "nobody"};
    return read_choice(r, n, "rely", words, ARRAY_LEN(words), rely);
}

static void read_rely(struct reader *r, const struct node *n, void *target)
{
    unsigned rely;
    if (law_read_rely(r, n, &rely))
        ((struct basis *)target)->row.rely = (uint8_t)rely;
}

static void read_publish(struct reader *r, const struct node *n, void *target)
{
    bool publish = false;
    if (read_yes_no(r, n, "publish", &publish))
        ((struct basis *)target)->row.publish = publish;
}

static void read_evidence_list(struct reader *r, const struct node *n, void *target)
{
    struct basis *b = target;
    source_words(r, n, WORD_EVIDENCE, "kind of evidence", &b->row.evidence);
    b->row.evidence_text = source_quote(b->entry.c, "evidence", n);
}

/* Read as a condition `origin` is: the words are the contract's. */
static void read_origin(struct reader *r, const struct node *n, void *target)
{
    struct basis *b = target;
    b->row.origins = (uint8_t)when_origins(r, n);
}

/* How far it is known goes wherever the text goes: into refusals too. */
static void add_status(struct basis *b)
{
    char text[LIMIT_TEXT + 100];
    struct compilation *c = b->entry.c;
    const char *status = diagnose_status(b->entry.status);
    if (b->entry.status == DIAGNOSE_TEXT)
        return;
    (void)snprintf(text, sizeof text, "%s (%s)", builder_text_at(c, b->row.text_en), status);
    b->row.text_en = builder_text_c(c, text);
    (void)snprintf(text, sizeof text, "%s (%s)", builder_text_at(c, b->row.text_ko),
                   diagnose_noun(status, DIAGNOSE_KOREAN));
    b->row.text_ko = builder_text_c(c, text);
}

/* False, after an error, when the code cannot be that of a new basis. */
static bool is_new(struct reader *r, const struct node *key)
{
    struct compilation *c = COMPILATION_OF(r);
    const uint32_t other = names_find(c, names_of(c, SECTION_BASES), node_text(key));
    if (!law_is_code(node_text(key))) {
        read_fail(r, key, DIAGNOSE_NOT_A_CODE, node_c(key), NULL, NULL);
    } else if (other != ROW_NONE) {
        read_fail(r, key, DIAGNOSE_DEFINED_TWICE, node_c(key), "legal basis", "legal/");
        read_also(r, law_basis(c, other)->node);
    } else if (builder_count(c, SECTION_BASES) == MASK_WORDS) {
        read_fail(r, key, DIAGNOSE_TOO_MANY, "64", "legal bases", NULL);
    } else {
        return true;
    }
    return false;
}

static void read_basis(struct reader *r, const struct node *key, const struct node *value)
{
    static const struct read_key keys[] = {{"title", true, read_title},
                                           {"text", true, read_law_text},
                                           {"rely", true, read_rely},
                                           {"publish", true, read_publish},
                                           {"evidence", false, read_evidence_list},
                                           {"origin", false, read_origin},
                                           LAW_ENTRY_KEYS};
    struct compilation *c = COMPILATION_OF(r);
    struct basis b = {.entry = {.c = c, .node = key, .until_us = INT64_MAX}};
    if (!is_new(r, key))
        return;
    b.row.code = b.entry.code = builder_text(c, node_text(key));
    (void)read_map(r, value, "a legal basis", keys, ARRAY_LEN(keys), &b);
    b.row.status = (uint8_t)b.entry.status;
    add_status(&b);
    *(struct row_basis *)builder_add(c, SECTION_BASES) = b.row;
    *(struct law_entry *)table_add(&c->basis_entries, 1) = b.entry;
}

const struct law_entry *law_basis(const struct compilation *c, size_t i)
{
    return (const struct law_entry *)(const void *)c->basis_entries.rows + i;
}

static void read_bases(struct reader *r, const struct node *n, void *target)
{
    (void)target;
    if (!read_is_map(r, n, "bases"))
        return;
    for (size_t i = 0; i < node_count(n); i++)
        read_basis(r, node_key(n, i), node_value(n, i));
}

/* ---- files */

size_t law_rules(const struct compilation *c)
{
    return c->rules.count;
}

struct rule *law_rule(const struct compilation *c, size_t i)
{
    return (struct rule *)(void *)c->rules.rows + i;
}

void law_add_rule(struct compilation *c, const struct rule *rule)
{
    *(struct rule *)table_add(&c->rules, 1) = *rule;
}

/* Rules speak of bases, and of those of other files too: they are read behind all of them. */
static void keep_rules(struct reader *r, const struct node *n, void *target)
{
    struct compilation *c = target;
    (void)r;
    *(const struct node **)table_add(&c->rule_lists, 1) = n;
}

static void compile_law_file(struct compilation *c, const char *path)
{
    static const struct read_key keys[] = {{"bases", false, read_bases},
                                           {"rules", false, keep_rules}};
    const struct node *root = source_document(c, path);
    if (root != NULL)
        (void)read_map(&c->reader, root, "the legal catalogue", keys, ARRAY_LEN(keys), c);
}

void compile_law(struct compilation *c)
{
    c->basis_entries.row_bytes = sizeof(struct law_entry);
    c->rule_lists.row_bytes = sizeof(const struct node *);
    c->rules.row_bytes = sizeof(struct rule);
    source_each(c, "legal", compile_law_file);
    for (size_t i = 0; i < c->rule_lists.count; i++)
        law_read_rules(&c->reader, ((const struct node **)(void *)c->rule_lists.rows)[i]);
    law_link_rules(c);
}

/* The legal catalogue: every file of legal/. Entries are data; a reviewer changes them without
 * touching code. */
#include "policy/builder.h"

#include "base/limits.h"

#include <stdio.h>

/* One entry while it is read. */
struct entry {
    struct row_basis row;
    struct compilation *c;
    uint32_t evidence[MASK_WORDS];
};

static void read_title(struct reader *r, const struct node *n, void *target)
{
    struct entry *e = target;
    source_both(r, n, "title", &e->row.title_en, &e->row.title_ko);
}

static void read_law_text(struct reader *r, const struct node *n, void *target)
{
    struct entry *e = target;
    source_both(r, n, "text", &e->row.text_en, &e->row.text_ko);
}

static void read_rely(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"anyone", "public-institution", "nobody"};
    struct entry *e = target;
    unsigned rely;
    if (read_choice(r, n, "rely", words, ARRAY_LEN(words), &rely))
        e->row.rely = (uint8_t)rely;
}

static void read_publish(struct reader *r, const struct node *n, void *target)
{
    struct entry *e = target;
    bool publish = false;
    if (read_yes_no(r, n, "publish", &publish))
        e->row.publish = publish;
}

static void add_evidence(struct reader *r, const struct node *n, void *target)
{
    struct entry *e = target;
    uint16_t word = source_word(r, n, WORD_EVIDENCE, "kind of evidence");
    if (word != NO_WORD && e->row.evidences < MASK_WORDS)
        e->evidence[e->row.evidences++] = word;
}

static void read_evidence_list(struct reader *r, const struct node *n, void *target)
{
    source_each_text(r, n, "evidence", add_evidence, target);
}

static void read_status(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"text", "secondary", "inference"};
    struct entry *e = target;
    unsigned status;
    if (read_choice(r, n, "status", words, ARRAY_LEN(words), &status))
        e->row.status = (uint8_t)status;
}

static void read_version(struct reader *r, const struct node *n, void *target)
{
    struct bytes t;
    (void)target;
    (void)read_text(r, n, "version_read", LIMIT_WORD, &t);
}

static void read_effective(struct reader *r, const struct node *n, void *target)
{
    int64_t t;
    (void)target;
    (void)read_time(r, n, "effective_from", &t);
}

static void read_verify_by(struct reader *r, const struct node *n, void *target)
{
    struct entry *e = target;
    int64_t t;
    if (read_time(r, n, "verify_by", &t) && t < e->c->sources->now_us)
        read_fail(r, n, DIAGNOSE_VERIFY_DUE, builder_text_at(e->c, e->row.code), node_c(n), NULL);
}

static bool is_code(struct bytes t)
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

static void read_basis(struct reader *r, const struct node *key, const struct node *value)
{
    static const struct read_key keys[] = {{"title", true, read_title},
                                           {"text", true, read_law_text},
                                           {"rely", true, read_rely},
                                           {"publish", true, read_publish},
                                           {"evidence", false, read_evidence_list},
                                           {"version_read", true, read_version},
                                           {"effective_from", true, read_effective},
                                           {"verify_by", true, read_verify_by},
                                           {"status", true, read_status}};
    struct compilation *c = COMPILATION_OF(r);
    struct entry e = {.c = c};
    if (!is_code(node_text(key))) {
        read_fail(r, key, DIAGNOSE_NOT_A_WORD, node_c(key), NULL, NULL);
        return;
    }
    if (builder_count(c, SECTION_BASES) == MASK_WORDS) {
        read_fail(r, key, DIAGNOSE_TOO_MANY, "64", "legal bases", NULL);
        return;
    }
    e.row.code = builder_text(c, node_text(key));
    (void)read_map(r, value, "a legal basis", keys, ARRAY_LEN(keys), &e);
    e.row.evidence_first = builder_numbers(c, e.evidence, e.row.evidences);
    *(struct row_basis *)builder_add(c, SECTION_BASES) = e.row;
}

static void read_bases(struct reader *r, const struct node *n, void *target)
{
    (void)target;
    if (!read_is_map(r, n, "bases"))
        return;
    for (size_t i = 0; i < node_count(n); i++)
        read_basis(r, node_key(n, i), node_value(n, i));
}

/* A longest retention for some kinds. */
struct ceiling {
    int64_t at_most_us;
    uint32_t ground;
    const struct node *kinds;
};

static void read_at_most(struct reader *r, const struct node *n, void *target)
{
    (void)read_duration(r, n, "at_most", &((struct ceiling *)target)->at_most_us);
}

static void read_ground(struct reader *r, const struct node *n, void *target)
{
    struct bytes t;
    if (read_text(r, n, "ground", LIMIT_TEXT, &t))
        ((struct ceiling *)target)->ground = builder_text(COMPILATION_OF(r), t);
}

static void read_kinds(struct reader *r, const struct node *n, void *target)
{
    (void)r;
    ((struct ceiling *)target)->kinds = n;
}

static void apply_ceiling(struct reader *r, const struct node *n, void *target)
{
    struct compilation *c = COMPILATION_OF(r);
    const struct ceiling *ceiling = target;
    bool every = bytes_is(node_text(n), "every"), found = every;
    for (size_t k = 0; k < KIND_COUNT; k++) {
        bool this = bytes_is(node_text(n), kind_text((enum kind_id)k));
        found = found || this;
        if (this || (every && c->ceiling_us[k] == 0)) {
            c->ceiling_us[k] = ceiling->at_most_us;
            c->ceiling_law[k] = ceiling->ground;
        }
    }
    if (!found)
        read_fail(r, n, DIAGNOSE_UNKNOWN_WORD, node_c(n), "kind", NULL);
}

static void read_ceilings(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"kinds", true, read_kinds},
                                           {"at_most", true, read_at_most},
                                           {"ground", true, read_ground}};
    (void)target;
    if (!read_is_list(r, n, "ceilings"))
        return;
    for (size_t i = 0; i < node_count(n); i++) {
        struct ceiling ceiling = {0};
        (void)read_map(r, node_item(n, i), "a ceiling", keys, ARRAY_LEN(keys), &ceiling);
        if (ceiling.kinds != NULL && ceiling.at_most_us > 0)
            source_each_text(r, ceiling.kinds, "kinds", apply_ceiling, &ceiling);
    }
}

static void compile_law_file(struct compilation *c, const char *path)
{
    static const struct read_key keys[] = {{"bases", true, read_bases},
                                           {"ceilings", false, read_ceilings}};
    const struct node *root = source_document(c, path);
    if (root != NULL)
        (void)read_map(&c->reader, root, "the legal catalogue", keys, ARRAY_LEN(keys), NULL);
}

void compile_law(struct compilation *c)
{
    source_each(c, "legal", ".yaml", compile_law_file);
}

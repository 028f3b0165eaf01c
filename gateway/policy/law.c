/* The legal catalogue: every file of legal/. Entries are data; a reviewer changes them without
 * touching code. */
#include "policy/builder.h"

#include "base/limits.h"

/* One entry while it is read. */
struct entry {
    struct row_basis row;
    struct compilation *c;
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
    static const char *const words[] = {"anyone", "public-institution", "recipient", "nobody"};
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

static void read_evidence_list(struct reader *r, const struct node *n, void *target)
{
    struct entry *e = target;
    source_words(r, n, WORD_EVIDENCE, "kind of evidence", &e->row.evidence);
    e->row.evidence_text = source_quote(e->c, "evidence", n);
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
    int64_t end;
    if (source_end(r, n, "verify_by", &end) && end <= e->c->sources->now_us)
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
        read_fail(r, key, DIAGNOSE_NOT_A_CODE, node_c(key), NULL, NULL);
        return;
    }
    if (names_find(c, names_of(c, SECTION_BASES), node_text(key)) != ROW_NONE) {
        read_fail(r, key, DIAGNOSE_DEFINED_TWICE, node_c(key), "legal basis", "legal/");
        return;
    }
    if (builder_count(c, SECTION_BASES) == MASK_WORDS) {
        read_fail(r, key, DIAGNOSE_TOO_MANY, "64", "legal bases", NULL);
        return;
    }
    e.row.code = builder_text(c, node_text(key));
    (void)read_map(r, value, "a legal basis", keys, ARRAY_LEN(keys), &e);
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
static void read_at_most(struct reader *r, const struct node *n, void *target)
{
    struct ceiling *ceiling = target;
    if (read_duration(r, n, "at_most", &ceiling->at_most_us) && ceiling->at_most_us == 0)
        read_fail(r, n, DIAGNOSE_DURATION_RANGE, "1 second", "100 years", "at_most");
}

static void read_ground(struct reader *r, const struct node *n, void *target)
{
    struct bytes t;
    if (read_text(r, n, "ground", LIMIT_TEXT, &t))
        ((struct ceiling *)target)->ground = builder_text(COMPILATION_OF(r), t);
}

/* Where two speak of one kind, the shorter holds. */
static void apply_ceiling(struct ceiling *to, const struct ceiling *from)
{
    bool shorter = to->at_most_us == 0 || from->at_most_us < to->at_most_us;
    if (from->at_most_us != 0 && shorter)
        *to = *from;
}

/* Read behind the others: its target has what they say. */
static void add_ceiling(struct reader *r, const struct node *n, void *target)
{
    struct compilation *c = COMPILATION_OF(r);
    const struct kind *kind;
    if (bytes_is(node_text(n), "every"))
        apply_ceiling(&c->ceiling_of_others, target);
    else if ((kind = source_kind(r, n)) != NULL)
        apply_ceiling(&c->ceiling[kind->id], target);
}

static void read_kinds(struct reader *r, const struct node *n, void *target)
{
    source_each_text(r, n, "kinds", add_ceiling, target);
}

static void read_ceilings(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"at_most", true, read_at_most},
                                           {"ground", true, read_ground},
                                           {"kinds", true, read_kinds}};
    (void)target;
    if (!read_is_list(r, n, "ceilings"))
        return;
    for (size_t i = 0; i < node_count(n); i++) {
        struct ceiling ceiling = {0};
        (void)read_map(r, node_item(n, i), "a ceiling", keys, ARRAY_LEN(keys), &ceiling);
    }
}

struct ceiling law_ceiling(const struct compilation *c, enum kind_id kind)
{
    return c->ceiling[kind].at_most_us != 0 ? c->ceiling[kind] : c->ceiling_of_others;
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
    source_each(c, "legal", compile_law_file);
}

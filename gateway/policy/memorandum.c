/* One memorandum a file: what it stands for, who may rely on it and until when, and its clauses. */
#include "policy/builder.h"

#include "base/limits.h"
#include "crypto/digest.h"

enum { DUTIES_MAX = 32 };

struct memorandum {
    struct compilation *c;
    struct row_mou row;
    uint32_t duty[DUTIES_MAX];
    const struct node *root, *acknowledged, *grants, *prohibitions, *emergency;
};

static void read_name(struct reader *r, const struct node *n, void *target)
{
    struct memorandum *m = target;
    struct bytes word;
    if (!read_word(r, n, "a memorandum", &word))
        return;
    uint32_t already = names_find(m->c, names_of(m->c, SECTION_MOUS), word);
    m->row.name = builder_text(m->c, word);
    if (already == ROW_NONE)
        return;
    const struct row_mou *other = builder_row(m->c, SECTION_MOUS, already);
    read_fail(r, n, DIAGNOSE_DEFINED_TWICE, node_c(n), "memorandum",
              builder_text_at(m->c, other->file));
    read_also(r, node_member(source_root(m->c, builder_text_at(m->c, other->file)), "mou"));
}

static void read_title(struct reader *r, const struct node *n, void *target)
{
    struct memorandum *m = target;
    source_both(r, n, "title", &m->row.title_en, &m->row.title_ko);
}

/* Texts and dates that stand for the paper: checked, and left to tools that show the file. */
#define CHECKED_TEXT(key)                                                                          \
    static void check_##key(struct reader *r, const struct node *n, void *target)                  \
    {                                                                                              \
        struct bytes t;                                                                            \
        (void)target;                                                                              \
        (void)read_text(r, n, #key, LIMIT_TEXT, &t);                                               \
    }
#define CHECKED_BOTH(key)                                                                          \
    static void check_##key(struct reader *r, const struct node *n, void *target)                  \
    {                                                                                              \
        uint32_t en, ko;                                                                           \
        (void)target;                                                                              \
        source_both(r, n, #key, &en, &ko);                                                         \
    }
#define CHECKED_DATE(key)                                                                          \
    static void check_##key(struct reader *r, const struct node *n, void *target)                  \
    {                                                                                              \
        int64_t t;                                                                                 \
        (void)target;                                                                              \
        (void)read_time(r, n, #key, &t);                                                           \
    }
CHECKED_TEXT(document_no)
CHECKED_BOTH(no_unfair_infringement)
CHECKED_BOTH(by)
CHECKED_BOTH(where)
CHECKED_DATE(signed_on)
CHECKED_DATE(on)
#undef CHECKED_TEXT
#undef CHECKED_BOTH
#undef CHECKED_DATE

static void check_signatory(struct reader *r, const struct node *n, void *target)
{
    struct bytes word;
    (void)target;
    (void)read_word(r, n, "a signatory", &word);
}

static void check_signatories(struct reader *r, const struct node *n, void *target)
{
    source_each_text(r, n, "signatories", check_signatory, target);
}

static void check_sha256(struct reader *r, const struct node *n, void *target)
{
    uint8_t digest[SHA256_BYTES];
    (void)target;
    if (!bytes_from_hex(node_text(n), digest, sizeof digest))
        read_fail(r, n, DIAGNOSE_NOT_A_DIGEST, "sha256", NULL, NULL);
}

static void read_instrument(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"document_no", true, check_document_no},
                                           {"signed_on", true, check_signed_on},
                                           {"signatories", true, check_signatories},
                                           {"sha256", false, check_sha256}};
    (void)read_map(r, n, "instrument", keys, ARRAY_LEN(keys), target);
}

/* Whoever acknowledges a memorandum signs its file. */
static void read_acknowledger(struct reader *r, const struct node *n, void *target)
{
    uint32_t party = source_party(r, n);
    (void)target;
    if (party != ROW_NONE)
        (void)source_signing_key(r, n, party);
}

static void read_acknowledged(struct reader *r, const struct node *n, void *target)
{
    ((struct memorandum *)target)->acknowledged = n;
    static const struct read_key keys[] = {{"by", true, read_acknowledger}, {"on", true, check_on}};
    if (!read_is_list(r, n, "acknowledged"))
        return;
    if (node_count(n) == 0)
        read_fail(r, n, DIAGNOSE_EMPTY_LIST, "acknowledged", NULL, NULL);
    for (size_t i = 0; i < node_count(n); i++)
        (void)read_map(r, node_item(n, i), "an acknowledgement", keys, ARRAY_LEN(keys), target);
}

static void read_processor(struct reader *r, const struct node *n, void *target)
{
    struct memorandum *m = target;
    uint32_t party = source_party(r, n);
    if (party != ROW_NONE)
        m->row.processor = party;
}

static void read_from(struct reader *r, const struct node *n, void *target)
{
    (void)read_time(r, n, "from", &((struct memorandum *)target)->row.from_us);
}

static void read_until(struct reader *r, const struct node *n, void *target)
{
    struct memorandum *m = target;
    if (!source_end(r, n, "until", &m->row.until_us))
        return;
    if (m->row.until_us <= m->row.from_us)
        read_fail(r, n, DIAGNOSE_ENDS_BEFORE_IT_BEGINS, NULL, NULL, NULL);
    else if (m->row.until_us <= m->c->sources->now_us)
        read_fail(r, n, DIAGNOSE_MOU_EXPIRED, node_c(n), NULL, NULL);
}

static void read_review(struct reader *r, const struct node *n, void *target)
{
    struct memorandum *m = target;
    int64_t end;
    if (source_end(r, n, "legal_review_by", &end) && end <= m->c->sources->now_us)
        read_fail(r, n, DIAGNOSE_REVIEW_DUE, node_c(n), NULL, NULL);
}

static void read_in_force(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"from", true, read_from},
                                           {"until", true, read_until},
                                           {"legal_review_by", true, read_review}};
    (void)read_map(r, n, "in_force", keys, ARRAY_LEN(keys), target);
}

static void add_duty(struct reader *r, const struct node *n, void *target)
{
    struct memorandum *m = target;
    uint32_t text;
    if (!source_told(r, n, "a recipient's duty", &text))
        return;
    if (m->row.duties == DUTIES_MAX)
        read_fail(r, n, DIAGNOSE_LIST_TOO_LONG, "recipient_duties", "32", NULL);
    else
        m->duty[m->row.duties++] = text;
}

static void read_duties(struct reader *r, const struct node *n, void *target)
{
    source_each_text(r, n, "recipient_duties", add_duty, target);
}

static void read_assessment(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {
        {"no_unfair_infringement", true, check_no_unfair_infringement},
        {"by", true, check_by},
        {"on", true, check_on}};
    (void)read_map(r, n, "assessment", keys, ARRAY_LEN(keys), target);
}

static void read_publish_within(struct reader *r, const struct node *n, void *target)
{
    (void)read_duration(r, n, "within", &((struct memorandum *)target)->row.publish_within_us);
}

static void read_publication(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"where", true, check_where},
                                           {"within", true, read_publish_within}};
    (void)read_map(r, n, "publication", keys, ARRAY_LEN(keys), target);
}

static void check_register(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"third-party-provision", "personal-video",
                                        "location-confirmation"};
    unsigned chosen;
    (void)target;
    (void)read_choice(r, n, "register", words, ARRAY_LEN(words), &chosen);
}

/* None, `[]`, is for what is about nobody; the law asks for them elsewhere (kr/pipa/registers). */
static void read_registers(struct reader *r, const struct node *n, void *target)
{
    if (node_type(n) == NODE_LIST && node_count(n) == 0)
        return;
    source_each_text(r, n, "registers", check_register, target);
}

static void read_grants(struct reader *r, const struct node *n, void *target)
{
    if (read_is_list(r, n, "grants"))
        ((struct memorandum *)target)->grants = n;
}

static void read_prohibitions(struct reader *r, const struct node *n, void *target)
{
    if (read_is_list(r, n, "prohibitions"))
        ((struct memorandum *)target)->prohibitions = n;
}

static void read_emergency(struct reader *r, const struct node *n, void *target)
{
    (void)r;
    ((struct memorandum *)target)->emergency = n;
}

static const struct read_key keys[] = {{"mou", true, read_name},
                                       {"title", true, read_title},
                                       {"instrument", true, read_instrument},
                                       {"acknowledged", true, read_acknowledged},
                                       {"processor", false, read_processor},
                                       {"in_force", true, read_in_force},
                                       {"recipient_duties", false, read_duties},
                                       {"assessment", false, read_assessment},
                                       {"publication", false, read_publication},
                                       {"registers", true, read_registers},
                                       {"grants", true, read_grants},
                                       {"prohibitions", false, read_prohibitions},
                                       {"emergency", false, read_emergency}};

/* Its clauses, once what they refer to was read. */
static void compile_clauses(struct reader *r, const struct memorandum *m, uint32_t index)
{
    size_t before = diagnose_errors(r->d);
    m->c->memorandum = m->root;
    for (size_t i = 0; m->grants != NULL && i < node_count(m->grants); i++)
        compile_grant(r, node_item(m->grants, i), index);
    for (size_t i = 0; m->prohibitions != NULL && i < node_count(m->prohibitions); i++)
        compile_prohibition(r, node_item(m->prohibitions, i), index);
    if (m->emergency != NULL)
        compile_emergency(r, m->emergency, index);
    check_lawful_memorandum(r, m->root, diagnose_errors(r->d) != before);
}

static void compile_memorandum(struct compilation *c, const char *path)
{
    const struct node *root = source_document(c, path);
    struct memorandum m = {
        .c = c, .root = root, .row = {.processor = ROW_NONE, .emergency = ROW_NONE}};
    uint32_t index = (uint32_t)builder_count(c, SECTION_MOUS);
    if (root == NULL)
        return;
    m.row.file = builder_text_c(c, path);
    m.row.line = node_line(root);
    (void)read_map(&c->reader, root, "a memorandum", keys, ARRAY_LEN(keys), &m);
    seal_memorandum(c, path, m.acknowledged, node_place(root).source);
    m.row.duty_first = builder_numbers(c, m.duty, m.row.duties);
    *(struct row_mou *)builder_add(c, SECTION_MOUS) = m.row;
    compile_clauses(&c->reader, &m, index);
}

void compile_memoranda(struct compilation *c)
{
    source_each(c, "mou", compile_memorandum);
}

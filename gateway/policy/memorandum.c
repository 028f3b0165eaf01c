/* One memorandum a file: what it stands for, who may rely on it and until when, and its clauses. */
#include "policy/builder.h"

#include "base/limits.h"

#include <stdio.h>

enum { DUTIES_MAX = 32 };

struct memorandum {
    struct compilation *c;
    struct row_mou row;
    uint32_t duty[DUTIES_MAX];
    const struct node *grants, *prohibitions;
};

static void read_name(struct reader *r, const struct node *n, void *target)
{
    struct memorandum *m = target;
    struct bytes word;
    if (!read_word(r, n, "a memorandum", &word))
        return;
    m->row.name = builder_text(m->c, word);
    for (size_t i = 0; i < builder_count(m->c, SECTION_MOUS); i++) {
        const struct row_mou *other = builder_row(m->c, SECTION_MOUS, i);
        if (other->name == m->row.name)
            read_fail(r, n, DIAGNOSE_DEFINED_TWICE, node_c(n), "memorandum",
                      builder_text_at(m->c, other->file));
    }
}

static void read_title(struct reader *r, const struct node *n, void *target)
{
    struct memorandum *m = target;
    source_both(r, n, "title", &m->row.title_en, &m->row.title_ko);
}

/* Texts and dates that stand for the paper: checked, and left to tools that show the file. */
static void read_any_text(struct reader *r, const struct node *n, void *target)
{
    struct bytes t;
    (void)target;
    (void)read_text(r, n, "a text", LIMIT_TEXT, &t);
}

static void read_any_time(struct reader *r, const struct node *n, void *target)
{
    int64_t t;
    (void)target;
    (void)read_time(r, n, "a date", &t);
}

static void check_name(struct reader *r, const struct node *n, void *target)
{
    struct bytes word;
    (void)target;
    (void)read_word(r, n, "a name", &word);
}

static void read_names(struct reader *r, const struct node *n, void *target)
{
    source_each_text(r, n, "names", check_name, target);
}

static void read_instrument(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"document_no", true, read_any_text},
                                           {"signed_on", true, read_any_time},
                                           {"signatories", true, read_names},
                                           {"sha256", false, read_any_text}};
    (void)read_map(r, n, "instrument", keys, ARRAY_LEN(keys), target);
}

static void check_party(struct reader *r, const struct node *n, void *target)
{
    (void)target;
    (void)source_party(r, n);
}

static void read_acknowledged(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"by", true, check_party}, {"on", true, read_any_time}};
    if (!read_is_list(r, n, "acknowledged"))
        return;
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
    if (!read_time(r, n, "until", &m->row.until_us))
        return;
    m->row.until_us += US_PER_DAY; /* the last day counts */
    if (m->row.until_us <= m->row.from_us)
        read_fail(r, n, DIAGNOSE_ENDS_BEFORE_IT_BEGINS, NULL, NULL, NULL);
    else if (m->row.until_us <= m->c->sources->now_us)
        read_fail(r, n, DIAGNOSE_MOU_EXPIRED, node_c(n), NULL, NULL);
}

static void read_review(struct reader *r, const struct node *n, void *target)
{
    struct memorandum *m = target;
    int64_t t;
    if (read_time(r, n, "legal_review_by", &t) && t < m->c->sources->now_us)
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
    struct bytes t;
    if (!read_text(r, n, "a recipient's duty", LIMIT_TEXT, &t))
        return;
    if (m->row.duties == DUTIES_MAX)
        read_fail(r, n, DIAGNOSE_LIST_TOO_LONG, "recipient_duties", "32", NULL);
    else
        m->duty[m->row.duties++] = builder_text(m->c, t);
}

static void read_duties(struct reader *r, const struct node *n, void *target)
{
    source_each_text(r, n, "recipient_duties", add_duty, target);
}

static void read_assessment(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"no_unfair_infringement", true, read_any_text},
                                           {"by", true, read_any_text},
                                           {"on", true, read_any_time}};
    (void)read_map(r, n, "assessment", keys, ARRAY_LEN(keys), target);
}

static void read_within(struct reader *r, const struct node *n, void *target)
{
    int64_t us;
    (void)target;
    (void)read_duration(r, n, "within", &us);
}

static void read_publication(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"where", true, read_any_text},
                                           {"within", true, read_within}};
    struct memorandum *m = target;
    m->c->publishes[builder_count(m->c, SECTION_MOUS)] = true;
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

static void read_registers(struct reader *r, const struct node *n, void *target)
{
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

static const struct read_key keys[] = {{"mou", true, read_name},
                                       {"title", true, read_title},
                                       {"instrument", true, read_instrument},
                                       {"acknowledged", true, read_acknowledged},
                                       {"processor", true, read_processor},
                                       {"in_force", true, read_in_force},
                                       {"recipient_duties", true, read_duties},
                                       {"assessment", true, read_assessment},
                                       {"publication", false, read_publication},
                                       {"registers", true, read_registers},
                                       {"grants", true, read_grants},
                                       {"prohibitions", false, read_prohibitions}};

static void compile_memorandum(struct compilation *c, const char *path)
{
    const struct node *root = source_document(c, path);
    struct memorandum m = {.c = c};
    uint32_t index = (uint32_t)builder_count(c, SECTION_MOUS);
    if (root == NULL || index == COMPILATION_DOCUMENTS_MAX)
        return;
    m.row.file = builder_text_c(c, path);
    m.row.line = node_line(root);
    (void)read_map(&c->reader, root, "a memorandum", keys, ARRAY_LEN(keys), &m);
    m.row.duty_first = builder_numbers(c, m.duty, m.row.duties);
    *(struct row_mou *)builder_add(c, SECTION_MOUS) = m.row;
    for (size_t i = 0; m.grants != NULL && i < node_count(m.grants); i++)
        compile_grant(&c->reader, node_item(m.grants, i), index);
    for (size_t i = 0; m.prohibitions != NULL && i < node_count(m.prohibitions); i++)
        compile_prohibition(&c->reader, node_item(m.prohibitions, i), index);
}

void compile_memoranda(struct compilation *c)
{
    source_each(c, "mou", ".yaml", compile_memorandum);
}

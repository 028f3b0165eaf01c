/* One grant: who may give what to whom, what for, on which basis, and with which duties. */
#include "policy/clause.h"

#include "base/limits.h"

#include <limits.h>
#include <stdio.h>

static bool has_field(const struct kind *kind, const char *path, bool of_text)
{
    struct field_path found;
    enum field_shape shape;
    const char *nearest;
    return field_path_resolve(kind, bytes_of_text(path), &found, &shape, &nearest) == RESULT_OK &&
           (!of_text || shape == FIELD_TEXT);
}

unsigned kind_asks(enum kind_id id)
{
    if (id == KIND_COUNT)
        return UINT_MAX;
    const struct kind *kind = kind_row(id);
    if (id == KIND_VIDEO) /* no Message: its facts come from VideoStart */
        return ASKS_CAMERA | ASKS_SUBJECT | ASKS_FOOTAGE;
    return (has_field(kind, "camera_id", false) ? ASKS_CAMERA : 0) |
           (has_field(kind, "subject", false) ? ASKS_SUBJECT : 0) |
           (has_field(kind, "consent", false) ? ASKS_CONSENT : 0) |
           (kind_carries_position(kind, NULL, 0) ? ASKS_ORIGIN : 0) |
           (has_field(kind, "type", true) ? ASKS_TYPE : 0) |
           (has_field(kind, "reason_code", false) ? ASKS_REASON : 0) |
           (has_field(kind, "ground", false) ? ASKS_GROUND : 0) |
           (id == KIND_VIDEO_REQUEST ? ASKS_FOOTAGE : 0);
}

/* ---- keys, in the order in which they are read */

static void write_clause(const struct compilation *c, uint32_t mou, const struct node *n,
                         char text[2 * IDENT_WORD_MAX + 2])
{
    const struct row_mou *m = builder_row(c, SECTION_MOUS, mou);
    (void)snprintf(text, 2 * IDENT_WORD_MAX + 2, "%s#%s", builder_text_at(c, m->name), node_c(n));
}

/* Where the memorandum's first clause of this name has it. */
static const struct node *first_clause(const struct node *memorandum, struct bytes name)
{
    const struct node *found = source_first(node_member(memorandum, "grants"), "grant", name);
    return found != NULL ? found
                         : source_first(node_member(memorandum, "prohibitions"), "prohibit", name);
}

void clause_name(struct reader *r, const struct node *n, const char *what, uint32_t mou,
                 uint32_t *name, uint32_t *clause)
{
    struct compilation *c = COMPILATION_OF(r);
    const struct row_mou *m = builder_row(c, SECTION_MOUS, mou);
    char text[2 * IDENT_WORD_MAX + 2];
    struct bytes word;
    if (!read_word(r, n, what, &word))
        return;
    write_clause(c, mou, n, text);
    if (names_find(c, names_of(c, SECTION_GRANTS), bytes_of_text(text)) != ROW_NONE ||
        names_find(c, names_of(c, SECTION_PROHIBITIONS), bytes_of_text(text)) != ROW_NONE) {
        read_fail(r, n, DIAGNOSE_DEFINED_TWICE, node_c(n), what, builder_text_at(c, m->file));
        read_also(r, first_clause(c->memorandum, word));
    }
    *clause = builder_text_c(c, text);
    *name = builder_text(c, word);
}

static void read_name(struct reader *r, const struct node *n, void *target)
{
    struct grant *g = target;
    clause_name(r, n, "grant", g->row.mou, &g->row.name, &g->row.clause);
}

static void read_kind(struct reader *r, const struct node *n, void *target)
{
    struct grant *g = target;
    g->kind = source_kind(r, n);
    if (g->kind == NULL)
        return;
    g->row.kind = (uint8_t)g->kind->id;
    if (g->kind->from_gateway)
        read_fail(r, n, DIAGNOSE_FROM_GATEWAY, node_c(n), NULL, NULL);
    if (g->kind->answers_order)
        read_fail(r, n, DIAGNOSE_NEEDS_NO_GRANT, node_c(n), NULL, NULL);
}

static void read_service(struct reader *r, const struct node *n, void *target)
{
    ((struct grant *)target)->row.service = source_word(r, n, WORD_SERVICE, "service");
}

static void read_purpose(struct reader *r, const struct node *n, void *target)
{
    ((struct grant *)target)->row.purpose = source_word(r, n, WORD_PURPOSE, "purpose");
}

static void read_joins(struct reader *r, const struct node *n, void *target)
{
    struct grant *g = target;
    if (g->kind != NULL && g->kind->id != KIND_VIDEO)
        read_fail(r, n, DIAGNOSE_CONDITION_NOT_FOR_KIND, "joins", g->kind->name, NULL);
    source_words(r, n, WORD_PURPOSE, "purpose", &g->row.joins);
}

static void read_bases(struct reader *r, const struct node *n, void *target)
{
    source_bases(r, n, &((struct grant *)target)->row.bases);
}

static void read_from(struct reader *r, const struct node *n, void *target)
{
    ((struct grant *)target)->row.from = source_unit(r, n);
}

/* What changes the gateway's own state goes nowhere else. */
static void check_self(struct reader *r, const struct node *n, void *target)
{
    const struct grant *g = target;
    if (!bytes_is(node_text(n), GATEWAY_UNIT))
        read_fail(r, n, DIAGNOSE_NEEDS_SELF, g->kind->name, NULL, NULL);
}

static void read_to(struct reader *r, const struct node *n, void *target)
{
    struct grant *g = target;
    g->row.tos = source_units(r, n, "to", g->to_unit);
    if (g->row.tos > 0 && g->kind != NULL && g->kind->for_gateway_only)
        source_each_text(r, n, "to", check_self, target);
}

static void read_when(struct reader *r, const struct node *n, void *target)
{
    (void)r;
    ((struct grant *)target)->when = n;
}

static void read_transform(struct reader *r, const struct node *n, void *target)
{
    (void)r;
    ((struct grant *)target)->transform = n;
}

/* ---- which of several answers, and systems of the law */

/* The grant named stands earlier, so that chains of narrower grants have no circles and the last of
 * those that hold is the narrowest. */
static void read_narrower(struct reader *r, const struct node *n, void *target)
{
    struct grant *g = target;
    char text[2 * IDENT_WORD_MAX + 2];
    struct bytes word;
    if (!read_word(r, n, "narrower_than", &word))
        return;
    write_clause(g->c, g->row.mou, n, text);
    g->row.narrower_than = names_find(g->c, names_of(g->c, SECTION_GRANTS), bytes_of_text(text));
    if (g->row.narrower_than == ROW_NONE)
        read_fail(r, n, DIAGNOSE_NARROWER_UNKNOWN, node_c(n), NULL, NULL);
}

static void read_document_no(struct reader *r, const struct node *n, void *target)
{
    struct bytes t;
    (void)target;
    (void)read_text(r, n, "document_no", LIMIT_WORD, &t);
}

static void read_lia_30(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"document_no", true, read_document_no}};
    (void)read_map(r, n, "lia_30_system", keys, ARRAY_LEN(keys), target);
}

/* The centre's own rules for its video, which may state a longer time than the guideline. */
static void read_operating_policy(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"document_no", true, read_document_no}};
    (void)read_map(r, n, "operating_policy", keys, ARRAY_LEN(keys), target);
}

static const struct read_key keys[] = {{"grant", true, read_name},
                                       {"kind", true, read_kind},
                                       {"service", true, read_service},
                                       {"purpose", true, read_purpose},
                                       {"joins", false, read_joins},
                                       {"basis_any_of", true, read_bases},
                                       {"from", true, read_from},
                                       {"to", true, read_to},
                                       {"when", false, read_when},
                                       {"transform", false, read_transform},
                                       {"limits", false, grant_read_limits},
                                       {"stream_digest", false, grant_read_stream_digest},
                                       {"supersede", false, grant_read_supersede},
                                       {"destroy", true, grant_read_destroy},
                                       {"keep", false, grant_read_keep},
                                       {"notify", false, grant_read_notify},
                                       {"attend", false, grant_read_attend},
                                       {"answer", false, grant_read_answer},
                                       {"approval", false, grant_read_approval},
                                       {"onward", false, grant_read_onward},
                                       {"offline", false, grant_read_offline},
                                       {"narrower_than", false, read_narrower},
                                       {"lia_30_system", false, read_lia_30},
                                       {"operating_policy", false, read_operating_policy}};

/* ---- the whole */

static void quote_dimensions(struct compilation *c, const struct node *n, struct row_grant *row)
{
    static const char *const key[DIMENSIONS] = {"kind",    "from",    "to",
                                                "service", "purpose", "basis_any_of"};
    for (size_t i = 0; i < DIMENSIONS; i++)
        row->dimension[i] = source_quote(c, key[i], node_member(n, key[i]));
}

void compile_grant(struct reader *r, const struct node *n, uint32_t mou)
{
    struct compilation *c = COMPILATION_OF(r);
    size_t before = diagnose_errors(r->d);
    struct grant g = {.c = c,
                      .row = {.mou = mou,
                              .line = node_line(n),
                              .notify_within_us = -1,
                              .narrower_than = ROW_NONE},
                      .duties = {.else_unit = ROW_NONE, .keep_role = NO_ROLE}};
    (void)read_map(r, n, "a grant", keys, ARRAY_LEN(keys), &g);
    if (g.kind != NULL && g.when != NULL)
        compile_when(r, g.when, &g.row);
    if (g.kind != NULL && g.transform != NULL)
        compile_transforms(r, g.transform, &g.row);
    grant_check_duties(r, n, &g);
    if (g.duties.receipt_within_us > 0) {
        compile_check_receipt_keys(r, node_member(n, "to"), g.to_unit, g.row.tos);
        compile_check_receipt_keys(r, grant_else(n), &g.duties.else_unit,
                                   g.duties.else_unit == ROW_NONE ? 0 : 1);
    }
    g.row.to_first = builder_numbers(c, g.to_unit, g.row.tos);
    if (diagnose_errors(r->d) == before) {
        quote_dimensions(c, n, &g.row);
        g.row.keeps_positions = grant_keeps_positions(c, &g.row);
        check_lawful(r, n, &g.row, g.duties.else_unit);
    }
    const struct node *name = node_member(n, "grant");
    builder_add_grant(c, &g.row, &g.duties, name == NULL ? n : name);
}

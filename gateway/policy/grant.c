/* One clause: a grant, or a prohibition. */
#include "policy/builder.h"

#include "base/limits.h"
#include "base/nearest.h"

#include <stdio.h>

struct grant {
    struct compilation *c;
    struct row_grant row;
    uint32_t mou;
    const struct node *node;
    const struct node *from, *to, *service, *purpose, *bases, *when, *transform;
    uint32_t to_unit[POLICY_REACH_MAX];
    bool has_lia_30;
};

const char *kind_text(enum kind_id kind)
{
    return kind == KIND_VIDEO ? "video" : kind_row(kind)->name;
}

unsigned kind_asks(enum kind_id kind)
{
    switch (kind) {
    case KIND_VIDEO:
    case KIND_SCENE_IMAGE: return ASKS_CAMERA | ASKS_SUBJECT;
    case KIND_VIDEO_REQUEST:
    case KIND_DISASTER_REPORT: return ASKS_CAMERA | ASKS_ORIGIN;
    case KIND_VIDEO_ANSWER:
    case KIND_FEEDBACK: return ASKS_CAMERA;
    case KIND_GUARDIAN_ALERT: return ASKS_SUBJECT | ASKS_CONSENT | ASKS_ORIGIN;
    case KIND_DISPATCH_REQUEST: return ASKS_CAMERA | ASKS_ORIGIN;
    case KIND_LOCATION_UPDATE:
    case KIND_INCIDENT_REPORT:
    case KIND_PUBLIC_NOTICE: return ASKS_ORIGIN;
    default: return 0;
    }
}

/* ---- keys of a grant, in the order in which they are read */

static void read_clause_name(struct reader *r, const struct node *n, const char *what, uint32_t mou,
                             uint32_t *name, uint32_t *clause)
{
    struct compilation *c = COMPILATION_OF(r);
    const struct row_mou *m = builder_row(c, SECTION_MOUS, mou);
    char text[2 * IDENT_WORD_MAX + 2];
    struct bytes word;
    if (!read_word(r, n, what, &word))
        return;
    (void)snprintf(text, sizeof text, "%s#%s", builder_text_at(c, m->name), node_c(n));
    uint32_t already = *clause = builder_text_c(c, text);
    *name = builder_text(c, word);
    for (size_t i = 0; i < builder_count(c, SECTION_GRANTS); i++) {
        const struct row_grant *g = builder_row(c, SECTION_GRANTS, i);
        if (g->clause == already)
            read_fail(r, n, DIAGNOSE_DEFINED_TWICE, node_c(n), what, builder_text_at(c, m->file));
    }
}

static void read_name(struct reader *r, const struct node *n, void *target)
{
    struct grant *g = target;
    read_clause_name(r, n, "grant", g->mou, &g->row.name, &g->row.clause);
}

static void read_kind(struct reader *r, const struct node *n, void *target)
{
    struct grant *g = target;
    const struct kind *kind = kind_named(node_text(n));
    const char *nearest = NULL;
    if (kind == NULL) {
        for (size_t i = 0; i < KIND_COUNT; i++)
            nearest_offer(node_text(n), kind_text((enum kind_id)i), &nearest);
        read_fail(r, n, DIAGNOSE_UNKNOWN_WORD, node_c(n), "kind", NULL);
        diagnose_hint(r->d, nearest, NULL);
        return;
    }
    g->row.kind = (uint8_t)kind->id;
    if (kind->from_gateway)
        read_fail(r, n, DIAGNOSE_FROM_GATEWAY, node_c(n), NULL, NULL);
}

static void read_service(struct reader *r, const struct node *n, void *target)
{
    struct grant *g = target;
    g->row.service = source_word(r, n, WORD_SERVICE, "service");
    g->service = n;
}

static void read_purpose(struct reader *r, const struct node *n, void *target)
{
    struct grant *g = target;
    g->row.purpose = source_word(r, n, WORD_PURPOSE, "purpose");
    g->purpose = n;
}

static void read_joins(struct reader *r, const struct node *n, void *target)
{
    struct grant *g = target;
    if (g->row.kind != KIND_VIDEO)
        read_fail(r, n, DIAGNOSE_CONDITION_NOT_FOR_KIND, "joins",
                  kind_text((enum kind_id)g->row.kind), NULL);
    source_words(r, n, WORD_PURPOSE, "purpose", &g->row.joins);
}

static void read_bases(struct reader *r, const struct node *n, void *target)
{
    struct grant *g = target;
    source_bases(r, n, &g->row.bases);
    g->bases = n;
}

static void read_from(struct reader *r, const struct node *n, void *target)
{
    struct grant *g = target;
    uint32_t unit = source_unit(r, n);
    if (unit != ROW_NONE)
        g->row.from = unit;
    g->from = n;
}

static void add_to(struct reader *r, const struct node *n, void *target)
{
    struct grant *g = target;
    uint32_t unit = source_unit(r, n);
    if (unit == ROW_NONE)
        return;
    if (g->row.tos == POLICY_REACH_MAX)
        read_fail(r, n, DIAGNOSE_LIST_TOO_LONG, "to", "64", NULL);
    else
        g->to_unit[g->row.tos++] = unit;
}

static void read_to(struct reader *r, const struct node *n, void *target)
{
    struct grant *g = target;
    g->to = n;
    source_each_text(r, n, "to", add_to, target);
    const struct kind *kind = kind_row((enum kind_id)g->row.kind);
    bool changes = g->row.kind != KIND_VIDEO && kind->changes_state;
    for (uint32_t i = 0; i < g->row.tos; i++)
        if (changes && g->to_unit[i] != g->c->header.self)
            read_fail(r, n, DIAGNOSE_NEEDS_SELF, kind->name, NULL, NULL);
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

static void read_streams(struct reader *r, const struct node *n, void *target)
{
    int64_t v;
    if (read_number(r, n, "streams_per_incident", 1, 1000, &v))
        ((struct grant *)target)->row.streams_per_incident = (uint32_t)v;
}

static void read_mbit(struct reader *r, const struct node *n, void *target)
{
    int64_t v;
    if (read_number(r, n, "mbit_per_s", 1, 10000, &v))
        ((struct grant *)target)->row.bits_per_s = (uint64_t)v * 1000000;
}

static void read_rate(struct reader *r, const struct node *n, void *target)
{
    int64_t v;
    if (read_number(r, n, "messages_per_s", 1, 1000000, &v))
        ((struct grant *)target)->row.messages_per_s = (uint32_t)v;
}

static void read_audio(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"refuse", "allow"};
    unsigned chosen;
    if (!read_choice(r, n, "audio", words, ARRAY_LEN(words), &chosen))
        return;
    ((struct grant *)target)->row.audio_allowed = (uint8_t)chosen;
    if (chosen == 1)
        read_fail(r, n, DIAGNOSE_LAW_AUDIO, NULL, NULL, NULL);
}

static void read_limits(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key video[] = {{"streams_per_incident", false, read_streams},
                                            {"mbit_per_s", false, read_mbit},
                                            {"audio", true, read_audio}};
    static const struct read_key message[] = {{"messages_per_s", false, read_rate}};
    if (((struct grant *)target)->row.kind == KIND_VIDEO)
        (void)read_map(r, n, "limits of video", video, ARRAY_LEN(video), target);
    else
        (void)read_map(r, n, "limits", message, ARRAY_LEN(message), target);
}

static void read_starts_at(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"arrival", "incident-end", "found"};
    unsigned chosen;
    if (read_choice(r, n, "starts_at", words, ARRAY_LEN(words), &chosen))
        ((struct grant *)target)->row.starts_at = (uint8_t)chosen;
}

static void read_delay(struct reader *r, const struct node *n, void *target)
{
    (void)read_duration(r, n, "delay", &((struct grant *)target)->row.delay_us);
}

static void read_ceiling(struct reader *r, const struct node *n, void *target)
{
    struct grant *g = target;
    const int64_t lawful = g->c->ceiling_us[g->row.kind];
    char most[TIME_TEXT];
    int64_t us;
    if (!read_duration(r, n, "at_most_after_recording", &us))
        return;
    g->row.ceiling_us = us;
    if (lawful == 0 || us <= lawful)
        return;
    duration_text(lawful, most);
    read_fail(r, n, DIAGNOSE_LAW_RETENTION, node_c(n), most,
              builder_text_at(g->c, g->c->ceiling_law[g->row.kind]));
}

static void read_destroy(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"starts_at", true, read_starts_at},
                                           {"delay", true, read_delay},
                                           {"at_most_after_recording", false, read_ceiling}};
    struct grant *g = target;
    (void)read_map(r, n, "destroy", keys, ARRAY_LEN(keys), target);
    if (g->row.ceiling_us == 0)
        g->row.ceiling_us = g->c->ceiling_us[g->row.kind];
}

static void read_notify_within(struct reader *r, const struct node *n, void *target)
{
    (void)read_duration(r, n, "within", &((struct grant *)target)->row.notify_within_us);
}

static void read_notify(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"within", true, read_notify_within}};
    (void)read_map(r, n, "notify", keys, ARRAY_LEN(keys), target);
}

static void read_onward(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"refuse"};
    unsigned chosen;
    (void)target;
    (void)read_choice(r, n, "onward", words, ARRAY_LEN(words), &chosen);
}

static void read_narrower(struct reader *r, const struct node *n, void *target)
{
    struct grant *g = target;
    for (size_t i = 0; i < builder_count(g->c, SECTION_GRANTS); i++) {
        const struct row_grant *other = builder_row(g->c, SECTION_GRANTS, i);
        if (other->mou == g->mou && bytes_is(node_text(n), builder_text_at(g->c, other->name))) {
            g->row.narrower_than = (uint32_t)i;
            return;
        }
    }
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
    ((struct grant *)target)->has_lia_30 = true;
    (void)read_map(r, n, "lia_30_system", keys, ARRAY_LEN(keys), target);
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
                                       {"limits", false, read_limits},
                                       {"destroy", true, read_destroy},
                                       {"notify", false, read_notify},
                                       {"onward", false, read_onward},
                                       {"narrower_than", false, read_narrower},
                                       {"lia_30_system", false, read_lia_30}};

/* "to: a, b": a dimension in the file's own words. */
static uint32_t dimension_text(struct compilation *c, const char *key, const struct node *n)
{
    struct buf text = BUF_INIT(4096);
    buf_printf(&text, "%s: ", key);
    if (n != NULL && node_type(n) == NODE_TEXT)
        buf_text(&text, node_c(n));
    for (size_t i = 0; n != NULL && node_type(n) == NODE_LIST && i < node_count(n); i++)
        buf_printf(&text, "%s%s", i == 0 ? "" : ", ", node_c(node_item(n, i)));
    uint32_t out =
        buf_status(&text) == RESULT_OK ? builder_text(c, buf_view(&text)) : builder_text_c(c, key);
    buf_free(&text);
    return out;
}

static void set_dimensions(struct grant *g)
{
    uint32_t *d = g->row.dimension;
    d[DIMENSION_KIND] = dimension_text(g->c, "kind", node_member(g->node, "kind"));
    d[DIMENSION_FROM] = dimension_text(g->c, "from", g->from);
    d[DIMENSION_TO] = dimension_text(g->c, "to", g->to);
    d[DIMENSION_SERVICE] = dimension_text(g->c, "service", g->service);
    d[DIMENSION_PURPOSE] = dimension_text(g->c, "purpose", g->purpose);
    d[DIMENSION_BASIS] = dimension_text(g->c, "basis_any_of", g->bases);
}

void compile_grant(struct reader *r, const struct node *n, uint32_t mou)
{
    struct compilation *c = COMPILATION_OF(r);
    size_t before = diagnose_errors(r->d);
    struct grant g = {
        .c = c,
        .mou = mou,
        .node = n,
        .row = {
            .mou = mou, .line = node_line(n), .notify_within_us = -1, .narrower_than = ROW_NONE}};
    (void)read_map(r, n, "a grant", keys, ARRAY_LEN(keys), &g);
    if (g.when != NULL)
        compile_when(r, g.when, &g.row);
    if (diagnose_errors(r->d) != before)
        return; /* checks over the whole set would only repeat what is said already */
    if (g.transform != NULL)
        compile_transforms(r, g.transform, &g.row);
    g.row.to_first = builder_numbers(c, g.to_unit, g.row.tos);
    g.row.keeps_positions = grant_keeps_positions(c, &g.row);
    set_dimensions(&g);
    check_lawful(r, n, &g.row, g.has_lia_30);
    *(struct row_grant *)builder_add(c, SECTION_GRANTS) = g.row;
}

/* ---- prohibitions */

struct prohibition {
    struct compilation *c;
    struct row_prohibition row;
};

static void read_prohibit(struct reader *r, const struct node *n, void *target)
{
    struct prohibition *p = target;
    uint32_t name = 0;
    read_clause_name(r, n, "prohibition", p->row.mou, &name, &p->row.clause);
}

/* Data follows the law it was obtained under: a basis of the Location Information Act names an
 * origin of positions. */
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
    uint64_t known = 0;
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
    static const struct read_key spared[] = {{"role", true, read_spared_role}};
    (void)read_map(r, n, "to_other_than", spared, ARRAY_LEN(spared), target);
}

static void read_because(struct reader *r, const struct node *n, void *target)
{
    struct bytes t;
    if (read_text(r, n, "because", LIMIT_TEXT, &t))
        ((struct prohibition *)target)->row.because = builder_text(COMPILATION_OF(r), t);
}

static void add_prohibited_kind(struct reader *r, const struct node *n, void *target)
{
    const struct kind *kind = kind_named(node_text(n));
    if (kind == NULL)
        read_fail(r, n, DIAGNOSE_UNKNOWN_WORD, node_c(n), "kind", NULL);
    else
        ((struct prohibition *)target)->row.kinds |= UINT64_C(1) << kind->id;
}

static void read_prohibited_kinds(struct reader *r, const struct node *n, void *target)
{
    source_each_text(r, n, "kind", add_prohibited_kind, target);
}

void compile_prohibition(struct reader *r, const struct node *n, uint32_t mou)
{
    static const struct read_key prohibition_keys[] = {
        {"prohibit", true, read_prohibit},
        {"data_obtained_under", false, read_obtained_under},
        {"kind", false, read_prohibited_kinds},
        {"to_other_than", true, read_other_than},
        {"because", true, read_because}};
    struct compilation *c = COMPILATION_OF(r);
    struct prohibition p = {.c = c, .row = {.mou = mou, .line = node_line(n)}};
    (void)read_map(r, n, "a prohibition", prohibition_keys, ARRAY_LEN(prohibition_keys), &p);
    *(struct row_prohibition *)builder_add(c, SECTION_PROHIBITIONS) = p.row;
}

/* The conditions of a grant: `when`, with its alternatives under `any`. One reader a key. */
#include "policy/when.h"

enum { ALTERNATIVES_MAX = 16 };

static const char *const keys_of[CONDITION_OPS] = {
#define CONDITION(NAME, reason, ground, text) [CONDITION_##NAME] = text,
#include "policy/conditions.def"
#undef CONDITION
};

const char *when_key(enum condition_op op)
{
    return keys_of[op];
}

struct row_condition *when_add(struct when *w, enum condition_op op, const struct node *n)
{
    struct row_condition row = {.op = (uint8_t)op,
                                .alternative = w->alternative,
                                .unit = ROW_NONE,
                                .text = source_quote(w->c, keys_of[op], n),
                                .line = node_line(n)};
    struct row_condition *c = builder_add(w->c, SECTION_CONDITIONS);
    *c = row;
    w->grant->conditions++;
    return c;
}

bool when_has_meaning(struct reader *r, const struct when *w, const struct node *n,
                      enum condition_op op, unsigned asks)
{
    enum kind_id kind = (enum kind_id)w->grant->kind;
    if (asks == 0 || (kind_asks(kind) & asks) != 0)
        return true;
    read_fail(r, n, DIAGNOSE_CONDITION_NOT_FOR_KIND, keys_of[op], kind_row(kind)->name, NULL);
    return false;
}

void when_map(struct reader *r, const struct node *n, const char *what, const struct read_key *keys,
              size_t count, void *target)
{
    if (read_map(r, n, what, keys, count, target) && node_count(n) == 0)
        read_fail(r, n, DIAGNOSE_EMPTY_CONDITIONS, what, NULL, NULL);
}

void when_word(struct reader *r, const struct node *n, struct when *w, enum condition_op op,
               const char *word)
{
    unsigned chosen;
    if (read_choice(r, n, keys_of[op], &word, 1, &chosen))
        (void)when_add(w, op, n);
}

void when_words(struct reader *r, const struct node *n, struct when *w, enum condition_op op,
                unsigned asks, enum word_class class, const char *what)
{
    uint64_t mask;
    if (!when_has_meaning(r, w, n, op, asks))
        return;
    source_words(r, n, class, what, &mask);
    when_add(w, op, n)->mask = mask;
}

static void read_state(struct reader *r, const struct node *n, void *target)
{
    when_word(r, n, target, CONDITION_INCIDENT_OPEN, "open");
}

static void read_participant(struct reader *r, const struct node *n, void *target)
{
    uint32_t unit = source_unit(r, n);
    if (unit != ROW_NONE)
        when_add(target, CONDITION_INCIDENT_PARTICIPANT, n)->unit = unit;
}

static void read_younger(struct reader *r, const struct node *n, void *target)
{
    int64_t us;
    if (read_duration(r, n, "incident.younger_than", &us))
        when_add(target, CONDITION_INCIDENT_YOUNGER, n)->number = us;
}

static void read_area(struct reader *r, const struct node *n, void *target)
{
    when_regions(r, n, target, CONDITION_INCIDENT_AREA, true);
}

static void read_incident(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"state", false, read_state},
                                           {"participant", false, read_participant},
                                           {"younger_than", false, read_younger},
                                           {"area", false, read_area}};
    when_map(r, n, "incident", keys, ARRAY_LEN(keys), target);
}

static void read_incident_type(struct reader *r, const struct node *n, void *target)
{
    when_words(r, n, target, CONDITION_INCIDENT_TYPE, 0, WORD_INCIDENT_TYPE, "incident type");
}

static void read_basis(struct reader *r, const struct node *n, void *target)
{
    uint64_t mask;
    source_bases(r, n, &mask);
    when_add(target, CONDITION_BASIS, n)->mask = mask;
}

static void read_assigned(struct reader *r, const struct node *n, void *target)
{
    when_word(r, n, target, CONDITION_ASSIGNED, "yes");
}

static void read_metres(struct reader *r, const struct node *n, struct when *w,
                        enum condition_op op)
{
    int64_t metres;
    if (when_has_meaning(r, w, n, op, ASKS_CAMERA) &&
        read_number(r, n, keys_of[op], 1, 1000000, &metres))
        when_add(w, op, n)->metres = (double)metres;
}

static void read_within_m(struct reader *r, const struct node *n, void *target)
{
    read_metres(r, n, target, CONDITION_CAMERA_WITHIN);
}

static void read_near_route(struct reader *r, const struct node *n, void *target)
{
    read_metres(r, n, target, CONDITION_CAMERA_NEAR_ROUTE);
}

static void read_installed_for(struct reader *r, const struct node *n, void *target)
{
    when_words(r, n, target, CONDITION_CAMERA_INSTALLED_FOR, ASKS_CAMERA, WORD_CAMERA_PURPOSE,
               "camera purpose");
}

struct chosen {
    const struct choices *from;
    const char *what;
    uint64_t mask; /* bit 1 << number */
};

static void add_choice(struct reader *r, const struct node *n, void *target)
{
    struct chosen *c = target;
    unsigned i;
    if (read_choice(r, n, c->what, c->from->words, c->from->count, &i))
        c->mask |= UINT64_C(1) << (c->from->first + i);
}

void when_choices(struct reader *r, const struct node *n, struct when *w, enum condition_op op,
                  unsigned asks, const struct choices *from)
{
    struct chosen c = {from, keys_of[op], 0};
    if (!when_has_meaning(r, w, n, op, asks))
        return;
    source_each_text(r, n, c.what, add_choice, &c);
    when_add(w, op, n)->mask = c.mask;
}

static void read_camera_kind(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[CAMERA_KINDS] = {"fixed", "drone", "vehicle"};
    static const struct choices kinds = {words, CAMERA_KINDS, CAMERA_FIXED};
    when_choices(r, n, target, CONDITION_CAMERA_KIND, ASKS_CAMERA, &kinds);
}

static void read_camera(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"within_m_of_incident", false, read_within_m},
                                           {"within_m_of_route", false, read_near_route},
                                           {"installed_for", false, read_installed_for},
                                           {"kind", false, read_camera_kind}};
    when_map(r, n, "camera", keys, ARRAY_LEN(keys), target);
}

static void read_evidence(struct reader *r, const struct node *n, void *target)
{
    when_words(r, n, target, CONDITION_EVIDENCE, 0, WORD_EVIDENCE, "kind of evidence");
}

static void read_reason_code(struct reader *r, const struct node *n, void *target)
{
    when_words(r, n, target, CONDITION_REASON_CODE, ASKS_REASON, WORD_REASON, "reason");
}

static void read_footage(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"live", "recorded"};
    static const struct choices from = {words, ARRAY_LEN(words), FOOTAGE_LIVE};
    when_choices(r, n, target, CONDITION_FOOTAGE, ASKS_FOOTAGE, &from);
}

static void read_actor(struct reader *r, const struct node *n, void *target)
{
    when_word(r, n, target, CONDITION_ACTOR, "required");
}

static void read_any(struct reader *r, const struct node *n, void *target);

static const struct read_key keys[] = {{"subject", false, when_read_subject},
                                       {"consent", false, when_read_consent},
                                       {"request", false, when_read_request},
                                       {"actor", false, read_actor},
                                       {"evidence", false, read_evidence},
                                       {"basis", false, read_basis},
                                       {"origin", false, when_read_origin},
                                       {"reason_code", false, read_reason_code},
                                       {"footage", false, read_footage},
                                       {"period", false, when_read_period},
                                       {"disaster_headquarters", false, when_read_headquarters},
                                       {"incident", false, read_incident},
                                       {"incident_type", false, read_incident_type},
                                       {"assigned", false, read_assigned},
                                       {"camera", false, read_camera},
                                       {"any", false, read_any}};

/* Alternatives do not nest: `any` is left out of the keys that one may have. */
static void read_any(struct reader *r, const struct node *n, void *target)
{
    struct when *w = target;
    if (!read_is_list(r, n, "any"))
        return;
    if (node_count(n) == 0 || node_count(n) > ALTERNATIVES_MAX) {
        read_fail(r, n, node_count(n) == 0 ? DIAGNOSE_EMPTY_LIST : DIAGNOSE_LIST_TOO_LONG, "any",
                  "16", NULL);
        return;
    }
    for (size_t i = 0; i < node_count(n); i++) {
        struct when alternative = {w->c, w->grant, (uint8_t)(i + 1)};
        when_map(r, node_item(n, i), "an alternative", keys, ARRAY_LEN(keys) - 1, &alternative);
    }
}

void compile_when(struct reader *r, const struct node *n, struct row_grant *grant)
{
    struct compilation *c = COMPILATION_OF(r);
    struct when w = {c, grant, 0};
    grant->condition_first = (uint32_t)builder_count(c, SECTION_CONDITIONS);
    when_map(r, n, "when", keys, ARRAY_LEN(keys), &w);
}

uint64_t grant_allows(const struct compilation *c, const struct row_grant *grant,
                      enum condition_op op)
{
    uint64_t mask = UINT64_MAX;
    for (uint32_t i = 0; i < grant->conditions; i++) {
        const struct row_condition *k =
            builder_row(c, SECTION_CONDITIONS, grant->condition_first + i);
        if (k->op == op && k->alternative == 0)
            mask &= k->mask;
    }
    return mask;
}

/* Conditions that were read for a rule are taken back from the snapshot. */
static uint32_t take_back(struct compilation *c, size_t before, struct row_condition *out,
                          uint32_t most)
{
    struct table *t = &c->table[SECTION_CONDITIONS];
    const size_t count = t->count - before < most ? t->count - before : most;
    for (size_t i = 0; i < count; i++)
        out[i] = *(struct row_condition *)builder_row(c, SECTION_CONDITIONS, before + i);
    t->count = before;
    return (uint32_t)count;
}

uint32_t when_of_rule(struct reader *r, const struct node *n, struct row_condition *out,
                      uint32_t most)
{
    struct compilation *c = COMPILATION_OF(r);
    struct row_grant any_kind = {.kind = KIND_COUNT};
    struct when w = {c, &any_kind, 0};
    const size_t before = builder_count(c, SECTION_CONDITIONS);
    when_map(r, n, "when of a rule", keys, ARRAY_LEN(keys) - 1, &w);
    if (any_kind.conditions > most)
        read_fail(r, n, DIAGNOSE_LIST_TOO_LONG, "when", "8", NULL);
    return take_back(c, before, out, most);
}

uint64_t when_origins(struct reader *r, const struct node *n)
{
    struct compilation *c = COMPILATION_OF(r);
    struct row_grant any_kind = {.kind = KIND_COUNT};
    struct when w = {c, &any_kind, 0};
    struct row_condition one = {0};
    const size_t before = builder_count(c, SECTION_CONDITIONS);
    when_read_origin(r, n, &w);
    (void)take_back(c, before, &one, 1);
    return one.mask;
}

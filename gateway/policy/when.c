/* The conditions of a grant: `when`, with its alternatives under `any`. One reader a key. */
#include "policy/builder.h"

#include "base/limits.h"

#include <stdio.h>

enum { ALTERNATIVES_MAX = 16 };

/* Where conditions go: the grant, and which alternative is being read (0: must hold). */
struct when {
    struct compilation *c;
    struct row_grant *grant;
    uint8_t alternative;
};

static const char *const keys_of[CONDITION_OPS] = {
#define CONDITION(NAME, reason, text) [CONDITION_##NAME] = text,
#include "policy/conditions.def"
#undef CONDITION
};

/* "incident_type: homicide, robbery": the condition in the file's own words. */
static uint32_t condition_text(struct compilation *c, enum condition_op op, const struct node *n)
{
    struct buf text = BUF_INIT(4096);
    buf_printf(&text, "%s: ", keys_of[op]);
    if (node_type(n) == NODE_TEXT)
        buf_text(&text, node_c(n));
    for (size_t i = 0; node_type(n) == NODE_LIST && i < node_count(n); i++)
        buf_printf(&text, "%s%s", i == 0 ? "" : ", ", node_c(node_item(n, i)));
    uint32_t out = builder_text(c, buf_view(&text));
    buf_free(&text);
    return out;
}

static struct row_condition *add(struct when *w, enum condition_op op, const struct node *n)
{
    struct row_condition row = {.op = (uint8_t)op,
                                .alternative = w->alternative,
                                .unit = ROW_NONE,
                                .text = condition_text(w->c, op, n),
                                .line = node_line(n)};
    struct row_condition *c = builder_add(w->c, SECTION_CONDITIONS);
    *c = row;
    w->grant->conditions++;
    return c;
}

/* False, after an error, when the grant's kind cannot be asked this. */
static bool has_meaning(struct reader *r, const struct when *w, const struct node *n,
                        enum condition_op op, unsigned asks)
{
    enum kind_id kind = (enum kind_id)w->grant->kind;
    if ((kind_asks(kind) & asks) != 0)
        return true;
    read_fail(r, n, DIAGNOSE_CONDITION_NOT_FOR_KIND, keys_of[op], kind_text(kind), NULL);
    return false;
}

static void read_state(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"open"};
    unsigned chosen;
    if (read_choice(r, n, "incident.state", words, ARRAY_LEN(words), &chosen))
        (void)add(target, CONDITION_INCIDENT_OPEN, n);
}

static void read_participant(struct reader *r, const struct node *n, void *target)
{
    uint32_t unit = source_unit(r, n);
    if (unit != ROW_NONE)
        add(target, CONDITION_INCIDENT_PARTICIPANT, n)->unit = unit;
}

static void read_younger(struct reader *r, const struct node *n, void *target)
{
    int64_t us;
    if (read_duration(r, n, "incident.younger_than", &us))
        add(target, CONDITION_INCIDENT_YOUNGER, n)->number = us;
}

static void read_incident(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"state", false, read_state},
                                           {"participant", false, read_participant},
                                           {"younger_than", false, read_younger}};
    (void)read_map(r, n, "incident", keys, ARRAY_LEN(keys), target);
}

static void read_incident_type(struct reader *r, const struct node *n, void *target)
{
    uint64_t mask;
    source_words(r, n, WORD_INCIDENT_TYPE, "incident type", &mask);
    add(target, CONDITION_INCIDENT_TYPE, n)->mask = mask;
}

static void read_basis(struct reader *r, const struct node *n, void *target)
{
    uint64_t mask;
    source_bases(r, n, &mask);
    add(target, CONDITION_BASIS, n)->mask = mask;
}

static void read_assigned(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"yes"};
    unsigned chosen;
    if (read_choice(r, n, "assigned", words, ARRAY_LEN(words), &chosen))
        (void)add(target, CONDITION_ASSIGNED, n);
}

static void read_within_m(struct reader *r, const struct node *n, void *target)
{
    int64_t metres;
    if (has_meaning(r, target, n, CONDITION_CAMERA_WITHIN, ASKS_CAMERA) &&
        read_number(r, n, "metres", 1, 1000000, &metres))
        add(target, CONDITION_CAMERA_WITHIN, n)->metres = (double)metres;
}

static void read_installed_for(struct reader *r, const struct node *n, void *target)
{
    uint64_t mask;
    if (!has_meaning(r, target, n, CONDITION_CAMERA_INSTALLED_FOR, ASKS_CAMERA))
        return;
    source_words(r, n, WORD_CAMERA_PURPOSE, "camera purpose", &mask);
    add(target, CONDITION_CAMERA_INSTALLED_FOR, n)->mask = mask;
}

/* A list of words of the contract's own enums: bit 1 << number. */
struct choices {
    const char *what;
    const char *const *words;
    size_t count;
    uint64_t mask;
};

static void add_choice(struct reader *r, const struct node *n, void *target)
{
    struct choices *c = target;
    unsigned chosen;
    if (read_choice(r, n, c->what, c->words, c->count, &chosen))
        c->mask |= UINT64_C(1) << chosen;
}

static void read_choices(struct reader *r, const struct node *n, struct when *w,
                         enum condition_op op, unsigned asks, const char *const *words,
                         size_t count)
{
    struct choices c = {keys_of[op], words, count, 0};
    if (!has_meaning(r, w, n, op, asks))
        return;
    source_each_text(r, n, c.what, add_choice, &c);
    add(w, op, n)->mask = c.mask;
}

static void read_camera_kind(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[CAMERA_KINDS] = {"fixed", "drone", "vehicle"};
    read_choices(r, n, target, CONDITION_CAMERA_KIND, ASKS_CAMERA, words, ARRAY_LEN(words));
}

static void read_camera(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"within_m_of_incident", false, read_within_m},
                                           {"installed_for", false, read_installed_for},
                                           {"kind", false, read_camera_kind}};
    (void)read_map(r, n, "camera", keys, ARRAY_LEN(keys), target);
}

/* In the order of the contract's SubjectCategory, AgeBand, ConsentGiver and PositionOrigin; number
 * 0 has no word, but for an origin, where it means a place that is nobody's position. */
static const char *const categories[] = {"not-given",
                                         "child",
                                         "dementia",
                                         "adult-ward",
                                         "registered-severe-mental-disability",
                                         "other-disability",
                                         "living-alone",
                                         "intellectual-autistic-mental-disability"};
static const char *const age_bands[] = {"not-given", "up-to-8", "9-to-13", "14-to-17", "adult"};
static const char *const givers[] = {"not-given", "subject", "legal-representative",
                                     "lia-26-guardian"};
static const char *const origins[] = {"place",           "caller-stated", "lia-29",  "lia-consent",
                                      "missing-persons", "device",        "disaster"};

static void read_category(struct reader *r, const struct node *n, void *target)
{
    read_choices(r, n, target, CONDITION_CATEGORY, ASKS_CONSENT, categories, ARRAY_LEN(categories));
}

static void read_age_band(struct reader *r, const struct node *n, void *target)
{
    read_choices(r, n, target, CONDITION_AGE_BAND, ASKS_CONSENT, age_bands, ARRAY_LEN(age_bands));
}

static void read_subject(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"category", false, read_category},
                                           {"age_band", false, read_age_band}};
    (void)read_map(r, n, "subject", keys, ARRAY_LEN(keys), target);
}

static void read_given_by(struct reader *r, const struct node *n, void *target)
{
    read_choices(r, n, target, CONDITION_CONSENT_GIVEN_BY, ASKS_CONSENT, givers, ARRAY_LEN(givers));
}

static void read_names(struct reader *r, const struct node *n, struct when *w, enum condition_op op)
{
    static const char *const words[] = {"yes"};
    unsigned chosen;
    if (has_meaning(r, w, n, op, ASKS_CONSENT) &&
        read_choice(r, n, keys_of[op], words, ARRAY_LEN(words), &chosen))
        (void)add(w, op, n);
}

static void read_names_recipient(struct reader *r, const struct node *n, void *target)
{
    read_names(r, n, target, CONDITION_CONSENT_NAMES_RECIPIENT);
}

static void read_names_purpose(struct reader *r, const struct node *n, void *target)
{
    read_names(r, n, target, CONDITION_CONSENT_NAMES_PURPOSE);
}

static void read_consent(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"given_by", true, read_given_by},
                                           {"names_recipient", false, read_names_recipient},
                                           {"names_purpose", false, read_names_purpose}};
    (void)read_map(r, n, "consent", keys, ARRAY_LEN(keys), target);
}

static void read_origin(struct reader *r, const struct node *n, void *target)
{
    read_choices(r, n, target, CONDITION_ORIGIN, ASKS_ORIGIN, origins, ARRAY_LEN(origins));
}

static void read_evidence(struct reader *r, const struct node *n, void *target)
{
    uint64_t mask;
    source_words(r, n, WORD_EVIDENCE, "kind of evidence", &mask);
    add(target, CONDITION_EVIDENCE, n)->mask = mask;
}

static void read_actor(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"required"};
    unsigned chosen;
    if (read_choice(r, n, "actor", words, ARRAY_LEN(words), &chosen))
        (void)add(target, CONDITION_ACTOR, n);
}

static void read_any(struct reader *r, const struct node *n, void *target);

static const struct read_key keys[] = {{"subject", false, read_subject},
                                       {"consent", false, read_consent},
                                       {"actor", false, read_actor},
                                       {"evidence", false, read_evidence},
                                       {"basis", false, read_basis},
                                       {"origin", false, read_origin},
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
        uint32_t before = w->grant->conditions;
        (void)read_map(r, node_item(n, i), "an alternative", keys, ARRAY_LEN(keys) - 1,
                       &alternative);
        if (w->grant->conditions == before) /* an empty alternative would always hold */
            read_fail(r, node_item(n, i), DIAGNOSE_EMPTY_LIST, "an alternative", NULL, NULL);
    }
}

void compile_when(struct reader *r, const struct node *n, struct row_grant *grant)
{
    struct compilation *c = COMPILATION_OF(r);
    struct when w = {c, grant, 0};
    grant->condition_first = (uint32_t)builder_count(c, SECTION_CONDITIONS);
    (void)read_map(r, n, "when", keys, ARRAY_LEN(keys), &w);
}

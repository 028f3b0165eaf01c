/* The conditions of a grant: `when`, with its alternatives under `any`. One reader a key. */
#include "policy/builder.h"

enum { ALTERNATIVES_MAX = 16 };

/* Where conditions go: the grant, and which alternative is being read (0: must hold). */
struct when {
    struct compilation *c;
    struct row_grant *grant;
    uint8_t alternative;
};

static const char *const keys_of[CONDITION_OPS] = {
#define CONDITION(NAME, reason, ground, text) [CONDITION_##NAME] = text,
#include "policy/conditions.def"
#undef CONDITION
};

static struct row_condition *add(struct when *w, enum condition_op op, const struct node *n)
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

/* False, after an error, when the grant's kind cannot be asked this. */
static bool has_meaning(struct reader *r, const struct when *w, const struct node *n,
                        enum condition_op op, unsigned asks)
{
    enum kind_id kind = (enum kind_id)w->grant->kind;
    if ((kind_asks(kind) & asks) != 0)
        return true;
    read_fail(r, n, DIAGNOSE_CONDITION_NOT_FOR_KIND, keys_of[op], kind_row(kind)->name, NULL);
    return false;
}

/* A map of conditions; an empty one would ask nothing, and look as if it did. */
static void read_conditions(struct reader *r, const struct node *n, const char *what,
                            const struct read_key *keys, size_t count, void *target)
{
    if (read_map(r, n, what, keys, count, target) && node_count(n) == 0)
        read_fail(r, n, DIAGNOSE_EMPTY_CONDITIONS, what, NULL, NULL);
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
    read_conditions(r, n, "incident", keys, ARRAY_LEN(keys), target);
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
        read_number(r, n, keys_of[CONDITION_CAMERA_WITHIN], 1, 1000000, &metres))
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

/* The words of one of the contract's own enums, the first with number `first`. */
struct choices {
    const char *const *words;
    size_t count;
    unsigned first;
};

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

static void read_choices(struct reader *r, const struct node *n, struct when *w,
                         enum condition_op op, unsigned asks, const struct choices *from)
{
    struct chosen c = {from, keys_of[op], 0};
    if (!has_meaning(r, w, n, op, asks))
        return;
    source_each_text(r, n, c.what, add_choice, &c);
    add(w, op, n)->mask = c.mask;
}

static void read_camera_kind(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[CAMERA_KINDS] = {"fixed", "drone", "vehicle"};
    static const struct choices kinds = {words, CAMERA_KINDS, CAMERA_FIXED};
    read_choices(r, n, target, CONDITION_CAMERA_KIND, ASKS_CAMERA, &kinds);
}

static void read_camera(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"within_m_of_incident", false, read_within_m},
                                           {"installed_for", false, read_installed_for},
                                           {"kind", false, read_camera_kind}};
    read_conditions(r, n, "camera", keys, ARRAY_LEN(keys), target);
}

/* In the order of the contract's SubjectCategory, AgeBand, ConsentGiver and PositionOrigin. Number
 * 0 means "not given" and has no word, but for an origin, where it is a place that is nobody's
 * position. */
static const char *const categories[] = {"child",
                                         "dementia",
                                         "adult-ward",
                                         "registered-severe-mental-disability",
                                         "other-disability",
                                         "living-alone",
                                         "intellectual-autistic-mental-disability"};
static const char *const age_bands[] = {"up-to-8", "9-to-13", "14-to-17", "adult"};
static const char *const givers[] = {"subject", "legal-representative", "lia-26-guardian"};
static const char *const origins[] = {"place",           "caller-stated", "lia-29",  "lia-consent",
                                      "missing-persons", "device",        "disaster"};

static void read_category(struct reader *r, const struct node *n, void *target)
{
    static const struct choices from = {categories, ARRAY_LEN(categories), 1};
    read_choices(r, n, target, CONDITION_CATEGORY, ASKS_CONSENT, &from);
}

static void read_age_band(struct reader *r, const struct node *n, void *target)
{
    static const struct choices from = {age_bands, ARRAY_LEN(age_bands), 1};
    read_choices(r, n, target, CONDITION_AGE_BAND, ASKS_CONSENT, &from);
}

static void read_subject(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"category", false, read_category},
                                           {"age_band", false, read_age_band}};
    read_conditions(r, n, "subject", keys, ARRAY_LEN(keys), target);
}

static void read_given_by(struct reader *r, const struct node *n, void *target)
{
    static const struct choices from = {givers, ARRAY_LEN(givers), 1};
    read_choices(r, n, target, CONDITION_CONSENT_GIVEN_BY, ASKS_CONSENT, &from);
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
    static const struct choices from = {origins, ARRAY_LEN(origins), 0};
    read_choices(r, n, target, CONDITION_ORIGIN, ASKS_ORIGIN, &from);
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
        read_conditions(r, node_item(n, i), "an alternative", keys, ARRAY_LEN(keys) - 1,
                        &alternative);
    }
}

void compile_when(struct reader *r, const struct node *n, struct row_grant *grant)
{
    struct compilation *c = COMPILATION_OF(r);
    struct when w = {c, grant, 0};
    grant->condition_first = (uint32_t)builder_count(c, SECTION_CONDITIONS);
    read_conditions(r, n, "when", keys, ARRAY_LEN(keys), &w);
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

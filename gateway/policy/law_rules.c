/* The rules of the legal catalogue as they are written: what each applies to, and what it requires.
 * One reader a kind of value; the predicates are in rule_predicates.def. */
#include "policy/clause.h"
#include "policy/law.h"

#include "base/limits.h"
#include "base/nearest.h"

/* ---- values */

static void value_kinds(struct reader *r, const struct node *n, const char *key,
                        struct predicate_value *v)
{
    (void)key;
    source_kinds(r, n, &v->mask);
}

/* A code, or all that begin so: "kr/location/" with a star behind. */
static void add_bases(struct reader *r, const struct node *n, void *target)
{
    const struct compilation *c = COMPILATION_OF(r);
    struct bytes code = node_text(n);
    const bool begins = code.n > 2 && code.p[code.n - 1] == '*' && code.p[code.n - 2] == '/';
    uint64_t mask = 0;
    if (begins)
        code.n--;
    for (size_t i = 0; i < builder_count(c, SECTION_BASES); i++) {
        const struct row_basis *b = builder_row(c, SECTION_BASES, i);
        const struct bytes known = bytes_of_text(builder_text_at(c, b->code));
        if (bytes_equal(known, code) ||
            (begins && known.n > code.n && bytes_equal(bytes_of(known.p, code.n), code)))
            mask |= UINT64_C(1) << i;
    }
    if (mask == 0 && !begins)
        source_bases(r, n, &mask); /* says what is near */
    *(uint64_t *)target |= mask;
}

static void value_bases(struct reader *r, const struct node *n, const char *key,
                        struct predicate_value *v)
{
    source_each_text(r, n, key, add_bases, &v->mask);
}

static void add_rely(struct reader *r, const struct node *n, void *target)
{
    unsigned rely;
    if (law_read_rely(r, n, &rely))
        *(uint64_t *)target |= UINT64_C(1) << rely;
}

static void value_rely(struct reader *r, const struct node *n, const char *key,
                       struct predicate_value *v)
{
    source_each_text(r, n, key, add_rely, &v->mask);
}

static void value_yes_no(struct reader *r, const struct node *n, const char *key,
                         struct predicate_value *v)
{
    bool yes = false;
    (void)read_yes_no(r, n, key, &yes);
    v->mask = yes;
}

static void value_roles(struct reader *r, const struct node *n, const char *key,
                        struct predicate_value *v)
{
    uint32_t mask;
    (void)key;
    source_roles(r, n, &mask);
    v->mask = mask;
}

static void value_audio(struct reader *r, const struct node *n, const char *key,
                        struct predicate_value *v)
{
    uint8_t allowed = 0;
    (void)key;
    (void)grant_read_sound(r, n, &allowed);
    v->mask = allowed;
}

static void value_when(struct reader *r, const struct node *n, const char *key,
                       struct predicate_value *v)
{
    (void)key;
    v->conditions = when_of_rule(r, n, v->condition, RULE_CONDITIONS_MAX);
}

static void add_has(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {
#define HAS(word) #word,
#include "policy/rule_has.def"
#undef HAS
    };
    unsigned i;
    if (read_choice(r, n, "has", words, ARRAY_LEN(words), &i))
        *(uint64_t *)target |= UINT64_C(1) << i;
}

static void value_has(struct reader *r, const struct node *n, const char *key,
                      struct predicate_value *v)
{
    source_each_text(r, n, key, add_has, &v->mask);
}

static void add_condition(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {
#define CONDITION(NAME, reason, ground, text) text,
#include "policy/conditions.def"
#undef CONDITION
    };
    unsigned i;
    if (read_choice(r, n, "asks_for", words, ARRAY_LEN(words), &i))
        *(uint64_t *)target |= UINT64_C(1) << i;
}

static void value_conditions(struct reader *r, const struct node *n, const char *key,
                             struct predicate_value *v)
{
    source_each_text(r, n, key, add_condition, &v->mask);
}

static void add_start(struct reader *r, const struct node *n, void *target)
{
    uint8_t start;
    if (grant_read_start(r, n, &start))
        *(uint64_t *)target |= UINT64_C(1) << start;
}

static void value_starts_at(struct reader *r, const struct node *n, const char *key,
                            struct predicate_value *v)
{
    source_each_text(r, n, key, add_start, &v->mask);
}

static void value_evidence(struct reader *r, const struct node *n, const char *key,
                           struct predicate_value *v)
{
    (void)key;
    source_words(r, n, WORD_EVIDENCE, "kind of evidence", &v->mask);
}

static void value_duration(struct reader *r, const struct node *n, const char *key,
                           struct predicate_value *v)
{
    (void)read_duration(r, n, key, &v->us);
}

/* Whether there is such a rule is known when all were read. */
static void value_rule(struct reader *r, const struct node *n, const char *key,
                       struct predicate_value *v)
{
    if (read_is_text(r, n, key))
        v->text = builder_text(COMPILATION_OF(r), node_text(n));
    v->node = n;
}

/* ---- sides */

#define PREDICATE(NAME, key, sides, values)                                                        \
    static void read_##NAME(struct reader *r, const struct node *n, void *target)                  \
    {                                                                                              \
        struct predicate_value *v = &((struct rule_side *)target)->value[PREDICATE_##NAME];        \
        v->stated = true;                                                                          \
        value_##values(r, n, key, v);                                                              \
    }
#include "policy/rule_predicates.def"
#undef PREDICATE

/* Which predicates may stand on which side. */
#define IN_APPLIES_APPLIES(NAME, key) {key, false, read_##NAME},
#define IN_APPLIES_EITHER(NAME, key)  {key, false, read_##NAME},
#define IN_APPLIES_REQUIRES(NAME, key)
#define IN_REQUIRES_APPLIES(NAME, key)
#define IN_REQUIRES_EITHER(NAME, key)   {key, false, read_##NAME},
#define IN_REQUIRES_REQUIRES(NAME, key) {key, false, read_##NAME},

static void read_side(struct reader *r, const struct node *n, const char *what,
                      const struct read_key *keys, size_t count, struct rule_side *side)
{
    if (read_map(r, n, what, keys, count, side) && node_count(n) == 0)
        read_fail(r, n, DIAGNOSE_EMPTY_CONDITIONS, what, NULL, NULL);
}

static void read_applies(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {
#define PREDICATE(NAME, key, sides, values) IN_APPLIES_##sides(NAME, key)
#include "policy/rule_predicates.def"
#undef PREDICATE
    };
    read_side(r, n, "applies", keys, ARRAY_LEN(keys), &((struct rule *)target)->applies);
}

static void read_requires(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {
#define PREDICATE(NAME, key, sides, values) IN_REQUIRES_##sides(NAME, key)
#include "policy/rule_predicates.def"
#undef PREDICATE
    };
    struct rule *rule = target;
    rule->has_requires = true;
    read_side(r, n, "requires", keys, ARRAY_LEN(keys), &rule->requires);
}

/* ---- a rule */

static void read_about(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"grant", "memorandum"};
    unsigned about;
    if (read_choice(r, n, "about", words, ARRAY_LEN(words), &about))
        ((struct rule *)target)->of_memorandum = about == 1;
}

static void read_severity(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"error", "warning"};
    unsigned severity;
    if (read_choice(r, n, "severity", words, ARRAY_LEN(words), &severity))
        ((struct rule *)target)->is_warning = severity == 1;
}

#define TEXT_KEY(key)                                                                              \
    static void read_its_##key(struct reader *r, const struct node *n, void *target)               \
    {                                                                                              \
        struct rule *rule = target;                                                                \
        source_both(r, n, #key, &rule->key##_en, &rule->key##_ko);                                 \
    }
TEXT_KEY(says)
TEXT_KEY(ground)
TEXT_KEY(text)
TEXT_KEY(advice)
#undef TEXT_KEY

/* A rule about a memorandum cannot ask what only a grant has. */
static void check_about(struct reader *r, const struct rule *rule, const struct node *n)
{
    static const char *const keys[] = {
#define PREDICATE(NAME, key, sides, values) key,
#include "policy/rule_predicates.def"
#undef PREDICATE
    };
    for (size_t i = 0; i < PREDICATES; i++) {
        const bool memorandums = i == PREDICATE_HAS || i == PREDICATE_LACKS;
        const bool fits = rule->of_memorandum ? memorandums || i == PREDICATE_NO_GRANT_THAT
                                              : i != PREDICATE_NO_GRANT_THAT;
        if (!fits && (rule->applies.value[i].stated || rule->requires.value[i].stated))
            read_fail(r, n, DIAGNOSE_RULE_NOT_ABOUT, keys[i],
                      rule->of_memorandum ? "a memorandum" : "a grant", NULL);
    }
}

static struct rule *rule_with(const struct compilation *c, uint32_t code)
{
    for (size_t i = 0; i < law_rules(c); i++)
        if (law_rule(c, i)->entry.code == code)
            return law_rule(c, i);
    return NULL;
}

static void read_rule(struct reader *r, const struct node *key, const struct node *value)
{
    static const struct read_key keys[] = {{"about", true, read_about},
                                           {"severity", true, read_severity},
                                           {"says", true, read_its_says},
                                           {"applies", false, read_applies},
                                           {"requires", false, read_requires},
                                           {"ground", true, read_its_ground},
                                           {"text", true, read_its_text},
                                           {"advice", true, read_its_advice},
                                           LAW_ENTRY_KEYS};
    struct compilation *c = COMPILATION_OF(r);
    struct rule rule = {.entry = {.c = c, .node = key, .until_us = INT64_MAX}};
    if (!law_is_code(node_text(key))) {
        read_fail(r, key, DIAGNOSE_NOT_A_CODE, node_c(key), NULL, NULL);
        return;
    }
    rule.entry.code = builder_text(c, node_text(key));
    const struct rule *other = rule_with(c, rule.entry.code);
    if (other != NULL) {
        read_fail(r, key, DIAGNOSE_DEFINED_TWICE, node_c(key), "rule of law", "legal/");
        read_also(r, other->entry.node);
    }
    const size_t before = diagnose_errors(r->d);
    (void)read_map(r, value, "a rule of law", keys, ARRAY_LEN(keys), &rule);
    check_about(r, &rule, key);
    rule.entry.is_whole = diagnose_errors(r->d) == before;
    law_add_rule(c, &rule);
}

void law_read_rules(struct reader *r, const struct node *n)
{
    if (!read_is_map(r, n, "rules"))
        return;
    for (size_t i = 0; i < node_count(n); i++)
        read_rule(r, node_key(n, i), node_value(n, i));
}

void law_link_rules(struct compilation *c)
{
    for (size_t i = 0; i < law_rules(c); i++) {
        const struct predicate_value *v = &law_rule(c, i)->applies.value[PREDICATE_NO_GRANT_THAT];
        const char *nearest = NULL;
        if (v->text == 0 || rule_with(c, v->text) != NULL)
            continue;
        law_rule(c, i)->entry.is_whole = false;
        read_fail(&c->reader, v->node, DIAGNOSE_UNKNOWN_WORD, node_c(v->node), "rule of law", NULL);
        for (size_t k = 0; k < law_rules(c); k++)
            nearest_offer(node_text(v->node), builder_text_at(c, law_rule(c, k)->entry.code),
                          &nearest);
        diagnose_hint(c->reader.d, nearest, NULL);
    }
}

/* What rules of law can ask: one function for each predicate of rule_predicates.def. Nothing here
 * names an Act. */
#include "policy/clause.h"
#include "policy/law_judged.h"
#include "policy/when.h"

#include <stdio.h>

/* ---- places */

const struct node *judged_item(const struct node *list, const char *text)
{
    for (size_t i = 0; list != NULL && i < node_count(list); i++)
        if (node_type(list) == NODE_LIST && bytes_is(node_text(node_item(list, i)), text))
            return node_item(list, i);
    return list;
}

/* The value behind a key such as "subject.age_band", or NULL. */
static const struct node *find_path(const struct node *map, const char *path)
{
    char key[64];
    const char *dot = strchr(path, '.');
    const size_t n = dot == NULL ? strlen(path) : (size_t)(dot - path);
    (void)snprintf(key, sizeof key, "%.*s", (int)n, path);
    const struct node *value = map == NULL ? NULL : node_member(map, key);
    return dot == NULL || value == NULL ? value : find_path(value, dot + 1);
}

static void point(struct judged *j, const struct node *n)
{
    if (n != NULL)
        j->place = n;
}

/* The condition in this way, else outside the alternatives, else the way. */
static void point_condition(struct judged *j, enum condition_op op)
{
    const struct node *n = find_path(j->when, when_key(op));
    if (n == NULL)
        n = find_path(node_member(j->node, "when"), when_key(op));
    point(j, n == NULL && j->when != j->node ? j->when : n);
}

/* ---- predicates: about the basis and the parties */

const struct row_party *judged_party(const struct compilation *c, uint32_t unit)
{
    const struct row_unit *u = builder_row(c, SECTION_UNITS, unit);
    return builder_row(c, SECTION_PARTIES, u->party);
}

static bool holds_KINDS(struct judged *j, const struct predicate_value *v)
{
    return has_bit(v->mask, j->grant->kind);
}

static bool holds_OTHER_KINDS_THAN(struct judged *j, const struct predicate_value *v)
{
    return !has_bit(v->mask, j->grant->kind);
}

static void point_basis(struct judged *j)
{
    point(j,
          judged_item(node_member(j->node, "basis_any_of"), builder_text_at(j->c, j->basis->code)));
}

static bool holds_BASES(struct judged *j, const struct predicate_value *v)
{
    const struct row_basis *first = builder_row(j->c, SECTION_BASES, 0);
    point_basis(j);
    return has_bit(v->mask, (unsigned)(j->basis - first));
}

static bool holds_BASES_RELY(struct judged *j, const struct predicate_value *v)
{
    point_basis(j);
    return has_bit(v->mask, j->basis->rely);
}

static bool holds_BASES_PUBLISH(struct judged *j, const struct predicate_value *v)
{
    point_basis(j);
    return j->basis->publish == v->mask;
}

static bool holds_PROVIDER_PUBLIC(struct judged *j, const struct predicate_value *v)
{
    return judged_party(j->c, j->grant->from)->public_institution == v->mask;
}

static bool holds_PROVIDER_ROLE(struct judged *j, const struct predicate_value *v)
{
    return (judged_party(j->c, j->grant->from)->roles & v->mask) != 0;
}

/* What goes to the gateway itself is no release. */
static bool is_released_to(struct judged *j, uint32_t unit, const struct node *units,
                           uint64_t other_than)
{
    if (unit == j->c->header.self || (judged_party(j->c, unit)->roles & other_than) != 0)
        return false;
    const struct row_unit *u = builder_row(j->c, SECTION_UNITS, unit);
    j->recipient = unit;
    point(j, judged_item(units, builder_text_at(j->c, u->name)));
    return true;
}

/* Who gets it by `else` gets what the others do. */
static bool holds_RECIPIENTS_OTHER_THAN(struct judged *j, const struct predicate_value *v)
{
    const struct node *to = node_member(j->node, "to");
    for (uint32_t i = 0; i < j->grant->tos; i++)
        if (is_released_to(j,
                           *(uint32_t *)builder_row(j->c, SECTION_NUMBERS, j->grant->to_first + i),
                           to, v->mask))
            return true;
    return j->else_unit != ROW_NONE &&
           is_released_to(j, j->else_unit, grant_else(j->node), v->mask);
}

/* ---- about what is carried */

static bool holds_CARRIES_POSITIONS(struct judged *j, const struct predicate_value *v)
{
    return j->grant->keeps_positions == v->mask;
}

static bool holds_CARRIES_CONSENT(struct judged *j, const struct predicate_value *v)
{
    return ((kind_asks((enum kind_id)j->grant->kind) & ASKS_CONSENT) != 0) == (v->mask != 0);
}

static bool holds_AUDIO(struct judged *j, const struct predicate_value *v)
{
    point(j, find_path(j->node, "limits.audio"));
    return j->grant->audio_allowed == v->mask;
}

/* ---- about conditions */

/* Under `applies`: whether a message may be so. */
static bool may_be(struct judged *j, const struct predicate_value *v)
{
    for (uint32_t i = 0; i < v->conditions; i++) {
        const struct row_condition *asked = &v->condition[i];
        if (asked->mask != 0 ? (j->way.mask[asked->op] & asked->mask) == 0
                             : !j->way.stated[asked->op])
            return false;
    }
    return true;
}

/* Whether what the grant asks is as strict as what the rule does. */
static bool is_as_strict(const struct row_condition *has, const struct row_condition *asked)
{
    return (asked->number == 0 || has->number <= asked->number) &&
           (asked->metres <= 0 || has->metres <= asked->metres) &&
           (asked->unit == ROW_NONE || has->unit == asked->unit);
}

/* Under `requires`: whether every message is so. */
static bool holds_WHEN(struct judged *j, const struct predicate_value *v)
{
    for (uint32_t i = 0; i < v->conditions; i++) {
        const struct row_condition *asked = &v->condition[i];
        if (asked->mask != 0
                ? (j->way.mask[asked->op] & ~asked->mask) == 0
                : j->way.stated[asked->op] && is_as_strict(j->way.last[asked->op], asked))
            continue;
        point_condition(j, (enum condition_op)asked->op);
        return false;
    }
    return true;
}

static bool holds_ASKS_FOR(struct judged *j, const struct predicate_value *v)
{
    for (unsigned op = 0; op < CONDITION_OPS; op++) {
        if (!has_bit(v->mask, op) || j->way.stated[op])
            continue;
        point_condition(j, (enum condition_op)op);
        return false;
    }
    return true;
}

static bool holds_EVIDENCE(struct judged *j, const struct predicate_value *v)
{
    const bool by_basis = j->basis->evidence != 0 && (j->basis->evidence & ~v->mask) == 0;
    return by_basis || (j->way.mask[CONDITION_EVIDENCE] & ~v->mask) == 0;
}

/* ---- about keys */

static bool says_nothing(const struct node *n)
{
    return node_type(n) == NODE_LIST && node_count(n) == 0;
}

/* The node behind the n-th word of rule_has.def, unless it says `refuse`, or lists nothing. */
static const struct node *find_had(const struct judged *j, unsigned n)
{
    static const char *const words[] = {
#define HAS(word) #word,
#include "policy/rule_has.def"
#undef HAS
    };
    const struct node *had = node_member(j->node, words[n]);
    if (had == NULL)
        had = node_member(j->c->memorandum, words[n]);
    return had == NULL || says_nothing(had) || bytes_is(node_text(had), "refuse") ? NULL : had;
}

static bool holds_HAS(struct judged *j, const struct predicate_value *v)
{
    for (unsigned i = 0; i < 64; i++) {
        if (!has_bit(v->mask, i))
            continue;
        if (find_had(j, i) == NULL)
            return false;
        if (j->grant == NULL)
            point(j, find_had(j, i));
    }
    return true;
}

static bool holds_LACKS(struct judged *j, const struct predicate_value *v)
{
    for (unsigned i = 0; i < 64; i++)
        if (has_bit(v->mask, i) && find_had(j, i) != NULL)
            return false;
    return true;
}

static bool holds_NO_GRANT_THAT(struct judged *j, const struct predicate_value *v)
{
    for (size_t i = 0; i < law_rules(j->c); i++)
        if (law_rule(j->c, i)->entry.code == v->text)
            return !law_rule(j->c, i)->met;
    return true;
}

/* ---- about times */

static bool holds_DELAY_AT_MOST(struct judged *j, const struct predicate_value *v)
{
    if (j->grant->delay_us <= v->us)
        return true;
    point(j, find_path(j->node, "destroy.delay"));
    return false;
}

static bool holds_STARTS_AT(struct judged *j, const struct predicate_value *v)
{
    if (has_bit(v->mask, j->grant->starts_at))
        return true;
    point(j, find_path(j->node, "destroy.starts_at"));
    return false;
}

static bool holds_KEPT_AT_MOST(struct judged *j, const struct predicate_value *v)
{
    if (!holds_DELAY_AT_MOST(j, v))
        return false;
    if (j->grant->ceiling_us <= v->us)
        return true;
    point(j, find_path(j->node, "destroy.at_most_after_recording"));
    return false;
}

/* Of the bases at `path` in the grant: the first that is not among `allowed`. */
static bool are_among(struct judged *j, const char *path, uint64_t allowed)
{
    const struct node *bases = find_path(j->node, path);
    uint64_t mask = 0;
    if (bases != NULL)
        source_bases(j->r, bases, &mask);
    if ((mask & ~allowed) == 0)
        return true;
    const struct row_basis *b =
        builder_row(j->c, SECTION_BASES, (size_t)__builtin_ctzll(mask & ~allowed));
    point(j, judged_item(bases, builder_text_at(j->c, b->code)));
    return false;
}

static bool holds_ONWARD_BASES(struct judged *j, const struct predicate_value *v)
{
    return are_among(j, "onward.basis_any_of", v->mask);
}

static bool holds_KEEP_BASES_RELY(struct judged *j, const struct predicate_value *v)
{
    uint64_t allowed = 0;
    for (size_t i = 0; i < builder_count(j->c, SECTION_BASES); i++) {
        const struct row_basis *b = builder_row(j->c, SECTION_BASES, i);
        if (has_bit(v->mask, b->rely))
            allowed |= UINT64_C(1) << i;
    }
    return are_among(j, "keep.basis_any_of", allowed);
}

typedef bool predicate_holds(struct judged *j, const struct predicate_value *v);

bool judged_hold(struct judged *j, const struct rule_side *side, bool applies)
{
    static predicate_holds *const holds[PREDICATES] = {
#define PREDICATE(NAME, key, sides, values) [PREDICATE_##NAME] = holds_##NAME,
#include "policy/rule_predicates.def"
#undef PREDICATE
    };
    for (size_t i = 0; i < PREDICATES; i++) {
        const struct predicate_value *v = &side->value[i];
        predicate_holds *asked = applies && i == PREDICATE_WHEN ? may_be : holds[i];
        if (v->stated && !asked(j, v))
            return false;
    }
    return true;
}

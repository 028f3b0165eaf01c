/*
 * Whether grants and memoranda keep the rules of the legal catalogue. A grant may hold in several
 * ways, one for each alternative under `any`, on each of its bases; each of them has to keep the
 * rules by itself. Nothing here names an Act.
 */
#include "policy/law.h"
#include "policy/when.h"

#include <stdio.h>

enum { SOON_DAYS = 90, PLACES_MAX = 32, SAYS_MAX = 1 << 17 };

/* What all conditions of one way together allow. */
struct way {
    uint64_t mask[CONDITION_OPS];
    bool stated[CONDITION_OPS];
    const struct row_condition *last[CONDITION_OPS]; /* of those stated */
};

/* What is judged: a memorandum, or a grant in one way on one basis. */
struct judged {
    struct reader *r;
    struct compilation *c;
    const struct node *node;       /* the grant, or the memorandum */
    const struct row_grant *grant; /* NULL: a memorandum */
    const struct node *when;       /* the alternative, or `when`, or the grant */
    struct way way;
    const struct row_basis *basis;
    const struct node *place; /* what the rule is about; NULL: all of it */
    uint32_t recipient;       /* unit, or ROW_NONE */
};

/* ---- places */

static const struct node *find_item(const struct node *list, const char *text)
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

static const struct row_party *party_of(const struct compilation *c, uint32_t unit)
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
          find_item(node_member(j->node, "basis_any_of"), builder_text_at(j->c, j->basis->code)));
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
    return party_of(j->c, j->grant->from)->public_institution == v->mask;
}

static bool holds_PROVIDER_ROLE(struct judged *j, const struct predicate_value *v)
{
    return (party_of(j->c, j->grant->from)->roles & v->mask) != 0;
}

/* What goes to the gateway itself is no release. */
static bool holds_RECIPIENTS_OTHER_THAN(struct judged *j, const struct predicate_value *v)
{
    for (uint32_t i = 0; i < j->grant->tos; i++) {
        const uint32_t unit =
            *(uint32_t *)builder_row(j->c, SECTION_NUMBERS, j->grant->to_first + i);
        if (unit == j->c->header.self || (party_of(j->c, unit)->roles & v->mask) != 0)
            continue;
        const struct row_unit *u = builder_row(j->c, SECTION_UNITS, unit);
        j->recipient = unit;
        point(j, find_item(node_member(j->node, "to"), builder_text_at(j->c, u->name)));
        return true;
    }
    return false;
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

/* The node behind the n-th word of rule_has.def, unless it says `refuse`. */
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
    return had == NULL || bytes_is(node_text(had), "refuse") ? NULL : had;
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
    point(j, find_item(bases, builder_text_at(j->c, b->code)));
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

static bool hold(struct judged *j, const struct rule_side *side, bool applies)
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

/* ---- saying it */

/* What stands in braces in a rule's texts. */
static const char *word_of(const struct judged *j, struct bytes name)
{
    const struct compilation *c = j->c;
    const struct row_unit *to =
        j->recipient == ROW_NONE ? NULL : builder_row(c, SECTION_UNITS, j->recipient);
    if (bytes_is(name, "memorandum"))
        return node_c(node_member(c->memorandum, "mou"));
    if (j->grant == NULL)
        return NULL;
    if (bytes_is(name, "grant"))
        return builder_text_at(c, j->grant->name);
    if (bytes_is(name, "kind"))
        return kind_row((enum kind_id)j->grant->kind)->name;
    if (bytes_is(name, "basis"))
        return builder_text_at(c, j->basis->code);
    if (bytes_is(name, "provider"))
        return builder_text_at(c, party_of(c, j->grant->from)->name);
    return bytes_is(name, "recipient") && to != NULL ? builder_text_at(c, to->name) : NULL;
}

/* The rule's text with its words filled in; a brace that names nothing stays. */
static void fill(const struct judged *j, uint32_t text, struct buf *out)
{
    for (const char *at = builder_text_at(j->c, text); *at != '\0';) {
        const char *end = *at == '{' ? strchr(at, '}') : NULL;
        const char *word =
            end == NULL ? NULL
                        : word_of(j, bytes_of((const uint8_t *)at + 1, (size_t)(end - at - 1)));
        if (word == NULL) {
            buf_u8(out, (uint8_t)*at++);
        } else {
            buf_text(out, word);
            at = end + 1;
        }
    }
}

static struct diagnose_both both_at(const struct compilation *c, uint32_t en, uint32_t ko)
{
    return (struct diagnose_both){builder_text_at(c, en), builder_text_at(c, ko)};
}

static void say(const struct judged *j, const struct rule *rule, bool coming)
{
    struct buf en = BUF_INIT(SAYS_MAX), ko = BUF_INIT(SAYS_MAX);
    const struct diagnose_place at = node_place(j->place), law = node_place(rule->entry.node);
    const struct compilation *c = j->c;
    fill(j, rule->says_en, &en);
    fill(j, rule->says_ko, &ko);
    diagnose_add_both(j->r->d,
                      coming             ? DIAGNOSE_LAW_COMING
                      : rule->is_warning ? DIAGNOSE_LAW_DOUBTED
                                         : DIAGNOSE_LAW_BROKEN,
                      &at, (struct diagnose_both){buf_c(&en), buf_c(&ko)},
                      builder_text_at(c, rule->entry.from_text));
    const struct diagnose_law shown = {.code = builder_text_at(c, rule->entry.code),
                                       .file = law.file,
                                       .line = law.line,
                                       .status = rule->entry.status,
                                       .ground = both_at(c, rule->ground_en, rule->ground_ko),
                                       .text = both_at(c, rule->text_en, rule->text_ko),
                                       .advice = both_at(c, rule->advice_en, rule->advice_ko)};
    diagnose_law(j->r->d, &shown);
    buf_free(&en);
    buf_free(&ko);
}

/* ---- one rule */

enum force { NOT_IN_FORCE, IN_FORCE, COMING };

static enum force force_of(const struct law_entry *e)
{
    const int64_t now = e->c->sources->now_us;
    if (!e->is_whole || now >= e->until_us)
        return NOT_IN_FORCE;
    if (now >= e->from_us)
        return IN_FORCE;
    return e->from_us - now <= SOON_DAYS * US_PER_DAY ? COMING : NOT_IN_FORCE;
}

/* Places where a rule was found broken: each is told once. */
struct told {
    const struct node *place[PLACES_MAX];
    size_t count;
};

static void judge(struct judged *j, struct rule *rule, struct told *told)
{
    j->place = NULL;
    j->recipient = ROW_NONE;
    if (!hold(j, &rule->applies, true))
        return;
    rule->met = true;
    if (rule->has_requires && hold(j, &rule->requires, false))
        return;
    if (j->place == NULL) {
        const struct node *name = node_member(j->node, j->grant == NULL ? "mou" : "grant");
        j->place = name == NULL ? j->node : name;
    }
    for (size_t i = 0; i < told->count; i++)
        if (told->place[i] == j->place)
            return;
    if (told->count == PLACES_MAX)
        return;
    told->place[told->count++] = j->place;
    say(j, rule, force_of(&rule->entry) == COMING);
}

/* ---- a grant, way by way */

static void find_way(struct judged *j, unsigned number)
{
    const struct node *when = node_member(j->node, "when");
    const struct node *any = when == NULL ? NULL : node_member(when, "any");
    j->when = any != NULL ? node_item(any, number - 1) : when != NULL ? when : j->node;
    j->way = (struct way){.stated = {false}};
    for (size_t i = 0; i < CONDITION_OPS; i++)
        j->way.mask[i] = UINT64_MAX;
    for (uint32_t i = 0; i < j->grant->conditions; i++) {
        const struct row_condition *k =
            builder_row(j->c, SECTION_CONDITIONS, j->grant->condition_first + i);
        if (k->alternative != 0 && k->alternative != number)
            continue;
        j->way.stated[k->op] = true;
        j->way.last[k->op] = k;
        if (k->mask != 0)
            j->way.mask[k->op] &= k->mask;
    }
}

static unsigned count_ways(const struct node *grant)
{
    const struct node *when = node_member(grant, "when");
    const struct node *any = when == NULL ? NULL : node_member(when, "any");
    return any == NULL ? 1 : (unsigned)node_count(any);
}

/* Calls `each` for each way in which the grant can hold, on each basis that is left there. */
static void each_way(struct judged *j, void (*each)(struct judged *j, void *arg), void *arg)
{
    const unsigned ways = count_ways(j->node);
    for (unsigned number = 1; number <= ways; number++) {
        find_way(j, number);
        for (size_t i = 0; i < builder_count(j->c, SECTION_BASES); i++) {
            if (!has_bit(j->grant->bases & j->way.mask[CONDITION_BASIS], (unsigned)i))
                continue;
            j->basis = builder_row(j->c, SECTION_BASES, i);
            each(j, arg);
        }
    }
}

struct rule_for {
    struct rule *rule;
    struct told told;
    int64_t shortest_us; /* that the law allows at most */
};

static void judge_way(struct judged *j, void *arg)
{
    struct rule_for *f = arg;
    judge(j, f->rule, &f->told);
}

static void take_ceiling(struct judged *j, void *arg)
{
    struct rule_for *f = arg;
    const struct predicate_value *v = &f->rule->requires.value[PREDICATE_KEPT_AT_MOST];
    if (v->us < f->shortest_us && hold(j, &f->rule->applies, true))
        f->shortest_us = v->us;
}

/* How long it is kept at most, where the grant does not say: as long as the law allows. */
static void default_ceiling(struct judged *j, struct row_grant *grant)
{
    struct rule_for f = {.shortest_us = INT64_MAX};
    for (size_t i = 0; i < law_rules(j->c); i++) {
        f.rule = law_rule(j->c, i);
        if (!f.rule->of_memorandum && !f.rule->is_warning &&
            f.rule->requires.value[PREDICATE_KEPT_AT_MOST].stated &&
            force_of(&f.rule->entry) == IN_FORCE)
            each_way(j, take_ceiling, &f);
    }
    if (f.shortest_us != INT64_MAX)
        grant->ceiling_us = f.shortest_us;
    else
        read_fail(j->r, node_member(j->node, "destroy"), DIAGNOSE_MISSING_KEY,
                  "at_most_after_recording", "destroy", NULL);
}

/* A basis that is no law yet, or no more, carries nothing. */
static void check_basis(struct judged *j, size_t i)
{
    const struct law_entry *e = law_basis(j->c, i);
    const int64_t now = j->c->sources->now_us;
    const char *code = builder_text_at(j->c, e->code);
    const struct node *at = find_item(node_member(j->node, "basis_any_of"), code);
    if (now < e->from_us)
        read_fail(j->r, at, DIAGNOSE_BASIS_NOT_YET, code, builder_text_at(j->c, e->from_text),
                  NULL);
    else if (now >= e->until_us)
        read_fail(j->r, at, DIAGNOSE_BASIS_ENDED, code, builder_text_at(j->c, e->until_text), NULL);
    else if (e->until_us != INT64_MAX && e->until_us - now <= SOON_DAYS * US_PER_DAY)
        read_fail(j->r, at, DIAGNOSE_BASIS_ENDING, code, builder_text_at(j->c, e->until_text),
                  NULL);
    else
        return;
    read_also(j->r, e->node);
}

void check_lawful(struct reader *r, const struct node *n, struct row_grant *grant)
{
    struct judged j = {.r = r, .c = COMPILATION_OF(r), .node = n, .grant = grant};
    if (grant->ceiling_us == 0)
        default_ceiling(&j, grant);
    for (size_t i = 0; i < builder_count(j.c, SECTION_BASES); i++)
        if (has_bit(grant->bases, (unsigned)i))
            check_basis(&j, i);
    for (size_t i = 0; i < law_rules(j.c); i++) {
        struct rule_for f = {.rule = law_rule(j.c, i)};
        if (!f.rule->of_memorandum && force_of(&f.rule->entry) != NOT_IN_FORCE)
            each_way(&j, judge_way, &f);
    }
}

/* ---- a memorandum */

void check_lawful_memorandum(struct reader *r, const struct node *n, bool has_errors)
{
    struct judged j = {.r = r, .c = COMPILATION_OF(r), .node = n};
    for (size_t i = 0; i < law_rules(j.c); i++) {
        struct rule *rule = law_rule(j.c, i);
        struct told told = {.count = 0};
        const bool asks_grants = rule->applies.value[PREDICATE_NO_GRANT_THAT].stated;
        if (rule->of_memorandum && !(asks_grants && has_errors) &&
            force_of(&rule->entry) != NOT_IN_FORCE)
            judge(&j, rule, &told);
    }
    for (size_t i = 0; i < law_rules(j.c); i++)
        law_rule(j.c, i)->met = false;
}

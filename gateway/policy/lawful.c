/*
 * Whether grants and memoranda keep the rules of the legal catalogue. A grant may hold in several
 * ways, one for each alternative under `any`, on each of its bases; each of them has to keep the
 * rules by itself. Nothing here names an Act.
 */
#include "policy/law_judged.h"

enum { SOON_DAYS = 90, PLACES_MAX = 32, SAYS_MAX = 1 << 17 };

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
        return builder_text_at(c, judged_party(c, j->grant->from)->name);
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
    if (!judged_hold(j, &rule->applies, true))
        return;
    rule->met = true;
    if (rule->has_requires && judged_hold(j, &rule->requires, false))
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
    if (v->us < f->shortest_us && judged_hold(j, &f->rule->applies, true))
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
    const struct node *at = judged_item(node_member(j->node, "basis_any_of"), code);
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

void check_lawful(struct reader *r, const struct node *n, struct row_grant *grant,
                  uint32_t else_unit)
{
    struct judged j = {
        .r = r, .c = COMPILATION_OF(r), .node = n, .grant = grant, .else_unit = else_unit};
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
    struct judged j = {.r = r, .c = COMPILATION_OF(r), .node = n, .else_unit = ROW_NONE};
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

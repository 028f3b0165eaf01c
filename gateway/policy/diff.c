/* Which messages two sets decide differently. */
#include "policy/analysis.h"

#include "base/mem.h"
#include "policy/answers.h"
#include "policy/terms.h"

#include <stdio.h>
#include <stdlib.h>

enum { MESSAGE_MAX = 1 << 16 };

struct diffing {
    struct universe universe;
    struct space *space;
    struct sample *sample;
    struct answers *answers[SIDES]; /* to the line that is looked at */
    struct policy_diff *out;
    size_t difference_room, uncompared_room;
    size_t slot_first; /* differences of this slot begin here */
    bool korean;
};

/* ---- what is found */

/* What each set is to say of an example: refused (answer NULL), or one of its answers. */
struct expected {
    const struct diffing *d;
    const struct one_answer *answer[SIDES];
    const char *failed[SIDES]; /* why it is refused; NULL: for whatever reason */
};

static bool is_expected(const struct sample *x, const struct expected *e, unsigned side)
{
    const struct answer a = sample_ask(x, e->d->universe.p[side]);
    if (e->answer[side] != NULL)
        return a.verdict == e->answer[side]->verdict && a.decision.grant == e->answer[side]->grant;
    return a.verdict == POLICY_REFUSED &&
           (e->failed[side] == NULL || strcmp(a.decision.failed, e->failed[side]) == 0);
}

static bool both_expected(const struct sample *x, void *arg)
{
    const struct expected *e = arg;
    return is_expected(x, e, 0) && is_expected(x, e, 1);
}

static const char *clause_of(const struct diffing *d, unsigned side, const struct one_answer *a)
{
    const struct policy *p = d->universe.p[side];
    return a == NULL ? "" : policy_text(p, p->grants[a->grant].clause);
}

static enum policy_verdict verdict_of(const struct one_answer *a)
{
    return a == NULL ? POLICY_REFUSED : a->verdict;
}

/* Found already, for another service or number of incidents. */
static bool is_known(const struct diffing *d, const struct expected *e)
{
    for (size_t i = d->slot_first; i < d->out->differences; i++) {
        const struct policy_difference *x = &d->out->difference[i];
        const struct policy_decided *outcome[SIDES] = {&x->old, &x->new};
        bool same = true;
        for (unsigned side = 0; side < SIDES; side++) {
            const char *clause = clause_of(d, side, e->answer[side]);
            same =
                same && outcome[side]->verdict == verdict_of(e->answer[side]) &&
                (e->answer[side] == NULL ? e->failed[side] == NULL ||
                                               strcmp(outcome[side]->failed, e->failed[side]) == 0
                                         : strcmp(outcome[side]->clause, clause) == 0);
        }
        if (same)
            return true;
    }
    return false;
}

static void write_fact(const char *key, const char *value, void *arg)
{
    buf_printf(arg, "%s\t%s\n", key, value);
}

static struct policy_decided outcome(const struct sample *x, const struct policy *p)
{
    const struct answer a = sample_ask(x, p);
    return (struct policy_decided){a.verdict, a.decision.reason, a.decision.clause,
                                   a.decision.failed};
}

static void add_difference(struct diffing *d, const struct expected *e, unsigned aspects)
{
    struct policy_diff *out = d->out;
    struct buf text = BUF_INIT(MESSAGE_MAX);
    sample_reduce(d->sample, both_expected, (void *)e);
    sample_each(d->sample, d->korean, write_fact, &text);
    if (out->differences == d->difference_room) {
        const size_t room = d->difference_room == 0 ? 16 : d->difference_room * 2;
        out->difference =
            mem_grow_array(out->difference, d->difference_room, room, sizeof *out->difference);
        d->difference_room = room;
    }
    out->difference[out->differences++] =
        (struct policy_difference){.kind = kind_row(d->space->line.kind)->name,
                                   .from = d->space->line.from,
                                   .to = d->space->line.to,
                                   .old = outcome(d->sample, d->universe.p[0]),
                                   .new = outcome(d->sample, d->universe.p[1]),
                                   .aspects = aspects,
                                   .message = mem_text(text.p, text.n)};
    buf_free(&text);
}

static void add_uncompared(struct diffing *d, bool too_many)
{
    struct policy_diff *out = d->out;
    const struct line_of *line = &d->space->line;
    for (size_t i = 0; i < out->uncompareds; i++)
        if (strcmp(out->uncompared[i].kind, kind_row(line->kind)->name) == 0 &&
            out->uncompared[i].from == line->from && out->uncompared[i].to == line->to &&
            out->uncompared[i].too_many == too_many)
            return;
    if (out->uncompareds == d->uncompared_room) {
        const size_t room = d->uncompared_room == 0 ? 16 : d->uncompared_room * 2;
        out->uncompared =
            mem_grow_array(out->uncompared, d->uncompared_room, room, sizeof *out->uncompared);
        d->uncompared_room = room;
    }
    out->uncompared[out->uncompareds++] =
        (struct policy_uncompared){kind_row(line->kind)->name, line->from, line->to, too_many};
}

/* An example of the box, confirmed by both decisions, unless one with the same reason to refuse it
 * was told. False when there is none. */
static bool tell_box(struct diffing *d, struct expected *e, const struct box_cells *b,
                     unsigned aspects)
{
    if (!sample_make(d->space, b, d->sample))
        return false;
    e->failed[0] = e->failed[1] = NULL;
    if (!both_expected(d->sample, e)) {
        d->out->unconfirmed++;
        return false;
    }
    for (unsigned side = 0; side < SIDES; side++)
        if (e->answer[side] == NULL)
            e->failed[side] = sample_ask(d->sample, d->universe.p[side]).decision.failed;
    if (!is_known(d, e))
        add_difference(d, e, aspects);
    return true;
}

/* Examples out of the region: one for each condition that refuses under the other set, as far as
 * these show in its boxes. */
static void tell(struct diffing *d, struct expected *e, const struct region *where,
                 unsigned aspects)
{
    enum { MORE_BOXES = 32 };
    bool some = false;
    e->failed[0] = e->failed[1] = NULL;
    if (where->full) {
        add_uncompared(d, true);
        return;
    }
    if (where->count == 0 || is_known(d, e))
        return;
    d->space->unproven = false;
    for (size_t i = 0; i < where->count && (!some || i < MORE_BOXES); i++)
        some = tell_box(d, e, &where->box[i], aspects) || some;
    if (!some && d->space->unproven)
        add_uncompared(d, false);
}

/* ---- one line of questions */

/* Both permit, in another way or with other terms. */
static void compare_two(struct diffing *d, const struct one_answer *a, const struct one_answer *b)
{
    struct expected e = {d, {a, b}, {NULL, NULL}};
    const unsigned aspects =
        terms_differ(d->universe.p[0], a->grant, d->universe.p[1], b->grant,
                     a->verdict == POLICY_EMERGENCY && b->verdict == POLICY_EMERGENCY);
    if (a->verdict == b->verdict && aspects == 0 &&
        strcmp(clause_of(d, 0, a), clause_of(d, 1, b)) == 0)
        return;
    struct region both = {0};
    region_copy(&a->where, &both);
    region_and(&both, &b->where);
    tell(d, &e, &both, aspects);
    region_free(&both);
}

/* One set permits what the other does in no way. */
static void compare_to_nothing(struct diffing *d, unsigned side)
{
    const struct answers *these = d->answers[side], *others = d->answers[1 - side];
    for (size_t i = 0; i < these->count; i++) {
        struct expected e = {d, {NULL, NULL}, {NULL, NULL}};
        struct region rest = {0};
        e.answer[side] = &these->answer[i];
        region_copy(&these->answer[i].where, &rest);
        for (size_t k = 0; k < others->count && rest.count > 0; k++)
            region_minus(&rest, &others->answer[k].where);
        tell(d, &e, &rest, 0);
        region_free(&rest);
    }
}

static void compare(struct diffing *d)
{
    for (unsigned side = 0; side < SIDES; side++)
        answers_find(d->answers[side]);
    if (d->space->full || d->answers[0]->full || d->answers[1]->full) {
        add_uncompared(d, true);
        return;
    }
    for (size_t i = 0; i < d->answers[0]->count; i++)
        for (size_t k = 0; k < d->answers[1]->count; k++)
            compare_two(d, &d->answers[0]->answer[i], &d->answers[1]->answer[k]);
    compare_to_nothing(d, 0);
    compare_to_nothing(d, 1);
}

/* One incident is the rule; without one the message has less evidence; more of them part what one
 * grant asks from what another does. */
static void compare_line(const struct line_of *line, void *arg)
{
    struct diffing *d = arg;
    bool all = true;
    space_begin(d->space, &d->universe, line);
    for (unsigned side = 0; side < SIDES; side++)
        all = answers_begin(d->answers[side], d->space, side) && all;
    const unsigned most = space_most_incidents(d->space);
    for (unsigned n = 0; n <= most; n++) {
        const unsigned incidents = n == 0 ? 1 : n == 1 ? 0 : n;
        if (incidents > 1 && incidents < most)
            continue;
        space_build(d->space, incidents);
        compare(d);
    }
    if (!all)
        add_uncompared(d, true);
    for (unsigned side = 0; side < SIDES; side++)
        answers_free(d->answers[side]);
}

/* ---- all of them */

/* The slot of the other set for the same kind and units; NULL: it has none. */
static const struct row_slot *same_slot(const struct policy *p, const struct row_slot *slot,
                                        const struct policy *q)
{
    const struct row_grant *g = &p->grants[slot_numbers(p, slot)[0]];
    const uint32_t from = policy_unit(q, bytes_of_text(policy_unit_name(p, g->from))),
                   to = policy_unit(q, bytes_of_text(policy_unit_name(p, slot_to(slot))));
    return from == POLICY_NONE || to == POLICY_NONE ? NULL
                                                    : policy_slot(q, slot_key(g->kind, from, to));
}

/* A line that the other set has too is told of with that one's. */
struct second {
    struct diffing *d;
    const struct row_slot *first; /* the old set's slot, or NULL */
};

struct looking_for {
    const struct line_of *line;
    bool found;
};

static void look(const struct line_of *line, void *arg)
{
    struct looking_for *l = arg;
    l->found = l->found || (strcmp(line->service, l->line->service) == 0 &&
                            strcmp(line->purpose, l->line->purpose) == 0 &&
                            (line->manner != MANNER_WATCH ||
                             strcmp(line->watcher_purpose, l->line->watcher_purpose) == 0));
}

static void compare_new_line(const struct line_of *line, void *arg)
{
    const struct second *s = arg;
    struct looking_for l = {line, false};
    if (s->first != NULL)
        lines_of_slot(s->d->universe.p[0], s->first, line->manner == MANNER_OFFER, look, &l);
    if (!l.found)
        compare_line(line, s->d);
}

static void compare_slot(struct diffing *d, const struct row_slot *old, const struct row_slot *new)
{
    d->slot_first = d->out->differences;
    const struct row_slot *any = old != NULL ? old : new;
    const unsigned side = old != NULL ? 0 : 1;
    const struct policy *p = d->universe.p[side];
    const unsigned manners = p->grants[slot_numbers(p, any)[0]].kind == KIND_VIDEO ? 2 : 1;
    for (unsigned offers = 0; offers < manners; offers++) {
        struct second s = {d, old};
        if (old != NULL)
            lines_of_slot(d->universe.p[0], old, offers != 0, compare_line, d);
        if (new != NULL)
            lines_of_slot(d->universe.p[1], new, offers != 0, compare_new_line, &s);
    }
}

static void compare_all(struct diffing *d, const struct policy *old, const struct policy *new)
{
    for (size_t i = 0; i < old->slots_count; i++) {
        const struct row_slot *slot = &old->slots[i];
        if (slot->count > 0 && slot_to(slot) < SLOT_REACH)
            compare_slot(d, slot, same_slot(old, slot, new));
    }
    for (size_t i = 0; i < new->slots_count; i++) {
        const struct row_slot *slot = &new->slots[i];
        if (slot->count > 0 && slot_to(slot) < SLOT_REACH && same_slot(new, slot, old) == NULL)
            compare_slot(d, NULL, slot);
    }
}

/* ---- in order: what is newly permitted first, what is refused now last; by clause then */

static unsigned rank(const struct policy_difference *x)
{
    enum { CLAUSE = 4, TERMS = 5 };
    static const unsigned ranks[4][4] = {
        [POLICY_REFUSED] = {[POLICY_PERMITTED] = 0, [POLICY_EMERGENCY] = 1, [POLICY_HELD] = 2},
        [POLICY_HELD] = {[POLICY_PERMITTED] = 3,
                         [POLICY_EMERGENCY] = 3,
                         [POLICY_HELD] = CLAUSE,
                         [POLICY_REFUSED] = 9},
        [POLICY_EMERGENCY] = {[POLICY_PERMITTED] = 3,
                              [POLICY_EMERGENCY] = CLAUSE,
                              [POLICY_HELD] = 8,
                              [POLICY_REFUSED] = 9},
        [POLICY_PERMITTED] = {[POLICY_PERMITTED] = CLAUSE,
                              [POLICY_EMERGENCY] = 6,
                              [POLICY_HELD] = 7,
                              [POLICY_REFUSED] = 9}};
    const unsigned r = ranks[x->old.verdict][x->new.verdict];
    return r == CLAUSE && strcmp(x->old.clause, x->new.clause) == 0 ? TERMS : r;
}

static const char *clause(const struct policy_difference *x)
{
    return x->new.verdict != POLICY_REFUSED ? x->new.clause : x->old.clause;
}

static int by_rank(const void *a, const void *b)
{
    const struct policy_difference *x = a, *y = b;
    if (rank(x) != rank(y))
        return rank(x) < rank(y) ? -1 : 1;
    int order = strcmp(clause(x), clause(y));
    if (order == 0)
        order = strcmp(x->kind, y->kind);
    if (order == 0)
        order = strcmp(x->from, y->from);
    if (order == 0)
        order = strcmp(x->to, y->to);
    return order != 0 ? order : strcmp(x->message, y->message);
}

void policy_diff(const struct policy *old, const struct policy *new, int64_t now_us, bool korean,
                 struct policy_diff *out)
{
    struct diffing d = {.out = out, .korean = korean};
    *out = (struct policy_diff){0};
    universe_init(&d.universe, old, new, now_us);
    d.space = mem_new(sizeof *d.space);
    d.sample = mem_new(sizeof *d.sample);
    for (unsigned side = 0; side < SIDES; side++)
        d.answers[side] = mem_new(sizeof *d.answers[side]);
    compare_all(&d, old, new);
    if (out->differences > 0)
        qsort(out->difference, out->differences, sizeof *out->difference, by_rank);
    for (unsigned side = 0; side < SIDES; side++)
        mem_free(d.answers[side]);
    mem_free(d.sample);
    mem_free(d.space);
    universe_free(&d.universe);
}

void policy_diff_free(struct policy_diff *d)
{
    for (size_t i = 0; i < d->differences; i++)
        mem_free(d->difference[i].message);
    mem_free(d->difference);
    mem_free(d->uncompared);
}

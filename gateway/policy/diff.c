/* Which messages two sets decide differently. */
#include "policy/analysis.h"

#include "base/mem.h"
#include "policy/answers.h"
#include "policy/diff_console.h"
#include "policy/diff_order.h"
#include "policy/terms.h"

enum { MESSAGE_MAX = 1 << 16 };

/* What one set says: refused, or an answer of a grant. */
struct side_says {
    enum policy_verdict verdict;
    uint32_t grant; /* POLICY_NONE: refused */
};

/* Messages for which the sets say this. */
struct found {
    struct side_says says[SIDES];
    size_t boxes; /* looked at */
    bool known;   /* told before, for another service or number of incidents */
    bool told;    /* an example */
    bool unproven;
};

struct diffing {
    struct universe universe;
    struct space *space;
    struct sample *sample;
    struct answers *answers[SIDES]; /* to the line that is looked at */
    struct found *found;            /* of the cells that the space has now */
    size_t founds, found_room;
    struct policy_diff *out;
    size_t difference_room, uncompared_room;
    size_t slot_first; /* differences of this slot begin here */
    bool korean;
};

/* ---- what is found */

/* What each set is to say of an example. */
struct expected {
    const struct diffing *d;
    const struct side_says *says;
    const char *failed[SIDES]; /* why it is refused; NULL: for whatever reason */
};

static bool is_expected(const struct sample *x, const struct expected *e, unsigned side)
{
    const struct answer a = sample_ask(x, e->d->universe.p[side]);
    if (a.verdict != e->says[side].verdict)
        return false;
    if (a.verdict != POLICY_REFUSED)
        return a.decision.grant == e->says[side].grant;
    return e->failed[side] == NULL || strcmp(a.decision.failed, e->failed[side]) == 0;
}

static bool both_expected(const struct sample *x, void *arg)
{
    const struct expected *e = arg;
    return is_expected(x, e, 0) && is_expected(x, e, 1);
}

static const char *clause_of(const struct diffing *d, unsigned side, const struct side_says *x)
{
    const struct policy *p = d->universe.p[side];
    return x->verdict == POLICY_REFUSED ? "" : policy_text(p, p->grants[x->grant].clause);
}

/* What was told of one side says all that there is to say of this one. */
static bool says_so(const struct expected *e, unsigned side, const struct policy_decided *told)
{
    if (told->verdict != e->says[side].verdict)
        return false;
    if (told->verdict != POLICY_REFUSED)
        return strcmp(told->clause, clause_of(e->d, side, &e->says[side])) == 0;
    return e->failed[side] == NULL || strcmp(told->failed, e->failed[side]) == 0;
}

/* Found already, for another service or number of incidents. */
static bool is_known(const struct diffing *d, const struct expected *e)
{
    for (size_t i = d->slot_first; i < d->out->differences; i++) {
        const struct policy_difference *x = &d->out->difference[i];
        if (says_so(e, 0, &x->old) && says_so(e, 1, &x->new))
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
        if (e->says[side].verdict == POLICY_REFUSED)
            e->failed[side] = sample_ask(d->sample, d->universe.p[side]).decision.failed;
    if (!is_known(d, e))
        add_difference(d, e, aspects);
    return true;
}

/* The aspects in which the terms differ; none when one of them refuses. */
static unsigned aspects_of(const struct diffing *d, const struct side_says says[SIDES])
{
    const bool emergency =
        says[0].verdict == POLICY_EMERGENCY && says[1].verdict == POLICY_EMERGENCY;
    if (says[0].verdict == POLICY_REFUSED || says[1].verdict == POLICY_REFUSED)
        return 0;
    return terms_differ(d->universe.p[0], says[0].grant, d->universe.p[1], says[1].grant,
                        emergency);
}

/* ---- one line of questions */

static bool same_says(const struct side_says *a, const struct side_says *b)
{
    return a->verdict == b->verdict && a->grant == b->grant;
}

static struct found *found_of(struct diffing *d, const struct side_says says[SIDES])
{
    const struct expected e = {d, says, {NULL, NULL}};
    size_t i = 0;
    while (i < d->founds && !(same_says(&d->found[i].says[0], &says[0]) &&
                              same_says(&d->found[i].says[1], &says[1])))
        i++;
    if (i == d->found_room) {
        const size_t room = d->found_room == 0 ? 16 : d->found_room * 2;
        d->found = mem_grow_array(d->found, d->found_room, room, sizeof *d->found);
        d->found_room = room;
    }
    if (i == d->founds)
        d->found[d->founds++] =
            (struct found){.says = {says[0], says[1]}, .known = is_known(d, &e)};
    return &d->found[i];
}

static struct side_says says(const struct one_answer *a)
{
    return (struct side_says){a->verdict, a->grant};
}

/* Examples of what lies in both: one for each condition that refuses under the other set, as far as
 * these show in the first boxes. */
static void tell(struct diffing *d, const struct side_says says[SIDES], const struct region *a,
                 const struct region *b)
{
    enum { MORE_BOXES = 32 };
    struct found *f = found_of(d, says);
    struct expected e = {d, says, {NULL, NULL}};
    const unsigned aspects = aspects_of(d, says);
    struct box_cells both;
    for (size_t i = 0; i < a->count; i++)
        for (size_t k = 0; k < b->count; k++) {
            if (f->known || (f->told && f->boxes >= MORE_BOXES))
                return;
            if (!box_and(&a->box[i], &b->box[k], &both))
                continue;
            d->space->unproven = false;
            f->told = tell_box(d, &e, &both, aspects) || f->told;
            f->unproven = f->unproven || d->space->unproven;
            f->boxes++;
        }
}

/* Both permit, in another way or with other terms. */
static void compare_two(struct diffing *d, const struct one_answer *a, const struct one_answer *b)
{
    const struct side_says both[SIDES] = {says(a), says(b)};
    if (a->verdict != b->verdict || aspects_of(d, both) != 0 ||
        strcmp(clause_of(d, 0, &both[0]), clause_of(d, 1, &both[1])) != 0)
        tell(d, both, &a->where, &b->where);
}

/* One set permits what the other does in no way. */
static void compare_to_nothing(struct diffing *d, unsigned side)
{
    const struct answers *these = d->answers[side];
    for (size_t i = 0; i < these->count; i++) {
        struct side_says both[SIDES] = {{POLICY_REFUSED, POLICY_NONE},
                                        {POLICY_REFUSED, POLICY_NONE}};
        both[side] = says(&these->answer[i]);
        tell(d, both, &these->answer[i].where, &d->answers[1 - side]->refused);
    }
}

/* False when there are more cases in the box than are looked at. */
static bool compare_within(struct diffing *d, const struct box_cells *b)
{
    for (unsigned side = 0; side < SIDES; side++)
        answers_find(d->answers[side], b);
    if (d->answers[0]->full || d->answers[1]->full)
        return false;
    for (size_t i = 0; i < d->answers[0]->count; i++)
        for (size_t k = 0; k < d->answers[1]->count; k++)
            compare_two(d, &d->answers[0]->answer[i], &d->answers[1]->answer[k]);
    compare_to_nothing(d, 0);
    compare_to_nothing(d, 1);
    return true;
}

/* Messages of the cells that the space has now. */
static void compare(struct diffing *d)
{
    struct region changed = {0};
    for (unsigned side = 0; side < SIDES; side++)
        answers_ask(d->answers[side]);
    answers_changed(d->answers[0], d->answers[1], &changed);
    bool all = !d->space->full && !changed.full;
    for (size_t i = 0; all && i < changed.count; i++)
        all = compare_within(d, &changed.box[i]);
    if (!all)
        add_uncompared(d, true);
    for (size_t i = 0; i < d->founds; i++)
        if (d->found[i].unproven && !d->found[i].told)
            add_uncompared(d, false);
    d->founds = 0;
    region_free(&changed);
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
        if (incidents < space_fewest_incidents(d->space) || (incidents > 1 && incidents < most))
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
    diff_sort(out);
    diff_console(old, new, out);
    for (unsigned side = 0; side < SIDES; side++)
        mem_free(d.answers[side]);
    mem_free(d.found);
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
    mem_free(d->console);
}

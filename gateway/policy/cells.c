/* The cells of every dimension but those of places. Each finds all answers that the atoms can give
 * together. */
#include "base/clock.h"
#include "policy/space.h"

/* ---- time */

enum { WEEK_DAYS = 7 };

static bool window_is_open(const struct space *s, unsigned side, int64_t us)
{
    const struct policy *p = s->u->p[side];
    for (size_t i = 0; i < p->windows_count; i++) {
        const struct row_window *w = &p->windows[i];
        bool from = false, to = s->to[side] == p->header->self;
        for (uint32_t k = 0; k < w->units; k++) {
            from = from || p->numbers[w->unit_first + k] == s->from[side];
            to = to || p->numbers[w->unit_first + k] == s->to[side];
        }
        if (from && to && us >= w->from_us && us < w->until_us)
            return true;
    }
    return false;
}

static bool holds_at(const struct space *s, const struct atom *a, int64_t us)
{
    unsigned minute, weekday;
    policy_local_time(s->u->p[a->side], us, &minute, &weekday);
    switch (a->op) {
    case ATOM_IN_FORCE: return us >= a->number && us < a->until;
    case ATOM_WINDOW: return window_is_open(s, a->side, us);
    case ATOM_HOURS: return policy_in_hours(minute, (unsigned)a->number, (unsigned)a->until);
    default: return has_bit(a->mask, weekday);
    }
}

static void add_time(struct space *s, int64_t us)
{
    const struct axis *d = &s->dim[DIM_TIME];
    struct cell c = {.value.us = us};
    if (us < 0)
        return;
    for (unsigned i = 0; i < d->atoms; i++)
        if (holds_at(s, &d->atom[i], us))
            c.signature |= UINT64_C(1) << i;
    (void)cells_add(s, DIM_TIME, &c);
}

/* From a time on for a week: each moment at which a condition about hours or days may change. */
static void add_week(struct space *s, int64_t begin)
{
    const struct axis *d = &s->dim[DIM_TIME];
    add_time(s, begin);
    for (unsigned i = 0; i < d->atoms; i++) {
        const struct atom *a = &d->atom[i];
        const int64_t minute[2] = {a->op == ATOM_HOURS ? a->number : 0,
                                   a->op == ATOM_HOURS ? a->until : 0};
        if (a->op != ATOM_HOURS && a->op != ATOM_DAYS)
            continue;
        const int64_t zone = s->u->p[a->side]->header->zone_offset_us;
        const int64_t midnight = begin - (begin + zone) % US_PER_DAY;
        for (int64_t day = 0; day <= WEEK_DAYS; day++)
            for (unsigned k = 0; k < 2; k++) {
                const int64_t at = midnight + day * US_PER_DAY + minute[k] * US_PER_MINUTE;
                if (at >= begin)
                    add_time(s, at);
            }
    }
}

static void add_change(struct space *s, int64_t us)
{
    if (us >= US_PER_S)
        add_time(s, us - US_PER_S);
    if (us >= 0)
        add_week(s, us);
}

void cells_of_time(struct space *s)
{
    const struct axis *d = &s->dim[DIM_TIME];
    add_week(s, s->u->now_us);
    add_week(s, 0);
    for (unsigned i = 0; i < d->atoms; i++) {
        const struct atom *a = &d->atom[i];
        if (a->op == ATOM_IN_FORCE) {
            add_change(s, a->number);
            add_change(s, a->until);
        }
        const struct policy *p = s->u->p[a->side];
        for (size_t k = 0; a->op == ATOM_WINDOW && k < p->windows_count; k++) {
            add_change(s, p->windows[k].from_us);
            add_change(s, p->windows[k].until_us);
        }
    }
}

/* ---- one basis, one word */

static bool holds_for_row(const struct policy *p, const struct atom *a, uint32_t row)
{
    if (row == ROW_NONE)
        return false;
    return a->op == ATOM_KNOWN || (a->op == ATOM_ROW_IN && has_bit(a->mask, row)) ||
           (a->op == ATOM_NEEDS && p->bases[row].evidence == a->mask);
}

static uint64_t signature_of_item(const struct space *s, enum dim dim, const struct known *k)
{
    const struct axis *d = &s->dim[dim];
    uint64_t signature = 0;
    for (unsigned i = 0; i < d->atoms; i++) {
        const struct atom *a = &d->atom[i];
        if (a->op == ATOM_GIVEN || holds_for_row(s->u->p[a->side], a, k->row[a->side]))
            signature |= UINT64_C(1) << i;
    }
    return signature;
}

uint64_t cells_with_basis(const struct space *s, struct bytes code)
{
    const struct knowns *k = &s->u->bases;
    const struct axis *d = &s->dim[DIM_BASIS];
    uint64_t cells = 0;
    for (size_t i = 0; i < k->count; i++)
        for (unsigned c = 0; c < d->cells && bytes_is(code, k->item[i].name); c++)
            if (d->cell[c].signature == signature_of_item(s, DIM_BASIS, &k->item[i]))
                cells |= UINT64_C(1) << c;
    return cells;
}

static void add_item(struct space *s, enum dim dim, const struct known *k, size_t item)
{
    const struct cell c = {.signature = signature_of_item(s, dim, k),
                           .value.list = {.item = {(uint16_t)item}, .count = 1}};
    (void)cells_add(s, dim, &c);
}

void cells_of_bases(struct space *s, enum dim dim)
{
    for (size_t i = 0; i < s->u->bases.count; i++)
        add_item(s, dim, &s->u->bases.item[i], i);
}

void cells_of_words(struct space *s, enum dim dim, enum word_class class, bool none)
{
    const struct knowns *k = &s->u->words[class];
    struct cell nothing = {.value.list = {.count = 0}};
    if (none)
        (void)cells_add(s, dim, &nothing);
    for (size_t i = 0; i < k->count; i++)
        add_item(s, dim, &k->item[i], i);
}

/* ---- several words */

static uint64_t signature_of_word(const struct space *s, enum dim dim, const struct known *k)
{
    const struct axis *d = &s->dim[dim];
    uint64_t signature = 0;
    for (unsigned i = 0; i < d->atoms; i++)
        if (has_bit(d->atom[i].mask, k->row[d->atom[i].side]))
            signature |= UINT64_C(1) << i;
    return signature;
}

/* Every cell with one word more, until nothing is added or the list is as long as it may be. */
static void extend(struct space *s, enum dim dim, const struct knowns *k, size_t most)
{
    struct axis *d = &s->dim[dim];
    for (unsigned i = 0; i < d->cells; i++) {
        for (size_t w = 0; w < k->count && d->cell[i].value.list.count < most; w++) {
            struct cell c = d->cell[i];
            c.signature |= signature_of_word(s, dim, &k->item[w]);
            c.value.list.item[c.value.list.count++] = (uint16_t)w;
            if (c.signature != d->cell[i].signature)
                (void)cells_add(s, dim, &c);
        }
    }
}

/* An incident that a message names is evidence of its own (ask.c), beside what it lists. */
void cells_of_lists(struct space *s, enum dim dim, enum word_class class, size_t most)
{
    const struct knowns *k = &s->u->words[class];
    struct cell first = {.value.list = {.count = 0}};
    for (size_t w = 0; class == WORD_EVIDENCE && s->incidents > 0 && w < k->count; w++)
        if (strcmp(k->item[w].name, "incident-id") == 0)
            first.signature = signature_of_word(s, dim, &k->item[w]);
    (void)cells_add(s, dim, &first);
    extend(s, dim, k, most);
}

static bool lists_all(const struct space *s, const struct atom *a, const struct cell *c)
{
    const struct knowns *k = &s->u->words[WORD_CONSENT_ITEM];
    uint64_t listed = 0;
    for (unsigned i = 0; i < c->value.list.count; i++) {
        const uint32_t row = k->item[c->value.list.item[i]].row[a->side];
        if (row != ROW_NONE)
            listed |= UINT64_C(1) << row;
    }
    return (a->mask & ~listed) == 0;
}

/* The words that the chosen atoms ask for; false when these are more than a list holds. */
static bool list_chosen(const struct space *s, uint64_t chosen, struct cell *c)
{
    const struct axis *d = &s->dim[DIM_ITEMS];
    const struct knowns *k = &s->u->words[WORD_CONSENT_ITEM];
    for (size_t w = 0; w < k->count; w++) {
        bool asked = false;
        for (unsigned i = 0; i < d->atoms; i++)
            asked = asked || ((chosen >> i & 1) != 0 &&
                              has_bit(d->atom[i].mask, k->item[w].row[d->atom[i].side]));
        if (!asked)
            continue;
        if (c->value.list.count == SPACE_WORDS)
            return false;
        c->value.list.item[c->value.list.count++] = (uint16_t)w;
    }
    return true;
}

void cells_of_items(struct space *s)
{
    enum { CHOICES_MAX = 12 };
    const struct axis *d = &s->dim[DIM_ITEMS];
    s->full = s->full || d->atoms > CHOICES_MAX;
    const unsigned atoms = d->atoms > CHOICES_MAX ? CHOICES_MAX : d->atoms;
    for (uint64_t chosen = 0; chosen >> atoms == 0; chosen++) {
        struct cell c = {.value.list = {.count = 0}};
        if (!list_chosen(s, chosen, &c))
            continue;
        for (unsigned i = 0; i < atoms; i++)
            if (lists_all(s, &d->atom[i], &c))
                c.signature |= UINT64_C(1) << i;
        (void)cells_add(s, DIM_ITEMS, &c);
    }
}

/* ---- bits, texts, ages */

/* Every set of the bits that there are. */
void cells_of_bits(struct space *s, enum dim dim, uint32_t all)
{
    const struct axis *d = &s->dim[dim];
    for (uint32_t bits = 0; bits <= all; bits++) {
        struct cell c = {.value.bits = bits};
        if ((bits & ~all) != 0)
            continue;
        for (unsigned i = 0; i < d->atoms; i++) {
            const bool holds = d->atom[i].op == ATOM_MEETS ? (bits & d->atom[i].mask) != 0
                                                           : (bits & ~d->atom[i].mask) == 0;
            if (holds)
                c.signature |= UINT64_C(1) << i;
        }
        (void)cells_add(s, dim, &c);
    }
}

/* Of different texts one or none; or any of them at once. */
void cells_of_texts(struct space *s, enum dim dim, bool several)
{
    enum { SEVERAL_MAX = 6 };
    const unsigned atoms = s->dim[dim].atoms;
    const struct cell none = {0};
    (void)cells_add(s, dim, &none);
    if (several && atoms > SEVERAL_MAX) {
        s->full = true;
        return;
    }
    const uint64_t end = several ? UINT64_C(1) << atoms : atoms + 1;
    for (uint64_t i = 1; i < end; i++) {
        const uint64_t signature = several ? i : UINT64_C(1) << (i - 1);
        const struct cell c = {.signature = signature, .value.bits = (uint32_t)signature};
        (void)cells_add(s, dim, &c);
    }
}

static void add_age(struct space *s, int64_t us)
{
    const struct axis *d = &s->dim[DIM_AGE];
    struct cell c = {.value.us = us};
    for (unsigned i = 0; i < d->atoms; i++)
        if (us < d->atom[i].number)
            c.signature |= UINT64_C(1) << i;
    (void)cells_add(s, DIM_AGE, &c);
}

void cells_of_ages(struct space *s)
{
    add_age(s, US_PER_MINUTE);
    for (unsigned i = 0; i < s->dim[DIM_AGE].atoms; i++) {
        add_age(s, s->dim[DIM_AGE].atom[i].number - US_PER_S);
        add_age(s, s->dim[DIM_AGE].atom[i].number);
    }
}

/* Over the whole set: the hash index, one answer a message, and the grid that distances are
 * measured from. */
#include "policy/builder.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

/* One grant at one key. */
struct place {
    uint64_t key;
    uint32_t value; /* a grant, or a unit for the keys of reach */
    uint32_t rank;  /* narrower grants first, then file order */
};

struct places {
    struct place *place;
    size_t count, room;
};

static void add(struct places *p, uint64_t key, uint32_t value, uint32_t rank)
{
    if (p->count == p->room) {
        size_t room = p->room == 0 ? 256 : p->room * 2;
        p->place = mem_grow_array(p->place, p->room, room, sizeof *p->place);
        p->room = room;
    }
    p->place[p->count++] = (struct place){key, value, rank};
}

static int by_key(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static const struct row_grant *grant_at(const struct compilation *c, size_t i)
{
    return builder_row(c, SECTION_GRANTS, i);
}

static void collect(const struct compilation *c, struct places *out)
{
    size_t grants = builder_count(c, SECTION_GRANTS);
    for (uint32_t i = 0; i < grants; i++) {
        const struct row_grant *g = grant_at(c, i);
        uint32_t rank = g->narrower_than == ROW_NONE ? (uint32_t)grants + i : i;
        for (uint32_t k = 0; k < g->tos; k++) {
            const uint32_t *to = builder_row(c, SECTION_NUMBERS, g->to_first + k);
            add(out, slot_key(g->kind, g->from, *to), i, rank);
            add(out, slot_key(g->kind, g->from, ROW_NONE), *to, *to);
        }
    }
    if (out->count > 0)
        qsort(out->place, out->count, sizeof *out->place, by_key);
}

static void put_slot(struct compilation *c, struct row_slot slot)
{
    size_t slots = builder_count(c, SECTION_SLOTS);
    size_t i = slot_home(slot.key, slots);
    while (((struct row_slot *)builder_row(c, SECTION_SLOTS, i))->count != 0)
        i = (i + 1) & (slots - 1);
    *(struct row_slot *)builder_row(c, SECTION_SLOTS, i) = slot;
}

/* The run of equal keys that begins at `i`, without repeated values (a unit that several grants
 * reach). */
static size_t take_run(struct compilation *c, const struct places *all, size_t i)
{
    size_t end = i;
    struct row_slot slot = {all->place[i].key, 0, 0};
    for (; end < all->count && all->place[end].key == slot.key; end++) {
        if (end > i && all->place[end].value == all->place[end - 1].value)
            continue;
        uint32_t at = builder_numbers(c, &all->place[end].value, 1);
        if (slot.count++ == 0)
            slot.first = at;
    }
    put_slot(c, slot);
    return end;
}

void build_index(struct compilation *c)
{
    struct places all = {0};
    size_t slots = 2;
    collect(c, &all);
    while (slots < 2 * all.count)
        slots *= 2;
    for (size_t i = 0; i < slots; i++)
        (void)builder_add(c, SECTION_SLOTS);
    for (size_t i = 0; i < all.count;)
        i = take_run(c, &all, i);
    mem_free(all.place);
}

/* ---- one answer a message */

/* The values that a grant's own (not alternative) condition allows; everything when it has none. */
static uint64_t allowed(const struct compilation *c, const struct row_grant *g,
                        enum condition_op op)
{
    uint64_t mask = UINT64_MAX;
    for (uint32_t i = 0; i < g->conditions; i++) {
        const struct row_condition *k = builder_row(c, SECTION_CONDITIONS, g->condition_first + i);
        if (k->op == op && k->alternative == 0)
            mask &= k->mask;
    }
    return mask;
}

static bool can_both_hold(const struct compilation *c, const struct row_grant *a,
                          const struct row_grant *b)
{
    static const enum condition_op closed[] = {CONDITION_INCIDENT_TYPE,    CONDITION_BASIS,
                                               CONDITION_CAMERA_KIND,      CONDITION_AGE_BAND,
                                               CONDITION_CONSENT_GIVEN_BY, CONDITION_CATEGORY};
    uint64_t purposes_a = a->joins | UINT64_C(1) << a->purpose;
    uint64_t purposes_b = b->joins | UINT64_C(1) << b->purpose;
    if (a->service != b->service || (a->bases & b->bases) == 0 || (purposes_a & purposes_b) == 0 ||
        (a->kind == KIND_VIDEO && a->purpose != b->purpose))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(closed); i++)
        if ((allowed(c, a, closed[i]) & allowed(c, b, closed[i])) == 0)
            return false;
    return true;
}

static const char *word_at(const struct compilation *c, enum word_class class, uint16_t word)
{
    const struct row_word *w = builder_row(c, SECTION_WORDS, c->header.word_first[class] + word);
    return builder_text_at(c, w->name);
}

static void say_overlap(struct compilation *c, uint32_t a, uint32_t b, uint32_t to)
{
    const struct row_grant *x = grant_at(c, a), *y = grant_at(c, b);
    const struct row_unit *from_unit = builder_row(c, SECTION_UNITS, x->from);
    const struct row_unit *to_unit = builder_row(c, SECTION_UNITS, to);
    size_t basis = 0;
    while (((x->bases & y->bases) >> basis & 1) == 0)
        basis++;
    const struct row_basis *ground = builder_row(c, SECTION_BASES, basis);
    char example[512];
    (void)snprintf(example, sizeof example,
                   "kind %s, from %s, to %s, service %s, purpose %s, basis %s",
                   kind_text((enum kind_id)x->kind), builder_text_at(c, from_unit->name),
                   builder_text_at(c, to_unit->name), word_at(c, WORD_SERVICE, x->service),
                   word_at(c, WORD_PURPOSE, x->purpose), builder_text_at(c, ground->code));
    struct diagnose_place where = builder_grant_place(c, b);
    diagnose_add(c->reader.d, DIAGNOSE_OVERLAP, &where, builder_text_at(c, x->clause),
                 builder_text_at(c, y->clause), example);
}

static bool one_is_narrower(const struct row_grant *x, uint32_t a, const struct row_grant *y,
                            uint32_t b)
{
    return x->narrower_than == b || y->narrower_than == a;
}

/* Grants can only meet in a slot: equal kind, from and to. */
void check_overlaps(struct compilation *c)
{
    for (size_t s = 0; s < builder_count(c, SECTION_SLOTS); s++) {
        const struct row_slot *slot = builder_row(c, SECTION_SLOTS, s);
        uint32_t to = (uint32_t)(slot->key & 0xfffffff);
        if (to == (ROW_NONE & 0xfffffff))
            continue;
        for (uint32_t i = 0; i < slot->count; i++) {
            uint32_t a = *(const uint32_t *)builder_row(c, SECTION_NUMBERS, slot->first + i);
            for (uint32_t k = i + 1; k < slot->count; k++) {
                uint32_t b = *(const uint32_t *)builder_row(c, SECTION_NUMBERS, slot->first + k);
                const struct row_grant *x = grant_at(c, a), *y = grant_at(c, b);
                if (can_both_hold(c, x, y) && !one_is_narrower(x, a, y, b))
                    say_overlap(c, a < b ? a : b, a < b ? b : a, to);
            }
        }
    }
}

/* ---- the grid of to-cameras */

static double grid_of_requests(const struct compilation *c, const struct row_grant *like)
{
    for (size_t i = 0; i < builder_count(c, SECTION_GRANTS); i++) {
        const struct row_grant *g = grant_at(c, i);
        if (g->kind != KIND_VIDEO_REQUEST || g->mou != like->mou || g->service != like->service)
            continue;
        for (uint32_t k = 0; k < g->transforms; k++) {
            const struct row_transform *t =
                builder_row(c, SECTION_TRANSFORMS, g->transform_first + k);
            if (t->op == TRANSFORM_TO_CAMERAS)
                return t->grid_m;
        }
    }
    return 0;
}

/*
 * Where requests of a memorandum's service hide the place behind a grid, the distance of its
 * cameras is measured from the same cell's centre; else one refusal after the other would locate
 * the caller.
 */
void link_grids(struct compilation *c)
{
    for (size_t i = 0; i < builder_count(c, SECTION_GRANTS); i++) {
        const struct row_grant *g = grant_at(c, i);
        for (uint32_t k = 0; k < g->conditions; k++) {
            struct row_condition *condition =
                builder_row(c, SECTION_CONDITIONS, g->condition_first + k);
            if (condition->op == CONDITION_CAMERA_WITHIN)
                condition->grid_m = grid_of_requests(c, g);
        }
    }
}

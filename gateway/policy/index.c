/* The hash index of the grants by kind, from and to; and where distances are measured from. */
#include "policy/builder.h"

#include "base/mem.h"

#include <stdlib.h>

/* One value at one key. */
struct place {
    uint64_t key;
    uint32_t value; /* a grant, or a unit that is reached */
    uint32_t rank;  /* which of a key comes first */
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

/* Of the grants that a message can meet the last stands first: where several hold, it is the
 * narrowest. Of those that are only near, the first of the file. */
static void collect(const struct compilation *c, struct places *out)
{
    const uint32_t grants = (uint32_t)builder_count(c, SECTION_GRANTS);
    for (uint32_t i = 0; i < grants; i++) {
        const struct row_grant *g = builder_row(c, SECTION_GRANTS, i);
        for (uint32_t k = 0; k < g->tos; k++) {
            const uint32_t *to = builder_row(c, SECTION_NUMBERS, g->to_first + k);
            add(out, slot_key(g->kind, g->from, *to), i, grants - i);
            add(out, slot_key(g->kind, g->from, SLOT_REACH), *to, *to);
        }
        add(out, slot_key(g->kind, g->from, SLOT_ANY), i, i);
        add(out, slot_key(g->kind, SLOT_ANY, SLOT_ANY), i, i);
    }
    if (out->count > 0)
        qsort(out->place, out->count, sizeof *out->place, by_key);
}

/* A message without `to` goes to everyone reached, so these are bounded. */
static void check_reach(struct compilation *c, const struct row_slot *slot)
{
    uint32_t worst = 0;
    if (slot_to(slot) != SLOT_REACH || slot->count <= POLICY_REACH_MAX)
        return;
    for (uint32_t i = 0; i < builder_count(c, SECTION_GRANTS); i++) {
        const struct row_grant *g = builder_row(c, SECTION_GRANTS, i);
        if (slot_key(g->kind, g->from, SLOT_REACH) == slot->key)
            worst = i;
    }
    read_fail(&c->reader, builder_grant_place(c, worst), DIAGNOSE_TOO_MANY, "64",
              "recipients of one kind from one unit", NULL);
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
    struct table run = {.row_bytes = sizeof(uint32_t)};
    struct row_slot slot = {.key = all->place[i].key};
    for (; end < all->count && all->place[end].key == slot.key; end++)
        if (end == i || all->place[end].value != all->place[end - 1].value)
            *(uint32_t *)table_add(&run, 1) = all->place[end].value;
    slot.count = (uint32_t)run.count;
    builder_list(c, (const uint32_t *)(const void *)run.rows, run.count, slot.number, SLOT_NUMBERS);
    mem_free(run.rows);
    check_reach(c, &slot);
    put_slot(c, slot);
    return end;
}

static size_t keys_of(const struct places *all)
{
    size_t keys = 0;
    for (size_t i = 0; i < all->count; i++)
        keys += i == 0 || all->place[i].key != all->place[i - 1].key;
    return keys;
}

void build_index(struct compilation *c)
{
    struct places all = {0};
    size_t slots = 2;
    collect(c, &all);
    while (slots < 2 * keys_of(&all))
        slots *= 2;
    for (size_t i = 0; i < slots; i++)
        (void)builder_add(c, SECTION_SLOTS);
    for (size_t i = 0; i < all.count;)
        i = take_run(c, &all, i);
    mem_free(all.place);
}

/* ---- grants by their clause */

struct clause {
    const char *text;
    uint32_t grant;
};

static int by_clause(const void *a, const void *b)
{
    return strcmp(((const struct clause *)a)->text, ((const struct clause *)b)->text);
}

void index_clauses(struct compilation *c)
{
    const size_t grants = builder_count(c, SECTION_GRANTS);
    struct clause *all = mem_new_array(grants + 1, sizeof *all);
    for (size_t i = 0; i < grants; i++) {
        const struct row_grant *g = builder_row(c, SECTION_GRANTS, i);
        all[i] = (struct clause){builder_text_at(c, g->clause), (uint32_t)i};
    }
    qsort(all, grants, sizeof *all, by_clause);
    c->header.clause_first = (uint32_t)builder_count(c, SECTION_NUMBERS);
    for (size_t i = 0; i < grants; i++)
        (void)builder_numbers(c, &all[i].grant, 1);
    mem_free(all);
}

/* ---- where distances are measured from */

/* The coarsest grid behind which a grant hides a place from its recipients. */
static double grid_of(const struct compilation *c, const struct row_grant *g)
{
    double most = 0;
    for (uint32_t k = 0; k < g->transforms; k++) {
        const struct row_transform *t = builder_row(c, SECTION_TRANSFORMS, g->transform_first + k);
        if (t->grid_m > most)
            most = t->grid_m;
    }
    return most;
}

static uint32_t party_of(const struct compilation *c, uint32_t unit)
{
    const struct row_unit *u = builder_row(c, SECTION_UNITS, unit);
    return u->party;
}

/* The party of a unit that gets a place behind this grid. */
static void hide_from(const struct compilation *c, double *grid, uint32_t unit, double hidden)
{
    double *party = &grid[party_of(c, unit)];
    *party = hidden > *party ? hidden : *party;
}

/*
 * Where requests hide the place behind a grid from the party that has the cameras, the distance of
 * its cameras is measured from the same cell's centre, under every grant; else one refusal after
 * the other would locate the caller.
 */
void link_grids(struct compilation *c)
{
    double *grid = mem_new_array(builder_count(c, SECTION_PARTIES), sizeof *grid);
    for (size_t i = 0; i < builder_count(c, SECTION_GRANTS); i++) {
        const struct row_grant *g = builder_row(c, SECTION_GRANTS, i);
        const struct row_duties *d = builder_row(c, SECTION_DUTIES, i);
        const double hidden = grid_of(c, g);
        for (uint32_t k = 0; k < g->tos; k++)
            hide_from(c, grid, *(uint32_t *)builder_row(c, SECTION_NUMBERS, g->to_first + k),
                      hidden);
        if (d->else_unit != ROW_NONE)
            hide_from(c, grid, d->else_unit, hidden);
    }
    for (size_t i = 0; i < builder_count(c, SECTION_GRANTS); i++) {
        const struct row_grant *g = builder_row(c, SECTION_GRANTS, i);
        for (uint32_t k = 0; k < g->conditions; k++) {
            struct row_condition *condition =
                builder_row(c, SECTION_CONDITIONS, g->condition_first + k);
            if (condition->op == CONDITION_CAMERA_WITHIN ||
                condition->op == CONDITION_CAMERA_NEAR_ROUTE)
                condition->grid_m = grid[party_of(c, g->from)];
        }
    }
    mem_free(grid);
}

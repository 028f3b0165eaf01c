#include "policy/region.h"

#include "base/mem.h"

#include <string.h>

void region_free(struct region *r)
{
    mem_free(r->box);
    *r = (struct region){0};
}

void region_clear(struct region *r)
{
    r->count = 0;
    r->full = false;
}

static bool is_within(const struct box_cells *a, const struct box_cells *b)
{
    for (unsigned d = 0; d < DIMS; d++)
        if ((a->cells[d] & ~b->cells[d]) != 0)
            return false;
    return true;
}

static bool is_empty(const struct box_cells *b)
{
    for (unsigned d = 0; d < DIMS; d++)
        if (b->cells[d] == 0)
            return true;
    return false;
}

static void make_room(struct region *r, size_t boxes)
{
    size_t room = r->room == 0 ? 8 : r->room;
    while (room < boxes)
        room *= 2;
    if (room == r->room)
        return;
    r->box = mem_grow_array(r->box, r->room, room, sizeof *r->box);
    r->room = room;
}

/* Without looking at what is there. */
static void put(struct region *r, const struct box_cells *b)
{
    if (r->count == REGION_BOXES_MAX) {
        r->full = true;
        return;
    }
    make_room(r, r->count + 1);
    r->box[r->count++] = *b;
}

/* Of very many boxes only the first are compared: a box that is there twice does no harm. */
void region_add(struct region *r, const struct box_cells *b)
{
    enum { COMPARED = 256 };
    if (is_empty(b))
        return;
    for (size_t i = 0; i < r->count && i < COMPARED; i++)
        if (is_within(b, &r->box[i]))
            return;
    put(r, b);
}

void region_add_all(struct region *r, const struct region *more)
{
    for (size_t i = 0; i < more->count; i++)
        region_add(r, &more->box[i]);
    r->full = r->full || more->full;
}

void region_copy(const struct region *from, struct region *to)
{
    make_room(to, from->count);
    if (from->count > 0)
        memcpy(to->box, from->box, from->count * sizeof *from->box);
    to->count = from->count;
    to->full = from->full;
}

void region_within(const struct region *from, const struct box_cells *box, struct region *to)
{
    struct box_cells both;
    region_clear(to);
    for (size_t i = 0; i < from->count; i++)
        if (box_and(&from->box[i], box, &both))
            region_add(to, &both);
    to->full = from->full;
}

bool box_and(const struct box_cells *a, const struct box_cells *b, struct box_cells *out)
{
    bool some = true;
    for (unsigned d = 0; d < DIMS; d++) {
        out->cells[d] = a->cells[d] & b->cells[d];
        some = some && out->cells[d] != 0;
    }
    return some;
}

void region_narrow(struct region *r, unsigned dim, uint64_t cells)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->count; i++) {
        r->box[i].cells[dim] &= cells;
        if (r->box[i].cells[dim] != 0)
            r->box[kept++] = r->box[i];
    }
    r->count = kept;
}

void region_and(struct region *a, const struct region *b)
{
    struct region out = {.full = a->full || b->full};
    struct box_cells both;
    for (size_t i = 0; i < a->count && !out.full; i++)
        for (size_t k = 0; k < b->count; k++)
            if (box_and(&a->box[i], &b->box[k], &both))
                region_add(&out, &both);
    region_free(a);
    *a = out;
}

void box_minus(const struct box_cells *a, const struct box_cells *b, struct region *out)
{
    struct box_cells rest = *a, both;
    if (!box_and(a, b, &both)) {
        put(out, a);
        return;
    }
    for (unsigned d = 0; d < DIMS; d++) {
        const uint64_t beyond = rest.cells[d] & ~b->cells[d];
        if (beyond == 0)
            continue;
        struct box_cells piece = rest;
        piece.cells[d] = beyond;
        put(out, &piece);
        rest.cells[d] &= b->cells[d];
    }
}

/* What is full says nothing any more: it ends there, so that no work is lost on it. */
void region_minus(struct region *a, const struct region *b)
{
    a->full = a->full || b->full;
    for (size_t k = 0; k < b->count && a->count > 0 && !a->full; k++) {
        struct region out = {0};
        for (size_t i = 0; i < a->count; i++)
            box_minus(&a->box[i], &b->box[k], &out);
        region_free(a);
        *a = out;
    }
}

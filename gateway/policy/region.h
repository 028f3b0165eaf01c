/*
 * Sets of questions as unions of boxes. Every fact that a decision looks at is a dimension with at
 * most 64 cells; within one cell all values answer alike (space.h). A box allows some cells of each
 * dimension; what is asked of several dimensions at once needs several boxes. All of it is exact.
 * Inside policy/ only.
 */
#ifndef FEDGATE_POLICY_REGION_H
#define FEDGATE_POLICY_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Dimensions that a question has once, */
enum dim {
    DIM_TIME,
    DIM_STATUS,
    DIM_BASIS,    /* of the sender */
    DIM_EVIDENCE, /* of the sender */
    DIM_WATCHER_BASIS,
    DIM_WATCHER_EVIDENCE,
    DIM_ACTOR, /* of who acts */
    DIM_ROLE,  /* of the sender's actor */
    DIM_DECLARES,
    DIM_CATEGORY,
    DIM_AGE_BAND,
    DIM_CONSENT, /* absent, over, stands */
    DIM_GIVER,
    DIM_NAMES_RECIPIENT,
    DIM_NAMES_PURPOSE,
    DIM_ITEMS,
    DIM_REQUEST, /* why a location is asked for, with what goes with it (space.h) */
    DIM_ORIGIN,
    DIM_HEADQUARTERS,
    DIM_TYPE, /* that the message states */
    DIM_CAMERA,
    DIM_FOOTAGE, /* live, recorded */
    DIM_REASON,  /* that the message gives */
    DIMS_ONCE,
    /* and those of each incident that it names. */
    DIM_STATE = DIMS_ONCE, /* unknown, closed, open */
    DIM_PARTICIPANT,
    DIM_ASSIGNED,
    DIM_INCIDENT_TYPE,
    DIM_AGE,
    DIM_PLACE,
    DIM_DISTANCE,
    DIM_ROUTE,
    DIM_EMERGENCY,
    DIMS_KINDS,
    REGION_INCIDENTS = 3,
    DIMS = DIMS_ONCE + REGION_INCIDENTS * (DIMS_KINDS - DIMS_ONCE)
};

/* The dimension of an incident. */
static inline unsigned dim_of(unsigned dim, unsigned incident)
{
    return dim < DIMS_ONCE ? dim : dim + incident * (DIMS_KINDS - DIMS_ONCE);
}

struct box_cells {
    uint64_t cells[DIMS];
};

/* Zeroed it is empty; freed by region_free. Past REGION_BOXES_MAX boxes it is `full`: what it holds
 * is not all. */
enum { REGION_BOXES_MAX = 8192 };
struct region {
    struct box_cells *box;
    size_t count, room;
    bool full;
};

void region_free(struct region *r);
void region_clear(struct region *r);

/* `to` holds what `from` does. */
void region_copy(const struct region *from, struct region *to);

/* `to` holds what of `from` lies in the box. */
void region_within(const struct region *from, const struct box_cells *box, struct region *to);

/* Adds a box, unless it allows nothing, or one of the first boxes holds it already. */
void region_add(struct region *r, const struct box_cells *b);
void region_add_all(struct region *r, const struct region *more);

/* False when they have nothing in common; `out` may be one of them. */
bool box_and(const struct box_cells *a, const struct box_cells *b, struct box_cells *out);

/* Adds what `a` holds without `b`: one box for each dimension in which it reaches farther; they
 * have nothing in common. */
void box_minus(const struct box_cells *a, const struct box_cells *b, struct region *out);

/* Allows these cells only. */
void region_narrow(struct region *r, unsigned dim, uint64_t cells);

/* What both hold, and what `a` holds without `b`, instead of what was in `a`. */
void region_and(struct region *a, const struct region *b);
void region_minus(struct region *a, const struct region *b);

#endif

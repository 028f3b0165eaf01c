/*
 * For which questions a grant holds, as regions: what judge.c, conditions.c and exception.c do for
 * one question, said for all of them at once. While a space gathers, these collect its atoms. Each
 * fills `out`, which was empty. Inside policy/ only.
 */
#ifndef FEDGATE_POLICY_HOLDS_H
#define FEDGATE_POLICY_HOLDS_H

#include "policy/space.h"

/* As it stands. */
void holds_normally(struct space *s, unsigned side, uint32_t grant, struct region *out);

/* The same, of the conditions outside `any` and those of one alternative (from 1) only. */
void holds_alternative(struct space *s, unsigned side, uint32_t grant, unsigned alternative,
                       struct region *out);

/* Where a person may go past its conditions, and the rest holds. */
void holds_by_exception(struct space *s, unsigned side, uint32_t grant, struct region *out);

/* Where what the grant lets through goes as in an emergency: the message declares one, or one that
 * is on record covers it, so that approval is not waited for. */
void holds_in_emergency(struct space *s, unsigned side, uint32_t grant, struct region *out);

/* Where a prohibition stands against it. */
void holds_prohibited(struct space *s, unsigned side, uint32_t grant, struct region *out);

/* ---- shared by holds.c and holds_when.c */

/* One grant, asked for one of the incidents or none. */
struct asking {
    struct space *s;
    const struct policy *p;
    const struct row_grant *g;
    unsigned side, incident;
    bool named;   /* there is an incident */
    bool excepts; /* what a named person may go past counts as holding */
};

/* The cells in which an atom of this side holds. */
static inline uint64_t asking_cells(const struct asking *a, enum dim dim, enum atom_op op,
                                    uint64_t mask)
{
    return space_ask(a->s, dim,
                     (struct atom){.op = (uint8_t)op, .side = (uint8_t)a->side, .mask = mask});
}

static inline uint64_t asking_named(const struct asking *a, enum dim dim, const char *text)
{
    return space_ask(a->s, dim, (struct atom){.op = ATOM_TEXT, .text = text});
}

static inline bool asking_watched(const struct asking *a)
{
    return a->s->line.manner == MANNER_WATCH;
}

/* Leaves these cells of the dimension, of the incident asked for. */
static inline void asking_narrow(const struct asking *a, enum dim dim, uint64_t cells,
                                 struct region *r)
{
    if (dim != a->s->ignored)
        region_narrow(r, dim_of(dim, a->incident), cells);
}

/* An incident in one of these states. */
enum { KNOWN_STATES = 1 << STATE_CLOSED | 1 << STATE_OPEN, OPEN_STATE = 1 << STATE_OPEN };
void asking_state(const struct asking *a, uint64_t states, struct region *r);

/* The grant's conditions; of its alternatives one, or (only 0) whichever. */
void asking_conditions(const struct asking *a, unsigned only, struct region *r);

#endif

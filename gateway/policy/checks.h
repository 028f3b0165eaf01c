/*
 * Checks over a compiled set that need all of it: what no message can meet, and what two grants
 * meet at once. Each line of questions is looked at once. Inside policy/ only.
 */
#ifndef FEDGATE_POLICY_CHECKS_H
#define FEDGATE_POLICY_CHECKS_H

#include "policy/builder.h"
#include "policy/holds.h"
#include "policy/sample.h"

enum { LINE_GRANTS_MAX = 256, ALTERNATIVES_OF_A_GRANT = 17 };

/* How far a grant comes at best, over all lines. */
enum reached { NEVER_HOLDS, ALWAYS_BEATEN, ALWAYS_PROHIBITED, ANSWERS };

struct standing {
    uint8_t reached;           /* enum reached */
    bool meets;                /* the grant that it is narrower than */
    uint32_t possible, needed; /* alternatives: bit 1 << number */
};

struct checks {
    struct compilation *c;
    const struct policy *p;
    struct universe universe;
    struct space *space;
    struct sample *sample;
    struct standing *of; /* each grant's */
    bool incomplete;     /* some line asked more than a space holds */
};

/* The grants of one line, the narrowest first, and where each holds. */
struct line_grants {
    struct space *s;
    unsigned side;
    size_t count;
    uint32_t grant[LINE_GRANTS_MAX];
    struct region holds[LINE_GRANTS_MAX];
};

/* Those of a slot that answer for the line; false when there are more than there is room for. */
bool line_grants_find(struct line_grants *g, struct space *s, unsigned side);
void line_grants_free(struct line_grants *g);

/* Calls `each` for every line of questions that a grant of the slot answers; streams are asked for
 * their watchers, or (offers) for their senders. */
typedef void line_fn(const struct line_of *line, void *arg);
void lines_of_slot(const struct policy *p, const struct row_slot *slot, bool offers, line_fn *each,
                   void *arg);

/* Whether grant `a` is narrower than `b`, directly or through others. */
bool grant_is_narrower(const struct policy *p, uint32_t a, uint32_t b);

/* Of one line: two grants that hold for one message (overlap.c), and what each grant comes to
 * (dead.c). */
void check_overlap(struct checks *x, struct line_grants *g);
void check_reached(struct checks *x, struct line_grants *g);

/* When all lines were looked at: warnings. */
void tell_dead(struct checks *x);

#endif

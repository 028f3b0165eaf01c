/*
 * What a visit brings along beside its reason: facts of the register that were opened elsewhere, in
 * memory alone; and whether an answer is being made for it. Wiped when the visit is over and nobody
 * reads them any more.
 */
#ifndef FEDGATE_CONSOLE_CARRIED_H
#define FEDGATE_CONSOLE_CARRIED_H

#include "base/ident.h"
#include "console/visit.h"
#include "report/facts.h"

struct carried {
    struct facts_file *facts;      /* NULL: none were brought; */
    size_t size;                   /* of the file that they came in, */
    char unit[IDENT_UNIT_MAX + 1]; /* and whose it was */
    unsigned holders;              /* the visit, and who reads for it */
    unsigned jobs;                 /* answers under way */
    bool is_over;                  /* the visit is: whoever holds it lets go soon */
};

/* The visit's own. */
struct carried *carried_of(struct visit *v);

/* Counted; the last release frees it and wipes the facts. */
struct carried *carried_hold(struct carried *c);
void carried_release(struct carried *c); /* accepts NULL */

/* Puts facts in place of those that were there (NULL: none), and owns them; they came in a file of
 * so many bytes from this unit. */
void carried_bring(struct carried *c, struct facts_file *facts, size_t size, const char *unit);

/* What visits keep together, and those of one unit, but for `c`: bytes of files. */
struct carried_sum {
    size_t of_all, of_unit;
};
struct carried_sum carried_beside(const struct visits *v, const struct carried *c,
                                  const char *unit);

#endif

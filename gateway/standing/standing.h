/*
 * What stands beside incidents: regions in which a disaster headquarters works, and consents that
 * were withdrawn or suspended. Pure states and transitions, as those of incidents: the ledger
 * applies them when it commits, and the edge to its view of the same.
 *
 * A consent is known by a keyed digest, and so is each of its purposes: who it is about cannot be
 * found in a journal or log without the key.
 */
#ifndef FEDGATE_STANDING_STANDING_H
#define FEDGATE_STANDING_STANDING_H

#include "base/buf.h"
#include "base/cursor.h"
#include "base/ident.h"

enum {
    STANDING_DIGEST = 32,
    STANDING_TAG = 16,
    STANDING_PURPOSES_MAX = 8,    /* of one change */
    STANDING_EXCEPTIONS_MAX = 16, /* purposes for which one consent differs from the rest */
    STANDING_REGIONS_MAX = 64,
    STANDING_CONSENTS_MAX = 4096 /* of one party: consents that do not stand */
};

/* The transitions. */
enum standing_step {
    STANDING_ACTIVE = 1, /* a headquarters works for the region */
    STANDING_ENDED,      /* it does not any more */
    STANDING_SUSPENDED,  /* the consent does not stand for now, for all purposes or for some */
    STANDING_RESUMED,    /* it stands again, for all purposes or for some */
    STANDING_WITHDRAWN /* as SUSPENDED; and what was given under it until now does not come back */
};

struct standing_change {
    enum standing_step step;
    struct bytes by;                  /* party/unit */
    struct bytes region;              /* ACTIVE, ENDED: a word */
    uint8_t consent[STANDING_DIGEST]; /* the others */
    uint8_t purpose[STANDING_PURPOSES_MAX][STANDING_TAG];
    size_t purposes; /* none: all */
    int64_t at_us;
};

enum standing_verdict {
    STANDING_APPLIED,
    STANDING_UNCHANGED, /* it holds already; nothing to do */
    STANDING_TOO_MANY   /* regions, consents of the party, or exceptions of the consent */
};

struct standing;

struct standing *standing_new(void);
void standing_free(struct standing *s); /* accepts NULL */
void standing_clear(struct standing *s);

/* Whether the change is possible, without making it. */
enum standing_verdict standing_judge(const struct standing *s, const struct standing_change *c);

/* Judges, and applies it when the verdict is STANDING_APPLIED. */
enum standing_verdict standing_apply(struct standing *s, const struct standing_change *c);

/* Whether a headquarters works for the region; the regions one by one, in no order: NULL past the
 * last. */
bool standing_is_active(const struct standing *s, struct bytes region);
const char *standing_region(const struct standing *s, size_t i);

/* How many consents do not stand, for one purpose at least; whether this one does not for this
 * purpose. */
size_t standing_consents(const struct standing *s);
bool standing_is_gone(const struct standing *s, const uint8_t consent[STANDING_DIGEST],
                      const uint8_t purpose[STANDING_TAG]);

/* The change as it stands in records. What is taken is well-formed: names, bounds, times behind
 * 1970. */
void standing_change_put(const struct standing_change *c, struct buf *out);
MUST_USE enum result standing_change_take(struct cursor *in,
                                          struct standing_change *out); /* views into the input */

/* The whole, item by item, as it goes from role to role: each is called with one encoded item; the
 * other side takes it, once, into a state that lacks it. */
void standing_each(const struct standing *s, void (*each)(void *arg, struct bytes item), void *arg);
MUST_USE enum result standing_take(struct standing *s, struct bytes item);

#endif

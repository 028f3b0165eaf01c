/*
 * A concrete question out of a region, with all that the gateway knows beside it: an example that
 * the decision itself is asked about before anybody sees it. Inside policy/ only.
 */
#ifndef FEDGATE_POLICY_SAMPLE_H
#define FEDGATE_POLICY_SAMPLE_H

#include "policy/analysis.h"
#include "policy/space.h"

/* Its views point into the sets, and into itself: it stays where it was made. */
struct sample {
    struct facts facts, watcher;
    bool watched;
    struct incident incident[REGION_INCIDENTS];
    char id[REGION_INCIDENTS][IDENT_INCIDENT_MAX + 1];
    bool known[REGION_INCIDENTS]; /* the gateway knows the incident */
    int64_t now_us;
    struct bytes headquarters[SPACE_WORDS]; /* regions with an active one */
    size_t headquarters_count;
    bool consent_gone;
    const char *to;
};

/* An answer, as a recipient and a sender see it. */

struct answer {
    enum policy_verdict verdict;
    struct decision decision; /* the grant POLICY_NONE where the words are not even known */
};

/* A question of the box; false when no places were found for it (space.unproven is set, unless
 * there are none). */
bool sample_make(struct space *s, const struct box_cells *b, struct sample *out);

/* The question as a set takes it; q->state is set. */
enum reason sample_question(const struct sample *x, const struct policy *p,
                            struct policy_question *q);

/* What a set answers. */
struct answer sample_ask(const struct sample *x, const struct policy *p);

/* Leaves out what `holds` does not need. */
void sample_reduce(struct sample *x, bool (*holds)(const struct sample *x, void *arg), void *arg);

/* Calls `each` for all that it says, in the words of the policy language: "basis",
 * "kr/pipa/18-2-3". */
typedef void sample_fn(const char *key, const char *value, void *arg);
void sample_each(const struct sample *x, bool korean, sample_fn *each, void *arg);

/* ---- places.c */

/* Places for an incident, for cameras and the cells that the box allows to it. */
struct place_wanted {
    const uint32_t *camera; /* in the universe's list */
    size_t cameras;
    struct place_cells cells;
};
bool place_find(const struct space *s, const struct place_wanted *wanted, struct incident *out);

#endif

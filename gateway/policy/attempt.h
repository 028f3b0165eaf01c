/* How far one grant came with a question. Inside policy/ only. */
#ifndef FEDGATE_POLICY_ATTEMPT_H
#define FEDGATE_POLICY_ATTEMPT_H

#include "policy/snapshot.h"

/* How far a grant came before it failed: the further, the nearer it was. The first six are the
 * dimensions. */
enum depth {
    FAILED_KIND = DIMENSION_KIND,
    FAILED_FROM = DIMENSION_FROM,
    FAILED_TO = DIMENSION_TO,
    FAILED_SERVICE = DIMENSION_SERVICE,
    FAILED_PURPOSE = DIMENSION_PURPOSE,
    FAILED_BASIS = DIMENSION_BASIS,
    FAILED_CONDITION,
    FAILED_PROHIBITION,
    HOLDS
};

struct attempt {
    enum depth depth;
    struct decision decision;
};

/* Tells the visitor of a trace, if there is one. */
static inline void attempt_tell(const struct policy_question *q, struct policy_tried step)
{
    if (__builtin_expect(q->visitor != NULL, 0))
        q->visitor->tried(&step, q->visitor->arg);
}

struct attempt attempt_success(void);
struct attempt attempt_fail(enum depth depth, enum reason reason, const char *failed,
                            const char *law);

/* A grant that was not even compared: its own words for the dimension that differs. */
struct attempt attempt_elsewhere(const struct policy_question *q, uint32_t grant, enum depth depth);

/* One grant, whose kind, from and to are those of the question. */
struct attempt attempt_grant(const struct policy_question *q, uint32_t grant, uint32_t to);

/* The same where a person may go past conditions; it fails where nobody may. */
struct attempt attempt_exception(const struct policy_question *q, uint32_t grant, uint32_t to);

#endif

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

/* Whether a trace is told, and telling its visitor. What is told is not even put together without
 * one. */
static inline bool attempt_is_told(const struct policy_question *q)
{
    return __builtin_expect(q->visitor != NULL, 0);
}

static inline void attempt_tell(const struct policy_question *q, struct policy_tried step)
{
    q->visitor->tried(&step, q->visitor->arg);
}

/* One that holds so far; POLICY_NONE: of no grant. */
void attempt_begin(const struct policy_question *q, uint32_t grant, struct attempt *a);

/* That failed, and where: false. */
bool attempt_fail(struct attempt *a, enum depth depth, enum reason reason, const char *failed,
                  const char *law);

/* Of a grant whose kind, from and to are those of the question: the first dimension that differs,
 * or FAILED_CONDITION when none does. Most grants end here, so it fills no attempt. */
enum depth attempt_compare(const struct policy_question *q, uint32_t grant);

/* A grant whose dimension differs, in its own words. */
void attempt_differs(const struct policy_question *q, uint32_t grant, enum depth depth,
                     struct attempt *a);

/* What stands before any condition: whether the attempt's grant is in force and not suspended, the
 * message's status passes between these units, and there is the evidence that its basis asks for.
 */
bool attempt_envelope(const struct policy_question *q, uint32_t to, struct attempt *a);

/* What the law says of a basis, for refusals. */
const char *attempt_law(const struct policy_question *q, uint16_t basis);

/* What comes after the dimensions, which are those of the question. */
void attempt_terms(const struct policy_question *q, uint32_t grant, uint32_t to, struct attempt *a);

/* One grant, whose kind, from and to are those of the question: whether dimensions and terms hold.
 */
bool attempt_grant(const struct policy_question *q, uint32_t grant, uint32_t to, struct attempt *a);

/* The same where a person may go past conditions; false where nobody may or it fails all the same.
 */
bool attempt_exception(const struct policy_question *q, uint32_t grant, uint32_t to,
                       struct attempt *a);

#endif

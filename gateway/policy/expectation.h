/* What a test expects of a decision. Inside policy/ only. */
#ifndef FEDGATE_POLICY_EXPECTATION_H
#define FEDGATE_POLICY_EXPECTATION_H

#include "policy/request.h"
#include "policy/tools.h"

/* What is not stated is not compared. Views point into the document. */
struct expectation {
    bool has_verdict;
    enum policy_verdict verdict;
    enum reason reason; /* REASON_NONE: any */
    struct bytes to, clause, failed;
    struct moment destroy_by;
    const struct node *changed; /* a list of paths, or `none`; NULL: not stated */
};

/* "permitted", "refused OUTSIDE_RADIUS", or a map; what the map leaves out stays as it was. */
void expectation_read(struct reader *r, const struct node *n, struct expectation *out);

/* What came: of a question that could not be asked `explanation` is NULL. */
struct answer {
    const struct policy_explanation *explanation;
    enum reason reason;
    const char *failed;
};

/* Whether it was as expected; a line for each difference is appended to `out`. */
bool expectation_met(const struct expectation *x, const struct policy *p, int64_t now_us,
                     const struct answer *answer, bool korean, struct buf *out);

#endif

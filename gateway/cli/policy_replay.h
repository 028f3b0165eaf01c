/* What a replay of a log found, and how it is told. */
#ifndef FEDGATE_CLI_POLICY_REPLAY_H
#define FEDGATE_CLI_POLICY_REPLAY_H

#include "cli/audit_log.h"
#include "cli/policy_set.h"
#include "policy/analysis.h"

/* What became of a recorded decision. */
enum replay_change {
    REPLAY_SAME,
    REPLAY_REFUSED,   /* would be refused now */
    REPLAY_PERMITTED, /* would not be refused now */
    REPLAY_OTHER,     /* another clause, or held, or as an emergency, or not so any more */
    REPLAY_OPEN,      /* not replayable */
    REPLAY_CHANGES
};

struct replay_clause {
    char *clause; /* that decided then; "" of refusals without one */
    size_t count[REPLAY_CHANGES];
};

struct replay_example {
    enum replay_change change;
    uint64_t index;
    int64_t time_us;
    char *kind, *from, *to, *then, *now; /* clauses: "permitted mou#grant" */
};

enum { REPLAY_EXAMPLES_MAX = 20, REPLAY_FACTS_MAX = 64 };

struct replay_found {
    struct replay_clause *clause;
    size_t clauses, room;
    size_t total[REPLAY_CHANGES];
    size_t not_by_set;              /* decided by something else than the set: a limit, a form */
    size_t facts[REPLAY_FACTS_MAX]; /* how many hang on each (policy_fact_key) */
    size_t withheld;                /* and on words that the log does not hold */
    struct replay_example example[REPLAY_EXAMPLES_MAX];
    size_t examples;
};

void replay_print(const struct replay_found *f, bool korean, struct buf *out);
void replay_print_json(const struct replay_found *f, struct buf *out);

#endif

/*
 * Long reading of the log, in slices: so many entries a turn that nobody else on the loop waits. It
 * goes up to the checkpoint that was published when it began, so that all it says can be proven.
 */
#ifndef FEDGATE_CONSOLE_JOB_H
#define FEDGATE_CONSOLE_JOB_H

#include "audit/leaf.h"

struct job;

enum job_state {
    JOB_RUNS,
    JOB_DONE,
    JOB_FAILED,   /* the log cannot be read: `why` says where */
    JOB_TOO_LARGE /* what was to be kept of it does not fit */
};

enum { JOB_WHY = 120, JOB_SLICE_US = 2000 };

struct job_config {
    int folder;    /* the log's, which stays the caller's */
    uint64_t size; /* entries under the checkpoint */
    struct clock clock;
    /* Gets every leaf, in order. RESULT_TOO_LARGE ends the job with that. */
    enum result (*take)(void *arg, const struct leaf *leaf);
    void *arg;
    const uint64_t *only; /* these alone, ascending; NULL: all */
    size_t count;
};

/* `only` is copied. Freed by job_free (NULL is fine). */
struct job *job_new(const struct job_config *c);
void job_free(struct job *j);

/* Reads on for about so long: at least one bundle of entries. */
enum job_state job_turn(struct job *j, int64_t within_us);

struct job_progress {
    uint64_t done, of;                  /* entries */
    uint64_t let_go, missing, left_out; /* of them: let go by the log (audit/pruned.h); not there
                                           though it never let them go; no leaves of ours */
    uint64_t let_go_before;             /* the log has let go of all entries before this one */
    const char *why;                    /* JOB_FAILED */
};
void job_progress(const struct job *j, struct job_progress *out);

#endif

/*
 * From a folder of policy files to a snapshot. All errors of one run are told, each with file, line
 * and column. What is not understood is refused; what is not written is not permitted.
 */
#ifndef FEDGATE_POLICY_COMPILE_H
#define FEDGATE_POLICY_COMPILE_H

#include "base/buf.h"
#include "config/diagnose.h"

struct seal;       /* policy/seal.h */
struct read_watch; /* config/read.h */

/* A file that stands in for one of the set's, or beside them: what a set would be with it. */
struct policy_instead {
    const char *path; /* below the set's folder */
    struct bytes text;
};

struct policy_sources {
    int folder; /* descriptor of the set's folder */
    int crls;   /* descriptor of the folder of revocation lists; -1: none are read, and none are
                   missed */
    bool draft; /* a set without root certificates is allowed: nobody can connect under it */
    int64_t now_us;
    struct seal *seal;        /* NULL: whether and by whom the set is signed does not matter */
    struct read_watch *watch; /* is told of every map that the compiler reads; NULL: nobody */
    const struct policy_instead *instead;
    size_t insteads; /* not with a seal, which is over what is there */
};

/* What a set holds, for a closing line. */
struct policy_counts {
    size_t parties, units, cameras, memoranda, grants, prohibitions, bases;
    size_t without_root; /* parties of a draft that cannot connect yet */
};

/*
 * Compiles the set. On success (no errors; warnings are allowed) `block` receives the snapshot. The
 * messages are in `d` either way. RESULT_MALFORMED after errors, RESULT_TOO_LARGE when the set does
 * not fit the block.
 */
MUST_USE enum result policy_compile(const struct policy_sources *sources, struct diagnose *d,
                                    struct buf *block, struct policy_counts *counts);

#endif

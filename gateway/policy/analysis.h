/*
 * Comparing decisions without deciding: which messages two sets answer differently, and whether
 * what little is known of a message settles its answer. Both look at all messages there can be, not
 * at some of them (region.h); an example is told only when the decision itself gives the answers
 * that it is an example of.
 */
#ifndef FEDGATE_POLICY_ANALYSIS_H
#define FEDGATE_POLICY_ANALYSIS_H

#include "policy/tools.h"

/* What a message comes to under one set. */
struct policy_decided {
    enum policy_verdict verdict;
    enum reason reason;
    const char *clause; /* in the set, or "" */
    const char *failed; /* in the set or static, or "" */
};

/* ---- diff */

/* What a clause brings with it. */
enum policy_aspect {
#define ASPECT(NAME, en, ko) POLICY_ASPECT_##NAME,
#include "policy/aspects.def"
#undef ASPECT
    POLICY_ASPECTS
};
const char *policy_aspect_text(enum policy_aspect a, bool korean);

/* Messages of one kind and way that come to one thing under the old set and to another under the
 * new one; two refusals are the same thing, whatever their reasons. */
struct policy_difference {
    const char *kind, *from, *to;
    struct policy_decided old, new;
    unsigned aspects; /* that differ, where both permit: bit 1 << policy_aspect */
    char *message;    /* an example: "key\tvalue\n", in the language asked for */
};

/* A way whose messages could not all be compared. */
struct policy_uncompared {
    const char *kind, *from, *to;
    bool too_many; /* the grants ask more different things than fit; else no place was found where
                      an example could be */
};

/* What a change of a unit's role in the console comes to. */
enum policy_width { POLICY_WIDER, POLICY_OTHER, POLICY_NARROWER };
enum policy_width policy_console_width(enum policy_console old, enum policy_console new);
const char *policy_width_text(enum policy_width w, bool korean);

/* A unit that may do something else in the console; one that a set does not have may do nothing. */
struct policy_console_change {
    const char *unit;
    enum policy_console old, new;
    enum policy_width width;
};

struct policy_diff {
    struct policy_difference *difference; /* what the new set newly permits first */
    size_t differences;
    struct policy_uncompared *uncompared;
    size_t uncompareds;
    struct policy_console_change *console; /* what is wider first */
    size_t consoles;
    size_t unconfirmed; /* examples that the decision denied: a fault of ours */
};

/* Compares all ways of both sets, and units' roles in the console; examples are about `now_us`
 * where the time does not matter. The sets must outlive the result, which policy_diff_free frees.
 */
void policy_diff(const struct policy *old, const struct policy *new, int64_t now_us, bool korean,
                 struct policy_diff *out);
void policy_diff_free(struct policy_diff *d);

/* ---- replay */

/* What a log holds of one decision about one recipient, and of the message. */
struct policy_recorded {
    struct bytes kind, from, to, service, purpose, basis, status; /* words, as the log has them */
    size_t incidents;                                             /* how many it names */
    int64_t time_us;
    uint64_t serial;             /* of the set that decided */
    enum policy_verdict verdict; /* that it gave, */
    struct bytes clause;         /* and whose, when it did not refuse */
};

/* What a set makes of it. Where that hangs on facts that the log does not hold, it is not settled:
 * `facts` (a bit for each) says on which; or none of them, and a word that the log does not hold or
 * more than fits stands in the way. */
struct policy_replayed {
    bool settled;
    struct policy_decided now; /* when it is settled; of a refusal only the verdict */
    uint64_t facts;
};

/* The key of the policy language that fact number `i` is about; NULL past the last. */
const char *policy_fact_key(unsigned i);

/*
 * Settles decisions of a log under `now`. `then` (or NULL) is the set that decided: what is
 * recorded under its serial tells more of the message than its words, for it was decided as
 * recorded. The sets must outlive the replayer; freed by policy_replayer_free.
 */
struct policy_replayer;
struct policy_replayer *policy_replayer_new(const struct policy *now, const struct policy *then);
void policy_replayer_free(struct policy_replayer *r);
void policy_replay(struct policy_replayer *r, const struct policy_recorded *record,
                   struct policy_replayed *out);

#endif

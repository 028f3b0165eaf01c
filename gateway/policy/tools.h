/*
 * What people ask about a policy set: a memorandum in plain sentences, and who can ever receive
 * what. Everything here reads an opened snapshot and the files that it was compiled from; nothing
 * here decides.
 */
#ifndef FEDGATE_POLICY_TOOLS_H
#define FEDGATE_POLICY_TOOLS_H

#include "config/diagnose.h"
#include "policy/policy.h"

/* The memoranda of a set, in the order of their files: NULL past the last. The strings live in the
 * snapshot. */
const char *policy_memorandum_name(const struct policy *p, size_t i);
const char *policy_memorandum_file(const struct policy *p, size_t i); /* "mou/x.yaml" */

/* "mou#name" of a grant. */
const char *policy_grant_clause(const struct policy *p, uint32_t grant);

/* ---- pages: self-contained HTML for A4, without scripts */

/* Between these two stand any number of memoranda or one matrix. `title` is escaped here. */
void policy_page_begin(struct buf *out, const char *title, bool korean);
void policy_page_end(struct buf *out);

/* ---- show */

enum policy_form {
    POLICY_FORM_TEXT,
    POLICY_FORM_HTML,
    POLICY_FORM_PART /* its sentences alone, for a page that brings its own frame and styles */
};

/*
 * Appends a memorandum as sentences of one language, each with the line that it stands for: as text
 * (of about `width` columns), or as a section of a page with a block to sign and the SHA-256 of
 * `text`, the file's bytes. `file` names it. RESULT_UNKNOWN when the file says something that no
 * sentence says: *unsaid is its line then, and nothing must be signed; RESULT_MALFORMED when the
 * text is no memorandum (a set that compiled has none such).
 */
MUST_USE enum result policy_show(const struct policy *p, const char *file, struct bytes text,
                                 bool korean, enum policy_form form, size_t width, struct buf *out,
                                 unsigned *unsaid);

/* One line of a clause: its number and text, how deep it stands below the clause's title (0), the
 * line of the file. */
struct policy_sentence {
    unsigned line, depth;
    const char *mark, *text;
};

/* Tells the sentences of one grant or prohibition by its name in the memorandum, its title first.
 * RESULT_NOT_FOUND when the memorandum has none such, RESULT_MALFORMED as above. */
MUST_USE enum result
policy_show_clause(const struct policy *p, const char *file, struct bytes text, const char *name,
                   bool korean, void (*each)(void *arg, const struct policy_sentence *sentence),
                   void *arg);

/* ---- who */

/* Which rows of the matrix are wanted; NULL: all. A unit's party stands for all of its units. */
struct policy_who {
    const char *kind, *purpose, *from, *to;
};

enum policy_way { POLICY_WAY_GRANT, POLICY_WAY_ESCALATION, POLICY_WAY_ONWARD };

/* One line of the matrix: who can receive what from whom, and under which clause. */
struct policy_flow {
    enum policy_way way;
    uint32_t grant, from, to;
    const char *kind, *purpose, *service, *clause, *file; /* in the snapshot */
    unsigned line;
};

/* Calls `each` for every way that data can ever take, in the order of the file. */
void policy_flows(const struct policy *p, const struct policy_who *who,
                  void (*each)(const struct policy_flow *flow, void *arg), void *arg);

/* The same for those that begin or end at a unit: of the grants from number `from` on, until about
 * POLICY_UNIT_FLOWS ways were looked at, so that a call of it takes a bounded time. Returns the
 * grant to go on from; 0: that was all. `looked`: at how many. */
enum { POLICY_UNIT_FLOWS = 1024 };
uint32_t policy_unit_flows(const struct policy *p, uint32_t unit, uint32_t from,
                           void (*each)(const struct policy_flow *flow, void *arg), void *arg,
                           size_t *looked);

/*
 * Why no message of this status can take that way now, whatever it says: not in force, suspended, a
 * receipt overdue, a status that does not pass between these units; *failed says it in the policy
 * language's own words. REASON_PERMITTED: that depends on the message. Judged as messages are
 * (envelope.c).
 */
enum reason policy_flow_closed(const struct policy *p, const struct policy_flow *flow,
                               const struct policy_state *state, unsigned status, int64_t now_us,
                               const char **failed);

/* How it gets there, in words. */
const char *policy_way_text(enum policy_way way, bool korean);

/* The codes of the legal bases on which it flows, one by one from *at 0 on: NULL past the last. */
const char *policy_flow_basis(const struct policy *p, const struct policy_flow *flow, uint32_t *at);

/* Appends all of them, "a, b". */
void policy_flow_bases(const struct policy *p, const struct policy_flow *flow, struct buf *out);

/* Appends what a word is called in the language; the word itself when it has no title. Kinds,
 * fields and origins of positions have theirs without a set: `p` may be NULL for them. */
enum policy_name {
    POLICY_NAME_KIND,
    POLICY_NAME_PURPOSE,
    POLICY_NAME_SERVICE,
    POLICY_NAME_UNIT,
    POLICY_NAME_BASIS,
    POLICY_NAME_FIELD,
    POLICY_NAME_ORIGIN,
    POLICY_NAME_EVIDENCE
};
void policy_put_name(const struct policy *p, enum policy_name what, const char *word, bool korean,
                     struct buf *out);

/* The matrix as a section of a page. */
void policy_who_page(const struct policy *p, const struct policy_who *who, bool korean,
                     struct buf *out);

/* ---- explain */

enum policy_verdict { POLICY_PERMITTED, POLICY_EMERGENCY, POLICY_HELD, POLICY_REFUSED };
const char *policy_verdict_word(enum policy_verdict v, bool korean);

enum policy_outcome { POLICY_DID_HOLD, POLICY_DID_NOT, POLICY_PASSED_OVER, POLICY_NOT_ASKED };
const char *policy_outcome_word(enum policy_outcome o, bool korean);

/* One thing asked of one grant, or not asked because something before it did not hold. */
struct policy_explained {
    enum policy_step step;
    enum policy_outcome outcome;
    uint32_t grant, incident; /* POLICY_NONE: of no incident */
    uint32_t row;             /* of the condition, emergency or prohibition, or POLICY_NONE */
    unsigned alternative;     /* of `any`, from 1; 0: of none */
    const char *file, *text;  /* in the snapshot */
    unsigned line;
    enum reason reason; /* when it did not hold */
};

struct policy_explanation {
    const struct policy_question *question;
    uint32_t to;
    enum policy_verdict verdict;
    struct decision decision;
    struct obligations obligations; /* when it is not refused */
    struct policy_explained *step;
    size_t steps, room;
};

/* Decides for one recipient, and keeps each step. The question must outlive it. Freed by
 * policy_explanation_free. */
void policy_explain(const struct policy_question *q, uint32_t to, struct policy_explanation *out);
void policy_explanation_free(struct policy_explanation *e);

/* The paths of the fields that the clause changes, one by one: false past the last. */
bool policy_changed_field(const struct policy *p, uint32_t grant, size_t i, char *out, size_t n);

/* Appends it as text in the language, each line indented by so many blanks. */
void policy_explanation_text(const struct policy_explanation *e, bool korean, size_t indent,
                             struct buf *out);

/* A refusal before any grant is asked: a word that the set does not know. */
void policy_unasked_text(enum reason reason, const char *failed, bool korean, size_t indent,
                         struct buf *out);

/* ---- requests: what `policy explain` asks, in the words of a test */

struct policy_request;

/*
 * Reads a file with `now`, `message`, `watcher`, `incident`, `incidents` and `state`, or with the
 * keys of a message alone. `now_us` holds where the file has none. NULL after errors in `d`, which
 * lives longer. Freed by policy_request_free.
 */
struct policy_request *policy_request_read(const struct policy *p, const char *file,
                                           struct bytes text, int64_t now_us, struct diagnose *d);
void policy_request_free(struct policy_request *r);

/* The time that it is asked at. */
int64_t policy_request_now(const struct policy_request *r);

/* Takes these facts for the message, whatever the file said of it; they must outlive the request.
 */
void policy_request_message(struct policy_request *r, const struct facts *facts);

/* The question, or the reason why it cannot be asked, with *failed. It lives as long as the
 * request. */
enum reason policy_request_ask(struct policy_request *r, const struct policy_question **out,
                               const char **failed);

/* The units that it is asked about: those that the message names (POLICY_NONE for one that the set
 * does not know), or whoever the kind can reach. */
size_t policy_request_recipients(const struct policy_request *r, uint32_t to[POLICY_REACH_MAX]);

/* ---- tests of a set */

struct policy_tests;

struct policy_test_result {
    const char *file, *name;
    unsigned line;
    bool passed;
    const char *report; /* what was asked, expected and answered, and why; of one that failed */
};

/* `each` is told every result. The policy must outlive the tests. Freed by policy_tests_free. */
struct policy_tests *policy_tests_new(const struct policy *p, bool korean,
                                      void (*each)(const struct policy_test_result *r, void *arg),
                                      void *arg);
void policy_tests_free(struct policy_tests *t);

/* Who is told of every map that files of tests have (config/read.h). */
struct read_watch;
void policy_tests_watch(struct policy_tests *t, struct read_watch *watch);

/* Runs the tests of one file. False after errors in `d`. */
bool policy_tests_run(struct policy_tests *t, const char *file, struct bytes text,
                      struct diagnose *d);

size_t policy_tests_passed(const struct policy_tests *t);
size_t policy_tests_failed(const struct policy_tests *t);

/*
 * How much of the set the tests reached. A grant counts when it permitted once; a condition, a
 * prohibition and an emergency when each was seen both to hold and not to; a prohibition that no
 * grant can meet, when it was seen to spare. Appends a line for what is missing, with its place.
 */
struct policy_coverage {
    size_t clauses, clauses_of, conditions, conditions_of;
    unsigned percent; /* of both, rounded down */
};
void policy_tests_coverage(const struct policy_tests *t, struct policy_coverage *out,
                           struct buf *missing);

/* "coverage: clauses 76 of 76, conditions 180 of 180 (100 %)", appended. */
void policy_coverage_text(const struct policy_coverage *c, bool korean, struct buf *out);

#endif

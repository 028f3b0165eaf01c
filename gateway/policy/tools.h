/*
 * What people ask about a policy set without a running gateway: a memorandum in plain sentences,
 * and who can ever receive what. Everything here reads an opened snapshot and the files that it was
 * compiled from; nothing here decides.
 */
#ifndef FEDGATE_POLICY_TOOLS_H
#define FEDGATE_POLICY_TOOLS_H

#include "base/buf.h"
#include "policy/policy.h"

/* The memoranda of a set, in the order of their files: NULL past the last. The strings live in the
 * snapshot. */
const char *policy_memorandum_name(const struct policy *p, size_t i);
const char *policy_memorandum_file(const struct policy *p, size_t i); /* "mou/x.yaml" */

/* ---- pages: self-contained HTML for A4, without scripts */

/* Between these two stand any number of memoranda or one matrix. `title` is escaped here. */
void policy_page_begin(struct buf *out, const char *title, bool korean);
void policy_page_end(struct buf *out);

/* ---- show */

enum policy_form { POLICY_FORM_TEXT, POLICY_FORM_HTML };

/*
 * Appends a memorandum as sentences of one language, each with the line that it stands for: as text
 * (of about `width` columns), or as a section of a page with a block to sign and the SHA-256 of
 * `text`, the file's bytes. `file` names it. RESULT_UNKNOWN when the file says something that no
 * sentence says: *unsaid is its line then, and nothing must be signed; RESULT_MALFORMED when the
 * text is no YAML.
 */
MUST_USE enum result policy_show(const struct policy *p, const char *file, struct bytes text,
                                 bool korean, enum policy_form form, size_t width, struct buf *out,
                                 unsigned *unsaid);

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

/* How it gets there, in words. */
const char *policy_way_text(enum policy_way way, bool korean);

/* Appends the codes of the legal bases on which it flows, "a, b". */
void policy_flow_bases(const struct policy *p, const struct policy_flow *flow, struct buf *out);

/* Appends what a kind, purpose, service or unit is called in the language. */
enum policy_name { POLICY_NAME_KIND, POLICY_NAME_PURPOSE, POLICY_NAME_SERVICE, POLICY_NAME_UNIT };
void policy_put_name(const struct policy *p, enum policy_name what, const char *word, bool korean,
                     struct buf *out);

/* The matrix as a section of a page. */
void policy_who_page(const struct policy *p, const struct policy_who *who, bool korean,
                     struct buf *out);

#endif

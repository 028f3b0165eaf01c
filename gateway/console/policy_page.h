/* Pages about policy sets that came into force: each is named by the entry that says so. */
#ifndef FEDGATE_CONSOLE_POLICY_PAGE_H
#define FEDGATE_CONSOLE_POLICY_PAGE_H

#include "console/sets.h"
#include "console/web.h"

/* A set that is shown. */
struct policy_page {
    uint64_t index; /* of the entry */
    struct activated set;
    struct kept_set *kept; /* held until policy_page_close */
};

/* By the entry's number. False: it was answered, with why it cannot be shown. */
bool policy_page_open(struct web_call *w, struct bytes number, struct policy_page *out);
void policy_page_close(struct policy_page *p);

/* The same set once more, behind the view's record: a set is held while it is read, and not while
 * somebody waits for the ledger. */
bool policy_page_again(struct web_call *w, struct policy_page *out);

/* The activation of an entry; false when it is none. */
bool policy_page_read(struct web_call *w, uint64_t index, struct activated *out);

/* "set 12", its name, and since when. */
void policy_page_title(const struct web_call *w, const struct policy_page *p, struct buf *out);

/* "/ko/policy/4711" and what follows, appended. */
void policy_page_path(const struct web_call *w, uint64_t index, const char *rest, struct buf *out);

/* The newest activations first, at most SEARCH_PAGE_MAX below `before`; how many. False: it was
 * answered. */
bool policy_page_find(struct web_call *w, uint64_t before, uint64_t *out, size_t *found,
                      bool *more);

/* ---- one part of a set each; they leave closing it to their caller. */
void policy_show_set(struct web_call *w, struct policy_page *p);
void policy_show_memorandum(struct web_call *w, struct policy_page *p, struct bytes name);
void policy_show_matrix(struct web_call *w, struct policy_page *p);
void policy_show_changes(struct web_call *w, struct policy_page *p);
void policy_show_tests(struct web_call *w, struct policy_page *p);

#endif

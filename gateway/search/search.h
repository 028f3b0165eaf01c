/*
 * The derived index of the audit log: which entries have a word, in what time, and how often.
 * SQLite behind one door. It holds no entry: what is shown comes out of the log itself, and what is
 * damaged, of another log or another version is thrown away and built anew.
 */
#ifndef FEDGATE_SEARCH_SEARCH_H
#define FEDGATE_SEARCH_SEARCH_H

#include "audit/leaf.h"
#include "base/log.h"

enum search_field {
#define F(NAME, word, kind, text) SEARCH_##NAME,
#include "search/fields.def"
#undef F
    SEARCH_FIELDS
};

enum search_count {
#define C(NAME, value, second, third, text) SEARCH_COUNT_##NAME,
#include "search/counts.def"
#undef C
    SEARCH_COUNTS
};

enum { SEARCH_TERMS_MAX = 8, SEARCH_PAGE_MAX = 200 };

const char *search_field_word(enum search_field f);

/* SEARCH_FIELDS when the word is no field's. */
enum search_field search_field_of_word(struct bytes word);

struct search;

/*
 * Opens the index in a folder, or begins an empty one where there is none, or one that is damaged,
 * of another version or of another log than `origin`. All files are opened here: afterwards none is
 * opened by its path, and the folder's descriptor, which stays the caller's, is not used. `log`,
 * also for its clock, may be NULL, and lives as long as the index. RESULT_EXISTS when another
 * process has it open; RESULT_FULL, RESULT_IO.
 */
MUST_USE enum result search_open(int folder, struct bytes origin, const struct log *log,
                                 struct search **out);

/* What was taken and not settled is dropped. Accepts NULL. */
void search_close(struct search *s);

/* Entries up to here are in it, and found. Less than before when it had to begin anew. */
uint64_t search_size(const struct search *s);

/* How often it began anew. What is found over several calls is all of it only while this stays. */
uint64_t search_begun(const struct search *s);

/*
 * Takes the next entry; those between the last one and this were let go. It is found once it is
 * settled, all that was taken at once; much that was taken is settled here.
 * RESULT_STATE for one that is not behind the last, or an index of 2^51 or more. The others as
 * search_settle.
 */
MUST_USE enum result search_take(struct search *s, const struct leaf *leaf);

/* RESULT_FULL: nothing is lost, call again when the disk has room. RESULT_DAMAGED, here and
 * wherever else: the index begins anew, and is empty. RESULT_IO, RESULT_NO_MEMORY. */
MUST_USE enum result search_settle(struct search *s);

/*
 * Takes entries of the log in this folder up to a published size, for about so long by the log's
 * clock, at least a bundle of them. What was let go, and what is no entry of this version, is
 * passed over. RESULT_OK when all are in; RESULT_AGAIN when there are more. An index that is not of
 * this log begins anew. RESULT_NOT_FOUND, RESULT_MALFORMED for files that are not there or no
 * bundles; the others as search_settle.
 */
MUST_USE enum result search_follow(struct search *s, int folder, uint64_t upto, int64_t within_us);

struct search_query {
    struct search_term {
        enum search_field field;
        struct bytes value;
    } term[SEARCH_TERMS_MAX]; /* all have to hold */
    size_t terms;
    int64_t from_us, until_us; /* until: exclusive; INT64_MIN, INT64_MAX: no bound */
    uint64_t before;           /* newest first: only below this index; UINT64_MAX: from the end */
    bool oldest_first;
    uint64_t after;    /* then: from this index on */
    uint64_t *reached; /* NULL, or work has a bound of its own: where it ended, for `before` or
                          `after` of the next call, when *more is said */
};

/*
 * The indexes of entries that a query finds, at most `room`; *more: there are, or with `reached`
 * may be, others behind. A word that no entry has, or digits that are none, find nothing. Without
 * `reached` the work is at most one look a term at every 65536 entries. RESULT_RANGE for too many
 * terms or no such field; RESULT_DAMAGED, RESULT_IO, RESULT_NO_MEMORY.
 */
MUST_USE enum result search_find(struct search *s, const struct search_query *q, uint64_t *out,
                                 size_t room, size_t *found, bool *more);

/*
 * The entries that may belong to the chain of a record (report/chain.h), in order: all of them, and
 * few others. *more: there are more than `room`, or than are looked at.
 */
MUST_USE enum result search_chain(struct search *s, uint64_t record, uint64_t *out, size_t room,
                                  size_t *found, bool *more);

struct search_tally {
    struct bytes value, second, third; /* counts.def; valid during the call */
    uint64_t count;
    uint64_t bytes; /* together, of the messages counted */
    uint64_t last;  /* index of the last entry counted */
};

/* How often each combination of values came in the whole hours (UTC) that begin from `from_us` on
 * and before `until_us`. Results as search_find. */
MUST_USE enum result search_count(struct search *s, enum search_count what, int64_t from_us,
                                  int64_t until_us,
                                  void (*each)(void *arg, const struct search_tally *t), void *arg);

#endif

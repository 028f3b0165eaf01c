/*
 * One JSON object in canonical form (RFC 8785), as leaves and facts are: written member by member,
 * whose keys are ASCII and come in the order of their bytes (3.2.3), and read back only when
 * writing gives the same bytes again. What is wrong is remembered until the end. Inside audit/
 * only.
 */
#ifndef FEDGATE_AUDIT_CANONICAL_H
#define FEDGATE_AUDIT_CANONICAL_H

#include "base/buf.h"
#include "base/cursor.h"

struct canonical {
    struct buf *out;
    size_t before; /* what stood in it already */
    enum result status;
};

void canonical_begin(struct canonical *c, struct buf *out);

/* A text, a list of texts; nothing when empty. RESULT_MALFORMED at the end for what is no UTF-8. */
void canonical_text(struct canonical *c, const char *key, struct bytes value);
void canonical_texts(struct canonical *c, const char *key, const struct bytes *value, size_t count);

/* An integer that every reader holds exactly (RFC 7493, 2.2): 0 to 2^53 - 1, else RESULT_RANGE at
 * the end. canonical_count leaves zero out. */
void canonical_integer(struct canonical *c, const char *key, int64_t value);
void canonical_count(struct canonical *c, const char *key, uint64_t value);

/* A list of objects: before each, then one member after another, then canonical_close for each;
 * canonical_list_end after the last, unless there was none. */
void canonical_item(struct canonical *c, const char *key, size_t number);
void canonical_close(struct canonical *c);
void canonical_list_end(struct canonical *c, size_t count);

/* What was wrong first, or RESULT_TOO_LARGE above `most` bytes; `out` is as before then. */
MUST_USE enum result canonical_end(struct canonical *c, size_t most);

/*
 * Reading takes member by member in the same order, and looks at nothing twice. It is not strict:
 * what it did not take, or took that is no such text or number, shows when it is written again. A
 * member that does not come next is empty, or 0, and nothing is moved.
 */
struct canonical_reader {
    struct cursor in;
    struct buf *room; /* what was given, and behind it those of its texts that were escaped */
};

/* Initialises `room`, into which what is taken will point; the caller frees it with buf_free.
 * RESULT_MALFORMED, with an empty room, above `most` bytes. */
MUST_USE enum result canonical_read(struct canonical_reader *r, struct bytes given, size_t most,
                                    struct buf *room);

struct bytes canonical_take_text(struct canonical_reader *r, const char *key);

/* How many; at most `most` are taken. */
size_t canonical_take_texts(struct canonical_reader *r, const char *key, struct bytes *out,
                            size_t most);

/* `there`, which may be NULL, says whether it was there. */
int64_t canonical_take_integer(struct canonical_reader *r, const char *key, bool *there);

/* Whether there is another object in the list; then its members, and canonical_take_close. */
bool canonical_take_item(struct canonical_reader *r, const char *key, size_t number);
void canonical_take_close(struct canonical_reader *r);
void canonical_take_list_end(struct canonical_reader *r, size_t count);

/* Whether writing gave the same again: no unknown member, no other order, spelling or type. Frees
 * `again`. RESULT_MALFORMED also for whatever was wrong with writing. */
MUST_USE enum result canonical_same(struct bytes given, enum result written, struct buf *again);

#endif

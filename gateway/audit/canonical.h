/*
 * One JSON object in canonical form (RFC 8785), as leaves and facts are: written member by member,
 * whose keys are ASCII and come in the order of their bytes (3.2.3), and read back only when
 * writing gives the same bytes again. What is wrong is remembered until the end. Inside audit/
 * only.
 */
#ifndef FEDGATE_AUDIT_CANONICAL_H
#define FEDGATE_AUDIT_CANONICAL_H

#include "base/buf.h"
#include "json/json.h"

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

/* Reads an object of at most `most` bytes, for json_free; RESULT_MALFORMED. */
MUST_USE enum result canonical_read(struct bytes given, size_t most, struct json **out);

/* Whether writing gave the same again: no unknown member, no other order, spelling or type. Frees
 * `again`. RESULT_MALFORMED also for whatever was wrong with writing. */
MUST_USE enum result canonical_same(struct bytes given, enum result written, struct buf *again);

#endif

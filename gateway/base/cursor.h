/*
 * Bounded reading of bytes from outside. Every read says whether there was enough; nothing is ever
 * read past the end. All numbers are big-endian, the byte order of every format of ours.
 */
#ifndef FEDGATE_BASE_CURSOR_H
#define FEDGATE_BASE_CURSOR_H

#include "base/bytes.h"
#include "base/result.h"

/* Where reading stands: what is left. Copy it to look ahead. */
struct cursor {
    const uint8_t *at;
    size_t left;
};

static inline struct cursor cursor_over(struct bytes b)
{
    return (struct cursor){b.p, b.n};
}

/* Each takes one value and moves on, or answers RESULT_END and moves nothing. */
MUST_USE enum result cursor_u8(struct cursor *c, uint8_t *out);
MUST_USE enum result cursor_u16(struct cursor *c, uint16_t *out);
MUST_USE enum result cursor_u32(struct cursor *c, uint32_t *out);
MUST_USE enum result cursor_u64(struct cursor *c, uint64_t *out);
MUST_USE enum result cursor_i64(struct cursor *c, int64_t *out);
MUST_USE enum result cursor_bool(struct cursor *c, bool *out); /* 0 or 1; else RESULT_MALFORMED */

/* A protobuf varint of at most ten bytes; RESULT_MALFORMED when longer than 64 bits. */
MUST_USE enum result cursor_varint(struct cursor *c, uint64_t *out);

/* The next `n` bytes as a view into the input. */
MUST_USE enum result cursor_take(struct cursor *c, size_t n, struct bytes *out);

/* The bytes before the next `mark`, which is skipped. RESULT_END when there is none. */
MUST_USE enum result cursor_until(struct cursor *c, char mark, struct bytes *out);

/* The next `n` bytes copied to `out`. */
MUST_USE enum result cursor_copy(struct cursor *c, void *out, size_t n);

/* A byte string with a u16 or u32 length in front, as a view. */
MUST_USE enum result cursor_bytes16(struct cursor *c, struct bytes *out);
MUST_USE enum result cursor_bytes32(struct cursor *c, struct bytes *out);

/* RESULT_MALFORMED unless everything was read. */
MUST_USE enum result cursor_done(const struct cursor *c);

#endif

/*
 * A growing byte buffer with a ceiling, and the writing of our big-endian formats. A buffer that
 * went past its ceiling stays `failed` and swallows what follows, so a writer checks once, at the
 * end.
 */
#ifndef FEDGATE_BASE_BUF_H
#define FEDGATE_BASE_BUF_H

#include "base/bytes.h"
#include "base/result.h"

#include <endian.h>

/* Embedded by value in its owner; buf_init or BUF_INIT first, buf_free last. */
struct buf {
    uint8_t *p;
    size_t n;   /* bytes in use */
    size_t cap; /* bytes allocated */
    size_t max; /* ceiling for n */
    bool failed;
};

#define BUF_INIT(ceiling) ((struct buf){.max = (ceiling)})

void buf_init(struct buf *b, size_t max);

/* Wipes and releases; the buffer may be used again, with the same ceiling. */
void buf_free(struct buf *b);

/* Empties without releasing; wipes what was there. */
void buf_clear(struct buf *b);

/* The same for one that is filled again and again: what has room for more than `most` bytes is
 * released. */
void buf_reuse(struct buf *b, size_t most);

/* Empties without wiping, for what is no secret: it stands in a file as it stands here. */
static inline void buf_rewind(struct buf *b)
{
    b->n = 0;
    b->failed = false;
}

/* Drops the first `n` bytes (n <= b->n), keeping the rest in order. */
void buf_drop(struct buf *b, size_t n);

/* RESULT_OK, or RESULT_TOO_LARGE when anything did not fit since the buffer was initialised or
 * cleared. */
MUST_USE enum result buf_status(const struct buf *b);

static inline struct bytes buf_view(const struct buf *b)
{
    return bytes_of(b->p, b->n);
}

/* Room for `n` more bytes at the end, counted as in use; NULL when past the ceiling (the buffer has
 * failed then). Where there is room already it takes no call: most writes are of a few bytes. */
uint8_t *buf_extend_slowly(struct buf *b, size_t n);
static inline uint8_t *buf_extend(struct buf *b, size_t n)
{
    if (b->p == NULL || b->failed || b->n > b->max || n > b->cap - b->n || n > b->max - b->n)
        return buf_extend_slowly(b, n);
    uint8_t *p = b->p + b->n;
    b->n += n;
    return p;
}

/* Makes sure that `n` more bytes fit without another allocation, and returns where they would go;
 * not counted as in use. */
uint8_t *buf_reserve(struct buf *b, size_t n);

/* The same for `n` characters and a NUL behind them, which never counts: a text may fill the buffer
 * to its ceiling. */
char *buf_text_room(struct buf *b, size_t n);

static inline void buf_put(struct buf *b, const void *p, size_t n)
{
    uint8_t *to = n == 0 ? NULL : buf_extend(b, n);
    if (to != NULL)
        memcpy(to, p, n);
}

static inline void buf_u8(struct buf *b, uint8_t v)
{
    buf_put(b, &v, sizeof v);
}

static inline void buf_u16(struct buf *b, uint16_t v)
{
    const uint16_t big = htobe16(v);
    buf_put(b, &big, sizeof big);
}

static inline void buf_u32(struct buf *b, uint32_t v)
{
    const uint32_t big = htobe32(v);
    buf_put(b, &big, sizeof big);
}

static inline void buf_u64(struct buf *b, uint64_t v)
{
    const uint64_t big = htobe64(v);
    buf_put(b, &big, sizeof big);
}

static inline void buf_i64(struct buf *b, int64_t v)
{
    buf_u64(b, (uint64_t)v);
}

static inline void buf_bool(struct buf *b, bool v)
{
    buf_u8(b, v ? 1 : 0);
}

/* A number as protobuf writes it; varint_put answers how many bytes that takes. */
enum { VARINT_MAX = 10 };
size_t varint_put(uint8_t out[VARINT_MAX], uint64_t v);
void buf_varint(struct buf *b, uint64_t v);

/* A length in front, then the bytes; more than the length can say makes the buffer fail. */
void buf_bytes16(struct buf *b, struct bytes v);
void buf_bytes32(struct buf *b, struct bytes v);

/* Characters, without a NUL. */
void buf_text(struct buf *b, const char *text);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The text so far as a C string: a NUL stands behind it that is not counted. Valid until the next
 * write. */
const char *buf_c(struct buf *b);

#endif

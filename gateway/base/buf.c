#include "base/buf.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>

enum { FIRST_CAPACITY = 256 };

void buf_init(struct buf *b, size_t max)
{
    *b = BUF_INIT(max);
}

void buf_free(struct buf *b)
{
    if (b->p != NULL)
        mem_wipe(b->p, b->cap);
    mem_free(b->p);
    *b = BUF_INIT(b->max);
}

void buf_clear(struct buf *b)
{
    if (b->p != NULL)
        mem_wipe(b->p, b->n);
    b->n = 0;
    b->failed = false;
}

void buf_reuse(struct buf *b, size_t most)
{
    if (b->cap > most)
        buf_free(b);
    else
        buf_clear(b);
}

void buf_drop(struct buf *b, size_t n)
{
    if (n == 0)
        return;
    memmove(b->p, b->p + n, b->n - n);
    mem_wipe(b->p + b->n - n, n);
    b->n -= n;
}

enum result buf_status(const struct buf *b)
{
    return b->failed ? RESULT_TOO_LARGE : RESULT_OK;
}

/* Moves to a larger place and wipes the old one, which realloc would leave behind. */
static void move(struct buf *b, size_t cap)
{
    uint8_t *p = mem_room(cap);
    if (b->p != NULL) {
        memcpy(p, b->p, b->n);
        mem_wipe(b->p, b->n);
    }
    mem_free(b->p);
    b->p = p;
    b->cap = cap;
}

/* Room for `need` bytes in all, which are at most one more than the ceiling: the NUL of a text. */
static void ensure(struct buf *b, size_t need)
{
    size_t cap = b->cap == 0 ? FIRST_CAPACITY : b->cap;
    if (b->p != NULL && need <= b->cap)
        return;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    move(b, cap - 1 > b->max ? b->max + 1 : cap);
}

/* Whether `n` more bytes stay below the ceiling; the buffer has failed otherwise. */
static bool fits(struct buf *b, size_t n)
{
    if (n > b->max - b->n)
        b->failed = true;
    return !b->failed;
}

uint8_t *buf_reserve(struct buf *b, size_t n)
{
    if (!fits(b, n))
        return NULL;
    ensure(b, b->n + n);
    return b->p + b->n;
}

char *buf_text_room(struct buf *b, size_t n)
{
    if (!fits(b, n))
        return NULL;
    ensure(b, b->n + n + 1);
    return (char *)b->p + b->n;
}

uint8_t *buf_extend_slowly(struct buf *b, size_t n)
{
    uint8_t *p = buf_reserve(b, n);
    if (p != NULL)
        b->n += n;
    return p;
}

size_t varint_put(uint8_t out[VARINT_MAX], uint64_t v)
{
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        out[n++] = (uint8_t)(v | 0x80);
    out[n++] = (uint8_t)v;
    return n;
}

void buf_varint(struct buf *b, uint64_t v)
{
    uint8_t encoded[VARINT_MAX];
    buf_put(b, encoded, varint_put(encoded, v));
}

void buf_bytes16(struct buf *b, struct bytes v)
{
    if (v.n > UINT16_MAX) {
        b->failed = true;
        return;
    }
    buf_u16(b, (uint16_t)v.n);
    buf_put(b, v.p, v.n);
}

void buf_bytes32(struct buf *b, struct bytes v)
{
    if (v.n > UINT32_MAX) {
        b->failed = true;
        return;
    }
    buf_u32(b, (uint32_t)v.n);
    buf_put(b, v.p, v.n);
}

void buf_text(struct buf *b, const char *text)
{
    buf_put(b, text, strlen(text));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    b->failed = b->failed || n < 0;
    char *to = b->failed ? NULL : buf_text_room(b, (size_t)n);
    if (to == NULL)
        return;
    va_start(args, fmt);
    (void)vsnprintf(to, (size_t)n + 1, fmt, args);
    va_end(args);
    b->n += (size_t)n;
}

const char *buf_c(struct buf *b)
{
    ensure(b, b->n + 1);
    b->p[b->n] = 0;
    return (const char *)b->p;
}

#include "base/cursor.h"

#include <endian.h>

enum result cursor_take(struct cursor *c, size_t n, struct bytes *out)
{
    if (n > c->left)
        return RESULT_END;
    *out = bytes_of(c->at, n);
    if (n > 0)
        c->at += n;
    c->left -= n;
    return RESULT_OK;
}

enum result cursor_until(struct cursor *c, char mark, struct bytes *out)
{
    const uint8_t *at = c->left == 0 ? NULL : memchr(c->at, mark, c->left);
    struct bytes skipped;
    if (at == NULL)
        return RESULT_END;
    TRY(cursor_take(c, (size_t)(at - c->at), out));
    return cursor_take(c, 1, &skipped);
}

enum result cursor_copy(struct cursor *c, void *out, size_t n)
{
    struct bytes b;
    TRY(cursor_take(c, n, &b));
    if (n > 0)
        memcpy(out, b.p, n);
    return RESULT_OK;
}

/* Numbers are big-endian. */
enum result cursor_u8(struct cursor *c, uint8_t *out)
{
    return cursor_copy(c, out, sizeof *out);
}

enum result cursor_u16(struct cursor *c, uint16_t *out)
{
    uint16_t big;
    TRY(cursor_copy(c, &big, sizeof big));
    *out = be16toh(big);
    return RESULT_OK;
}

enum result cursor_u32(struct cursor *c, uint32_t *out)
{
    uint32_t big;
    TRY(cursor_copy(c, &big, sizeof big));
    *out = be32toh(big);
    return RESULT_OK;
}

enum result cursor_u64(struct cursor *c, uint64_t *out)
{
    uint64_t big;
    TRY(cursor_copy(c, &big, sizeof big));
    *out = be64toh(big);
    return RESULT_OK;
}

enum result cursor_i64(struct cursor *c, int64_t *out)
{
    uint64_t v;
    TRY(cursor_u64(c, &v));
    memcpy(out, &v, sizeof v);
    return RESULT_OK;
}

enum result cursor_bool(struct cursor *c, bool *out)
{
    struct cursor look = *c;
    uint8_t v;
    TRY(cursor_u8(&look, &v));
    if (v > 1)
        return RESULT_MALFORMED;
    *out = v == 1;
    *c = look;
    return RESULT_OK;
}

enum result cursor_varint(struct cursor *c, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0;; i++) { /* ends with the tenth byte at the latest */
        if (i >= c->left)
            return RESULT_END;
        uint8_t b = c->at[i];
        if (i == 9 && b > 1)
            return RESULT_MALFORMED;
        value |= (uint64_t)(b & 0x7f) << (7 * i);
        if ((b & 0x80) == 0) {
            c->at += i + 1;
            c->left -= i + 1;
            *out = value;
            return RESULT_OK;
        }
    }
}

enum result cursor_bytes16(struct cursor *c, struct bytes *out)
{
    struct cursor look = *c;
    uint16_t n;
    TRY(cursor_u16(&look, &n));
    TRY(cursor_take(&look, n, out));
    *c = look;
    return RESULT_OK;
}

enum result cursor_bytes32(struct cursor *c, struct bytes *out)
{
    struct cursor look = *c;
    uint32_t n;
    TRY(cursor_u32(&look, &n));
    TRY(cursor_take(&look, n, out));
    *c = look;
    return RESULT_OK;
}

enum result cursor_done(const struct cursor *c)
{
    return c->left == 0 ? RESULT_OK : RESULT_MALFORMED;
}

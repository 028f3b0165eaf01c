#include "crypto/base64.h"

#include "base/mem.h"

#include <sodium.h>

void base64_put(struct buf *out, struct bytes b)
{
    size_t n = sodium_base64_encoded_len(b.n, sodium_base64_VARIANT_ORIGINAL); /* with a NUL */
    char *to = buf_text_room(out, n - 1);
    if (to == NULL)
        return;
    (void)sodium_bin2base64(to, n, b.p, b.n, sodium_base64_VARIANT_ORIGINAL);
    out->n += n - 1;
}

/* libsodium 1.0.18 takes some bytes above 127 for '+' and '/'. */
static bool is_ascii(struct bytes text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] > 127)
            return false;
    return true;
}

/* The canonical form of at most `room` bytes, and nothing else. */
static bool take(struct bytes text, void *out, size_t room, size_t *n)
{
    const char *end;
    return is_ascii(text) &&
           sodium_base642bin(out, room, (const char *)text.p, text.n, NULL, n, &end,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           (size_t)(end - (const char *)text.p) == text.n;
}

enum result base64_take(struct bytes text, struct buf *out)
{
    size_t n, room = text.n / 4 * 3;
    uint8_t *to = buf_reserve(out, room);
    if (to == NULL)
        return RESULT_TOO_LARGE;
    if (!take(text, to, room, &n))
        return RESULT_MALFORMED;
    out->n += n;
    return RESULT_OK;
}

enum result base64_take_exactly(struct bytes text, void *out, size_t n)
{
    size_t taken;
    if (text.n == (n + 2) / 3 * 4 && take(text, out, n, &taken) && taken == n)
        return RESULT_OK;
    mem_wipe(out, n);
    return RESULT_MALFORMED;
}

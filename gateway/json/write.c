#include "json/json.h"

#include "base/eight.h"

#include <stdio.h>

/* The letter behind the backslash for characters that have a short form (RFC 8785, 3.2.2.2), 'u'
 * for the other control characters, 0 for what stands as it is. */
static char escape_letter(uint8_t c)
{
    if (c >= 0x20 && c != '"' && c != '\\')
        return 0;
    switch (c) {
    case '"': return '"';
    case '\\': return '\\';
    case '\b': return 'b';
    case '\t': return 't';
    case '\n': return 'n';
    case '\f': return 'f';
    case '\r': return 'r';
    default: return 'u';
    }
}

static void put_escaped(struct buf *out, uint8_t c)
{
    char text[8], letter = escape_letter(c);
    int n = letter == 'u' ? snprintf(text, sizeof text, "\\u%04x", c)
                          : snprintf(text, sizeof text, "\\%c", letter);
    buf_put(out, text, (size_t)n);
}

/* The high bit of each byte of `word` that is zero, and perhaps of bytes above it. */
static uint64_t zero_bytes(uint64_t word)
{
    return (word - EIGHT(0x01)) & ~word & EIGHT_UPPERS;
}

/* Whether none of eight bytes needs escaping: below 0x20, a quote, or a backslash. */
static bool are_plain(uint64_t word)
{
    uint64_t control = (word - EIGHT(0x20)) & ~word & EIGHT_UPPERS;
    return (control | zero_bytes(word ^ EIGHT('"')) | zero_bytes(word ^ EIGHT('\\'))) == 0;
}

/* How many bytes from `from` on stand as they are. */
static size_t plain_run(struct bytes text, size_t from)
{
    size_t i = from;
    if (from == 0 && eight_all(text, are_plain, ' '))
        return text.n;
    while (text.n - i >= 8 && are_plain(eight_at(text.p + i)))
        i += 8;
    while (i < text.n && escape_letter(text.p[i]) == 0)
        i++;
    return i - from;
}

/* With the quotes in one piece where nothing is escaped, as in nearly all texts of a log. */
void json_put_text(struct buf *out, struct bytes text)
{
    size_t n = plain_run(text, 0);
    uint8_t *to = buf_extend(out, n + (n == text.n ? 2 : 1));
    if (to == NULL)
        return;
    *to++ = '"';
    if (n > 0)
        memcpy(to, text.p, n);
    if (n == text.n) {
        to[n] = '"';
        return;
    }
    while (n < text.n) {
        put_escaped(out, text.p[n++]);
        size_t more = plain_run(text, n);
        buf_put(out, text.p + n, more);
        n += more;
    }
    buf_u8(out, '"');
}

void json_put_key(struct buf *out, const char *key)
{
    size_t n = strlen(key);
    bool first = out->n > 0 && out->p[out->n - 1] == '{';
    uint8_t *to = buf_extend(out, n + (first ? 3 : 4));
    if (to == NULL)
        return;
    if (!first)
        *to++ = ',';
    *to++ = '"';
    memcpy(to, key, n);
    to[n] = '"';
    to[n + 1] = ':';
}

void json_put_member_text(struct buf *out, const char *key, struct bytes value)
{
    json_put_key(out, key);
    json_put_text(out, value);
}

void json_put_member_integer(struct buf *out, const char *key, int64_t value)
{
    char digits[20]; /* of the largest int64_t, with its sign */
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        digits[--at] = '-';
    json_put_key(out, key);
    buf_put(out, digits + at, sizeof digits - at);
}

void json_put_member_bool(struct buf *out, const char *key, bool value)
{
    json_put_key(out, key);
    buf_text(out, value ? "true" : "false");
}

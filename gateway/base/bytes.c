#include "base/bytes.h"

#include "base/attr.h"
#include "base/eight.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

bool bytes_is(struct bytes b, const char *text)
{
    return bytes_equal(b, bytes_of_text(text));
}

bool bytes_begins(struct bytes b, const char *text)
{
    size_t n = strlen(text);
    return b.n >= n && bytes_equal(bytes_of(b.p, n), bytes_of(text, n));
}

uint64_t bytes_hash(struct bytes b)
{
    return XXH3_64bits(b.p, b.n);
}

int bytes_compare(struct bytes a, struct bytes b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n == 0 ? 0 : memcmp(a.p, b.p, n);
    if (order != 0)
        return order;
    return a.n < b.n ? -1 : a.n > b.n;
}

/* Length of the sequence that begins with `lead`, and the range of its second byte (RFC 3629, 4).
 */
static size_t utf8_shape(uint8_t lead, uint8_t *low, uint8_t *high)
{
    *low = 0x80;
    *high = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 2;
    if (lead >= 0xe0 && lead <= 0xef) {
        *low = lead == 0xe0 ? 0xa0 : 0x80;
        *high = lead == 0xed ? 0x9f : 0xbf;
        return 3;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        *low = lead == 0xf0 ? 0x90 : 0x80;
        *high = lead == 0xf4 ? 0x8f : 0xbf;
        return 4;
    }
    return 0;
}

/* Length of the character at the beginning of `b`; 0 when it is none. */
static size_t character(struct bytes b)
{
    uint8_t low, high;
    if (b.p[0] < 0x80)
        return b.p[0] == 0 ? 0 : 1;
    size_t n = utf8_shape(b.p[0], &low, &high);
    if (n == 0 || b.n < n || b.p[1] < low || b.p[1] > high)
        return 0;
    for (size_t k = 2; k < n; k++)
        if ((b.p[k] & 0xc0) != 0x80)
            return 0;
    return n;
}

/* Whether each is 0x01 to 0x7f. The lowest zero byte borrows, which sets its upper bit. */
static bool are_ascii(uint64_t w)
{
    return ((w | (w - EIGHT(0x01))) & EIGHT_UPPERS) == 0;
}

/* Whether each is 0x20 to 0x7e, in the same way. */
static bool are_printable(uint64_t w)
{
    return ((w | (w - EIGHT(0x20)) | (w + EIGHT(0x01))) & EIGHT_UPPERS) == 0;
}

size_t bytes_text_prefix(struct bytes b)
{
    size_t i = 0, n = 1;
    while (i < b.n && n > 0) {
        if (b.n - i >= 8 && are_ascii(eight_at(b.p + i)))
            n = 8;
        else
            n = character(bytes_of(b.p + i, b.n - i));
        i += n;
    }
    return i;
}

size_t bytes_printable_prefix(struct bytes b)
{
    size_t i = 0;
    while (b.n - i >= 8 && are_printable(eight_at(b.p + i)))
        i += 8;
    while (i < b.n && b.p[i] >= 0x20 && b.p[i] <= 0x7e)
        i++;
    return i;
}

uint32_t bytes_take_character(struct bytes *text)
{
    size_t n = character(*text);
    uint32_t code = text->p[0];
    if (n > 1) { /* 110xxxxx, 1110xxxx, 11110xxx: the lead keeps 7 - n bits */
        code &= 0x7fu >> n;
        for (size_t k = 1; k < n; k++)
            code = code << 6 | (text->p[k] & 0x3fu);
    }
    n = n == 0 ? 1 : n;
    *text = bytes_of(text->p + n, text->n - n);
    return code;
}

/* Nearly all are ASCII. */
bool bytes_is_text(struct bytes b)
{
    return eight_all(b, are_ascii, ' ') || bytes_text_prefix(b) == b.n;
}

void bytes_to_hex(struct bytes b, char *out)
{
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < b.n; i++) {
        *out++ = digit[b.p[i] >> 4];
        *out++ = digit[b.p[i] & 15];
    }
    *out = '\0';
}

/* 16 and more: the value of a digit; 0: it is none. */
static const uint8_t hex_digit[256] = {
    ['0'] = 16, ['1'] = 17, ['2'] = 18, ['3'] = 19, ['4'] = 20, ['5'] = 21, ['6'] = 22, ['7'] = 23,
    ['8'] = 24, ['9'] = 25, ['a'] = 26, ['b'] = 27, ['c'] = 28, ['d'] = 29, ['e'] = 30, ['f'] = 31,
    ['A'] = 26, ['B'] = 27, ['C'] = 28, ['D'] = 29, ['E'] = 30, ['F'] = 31};

bool bytes_from_hex(struct bytes hex, uint8_t *out, size_t n)
{
    if (hex.n / 2 != n || hex.n % 2 != 0)
        return false;
    for (size_t i = 0; i < n; i++) {
        const unsigned high = hex_digit[hex.p[2 * i]], low = hex_digit[hex.p[2 * i + 1]];
        if ((high & low & 16) == 0)
            return false; /* and nothing is written over */
        out[i] = (uint8_t)(high << 4 | (low & 15));
    }
    return true;
}

bool character_misleads(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } range[] = {{0, 0x1f},        {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},
                 {0x115f, 0x1160}, /* fillers of Korean letters */
                 {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
                 {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff9, 0xffff}, {0xe0000, 0xeffff}};
    for (size_t i = 0; i < ARRAY_LEN(range); i++)
        if (c >= range[i].first && c <= range[i].last)
            return true;
    return false;
}

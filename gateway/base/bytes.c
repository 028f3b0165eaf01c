#include "base/bytes.h"

bool bytes_is(struct bytes b, const char *text)
{
    return bytes_equal(b, bytes_of_text(text));
}

bool bytes_begins(struct bytes b, const char *text)
{
    size_t n = strlen(text);
    return b.n >= n && bytes_equal(bytes_of(b.p, n), bytes_of(text, n));
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

bool bytes_is_text(struct bytes b)
{
    for (size_t i = 0; i < b.n;) {
        uint8_t low, high;
        if (b.p[i] == 0)
            return false;
        if (b.p[i] < 0x80) {
            i++;
            continue;
        }
        size_t n = utf8_shape(b.p[i], &low, &high);
        if (n == 0 || b.n - i < n || b.p[i + 1] < low || b.p[i + 1] > high)
            return false;
        for (size_t k = 2; k < n; k++)
            if ((b.p[i + k] & 0xc0) != 0x80)
                return false;
        i += n;
    }
    return true;
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

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool bytes_from_hex(struct bytes hex, uint8_t *out, size_t n)
{
    if (hex.n / 2 != n || hex.n % 2 != 0)
        return false;
    for (size_t i = 0; i < n; i++) {
        int high = hex_value(hex.p[2 * i]), low = hex_value(hex.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

#include "base/ident.h"

#include "base/attr.h"
#include "base/eight.h"

static bool are_of_words(uint64_t w)
{
    const uint64_t each =
        eight_within(w, 'a', 'z') | eight_within(w, '0', '9') | eight_within(w, '-', '-');
    return (w & EIGHT_UPPERS) == 0 && each == EIGHT_UPPERS;
}

bool ident_is_word(struct bytes b)
{
    return b.n > 0 && b.n <= IDENT_WORD_MAX && b.p[0] != '-' && eight_all(b, are_of_words, '-');
}

/* Splits at the first `mark`; false when there is none. */
static bool split(struct bytes b, char mark, struct bytes *before, struct bytes *after)
{
    const uint8_t *at = b.n == 0 ? NULL : memchr(b.p, mark, b.n);
    if (at == NULL)
        return false;
    size_t n = (size_t)(at - b.p);
    *before = bytes_of(b.p, n);
    *after = bytes_of(at + 1, b.n - n - 1);
    return true;
}

bool ident_split_unit(struct bytes b, struct bytes *party, struct bytes *unit)
{
    struct bytes p, u;
    if (!split(b, '/', &p, &u) || !ident_is_word(p) || !ident_is_word(u))
        return false;
    if (party != NULL)
        *party = p;
    if (unit != NULL)
        *unit = u;
    return true;
}

bool ident_split_incident(struct bytes b, struct bytes *owner, struct uuid *id)
{
    struct bytes o, u;
    struct uuid parsed;
    if (!split(b, ':', &o, &u) || !ident_split_unit(o, NULL, NULL) || !uuid_parse(u, &parsed))
        return false;
    if (owner != NULL)
        *owner = o;
    if (id != NULL)
        *id = parsed;
    return true;
}

bool ident_is_resident_number(struct bytes b)
{
    uint8_t digit[13];
    size_t n = 0;
    for (size_t i = 0; i < b.n; i++) {
        if (b.p[i] == '-' && i == 6)
            continue;
        if (b.p[i] < '0' || b.p[i] > '9' || n == sizeof digit)
            return false;
        digit[n++] = (uint8_t)(b.p[i] - '0');
    }
    if (n < sizeof digit)
        return false;
    const int month = digit[2] * 10 + digit[3], day = digit[4] * 10 + digit[5];
    return month >= 1 && month <= 12 && day >= 1 && day <= 31 && digit[6] >= 1 && digit[6] <= 8;
}

static bool is_hyphen_place(size_t i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

/* Capitals lack a bit that digits, small letters and hyphens have. */
static bool are_no_capitals(uint64_t w)
{
    return (w & EIGHT(0x20)) == EIGHT(0x20);
}

bool uuid_parse(struct bytes b, struct uuid *out)
{
    static const uint8_t bytes_of_group[] = {4, 2, 2, 2, 6};
    size_t at = 0, done = 0;
    if (b.n != UUID_TEXT || !eight_all(b, are_no_capitals, '-'))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(bytes_of_group); i++) {
        const size_t n = bytes_of_group[i];
        if ((i > 0 && b.p[at++] != '-') ||
            !bytes_from_hex(bytes_of(b.p + at, 2 * n), out->b + done, n))
            return false;
        at += 2 * n;
        done += n;
    }
    return true;
}

void uuid_text(const struct uuid *u, char out[UUID_TEXT + 1])
{
    char hex[2 * UUID_BYTES + 1];
    size_t n = 0;
    bytes_to_hex(bytes_of(u->b, UUID_BYTES), hex);
    for (size_t i = 0; i < UUID_TEXT; i++)
        out[i] = is_hyphen_place(i) ? '-' : hex[n++];
    out[UUID_TEXT] = '\0';
}

struct uuid uuid_v7(int64_t wall_us, const uint8_t random[10])
{
    struct uuid u;
    uint64_t ms = (uint64_t)(wall_us / 1000);
    for (size_t i = 0; i < 6; i++)
        u.b[i] = (uint8_t)(ms >> (8 * (5 - i)));
    memcpy(u.b + 6, random, 10);
    u.b[6] = (uint8_t)(0x70 | (u.b[6] & 0x0f));
    u.b[8] = (uint8_t)(0x80 | (u.b[8] & 0x3f));
    return u;
}

/* A view of bytes that somebody else owns, and what can be asked of it without copying. */
#ifndef FEDGATE_BASE_BYTES_H
#define FEDGATE_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* `n` bytes at `p`; `p` may be NULL when `n` is 0. Not NUL-terminated. */
struct bytes {
    const uint8_t *p;
    size_t n;
};

static inline struct bytes bytes_of(const void *p, size_t n)
{
    return (struct bytes){p, n};
}

/* The view of a NUL-terminated string, without its NUL; NULL counts as empty. */
static inline struct bytes bytes_of_text(const char *text)
{
    return (struct bytes){(const uint8_t *)text, text == NULL ? 0 : strlen(text)};
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Whether the view holds exactly the characters of `text`. */
bool bytes_is(struct bytes b, const char *text);

/* Whether the view begins with the characters of `text`. */
bool bytes_begins(struct bytes b, const char *text);

/* A hash that tells accidents apart, and no intention (XXH3). */
uint64_t bytes_hash(struct bytes b);

/* memcmp order, the shorter first where one begins the other: <0, 0, >0. */
int bytes_compare(struct bytes a, struct bytes b);

/* How many of the first bytes are whole characters of valid text, as below. */
size_t bytes_text_prefix(struct bytes b);

/* How many of the first bytes are printable ASCII, 0x20 to 0x7e. */
size_t bytes_printable_prefix(struct bytes b);

/* Takes the first character off the front of `text`, which is not empty: its code point. A byte
 * that begins none is taken alone. */
uint32_t bytes_take_character(struct bytes *text);

/* Whether a character lets a text look other than it is: controls, line ends that no editor shows,
 * what is invisible, and what turns the direction of writing around. */
bool character_misleads(uint32_t c);

/* Whether the view is valid UTF-8 (RFC 3629: no surrogates, no overlong forms) without NUL. */
bool bytes_is_text(struct bytes b);

/* Lower-case hexadecimal of `b` into `out`, which holds 2 * b.n + 1 characters. */
void bytes_to_hex(struct bytes b, char *out);

/* The opposite: exactly `n` bytes from 2 * n hexadecimal digits; false when it is anything else. */
bool bytes_from_hex(struct bytes hex, uint8_t *out, size_t n);

#endif

/* Standard base64 with padding (RFC 4648, 4), through libsodium. */
#ifndef FEDGATE_CRYPTO_BASE64_H
#define FEDGATE_CRYPTO_BASE64_H

#include "base/buf.h"

/* Appends the text of `b`. */
void base64_put(struct buf *out, struct bytes b);

/* Appends the bytes that `text` stands for. RESULT_MALFORMED for anything but the one canonical
 * form; RESULT_TOO_LARGE when `out` has no room for three quarters of the text. */
MUST_USE enum result base64_take(struct bytes text, struct buf *out);

/* Exactly `n` bytes (> 0) into memory of the caller's choice, such as locked memory for a secret.
 * RESULT_MALFORMED, with `out` wiped, for anything but the canonical form of that many. */
MUST_USE enum result base64_take_exactly(struct bytes text, void *out, size_t n);

#endif

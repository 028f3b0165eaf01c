/* Sealing to a reader who is not there: X25519 and XSalsa20-Poly1305 (libsodium's sealed box).
 * Whoever has the public half can seal, and cannot open again. */
#ifndef FEDGATE_CRYPTO_BOX_H
#define FEDGATE_CRYPTO_BOX_H

#include "base/bytes.h"
#include "base/result.h"

enum { BOX_KEY = 32, BOX_MORE = 48 /* bytes that a box is longer than its content */ };

/* A fresh pair of keys; the secret half belongs into memory that is wiped. */
void box_keys(uint8_t public_key[BOX_KEY], uint8_t secret_key[BOX_KEY]);

/* Whether anything can be sealed to it: not to a point of small order. */
bool box_key_is_good(const uint8_t public_key[BOX_KEY]);

/* Seals `plain` into `out`, which has room for plain.n + BOX_MORE bytes. RESULT_MALFORMED for a
 * public key that is not good. */
MUST_USE enum result box_seal(const uint8_t public_key[BOX_KEY], struct bytes plain, uint8_t *out);

/* The opposite, into `out` with room for box.n - BOX_MORE bytes. RESULT_MISMATCH when it was not
 * sealed to this pair, or was changed; RESULT_END for less than a box. */
MUST_USE enum result box_open(const uint8_t public_key[BOX_KEY], const uint8_t secret_key[BOX_KEY],
                              struct bytes box, uint8_t *out);

#endif

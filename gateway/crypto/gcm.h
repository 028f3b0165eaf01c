/*
 * AES-256-GCM (NIST SP 800-38D) under keys that are used once, so that the nonce may be zero:
 * libsodium's, where the processor has instructions for it, and OpenSSL's everywhere else. What one
 * sealed the other opens.
 */
#ifndef FEDGATE_CRYPTO_GCM_H
#define FEDGATE_CRYPTO_GCM_H

#include "base/bytes.h"

enum { GCM_KEY = 32, GCM_TAG = 16 };

/* Seals `plain` into `out`, which has room for plain.n + GCM_TAG bytes, and binds `context` to it.
 */
void gcm_seal(const uint8_t key[GCM_KEY], struct bytes context, struct bytes plain, uint8_t *out);

/* The opposite, of at least GCM_TAG bytes. False when anything differs; `out` is zeroed then. */
bool gcm_open(const uint8_t key[GCM_KEY], struct bytes context, struct bytes sealed, uint8_t *out);

/* The same on any processor, in more time: what the two above do where instructions are missing. */
void gcm_seal_anywhere(const uint8_t key[GCM_KEY], struct bytes context, struct bytes plain,
                       uint8_t *out);
bool gcm_open_anywhere(const uint8_t key[GCM_KEY], struct bytes context, struct bytes sealed,
                       uint8_t *out);

#endif

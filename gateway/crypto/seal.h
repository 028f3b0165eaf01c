/*
 * Sealing: AES-256-GCM under keys that are used once (crypto/gcm.h). A body's key and its
 * commitment salts are derived from the key of its scope and 32 random bytes that its record
 * carries; so when the scope key is erased, the body cannot be opened and its commitments cannot be
 * guessed. One derivation gives the key and the salt of what was sealed; who is told the salt knows
 * nothing of the key.
 */
#ifndef FEDGATE_CRYPTO_SEAL_H
#define FEDGATE_CRYPTO_SEAL_H

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/mac.h"

enum { SEAL_SEED = 32, SEAL_TAG = 16, SEAL_SALT = 32, SEAL_WRAPPED = KEY_BYTES + SEAL_TAG };

/* What a seed gives under a scope's key: the body's key, and the salt for a commitment over its
 * plain bytes, which can so be told in the context that is bound to the body. */
struct body_keys {
    uint8_t key[KEY_BYTES], salt[SEAL_SALT];
};
void seal_body_keys(const uint8_t scope_key[KEY_BYTES], const uint8_t seed[SEAL_SEED],
                    struct body_keys *out);

/* Seals `plain` as seal_body does, and wipes the key and the salt: no second body under them. */
void seal_body_under(struct body_keys *k, struct bytes context, struct bytes plain, uint8_t *out);

/* Seals `plain` into `out`, which has room for plain.n + SEAL_TAG bytes. The seed must be fresh and
 * random for every body. `context` is bound to it: opening with another one fails. */
void seal_body(const uint8_t scope_key[KEY_BYTES], const uint8_t seed[SEAL_SEED],
               struct bytes context, struct bytes plain, uint8_t *out);

/* The opposite, into `out` with room for sealed.n - SEAL_TAG bytes. RESULT_MISMATCH when key, seed,
 * context or bytes differ, and `out` is zeroed then; RESULT_END for less than a tag. */
MUST_USE enum result seal_open_body(const uint8_t scope_key[KEY_BYTES],
                                    const uint8_t seed[SEAL_SEED], struct bytes context,
                                    struct bytes sealed, uint8_t *out);

/* The salt of the commitment over the plain bytes, as seal_body_keys gave it. */
void seal_own_salt(const uint8_t scope_key[KEY_BYTES], const uint8_t seed[SEAL_SEED],
                   uint8_t out[SEAL_SALT]);

/* The salt of another commitment, over what is made of the plain bytes: `label` names for whom. */
void seal_salt(const uint8_t scope_key[KEY_BYTES], const uint8_t seed[SEAL_SEED],
               struct bytes label, uint8_t out[SEAL_SALT]);

/* Wraps a scope key under the wrapping secret, with ChaCha20-Poly1305 (RFC 8439); `id` (the
 * scope's) makes the nonce, so that no other id opens it. Under one secret an id stands for one
 * key. RESULT_MISMATCH when secret, id or bytes differ. */
void seal_wrap(const uint8_t secret[KEY_BYTES], uint64_t id, const uint8_t key[KEY_BYTES],
               uint8_t out[SEAL_WRAPPED]);
MUST_USE enum result seal_unwrap(const uint8_t secret[KEY_BYTES], uint64_t id,
                                 const uint8_t wrapped[SEAL_WRAPPED], uint8_t key[KEY_BYTES]);

#endif

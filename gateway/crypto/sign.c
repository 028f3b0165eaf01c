#include "crypto/sign.h"

#include "base/mem.h"

#include <sodium.h>

static void key_pair(const uint8_t *seed, uint8_t *public_key,
                     uint8_t secret[crypto_sign_SECRETKEYBYTES])
{
    (void)crypto_sign_seed_keypair(public_key, secret, seed);
}

void sign_public_of(const uint8_t seed[SIGN_SEED], uint8_t public_key[SIGN_PUBLIC])
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    key_pair(seed, public_key, secret);
    mem_wipe(secret, sizeof secret);
}

void sign_make(const uint8_t seed[SIGN_SEED], struct bytes text, uint8_t out[SIGN_SIGNATURE])
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES], public_key[SIGN_PUBLIC];
    key_pair(seed, public_key, secret);
    (void)crypto_sign_detached(out, NULL, text.p, text.n, secret);
    mem_wipe(secret, sizeof secret);
}

enum result sign_check(const uint8_t public_key[SIGN_PUBLIC], struct bytes text,
                       const uint8_t signature[SIGN_SIGNATURE])
{
    return crypto_sign_verify_detached(signature, text.p, text.n, public_key) == 0
               ? RESULT_OK
               : RESULT_MISMATCH;
}

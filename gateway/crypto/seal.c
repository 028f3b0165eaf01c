#include "crypto/seal.h"

#include "base/mem.h"

#include <sodium.h>

_Static_assert(KEY_BYTES == crypto_aead_chacha20poly1305_ietf_KEYBYTES, "key size");
_Static_assert(SEAL_TAG == crypto_aead_chacha20poly1305_ietf_ABYTES, "tag size");

enum { NONCE = crypto_aead_chacha20poly1305_ietf_NPUBBYTES };

static void derive(const uint8_t *scope_key, const char *use, struct bytes label,
                   const uint8_t *seed, uint8_t *out)
{
    struct bytes part[] = {bytes_of_text(use), bytes_of(seed, SEAL_SEED), label};
    mac_keyed(scope_key, part, 3, out);
}

void seal_body(const uint8_t scope_key[KEY_BYTES], const uint8_t seed[SEAL_SEED],
               struct bytes context, struct bytes plain, uint8_t *out)
{
    static const uint8_t nonce[NONCE]; /* zero: the key itself is used once */
    uint8_t key[KEY_BYTES];
    unsigned long long n;
    derive(scope_key, "fedgate-body-v1", bytes_of(NULL, 0), seed, key);
    (void)crypto_aead_chacha20poly1305_ietf_encrypt(out, &n, plain.p, plain.n, context.p, context.n,
                                                    NULL, nonce, key);
    mem_wipe(key, sizeof key);
}

enum result seal_open_body(const uint8_t scope_key[KEY_BYTES], const uint8_t seed[SEAL_SEED],
                           struct bytes context, struct bytes sealed, uint8_t *out)
{
    static const uint8_t nonce[NONCE];
    uint8_t key[KEY_BYTES];
    unsigned long long n;
    if (sealed.n < SEAL_TAG)
        return RESULT_END;
    derive(scope_key, "fedgate-body-v1", bytes_of(NULL, 0), seed, key);
    int bad = crypto_aead_chacha20poly1305_ietf_decrypt(out, &n, NULL, sealed.p, sealed.n,
                                                        context.p, context.n, nonce, key);
    mem_wipe(key, sizeof key);
    return bad ? RESULT_MISMATCH : RESULT_OK;
}

void seal_salt(const uint8_t scope_key[KEY_BYTES], const uint8_t seed[SEAL_SEED],
               struct bytes label, uint8_t out[SEAL_SALT])
{
    derive(scope_key, "fedgate-salt-v1", label, seed, out);
}

static void nonce_of(uint64_t id, uint8_t nonce[NONCE])
{
    memset(nonce, 0, NONCE);
    for (size_t i = 0; i < 8; i++)
        nonce[i] = (uint8_t)(id >> (8 * i));
}

void seal_wrap(const uint8_t secret[KEY_BYTES], uint64_t id, const uint8_t key[KEY_BYTES],
               uint8_t out[SEAL_WRAPPED])
{
    uint8_t nonce[NONCE];
    unsigned long long n;
    nonce_of(id, nonce);
    (void)crypto_aead_chacha20poly1305_ietf_encrypt(out, &n, key, KEY_BYTES, NULL, 0, NULL, nonce,
                                                    secret);
}

enum result seal_unwrap(const uint8_t secret[KEY_BYTES], uint64_t id,
                        const uint8_t wrapped[SEAL_WRAPPED], uint8_t key[KEY_BYTES])
{
    uint8_t nonce[NONCE];
    unsigned long long n;
    nonce_of(id, nonce);
    if (crypto_aead_chacha20poly1305_ietf_decrypt(key, &n, NULL, wrapped, SEAL_WRAPPED, NULL, 0,
                                                  nonce, secret) != 0)
        return RESULT_MISMATCH;
    return RESULT_OK;
}

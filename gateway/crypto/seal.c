#include "crypto/seal.h"

#include "base/mem.h"
#include "crypto/gcm.h"

#include <sodium.h>

_Static_assert(KEY_BYTES == crypto_aead_chacha20poly1305_ietf_KEYBYTES, "key size");
_Static_assert((int)SEAL_TAG == (int)GCM_TAG && (int)KEY_BYTES == (int)GCM_KEY, "a body's sizes");
_Static_assert(SEAL_TAG == crypto_aead_chacha20poly1305_ietf_ABYTES, "tag size");

enum { NONCE = crypto_aead_chacha20poly1305_ietf_NPUBBYTES };

void seal_body_keys(const uint8_t scope_key[KEY_BYTES], const uint8_t seed[SEAL_SEED],
                    struct body_keys *out)
{
    const struct bytes part[] = {bytes_of_text("fedgate-body-v2"), bytes_of(seed, SEAL_SEED)};
    mac_keyed_two(scope_key, part, ARRAY_LEN(part), out->key, out->salt);
}

void seal_body_under(struct body_keys *k, struct bytes context, struct bytes plain, uint8_t *out)
{
    gcm_seal(k->key, context, plain, out);
    mem_wipe(k, sizeof *k);
}

void seal_body(const uint8_t scope_key[KEY_BYTES], const uint8_t seed[SEAL_SEED],
               struct bytes context, struct bytes plain, uint8_t *out)
{
    struct body_keys k;
    seal_body_keys(scope_key, seed, &k);
    seal_body_under(&k, context, plain, out);
}

enum result seal_open_body(const uint8_t scope_key[KEY_BYTES], const uint8_t seed[SEAL_SEED],
                           struct bytes context, struct bytes sealed, uint8_t *out)
{
    struct body_keys k;
    if (sealed.n < SEAL_TAG)
        return RESULT_END;
    seal_body_keys(scope_key, seed, &k);
    const bool good = gcm_open(k.key, context, sealed, out);
    mem_wipe(&k, sizeof k);
    return good ? RESULT_OK : RESULT_MISMATCH;
}

void seal_own_salt(const uint8_t scope_key[KEY_BYTES], const uint8_t seed[SEAL_SEED],
                   uint8_t out[SEAL_SALT])
{
    struct body_keys k;
    seal_body_keys(scope_key, seed, &k);
    memcpy(out, k.salt, SEAL_SALT);
    mem_wipe(&k, sizeof k);
}

void seal_salt(const uint8_t scope_key[KEY_BYTES], const uint8_t seed[SEAL_SEED],
               struct bytes label, uint8_t out[SEAL_SALT])
{
    const struct bytes part[] = {bytes_of_text("fedgate-salt-v1"), bytes_of(seed, SEAL_SEED),
                                 label};
    mac_keyed(scope_key, part, ARRAY_LEN(part), out);
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

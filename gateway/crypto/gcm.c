#include "crypto/gcm.h"

#include <limits.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(GCM_KEY == crypto_aead_aes256gcm_KEYBYTES, "key size");
_Static_assert(GCM_TAG == crypto_aead_aes256gcm_ABYTES, "tag size");

static const uint8_t nonce[crypto_aead_aes256gcm_NPUBBYTES]; /* zero: each key is used once */

/* Memory to memory, this fails only when the library is broken or a length is not ours. */
static void must(int ok)
{
    if (ok != 1)
        abort();
}

static int length(size_t n)
{
    must(n <= INT_MAX);
    return (int)n;
}

/* Everything but the tag; it stands in the context still, or is compared at its end. */
static EVP_CIPHER_CTX *run(bool seal, const uint8_t *key, struct bytes context, struct bytes in,
                           uint8_t *out)
{
    int n;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    must(c != NULL);
    must(EVP_CipherInit_ex2(c, EVP_aes_256_gcm(), key, nonce, seal, NULL));
    if (context.n > 0)
        must(EVP_CipherUpdate(c, NULL, &n, context.p, length(context.n)));
    if (in.n > 0)
        must(EVP_CipherUpdate(c, out, &n, in.p, length(in.n)));
    return c;
}

void gcm_seal_anywhere(const uint8_t key[GCM_KEY], struct bytes context, struct bytes plain,
                       uint8_t *out)
{
    int n;
    EVP_CIPHER_CTX *c = run(true, key, context, plain, out);
    must(EVP_CipherFinal_ex(c, out + plain.n, &n));
    must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, out + plain.n));
    EVP_CIPHER_CTX_free(c);
}

bool gcm_open_anywhere(const uint8_t key[GCM_KEY], struct bytes context, struct bytes sealed,
                       uint8_t *out)
{
    int n;
    uint8_t tag[GCM_TAG];
    const struct bytes in = bytes_of(sealed.p, sealed.n - GCM_TAG);
    EVP_CIPHER_CTX *c = run(false, key, context, in, out);
    memcpy(tag, sealed.p + in.n, GCM_TAG);
    must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, tag));
    const bool good = EVP_CipherFinal_ex(c, out + in.n, &n) == 1;
    EVP_CIPHER_CTX_free(c);
    if (!good && in.n > 0)
        memset(out, 0, in.n);
    return good;
}

void gcm_seal(const uint8_t key[GCM_KEY], struct bytes context, struct bytes plain, uint8_t *out)
{
    unsigned long long n;
    if (crypto_aead_aes256gcm_is_available() == 0)
        gcm_seal_anywhere(key, context, plain, out);
    else
        (void)crypto_aead_aes256gcm_encrypt(out, &n, plain.p, plain.n, context.p, context.n, NULL,
                                            nonce, key);
}

bool gcm_open(const uint8_t key[GCM_KEY], struct bytes context, struct bytes sealed, uint8_t *out)
{
    unsigned long long n;
    if (crypto_aead_aes256gcm_is_available() == 0)
        return gcm_open_anywhere(key, context, sealed, out);
    return crypto_aead_aes256gcm_decrypt(out, &n, NULL, sealed.p, sealed.n, context.p, context.n,
                                         nonce, key) == 0;
}

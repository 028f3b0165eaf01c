#include "crypto/tls_key.h"

#include "base/mem.h"
#include "crypto/secret.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>

struct tls_key {
    EVP_PKEY *pkey;
    uint8_t id[TLS_KEY_ID]; /* made once: for OpenSSL that takes as long as two signatures */
};

static bool is_p256(EVP_PKEY *pkey)
{
    char group[32];
    size_t n;
    return EVP_PKEY_is_a(pkey, "EC") &&
           EVP_PKEY_get_group_name(pkey, group, sizeof group, &n) == 1 &&
           strcmp(group, "prime256v1") == 0;
}

static void id_of(EVP_PKEY *pkey, uint8_t out[TLS_KEY_ID])
{
    uint8_t *der = NULL;
    unsigned size = TLS_KEY_ID;
    int n = i2d_PUBKEY(pkey, &der);
    if (n <= 0 || EVP_Digest(der, (size_t)n, out, &size, EVP_sha256(), NULL) != 1)
        memset(out, 0, TLS_KEY_ID); /* no key has this one: nothing will be signed */
    OPENSSL_free(der);
}

enum result tls_key_read(struct bytes pem, struct tls_key **out)
{
    TRY(secret_heap());
    BIO *in = pem.n > INT_MAX ? NULL : BIO_new_mem_buf(pem.p, (int)pem.n);
    EVP_PKEY *pkey = in == NULL ? NULL : PEM_read_bio_PrivateKey(in, NULL, NULL, (void *)"");
    BIO_free(in);
    ERR_clear_error();
    if (pkey == NULL)
        return RESULT_MALFORMED;
    if (!is_p256(pkey)) {
        EVP_PKEY_free(pkey);
        return RESULT_MISMATCH;
    }
    *out = mem_new(sizeof **out);
    (*out)->pkey = pkey;
    id_of(pkey, (*out)->id);
    return RESULT_OK;
}

void tls_key_free(struct tls_key *k)
{
    if (k == NULL)
        return;
    EVP_PKEY_free(k->pkey);
    mem_free(k);
}

/* RFC 8446, 4.4.3: 64 blanks, the context string, a zero byte, the transcript's hash (SHA-256 or
 * SHA-384). */
static bool is_server_certificate_verify(struct bytes content)
{
    static const char context[] =
        "TLS 1.3, server CertificateVerify"; /* with its NUL: the zero byte */
    if (content.n != 64 + sizeof context + 32 && content.n != 64 + sizeof context + 48)
        return false;
    for (size_t i = 0; i < 64; i++)
        if (content.p[i] != 0x20)
            return false;
    return memcmp(content.p + 64, context, sizeof context) == 0;
}

enum result tls_key_sign(const struct tls_key *k, struct bytes content, uint8_t *out, size_t *n)
{
    if (!is_server_certificate_verify(content))
        return RESULT_DENIED;
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    int ok = c != NULL && EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, k->pkey) == 1 &&
             EVP_DigestSign(c, out, n, content.p, content.n) == 1;
    EVP_MD_CTX_free(c);
    ERR_clear_error();
    return ok ? RESULT_OK : RESULT_CRYPTO;
}

void tls_key_id(const struct tls_key *k, uint8_t out[TLS_KEY_ID])
{
    memcpy(out, k->id, TLS_KEY_ID);
}

enum result tls_key_id_of_certificate(struct bytes pem, uint8_t out[TLS_KEY_ID])
{
    BIO *in = pem.n > INT_MAX ? NULL : BIO_new_mem_buf(pem.p, (int)pem.n);
    X509 *x = in == NULL ? NULL : PEM_read_bio_X509(in, NULL, NULL, NULL);
    EVP_PKEY *pkey = x == NULL ? NULL : X509_get0_pubkey(x);
    if (pkey != NULL)
        id_of(pkey, out);
    BIO_free(in);
    ERR_clear_error();
    enum result r = pkey == NULL ? RESULT_MALFORMED : RESULT_OK;
    X509_free(x);
    return r;
}

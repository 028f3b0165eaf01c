#include "crypto/tls_key.h"

#include "crypto/init.h"
#include "pki.h"

#include <openssl/err.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* 64 blanks, the context, a zero byte, a SHA-256 hash (RFC 8446, 4.4.3). */
static struct bytes server_content(uint8_t room[256], const char *context, size_t hash_bytes)
{
    size_t n = strlen(context);
    memset(room, 0x20, 64);
    memcpy(room + 64, context, n + 1);
    memset(room + 65 + n, 0xab, hash_bytes);
    return bytes_of(room, 65 + n + hash_bytes);
}

static struct bytes usual_content(uint8_t room[256])
{
    return server_content(room, "TLS 1.3, server CertificateVerify", 32);
}

static enum result read_key(EVP_PKEY *key, struct tls_key **out)
{
    struct buf pem = BUF_INIT(8192);
    pki_put_key(key, &pem);
    enum result r = tls_key_read(buf_view(&pem), out);
    buf_free(&pem);
    return r;
}

static bool verifies(EVP_PKEY *key, struct bytes content, struct bytes signature)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    bool ok = EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, key) == 1 &&
              EVP_DigestVerify(c, signature.p, signature.n, content.p, content.n) == 1;
    EVP_MD_CTX_free(c);
    ERR_clear_error();
    return ok;
}

static X509 *certificate_for(EVP_PKEY *key)
{
    return pki_certificate(&(struct pki_spec){.name = "gateway", .key = key});
}

/* ---- the keeper's half */

static void the_keeper_signs_a_servers_certificate_verify(void **state)
{
    EVP_PKEY *key = pki_key();
    struct tls_key *k;
    uint8_t room[256], signature[TLS_SIGNATURE_MAX];
    size_t n = sizeof signature;
    struct bytes content = usual_content(room);
    (void)state;
    assert_int_equal(read_key(key, &k), RESULT_OK);
    assert_int_equal(tls_key_sign(k, content, signature, &n), RESULT_OK);
    assert_true(verifies(key, content, bytes_of(signature, n)));
    n = sizeof signature;
    content = server_content(room, "TLS 1.3, server CertificateVerify", 48);
    assert_int_equal(tls_key_sign(k, content, signature, &n), RESULT_OK);
    tls_key_free(k);
    EVP_PKEY_free(key);
}

static void the_keeper_signs_nothing_else(void **state)
{
    EVP_PKEY *key = pki_key();
    struct tls_key *k;
    uint8_t room[256], signature[TLS_SIGNATURE_MAX];
    size_t n = sizeof signature;
    (void)state;
    assert_int_equal(read_key(key, &k), RESULT_OK);
    const struct bytes other[] = {bytes_of_text(""), bytes_of_text("a certificate of my own"),
                                  bytes_of(room, 64)};
    (void)usual_content(room);
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
        assert_int_equal(tls_key_sign(k, other[i], signature, &n), RESULT_DENIED);
    struct bytes c = server_content(room, "TLS 1.3, client CertificateVerify", 32);
    assert_int_equal(tls_key_sign(k, c, signature, &n), RESULT_DENIED);
    c = server_content(room, "TLS 1.3, server CertificateVerify", 33);
    assert_int_equal(tls_key_sign(k, c, signature, &n), RESULT_DENIED);
    for (size_t i = 0; i < 64 + 34; i++) { /* one wrong bit in front of the hash */
        c = usual_content(room);
        room[i] ^= 0x40;
        assert_int_equal(tls_key_sign(k, c, signature, &n), RESULT_DENIED);
    }
    tls_key_free(k);
    EVP_PKEY_free(key);
}

static void only_p256_keys_without_pass_phrase_are_read(void **state)
{
    struct tls_key *k = NULL;
    EVP_PKEY *p384 = EVP_EC_gen("P-384"), *ed25519 = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    (void)state;
    assert_int_equal(read_key(p384, &k), RESULT_MISMATCH);
    assert_int_equal(read_key(ed25519, &k), RESULT_MISMATCH);
    assert_int_equal(tls_key_read(bytes_of_text("no key"), &k), RESULT_MALFORMED);
    assert_int_equal(tls_key_read(bytes_of_text(""), &k), RESULT_MALFORMED);
    EVP_PKEY *key = pki_key();
    BIO *b = BIO_new(BIO_s_mem());
    struct buf pem = BUF_INIT(8192);
    PEM_write_bio_PrivateKey(b, key, EVP_aes_128_cbc(), (const unsigned char *)"x", 1, NULL, NULL);
    pki_take(b, &pem);
    assert_int_equal(tls_key_read(buf_view(&pem), &k), RESULT_MALFORMED);
    buf_free(&pem);
    EVP_PKEY_free(key);
    EVP_PKEY_free(p384);
    EVP_PKEY_free(ed25519);
    tls_key_free(NULL);
}

/* ---- the edge's half */

struct signer {
    struct tls_key *key;
    struct bytes seen;
    uint8_t seen_room[256];
    enum result answer;
};

static enum result sign(void *arg, struct bytes content, uint8_t *out, size_t *n)
{
    struct signer *s = arg;
    if (content.n <= sizeof s->seen_room)
        memcpy(s->seen_room, content.p, content.n);
    s->seen = bytes_of(s->seen_room, content.n);
    if (s->answer != RESULT_OK)
        return s->answer;
    return tls_key_sign(s->key, content, out, n);
}

static bool sign_with(EVP_PKEY *key, const char *digest, struct bytes content, uint8_t *out,
                      size_t *n)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    bool ok = EVP_DigestSignInit_ex(c, NULL, digest, NULL, NULL, key, NULL) == 1 &&
              EVP_DigestSign(c, out, n, content.p, content.n) == 1;
    EVP_MD_CTX_free(c);
    ERR_clear_error();
    return ok;
}

static void a_remote_key_asks_for_each_signature_with_the_whole_content(void **state)
{
    EVP_PKEY *key = pki_key();
    X509 *x = certificate_for(key);
    struct signer s = {.answer = RESULT_OK};
    const struct tls_remote_key remote = {sign, &s};
    uint8_t room[256], signature[TLS_SIGNATURE_MAX];
    size_t n = sizeof signature;
    struct bytes content = usual_content(room);
    (void)state;
    assert_int_equal(read_key(key, &s.key), RESULT_OK);
    EVP_PKEY *r = tls_remote_key_for(x, &remote);
    assert_non_null(r);
    assert_int_equal(EVP_PKEY_get_size(r), TLS_SIGNATURE_MAX);
    assert_int_equal(X509_check_private_key(x, r), 1);
    assert_true(sign_with(r, "SHA256", content, signature, &n));
    assert_true(bytes_equal(s.seen, content));
    assert_true(verifies(key, content, bytes_of(signature, n)));
    n = sizeof signature;
    assert_true(sign_with(r, "SHA2-256", content, signature, &n)); /* as TLS calls it */
    assert_true(verifies(key, content, bytes_of(signature, n)));
    EVP_PKEY_free(r);
    X509_free(x);
    tls_key_free(s.key);
    EVP_PKEY_free(key);
}

static void a_remote_key_cannot_sign_what_the_keeper_refuses(void **state)
{
    EVP_PKEY *key = pki_key();
    X509 *x = certificate_for(key);
    struct signer s = {.answer = RESULT_OK};
    const struct tls_remote_key remote = {sign, &s};
    uint8_t room[256], signature[TLS_SIGNATURE_MAX];
    size_t n = sizeof signature;
    (void)state;
    assert_int_equal(read_key(key, &s.key), RESULT_OK);
    EVP_PKEY *r = tls_remote_key_for(x, &remote);
    assert_false(sign_with(r, "SHA256", bytes_of_text("transfer order"), signature, &n));
    assert_false(sign_with(r, "SHA384", usual_content(room), signature, &n));
    s.answer = RESULT_UNAVAILABLE;
    assert_false(sign_with(r, "SHA256", usual_content(room), signature, &n));
    EVP_PKEY_free(r);
    X509_free(x);
    tls_key_free(s.key);
    EVP_PKEY_free(key);
}

static void a_remote_key_has_no_private_part_to_take(void **state)
{
    EVP_PKEY *key = pki_key();
    X509 *x = certificate_for(key);
    struct signer s = {.answer = RESULT_OK};
    const struct tls_remote_key remote = {sign, &s};
    BIGNUM *number = NULL;
    (void)state;
    EVP_PKEY *r = tls_remote_key_for(x, &remote);
    assert_int_equal(EVP_PKEY_get_bn_param(r, "priv", &number), 0);
    assert_null(number);
    assert_int_equal(i2d_PrivateKey(r, NULL) > 0, 0);
    ERR_clear_error();
    EVP_PKEY_free(r);
    X509_free(x);
    EVP_PKEY_free(key);
}

static void a_remote_key_fits_p256_certificates_only(void **state)
{
    EVP_PKEY *key[] = {EVP_EC_gen("P-384"), EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048)};
    struct signer s = {.answer = RESULT_OK};
    const struct tls_remote_key remote = {sign, &s};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        X509 *x = certificate_for(key[i]);
        assert_null(tls_remote_key_for(x, &remote));
        X509_free(x);
        EVP_PKEY_free(key[i]);
    }
}

static void a_remote_key_does_not_fit_another_certificate(void **state)
{
    EVP_PKEY *one = pki_key(), *two = pki_key();
    X509 *x = certificate_for(one), *y = certificate_for(two);
    struct signer s = {.answer = RESULT_OK};
    const struct tls_remote_key remote = {sign, &s};
    (void)state;
    EVP_PKEY *r = tls_remote_key_for(x, &remote);
    assert_int_equal(X509_check_private_key(y, r), 0);
    ERR_clear_error();
    EVP_PKEY_free(r);
    X509_free(x);
    X509_free(y);
    EVP_PKEY_free(one);
    EVP_PKEY_free(two);
}

static void ordinary_keys_work_beside_remote_ones(void **state)
{
    EVP_PKEY *key = pki_key();
    uint8_t signature[TLS_SIGNATURE_MAX];
    size_t n = sizeof signature;
    struct bytes text = bytes_of_text("anything");
    (void)state;
    assert_true(sign_with(key, "SHA256", text, signature, &n));
    assert_true(verifies(key, text, bytes_of(signature, n)));
    EVP_PKEY_free(key);
}

static int start(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK && tls_remote_key_register() == RESULT_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_keeper_signs_a_servers_certificate_verify),
        cmocka_unit_test(the_keeper_signs_nothing_else),
        cmocka_unit_test(only_p256_keys_without_pass_phrase_are_read),
        cmocka_unit_test(a_remote_key_asks_for_each_signature_with_the_whole_content),
        cmocka_unit_test(a_remote_key_cannot_sign_what_the_keeper_refuses),
        cmocka_unit_test(a_remote_key_has_no_private_part_to_take),
        cmocka_unit_test(a_remote_key_fits_p256_certificates_only),
        cmocka_unit_test(a_remote_key_does_not_fit_another_certificate),
        cmocka_unit_test(ordinary_keys_work_beside_remote_ones),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}

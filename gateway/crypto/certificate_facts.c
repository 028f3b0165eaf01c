/* What people are told of certificates. */
#include "crypto/certificate.h"

#include "base/clock.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>

enum { STRENGTH = 112 }; /* bits: OpenSSL's security level 2 */

static BIO *reader(struct bytes b)
{
    return b.n > INT_MAX ? NULL : BIO_new_mem_buf(b.p, (int)b.n);
}

static X509 *first_of(struct bytes file)
{
    const uint8_t *der = file.p;
    BIO *in = reader(file);
    X509 *x = in == NULL ? NULL : PEM_read_bio_X509(in, NULL, NULL, NULL);
    if (x == NULL && in != NULL)
        x = d2i_X509(NULL, &der, (long)file.n);
    BIO_free(in);
    ERR_clear_error();
    return x;
}

static void put_subject(X509 *x, char *out, size_t n)
{
    BIO *text = BIO_new(BIO_s_mem());
    char *at = NULL;
    long length = 0;
    if (text != NULL && X509_NAME_print_ex(text, X509_get_subject_name(x), 0, XN_FLAG_ONELINE) >= 0)
        length = BIO_get_mem_data(text, &at);
    (void)snprintf(out, n, "%.*s", (int)length, at == NULL ? "" : at);
    BIO_free(text);
}

/* Curves by their names, as they are told apart; else the length. */
static void put_key(EVP_PKEY *key, char *out, size_t n)
{
    char group[24] = "";
    const char *type = key == NULL ? NULL : EVP_PKEY_get0_type_name(key);
    if (type == NULL)
        (void)snprintf(out, n, "unknown");
    else if (EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1)
        (void)snprintf(out, n, "%s %s", type, group);
    else
        (void)snprintf(out, n, "%s %d", type, EVP_PKEY_get_bits(key));
    ERR_clear_error();
}

enum result certificate_facts(struct bytes file, struct certificate_facts *out)
{
    X509 *x = first_of(file);
    if (x == NULL)
        return RESULT_MALFORMED;
    EVP_PKEY *key = X509_get0_pubkey(x);
    *out = (struct certificate_facts){.begins_us = certificate_begins_us(x),
                                      .ends_us = certificate_ends_us(x),
                                      .for_clients = certificate_is_for_clients(x),
                                      .for_authorities = X509_check_ca(x) == 1,
                                      .key_is_good = key != NULL &&
                                                     EVP_PKEY_get_security_bits(key) >= STRENGTH};
    put_subject(x, out->subject, sizeof out->subject);
    put_key(key, out->key, sizeof out->key);
    certificate_fingerprint(x, out->fingerprint);
    if (certificate_uri(x, out->uri) != RESULT_OK)
        out->uri[0] = '\0';
    X509_free(x);
    ERR_clear_error();
    return RESULT_OK;
}

static X509_CRL *first_list_of(struct bytes file)
{
    const uint8_t *der = file.p;
    BIO *in = reader(file);
    X509_CRL *x = in == NULL ? NULL : PEM_read_bio_X509_CRL(in, NULL, NULL, NULL);
    if (x == NULL && in != NULL)
        x = d2i_X509_CRL(NULL, &der, (long)file.n);
    BIO_free(in);
    ERR_clear_error();
    return x;
}

enum result crl_facts(struct bytes file, struct bytes root_file, struct crl_facts *out)
{
    X509_CRL *list = first_list_of(file);
    X509 *root = first_of(root_file);
    *out = (struct crl_facts){0};
    if (list != NULL) {
        EVP_PKEY *key = root == NULL ? NULL : X509_get0_pubkey(root);
        const int revoked = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(list)); /* -1: none */
        *out = (struct crl_facts){.begins_us = certificate_time_us(X509_CRL_get0_lastUpdate(list)),
                                  .ends_us = certificate_time_us(X509_CRL_get0_nextUpdate(list)),
                                  .revoked = revoked < 0 ? 0 : (size_t)revoked,
                                  .by_root = key != NULL && X509_CRL_verify(list, key) == 1};
    }
    const bool there = list != NULL;
    X509_CRL_free(list);
    X509_free(root);
    ERR_clear_error();
    return there ? RESULT_OK : RESULT_MALFORMED;
}

enum result trust_verify_pem(struct trust *t, struct bytes pem, int64_t now_us, const char **why)
{
    BIO *in = reader(pem);
    STACK_OF(X509) *more = sk_X509_new_null();
    X509 *own = in == NULL ? NULL : PEM_read_bio_X509(in, NULL, NULL, NULL), *next = NULL;
    uint8_t root[SHA256_BYTES];
    enum result r = RESULT_MALFORMED;
    *why = "there is no certificate in the file";
    while (own != NULL && more != NULL && (next = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL)
        if (sk_X509_push(more, next) <= 0)
            X509_free(next);
    if (own != NULL)
        r = trust_verify_client(t, own, more, now_us, root, why);
    X509_free(own);
    sk_X509_pop_free(more, X509_free);
    BIO_free(in);
    ERR_clear_error();
    return r;
}

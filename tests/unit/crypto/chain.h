/* A chain of certificates and its revocation lists, for the tests of this folder. */
#ifndef FEDGATE_TESTS_CHAIN_H
#define FEDGATE_TESTS_CHAIN_H

#include "crypto/certificate.h"
#include "pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* A root, an intermediate below it, and a unit below that. */
struct chain {
    EVP_PKEY *root_key, *middle_key, *key;
    X509 *root, *middle, *unit;
    STACK_OF(X509) * intermediates;
};

static inline struct pki_spec unit_spec(const struct chain *c)
{
    return (struct pki_spec){.name = "unit",
                             .issuer = c->middle,
                             .issuer_key = c->middle_key,
                             .key = c->key,
                             .serial = 77,
                             .extended = "clientAuth",
                             .alt_names = "URI:fedgate:npa-daejeon/112-control"};
}

static inline struct chain chain_new(void)
{
    struct chain c = {.root_key = pki_key(), .middle_key = pki_key(), .key = pki_key()};
    c.root = pki_certificate(&(struct pki_spec){.name = "root", .key = c.root_key, .ca = true});
    c.middle = pki_certificate(&(struct pki_spec){.name = "middle",
                                                  .issuer = c.root,
                                                  .issuer_key = c.root_key,
                                                  .key = c.middle_key,
                                                  .serial = 5,
                                                  .ca = true});
    struct pki_spec spec = unit_spec(&c);
    c.unit = pki_certificate(&spec);
    c.intermediates = sk_X509_new_null();
    sk_X509_push(c.intermediates, c.middle);
    return c;
}

static inline void chain_free(struct chain *c)
{
    sk_X509_free(c->intermediates);
    X509_free(c->root);
    X509_free(c->middle);
    X509_free(c->unit);
    EVP_PKEY_free(c->root_key);
    EVP_PKEY_free(c->middle_key);
    EVP_PKEY_free(c->key);
}

static inline void trust_root(struct trust *t, X509 *root)
{
    struct buf pem = BUF_INIT(8192), der = BUF_INIT(8192);
    pki_put_certificate(root, &pem);
    assert_int_equal(certificate_der_of_pem(buf_view(&pem), &der), RESULT_OK);
    assert_int_equal(trust_add_root(t, buf_view(&der)), RESULT_OK);
    buf_free(&pem);
    buf_free(&der);
}

static inline void trust_crl(struct trust *t, X509 *issuer, EVP_PKEY *key, long serial, long ends_s)
{
    struct buf pem = BUF_INIT(8192), der = BUF_INIT(8192);
    X509_CRL *crl = pki_crl(issuer, key, serial, ends_s);
    pki_put_crl(crl, &pem);
    assert_int_equal(certificate_crl_der_of_pem(buf_view(&pem), &der), RESULT_OK);
    assert_int_equal(trust_add_crl(t, buf_view(&der)), RESULT_OK);
    X509_CRL_free(crl);
    buf_free(&pem);
    buf_free(&der);
}

#endif

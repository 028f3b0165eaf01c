/* Certificates for tests, made on the fly: one call a certificate or revocation list. */
#ifndef FEDGATE_TESTS_PKI_H
#define FEDGATE_TESTS_PKI_H

#include "base/buf.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* What a certificate says; zero means the usual: valid from an hour ago for a day, EC P-256. */
struct pki_spec {
    const char *name;
    X509 *issuer; /* NULL: self-signed */
    EVP_PKEY *issuer_key;
    EVP_PKEY *key;
    bool ca;
    const char *alt_names; /* "URI:fedgate:...,DNS:..." */
    const char *usage;     /* key usage; NULL: what fits `ca` */
    const char *extended;  /* extended key usage; NULL: none */
    long begins_s, ends_s; /* from now */
    long serial;           /* 0: 1 */
};

static inline EVP_PKEY *pki_key(void)
{
    EVP_PKEY *k = EVP_EC_gen("P-256");
    assert(k != NULL);
    return k;
}

static inline void pki_extend(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX c;
    if (value == NULL)
        return;
    X509V3_set_ctx(&c, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &c, nid, value);
    assert(e != NULL);
    X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
}

static inline X509 *pki_certificate(const struct pki_spec *s)
{
    X509 *x = X509_new();
    X509 *issuer = s->issuer == NULL ? x : s->issuer;
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), s->serial == 0 ? 1 : s->serial);
    X509_gmtime_adj(X509_getm_notBefore(x), s->begins_s == 0 ? -3600 : s->begins_s);
    X509_gmtime_adj(X509_getm_notAfter(x), s->ends_s == 0 ? 86400 : s->ends_s);
    X509_set_pubkey(x, s->key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               (const unsigned char *)s->name, -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(issuer));
    pki_extend(x, issuer, NID_basic_constraints, s->ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    const char *usage = s->ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature";
    pki_extend(x, issuer, NID_key_usage, s->usage == NULL ? usage : s->usage);
    pki_extend(x, issuer, NID_ext_key_usage, s->extended);
    pki_extend(x, issuer, NID_subject_alt_name, s->alt_names);
    pki_extend(x, issuer, NID_subject_key_identifier, "hash");
    pki_extend(x, issuer, NID_authority_key_identifier, "keyid:always");
    int signed_ = X509_sign(x, s->issuer == NULL ? s->key : s->issuer_key, EVP_sha256());
    assert(signed_ > 0);
    (void)signed_;
    return x;
}

/* A revocation list that names `serial` (0: none), valid for `ends_s` from now. */
static inline X509_CRL *pki_crl(X509 *issuer, EVP_PKEY *key, long serial, long ends_s)
{
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *t = ASN1_TIME_new();
    X509V3_CTX c;
    X509_CRL_set_version(crl, X509_CRL_VERSION_2);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer));
    X509_CRL_set1_lastUpdate(crl, X509_gmtime_adj(t, -7200));
    if (serial != 0) {
        X509_REVOKED *r = X509_REVOKED_new();
        ASN1_INTEGER *number = ASN1_INTEGER_new();
        ASN1_INTEGER_set(number, serial);
        X509_REVOKED_set_serialNumber(r, number);
        X509_REVOKED_set_revocationDate(r, t);
        X509_CRL_add0_revoked(crl, r);
        ASN1_INTEGER_free(number);
    }
    X509_CRL_set1_nextUpdate(crl, X509_gmtime_adj(t, ends_s));
    X509V3_set_ctx(&c, issuer, NULL, NULL, crl, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &c, NID_authority_key_identifier, "keyid:always");
    X509_CRL_add_ext(crl, e, -1);
    X509_EXTENSION_free(e);
    int signed_ = X509_CRL_sign(crl, key, EVP_sha256());
    assert(signed_ > 0);
    (void)signed_;
    ASN1_TIME_free(t);
    return crl;
}

/* What was written to `b`, which is freed, behind what `out` has. */
static inline void pki_take(BIO *b, struct buf *out)
{
    char *p;
    long n = BIO_get_mem_data(b, &p);
    buf_put(out, p, (size_t)n);
    BIO_free(b);
}

static inline void pki_put_certificate(X509 *x, struct buf *pem)
{
    BIO *b = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(b, x);
    pki_take(b, pem);
}

static inline void pki_put_key(EVP_PKEY *k, struct buf *pem)
{
    BIO *b = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(b, k, NULL, NULL, 0, NULL, NULL);
    pki_take(b, pem);
}

static inline void pki_put_crl(X509_CRL *crl, struct buf *pem)
{
    BIO *b = BIO_new(BIO_s_mem());
    PEM_write_bio_X509_CRL(b, crl);
    pki_take(b, pem);
}

#endif

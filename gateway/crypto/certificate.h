/* X.509 certificates and revocation lists, through OpenSSL: who a peer says it is, and whether a
 * pinned root vouches for it. */
#ifndef FEDGATE_CRYPTO_CERTIFICATE_H
#define FEDGATE_CRYPTO_CERTIFICATE_H

#include "base/buf.h"
#include "crypto/digest.h"

/* OpenSSL's own structures, for net/ to hand over and take. */
struct x509_st;
struct stack_st_X509;
struct x509_store_st;
struct x509_store_ctx_st;

enum { CERTIFICATE_URI_MAX = 128 };

/* The next certificate or CRL (which must say when the next one comes) in PEM, appended to `der`;
 * `pem` is what comes behind it then. RESULT_NOT_FOUND when there is none any more,
 * RESULT_MALFORMED when it cannot be read. */
MUST_USE enum result certificate_next_of_pem(struct bytes *pem, struct buf *der);
MUST_USE enum result certificate_crl_next_of_pem(struct bytes *pem, struct buf *der);

/* The first of them; RESULT_MALFORMED when there is none. */
MUST_USE enum result certificate_der_of_pem(struct bytes pem, struct buf *der);
MUST_USE enum result certificate_crl_der_of_pem(struct bytes pem, struct buf *der);

/* SHA-256 of a certificate's DER form. */
void certificate_fingerprint(struct x509_st *certificate, uint8_t out[SHA256_BYTES]);

/* One digest over a certificate and, in their order, its intermediates (may be NULL): everything
 * that trust_verify_client looks at of a peer. */
void certificate_chain_fingerprint(struct x509_st *certificate,
                                   const struct stack_st_X509 *intermediates,
                                   uint8_t out[SHA256_BYTES]);

/*
 * The one URI among a certificate's subject alternative names, as text. RESULT_MISMATCH when it has
 * none or several, or a character that a URI may not have; RESULT_TOO_LARGE past
 * CERTIFICATE_URI_MAX.
 */
MUST_USE enum result certificate_uri(struct x509_st *certificate,
                                     char out[CERTIFICATE_URI_MAX + 1]);

/* Whether key usage names digital signature, and extended key usage names TLS client
 * authentication; both must be present. */
bool certificate_is_for_clients(struct x509_st *certificate);

/* When its time is over: the first moment at which it is not valid any more, wall time. The same of
 * a certificate or revocation list in DER; what cannot be read is over. */
int64_t certificate_ends_us(struct x509_st *certificate);
int64_t certificate_der_ends_us(struct bytes der);
int64_t certificate_crl_der_ends_us(struct bytes der);

/* The first end after `now_us` among a certificate and its intermediates (may be NULL); INT64_MAX
 * when there is none. */
int64_t certificate_chain_ends_us(struct x509_st *certificate,
                                  const struct stack_st_X509 *intermediates, int64_t now_us);
int64_t certificate_begins_us(struct x509_st *certificate);

/* A time of X.509's, wall time; one that is not there or cannot be read is long over. */
struct asn1_string_st;
int64_t certificate_time_us(const struct asn1_string_st *time);

/* ---- certificate_facts.c: what people are told of certificates and revocation lists */

/* A certificate. `uri` is empty where certificate_uri answers no. */
struct certificate_facts {
    char subject[160], key[40]; /* "CN = 112-control"; "EC prime256v1", "RSA 3072" */
    char uri[CERTIFICATE_URI_MAX + 1];
    uint8_t fingerprint[SHA256_BYTES];
    int64_t begins_us, ends_us; /* wall time: valid from, and not any more from */
    bool for_clients, for_authorities;
    bool key_is_good; /* strong enough for our connections (tls_context.c: security level 2) */
};

/* The first certificate of a PEM file, or the one in DER. RESULT_MALFORMED when there is none. */
MUST_USE enum result certificate_facts(struct bytes file, struct certificate_facts *out);

/* The first revocation list of a PEM file, or the one in DER, and whether the key of that root, PEM
 * or DER, signed it. */
struct crl_facts {
    int64_t begins_us, ends_us;
    size_t revoked; /* certificates in it */
    bool by_root;
};
MUST_USE enum result crl_facts(struct bytes file, struct bytes root_file, struct crl_facts *out);

/* trust_verify_client for the first certificate of a PEM file, with those behind it. */
struct trust;
MUST_USE enum result trust_verify_pem(struct trust *t, struct bytes pem, int64_t now_us,
                                      const char **why);

/* A set of pinned roots, each with its revocation list. Never changed once in use: a new one is
 * built for a new generation. */
struct trust;

struct trust *trust_new(void);
void trust_free(struct trust *t);

/* A root in DER. RESULT_MALFORMED when it is no certificate. */
MUST_USE enum result trust_add_root(struct trust *t, struct bytes der);

/* A revocation list in DER, which every chain is checked against; a root without one makes its
 * chains fail. */
MUST_USE enum result trust_add_crl(struct trust *t, struct bytes der);

/* Ask for revocation lists (RFC 5280, 6.3) on the whole chain. One whose time is over counts for
 * `grace_us` more: what it revokes stays revoked. Then its issuer's certificates are refused. */
void trust_require_crls(struct trust *t, int64_t grace_us);

/* The first moment after `now_us` at which a list does not count any more or a root's time is over;
 * INT64_MAX when there is none. Between two of them no chain's answer changes but by its own
 * certificates' times. */
int64_t trust_next_end_us(const struct trust *t, int64_t now_us);

/* OpenSSL's callback of the store, which makes the grace; whoever sets one of his own calls it
 * first. It needs a time (X509_STORE_CTX_set_time), else there is no grace. */
int trust_verify_callback(int ok, struct x509_store_ctx_st *c);

/* For SSL_CTX_set1_verify_cert_store, which takes a hold of its own. */
struct x509_store_st *trust_store(struct trust *t);

/*
 * Verifies a client's certificate again, as of `now_us` (wall time): with `intermediates` (may be
 * NULL) up to a root of this set. On success `root` receives the root's fingerprint.
 * RESULT_MISMATCH otherwise, with `why` set to a static text of the library's.
 */
MUST_USE enum result trust_verify_client(struct trust *t, struct x509_st *certificate,
                                         struct stack_st_X509 *intermediates, int64_t now_us,
                                         uint8_t root[SHA256_BYTES], const char **why);

#endif

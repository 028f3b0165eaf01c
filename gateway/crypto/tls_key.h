/*
 * The gateway's TLS private key, in two halves of one contract: the keeper holds the key and signs;
 * the edge holds a key object without a private part, whose signatures are asked for elsewhere. The
 * keeper sees the whole text that is signed, and signs nothing but a TLS 1.3 server's
 * CertificateVerify (RFC 8446, 4.4.3).
 */
#ifndef FEDGATE_CRYPTO_TLS_KEY_H
#define FEDGATE_CRYPTO_TLS_KEY_H

#include "base/bytes.h"
#include "base/result.h"

enum { TLS_SIGNATURE_MAX = 80 }; /* ECDSA over P-256 in DER: at most 72 */

/* OpenSSL's EVP_PKEY, for net/. */
struct evp_pkey_st;
struct x509_st;

/* The keeper's side: an EC P-256 private key in PEM, without pass phrase; in secret_heap. */
struct tls_key;

MUST_USE enum result tls_key_read(struct bytes pem, struct tls_key **out);
void tls_key_free(struct tls_key *k);

/* RESULT_DENIED when `content` is not what a TLS 1.3 server signs with ecdsa_secp256r1_sha256. *n
 * is the room of `out`, then the signature's length. */
MUST_USE enum result tls_key_sign(const struct tls_key *k, struct bytes content, uint8_t *out,
                                  size_t *n);

/* What tells keys apart: SHA-256 of the public key (SubjectPublicKeyInfo, DER), of a private key or
 * of the first certificate in a PEM text (RESULT_MALFORMED when there is none). */
enum { TLS_KEY_ID = 32 };
void tls_key_id(const struct tls_key *k, uint8_t out[TLS_KEY_ID]);
MUST_USE enum result tls_key_id_of_certificate(struct bytes pem, uint8_t out[TLS_KEY_ID]);

/* The edge's side. `sign` is called during a handshake with the content; it fills `out` (room *n)
 * and *n. */
struct tls_remote_key {
    enum result (*sign)(void *arg, struct bytes content, uint8_t *out, size_t *n);
    void *arg;
};

/* Once a process: makes the key objects below possible. RESULT_CRYPTO when OpenSSL refuses. */
MUST_USE enum result tls_remote_key_register(void);

/* A key object for SSL_CTX_use_PrivateKey that fits `certificate` (EC P-256 only). `key` must
 * outlive it. Freed by EVP_PKEY_free. NULL when the certificate has another kind of key. */
struct evp_pkey_st *tls_remote_key_for(struct x509_st *certificate,
                                       const struct tls_remote_key *key);

#endif

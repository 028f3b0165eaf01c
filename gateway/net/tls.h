/*
 * TLS 1.3 and nothing older (RFC 8446), mutual, ALPN h2, no tickets, no early data, no
 * renegotiation. A context is made once a generation of certificates and roots and is never
 * changed; connections keep the one they began with.
 */
#ifndef FEDGATE_NET_TLS_H
#define FEDGATE_NET_TLS_H

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/certificate.h"
#include "crypto/tls_key.h"

struct tls_context; /* counted; tls_context_drop ends a hold */

struct tls_server_config {
    struct bytes certificate_pem;     /* the gateway's, then intermediates */
    const struct tls_remote_key *key; /* signs; must outlive the context */
    struct trust *trust; /* roots and revocation lists of the peers; must outlive the context */
};

struct tls_client_config {
    struct bytes certificate_pem, key_pem; /* the unit's own; may be empty in tests only */
    struct bytes root_pem;                 /* the gateway's root; while it changes, both */
    const char *server_name; /* what the gateway's certificate must name: a DNS name or an address;
                                NULL: any */
};

/* RESULT_MALFORMED when a certificate or key cannot be read, RESULT_MISMATCH when they do not fit
 * each other; `why` static. */
MUST_USE enum result tls_context_server(const struct tls_server_config *config,
                                        struct tls_context **out, const char **why);
MUST_USE enum result tls_context_client(const struct tls_client_config *config,
                                        struct tls_context **out, const char **why);
struct tls_context *tls_context_hold(struct tls_context *c);
void tls_context_drop(struct tls_context *c);

/* What is known of a peer after its handshake. `certificate` and `intermediates` live as long as
 * the connection. */
struct tls_peer {
    struct x509_st *certificate;
    struct stack_st_X509 *intermediates;
    uint8_t root[SHA256_BYTES]; /* fingerprint of the root that the chain led to */
    char address[64];           /* numeric, without port */
};

#endif

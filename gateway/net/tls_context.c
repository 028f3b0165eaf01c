#include "net/tls_context.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "crypto/known_chains.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>

static const char suites[] =
    "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";
static const char groups[] = "X25519:P-256:P-384";
/* Of peers and their certificates. OpenSSL's own list has SHA-224 too. */
static const char signatures[] =
    "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448:rsa_pss_pss_sha256:rsa_pss_pss_sha384:"
    "rsa_pss_pss_sha512:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:"
    "RSA+SHA512";
enum { NEVER_SENT = 0xff80 };                   /* an extension's number, of the private range */
static const uint8_t alpn_h2[] = {2, 'h', '2'}; /* RFC 7301, 3.1; RFC 9113, 3.2 */

/* What holds for both sides. Each line is one the peer could otherwise use against us. */
static bool set_protocol(SSL_CTX *c)
{
    SSL_CTX_set_security_level(c, 2);
    (void)SSL_CTX_set_options(c, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    (void)SSL_CTX_set_mode(c, SSL_MODE_NO_AUTO_CHAIN);
    (void)SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(c, LIMIT_TLS_CERTIFICATES);
    SSL_CTX_set_verify_depth(c, LIMIT_TLS_DEPTH);
    return SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(c, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_ciphersuites(c, suites) == 1 && SSL_CTX_set1_groups_list(c, groups) == 1 &&
           SSL_CTX_set1_sigalgs_list(c, signatures) == 1 && SSL_CTX_set_num_tickets(c, 0) == 1 &&
           SSL_CTX_set_max_early_data(c, 0) == 1 && SSL_CTX_set_recv_max_early_data(c, 0) == 1;
}

static struct tls_context *context_new(const SSL_METHOD *method)
{
    struct tls_context *c = mem_new(sizeof *c);
    atomic_init(&c->holds, 1);
    c->ssl = SSL_CTX_new(method);
    c->memory = tls_session_memory();
    c->most_records = LIMIT_TLS_RECORDS;
    if (c->ssl == NULL || c->memory == NULL || !set_protocol(c->ssl))
        abort(); /* constants that this library does not know: it is not the one we were built for
                  */
    return c;
}

struct tls_context *tls_context_hold(struct tls_context *c)
{
    atomic_fetch_add_explicit(&c->holds, 1, memory_order_relaxed);
    return c;
}

void tls_context_drop(struct tls_context *c)
{
    if (c == NULL || atomic_fetch_sub_explicit(&c->holds, 1, memory_order_acq_rel) != 1)
        return;
    SSL_CTX_free(c->ssl);
    BIO_meth_free(c->memory);
    known_chains_free(c->known);
    trust_free(c->root);
    mem_free(c->server_name);
    mem_free(c);
}

static BIO *reader(struct bytes pem)
{
    return pem.n > INT_MAX ? NULL : BIO_new_mem_buf(pem.p, (int)pem.n);
}

/* The first certificate is ours, the others are shown with it. */
static enum result use_certificates(SSL_CTX *c, struct bytes pem)
{
    BIO *in = reader(pem);
    X509 *x = in == NULL ? NULL : PEM_read_bio_X509(in, NULL, NULL, NULL);
    int ok = x != NULL && SSL_CTX_use_certificate(c, x) == 1;
    while (ok == 1) {
        X509_free(x);
        x = PEM_read_bio_X509(in, NULL, NULL, NULL);
        if (x == NULL)
            break;
        ok = SSL_CTX_add1_chain_cert(c, x) == 1;
    }
    X509_free(x);
    BIO_free(in);
    ERR_clear_error();
    return ok == 1 ? RESULT_OK : RESULT_MALFORMED;
}

static enum result use_key(SSL_CTX *c, EVP_PKEY *key)
{
    int ok = SSL_CTX_use_PrivateKey(c, key) == 1 && SSL_CTX_check_private_key(c) == 1;
    ERR_clear_error();
    return ok ? RESULT_OK : RESULT_MISMATCH;
}

/* Server: takes h2 from what the client offers, or ends with no_application_protocol. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_bytes,
                           const unsigned char *in, unsigned in_bytes, void *arg)
{
    unsigned char *chosen;
    (void)ssl;
    (void)arg;
    if (SSL_select_next_proto(&chosen, out_bytes, alpn_h2, sizeof alpn_h2, in, in_bytes) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* A client without ALPN never comes to choose_protocol; RFC 9113, 3.3 wants h2 all the same. */
static int require_protocol(SSL *ssl, int *alert, void *arg)
{
    const unsigned char *extension;
    size_t n;
    (void)arg;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation,
                                  &extension, &n) == 1)
        return SSL_CLIENT_HELLO_SUCCESS;
    ERR_raise(ERR_LIB_SSL, SSL_R_NO_APPLICATION_PROTOCOL); /* for the log */
    *alert = SSL_AD_NO_APPLICATION_PROTOCOL;
    return SSL_CLIENT_HELLO_ERROR;
}

/* At the leaf of a chain that holds: it must also be meant for clients. */
static int verify_client(int ok, X509_STORE_CTX *x)
{
    ok = trust_verify_callback(ok, x);
    if (ok == 1 && X509_STORE_CTX_get_error_depth(x) == 0 &&
        !certificate_is_for_clients(X509_STORE_CTX_get_current_cert(x))) {
        X509_STORE_CTX_set_error(x, X509_V_ERR_INVALID_PURPOSE);
        return 0;
    }
    return ok;
}

static int verify_chain(X509_STORE_CTX *x, void *arg)
{
    const struct tls_context *c = arg;
    const struct clock clock = clock_system();
    return known_chains_verify(c->known, x, clock_wall_us(&clock));
}

/*
 * OpenSSL has no call for an alert of one's own choice after a handshake. But whoever adds an
 * extension to a session ticket may refuse with one, so tls_session_deny asks for a ticket. That no
 * ticket ever leaves is what we want anyway.
 */
static int deny(SSL *ssl, unsigned type, unsigned context, const unsigned char **out, size_t *n,
                X509 *certificate, size_t place, int *alert, void *arg)
{
    (void)ssl;
    (void)type;
    (void)context;
    (void)out;
    (void)n;
    (void)certificate;
    (void)place;
    (void)arg;
    *alert = SSL_AD_ACCESS_DENIED;
    return -1;
}

static enum result fill_server(struct tls_context *c, const struct tls_server_config *config,
                               const char **why)
{
    *why = "the certificate cannot be read";
    TRY(use_certificates(c->ssl, config->certificate_pem));
    *why = "the certificate's key is not EC P-256, or not the one that signs";
    EVP_PKEY *key = tls_remote_key_for(SSL_CTX_get0_certificate(c->ssl), config->key);
    if (key == NULL)
        return RESULT_MISMATCH;
    enum result r = use_key(c->ssl, key);
    EVP_PKEY_free(key);
    TRY(r);
    if (SSL_CTX_set1_verify_cert_store(c->ssl, trust_store(config->trust)) != 1)
        return RESULT_CRYPTO;
    SSL_CTX_set_verify(c->ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, verify_client);
    c->known = known_chains_new(LIMIT_KNOWN_CHAINS, config->trust);
    SSL_CTX_set_cert_verify_callback(c->ssl, verify_chain, c);
    SSL_CTX_set_alpn_select_cb(c->ssl, choose_protocol, NULL);
    SSL_CTX_set_client_hello_cb(c->ssl, require_protocol, NULL);
    return SSL_CTX_add_custom_ext(c->ssl, NEVER_SENT, SSL_EXT_TLS1_3_NEW_SESSION_TICKET, deny, NULL,
                                  NULL, NULL, NULL) == 1
               ? RESULT_OK
               : RESULT_CRYPTO;
}

enum result tls_context_server(const struct tls_server_config *config, struct tls_context **out,
                               const char **why)
{
    struct tls_context *c = context_new(TLS_server_method());
    c->server = true;
    enum result r = fill_server(c, config, why);
    if (r == RESULT_OK)
        *out = c;
    else
        tls_context_drop(c);
    return r;
}

static enum result use_own_key(SSL_CTX *c, struct bytes pem, const char **why)
{
    *why = "the key cannot be read";
    BIO *in = reader(pem);
    EVP_PKEY *key = in == NULL ? NULL : PEM_read_bio_PrivateKey(in, NULL, NULL, (void *)"");
    BIO_free(in);
    ERR_clear_error();
    if (key == NULL)
        return RESULT_MALFORMED;
    *why = "the key does not fit the certificate";
    enum result r = use_key(c, key);
    EVP_PKEY_free(key);
    return r;
}

static enum result use_root(struct tls_context *c, struct bytes pem, const char **why)
{
    struct buf der = BUF_INIT(LIMIT_TLS_CERTIFICATES);
    *why = "the root certificate cannot be read";
    enum result r = certificate_der_of_pem(pem, &der);
    c->root = trust_new();
    while (r == RESULT_OK) {
        buf_clear(&der);
        r = certificate_next_of_pem(&pem, &der);
        if (r == RESULT_OK)
            r = trust_add_root(c->root, buf_view(&der));
    }
    buf_free(&der);
    if (r != RESULT_NOT_FOUND)
        return r;
    return SSL_CTX_set1_verify_cert_store(c->ssl, trust_store(c->root)) == 1 ? RESULT_OK
                                                                             : RESULT_CRYPTO;
}

static enum result fill_client(struct tls_context *c, const struct tls_client_config *config,
                               const char **why)
{
    if (config->certificate_pem.n > 0) {
        *why = "the certificate cannot be read";
        TRY(use_certificates(c->ssl, config->certificate_pem));
        TRY(use_own_key(c->ssl, config->key_pem, why));
    }
    TRY(use_root(c, config->root_pem, why));
    if (config->server_name != NULL)
        c->server_name = mem_text(config->server_name, strlen(config->server_name));
    SSL_CTX_set_verify(c->ssl, SSL_VERIFY_PEER, NULL);
    /* This one call of OpenSSL's answers 0 when it worked. */
    return SSL_CTX_set_alpn_protos(c->ssl, alpn_h2, sizeof alpn_h2) == 0 ? RESULT_OK
                                                                         : RESULT_CRYPTO;
}

enum result tls_context_client(const struct tls_client_config *config, struct tls_context **out,
                               const char **why)
{
    struct tls_context *c = context_new(TLS_client_method());
    enum result r = fill_client(c, config, why);
    if (r == RESULT_OK)
        *out = c;
    else
        tls_context_drop(c);
    return r;
}

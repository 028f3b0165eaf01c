/* A root, a gateway and a unit with certificates, and the TLS contexts of both; for the tests of
 * this folder. */
#ifndef FEDGATE_TESTS_PEERS_H
#define FEDGATE_TESTS_PEERS_H

#include "../crypto/pki.h"
#include "crypto/init.h"
#include "net/tls.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/socket.h>

/* A certificate with its key, in PEM. */
struct credential {
    EVP_PKEY *key;
    X509 *certificate;
    struct buf certificate_pem, key_pem;
};

struct peers {
    struct credential root, gateway, unit;
    struct tls_key *keeper;
    struct tls_remote_key remote;
    enum result keeper_answer; /* what the keeper answers before it signs */
    unsigned signatures;
    struct trust *trust;
};

/* Listens on a port that is free, on loopback. */
static inline int listen_here(uint16_t *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(fd, 64), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
    *port = ntohs(a.sin_port);
    return fd;
}

static inline struct credential credential_new(struct pki_spec spec)
{
    struct credential c = {.certificate_pem = BUF_INIT(8192), .key_pem = BUF_INIT(8192)};
    c.key = pki_key();
    spec.key = c.key;
    c.certificate = pki_certificate(&spec);
    pki_put_certificate(c.certificate, &c.certificate_pem);
    pki_put_key(c.key, &c.key_pem);
    return c;
}

static inline void credential_free(struct credential *c)
{
    X509_free(c->certificate);
    EVP_PKEY_free(c->key);
    buf_free(&c->certificate_pem);
    buf_free(&c->key_pem);
}

/* A unit's certificate, as it should be; to be changed by the test. */
static inline struct pki_spec unit_spec(const struct credential *root)
{
    return (struct pki_spec){.name = "112-control",
                             .issuer = root->certificate,
                             .issuer_key = root->key,
                             .serial = 77,
                             .extended = "clientAuth",
                             .alt_names = "URI:fedgate:npa-daejeon/112-control"};
}

static inline struct credential root_new(const char *name)
{
    return credential_new((struct pki_spec){.name = name, .ca = true});
}

static inline void trust_root_of(struct trust *t, const struct credential *root)
{
    struct buf der = BUF_INIT(8192);
    assert_int_equal(certificate_der_of_pem(buf_view(&root->certificate_pem), &der), RESULT_OK);
    assert_int_equal(trust_add_root(t, buf_view(&der)), RESULT_OK);
    buf_free(&der);
}

static inline enum result keeper_sign(void *arg, struct bytes content, uint8_t *out, size_t *n)
{
    struct peers *p = arg;
    p->signatures++;
    return p->keeper_answer == RESULT_OK ? tls_key_sign(p->keeper, content, out, n)
                                         : p->keeper_answer;
}

static inline struct peers *peers_new(void)
{
    struct peers *p = calloc(1, sizeof *p);
    p->root = root_new("root");
    p->gateway = credential_new((struct pki_spec){.name = "gateway",
                                                  .issuer = p->root.certificate,
                                                  .issuer_key = p->root.key,
                                                  .extended = "serverAuth",
                                                  .alt_names = "DNS:localhost,IP:127.0.0.1"});
    p->unit = credential_new(unit_spec(&p->root));
    assert_int_equal(tls_key_read(buf_view(&p->gateway.key_pem), &p->keeper), RESULT_OK);
    p->remote = (struct tls_remote_key){keeper_sign, p};
    p->trust = trust_new();
    trust_root_of(p->trust, &p->root);
    return p;
}

static inline void peers_free(struct peers *p)
{
    credential_free(&p->root);
    credential_free(&p->gateway);
    credential_free(&p->unit);
    tls_key_free(p->keeper);
    trust_free(p->trust);
    free(p);
}

static inline struct tls_context *gateway_context(struct peers *p)
{
    struct tls_context *c = NULL;
    const char *why;
    const struct tls_server_config config = {.certificate_pem =
                                                 buf_view(&p->gateway.certificate_pem),
                                             .key = &p->remote,
                                             .trust = p->trust};
    assert_int_equal(tls_context_server(&config, &c, &why), RESULT_OK);
    return c;
}

/* `unit` NULL: without a certificate. */
static inline struct tls_context *unit_context(struct peers *p, const struct credential *unit,
                                               const char *server_name)
{
    struct tls_context *c = NULL;
    const char *why;
    struct tls_client_config config = {.root_pem = buf_view(&p->root.certificate_pem),
                                       .server_name = server_name};
    if (unit != NULL) {
        config.certificate_pem = buf_view(&unit->certificate_pem);
        config.key_pem = buf_view(&unit->key_pem);
    }
    assert_int_equal(tls_context_client(&config, &c, &why), RESULT_OK);
    return c;
}

static inline int start_crypto(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK && tls_remote_key_register() == RESULT_OK ? 0 : -1;
}

#endif

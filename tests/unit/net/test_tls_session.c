#include "net/tls_session.h"

#include "base/attr.h"
#include "base/clock.h"
#include "base/limits.h"
#include "net/tls_context.h"
#include "peers.h"

#include <openssl/err.h>

/* Both ends of one session, without a socket in between. */
struct both {
    struct tls_session *gateway, *unit;
    enum result gateway_end, unit_end;
};

/* What one has sent goes to the other. */
static void carry(struct tls_session *from, struct tls_session *to, struct buf *room)
{
    struct bytes out = tls_session_outgoing(from);
    buf_clear(room);
    buf_put(room, out.p, out.n);
    tls_session_sent(from, out.n);
    tls_session_feed(to, buf_view(room));
}

static void shake_hands(struct both *b)
{
    struct buf to_gateway = BUF_INIT(1u << 20), to_unit = BUF_INIT(1u << 20);
    b->gateway_end = b->unit_end = RESULT_AGAIN;
    for (int i = 0; i < 5; i++) {
        if (b->unit_end == RESULT_AGAIN)
            b->unit_end = tls_session_handshake(b->unit);
        carry(b->unit, b->gateway, &to_gateway);
        if (b->gateway_end == RESULT_AGAIN)
            b->gateway_end = tls_session_handshake(b->gateway);
        carry(b->gateway, b->unit, &to_unit);
        if (b->unit_end == RESULT_OK) { /* an alert may come behind the handshake */
            uint8_t byte;
            size_t n;
            enum result r = tls_session_read(b->unit, &byte, 1, &n);
            b->unit_end = r == RESULT_AGAIN ? RESULT_OK : r;
        }
    }
    buf_free(&to_gateway);
    buf_free(&to_unit);
}

static struct both both_new(struct tls_context *gateway, struct tls_context *unit)
{
    struct both b = {tls_session_new(gateway), tls_session_new(unit), RESULT_OK, RESULT_OK};
    tls_context_drop(gateway);
    tls_context_drop(unit);
    shake_hands(&b);
    return b;
}

static void both_free(struct both *b)
{
    tls_session_free(b->gateway);
    tls_session_free(b->unit);
}

static int world(void **state)
{
    *state = peers_new();
    return 0;
}

static int world_end(void **state)
{
    peers_free(*state);
    ERR_clear_error();
    return 0;
}

/* ---- who is let in */

static void a_unit_with_its_certificate_is_let_in(void **state)
{
    struct peers *p = *state;
    struct both b = both_new(gateway_context(p), unit_context(p, &p->unit, "localhost"));
    struct tls_peer peer = {0};
    uint8_t root[SHA256_BYTES];
    char uri[CERTIFICATE_URI_MAX + 1];
    assert_int_equal(b.gateway_end, RESULT_OK);
    assert_int_equal(b.unit_end, RESULT_OK);
    assert_int_equal(p->signatures, 1);
    tls_session_peer(b.gateway, &peer);
    certificate_fingerprint(p->root.certificate, root);
    assert_memory_equal(peer.root, root, sizeof root);
    assert_int_equal(certificate_uri(peer.certificate, uri), RESULT_OK);
    assert_string_equal(uri, "fedgate:npa-daejeon/112-control");
    both_free(&b);
}

static void a_unit_that_comes_again_is_known_by_the_same_root(void **state)
{
    struct peers *p = *state;
    struct tls_context *gateway = gateway_context(p);
    uint8_t root[SHA256_BYTES];
    certificate_fingerprint(p->root.certificate, root);
    for (int i = 0; i < 2; i++) {
        struct both b = both_new(tls_context_hold(gateway), unit_context(p, &p->unit, NULL));
        struct tls_peer peer = {0};
        assert_int_equal(b.gateway_end, RESULT_OK);
        tls_session_peer(b.gateway, &peer);
        assert_memory_equal(peer.root, root, sizeof root);
        both_free(&b);
    }
    assert_int_equal(p->signatures, 2);
    tls_context_drop(gateway);
}

/* Signs with a key of its own what the unit's certificate stands for. */
static enum result sign_as_thief(void *own_key, struct bytes content, uint8_t *out, size_t *n)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    int ok = EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, own_key) == 1 &&
             EVP_DigestSign(c, out, n, content.p, content.n) == 1;
    EVP_MD_CTX_free(c);
    return ok ? RESULT_OK : RESULT_CRYPTO;
}

static void a_known_certificate_lets_nobody_in_without_its_key(void **state)
{
    struct peers *p = *state;
    struct tls_context *gateway = gateway_context(p);
    struct tls_remote_key thief = {sign_as_thief, p->gateway.key};
    struct both b = both_new(tls_context_hold(gateway), unit_context(p, &p->unit, NULL));
    assert_int_equal(b.gateway_end, RESULT_OK);
    both_free(&b);
    struct tls_context *unit = unit_context(p, &p->unit, NULL);
    EVP_PKEY *key = tls_remote_key_for(p->unit.certificate, &thief);
    assert_int_equal(SSL_CTX_use_PrivateKey(unit->ssl, key), 1);
    b = both_new(tls_context_hold(gateway), unit);
    assert_int_equal(b.gateway_end, RESULT_DENIED);
    assert_string_equal(tls_session_why(b.gateway), "bad signature");
    both_free(&b);
    EVP_PKEY_free(key);
    tls_context_drop(gateway);
}

/* The gateway refuses this unit, for this reason, and its alert tells the unit something. */
static void expect_refused(struct peers *p, const struct credential *unit, const char *why,
                           const char *alert)
{
    struct both b = both_new(gateway_context(p), unit_context(p, unit, NULL));
    assert_int_equal(b.gateway_end, RESULT_DENIED);
    assert_string_equal(tls_session_why(b.gateway), why);
    assert_int_equal(b.unit_end, RESULT_DENIED);
    assert_string_equal(tls_session_why(b.unit), alert);
    both_free(&b);
}

static void expect_spec_refused(struct peers *p, struct pki_spec spec, int error, const char *alert)
{
    struct credential unit = credential_new(spec);
    expect_refused(p, &unit, X509_verify_cert_error_string(error), alert);
    credential_free(&unit);
}

/* A certificate with this key, which becomes its own, and this digest under the root's signature.
 */
static struct credential credential_of(struct pki_spec spec, EVP_PKEY *key, const EVP_MD *digest)
{
    struct credential c = {
        .key = key, .certificate_pem = BUF_INIT(8192), .key_pem = BUF_INIT(8192)};
    spec.key = key;
    c.certificate = pki_certificate(&spec);
    assert_true(X509_sign(c.certificate, spec.issuer_key, digest) > 0);
    pki_put_certificate(c.certificate, &c.certificate_pem);
    pki_put_key(key, &c.key_pem);
    return c;
}

/* A client of ours would not show it, so its own strictness is taken away. */
static void expect_weak_refused(struct peers *p, const struct credential *unit, int error)
{
    struct tls_context *c = unit_context(p, NULL, NULL);
    SSL_CTX_set_security_level(c->ssl, 0);
    assert_int_equal(SSL_CTX_set1_sigalgs_list(c->ssl, "ECDSA+SHA256:RSA-PSS+SHA256"), 1);
    assert_int_equal(SSL_CTX_use_certificate(c->ssl, unit->certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(c->ssl, unit->key), 1);
    struct both b = both_new(gateway_context(p), c);
    assert_int_equal(b.gateway_end, RESULT_DENIED);
    assert_string_equal(tls_session_why(b.gateway), X509_verify_cert_error_string(error));
    both_free(&b);
}

static void a_unit_without_a_certificate_is_refused(void **state)
{
    expect_refused(*state, NULL, "peer did not return a certificate",
                   "tlsv13 alert certificate required");
}

static void an_expired_certificate_is_refused(void **state)
{
    struct peers *p = *state;
    struct pki_spec spec = unit_spec(&p->root);
    spec.ends_s = -60;
    expect_spec_refused(p, spec, X509_V_ERR_CERT_HAS_EXPIRED, "sslv3 alert certificate expired");
}

static void a_certificate_of_tomorrow_is_refused(void **state)
{
    struct peers *p = *state;
    struct pki_spec spec = unit_spec(&p->root);
    spec.begins_s = 3600;
    expect_spec_refused(p, spec, X509_V_ERR_CERT_NOT_YET_VALID, "sslv3 alert bad certificate");
}

static void a_certificate_of_another_root_is_refused(void **state)
{
    struct peers *p = *state;
    struct credential other = root_new("other root");
    expect_spec_refused(p, unit_spec(&other), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
                        "tlsv1 alert unknown ca");
    credential_free(&other);
}

static void a_root_of_the_same_name_does_not_help(void **state)
{
    struct peers *p = *state;
    struct credential other = root_new("root");
    struct credential unit = credential_new(unit_spec(&other));
    struct both b = both_new(gateway_context(p), unit_context(p, &unit, NULL));
    assert_int_equal(b.gateway_end, RESULT_DENIED);
    assert_int_equal(b.unit_end, RESULT_DENIED);
    both_free(&b);
    credential_free(&unit);
    credential_free(&other);
}

static void a_self_signed_certificate_is_refused(void **state)
{
    struct peers *p = *state;
    struct pki_spec spec = unit_spec(&p->root);
    spec.issuer = NULL;
    expect_spec_refused(p, spec, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "tlsv1 alert unknown ca");
}

static void certificates_for_another_purpose_are_refused(void **state)
{
    static const char *const extended[] = {"serverAuth", "emailProtection", NULL};
    struct peers *p = *state;
    for (size_t i = 0; i < ARRAY_LEN(extended); i++) {
        struct pki_spec spec = unit_spec(&p->root);
        spec.extended = extended[i];
        expect_spec_refused(p, spec, X509_V_ERR_INVALID_PURPOSE,
                            "sslv3 alert unsupported certificate");
    }
    struct pki_spec spec = unit_spec(&p->root);
    spec.usage = "critical,keyAgreement"; /* OpenSSL's own purpose check would let it in */
    expect_spec_refused(p, spec, X509_V_ERR_INVALID_PURPOSE, "sslv3 alert unsupported certificate");
}

/* What OpenSSL lets pass, but for X509_STRICT. */
static void a_unit_that_could_sign_certificates_is_refused(void **state)
{
    struct peers *p = *state;
    struct pki_spec spec = unit_spec(&p->root);
    spec.usage = "critical,digitalSignature,keyCertSign";
    expect_spec_refused(p, spec, X509_V_ERR_KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA,
                        "sslv3 alert certificate unknown");
}

static void weak_keys_and_signatures_are_refused(void **state)
{
    struct peers *p = *state;
    struct credential weak = credential_of(
        unit_spec(&p->root), EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024), EVP_sha256());
    struct credential sha1 = credential_of(unit_spec(&p->root), pki_key(), EVP_sha1());
    struct credential strong = credential_of(
        unit_spec(&p->root), EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048), EVP_sha384());
    expect_weak_refused(p, &weak, X509_V_ERR_EE_KEY_TOO_SMALL);
    expect_weak_refused(p, &sha1, X509_V_ERR_CA_MD_TOO_WEAK);
    struct both b = both_new(gateway_context(p), unit_context(p, &strong, NULL));
    assert_int_equal(b.gateway_end, RESULT_OK);
    both_free(&b);
    credential_free(&weak);
    credential_free(&sha1);
    credential_free(&strong);
}

/* A unit below so many intermediates, which it shows. */
static struct credential deep(const struct credential *root, unsigned intermediates)
{
    struct credential above[LIMIT_TLS_DEPTH + 1];
    const struct credential *issuer = root;
    for (unsigned i = 0; i < intermediates; i++) {
        above[i] = credential_new((struct pki_spec){.name = (const char *[]){"a", "b", "c", "d"}[i],
                                                    .issuer = issuer->certificate,
                                                    .issuer_key = issuer->key,
                                                    .ca = true});
        issuer = &above[i];
    }
    struct credential unit = credential_new(unit_spec(issuer));
    for (unsigned i = 0; i < intermediates; i++) {
        pki_put_certificate(above[i].certificate, &unit.certificate_pem);
        credential_free(&above[i]);
    }
    return unit;
}

static void a_chain_has_so_many_intermediates_and_no_more(void **state)
{
    struct peers *p = *state;
    struct credential deepest = deep(&p->root, LIMIT_TLS_DEPTH);
    struct credential too_deep = deep(&p->root, LIMIT_TLS_DEPTH + 1);
    struct both b = both_new(gateway_context(p), unit_context(p, &deepest, NULL));
    assert_int_equal(b.gateway_end, RESULT_OK);
    both_free(&b);
    expect_refused(p, &too_deep, X509_verify_cert_error_string(X509_V_ERR_CERT_CHAIN_TOO_LONG),
                   "tlsv1 alert unknown ca");
    credential_free(&deepest);
    credential_free(&too_deep);
}

/* Before anything of them is looked at. */
static void more_certificates_than_anybody_needs_are_refused(void **state)
{
    struct peers *p = *state;
    struct credential unit = credential_new(unit_spec(&p->root));
    unit.certificate_pem.max = SIZE_MAX / 2;
    while (unit.certificate_pem.n < 2 * LIMIT_TLS_CERTIFICATES)
        pki_put_certificate(p->root.certificate, &unit.certificate_pem);
    expect_refused(p, &unit, "excessive message size", "sslv3 alert illegal parameter");
    credential_free(&unit);
}

static void a_revoked_certificate_is_refused(void **state)
{
    struct peers *p = *state;
    struct buf pem = BUF_INIT(8192), der = BUF_INIT(8192);
    X509_CRL *crl = pki_crl(p->root.certificate, p->root.key, 77, 86400);
    pki_put_crl(crl, &pem);
    assert_int_equal(certificate_crl_der_of_pem(buf_view(&pem), &der), RESULT_OK);
    assert_int_equal(trust_add_crl(p->trust, buf_view(&der)), RESULT_OK);
    trust_require_crls(p->trust, 0);
    expect_refused(p, &p->unit, X509_verify_cert_error_string(X509_V_ERR_CERT_REVOKED),
                   "sslv3 alert certificate revoked");
    struct pki_spec spec = unit_spec(&p->root);
    spec.serial = 78;
    struct credential other = credential_new(spec);
    struct both b = both_new(gateway_context(p), unit_context(p, &other, NULL));
    assert_int_equal(b.gateway_end, RESULT_OK);
    both_free(&b);
    credential_free(&other);
    X509_CRL_free(crl);
    buf_free(&pem);
    buf_free(&der);
}

static void somebody_elses_certificate_without_its_key_is_refused(void **state)
{
    struct peers *p = *state;
    struct tls_context *c = NULL;
    const char *why;
    const struct tls_client_config config = {.certificate_pem = buf_view(&p->unit.certificate_pem),
                                             .key_pem = buf_view(&p->gateway.key_pem),
                                             .root_pem = buf_view(&p->root.certificate_pem)};
    assert_int_equal(tls_context_client(&config, &c, &why), RESULT_MISMATCH);
    assert_null(c);
    assert_string_equal(why, "the key does not fit the certificate");
}

static void who_is_denied_gets_that_alert_and_no_session_ticket(void **state)
{
    struct peers *p = *state;
    struct both b = both_new(gateway_context(p), unit_context(p, &p->unit, NULL));
    struct buf wire = BUF_INIT(1u << 20);
    uint8_t got[8];
    size_t n;
    assert_int_equal(b.gateway_end, RESULT_OK);
    tls_session_deny(b.gateway, "suspended");
    assert_string_equal(tls_session_why(b.gateway), "suspended");
    assert_int_equal(tls_session_write(b.gateway, bytes_of_text("x")), RESULT_DENIED);
    tls_session_close(b.gateway);
    carry(b.gateway, b.unit, &wire);
    assert_true(wire.n < 64); /* one alert */
    assert_int_equal(tls_session_read(b.unit, got, sizeof got, &n), RESULT_DENIED);
    assert_string_equal(tls_session_why(b.unit), "tlsv1 alert access denied");
    buf_free(&wire);
    both_free(&b);
}

/* ---- the unit's side of it */

static void a_gateway_with_another_name_is_refused(void **state)
{
    struct peers *p = *state;
    static const char *const name[] = {"gateway.example", "127.0.0.2"};
    for (size_t i = 0; i < ARRAY_LEN(name); i++) {
        struct both b = both_new(gateway_context(p), unit_context(p, &p->unit, name[i]));
        assert_int_equal(b.unit_end, RESULT_DENIED);
        assert_int_equal(b.gateway_end, RESULT_DENIED);
        both_free(&b);
    }
    struct both b = both_new(gateway_context(p), unit_context(p, &p->unit, "127.0.0.1"));
    assert_int_equal(b.unit_end, RESULT_OK);
    both_free(&b);
}

static void a_unit_that_calls_itself_the_gateway_is_refused(void **state)
{
    struct peers *p = *state;
    struct pki_spec spec = unit_spec(&p->root);
    struct credential mine = p->gateway;
    struct tls_key *keeper = p->keeper;
    spec.alt_names = "DNS:localhost"; /* a client's certificate, of the right root */
    p->gateway = credential_new(spec);
    assert_int_equal(tls_key_read(buf_view(&p->gateway.key_pem), &p->keeper), RESULT_OK);
    struct both b = both_new(gateway_context(p), unit_context(p, &p->unit, "localhost"));
    assert_int_equal(b.unit_end, RESULT_DENIED);
    both_free(&b);
    credential_free(&p->gateway);
    tls_key_free(p->keeper);
    p->gateway = mine;
    p->keeper = keeper;
}

static void without_the_keeper_no_handshake_ends(void **state)
{
    struct peers *p = *state;
    p->keeper_answer = RESULT_UNAVAILABLE;
    struct both b = both_new(gateway_context(p), unit_context(p, &p->unit, NULL));
    assert_int_equal(b.gateway_end, RESULT_DENIED);
    assert_int_equal(b.unit_end, RESULT_DENIED);
    both_free(&b);
}

/* ---- older and other protocols: a client made by hand */

struct odd {
    int most_version;
    const char *alpn, *groups, *suites;
    const char *alert, *why;
};

static void expect_odd_client_refused(struct peers *p, const struct odd *odd)
{
    struct tls_context *unit = unit_context(p, &p->unit, NULL);
    SSL_CTX_set_min_proto_version(unit->ssl, TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(unit->ssl, odd->most_version);
    SSL_CTX_set_alpn_protos(unit->ssl, (const unsigned char *)odd->alpn,
                            (unsigned)strlen(odd->alpn));
    if (odd->groups != NULL)
        SSL_CTX_set1_groups_list(unit->ssl, odd->groups);
    if (odd->suites != NULL)
        SSL_CTX_set_ciphersuites(unit->ssl, odd->suites);
    struct both b = both_new(gateway_context(p), unit);
    assert_int_equal(b.gateway_end, RESULT_DENIED);
    assert_int_equal(b.unit_end, RESULT_DENIED);
    assert_string_equal(tls_session_why(b.unit), odd->alert);
    assert_string_equal(tls_session_why(b.gateway), odd->why);
    both_free(&b);
}

static void older_and_other_protocols_are_refused(void **state)
{
    const char *alpn_alert = "tlsv1 alert no application protocol";
    const char *no_alpn = "no application protocol";
    const char *handshake_alert = "sslv3 alert handshake failure";
    const struct odd row[] = {
        {TLS1_2_VERSION, "\2h2", NULL, NULL, "tlsv1 alert protocol version",
         "unsupported protocol"},
        {TLS1_3_VERSION, "", NULL, NULL, alpn_alert, no_alpn},
        {TLS1_3_VERSION, "\10http/1.1", NULL, NULL, alpn_alert, no_alpn},
        {TLS1_3_VERSION, "\3h2c", NULL, NULL, alpn_alert, no_alpn},
        {TLS1_3_VERSION, "\2h2", "P-521", NULL, handshake_alert, "no suitable key share"},
        {TLS1_3_VERSION, "\2h2", NULL, "TLS_AES_128_CCM_SHA256", handshake_alert,
         "no shared cipher"}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++)
        expect_odd_client_refused(*state, &row[i]);
}

static void garbage_is_refused(void **state)
{
    struct peers *p = *state;
    static const char *const text[] = {"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                                       "PRI * HTTP/2.0\r\n\r\n",
                                       "\x16\x03\x01\xff\xff\xff\xff\xff\xff\xff"};
    for (size_t i = 0; i < ARRAY_LEN(text); i++) {
        struct tls_context *c = gateway_context(p);
        struct tls_session *s = tls_session_new(c);
        tls_session_feed(s, bytes_of_text(text[i]));
        assert_int_equal(tls_session_handshake(s), RESULT_DENIED);
        assert_int_equal(tls_session_handshake(s), RESULT_DENIED);
        tls_session_free(s);
        tls_context_drop(c);
    }
}

/* ---- a session */

static size_t read_all(struct tls_session *s, uint8_t *out, size_t room)
{
    size_t had = 0, n;
    while (had < room && tls_session_read(s, out + had, room - had, &n) == RESULT_OK)
        had += n;
    return had;
}

static void bytes_arrive_as_they_were_sent(void **state)
{
    struct peers *p = *state;
    struct both b = both_new(gateway_context(p), unit_context(p, &p->unit, NULL));
    struct buf wire = BUF_INIT(1u << 20);
    enum { LONG = 100000 };
    uint8_t *text = malloc(LONG), *got = malloc(LONG);
    for (size_t i = 0; i < LONG; i++)
        text[i] = (uint8_t)(i * 31 + i / 251);
    assert_int_equal(tls_session_write(b.unit, bytes_of(text, LONG)), RESULT_OK);
    assert_int_equal(tls_session_write(b.unit, bytes_of(NULL, 0)), RESULT_OK);
    carry(b.unit, b.gateway, &wire);
    assert_int_equal(read_all(b.gateway, got, LONG), LONG);
    assert_memory_equal(text, got, LONG);
    free(text);
    free(got);
    buf_free(&wire);
    both_free(&b);
}

static void torn_records_are_put_together(void **state)
{
    struct peers *p = *state;
    struct both b = both_new(gateway_context(p), unit_context(p, &p->unit, NULL));
    struct buf wire = BUF_INIT(1u << 20);
    uint8_t got[8];
    assert_int_equal(tls_session_write(b.unit, bytes_of_text("12345678")), RESULT_OK);
    carry(b.unit, b.gateway, &wire);
    for (size_t i = 0; i < wire.n; i++) {
        tls_session_feed(b.gateway, bytes_of(wire.p + i, 1));
        assert_int_equal(read_all(b.gateway, got, 8), i + 1 == wire.n ? 8 : 0);
    }
    assert_memory_equal(got, "12345678", 8);
    buf_free(&wire);
    both_free(&b);
}

static void a_flipped_bit_ends_the_session(void **state)
{
    struct peers *p = *state;
    struct both b = both_new(gateway_context(p), unit_context(p, &p->unit, NULL));
    struct buf wire = BUF_INIT(1u << 20);
    uint8_t got[8];
    size_t n;
    assert_int_equal(tls_session_write(b.unit, bytes_of_text("12345678")), RESULT_OK);
    carry(b.unit, b.gateway, &wire);
    wire.p[wire.n - 1] ^= 1;
    assert_int_equal(tls_session_read(b.gateway, got, 8, &n), RESULT_DENIED);
    assert_int_equal(tls_session_write(b.gateway, bytes_of_text("x")), RESULT_DENIED);
    assert_true(strlen(tls_session_why(b.gateway)) > 0);
    buf_free(&wire);
    both_free(&b);
}

static void a_goodbye_is_heard(void **state)
{
    struct peers *p = *state;
    struct both b = both_new(gateway_context(p), unit_context(p, &p->unit, NULL));
    struct buf wire = BUF_INIT(1u << 20);
    uint8_t got[8];
    size_t n;
    tls_session_close(b.gateway);
    carry(b.gateway, b.unit, &wire);
    assert_int_equal(tls_session_read(b.unit, got, 8, &n), RESULT_CLOSED);
    buf_free(&wire);
    both_free(&b);
}

/* ---- keys */

/* Counts what the unit's side receives. */
static void count_updates(int sent, int version, int type, const void *data, size_t n, SSL *ssl,
                          void *arg)
{
    (void)version;
    (void)ssl;
    if (sent == 0 && type == SSL3_RT_HANDSHAKE && n > 0 &&
        *(const uint8_t *)data == SSL3_MT_KEY_UPDATE)
        ++*(unsigned *)arg;
}

/* The unit's SSL object, taken from OpenSSL's callback for this test. */
static SSL *seen;

static void see(const SSL *ssl, int where, int value)
{
    (void)where;
    (void)value;
    seen = (SSL *)(uintptr_t)ssl;
}

/* A session whose unit counts the renewals that it sees; the gateway has so many records under one
 * key. */
static struct both renewing(struct peers *p, uint64_t most_records, unsigned *updates)
{
    struct tls_context *unit = unit_context(p, &p->unit, NULL), *gateway = gateway_context(p);
    SSL_CTX_set_info_callback(unit->ssl, see);
    gateway->most_records = most_records;
    struct both b = both_new(gateway, unit);
    SSL_set_msg_callback(seen, count_updates);
    SSL_set_msg_callback_arg(seen, updates);
    return b;
}

/* The gateway says a byte in a record of its own. */
static void say(struct both *b)
{
    struct buf wire = BUF_INIT(1u << 20);
    uint8_t got[8];
    assert_int_equal(tls_session_write(b->gateway, bytes_of_text("x")), RESULT_OK);
    carry(b->gateway, b->unit, &wire);
    assert_int_equal(read_all(b->unit, got, sizeof got), 1);
    buf_free(&wire);
}

static void keys_are_renewed_every_hour(void **state)
{
    unsigned updates = 0;
    struct both b = renewing(*state, LIMIT_TLS_RECORDS, &updates);
    const int64_t hours[] = {1, 1 + US_PER_HOUR / 2, 2 + US_PER_HOUR, 3 + 3 * US_PER_HOUR};
    const unsigned expected[] = {0, 0, 1, 2};
    for (size_t i = 0; i < ARRAY_LEN(hours); i++) {
        tls_session_tick(b.gateway, hours[i]);
        say(&b);
        assert_int_equal(updates, expected[i]);
    }
    both_free(&b);
}

static void keys_are_renewed_after_so_many_records(void **state)
{
    enum { RECORDS = 100 };
    unsigned updates = 0;
    struct both b = renewing(*state, RECORDS, &updates);
    tls_session_tick(b.gateway, 1);
    for (unsigned i = 1; i <= 3 * RECORDS; i++) {
        say(&b);
        tls_session_tick(b.gateway, 1 + i);
    }
    assert_in_range(updates, 2, 3); /* the handshake's records, and KeyUpdates, count too */
    both_free(&b);
}

/* A unit that renews its keys before every byte. */
static enum result update_and_send(struct tls_session *unit, struct tls_session *gateway, SSL *ssl)
{
    struct buf wire = BUF_INIT(1u << 20);
    uint8_t got[8];
    size_t n;
    assert_int_equal(SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
    assert_int_equal(tls_session_write(unit, bytes_of_text("x")), RESULT_OK);
    carry(unit, gateway, &wire);
    enum result r = tls_session_read(gateway, got, sizeof got, &n);
    buf_free(&wire);
    return r;
}

static void a_peer_may_renew_its_keys_a_few_times_a_minute(void **state)
{
    struct peers *p = *state;
    struct tls_context *unit = unit_context(p, &p->unit, NULL);
    SSL_CTX_set_info_callback(unit->ssl, see);
    struct both b = both_new(gateway_context(p), unit);
    tls_session_tick(b.gateway, US_PER_MINUTE);
    for (unsigned i = 0; i < LIMIT_TLS_KEY_UPDATES; i++)
        assert_int_equal(update_and_send(b.unit, b.gateway, seen), RESULT_OK);
    tls_session_tick(b.gateway, 2 * US_PER_MINUTE);
    for (unsigned i = 0; i < LIMIT_TLS_KEY_UPDATES; i++)
        assert_int_equal(update_and_send(b.unit, b.gateway, seen), RESULT_OK);
    assert_int_equal(update_and_send(b.unit, b.gateway, seen), RESULT_DENIED);
    assert_string_equal(tls_session_why(b.gateway), "too many key updates");
    both_free(&b);
}

static void what_is_no_certificate_or_key_is_malformed(void **state)
{
    struct peers *p = *state;
    struct tls_context *c = NULL;
    const char *why;
    struct bytes good = buf_view(&p->unit.certificate_pem), bad = bytes_of_text("no PEM");
    struct bytes root = buf_view(&p->root.certificate_pem), key = buf_view(&p->unit.key_pem);
    const struct tls_client_config client[] = {
        {bad, key, root, NULL}, {good, bad, root, NULL}, {good, key, bad, NULL}};
    for (size_t i = 0; i < ARRAY_LEN(client); i++)
        assert_int_equal(tls_context_client(&client[i], &c, &why), RESULT_MALFORMED);
    const struct tls_server_config server = {bad, &p->remote, p->trust};
    assert_int_equal(tls_context_server(&server, &c, &why), RESULT_MALFORMED);
    assert_null(c);
    tls_context_drop(NULL);
    tls_session_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, world, world_end)
        T(a_unit_with_its_certificate_is_let_in),
        T(a_unit_that_comes_again_is_known_by_the_same_root),
        T(a_known_certificate_lets_nobody_in_without_its_key),
        T(a_unit_without_a_certificate_is_refused),
        T(an_expired_certificate_is_refused),
        T(a_certificate_of_tomorrow_is_refused),
        T(a_certificate_of_another_root_is_refused),
        T(a_root_of_the_same_name_does_not_help),
        T(a_self_signed_certificate_is_refused),
        T(certificates_for_another_purpose_are_refused),
        T(a_unit_that_could_sign_certificates_is_refused),
        T(weak_keys_and_signatures_are_refused),
        T(a_chain_has_so_many_intermediates_and_no_more),
        T(more_certificates_than_anybody_needs_are_refused),
        T(a_revoked_certificate_is_refused),
        T(somebody_elses_certificate_without_its_key_is_refused),
        T(who_is_denied_gets_that_alert_and_no_session_ticket),
        T(a_gateway_with_another_name_is_refused),
        T(a_unit_that_calls_itself_the_gateway_is_refused),
        T(without_the_keeper_no_handshake_ends),
        T(older_and_other_protocols_are_refused),
        T(garbage_is_refused),
        T(bytes_arrive_as_they_were_sent),
        T(torn_records_are_put_together),
        T(a_flipped_bit_ends_the_session),
        T(a_goodbye_is_heard),
        T(keys_are_renewed_every_hour),
        T(keys_are_renewed_after_so_many_records),
        T(a_peer_may_renew_its_keys_a_few_times_a_minute),
        T(what_is_no_certificate_or_key_is_malformed),
#undef T
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

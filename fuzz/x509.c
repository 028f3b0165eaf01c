/*
 * Certificates, revocation lists and the TLS key. The first byte chooses: one file in PEM, or a
 * peer's chain: a root, its revocation list or two, the peer's certificate, what stands between
 * them; each behind a length of two bytes, in DER.
 *
 * Nobody is known but by a root that vouches for the certificate, and gateway and client read the
 * same name out of it.
 */
#include "fuzz.h"

#include "base/clock.h"
#include "base/mem.h"
#include "client/files.h"
#include "crypto/certificate.h"
#include "crypto/tls_key.h"
#include "identity/identity.h"

#include <openssl/err.h>
#include <openssl/x509.h>

enum { CHAIN_MAX = 8 };

#define NOW_US (INT64_C(1795910400) * US_PER_S) /* 2026-11-29T00:00:00Z */

/* ---- files */

static void key(struct bytes pem)
{
    static const char content[] = "                                                                "
                                  "TLS 1.3, server CertificateVerify\0"
                                  "0123456789abcdef0123456789abcdef";
    struct tls_key *k;
    uint8_t id[TLS_KEY_ID], signature[TLS_SIGNATURE_MAX];
    size_t n = sizeof signature;
    if (tls_key_read(pem, &k) != RESULT_OK)
        return;
    tls_key_id(k, id);
    HOLDS(tls_key_sign(k, pem, signature, &n) == RESULT_DENIED);
    HOLDS(tls_key_sign(k, bytes_of(content, sizeof content - 1), signature, &n) == RESULT_OK);
    tls_key_free(k);
}

static void file(struct cursor *in)
{
    const struct bytes pem = bytes_of(in->at, in->left);
    struct buf certificate = BUF_INIT(1 << 20), crl = BUF_INIT(1 << 20);
    struct bytes rest = pem;
    struct trust *t = trust_new();
    uint8_t id[TLS_KEY_ID];
    bool is_certificate = certificate_der_of_pem(pem, &certificate) == RESULT_OK;
    if (is_certificate)
        HOLDS(trust_add_root(t, buf_view(&certificate)) == RESULT_OK);
    while (certificate_crl_next_of_pem(&rest, &crl) == RESULT_OK) {
        HOLDS(trust_add_crl(t, buf_view(&crl)) == RESULT_OK);
        HOLDS(certificate_crl_der_ends_us(buf_view(&crl)) >= trust_next_end_us(t, INT64_MIN));
        buf_clear(&crl);
    }
    HOLDS(tls_key_id_of_certificate(pem, id) != RESULT_OK || is_certificate);
    key(pem);
    trust_free(t);
    buf_free(&certificate);
    buf_free(&crl);
}

/* ---- a peer's chain */

static struct bytes next(struct cursor *in)
{
    struct bytes piece;
    size_t n = fuzz_u16(in);
    HOLDS(cursor_take(in, n < in->left ? n : in->left, &piece) == RESULT_OK);
    return piece;
}

static X509 *certificate_in(struct bytes der)
{
    const uint8_t *p = der.p;
    X509 *x = d2i_X509(NULL, &p, (long)der.n);
    ERR_clear_error();
    return x;
}

/* Whom the policy set of the seeds knows: the unit, by the first root; another by no root. */
static void identify(const uint8_t root[SHA256_BYTES], const uint8_t found[SHA256_BYTES],
                     const char *uri)
{
    struct identity_row rows[] = {{.name = "npa-daejeon/112-control"}, {.name = "other/unit"}};
    const struct identity_row *row = NULL;
    for (size_t i = 0; i < IDENTITY_ROOTS; i++)
        memcpy(rows[0].root[i], root, SHA256_BYTES);
    enum identity_verdict v = identity_find(rows, ARRAY_LEN(rows), found, uri, &row);
    HOLDS((v == IDENTITY_FOUND) == (row != NULL));
    HOLDS(row == NULL || memcmp(row->root[0], found, SHA256_BYTES) == 0);
    HOLDS(bytes_is_text(bytes_of_text(identity_verdict_text(v))));
}

static void same_name(struct bytes der, const char *uri)
{
    char unit[IDENT_UNIT_MAX + 1], of_unit[sizeof unit + 16];
    if (!certificate_unit(der, unit))
        return;
    (void)snprintf(of_unit, sizeof of_unit, "fedgate://%s", unit);
    HOLDS(uri[0] == '\0' || strcmp(uri, of_unit) == 0);
}

static void peer(struct trust *t, const uint8_t root[SHA256_BYTES], struct bytes der,
                 STACK_OF(X509) * between)
{
    X509 *x = certificate_in(der);
    char uri[CERTIFICATE_URI_MAX + 1] = "";
    uint8_t found[SHA256_BYTES], print[SHA256_BYTES], all[SHA256_BYTES];
    const char *why = NULL;
    if (x == NULL)
        return;
    certificate_fingerprint(x, print);
    certificate_chain_fingerprint(x, between, all);
    HOLDS((memcmp(print, all, sizeof all) == 0) == (sk_X509_num(between) == 0));
    bool named = certificate_uri(x, uri) == RESULT_OK;
    if (!named)
        uri[0] = '\0';
    same_name(der, uri);
    HOLDS(certificate_der_ends_us(der) == certificate_ends_us(x));
    HOLDS(certificate_chain_ends_us(x, between, NOW_US) > NOW_US);
    HOLDS(trust_next_end_us(t, NOW_US) > NOW_US);
    if (trust_verify_client(t, x, between, NOW_US, found, &why) == RESULT_OK) {
        HOLDS(memcmp(found, root, SHA256_BYTES) == 0);
        HOLDS(certificate_ends_us(x) > NOW_US);
        if (named && certificate_is_for_clients(x))
            identify(root, found, uri);
    } else {
        HOLDS(why != NULL && why[0] != '\0');
        identify(root, print, uri);
    }
    X509_free(x);
}

static void add_list(struct trust *t, struct bytes crl)
{
    if (crl.n == 0)
        return;
    trust_require_crls(t, US_PER_DAY);
    enum result r = trust_add_crl(t, crl);
    HOLDS(r == RESULT_OK || r == RESULT_MALFORMED);
}

static void chain(struct cursor *in, bool two_lists)
{
    struct trust *t = trust_new();
    struct bytes root = next(in), crl = next(in), other = two_lists ? next(in) : bytes_of(NULL, 0),
                 der = next(in);
    STACK_OF(X509) *between = sk_X509_new_null();
    uint8_t print[SHA256_BYTES] = {0};
    X509 *x = certificate_in(root);
    if (x != NULL)
        certificate_fingerprint(x, print);
    HOLDS((trust_add_root(t, root) == RESULT_OK) == (x != NULL));
    X509_free(x);
    add_list(t, crl);
    add_list(t, other);
    while (in->left > 0 && sk_X509_num(between) < CHAIN_MAX)
        if ((x = certificate_in(next(in))) != NULL)
            HOLDS(sk_X509_push(between, x) > 0);
    peer(t, print, der, between);
    sk_X509_pop_free(between, X509_free);
    trust_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(bytes_of(data, size));
    const uint8_t what = fuzz_byte(&in);
    if (what % 2 == 0)
        file(&in);
    else
        chain(&in, what / 2 % 2 != 0);
    return 0;
}

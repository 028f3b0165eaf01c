#include "crypto/certificate.h"

#include "chain.h"
#include "base/clock.h"
#include "crypto/init.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/err.h>
#include <time.h>

static int64_t now_us(void)
{
    return (int64_t)time(NULL) * US_PER_S;
}

static enum result verify_at(struct trust *t, const struct chain *c, int64_t at_us,
                             const char **why)
{
    uint8_t root[SHA256_BYTES], expected[SHA256_BYTES];
    enum result r = trust_verify_client(t, c->unit, c->intermediates, at_us, root, why);
    certificate_fingerprint(c->root, expected);
    if (r == RESULT_OK)
        assert_memory_equal(root, expected, sizeof root);
    return r;
}

static enum result verify(struct trust *t, const struct chain *c, const char **why)
{
    return verify_at(t, c, now_us(), why);
}

static enum result uri_of(const char *alt_names, char out[CERTIFICATE_URI_MAX + 1])
{
    EVP_PKEY *key = pki_key();
    X509 *x = pki_certificate(&(struct pki_spec){.name = "x", .key = key, .alt_names = alt_names});
    enum result r = certificate_uri(x, out);
    X509_free(x);
    EVP_PKEY_free(key);
    return r;
}

static void a_certificates_one_uri_is_read(void **state)
{
    char uri[CERTIFICATE_URI_MAX + 1];
    (void)state;
    assert_int_equal(uri_of("URI:fedgate:npa-daejeon/112-control", uri), RESULT_OK);
    assert_string_equal(uri, "fedgate:npa-daejeon/112-control");
    assert_int_equal(uri_of("DNS:a.example,URI:fedgate:x/y,email:a@b.example", uri), RESULT_OK);
    assert_string_equal(uri, "fedgate:x/y");
}

static void no_uri_or_several_or_odd_ones_are_refused(void **state)
{
    char uri[CERTIFICATE_URI_MAX + 1], longest[200] = "URI:";
    (void)state;
    assert_int_equal(uri_of(NULL, uri), RESULT_MISMATCH);
    assert_int_equal(uri_of("DNS:fedgate.example", uri), RESULT_MISMATCH);
    assert_int_equal(uri_of("URI:fedgate:a/b,URI:fedgate:a/c", uri), RESULT_MISMATCH);
    assert_int_equal(uri_of("URI:fedgate:A/b", uri), RESULT_MISMATCH);
    assert_int_equal(uri_of("URI:fedgate:a/b%00c", uri), RESULT_MISMATCH);
    assert_int_equal(uri_of("URI:fedgate:a/b c", uri), RESULT_MISMATCH);
    memset(longest + 4, 'a', CERTIFICATE_URI_MAX);
    assert_int_equal(uri_of(longest, uri), RESULT_OK);
    assert_int_equal(strlen(uri), CERTIFICATE_URI_MAX);
    longest[4 + CERTIFICATE_URI_MAX] = 'a';
    assert_int_equal(uri_of(longest, uri), RESULT_TOO_LARGE);
}

static void a_nul_inside_a_uri_is_refused(void **state)
{
    EVP_PKEY *key = pki_key();
    X509 *x = pki_certificate(&(struct pki_spec){.name = "x", .key = key});
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_IA5STRING *text = ASN1_IA5STRING_new();
    char uri[CERTIFICATE_URI_MAX + 1];
    (void)state;
    ASN1_STRING_set(text, "fedgate:a/b\0.evil", 17);
    GENERAL_NAME_set0_value(name, GEN_URI, text);
    sk_GENERAL_NAME_push(names, name);
    X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT);
    assert_int_equal(certificate_uri(x, uri), RESULT_MISMATCH);
    GENERAL_NAMES_free(names);
    X509_free(x);
    EVP_PKEY_free(key);
}

static void only_certificates_for_clients_are_for_clients(void **state)
{
    static const struct {
        const char *usage, *extended;
        bool fits;
    } row[] = {{"digitalSignature", "clientAuth", true},
               {"digitalSignature", "serverAuth,clientAuth", true},
               {"digitalSignature", "serverAuth", false},
               {"digitalSignature", NULL, false},
               {"keyEncipherment", "clientAuth", false},
               {"keyCertSign", "clientAuth", false}};
    EVP_PKEY *key = pki_key();
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        X509 *x = pki_certificate(&(struct pki_spec){
            .name = "x", .key = key, .usage = row[i].usage, .extended = row[i].extended});
        assert_int_equal(certificate_is_for_clients(x), row[i].fits);
        X509_free(x);
    }
    EVP_PKEY_free(key);
}

static void a_chain_to_a_pinned_root_is_verified(void **state)
{
    struct chain c = chain_new();
    struct trust *t = trust_new();
    const char *why;
    (void)state;
    trust_root(t, c.root);
    assert_int_equal(verify(t, &c, &why), RESULT_OK);
    trust_free(t);
    chain_free(&c);
}

static void a_chain_to_another_root_is_refused(void **state)
{
    struct chain c = chain_new(), other = chain_new();
    struct trust *t = trust_new();
    const char *why = NULL;
    (void)state;
    trust_root(t, other.root);
    assert_int_equal(verify(t, &c, &why), RESULT_MISMATCH);
    assert_non_null(why);
    trust_free(t);
    chain_free(&c);
    chain_free(&other);
}

static void a_chain_without_its_intermediate_is_refused(void **state)
{
    struct chain c = chain_new();
    struct trust *t = trust_new();
    uint8_t root[SHA256_BYTES];
    const char *why;
    (void)state;
    trust_root(t, c.root);
    assert_int_equal(trust_verify_client(t, c.unit, NULL, now_us(), root, &why), RESULT_MISMATCH);
    trust_free(t);
    chain_free(&c);
}

static bool same_chain(X509 *x, STACK_OF(X509) * above, X509 *y, STACK_OF(X509) * above_y)
{
    uint8_t a[SHA256_BYTES], b[SHA256_BYTES];
    certificate_chain_fingerprint(x, above, a);
    certificate_chain_fingerprint(y, above_y, b);
    return memcmp(a, b, sizeof a) == 0;
}

static void every_certificate_of_a_chain_and_their_order_make_its_fingerprint(void **state)
{
    struct chain c = chain_new(), other = chain_new();
    STACK_OF(X509) *two = sk_X509_dup(c.intermediates), *turned = sk_X509_dup(other.intermediates);
    X509 *copy = X509_dup(c.unit);
    (void)state;
    sk_X509_push(two, other.middle);
    sk_X509_push(turned, c.middle);
    assert_true(same_chain(c.unit, c.intermediates, copy, c.intermediates));
    assert_true(same_chain(c.unit, NULL, copy, NULL));
    assert_false(same_chain(c.unit, c.intermediates, other.unit, c.intermediates));
    assert_false(same_chain(c.unit, c.intermediates, c.unit, other.intermediates));
    assert_false(same_chain(c.unit, c.intermediates, c.unit, NULL));
    assert_false(same_chain(c.unit, c.intermediates, c.unit, two));
    assert_false(same_chain(c.unit, turned, c.unit, two));
    X509_free(copy);
    sk_X509_free(two);
    sk_X509_free(turned);
    chain_free(&c);
    chain_free(&other);
}

static void a_certificate_out_of_its_time_is_refused(void **state)
{
    struct chain c = chain_new();
    struct trust *t = trust_new();
    struct pki_spec expired = unit_spec(&c), early = unit_spec(&c);
    const char *why;
    (void)state;
    trust_root(t, c.root);
    X509_free(c.unit);
    expired.ends_s = -60;
    c.unit = pki_certificate(&expired);
    assert_int_equal(verify(t, &c, &why), RESULT_MISMATCH);
    assert_string_equal(why, X509_verify_cert_error_string(X509_V_ERR_CERT_HAS_EXPIRED));
    X509_free(c.unit);
    early.begins_s = 3600;
    c.unit = pki_certificate(&early);
    assert_int_equal(verify(t, &c, &why), RESULT_MISMATCH);
    trust_free(t);
    chain_free(&c);
}

static void a_revoked_certificate_is_refused(void **state)
{
    struct chain c = chain_new();
    struct trust *t = trust_new();
    const char *why;
    (void)state;
    trust_root(t, c.root);
    trust_crl(t, c.root, c.root_key, 0, 86400);
    trust_crl(t, c.middle, c.middle_key, 77, 86400);
    trust_require_crls(t, 0);
    assert_int_equal(verify(t, &c, &why), RESULT_MISMATCH);
    assert_string_equal(why, X509_verify_cert_error_string(X509_V_ERR_CERT_REVOKED));
    trust_free(t);
    chain_free(&c);
}

static void a_revoked_intermediate_is_refused(void **state)
{
    struct chain c = chain_new();
    struct trust *t = trust_new();
    const char *why;
    (void)state;
    trust_root(t, c.root);
    trust_crl(t, c.root, c.root_key, 5, 86400);
    trust_crl(t, c.middle, c.middle_key, 0, 86400);
    trust_require_crls(t, 0);
    assert_int_equal(verify(t, &c, &why), RESULT_MISMATCH);
    trust_free(t);
    chain_free(&c);
}

static void every_issuer_needs_a_revocation_list_in_time(void **state)
{
    struct chain c = chain_new();
    const char *why;
    (void)state;
    for (int missing = 0; missing < 4; missing++) {
        struct trust *t = trust_new();
        trust_root(t, c.root);
        if (missing != 0)
            trust_crl(t, c.root, c.root_key, 0, 86400);
        if (missing != 1)
            trust_crl(t, c.middle, c.middle_key, 0, missing == 2 ? -60 : 86400);
        trust_require_crls(t, 0);
        assert_int_equal(verify(t, &c, &why), missing == 3 ? RESULT_OK : RESULT_MISMATCH);
        trust_free(t);
    }
    chain_free(&c);
}

/* ---- a list whose time is over */

enum { LIST_S = 3600, GRACE_S = 600 };

/* A root with a list that ends first, an intermediate with one that revokes `serial`. */
static struct trust *trust_of(const struct chain *c, long serial)
{
    struct trust *t = trust_new();
    trust_root(t, c->root);
    trust_crl(t, c->root, c->root_key, 0, LIST_S);
    trust_crl(t, c->middle, c->middle_key, serial, 2 * LIST_S);
    trust_require_crls(t, GRACE_S * US_PER_S);
    return t;
}

static void a_list_counts_for_its_grace_and_then_nobody_is_let_in(void **state)
{
    struct chain c = chain_new();
    struct trust *t = trust_of(&c, 0);
    const int64_t over_us = trust_next_end_us(t, INT64_MIN), end_us = over_us - GRACE_S * US_PER_S;
    const char *why;
    (void)state;
    assert_int_equal(verify_at(t, &c, end_us - US_PER_S, &why), RESULT_OK);
    assert_int_equal(verify_at(t, &c, end_us, &why), RESULT_OK);
    assert_int_equal(verify_at(t, &c, over_us - US_PER_S, &why), RESULT_OK);
    assert_int_equal(verify_at(t, &c, over_us, &why), RESULT_MISMATCH);
    assert_string_equal(why, X509_verify_cert_error_string(X509_V_ERR_CRL_HAS_EXPIRED));
    trust_free(t);
    chain_free(&c);
}

static void what_a_list_revokes_stays_revoked_in_its_grace(void **state)
{
    struct chain c = chain_new();
    struct trust *t = trust_of(&c, 77);
    const char *why;
    (void)state;
    for (int64_t after_s = 0; after_s <= 2 * LIST_S + 2 * GRACE_S; after_s += GRACE_S / 2)
        assert_int_equal(verify_at(t, &c, now_us() + after_s * US_PER_S, &why), RESULT_MISMATCH);
    assert_int_equal(verify_at(t, &c, now_us() + LIST_S * US_PER_S + US_PER_S, &why),
                     RESULT_MISMATCH);
    assert_string_equal(why, X509_verify_cert_error_string(X509_V_ERR_CERT_REVOKED));
    trust_free(t);
    chain_free(&c);
}

/* As a file that only ever grows has it. */
static void a_new_list_beside_the_old_one_counts(void **state)
{
    struct chain c = chain_new();
    struct trust *t = trust_new();
    const char *why;
    (void)state;
    trust_root(t, c.root);
    trust_crl(t, c.root, c.root_key, 0, -60);
    trust_crl(t, c.root, c.root_key, 0, LIST_S);
    trust_crl(t, c.middle, c.middle_key, 0, LIST_S);
    trust_require_crls(t, 0);
    assert_int_equal(verify(t, &c, &why), RESULT_OK);
    trust_free(t);
    chain_free(&c);
}

/* Lists of the root, which its own key or another's signed, in this order; and what comes of it. */
static enum result verify_with_lists(const struct chain *c, const bool *is_own, size_t lists,
                                     const char **why)
{
    EVP_PKEY *anothers = pki_key();
    struct trust *t = trust_new();
    trust_root(t, c->root);
    trust_crl(t, c->middle, c->middle_key, 0, LIST_S);
    for (size_t i = 0; i < lists; i++)
        trust_crl(t, c->root, is_own[i] ? c->root_key : anothers, is_own[i] ? 0 : 5,
                  LIST_S + (long)i);
    trust_require_crls(t, 0);
    enum result r = verify(t, c, why);
    trust_free(t);
    EVP_PKEY_free(anothers);
    return r;
}

/* Each party's file may hold lists in any name: one party could have cut off another. */
static void a_list_that_another_signed_in_an_authoritys_name_counts_for_nothing(void **state)
{
    struct chain c = chain_new();
    const char *why;
    (void)state;
    assert_int_equal(verify_with_lists(&c, (const bool[]){false, true}, 2, &why), RESULT_OK);
    assert_int_equal(verify_with_lists(&c, (const bool[]){true, false}, 2, &why), RESULT_OK);
    assert_int_equal(verify_with_lists(&c, (const bool[]){false, true, false}, 3, &why), RESULT_OK);
    assert_int_equal(ERR_peek_error(), 0);
    assert_int_equal(verify_with_lists(&c, (const bool[]){false}, 1, &why), RESULT_MISMATCH);
    assert_int_equal(verify_with_lists(&c, (const bool[]){false, false}, 2, &why), RESULT_MISMATCH);
    assert_string_equal(why, X509_verify_cert_error_string(X509_V_ERR_CRL_SIGNATURE_FAILURE));
    chain_free(&c);
}

static void the_next_end_of_a_root_or_a_list_is_told(void **state)
{
    struct chain c = chain_new();
    struct trust *t = trust_of(&c, 0), *none = trust_new();
    const int64_t first_us = trust_next_end_us(t, INT64_MIN),
                  second_us = trust_next_end_us(t, first_us),
                  root_us = trust_next_end_us(t, second_us);
    (void)state;
    assert_int_equal(trust_next_end_us(t, 0), first_us);
    assert_int_equal(second_us - first_us, LIST_S * US_PER_S);
    assert_int_equal(root_us, certificate_ends_us(c.root));
    assert_true(trust_next_end_us(t, root_us) == INT64_MAX);
    assert_true(trust_next_end_us(none, 0) == INT64_MAX);
    trust_free(none);
    trust_free(t);
    chain_free(&c);
}

static void the_next_end_of_a_chain_is_told(void **state)
{
    struct chain c = chain_new();
    struct pki_spec spec = unit_spec(&c);
    (void)state;
    X509_free(c.unit);
    spec.ends_s = 600;
    c.unit = pki_certificate(&spec);
    const int64_t unit_us = certificate_ends_us(c.unit), middle_us = certificate_ends_us(c.middle);
    assert_true(unit_us < middle_us);
    assert_int_equal(certificate_chain_ends_us(c.unit, c.intermediates, 0), unit_us);
    assert_int_equal(certificate_chain_ends_us(c.unit, c.intermediates, unit_us), middle_us);
    assert_true(certificate_chain_ends_us(c.unit, c.intermediates, middle_us) == INT64_MAX);
    assert_true(certificate_chain_ends_us(c.unit, NULL, unit_us) == INT64_MAX);
    chain_free(&c);
}

/* ---- what is too weak */

/* A chain whose unit has this key, signed with this digest by the intermediate. */
static enum result verify_with(EVP_PKEY *key, const EVP_MD *digest, const char **why)
{
    struct chain c = chain_new();
    struct trust *t = trust_new();
    struct pki_spec spec = unit_spec(&c);
    trust_root(t, c.root);
    if (key != NULL)
        spec.key = key;
    X509_free(c.unit);
    c.unit = pki_certificate(&spec);
    assert_true(X509_sign(c.unit, c.middle_key, digest) > 0);
    enum result r = verify(t, &c, why);
    trust_free(t);
    chain_free(&c);
    return r;
}

static void weak_keys_and_digests_are_refused(void **state)
{
    EVP_PKEY *rsa1024 = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024),
             *rsa2048 = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    const char *why;
    (void)state;
    assert_int_equal(verify_with(NULL, EVP_sha256(), &why), RESULT_OK);
    assert_int_equal(verify_with(rsa2048, EVP_sha256(), &why), RESULT_OK);
    assert_int_equal(verify_with(rsa1024, EVP_sha256(), &why), RESULT_MISMATCH);
    assert_string_equal(why, X509_verify_cert_error_string(X509_V_ERR_EE_KEY_TOO_SMALL));
    assert_int_equal(verify_with(NULL, EVP_sha1(), &why), RESULT_MISMATCH);
    assert_string_equal(why, X509_verify_cert_error_string(X509_V_ERR_CA_MD_TOO_WEAK));
    EVP_PKEY_free(rsa1024);
    EVP_PKEY_free(rsa2048);
}

/* ---- files */

static void every_certificate_and_list_of_a_file_is_read(void **state)
{
    struct chain c = chain_new();
    struct buf pem = BUF_INIT(1 << 16), der = BUF_INIT(1 << 16);
    X509_CRL *crl = pki_crl(c.root, c.root_key, 0, 60);
    (void)state;
    buf_text(&pem, "what openssl prints in front\n");
    pki_put_certificate(c.root, &pem);
    pki_put_crl(crl, &pem);
    pki_put_certificate(c.middle, &pem);
    pki_put_crl(crl, &pem);
    struct bytes rest = buf_view(&pem);
    assert_int_equal(certificate_next_of_pem(&rest, &der), RESULT_OK);
    assert_int_equal(certificate_der_ends_us(buf_view(&der)), certificate_ends_us(c.root));
    assert_int_equal(certificate_next_of_pem(&rest, &der), RESULT_OK);
    assert_int_equal(certificate_next_of_pem(&rest, &der), RESULT_NOT_FOUND);
    rest = buf_view(&pem);
    for (int i = 0; i < 2; i++) {
        buf_clear(&der);
        assert_int_equal(certificate_crl_next_of_pem(&rest, &der), RESULT_OK);
        assert_in_range(certificate_crl_der_ends_us(buf_view(&der)), now_us(),
                        now_us() + 61 * US_PER_S);
    }
    assert_int_equal(certificate_crl_next_of_pem(&rest, &der), RESULT_NOT_FOUND);
    pem.p[pem.n / 2] ^= 1; /* in the second certificate */
    rest = buf_view(&pem);
    assert_int_equal(certificate_next_of_pem(&rest, &der), RESULT_OK);
    assert_int_not_equal(certificate_next_of_pem(&rest, &der), RESULT_OK);
    X509_CRL_free(crl);
    buf_free(&pem);
    buf_free(&der);
    chain_free(&c);
}

/* It would count for ever. */
static void a_list_without_an_end_is_no_list(void **state)
{
    struct chain c = chain_new();
    struct trust *t = trust_new();
    struct buf pem = BUF_INIT(1 << 16), der = BUF_INIT(1 << 16);
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *now = X509_gmtime_adj(NULL, -60);
    uint8_t *bytes = NULL;
    (void)state;
    X509_CRL_set_version(crl, X509_CRL_VERSION_2);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(c.root));
    X509_CRL_set1_lastUpdate(crl, now);
    assert_true(X509_CRL_sign(crl, c.root_key, EVP_sha256()) > 0);
    pki_put_crl(crl, &pem);
    assert_int_equal(certificate_crl_der_of_pem(buf_view(&pem), &der), RESULT_MALFORMED);
    int n = i2d_X509_CRL(crl, &bytes);
    assert_int_equal(trust_add_crl(t, bytes_of(bytes, (size_t)n)), RESULT_MALFORMED);
    OPENSSL_free(bytes);
    ASN1_TIME_free(now);
    X509_CRL_free(crl);
    trust_free(t);
    buf_free(&pem);
    buf_free(&der);
    chain_free(&c);
}

static void what_is_no_certificate_is_malformed(void **state)
{
    struct trust *t = trust_new();
    struct buf der = BUF_INIT(100);
    struct bytes garbage = bytes_of_text("-----BEGIN CERTIFICATE-----\nAAAA\n");
    (void)state;
    assert_int_equal(certificate_der_of_pem(garbage, &der), RESULT_MALFORMED);
    assert_int_equal(certificate_der_of_pem(bytes_of(NULL, 0), &der), RESULT_MALFORMED);
    assert_int_equal(certificate_crl_der_of_pem(garbage, &der), RESULT_MALFORMED);
    assert_int_equal(trust_add_root(t, garbage), RESULT_MALFORMED);
    assert_int_equal(trust_add_crl(t, garbage), RESULT_MALFORMED);
    buf_free(&der);
    trust_free(t);
    trust_free(NULL);
}

static int start(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

/* ---- what people are told */

static struct certificate_facts facts_of(const struct pki_spec *spec)
{
    struct buf pem = BUF_INIT(8192);
    struct certificate_facts f;
    X509 *x = pki_certificate(spec);
    pki_put_certificate(x, &pem);
    assert_int_equal(certificate_facts(buf_view(&pem), &f), RESULT_OK);
    buf_free(&pem);
    X509_free(x);
    return f;
}

static void a_certificate_is_told_in_words_and_times(void **state)
{
    (void)state;
    struct chain c = chain_new();
    struct pki_spec spec = unit_spec(&c);
    const struct certificate_facts f = facts_of(&spec);
    assert_string_equal(f.subject, "CN = unit");
    assert_string_equal(f.key, "EC prime256v1");
    assert_string_equal(f.uri, "fedgate:npa-daejeon/112-control");
    assert_true(f.for_clients && f.key_is_good && !f.for_authorities);
    assert_int_equal((f.ends_us - f.begins_us) / 1000000, 3600 + 86400);
    chain_free(&c);
}

static void a_weak_key_and_an_authority_are_told_as_such(void **state)
{
    (void)state;
    EVP_PKEY *weak = EVP_RSA_gen(1024), *strong = EVP_RSA_gen(2048);
    const struct certificate_facts w = facts_of(&(struct pki_spec){
                                       .name = "w", .key = weak, .alt_names = "DNS:w.example"}),
                                   s = facts_of(
                                       &(struct pki_spec){.name = "s", .key = strong, .ca = true});
    assert_string_equal(w.key, "RSA 1024");
    assert_true(!w.key_is_good && !w.for_clients && !w.for_authorities);
    assert_string_equal(w.uri, "");
    assert_true(s.key_is_good && s.for_authorities);
    EVP_PKEY_free(weak);
    EVP_PKEY_free(strong);
}

static void a_list_is_told_with_its_times_and_whether_the_root_signed_it(void **state)
{
    (void)state;
    struct chain c = chain_new();
    struct buf list = BUF_INIT(8192), root = BUF_INIT(8192), other = BUF_INIT(8192);
    struct crl_facts f;
    X509_CRL *crl = pki_crl(c.root, c.root_key, 77, 3600);
    pki_put_crl(crl, &list);
    X509_CRL_free(crl);
    pki_put_certificate(c.root, &root);
    pki_put_certificate(c.middle, &other);
    assert_int_equal(crl_facts(buf_view(&list), buf_view(&root), &f), RESULT_OK);
    assert_true(f.by_root && f.revoked == 1 && f.ends_us > f.begins_us);
    assert_int_equal(crl_facts(buf_view(&list), buf_view(&other), &f), RESULT_OK);
    assert_false(f.by_root);
    assert_int_equal(crl_facts(buf_view(&root), buf_view(&root), &f), RESULT_MALFORMED);
    buf_free(&list);
    buf_free(&root);
    buf_free(&other);
    chain_free(&c);
}

static void a_file_is_verified_with_the_certificates_behind_its_own(void **state)
{
    (void)state;
    struct chain c = chain_new();
    struct trust *t = trust_new();
    struct buf pem = BUF_INIT(16384);
    const char *why = "";
    trust_root(t, c.root);
    pki_put_certificate(c.unit, &pem);
    assert_int_equal(trust_verify_pem(t, buf_view(&pem), now_us(), &why), RESULT_MISMATCH);
    assert_non_null(strstr(why, "issuer"));
    pki_put_certificate(c.middle, &pem);
    assert_int_equal(trust_verify_pem(t, buf_view(&pem), now_us(), &why), RESULT_OK);
    assert_int_equal(trust_verify_pem(t, bytes_of_text("no PEM"), now_us(), &why),
                     RESULT_MALFORMED);
    buf_free(&pem);
    trust_free(t);
    chain_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificates_one_uri_is_read),
        cmocka_unit_test(no_uri_or_several_or_odd_ones_are_refused),
        cmocka_unit_test(a_nul_inside_a_uri_is_refused),
        cmocka_unit_test(only_certificates_for_clients_are_for_clients),
        cmocka_unit_test(a_chain_to_a_pinned_root_is_verified),
        cmocka_unit_test(a_chain_to_another_root_is_refused),
        cmocka_unit_test(a_chain_without_its_intermediate_is_refused),
        cmocka_unit_test(every_certificate_of_a_chain_and_their_order_make_its_fingerprint),
        cmocka_unit_test(a_certificate_out_of_its_time_is_refused),
        cmocka_unit_test(a_revoked_certificate_is_refused),
        cmocka_unit_test(a_revoked_intermediate_is_refused),
        cmocka_unit_test(every_issuer_needs_a_revocation_list_in_time),
        cmocka_unit_test(a_list_counts_for_its_grace_and_then_nobody_is_let_in),
        cmocka_unit_test(what_a_list_revokes_stays_revoked_in_its_grace),
        cmocka_unit_test(a_new_list_beside_the_old_one_counts),
        cmocka_unit_test(a_list_that_another_signed_in_an_authoritys_name_counts_for_nothing),
        cmocka_unit_test(the_next_end_of_a_root_or_a_list_is_told),
        cmocka_unit_test(the_next_end_of_a_chain_is_told),
        cmocka_unit_test(weak_keys_and_digests_are_refused),
        cmocka_unit_test(every_certificate_and_list_of_a_file_is_read),
        cmocka_unit_test(a_list_without_an_end_is_no_list),
        cmocka_unit_test(what_is_no_certificate_is_malformed),
        cmocka_unit_test(a_certificate_is_told_in_words_and_times),
        cmocka_unit_test(a_weak_key_and_an_authority_are_told_as_such),
        cmocka_unit_test(a_list_is_told_with_its_times_and_whether_the_root_signed_it),
        cmocka_unit_test(a_file_is_verified_with_the_certificates_behind_its_own),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}

#include "crypto/certificate.h"

#include "chain.h"
#include "crypto/init.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static enum result verify(struct trust *t, const struct chain *c, const char **why)
{
    uint8_t root[SHA256_BYTES], expected[SHA256_BYTES];
    enum result r = trust_verify_client(t, c->unit, c->intermediates, root, why);
    certificate_fingerprint(c->root, expected);
    if (r == RESULT_OK)
        assert_memory_equal(root, expected, sizeof root);
    return r;
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
    assert_int_equal(trust_verify_client(t, c.unit, NULL, root, &why), RESULT_MISMATCH);
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
    trust_require_crls(t);
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
    trust_require_crls(t);
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
        trust_require_crls(t);
        assert_int_equal(verify(t, &c, &why), missing == 3 ? RESULT_OK : RESULT_MISMATCH);
        trust_free(t);
    }
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
        cmocka_unit_test(what_is_no_certificate_is_malformed),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}

/* The gateway's address, and the unit that a certificate names. */
#include "client/files.h"

#include "../net/peers.h"
#include "base/attr.h"
#include "base/ident.h"
#include "base/mem.h"

static void an_address_is_a_host_and_a_port(void **state)
{
    static const struct {
        const char *address, *host;
        uint16_t port;
    } good[] = {{"localhost:8443", "localhost", 8443},
                {"192.0.2.7:1", "192.0.2.7", 1},
                {"[2001:db8::1]:65535", "2001:db8::1", 65535},
                {"gateway.daejeon.example:443", "gateway.daejeon.example", 443}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        char *host = NULL;
        uint16_t port = 0;
        assert_true(address_split(good[i].address, &host, &port));
        assert_string_equal(host, good[i].host);
        assert_int_equal(port, good[i].port);
        mem_free(host);
    }
}

static void anything_else_is_no_address(void **state)
{
    static const char *const bad[] = {"",
                                      "localhost",
                                      "localhost:",
                                      ":8443",
                                      "localhost:0",
                                      "localhost:65536",
                                      "localhost:99999999999999999999",
                                      "localhost:8443x",
                                      "localhost:-1",
                                      "localhost: 1",
                                      "2001:db8::1:8443",
                                      "[2001:db8::1]",
                                      "[2001:db8::1",
                                      "[2001:db8::1]8443",
                                      "[2001:db8::1]x:8443",
                                      "[]:8443"};
    char *host = NULL;
    uint16_t port;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (address_split(bad[i], &host, &port))
            fail_msg("%s is taken as an address", bad[i]);
}

static bool unit_of(const char *alt_names, char *unit)
{
    struct credential root = root_new("root");
    struct pki_spec spec = unit_spec(&root);
    struct buf der = BUF_INIT(8192);
    spec.alt_names = alt_names;
    struct credential c = credential_new(spec);
    assert_int_equal(certificate_der_of_pem(buf_view(&c.certificate_pem), &der), RESULT_OK);
    bool found = certificate_unit(buf_view(&der), unit);
    buf_free(&der);
    credential_free(&c);
    credential_free(&root);
    return found;
}

static void a_certificate_names_its_unit_in_a_uri(void **state)
{
    char unit[IDENT_UNIT_MAX + 1];
    (void)state;
    assert_true(unit_of("URI:fedgate://npa-daejeon/112-control", unit));
    assert_string_equal(unit, "npa-daejeon/112-control");
    assert_true(unit_of("DNS:a.example,URI:fedgate://carrier-a/alerts,IP:192.0.2.1", unit));
    assert_string_equal(unit, "carrier-a/alerts");
}

static void a_certificate_without_exactly_one_such_uri_names_none(void **state)
{
    static const char *const names[] = {"DNS:a.example",
                                        "URI:fedgate:npa-daejeon/112-control",
                                        "URI:https://npa-daejeon/112-control",
                                        "URI:fedgate://npa-daejeon",
                                        "URI:fedgate://NPA/112-control",
                                        "URI:fedgate://a/b,URI:fedgate://a/c",
                                        "URI:fedgate://a/b,DNS:x.example,URI:https://x.example"};
    char unit[IDENT_UNIT_MAX + 1];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (unit_of(names[i], unit))
            fail_msg("%s names %s", names[i], unit);
    assert_false(unit_of(NULL, unit));
}

static void a_cut_off_or_broken_certificate_is_read_no_further_than_it_goes(void **state)
{
    struct credential root = root_new("root");
    struct pki_spec spec = unit_spec(&root);
    struct buf der = BUF_INIT(8192);
    char unit[IDENT_UNIT_MAX + 1];
    (void)state;
    spec.alt_names = "URI:fedgate://npa-daejeon/112-control";
    struct credential c = credential_new(spec);
    assert_int_equal(certificate_der_of_pem(buf_view(&c.certificate_pem), &der), RESULT_OK);
    for (size_t n = 0; n < der.n; n++)
        assert_false(certificate_unit(bytes_of(der.p, n), unit));
    for (size_t i = 0; i < der.n; i++) {
        uint8_t *copy = malloc(der.n); /* a place of its own: a sanitizer sees its end */
        memcpy(copy, der.p, der.n);
        copy[i] ^= 0xff;
        (void)certificate_unit(bytes_of(copy, der.n), unit);
        free(copy);
    }
    buf_free(&der);
    credential_free(&c);
    credential_free(&root);
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
    struct buf b = BUF_INIT(PEM_FILE_MAX);
    char why[200];
    (void)state;
    assert_false(pem_file_read("/nonexistent/unit.pem", &b, why, sizeof why));
    assert_string_equal(why, "/nonexistent/unit.pem: No such file or directory");
    assert_false(pem_file_read("/tmp", &b, why, sizeof why));
    assert_string_equal(why, "/tmp: Is a directory");
    assert_false(pem_file_read("/dev/zero", &b, why, sizeof why));
    assert_string_equal(why, "/dev/zero: File too large");
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_a_host_and_a_port),
        cmocka_unit_test(anything_else_is_no_address),
        cmocka_unit_test(a_certificate_names_its_unit_in_a_uri),
        cmocka_unit_test(a_certificate_without_exactly_one_such_uri_names_none),
        cmocka_unit_test(a_cut_off_or_broken_certificate_is_read_no_further_than_it_goes),
        cmocka_unit_test(a_file_that_cannot_be_read_is_named)};
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

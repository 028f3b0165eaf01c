#include "net/http_request.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static int begin(void **state)
{
    *state = http_fields_new();
    return 0;
}

static int end(void **state)
{
    http_fields_free(*state);
    return 0;
}

static void take(struct http_fields *f, const char *name, const char *value)
{
    http_fields_take(f, bytes_of_text(name), bytes_of_text(value));
}

static void take_long(struct http_fields *f, const char *name, size_t n)
{
    static char value[LIMIT_HTTP_FIELD + 1];
    assert_true(n <= sizeof value);
    memset(value, '/', sizeof value);
    http_fields_take(f, bytes_of_text(name), bytes_of(value, n));
}

static void a_request_is_shown_with_what_it_said(void **state)
{
    static const char *const said[][2] = {{":method", "POST"},
                                          {":path", "/ko/records?party=a"},
                                          {":authority", "console:8443"},
                                          {"cookie", "visit=1"},
                                          {"origin", "https://console:8443"},
                                          {"sec-fetch-site", "same-origin"},
                                          {"content-type", "application/x-www-form-urlencoded"},
                                          {"accept-language", "ko,en;q=0.5"},
                                          {"content-length", "42"},
                                          {"x-other", "not kept"}};
    struct http_request r;
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        take(*state, said[i][0], said[i][1]);
    assert_int_equal(http_fields_show(*state, &r), 0);
    const char *const shown[] = {r.method, r.path, r.authority, r.cookie,
                                 r.origin, r.site, r.type,      r.language};
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        assert_string_equal(shown[i], said[i][1]);
    assert_true(r.has_length);
    assert_int_equal(r.length, 42);
}

static void what_was_not_said_is_empty(void **state)
{
    struct http_request r;
    assert_int_equal(http_fields_show(*state, &r), 0);
    assert_string_equal(r.method, "");
    assert_string_equal(r.cookie, "");
    assert_string_equal(r.site, "");
    assert_false(r.has_length);
    assert_int_equal(r.length, 0);
}

static void values_of_one_name_are_joined(void **state)
{
    struct http_request r;
    take(*state, "cookie", "a=1");
    take(*state, "origin", "https://own");
    take(*state, "cookie", "b=2; c=3");
    take(*state, "origin", "https://other");
    take(*state, "cookie", "d=4");
    assert_int_equal(http_fields_show(*state, &r), 0);
    assert_string_equal(r.cookie, "a=1; b=2; c=3; d=4");
    assert_string_equal(r.origin, "https://own, https://other");
}

static void a_host_stands_for_an_authority_that_is_missing(void **state)
{
    struct http_request r;
    take(*state, "host", "by-host");
    assert_int_equal(http_fields_show(*state, &r), 0);
    assert_string_equal(r.authority, "by-host");
    take(*state, ":authority", "by-authority");
    assert_int_equal(http_fields_show(*state, &r), 0);
    assert_string_equal(r.authority, "by-authority");
}

static void a_field_may_be_as_long_as_its_limit(void **state)
{
    struct http_request r;
    take_long(*state, "cookie", LIMIT_HTTP_FIELD);
    take_long(*state, ":path", LIMIT_HTTP_FIELD);
    assert_int_equal(http_fields_show(*state, &r), 0);
    assert_int_equal(strlen(r.cookie), LIMIT_HTTP_FIELD);
    assert_int_equal(strlen(r.path), LIMIT_HTTP_FIELD);
}

static void a_field_past_its_limit_is_refused(void **state)
{
    struct http_request r;
    take_long(*state, "accept-language", LIMIT_HTTP_FIELD + 1);
    assert_int_equal(http_fields_show(*state, &r), 431);
}

static void cookies_count_together(void **state)
{
    struct http_request r;
    take_long(*state, "cookie", LIMIT_HTTP_FIELD - 2);
    assert_int_equal(http_fields_show(*state, &r), 0);
    take(*state, "cookie", "x");
    assert_int_equal(http_fields_show(*state, &r), 431);
}

static void a_path_past_its_limit_is_refused_by_its_own_status(void **state)
{
    struct http_request r;
    take_long(*state, ":path", LIMIT_HTTP_FIELD + 1);
    assert_int_equal(http_fields_show(*state, &r), 414);
}

static void nul_ends_no_value_early(void **state)
{
    struct http_request r;
    http_fields_take(*state, bytes_of_text("origin"), bytes_of("own\0other", 9));
    assert_int_equal(http_fields_show(*state, &r), 400);
}

static void expect_length(const char *text, unsigned refused, uint64_t length)
{
    struct http_request r;
    struct http_fields *f = http_fields_new();
    take(f, "content-length", text);
    assert_int_equal(http_fields_show(f, &r), refused);
    if (refused == 0) {
        assert_true(r.has_length);
        assert_true(r.length == length);
    }
    http_fields_free(f);
}

static void a_length_is_a_number(void **state)
{
    (void)state;
    expect_length("0", 0, 0);
    expect_length("1844674407370955160", 0, UINT64_C(1844674407370955160));
    expect_length("18446744073709551615", 400, 0); /* more than anybody has is not read */
    expect_length("99999999999999999999999", 400, 0);
    expect_length("-1", 400, 0);
    expect_length("0x10", 400, 0);
    expect_length("1, 1", 400, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_request_is_shown_with_what_it_said),
        T(what_was_not_said_is_empty),
        T(values_of_one_name_are_joined),
        T(a_host_stands_for_an_authority_that_is_missing),
        T(a_field_may_be_as_long_as_its_limit),
        T(a_field_past_its_limit_is_refused),
        T(cookies_count_together),
        T(a_path_past_its_limit_is_refused_by_its_own_status),
        T(nul_ends_no_value_early),
        cmocka_unit_test(a_length_is_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

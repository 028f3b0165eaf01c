#include "net/grpc_text.h"

#include <nghttp2/nghttp2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void expect_encoding(const char *text, const char *encoded)
{
    struct buf out = BUF_INIT(1000), back = BUF_INIT(1000);
    grpc_text_encode(bytes_of_text(text), &out);
    assert_string_equal(buf_c(&out), encoded);
    grpc_text_decode(buf_view(&out), &back);
    assert_string_equal(buf_c(&back), text);
    buf_free(&out);
    buf_free(&back);
}

static void texts_are_percent_encoded_and_come_back(void **state)
{
    (void)state;
    expect_encoding("", "");
    expect_encoding("no grant: mou#4 ~", "no grant: mou#4 ~");
    expect_encoding("100% of it\r\n", "100%25 of it%0D%0A");
    expect_encoding("거부", "%EA%B1%B0%EB%B6%80");
    expect_encoding("\x7f", "%7F");
}

static void a_broken_escape_is_kept(void **state)
{
    static const char *const text[] = {"%", "%4", "%zz", "a%4g", "%%"};
    struct buf out = BUF_INIT(100);
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(text); i++) {
        buf_clear(&out);
        grpc_text_decode(bytes_of_text(text[i]), &out);
        assert_string_equal(buf_c(&out), text[i]);
    }
    buf_free(&out);
}

static void timeouts_are_read_in_every_unit(void **state)
{
    static const struct {
        const char *text;
        int64_t us;
    } row[] = {{"1H", 3600 * US_PER_S},
               {"2M", 120 * US_PER_S},
               {"3S", 3 * US_PER_S},
               {"4m", 4000},
               {"5u", 5},
               {"1n", 1},
               {"1001n", 2},
               {"0S", 0},
               {"99999999H", INT64_C(99999999) * US_PER_HOUR}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        int64_t us = -1;
        assert_int_equal(grpc_timeout_parse(bytes_of_text(row[i].text), &us), RESULT_OK);
        assert_int_equal(us, row[i].us);
    }
}

static void what_is_no_timeout_is_malformed(void **state)
{
    static const char *const text[] = {"",    "S",          "1",    "1s", "-1S",
                                       "1 S", "123456789S", "1.5S", "S1", "1SS"};
    int64_t us;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(text); i++)
        assert_int_equal(grpc_timeout_parse(bytes_of_text(text[i]), &us), RESULT_MALFORMED);
}

static void only_grpc_content_types_are_grpc(void **state)
{
    static const char *const yes[] = {"application/grpc", "application/grpc+proto",
                                      "application/grpc; charset=utf-8",
                                      "application/grpc+proto;x"};
    static const char *const no[] = {"",
                                     "application/json",
                                     "application/grpc-web",
                                     "application/grpc+json",
                                     "application/grp",
                                     "text/html"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        assert_true(grpc_is_content_type(bytes_of_text(yes[i])));
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        assert_false(grpc_is_content_type(bytes_of_text(no[i])));
}

static void statuses_are_read_and_named(void **state)
{
    (void)state;
    assert_int_equal(grpc_status_parse(bytes_of_text("0")), GRPC_OK);
    assert_int_equal(grpc_status_parse(bytes_of_text("16")), GRPC_UNAUTHENTICATED);
    assert_int_equal(grpc_status_parse(bytes_of_text("17")), GRPC_UNKNOWN);
    assert_int_equal(grpc_status_parse(bytes_of_text("")), GRPC_UNKNOWN);
    assert_int_equal(grpc_status_parse(bytes_of_text("-1")), GRPC_UNKNOWN);
    assert_int_equal(grpc_status_parse(bytes_of_text("100")), GRPC_UNKNOWN);
    assert_string_equal(grpc_status_name(GRPC_UNAVAILABLE), "UNAVAILABLE");
    assert_string_equal(grpc_status_name((enum grpc_status)99), "UNKNOWN");
    assert_int_equal(grpc_status_of_http(bytes_of_text("404")), GRPC_UNIMPLEMENTED);
    assert_int_equal(grpc_status_of_http(bytes_of_text("500")), GRPC_UNKNOWN);
    assert_int_equal(grpc_status_of_reset(NGHTTP2_REFUSED_STREAM), GRPC_UNAVAILABLE);
    assert_int_equal(grpc_status_of_reset(NGHTTP2_PROTOCOL_ERROR), GRPC_INTERNAL);
}

static void a_status_has_a_word_in_plain_http(void **state)
{
    (void)state;
    assert_int_equal(grpc_status_to_http(GRPC_INVALID_ARGUMENT), 400);
    assert_int_equal(grpc_status_to_http(GRPC_PERMISSION_DENIED), 403);
    assert_int_equal(grpc_status_to_http(GRPC_NOT_FOUND), 404);
    assert_int_equal(grpc_status_to_http(GRPC_DEADLINE_EXCEEDED), 408);
    assert_int_equal(grpc_status_to_http(GRPC_RESOURCE_EXHAUSTED), 413);
    assert_int_equal(grpc_status_to_http(GRPC_UNAVAILABLE), 503);
    assert_int_equal(grpc_status_to_http(GRPC_INTERNAL), 500);
    assert_int_equal(grpc_status_to_http((enum grpc_status)99), 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_percent_encoded_and_come_back),
        cmocka_unit_test(a_broken_escape_is_kept),
        cmocka_unit_test(timeouts_are_read_in_every_unit),
        cmocka_unit_test(what_is_no_timeout_is_malformed),
        cmocka_unit_test(only_grpc_content_types_are_grpc),
        cmocka_unit_test(statuses_are_read_and_named),
        cmocka_unit_test(a_status_has_a_word_in_plain_http),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

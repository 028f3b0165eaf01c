/* Requests without TLS, as Prometheus and curl send them, and as an enemy does. */
#include "net/plain_request.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void the_head_of_a_scrape_is_read(void **state)
{
    struct plain_request r;
    (void)state;
    static const char text[] = "GET /metrics?x=1 HTTP/1.1\r\nUser-Agent: Prometheus/2.53\r\n"
                               "hOST:\t localhost:9464 \r\nAccept: */*\r\n\r\nbehind";
    assert_int_equal(plain_request_read(bytes_of_text(text), &r), RESULT_OK);
    assert_true(bytes_is(r.method, "GET"));
    assert_true(bytes_is(r.path, "/metrics"));
    assert_true(bytes_is(r.host, "localhost:9464"));
    assert_int_equal(plain_request_read(bytes_of_text("HEAD / HTTP/1.0\r\n\r\n"), &r), RESULT_OK);
    assert_int_equal(r.host.n, 0);
}

/* Cut anywhere, it is waited for; each piece lies at the end of its memory. */
static void a_head_that_is_not_whole_is_waited_for(void **state)
{
    static const char text[] = "GET /metrics HTTP/1.1\r\nHost: [::1]:9464\r\n\r\n";
    (void)state;
    for (size_t n = 0; n < sizeof text - 1; n++) {
        struct plain_request r;
        char *cut = test_malloc(n + 1);
        memcpy(cut, text, n);
        assert_int_equal(plain_request_read(bytes_of(cut, n), &r), RESULT_AGAIN);
        test_free(cut);
    }
}

static void what_is_no_request_is_refused(void **state)
{
    static const char *const bad[] = {"\r\n\r\n",
                                      "GET /metrics\r\n\r\n",
                                      "GET  HTTP/1.1\r\n\r\n",
                                      " /metrics HTTP/1.1\r\n\r\n",
                                      "GET metrics HTTP/1.1\r\n\r\n",
                                      "GET http://x/metrics HTTP/1.1\r\n\r\n",
                                      "GET /metrics HTTP/2.0\r\n\r\n",
                                      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                                      "GET /metrics HTTP/1.1 \r\n\r\n",
                                      "GET /me\ttrics HTTP/1.1\r\n\r\n",
                                      "GET /metrics HTTP/1.1\nHost: a\r\n\r\n",
                                      "GET /metrics HTTP/1.1\r\nHost: a\rb\r\n\r\n",
                                      "GET /metrics HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                                      "GET /metrics HTTP/1.1\r\nHost:\r\n\r\n",
                                      "GET /metrics HTTP/1.1\r\nHost: a b\r\n\r\n",
                                      "GET /metrics HTTP/1.1\r\nno field\r\n\r\n",
                                      "GET /metrics HTTP/1.1\r\n folded: x\r\n\r\n",
                                      "GET /metrics HTTP/1.1\r\n: x\r\n\r\n"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct plain_request r;
        if (plain_request_read(bytes_of_text(bad[i]), &r) != RESULT_MALFORMED)
            fail_msg("taken: %s", bad[i]);
    }
}

/* A page of another site that had its name led to 127.0.0.1 still says that name. */
static void only_this_machines_own_names_are_local(void **state)
{
    static const char *const own[] = {"",           "127.0.0.1", "127.0.0.1:9464", "[::1]",
                                      "[::1]:9464", "localhost", "LocalHost:9464"};
    static const char *const others[] = {"evil.example",           "localhost.evil.example",
                                         "127.0.0.1.evil.example", "::1",
                                         "127.0.0.12:80",          "10.0.0.1"};
    (void)state;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        assert_true(plain_request_is_local(bytes_of_text(own[i])));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(plain_request_is_local(bytes_of_text(others[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_head_of_a_scrape_is_read),
        cmocka_unit_test(a_head_that_is_not_whole_is_waited_for),
        cmocka_unit_test(what_is_no_request_is_refused),
        cmocka_unit_test(only_this_machines_own_names_are_local),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

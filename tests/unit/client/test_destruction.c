/* Receipts of destruction, as an application of an agency signs them. */
#include "client/client.h"

#include "base/buf.h"
#include "crypto/init.h"
#include "crypto/minisign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static const char receipt[] =
    "{\"header\":{\"source\":\"npa-daejeon/112-control\"},\"destructionReceipt\":{\"orderId\":"
    "\"019aa2b0-0000-7000-8000-000000000001\",\"destroyed\":[{\"origin\":\"a.example/log\","
    "\"index\":\"7\"}],\"destroyedAt\":\"2026-11-21T01:00:00Z\",\"method\":"
    "\"DESTRUCTION_METHOD_OVERWRITTEN\",\"staffRef\":\"p-17\"}}";

static void read_message(const char *json, struct fedgate_buffer *out)
{
    char why[200] = "";
    if (fedgate_json_read("Message", json, strlen(json), out, why, sizeof why) != FEDGATE_OK)
        fail_msg("%s", why);
}

static void a_receipt_is_signed_over_the_text_that_the_library_shows(void **state)
{
    struct fedgate_buffer message, text, done, json;
    struct buf secret_text = BUF_INIT(MINISIGN_FILE_MAX);
    struct minisign_secret *secret = minisign_secret_new();
    char why[200] = "";
    (void)state;
    read_message(receipt, &message);
    assert_int_equal(fedgate_destruction_text(message.p, message.n, &text), FEDGATE_OK);
    assert_string_equal((const char *)text.p,
                        "fedgate-destruction-v1\nnpa-daejeon/112-control\n"
                        "019aa2b0-0000-7000-8000-000000000001\nD\ta.example/log\t7\n"
                        "1795222800\n2\np-17\n");
    assert_int_equal(minisign_secret_write(secret, bytes_of(NULL, 0), NULL, &secret_text),
                     RESULT_OK);
    assert_int_equal(fedgate_destruction_sign(message.p, message.n, buf_c(&secret_text),
                                              secret_text.n, NULL, &done, why, sizeof why),
                     FEDGATE_OK);
    assert_int_equal(fedgate_json_write("Message", done.p, done.n, 0, &json), FEDGATE_OK);
    assert_non_null(strstr((const char *)json.p, "\"signature\":\""));
    assert_non_null(strstr((const char *)json.p, "\"keyId\":\""));
    fedgate_buffer_free(&json);
    fedgate_buffer_free(&done);
    fedgate_buffer_free(&text);
    fedgate_buffer_free(&message);
    minisign_secret_free(secret);
    buf_free(&secret_text);
}

static void what_is_no_receipt_or_no_key_is_told(void **state)
{
    static const char other[] = "{\"header\":{\"source\":\"npa-daejeon/112-control\"}}";
    struct fedgate_buffer message, out;
    char why[200] = "";
    (void)state;
    read_message(other, &message);
    assert_int_equal(fedgate_destruction_text(message.p, message.n, &out), FEDGATE_WRONG);
    assert_int_equal(
        fedgate_destruction_sign(message.p, message.n, "x", 1, NULL, &out, why, sizeof why),
        FEDGATE_WRONG);
    assert_non_null(strstr(why, "destruction_receipt"));
    fedgate_buffer_free(&message);
    read_message(receipt, &message);
    assert_int_equal(
        fedgate_destruction_sign(message.p, message.n, "x", 1, NULL, &out, why, sizeof why),
        FEDGATE_WRONG);
    assert_non_null(strstr(why, "key"));
    fedgate_buffer_free(&message);
}

static int start(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_receipt_is_signed_over_the_text_that_the_library_shows),
        cmocka_unit_test(what_is_no_receipt_or_no_key_is_told),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}

/* Reasons in words, and JSON. */
#include "client/client.h"

#include "client/loss.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static void a_reason_has_a_word_a_text_and_advice_in_two_languages(void **state)
{
    (void)state;
    assert_string_equal(fedgate_reason_word(300), "no-grant");
    assert_string_equal(fedgate_reason_text(300, FEDGATE_ENGLISH),
                        "no grant permits this kind from this unit to that one");
    assert_non_null(strstr(fedgate_reason_text(300, FEDGATE_KOREAN), "허가 조항"));
    assert_non_null(strstr(fedgate_reason_advice(300, FEDGATE_ENGLISH), "ask the centre"));
    assert_string_equal(fedgate_reason_word(9999), "unknown");
    assert_string_equal(fedgate_reason_text(9999, FEDGATE_ENGLISH), "");
    assert_string_equal(fedgate_status_name(14), "UNAVAILABLE");
}

static void json_becomes_a_message_and_json_again(void **state)
{
    static const char json[] = "{\"queue\":\"alerts\",\"kind\":[\"guardian_alert\"]}";
    struct fedgate_buffer encoded, back;
    char why[200] = "";
    (void)state;
    assert_int_equal(
        fedgate_json_read("SubscribeStart", json, strlen(json), &encoded, why, sizeof why),
        FEDGATE_OK);
    assert_int_equal(fedgate_json_write("SubscribeStart", encoded.p, encoded.n, 0, &back),
                     FEDGATE_OK);
    assert_string_equal((const char *)back.p, json);
    assert_int_equal(back.n, strlen(json));
    fedgate_buffer_free(&back);
    fedgate_buffer_free(&encoded);
    assert_null(encoded.p);
    assert_int_equal(fedgate_json_read("SubscribeStart", "{}", 2, &encoded, why, sizeof why),
                     FEDGATE_OK);
    assert_int_equal(encoded.n, 0);
    fedgate_buffer_free(&encoded);
}

static void json_that_is_no_such_message_is_refused_by_field(void **state)
{
    struct fedgate_buffer out = {0};
    char why[200] = "";
    (void)state;
    assert_int_equal(fedgate_json_read("SubscribeStart", "{\"queu\":1}", 10, &out, why, sizeof why),
                     FEDGATE_WRONG);
    assert_non_null(strstr(why, "did you mean \"queue\"?"));
    assert_int_equal(fedgate_json_read("NoSuchThing", "{}", 2, &out, why, sizeof why),
                     FEDGATE_WRONG);
    assert_string_equal(why, "the contract has no type NoSuchThing");
    assert_int_equal(fedgate_json_write("Message", "\xff", 1, 0, &out), FEDGATE_WRONG);
    assert_int_equal(fedgate_json_write("NoSuchThing", "", 0, 0, &out), FEDGATE_WRONG);
    assert_null(out.p);
}

static void a_loss_without_explanation_is_told_by_when_it_came(void **state)
{
    struct fedgate_lost lost = {0};
    (void)state;
    loss_explain("the peer closed its socket", false, &lost);
    assert_int_equal(lost.loss, FEDGATE_LOSS_UNREACHABLE);
    loss_explain("the peer closed its socket", true, &lost);
    assert_int_equal(lost.loss, FEDGATE_LOSS_ENDED);
    assert_string_equal(lost.text[FEDGATE_KOREAN], "");
    loss_explain("tlsv13 alert certificate required", true, &lost);
    assert_int_equal(lost.loss, FEDGATE_LOSS_NOT_ACCEPTED);
    assert_non_null(strstr(lost.text[FEDGATE_ENGLISH], "got no certificate"));
    loss_explain("sslv3 alert illegal parameter", false, &lost);
    assert_int_equal(lost.loss, FEDGATE_LOSS_NOT_ACCEPTED);
    assert_string_equal(lost.why, "sslv3 alert illegal parameter");
    loss_explain("tlsv1 alert internal error", true, &lost);
    assert_int_equal(lost.loss, FEDGATE_LOSS_UNREACHABLE); /* a gateway that is starting */
    loss_explain("the peer said GOAWAY", true, &lost);
    assert_int_equal(lost.loss, FEDGATE_LOSS_ENDED);
    assert_non_null(strstr(lost.text[FEDGATE_ENGLISH], "stopping"));
    loss_explain("self-signed certificate in certificate chain", false, &lost);
    assert_int_equal(lost.loss, FEDGATE_LOSS_UNTRUSTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reason_has_a_word_a_text_and_advice_in_two_languages),
        cmocka_unit_test(json_becomes_a_message_and_json_again),
        cmocka_unit_test(json_that_is_no_such_message_is_refused_by_field),
        cmocka_unit_test(a_loss_without_explanation_is_told_by_when_it_came)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

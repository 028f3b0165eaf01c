#include "message/reason.h"

#include "sample.h"

static const ProtobufCEnumDescriptor *contract(void)
{
    return &fedgate__v1__reason__descriptor;
}

static void the_table_has_every_reason_of_the_contract_in_its_order(void **state)
{
    (void)state;
    const ProtobufCEnumDescriptor *e = contract();
    assert_int_equal(e->values[0].value, REASON_NONE);
    for (size_t i = 1; i < e->n_values; i++) {
        const struct reason_row *row = reason_at(i - 1);
        assert_non_null(row);
        assert_int_equal(row->reason, e->values[i].value);
        assert_string_equal(row->name, e->values[i].name + strlen("REASON_"));
        assert_ptr_equal(reason_row(row->reason), row);
    }
    assert_null(reason_at(e->n_values - 1));
}

static void a_word_is_the_name_in_lower_case_with_hyphens(void **state)
{
    (void)state;
    for (size_t i = 0; reason_at(i) != NULL; i++) {
        const struct reason_row *row = reason_at(i);
        assert_int_equal(strlen(row->name), strlen(row->word));
        for (size_t k = 0; row->name[k] != '\0'; k++) {
            char letter = row->name[k];
            char lower = letter == '_' ? '-' : (char)(letter | 0x20);
            assert_int_equal(row->word[k], lower);
        }
        assert_int_equal(reason_of_word(bytes_of_text(row->word)), row->reason);
        assert_string_equal(reason_word(row->reason), row->word);
    }
}

static void every_reason_has_text_and_advice_in_both_languages(void **state)
{
    (void)state;
    for (size_t i = 0; reason_at(i) != NULL; i++) {
        const struct reason_row *row = reason_at(i);
        const char *const text[] = {row->text[0], row->advice[0], row->text[1], row->advice[1]};
        for (size_t k = 0; k < 4; k++) {
            assert_true(bytes_is_text(bytes_of_text(text[k])));
            assert_true(strlen(text[k]) > 5);
        }
        /* Hangul syllables take three bytes that begin with EA to ED. */
        assert_non_null(strpbrk(row->text[1], "\xea\xeb\xec\xed"));
        assert_non_null(strpbrk(row->advice[1], "\xea\xeb\xec\xed"));
    }
}

static void
the_urgent_lane_refuses_identity_audio_and_prohibitions_and_never_what_is_late(void **state)
{
    (void)state;
    static const enum reason refuse[] = {REASON_IDENTITY_MISMATCH, REASON_CERTIFICATE_REVOKED,
                                         REASON_AUDIO_REFUSED,     REASON_PROHIBITED,
                                         REASON_ORIGIN_PROHIBITED, REASON_NO_GRANT,
                                         REASON_CONSENT_WITHDRAWN, REASON_MALFORMED};
    static const enum reason flag[] = {REASON_STALE, REASON_IMPLAUSIBLE,
                                       REASON_OUTSIDE_SERVICE_AREA, REASON_OUT_OF_RANGE,
                                       REASON_MEDIA_REFUSED};
    static const enum reason breakable[] = {REASON_INCIDENT_TYPE_NOT_COVERED,
                                            REASON_OUTSIDE_RADIUS,
                                            REASON_INCIDENT_TOO_OLD,
                                            REASON_OUTSIDE_PERIOD,
                                            REASON_NOT_ASSIGNED,
                                            REASON_NOT_PARTICIPANT,
                                            REASON_APPROVAL_PENDING,
                                            REASON_APPROVAL_EXPIRED,
                                            REASON_OUTSIDE_AREA};
    for (size_t i = 0; i < ARRAY_LEN(refuse); i++)
        assert_int_equal(reason_row(refuse[i])->urgent, REASON_URGENT_REFUSE);
    for (size_t i = 0; i < ARRAY_LEN(flag); i++)
        assert_int_equal(reason_row(flag[i])->urgent, REASON_URGENT_FLAG);
    for (size_t i = 0; i < ARRAY_LEN(breakable); i++)
        assert_int_equal(reason_row(breakable[i])->urgent, REASON_URGENT_BREAK);
}

static void what_is_no_reason_has_no_row(void **state)
{
    (void)state;
    assert_null(reason_row(REASON_NONE));
    assert_null(reason_row((enum reason)999));
    assert_string_equal(reason_word((enum reason)999), "unknown");
    assert_int_equal(reason_of_word(bytes_of_text("no-such-word")), REASON_NONE);
    assert_int_equal(reason_of_word(bytes_of_text("no-gran")), REASON_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_has_every_reason_of_the_contract_in_its_order),
        cmocka_unit_test(a_word_is_the_name_in_lower_case_with_hyphens),
        cmocka_unit_test(every_reason_has_text_and_advice_in_both_languages),
        cmocka_unit_test(
            the_urgent_lane_refuses_identity_audio_and_prohibitions_and_never_what_is_late),
        cmocka_unit_test(what_is_no_reason_has_no_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/result.h"

#include "support.h"

static void every_code_has_a_name_and_a_text_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < RESULT_COUNT; i++) {
        assert_true(strlen(result_name((enum result)i)) > 0);
        assert_true(strlen(result_text((enum result)i)) > 0);
        for (unsigned k = 0; k < i; k++) {
            assert_string_not_equal(result_name((enum result)i), result_name((enum result)k));
            assert_string_not_equal(result_text((enum result)i), result_text((enum result)k));
        }
    }
    assert_string_equal(result_name(RESULT_MALFORMED), "MALFORMED");
    assert_int_equal(RESULT_OK, 0);
}

static void the_group_says_what_to_do(void **state)
{
    (void)state;
    assert_int_equal(result_group(RESULT_OK), RESULT_DONE);
    assert_int_equal(result_group(RESULT_AGAIN), RESULT_WAIT);
    assert_int_equal(result_group(RESULT_MALFORMED), RESULT_REFUSE);
    assert_int_equal(result_group(RESULT_DENIED), RESULT_ASK);
    assert_int_equal(result_group(RESULT_IO), RESULT_STOP);
}

static void a_number_that_is_no_code_ends_the_process(void **state)
{
    (void)state;
    const enum result wrong = (enum result)RESULT_COUNT;
    assert_int_equal(result_group(wrong), RESULT_STOP);
    assert_string_equal(result_name(wrong), "UNKNOWN_RESULT");
    assert_string_equal(result_text(wrong), "unknown result");
}

static enum result tried(enum result r, bool *went_on)
{
    TRY(r);
    *went_on = true;
    return RESULT_AGAIN;
}

static void try_goes_on_after_ok_only(void **state)
{
    (void)state;
    bool went_on = false;
    assert_int_equal(tried(RESULT_END, &went_on), RESULT_END);
    assert_false(went_on);
    assert_int_equal(tried(RESULT_OK, &went_on), RESULT_AGAIN);
    assert_true(went_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_a_name_and_a_text_of_its_own),
        cmocka_unit_test(the_group_says_what_to_do),
        cmocka_unit_test(a_number_that_is_no_code_ends_the_process),
        cmocka_unit_test(try_goes_on_after_ok_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/status.h"

#include "support.h"

static void a_word_has_its_number_and_a_number_its_word(void **state)
{
    (void)state;
    for (unsigned i = STATUS_ACTUAL; i <= STATUS_TEST; i++)
        assert_int_equal(status_of_word(bytes_of_text(status_word(i))), i);
    assert_string_equal(status_word(STATUS_EXERCISE), "exercise");
    assert_string_equal(status_word(STATUS_TEST), "test");
}

static void what_is_no_status_has_no_word_and_is_in_earnest(void **state)
{
    (void)state;
    assert_string_equal(status_word(0), "");
    assert_string_equal(status_word(STATUS_TEST + 1), "");
    assert_int_equal(status_of_word(bytes_of_text("")), STATUS_ACTUAL);
    assert_int_equal(status_of_word(bytes_of_text("drill")), STATUS_ACTUAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_has_its_number_and_a_number_its_word),
        cmocka_unit_test(what_is_no_status_has_no_word_and_is_in_earnest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "ipc/offender.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void an_offender_comes_back_as_it_was(void **state)
{
    const struct road_offender o = {bytes_of_text("a/b"), OFFENCE_HANDSHAKES};
    struct buf b = BUF_INIT(256);
    struct road_offender again;
    (void)state;
    road_offender_put(&o, &b);
    struct cursor in = cursor_over(buf_view(&b));
    assert_int_equal(road_offender_take(&in, &again), RESULT_OK);
    assert_true(bytes_is(again.unit, "a/b") && again.offence == OFFENCE_HANDSHAKES);
    buf_u8(&b, 0); /* one byte more than that */
    in = cursor_over(buf_view(&b));
    assert_int_equal(road_offender_take(&in, &again), RESULT_MALFORMED);
    buf_free(&b);
}

static void only_offences_of_the_table_are_taken(void **state)
{
    (void)state;
    for (unsigned offence = 0; offence <= OFFENCES; offence++) {
        const struct road_offender o = {bytes_of_text("a/b"), (uint8_t)offence};
        struct buf b = BUF_INIT(256);
        road_offender_put(&o, &b);
        assert_int_equal(buf_status(&b) == RESULT_OK, offence >= 1 && offence < OFFENCES);
        buf_free(&b);
    }
}

static void each_offence_has_a_word_and_both_languages(void **state)
{
    (void)state;
    for (unsigned offence = 1; offence < OFFENCES; offence++) {
        const char *word = offence_word(offence);
        assert_string_not_equal(offence_meaning(word, false), offence_meaning(word, true));
    }
    assert_null(offence_word(OFFENCES));
    assert_null(offence_meaning("kindness", false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offender_comes_back_as_it_was),
        cmocka_unit_test(only_offences_of_the_table_are_taken),
        cmocka_unit_test(each_offence_has_a_word_and_both_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

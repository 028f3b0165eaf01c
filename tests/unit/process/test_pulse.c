#include "process/pulse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { FIRST = 100, SECOND = 200 }; /* process numbers */

#define T      (50 * US_PER_S) /* the steady clock at the beginning of a test */
#define WITHIN (5 * US_PER_S)

static bool silent(const struct pulse *p, int64_t after_us)
{
    return pulse_is_silent(p, ROLE_ID_LEDGER, WITHIN, T + after_us);
}

static bool ask(struct pulse *p, pid_t pid, int64_t after_us)
{
    return pulse_ask(p, ROLE_ID_LEDGER, pid, T + after_us);
}

static void a_role_that_never_ran_is_not_awaited(void **state)
{
    struct pulse p = {0};
    (void)state;
    assert_false(ask(&p, 0, 0));
    assert_false(silent(&p, US_PER_DAY));
}

static void a_role_is_asked_one_question_at_a_time(void **state)
{
    struct pulse p = {0};
    (void)state;
    assert_true(ask(&p, FIRST, 0));
    assert_false(ask(&p, FIRST, US_PER_S));
    pulse_answered(&p, ROLE_ID_LEDGER);
    assert_true(ask(&p, FIRST, 2 * US_PER_S));
}

static void a_role_that_answers_is_never_silent_however_long_it_was_not_asked(void **state)
{
    struct pulse p = {0};
    (void)state;
    (void)ask(&p, FIRST, 0);
    pulse_answered(&p, ROLE_ID_LEDGER);
    assert_false(silent(&p, US_PER_DAY));
    assert_true(ask(&p, FIRST, US_PER_DAY));
    assert_false(silent(&p, US_PER_DAY + WITHIN));
    assert_true(silent(&p, US_PER_DAY + WITHIN + 1));
}

static void silence_counts_from_the_first_question_that_has_no_answer(void **state)
{
    struct pulse p = {0};
    (void)state;
    (void)ask(&p, FIRST, 0);
    pulse_answered(&p, ROLE_ID_LEDGER);
    (void)ask(&p, FIRST, 0);
    (void)ask(&p, FIRST, 4 * US_PER_S);
    assert_true(silent(&p, WITHIN + 1));
    pulse_answered(&p, ROLE_ID_LEDGER);
    assert_false(silent(&p, WITHIN + 1));
}

/* It reads its journal. */
static void a_process_that_begins_has_longer(void **state)
{
    struct pulse p = {0};
    (void)state;
    (void)ask(&p, FIRST, 0);
    assert_false(silent(&p, PULSE_BEGIN_WITHIN));
    assert_true(silent(&p, PULSE_BEGIN_WITHIN + 1));
}

static void a_process_started_again_after_an_answer_has_that_time_anew(void **state)
{
    struct pulse p = {0};
    (void)state;
    (void)ask(&p, FIRST, 0);
    pulse_answered(&p, ROLE_ID_LEDGER);
    (void)ask(&p, 0, US_PER_HOUR); /* it ended */
    assert_true(ask(&p, SECOND, US_PER_HOUR + US_PER_S));
    assert_false(silent(&p, US_PER_HOUR + PULSE_BEGIN_WITHIN));
    assert_true(silent(&p, US_PER_HOUR + PULSE_BEGIN_WITHIN + 1));
}

/* Each of them is young, the role is not there. */
static void a_crash_loop_is_silence(void **state)
{
    struct pulse p = {0};
    (void)state;
    for (int64_t at = 0; at <= PULSE_BEGIN_WITHIN; at += US_PER_S)
        (void)ask(&p, FIRST + (pid_t)(at / US_PER_S), at);
    assert_true(silent(&p, PULSE_BEGIN_WITHIN + 1));
}

static void an_answer_to_the_process_before_is_asked_for_again(void **state)
{
    struct pulse p = {0};
    (void)state;
    (void)ask(&p, FIRST, 0);
    assert_true(ask(&p, SECOND, US_PER_S));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_that_never_ran_is_not_awaited),
        cmocka_unit_test(a_role_is_asked_one_question_at_a_time),
        cmocka_unit_test(a_role_that_answers_is_never_silent_however_long_it_was_not_asked),
        cmocka_unit_test(silence_counts_from_the_first_question_that_has_no_answer),
        cmocka_unit_test(a_process_that_begins_has_longer),
        cmocka_unit_test(a_process_started_again_after_an_answer_has_that_time_anew),
        cmocka_unit_test(a_crash_loop_is_silence),
        cmocka_unit_test(an_answer_to_the_process_before_is_asked_for_again)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

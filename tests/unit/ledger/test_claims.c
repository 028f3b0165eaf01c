/* Citizens and companies ask for footage: officers enter, mask and decide it, in time. */
#include "officers.h"

#include "ledger/claims.h"

/* NOON is a morning in Korea, on the 15th of November 2023. */
#define R       "request 2023-481 "
#define OPENED  R "by data-subject received 2023-11-15"
#define MASKED  R "masked sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define GRANTED R "outcome granted"

/* From NOON to the last second of a day so many days later. */
static int64_t to_the_end_of_day(int64_t days)
{
    const int64_t since_midnight = 7 * US_PER_HOUR + 13 * US_PER_MINUTE + 20 * US_PER_S;
    return (days + 1) * US_PER_DAY - since_midnight - US_PER_S;
}

static void done(struct bench *b, unsigned what, const char *subject, const char *officer,
                 bool takes_effect)
{
    bool is_done = !takes_effect;
    assert_int_equal(act(b, what, subject, officer, &is_done), CONTROL_CODE_DONE);
    assert_true(is_done == takes_effect);
}

/* One that the centre entered, and masked. */
static void office_with_one(struct bench *b, bool masked)
{
    office_init(b);
    done(b, CONTROL_OPEN_REQUEST, OPENED, JO, true);
    if (masked)
        done(b, CONTROL_MASK_REQUEST, MASKED, JO, true);
}

/* What the list says of it. */
static void look(struct bench *b, struct answered *out)
{
    ask_control(b, &(struct control_request){.ask = CONTROL_LIST, .list = CONTROL_REQUESTS}, out);
    assert_int_equal(out->is.items, 1);
}

static bool is_overdue(struct bench *b)
{
    struct answered a;
    look(b, &a);
    const bool is = a.item[0].overdue;
    buf_free(&a.bytes);
    return is;
}

/* ---- deciding */

static void two_officers_give_what_was_masked_and_it_is_open_no_more(void **state)
{
    (void)state;
    struct bench b;
    struct answered a;
    office_with_one(&b, true);
    done(&b, CONTROL_DECIDE_REQUEST, GRANTED, MIN, false);
    assert_int_equal(act(&b, CONTROL_DECIDE_REQUEST, GRANTED, MIN, NULL), CONTROL_CODE_SAME_PERSON);
    bench_restart(&b);
    look(&b, &a);
    assert_true(bytes_is(a.item[0].subject, "2023-481"));
    assert_true(bytes_is(a.item[0].role, "data-subject"));
    assert_true(bytes_is(a.item[0].unit, JO));
    assert_true(bytes_begins(a.item[0].clause, "sha256:0123"));
    struct bytes entered_by;
    assert_true(ident_split_unit(bytes_of_text(JO), &entered_by, NULL));
    assert_int_equal(a.item[0].parties, 1);
    assert_true(bytes_equal(a.item[0].party[0], entered_by));
    assert_true(bytes_is(a.item[0].failed, "granted"));
    assert_true(bytes_is(a.item[0].officer[0], MIN));
    buf_free(&a.bytes);
    done(&b, CONTROL_DECIDE_REQUEST, GRANTED, SEO, true);
    assert_int_equal(listed(&b, CONTROL_REQUESTS), 0);
    assert_int_equal(act(&b, CONTROL_DECIDE_REQUEST, GRANTED, SEO, NULL), CONTROL_CODE_NOT_FOUND);
    assert_int_equal(count_leaves(&b, "act=decide-request"), 2);
    bench_restart(&b);
    assert_int_equal(listed(&b, CONTROL_REQUESTS), 0);
    bench_free(&b);
}

static void nothing_is_given_unmasked(void **state)
{
    (void)state;
    struct bench b;
    office_with_one(&b, false);
    assert_int_equal(act(&b, CONTROL_DECIDE_REQUEST, GRANTED, MIN, NULL), CONTROL_CODE_NOT_MASKED);
    assert_int_equal(act(&b, CONTROL_DECIDE_REQUEST, R "outcome granted-in-part", MIN, NULL),
                     CONTROL_CODE_NOT_MASKED);
    done(&b, CONTROL_DECIDE_REQUEST, R "outcome refused-35-4-2", MIN, false);
    done(&b, CONTROL_MASK_REQUEST, R "masked nobody-else", JO, true);
    done(&b, CONTROL_DECIDE_REQUEST, GRANTED, MIN, false);
    done(&b, CONTROL_DECIDE_REQUEST, GRANTED, SEO, true);
    bench_free(&b);
}

static void one_officer_is_enough_to_say_that_there_is_nothing_to_decide(void **state)
{
    (void)state;
    struct bench b;
    office_with_one(&b, false);
    done(&b, CONTROL_DECIDE_REQUEST, R "outcome no-footage", JO, true);
    done(&b, CONTROL_OPEN_REQUEST, OPENED, JO, true); /* asked again */
    done(&b, CONTROL_DECIDE_REQUEST, R "outcome withdrawn", JO, true);
    assert_int_equal(listed(&b, CONTROL_REQUESTS), 0);
    bench_free(&b);
}

static void another_outcome_begins_anew_and_so_does_another_file(void **state)
{
    (void)state;
    struct bench b;
    office_with_one(&b, true);
    done(&b, CONTROL_DECIDE_REQUEST, GRANTED, MIN, false);
    done(&b, CONTROL_DECIDE_REQUEST, R "outcome refused-9-1", SEO, false);
    done(&b, CONTROL_DECIDE_REQUEST, GRANTED, MIN, false);
    done(&b, CONTROL_MASK_REQUEST, R "masked nobody-else", JO, true);
    done(&b, CONTROL_DECIDE_REQUEST, GRANTED, SEO, false); /* not of the file that MIN saw */
    bench_restart(&b);
    done(&b, CONTROL_DECIDE_REQUEST, GRANTED, MIN, true);
    bench_free(&b);
}

static void the_second_officer_reads_what_the_first_did(void **state)
{
    (void)state;
    struct bench b;
    struct answered a;
    office_with_one(&b, true);
    done(&b, CONTROL_DECIDE_REQUEST, GRANTED, MIN, false);
    assert_int_equal(prepare(&b, CONTROL_DECIDE_REQUEST, GRANTED, SEO, &a), CONTROL_CODE_DONE);
    static const char *const lines[] = {
        "\nsubject: " GRANTED "\nasked by: who is to be seen on it (PIPA 35)\n"
        "received: 2023-11-15T00:00:00+09:00\ndue: 2023-11-25T23:59:59+09:00\n",
        "\nabout: 사건 접수 확인\nmasked: sha256:0123",
        "\nmasked by: " JO "\ndecided by: " MIN "\n"};
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        assert_non_null(memmem(a.is.text.p, a.is.text.n, lines[i], strlen(lines[i])));
    buf_free(&a.bytes);
    bench_free(&b);
}

/* ---- who, and how it is named */

static void officers_of_the_centre_and_of_who_runs_the_gateway_answer(void **state)
{
    (void)state;
    struct bench b;
    office_init(&b);
    static const char *const strangers[] = {KIM, CHOI, HAN, YOON};
    for (size_t i = 0; i < ARRAY_LEN(strangers); i++)
        assert_int_equal(act(&b, CONTROL_OPEN_REQUEST, OPENED, strangers[i], NULL),
                         CONTROL_CODE_WRONG_ROLE);
    done(&b, CONTROL_OPEN_REQUEST, OPENED, SEO, true);
    done(&b, CONTROL_MASK_REQUEST, MASKED, MIN, true);
    assert_int_equal(act(&b, CONTROL_DECIDE_REQUEST, GRANTED, JO, NULL), CONTROL_CODE_WRONG_ROLE);
    assert_int_equal(act(&b, CONTROL_DECIDE_REQUEST, GRANTED, KIM, NULL), CONTROL_CODE_WRONG_ROLE);
    bench_free(&b);
}

static void a_request_has_a_number_and_never_a_name(void **state)
{
    (void)state;
    struct bench b;
    office_init(&b);
    static const char *const wrong[] = {"request 홍길동 by company received 2023-11-15",
                                        "request 900101-1234567 by company received 2023-11-15",
                                        "request 7 by court received 2023-11-15",
                                        "request 7 by company received 2023-11-16",
                                        "request 7 by company received 2023-11-15T09:00:00Z",
                                        "request 7 by company received 2023-11-31",
                                        "request 7 by company received 2023-11-15 ",
                                        "request 7 by company",
                                        "request 7 outcome withdrawn",
                                        "record 7 by company received 2023-11-15"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_int_equal(act(&b, CONTROL_OPEN_REQUEST, wrong[i], MIN, NULL),
                         CONTROL_CODE_BAD_REQUEST);
    done(&b, CONTROL_OPEN_REQUEST, OPENED, MIN, true);
    assert_int_equal(act(&b, CONTROL_OPEN_REQUEST, OPENED, SEO, NULL), CONTROL_CODE_REQUEST_OPEN);
    static const char *const masks[] = {R "masked", R "masked everybody", R "masked sha256:00",
                                        R "masked nobody-else x"};
    for (size_t i = 0; i < ARRAY_LEN(masks); i++)
        assert_int_equal(act(&b, CONTROL_MASK_REQUEST, masks[i], MIN, NULL),
                         CONTROL_CODE_BAD_REQUEST);
    assert_int_equal(act(&b, CONTROL_DECIDE_REQUEST, R "outcome perhaps", MIN, NULL),
                     CONTROL_CODE_BAD_REQUEST);
    assert_int_equal(act(&b, CONTROL_POSTPONE_REQUEST, "request 7 postponed", MIN, NULL),
                     CONTROL_CODE_NOT_FOUND);
    assert_int_equal(count_leaves(&b, "900101"), 0);
    bench_free(&b);
}

/* Of a thousand that are open. */
static void so_many_are_open_at_most(void **state)
{
    (void)state;
    struct bench b;
    office_init(&b);
    for (int i = 0; i < CLAIMS_MAX; i++) {
        struct claim *c = mem_new(sizeof *c);
        (void)snprintf(c->number, sizeof c->number, "n-%d", i);
        assert_true(map_add(b.l->acts->claims, c));
    }
    assert_int_equal(act(&b, CONTROL_OPEN_REQUEST, OPENED, MIN, NULL), CONTROL_CODE_TOO_MANY);
    bench_free(&b);
}

/* ---- time */

static void an_answer_is_warned_of_three_days_before_and_alarmed_once(void **state)
{
    (void)state;
    struct bench b;
    office_with_one(&b, false);
    advance(&b, to_the_end_of_day(7) - US_PER_S);
    assert_int_equal(claims_due_us(b.l), b.wall_us + US_PER_S); /* it wakes by itself */
    assert_true(ledger_idle_us(b.l, US_PER_DAY) <= US_PER_S);
    advance(&b, US_PER_S);
    const struct claim *c = claim_of(b.l, bytes_of_text(R "postponed"));
    assert_int_equal(c->told, CLAIM_TOLD_SOON);
    bench_restart(&b);
    c = claim_of(b.l, bytes_of_text(R "postponed"));
    assert_int_equal(c->told, CLAIM_TOLD_SOON);
    advance(&b, 3 * US_PER_DAY);
    assert_false(is_overdue(&b));
    assert_int_equal(count_leaves(&b, "request-overdue"), 0);
    advance(&b, US_PER_S);
    assert_true(is_overdue(&b));
    assert_int_equal(count_leaves(&b, "request-overdue"), 1);
    assert_int_equal(count_leaves(&b, "subject=\\\"request 2023-481\\\" due=1700924399"), 1);
    bench_restart(&b);
    advance(&b, US_PER_DAY);
    assert_true(is_overdue(&b));
    assert_int_equal(count_leaves(&b, "request-overdue"), 1);
    done(&b, CONTROL_DECIDE_REQUEST, R "outcome withdrawn", JO,
         true); /* it is answered all the same */
    bench_free(&b);
}

static void it_is_postponed_once_and_before_it_is_overdue(void **state)
{
    (void)state;
    struct bench b;
    struct answered a;
    office_with_one(&b, false);
    advance(&b, to_the_end_of_day(10));
    done(&b, CONTROL_POSTPONE_REQUEST, R "postponed", MIN, true);
    assert_int_equal(act(&b, CONTROL_POSTPONE_REQUEST, R "postponed", MIN, NULL),
                     CONTROL_CODE_NOT_POSTPONED);
    bench_restart(&b);
    advance(&b, US_PER_DAY);
    look(&b, &a);
    assert_true(a.item[0].went_ahead);
    assert_false(a.item[0].overdue);
    assert_int_equal(a.item[0].due_us, NOON + to_the_end_of_day(20));
    buf_free(&a.bytes);
    advance(&b, 9 * US_PER_DAY + US_PER_S);
    assert_true(is_overdue(&b));
    bench_free(&b);
}

static void what_is_overdue_is_postponed_no_more(void **state)
{
    (void)state;
    struct bench b;
    office_with_one(&b, false);
    advance(&b, to_the_end_of_day(10) + US_PER_S);
    assert_int_equal(act(&b, CONTROL_POSTPONE_REQUEST, R "postponed", MIN, NULL),
                     CONTROL_CODE_NOT_POSTPONED);
    assert_int_equal(
        act(&b, CONTROL_OPEN_REQUEST, "request 8 by company received 2023-11-01", MIN, NULL),
        CONTROL_CODE_DONE);
    turn(&b); /* it came in weeks ago: at once */
    assert_int_equal(count_leaves(&b, "request-overdue"), 2);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_officers_give_what_was_masked_and_it_is_open_no_more),
        cmocka_unit_test(nothing_is_given_unmasked),
        cmocka_unit_test(one_officer_is_enough_to_say_that_there_is_nothing_to_decide),
        cmocka_unit_test(another_outcome_begins_anew_and_so_does_another_file),
        cmocka_unit_test(the_second_officer_reads_what_the_first_did),
        cmocka_unit_test(officers_of_the_centre_and_of_who_runs_the_gateway_answer),
        cmocka_unit_test(a_request_has_a_number_and_never_a_name),
        cmocka_unit_test(so_many_are_open_at_most),
        cmocka_unit_test(an_answer_is_warned_of_three_days_before_and_alarmed_once),
        cmocka_unit_test(it_is_postponed_once_and_before_it_is_overdue),
        cmocka_unit_test(what_is_overdue_is_postponed_no_more),
    };
    return cmocka_run_group_tests(tests, appoint, dismiss_all);
}

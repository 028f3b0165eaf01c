#include "audit/claim.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char masked[] = "request 7 masked " DIGEST;

static struct claim_subject taken(const char *text)
{
    struct claim_subject s;
    if (!claim_subject_take(bytes_of_text(text), &s))
        fail_msg("not taken: %s", text);
    return s;
}

static void every_step_has_its_words(void **state)
{
    (void)state;
    struct claim_subject s = taken("request 2026-481 by company received 2026-11-28");
    assert_true(bytes_is(s.number, "2026-481"));
    assert_int_equal(s.step, CLAIM_OPENS);
    assert_int_equal(s.by, CLAIMANT_COMPANY);
    assert_int_equal(s.received_us, INT64_C(1795791600) * US_PER_S); /* midnight in Korea */
    assert_int_equal(taken("request 7 postponed").step, CLAIM_IS_POSTPONED);
    s = taken(masked);
    assert_int_equal(s.step, CLAIM_IS_MASKED);
    assert_true(bytes_is(s.masked, DIGEST));
    assert_int_equal(s.masked.n, CLAIM_MASKED_MAX);
    assert_true(bytes_is(taken("request 7 masked nobody-else").masked, CLAIM_NOBODY_ELSE));
    s = taken("request 7 outcome refused-35-4-3");
    assert_int_equal(s.step, CLAIM_IS_DECIDED);
    assert_int_equal(s.outcome, CLAIM_REFUSED_FOR_A_DUTY);
}

static void any_byte_more_or_less_makes_it_none(void **state)
{
    (void)state;
    static const char *const good[] = {"request 2026-481 by company received 2026-11-28",
                                       "request 7 postponed", masked,
                                       "request 7 masked nobody-else", "request 7 outcome granted"};
    struct claim_subject s;
    char text[200];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        const size_t n = strlen(good[i]);
        assert_false(claim_subject_take(bytes_of(good[i], n - 1), &s));
        (void)snprintf(text, sizeof text, "%s ", good[i]);
        assert_false(claim_subject_take(bytes_of_text(text), &s));
        (void)snprintf(text, sizeof text, " %s", good[i]);
        assert_false(claim_subject_take(bytes_of_text(text), &s));
        (void)snprintf(text, sizeof text, "%s x", good[i]);
        assert_false(claim_subject_take(bytes_of_text(text), &s));
        (void)snprintf(text, sizeof text, "%s", good[i]);
        text[0] ^= 1;
        assert_false(claim_subject_take(bytes_of_text(text), &s));
    }
    assert_false(claim_subject_take(bytes_of(NULL, 0), &s));
    assert_false(claim_subject_take(bytes_of_text("request 900101-1234567 postponed"), &s));
}

static void what_is_given_is_masked_and_takes_two(void **state)
{
    (void)state;
    for (unsigned i = 1; i < CLAIM_OUTCOMES; i++) {
        assert_int_equal(claim_outcome_named(bytes_of_text(claim_outcome_word(i))), i);
        assert_true(claim_persons(i) == 1 || claim_persons(i) == 2);
        assert_true(!claim_gives(i) || claim_persons(i) == 2);
        assert_string_not_equal(claim_outcome_text(i, true), claim_outcome_text(i, false));
    }
    for (unsigned i = 1; i < CLAIMANTS; i++)
        assert_int_equal(claimant_named(bytes_of_text(claimant_word(i))), i);
    assert_true(claim_gives(CLAIM_GRANTED) && claim_gives(CLAIM_GRANTED_IN_PART));
    assert_int_equal(claim_outcome_named(bytes_of_text("")), 0);
    assert_string_equal(claim_outcome_word(CLAIM_OUTCOMES), "?");
    assert_int_equal(claim_persons(0), 0);
}

/* Civil Act 157: the day on which it came is not counted. */
static void the_tenth_day_counts_to_its_end(void **state)
{
    (void)state;
    char text[TIME_TEXT];
    const int64_t came = taken("request 7 by company received 2026-11-28").received_us;
    time_text_s(claim_due_us(came, false), zone_named("Asia/Seoul"), text);
    assert_string_equal(text, "2026-12-08T23:59:59+09:00");
    time_text_s(claim_due_us(came, true), zone_named("Asia/Seoul"), text);
    assert_string_equal(text, "2026-12-18T23:59:59+09:00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_step_has_its_words),
                                       cmocka_unit_test(any_byte_more_or_less_makes_it_none),
                                       cmocka_unit_test(what_is_given_is_masked_and_takes_two),
                                       cmocka_unit_test(the_tenth_day_counts_to_its_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

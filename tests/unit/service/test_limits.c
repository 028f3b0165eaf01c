/* The limits that the edge counts by the second, and what it tells of them. */
#include "publish.h"

#include "service/state.h"

#define LETTER "investigation-footage#letter" /* five messages a second */

static struct desk desk;
static struct quota left[QUOTAS_OF_GRANT];

static int set_up(void **state)
{
    (void)state;
    desk_new(&desk);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    desk_free(&desk);
    return 0;
}

static uint32_t letter(void)
{
    const uint32_t grant = policy_clause(edge_policy(desk.edge), bytes_of_text(LETTER));
    assert_int_not_equal(grant, POLICY_NONE);
    return grant;
}

static enum reason say(unsigned status, int64_t at_us)
{
    struct limits_taken taken = {0};
    struct decision d = {.reason = REASON_PERMITTED, .grant = letter()};
    limits_judge(desk.edge, status, 1000, at_us, &d, &taken);
    return d.reason;
}

static uint64_t left_of(unsigned status, int64_t at_us)
{
    assert_int_equal(limits_left(desk.edge, letter(), status, LETTER, at_us, left), 1);
    assert_string_equal(left[0].limit, "messages_per_s");
    assert_string_equal(left[0].clause, LETTER);
    assert_int_equal(left[0].most, 5);
    return left[0].left;
}

static void each_message_takes_one_until_none_is_left(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(left_of(STATUS_ACTUAL, DESK_NOW), 5 - i);
        assert_int_equal(say(STATUS_ACTUAL, DESK_NOW), REASON_PERMITTED);
    }
    assert_int_equal(left_of(STATUS_ACTUAL, DESK_NOW), 0);
    assert_int_equal(say(STATUS_ACTUAL, DESK_NOW), REASON_RATE_EXCEEDED);
    assert_int_equal(left_of(STATUS_ACTUAL, DESK_NOW), 0);
}

static void a_limit_is_whole_again_when_its_second_is_over(void **state)
{
    (void)state;
    assert_int_equal(say(STATUS_ACTUAL, DESK_NOW + 400000), REASON_PERMITTED);
    assert_int_equal(left_of(STATUS_ACTUAL, DESK_NOW + 999999), 4);
    assert_int_equal(left[0].renewed_us, DESK_NOW + US_PER_S);
    assert_int_equal(left_of(STATUS_ACTUAL, DESK_NOW + US_PER_S), 5);
    assert_int_equal(left[0].renewed_us, DESK_NOW + 2 * US_PER_S);
}

static void an_exercise_tells_of_its_own_and_takes_nothing_from_what_is_real(void **state)
{
    (void)state;
    assert_int_equal(say(STATUS_EXERCISE, DESK_NOW), REASON_PERMITTED);
    assert_int_equal(say(STATUS_EXERCISE, DESK_NOW), REASON_PERMITTED);
    assert_int_equal(say(STATUS_TEST, DESK_NOW), REASON_PERMITTED);
    assert_int_equal(left_of(STATUS_EXERCISE, DESK_NOW), 3);
    assert_int_equal(left_of(STATUS_TEST, DESK_NOW), 4);
    assert_int_equal(left_of(STATUS_ACTUAL, DESK_NOW), 5);
}

static void a_grant_without_limits_tells_of_none(void **state)
{
    (void)state;
    const uint32_t grant =
        policy_clause(edge_policy(desk.edge), bytes_of_text("investigation-footage#decision"));
    assert_int_not_equal(grant, POLICY_NONE);
    assert_int_equal(limits_left(desk.edge, grant, STATUS_ACTUAL, "", DESK_NOW, left), 0);
}

/* Messages that all grants together let through in this second. */
static unsigned let_through(void)
{
    unsigned n = 0;
    for (size_t k = 0; k < (size_t)policy_grants(edge_policy(desk.edge)) * STATUS_TEST; k++)
        n += desk.edge->rate[k].messages;
    return n;
}

/* A destruction went between, so it was decided again; and the only message of its second was
 * refused, for it was one too many beside itself. */
static void a_message_that_is_decided_again_counts_once(void **state)
{
    (void)state;
    struct session *police = desk_session(&desk, POLICE);
    char incident[IDENT_INCIDENT_MAX + 1];
    struct caller c;
    desk_open_incident(&desk, police, incident);
    const unsigned before = let_through();
    caller_open(&c, police);
    caller_send(&c, &desk, POLICE, incident, DESK_ASK, NULL);
    assert_int_equal(let_through(), before + 1);
    desk_commit_next(&desk, ROAD_STALE);
    assert_int_equal(let_through(), before + 1);
    desk_commit_next(&desk, ROAD_ON_DISK);
    assert_says(c.receipt, "VERDICT_ACCEPTED");
    assert_int_equal(let_through(), before + 1);
    publisher_close(c.publisher);
}

static void what_was_taken_before_they_began_anew_is_not_given_back(void **state)
{
    (void)state;
    struct limits_taken taken = {0};
    struct decision d = {.reason = REASON_PERMITTED, .grant = letter()};
    limits_judge(desk.edge, STATUS_ACTUAL, 1000, DESK_NOW, &d, &taken);
    limits_judge(desk.edge, STATUS_ACTUAL, 1000, DESK_NOW, &d, &taken);
    assert_int_equal(left_of(STATUS_ACTUAL, DESK_NOW), 3);
    struct limits_taken again = taken;
    limits_give_back(desk.edge, &again, 1000);
    assert_int_equal(left_of(STATUS_ACTUAL, DESK_NOW), 5);
    limits_give_back(desk.edge, &again, 1000); /* once */
    limits_reset(desk.edge);
    limits_give_back(desk.edge, &taken, 1000);
    assert_int_equal(let_through(), 0);
    assert_int_equal(left_of(STATUS_ACTUAL, DESK_NOW), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_message_takes_one_until_none_is_left, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_limit_is_whole_again_when_its_second_is_over, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            an_exercise_tells_of_its_own_and_takes_nothing_from_what_is_real, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_grant_without_limits_tells_of_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_message_that_is_decided_again_counts_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_was_taken_before_they_began_anew_is_not_given_back,
                                        set_up, tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

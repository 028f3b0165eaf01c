/* The clock goes back, jumps ahead, and is asked about. */
#include "officers.h"

#define JUMP (2 * US_PER_HOUR)

static void clock_init(struct bench *b)
{
    office_init(b);
    b->config.clock_jump_us = US_PER_HOUR;
    b->config.destroy_share = 10;
    bench_restart(b);
}

static bool is_there(struct bench *b, uint64_t id)
{
    return kept(b, id) != NULL && !kept(b, id)->doomed;
}

/* A message that has to be destroyed so long from now. */
static void publish_for(struct bench *b, uint8_t id, int64_t lives_us)
{
    struct road_commit c;
    make_commit(b, id, id, &c);
    with_scope(b, &c, id);
    c.scope[0].deadline_us = c.recipient[0].deadline_us = b->wall_us + lives_us;
    assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
}

/* Only the system's clock: the steady one does not know of it. */
static void jump(struct bench *b, int64_t us)
{
    b->wall_us += us;
    turn(b);
}

static bool edge_holds(struct bench *b)
{
    bool is_held = false;
    struct bytes body;
    while ((body = heard(b, IPC_CLOCK)).n > 0) {
        struct cursor in = cursor_over(body);
        assert_int_equal(cursor_bool(&in, &is_held), RESULT_OK);
    }
    return is_held;
}

/* ---- back */

static void a_clock_set_back_brings_nothing_back_and_destroys_nothing_twice(void **state)
{
    (void)state;
    struct bench b;
    clock_init(&b);
    publish_for(&b, 1, US_PER_MINUTE);
    publish_for(&b, 2, US_PER_DAY);
    advance(&b, US_PER_MINUTE);
    confirm_wipe(&b);
    assert_false(is_there(&b, 1));
    jump(&b, -5 * US_PER_HOUR);
    assert_int_equal(offered(&b, 1), 1);
    assert_int_equal(delivered(&b).envelope.id.b[0], 2);
    bench_restart(&b);
    advance(&b, US_PER_HOUR);
    assert_false(is_there(&b, 1));
    assert_int_equal(count_leaves(&b, "\"destroyed\""), 1);
    /* What comes meanwhile has its deadline by the time on record. */
    publish_for(&b, 3, US_PER_HOUR);
    advance(&b, 0);
    assert_false(is_there(&b, 3));
    bench_free(&b);
}

static void set_right_again_is_no_jump(void **state)
{
    (void)state;
    struct bench b;
    clock_init(&b);
    publish_for(&b, 1, US_PER_DAY);
    jump(&b, -5 * US_PER_HOUR);
    jump(&b, 5 * US_PER_HOUR);
    assert_false(edge_holds(&b));
    assert_int_equal(count_leaves(&b, "clock-"), 0);
    bench_free(&b);
}

/* ---- ahead */

static void within_the_bound_the_clock_is_believed(void **state)
{
    (void)state;
    struct bench b;
    clock_init(&b);
    publish_for(&b, 1, US_PER_HOUR);
    jump(&b, US_PER_HOUR);
    confirm_wipe(&b);
    assert_false(is_there(&b, 1));
    bench_free(&b);
}

/* Many small steps are one large one. */
static void a_clock_that_creeps_ahead_is_asked_about_too(void **state)
{
    (void)state;
    struct bench b;
    clock_init(&b);
    publish_for(&b, 1, 70 * US_PER_MINUTE);
    for (unsigned i = 0; i < 3; i++)
        jump(&b, 25 * US_PER_MINUTE);
    assert_true(is_there(&b, 1));
    assert_int_equal(count_leaves(&b, "clock-uncertain"), 1);
    bench_free(&b);
}

static void a_jump_that_ends_little_is_recorded_and_believed(void **state)
{
    (void)state;
    struct bench b;
    clock_init(&b);
    for (uint8_t id = 1; id <= 9; id++)
        publish_for(&b, id, US_PER_DAY);
    publish_for(&b, 10, US_PER_HOUR);
    jump(&b, JUMP);
    confirm_wipe(&b);
    assert_false(is_there(&b, 10));
    assert_int_equal(count_leaves(&b, "clock=ahead ahead=7200s due=1 scopes=10"), 1);
    assert_false(edge_holds(&b));
    bench_free(&b);
}

/* Neither what officers hold nor the register's keys are at stake. */
static void what_no_deadline_destroys_does_not_count(void **state)
{
    (void)state;
    struct bench b;
    clock_init(&b);
    b.config.register_keep_us = 365 * US_PER_DAY;
    bench_restart(&b);
    publish_for(&b, 1, US_PER_HOUR);
    publish_for(&b, 2, US_PER_DAY);
    spool_scope_preserve(b.l->scopes, spool_scopes_get(b.l->scopes, 1));
    jump(&b, JUMP);
    assert_int_equal(count_leaves(&b, "clock=ahead ahead=7200s due=0 scopes=1"), 1);
    assert_false(edge_holds(&b));
    bench_free(&b);
}

/* Somebody repaired a clock that was ahead: from then on it is measured against what it says now.
 */
static void after_it_was_set_back_it_may_not_jump_ahead_again(void **state)
{
    (void)state;
    struct bench b;
    clock_init(&b);
    publish_for(&b, 1, US_PER_HOUR);
    advance(&b, US_PER_HOUR);
    confirm_wipe(&b);
    for (unsigned i = 0; i < 20; i++)
        advance(&b, US_PER_HOUR); /* nothing is recorded */
    jump(&b, -10 * US_PER_HOUR);
    publish_for(&b, 2, US_PER_HOUR);
    jump(&b, 5 * US_PER_HOUR);
    assert_true(is_there(&b, 2));
    assert_true(edge_holds(&b));
    bench_free(&b);
}

static void a_jump_that_would_end_much_destroys_nothing_and_lets_nothing_late_leave(void **state)
{
    (void)state;
    struct bench b;
    clock_init(&b);
    publish_for(&b, 1, US_PER_HOUR);
    publish_for(&b, 2, US_PER_HOUR);
    publish_for(&b, 3, US_PER_DAY);
    jump(&b, JUMP);
    assert_true(edge_holds(&b));
    assert_int_equal(count_leaves(&b, "clock=jumped ahead=7200s due=2 scopes=3"), 1);
    assert_int_equal(count_leaves(&b, "expired"), 0);
    assert_int_equal(count_leaves(&b, "\"destroyed\""), 0);
    assert_int_equal(offered(&b, 1), 1); /* the others are not in its way */
    assert_int_equal(delivered(&b).envelope.id.b[0], 3);
    /* By the steady clock its hour has come: it is due whatever the other says. */
    advance(&b, US_PER_HOUR);
    confirm_wipe(&b);
    assert_false(is_there(&b, 1));
    assert_false(is_there(&b, 2));
    assert_true(is_there(&b, 3));
    bench_free(&b);
}

/* An edge that read the clock before the ledger did. */
static void nothing_of_that_time_comes_on_record(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    clock_init(&b);
    publish_for(&b, 1, US_PER_HOUR);
    b.wall_us += JUMP;
    make_commit(&b, 2, 2, &c);
    with_scope(&b, &c, 2);
    assert_int_equal(commit(&b, &c).answer, ROAD_STALE);
    assert_in_range(b.l->high_water_us, NOON, NOON + US_PER_MINUTE);
    /* What it decides by the held time is taken. */
    make_commit(&b, 2, 2, &c);
    with_scope(&b, &c, 2);
    c.at_us = ledger_now(b.l);
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    bench_free(&b);
}

static void what_was_offered_before_the_jump_does_not_leave_after_it(void **state)
{
    (void)state;
    struct bench b;
    clock_init(&b);
    publish_for(&b, 1, US_PER_HOUR);
    assert_int_equal(offered(&b, 1), 1);
    const uint64_t entry = delivered(&b).entry;
    jump(&b, JUMP);
    b.wall_us -= JUMP; /* what the edge read before; the ledger reads what it is now */
    const struct road_release r = {.consumer = 1,
                                   .entry = entry,
                                   .permitted = true,
                                   .reason = bytes_of_text("permitted"),
                                   .at_us = b.wall_us};
    b.wall_us += JUMP;
    struct buf body = BUF_INIT(4096);
    road_release_put(&r, &body);
    assert_int_equal(tell(&b, IPC_RELEASE, buf_view(&body)), RESULT_OK);
    buf_free(&body);
    turn(&b);
    assert_false(released(&b).go);
    /* The clock was wrong after all: it is offered again. */
    jump(&b, -JUMP);
    assert_int_equal(count_leaves(&b, "clock=came-back"), 1);
    assert_int_equal(offered(&b, 2), 1);
    bench_free(&b);
}

/* It once ended the edge's channel: whoever connected in that moment was recorded in the future. */
static void what_began_in_that_moment_is_recorded_by_the_held_time(void **state)
{
    (void)state;
    struct bench b;
    clock_init(&b);
    publish_for(&b, 1, US_PER_HOUR);
    b.wall_us += JUMP;
    assert_int_equal(send_event(&b, AUDIT_SESSION_OPENED, 7, 0, b.wall_us), RESULT_OK);
    turn(&b);
    assert_in_range(b.l->high_water_us, NOON, NOON + US_PER_MINUTE);
    assert_true(is_there(&b, 1));
    bench_free(&b);
}

/* ---- at the start */

static void a_start_long_after_the_last_record_asks(void **state)
{
    (void)state;
    struct bench b;
    clock_init(&b);
    publish_for(&b, 1, US_PER_HOUR);
    b.wall_us += US_PER_DAY;
    b.steady_us = US_PER_S; /* another boot */
    bench_restart(&b);
    turn(&b);
    assert_true(edge_holds(&b));
    assert_true(is_there(&b, 1));
    bench_restart(&b); /* and asks again */
    turn(&b);
    assert_true(edge_holds(&b));
    assert_true(is_there(&b, 1));
    assert_int_equal(count_leaves(&b, "clock-uncertain"), 2);
    bench_free(&b);
}

/* ---- officers */

static void an_officer_of_the_operator_accepts_and_what_is_due_is_destroyed(void **state)
{
    (void)state;
    struct bench b;
    bool done;
    clock_init(&b);
    publish_for(&b, 1, US_PER_HOUR);
    publish_for(&b, 2, US_PER_DAY);
    jump(&b, JUMP);
    assert_int_equal(act(&b, CONTROL_ACCEPT_CLOCK, "clock +7200", KIM, NULL),
                     CONTROL_CODE_WRONG_ROLE);
    assert_int_equal(act(&b, CONTROL_ACCEPT_CLOCK, "clock +7000", SEO, NULL),
                     CONTROL_CODE_NOT_FOUND);
    assert_true(is_there(&b, 1));
    assert_int_equal(act(&b, CONTROL_ACCEPT_CLOCK, "clock +7200", SEO, &done), CONTROL_CODE_DONE);
    assert_true(done);
    turn(&b);
    confirm_wipe(&b);
    assert_false(is_there(&b, 1));
    assert_true(is_there(&b, 2));
    assert_int_equal(count_leaves(&b, "act=accept-clock"), 1);
    assert_int_equal(count_leaves(&b, "clock=accepted"), 1);
    assert_int_equal(act(&b, CONTROL_ACCEPT_CLOCK, "clock +7200", SEO, NULL),
                     CONTROL_CODE_NOT_WAITING);
    bench_restart(&b); /* it is on record now */
    turn(&b);
    assert_false(edge_holds(&b));
    bench_free(&b);
}

static void refused_the_time_is_held_until_the_clock_is_repaired(void **state)
{
    (void)state;
    struct bench b;
    struct answered a;
    clock_init(&b);
    publish_for(&b, 1, US_PER_HOUR);
    jump(&b, JUMP);
    assert_int_equal(act(&b, CONTROL_REFUSE_CLOCK, "clock +7200", SEO, NULL), CONTROL_CODE_DONE);
    advance(&b, US_PER_MINUTE);
    assert_true(is_there(&b, 1));
    ask_control(&b, &(struct control_request){.ask = CONTROL_LIST, .list = CONTROL_CLOCK}, &a);
    assert_int_equal(a.is.items, 1);
    assert_true(bytes_is(a.item[0].subject, "clock +7200"));
    assert_true(bytes_is(a.item[0].failed, "1 of 1 scopes"));
    assert_true(a.item[0].overdue && a.item[0].went_ahead);
    assert_int_equal(a.item[0].since_us, NOON + US_PER_MINUTE);
    assert_int_equal(a.item[0].due_us, b.wall_us);
    buf_free(&a.bytes);
    jump(&b, -JUMP);
    assert_false(edge_holds(&b));
    assert_int_equal(offered(&b, 1), 1);
    advance(&b, US_PER_HOUR);
    confirm_wipe(&b);
    assert_false(is_there(&b, 1));
    bench_free(&b);
}

/* Signed for two hours, it does not count for two days. */
static void what_was_signed_counts_for_the_jump_that_was_shown(void **state)
{
    (void)state;
    struct bench b;
    struct answered a;
    clock_init(&b);
    publish_for(&b, 1, US_PER_HOUR);
    publish_for(&b, 2, US_PER_DAY);
    jump(&b, JUMP);
    assert_int_equal(prepare(&b, CONTROL_ACCEPT_CLOCK, "clock +7200", SEO, &a), CONTROL_CODE_DONE);
    jump(&b, 2 * US_PER_DAY);
    assert_int_equal(submit(&b, a.is.text, SEO, NULL), CONTROL_CODE_NOT_FOUND);
    buf_free(&a.bytes);
    assert_true(is_there(&b, 2));
    assert_int_equal(count_leaves(&b, "clock-uncertain"), 2);
    bench_free(&b);
}

/* ---- other deadlines */

/* What waits for persons goes by the held time as well: nobody is late by a clock that is asked
 * about. */
static void cases_wait_by_the_held_time(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    clock_init(&b);
    publish_for(&b, 9, US_PER_HOUR);
    hold(&b, 1, ROAD_APPROVAL, 1, subject); /* within half an hour */
    jump(&b, JUMP);
    assert_int_equal(listed(&b, ROAD_APPROVAL), 1);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, KIM, NULL), CONTROL_CODE_DONE);
    bench_free(&b);
}

static void cases_expire_by_the_steady_clock_meanwhile(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    clock_init(&b);
    publish_for(&b, 9, US_PER_HOUR);
    hold(&b, 1, ROAD_APPROVAL, 1, subject);
    jump(&b, JUMP);
    advance(&b, 31 * US_PER_MINUTE);
    assert_int_equal(listed(&b, ROAD_APPROVAL), 0);
    bench_free(&b);
}

/* Leap days are days, and so are those of a zone that turns its clocks: deadlines are instants. */
static void a_leap_day_is_a_day(void **state)
{
    (void)state;
    struct bench b;
    int64_t eve, after;
    clock_init(&b);
    assert_true(time_parse("2028-02-28T23:00:00+09:00", 25, zone_named("Asia/Seoul"), &eve));
    assert_true(time_parse("2028-03-01T23:00:00+09:00", 25, zone_named("Asia/Seoul"), &after));
    assert_int_equal(after - eve, 2 * US_PER_DAY);
    b.config.clock_jump_us = 0;
    b.wall_us = eve;
    bench_restart(&b);
    publish_for(&b, 1, 2 * US_PER_DAY);
    advance(&b, 2 * US_PER_DAY - US_PER_S);
    assert_true(is_there(&b, 1));
    advance(&b, US_PER_S);
    assert_int_equal(b.wall_us, after);
    confirm_wipe(&b);
    assert_false(is_there(&b, 1));
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_set_back_brings_nothing_back_and_destroys_nothing_twice),
        cmocka_unit_test(set_right_again_is_no_jump),
        cmocka_unit_test(within_the_bound_the_clock_is_believed),
        cmocka_unit_test(a_clock_that_creeps_ahead_is_asked_about_too),
        cmocka_unit_test(a_jump_that_ends_little_is_recorded_and_believed),
        cmocka_unit_test(what_no_deadline_destroys_does_not_count),
        cmocka_unit_test(after_it_was_set_back_it_may_not_jump_ahead_again),
        cmocka_unit_test(a_jump_that_would_end_much_destroys_nothing_and_lets_nothing_late_leave),
        cmocka_unit_test(nothing_of_that_time_comes_on_record),
        cmocka_unit_test(what_was_offered_before_the_jump_does_not_leave_after_it),
        cmocka_unit_test(what_began_in_that_moment_is_recorded_by_the_held_time),
        cmocka_unit_test(a_start_long_after_the_last_record_asks),
        cmocka_unit_test(an_officer_of_the_operator_accepts_and_what_is_due_is_destroyed),
        cmocka_unit_test(refused_the_time_is_held_until_the_clock_is_repaired),
        cmocka_unit_test(what_was_signed_counts_for_the_jump_that_was_shown),
        cmocka_unit_test(cases_wait_by_the_held_time),
        cmocka_unit_test(cases_expire_by_the_steady_clock_meanwhile),
        cmocka_unit_test(a_leap_day_is_a_day),
    };
    return cmocka_run_group_tests(tests, appoint, dismiss_all);
}

#include "support.h"

static bool key_is_there(struct bench *b, uint64_t id)
{
    return kept(b, id) != NULL;
}

static void at_its_deadline_a_key_is_erased_and_that_is_recorded(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    bench_init(&b);
    publish(&b, 1);
    make_commit(&b, 2, 2, &c);
    with_scope(&b, &c, 2);
    c.scope[0].deadline_us += US_PER_HOUR;
    c.recipient[0].deadline_us += US_PER_HOUR;
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    advance(&b, US_PER_HOUR);
    assert_true(key_is_there(&b, 1)); /* the edge is asked first */
    confirm_wipe(&b);
    assert_false(key_is_there(&b, 1));
    assert_true(key_is_there(&b, 2));
    assert_int_equal(b.disk.generation, 2);
    assert_null(spool_scopes_get(b.l->scopes, 1));
    assert_int_equal(count_leaves(&b, "\"destroyed\""), 1);
    assert_int_equal(count_leaves(&b, "\"expired\""), 1);
    assert_int_equal(count_leaves(&b, "unconfirmed"), 0);
    bench_restart(
        &b); /* what the ledger gives the keeper opens, and the dead one is not among it */
    assert_int_equal(b.scopes, 1);
    assert_true(key_is_there(&b, 2));
    bench_free(&b);
}

/* The model (ipc/road.pml) found that an edge which had forgotten could be given the key again, by
 * a message of the same incident, before the keeper heard that it was to be erased: the destruction
 * was recorded, and the edge still had the key. */
static void the_keeper_gives_a_key_to_nobody_before_the_edge_forgets_it(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish(&b, 1);
    turn(&b);
    forget_said(&b);
    b.wall_us += US_PER_HOUR;
    b.steady_us += US_PER_HOUR;
    assert_int_equal(destruction_begin(b.l, b.wall_us), RESULT_OK);
    assert_true(kept(&b, 1)->doomed);
    assert_int_equal(count_said(&b, IPC_WIPE), 0);
    turn(&b);
    assert_int_equal(count_said(&b, IPC_WIPE), 1);
    confirm_wipe(&b);
    assert_false(key_is_there(&b, 1));
    bench_free(&b);
}

/* A keeper that was away then is not given what is to be erased when it comes back. */
static void a_keeper_that_comes_back_is_not_given_the_doomed(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish(&b, 1);
    b.no_keeper = true;
    advance(&b, US_PER_HOUR);
    b.no_keeper = false;
    assert_int_equal(ledger_keeper_came(b.l), RESULT_OK);
    assert_false(key_is_there(&b, 1));
    bench_free(&b);
}

static void the_sender_is_told_what_did_not_arrive(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish(&b, 1);
    advance(&b, US_PER_HOUR);
    assert_int_equal(subscribe(&b, 1, CENTRE, "default"), RESULT_OK);
    turn(&b);
    const struct road_deliver d = delivered(&b);
    assert_true(d.is_outcome);
    assert_int_equal(d.outcome.about.b[0], 1);
    assert_true(bytes_is(d.outcome.to, FIRE));
    assert_true(bytes_is(d.outcome.reason, "deadline-passed"));
    send_release(&b, &d, true);
    turn(&b);
    assert_true(released(&b).go);
    acknowledge(&b, &d, 0);
    turn(&b);
    bench_restart(&b);
    assert_int_equal(spool_entries(b.l->queues), 0);
    bench_free(&b);
}

/* Whoever listens to what is real hears nothing of it. */
static void what_became_of_an_exercise_is_told_where_exercises_go(void **state)
{
    (void)state;
    static const char *const queue[][2] = {{"exercise", "exercise"}, {"test", "default"}};
    for (size_t i = 0; i < ARRAY_LEN(queue); i++) {
        struct bench b;
        struct road_commit c;
        bench_init(&b);
        make_commit(&b, 1, 1, &c);
        c.envelope.status = bytes_of_text(queue[i][0]);
        with_scope(&b, &c, 1);
        assert_int_equal(send_commit(&b, &c), RESULT_OK);
        turn(&b);
        advance(&b, US_PER_HOUR);
        bench_restart(&b);
        assert_int_equal(subscribe(&b, 1, CENTRE, queue[i][1]), RESULT_OK);
        turn(&b);
        const struct road_deliver d = delivered(&b);
        assert_true(d.is_outcome);
        assert_true(bytes_is(d.envelope.status, queue[i][0]));
        assert_int_equal(d.outcome.step, OUTCOME_EXPIRED);
        bench_free(&b);
    }
}

static void an_outcome_that_nobody_fetches_expires_after_a_day(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish(&b, 1);
    advance(&b, US_PER_HOUR);
    assert_int_equal(spool_entries(b.l->queues), 1);
    advance(&b, US_PER_DAY);
    assert_int_equal(spool_entries(b.l->queues), 0);
    bench_restart(&b);
    assert_int_equal(spool_entries(b.l->queues), 0);
    bench_free(&b);
}

/* It once waited for ever: an edge that was silent kept every key alive. */
static void an_edge_that_does_not_answer_saves_no_key(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish(&b, 1);
    advance(&b, US_PER_HOUR);
    advance(&b, 9 * US_PER_S);
    assert_true(key_is_there(&b, 1));
    advance(&b, US_PER_S);
    assert_false(key_is_there(&b, 1));
    assert_int_equal(count_leaves(&b, "edge=unconfirmed"), 1);
    bench_free(&b);
}

static void an_edge_that_is_gone_has_forgotten(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish(&b, 1);
    advance(&b, US_PER_HOUR);
    ledger_edge_went(b.l);
    turn(&b);
    assert_false(key_is_there(&b, 1));
    assert_int_equal(count_leaves(&b, "unconfirmed"), 0);
    bench_free(&b);
}

static void without_a_keeper_a_destruction_waits(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish(&b, 1);
    advance(&b, US_PER_HOUR);
    b.no_keeper = true;
    confirm_wipe(&b);
    assert_int_equal(b.disk.generation, 1);
    b.no_keeper = false;
    advance(&b, US_PER_S);
    assert_int_equal(b.disk.generation, 2);
    assert_int_equal(count_leaves(&b, "\"destroyed\""), 1);
    bench_free(&b);
}

/* It was tried again a second later by a clock that stood still: what had expired was on record, by
 * an hour that the wall clock had yet to reach a second time. */
static void a_clock_that_goes_back_does_not_keep_a_destruction_waiting(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish(&b, 1);
    advance(&b, US_PER_HOUR);
    b.no_keeper = true;
    confirm_wipe(&b);
    assert_int_equal(b.disk.generation, 1);
    b.no_keeper = false;
    b.wall_us -= 30 * US_PER_MINUTE;
    b.steady_us += 2 * US_PER_S;
    turn(&b);
    assert_int_equal(b.disk.generation, 2);
    bench_free(&b);
}

/* The secret is overwritten, and the ledger ends before it can record that. */
static void a_crash_behind_the_rotation_is_recorded_at_the_next_start(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    bench_init(&b);
    publish(&b, 1);
    make_commit(&b, 2, 2, &c);
    with_scope(&b, &c, 2);
    c.scope[0].deadline_us += US_PER_HOUR;
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    ledger_edge_went(b.l);
    b.keeper_dies_at_rotation = true;
    b.wall_us += US_PER_HOUR;
    assert_int_equal(ledger_turn(b.l), RESULT_IO);
    b.keeper_dies_at_rotation = false;
    bench_restart(&b);
    assert_null(spool_scopes_get(b.l->scopes, 1));
    assert_non_null(spool_scopes_get(b.l->scopes, 2));
    assert_int_equal(spool_scopes_get(b.l->scopes, 2)->slot.generation, 2);
    assert_int_equal(count_leaves(&b, "\"destroyed\""), 1);
    bench_restart(&b);
    assert_int_equal(count_leaves(&b, "\"destroyed\""), 1);
    bench_free(&b);
}

/* Each expiry is a few records; all of them in one frame were once more than a journal takes. */
static void thousands_that_expire_at_once_go_in_turns(void **state)
{
    (void)state;
    enum { MESSAGES = 300, RECIPIENTS = 50 };
    struct bench b;
    struct road_commit c;
    char unit[RECIPIENTS][32];
    bench_init(&b);
    b.config.segment_bytes = 1 << 20;
    bench_restart(&b);
    for (uint16_t i = 0; i < MESSAGES; i++) {
        make_commit(&b, (uint8_t)(i >> 8), 1, &c);
        c.envelope.id.b[1] = (uint8_t)i;
        if (i == 0)
            with_scope(&b, &c, 1);
        for (size_t k = 0; k < RECIPIENTS; k++) {
            (void)snprintf(unit[k], sizeof unit[k], "party-%zu/unit", k);
            c.recipient[k] = c.recipient[0];
            c.recipient[k].unit = bytes_of_text(unit[k]);
        }
        c.recipients = RECIPIENTS;
        assert_int_equal(send_commit(&b, &c), RESULT_OK);
    }
    turn(&b);
    assert_int_equal(spool_entries(b.l->queues), MESSAGES * RECIPIENTS);
    forget_said(&b);
    ledger_edge_went(b.l);
    b.wall_us += US_PER_HOUR;
    size_t turns = 0;
    for (; b.disk.generation == 1; turns++)
        turn(&b);
    assert_int_equal(turns, MESSAGES * RECIPIENTS / 1000);
    assert_int_equal(count_leaves(&b, "\"expired\""), MESSAGES * RECIPIENTS);
    bench_restart(&b);
    assert_int_equal(spool_scopes_count(b.l->scopes), 0);
    bench_free(&b);
}

/* So many scopes that end in an hour, and so many that end later. */
static void publish_many(struct bench *b, uint8_t due, uint8_t later)
{
    struct road_commit c;
    for (uint8_t id = 1; id <= due + later; id++) {
        make_commit(b, id, id, &c);
        with_scope(b, &c, id);
        if (id > due) {
            c.scope[0].deadline_us += US_PER_HOUR;
            c.recipient[0].deadline_us += US_PER_HOUR;
        } else {
            c.scope[0].deadline_us += (id - 1) * US_PER_S / 1000;
        }
        assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
    }
    forget_said(b);
}

/* All survivors are wrapped anew for a single one that is due: 100,000 alerts of which some ended
 * each second left the ledger no time for anything else. */
static void where_few_are_due_beside_many_others_have_their_turn_between(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish_many(&b, 2, 40);
    b.rewrap_us = US_PER_S / 10;
    advance(&b, US_PER_HOUR);
    confirm_wipe(&b);
    assert_false(key_is_there(&b, 1));
    assert_true(key_is_there(&b, 2)); /* due since */
    assert_int_equal(count_said(&b, IPC_WIPE), 0);
    assert_int_equal(ledger_idle_us(b.l, US_PER_S), 3 * US_PER_S / 10);
    advance(&b, 3 * US_PER_S / 10 - 1);
    assert_int_equal(count_said(&b, IPC_WIPE), 0);
    advance(&b, 1);
    confirm_wipe(&b);
    assert_false(key_is_there(&b, 2));
    bench_free(&b);
}

static void it_rests_no_longer_than_half_a_second(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish_many(&b, 2, 40);
    b.rewrap_us = US_PER_S;
    advance(&b, US_PER_HOUR);
    confirm_wipe(&b);
    advance(&b, US_PER_S / 2 - 1);
    assert_int_equal(count_said(&b, IPC_WIPE), 0);
    advance(&b, 1);
    assert_int_equal(count_said(&b, IPC_WIPE), 1);
    bench_free(&b);
}

static void where_many_are_due_it_does_not_rest(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish_many(&b, 2, 4);
    b.rewrap_us = US_PER_S / 10;
    advance(&b, US_PER_HOUR);
    confirm_wipe(&b);
    turn(&b);
    confirm_wipe(&b);
    assert_false(key_is_there(&b, 2));
    bench_free(&b);
}

static void a_clock_that_jumps_back_brings_nothing_back(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish(&b, 1);
    b.wall_us += 10 * US_PER_MINUTE;
    publish(&b, 2);
    b.wall_us = NOON - US_PER_HOUR;
    assert_int_equal(ledger_now(b.l), NOON + 10 * US_PER_MINUTE);
    bench_restart(&b);
    assert_int_equal(ledger_now(b.l), NOON + 10 * US_PER_MINUTE);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_its_deadline_a_key_is_erased_and_that_is_recorded),
        cmocka_unit_test(the_keeper_gives_a_key_to_nobody_before_the_edge_forgets_it),
        cmocka_unit_test(a_keeper_that_comes_back_is_not_given_the_doomed),
        cmocka_unit_test(the_sender_is_told_what_did_not_arrive),
        cmocka_unit_test(what_became_of_an_exercise_is_told_where_exercises_go),
        cmocka_unit_test(an_outcome_that_nobody_fetches_expires_after_a_day),
        cmocka_unit_test(an_edge_that_does_not_answer_saves_no_key),
        cmocka_unit_test(an_edge_that_is_gone_has_forgotten),
        cmocka_unit_test(without_a_keeper_a_destruction_waits),
        cmocka_unit_test(a_clock_that_goes_back_does_not_keep_a_destruction_waiting),
        cmocka_unit_test(a_crash_behind_the_rotation_is_recorded_at_the_next_start),
        cmocka_unit_test(thousands_that_expire_at_once_go_in_turns),
        cmocka_unit_test(where_few_are_due_beside_many_others_have_their_turn_between),
        cmocka_unit_test(it_rests_no_longer_than_half_a_second),
        cmocka_unit_test(where_many_are_due_it_does_not_rest),
        cmocka_unit_test(a_clock_that_jumps_back_brings_nothing_back),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

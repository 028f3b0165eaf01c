/* What is over while a destruction waits, for a keeper or for room. */
#include "support.h"

/* A message of this number for FIRE, with a scope of its own, until then. */
static void publish_until(struct bench *b, uint8_t id, int64_t deadline_us)
{
    struct road_commit c;
    make_commit(b, id, id, &c);
    with_scope(b, &c, id);
    c.scope[0].deadline_us = c.recipient[0].deadline_us = deadline_us;
    assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
}

/* From now on nothing else expires: the keys of scope 1 are to be erased, and nobody can do it. */
static void begin_to_wait(struct bench *b)
{
    publish(b, 1);
    b->no_keeper = true;
    advance(b, US_PER_HOUR);
    confirm_wipe(b);
    assert_int_equal(b->l->destruction.step, DESTRUCTION_READY);
    forget_said(b);
}

static uint8_t number_of(const struct road_deliver *d)
{
    return d->envelope.id.b[0];
}

/* It was thought to expire in a moment, and stood in front of every alert for its unit until the
 * disk had room, the keeper came or the edge had answered. */
static void nobody_waits_behind_what_is_over_while_a_destruction_waits(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b);
    publish_until(&b, 2, NOON + US_PER_HOUR + US_PER_MINUTE);
    publish_until(&b, 3, NOON + US_PER_DAY);
    begin_to_wait(&b);
    advance(&b, US_PER_MINUTE);
    assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
    turn(&b);
    const struct road_deliver d = delivered(&b);
    assert_int_equal(number_of(&d), 3);
    assert_int_equal(count_said(&b, IPC_DELIVER), 0);
    b.no_keeper = false;
    advance(&b, US_PER_S); /* the first keys go, */
    advance(&b, US_PER_S); /* then the next are due */
    confirm_wipe(&b);
    assert_null(spool_scopes_get(b.l->scopes, 2));
    assert_int_equal(count_leaves(&b, "\"expired\""), 2);
    bench_free(&b);
}

/* It took its place in the consumer's hands until then. */
static void what_is_over_before_its_second_decision_leaves_the_hands(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b);
    publish_until(&b, 2, NOON + US_PER_HOUR + US_PER_MINUTE);
    begin_to_wait(&b);
    assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
    turn(&b);
    const struct road_deliver d = delivered(&b);
    const struct spool_queue *queue = spool_queue_of(b.l->queues, 1);
    assert_int_equal(queue->consumer.window.taken, 1);
    advance(&b, US_PER_MINUTE);
    send_release(&b, &d, true);
    turn(&b);
    assert_false(released(&b).go);
    assert_int_equal(queue->consumer.window.taken, 0);
    bench_free(&b);
}

static void what_was_about_to_end_is_offered_when_its_incident_is_open_again(void **state)
{
    struct bench b;
    struct road_commit c;
    (void)state;
    bench_init(&b);
    move_incident(&b, 50, INCIDENT_OPEN);
    make_commit(&b, 2, 2, &c);
    with_scope(&b, &c, 2);
    c.scope[0].incident = bytes_of_text(INCIDENT);
    c.scope[0].starts = SPOOL_INCIDENT_END;
    c.scope[0].delay_us = 10 * US_PER_MINUTE;
    c.scope[0].deadline_us = c.recipient[0].deadline_us = NOON + US_PER_DAY;
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    begin_to_wait(&b);
    move_incident(&b, 51, INCIDENT_CLOSE);
    advance(&b, 10 * US_PER_MINUTE);
    assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
    turn(&b);
    assert_int_equal(count_said(&b, IPC_DELIVER), 0);
    move_incident(&b, 52, INCIDENT_REOPEN);
    turn(&b);
    const struct road_deliver d = delivered(&b);
    assert_int_equal(number_of(&d), 2);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_waits_behind_what_is_over_while_a_destruction_waits),
        cmocka_unit_test(what_is_over_before_its_second_decision_leaves_the_hands),
        cmocka_unit_test(what_was_about_to_end_is_offered_when_its_incident_is_open_again),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

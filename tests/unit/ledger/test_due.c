/* What is to be destroyed, as the control socket tells it. */
#include "officers.h"

static void publish_for(struct bench *b, uint8_t id, int64_t lives_us)
{
    struct road_commit c;
    make_commit(b, id, id, &c);
    with_scope(b, &c, id);
    c.scope[0].deadline_us = c.recipient[0].deadline_us = b->wall_us + lives_us;
    assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
}

static void ask_due(struct bench *b, const char *after, struct answered *a)
{
    ask_control(b,
                &(struct control_request){
                    .ask = CONTROL_LIST, .list = CONTROL_DUE, .after = bytes_of_text(after)},
                a);
}

static void what_is_due_first_stands_in_front_with_why_and_what_waits(void **state)
{
    (void)state;
    struct bench b;
    struct answered a;
    bench_init(&b);
    publish_for(&b, 1, US_PER_DAY);
    publish_for(&b, 2, US_PER_HOUR);
    ask_due(&b, "", &a);
    assert_true(a.is.items >= 2 && !a.is.more);
    assert_true(bytes_is(a.item[0].subject, "scope 2"));
    assert_int_equal(a.item[0].due_us, b.wall_us + US_PER_HOUR);
    assert_true(bytes_is(a.item[0].failed, "deadline"));
    assert_true(bytes_is(a.item[0].reason, "arrival"));
    assert_true(bytes_is(a.item[0].unit, "1"));
    assert_true(bytes_is(a.item[1].subject, "scope 1"));
    buf_free(&a.bytes);
    ask_due(&b, "scope 2", &a);
    assert_true(bytes_is(a.item[0].subject, "scope 1"));
    buf_free(&a.bytes);
    bench_free(&b);
}

static void a_scope_without_deliveries_goes_soon_for_nothing_is_left(void **state)
{
    (void)state;
    struct bench b;
    struct answered a;
    bench_init(&b);
    assert_int_equal(subscribe(&b, 7, FIRE, "default"), RESULT_OK);
    turn(&b);
    publish_for(&b, 1, US_PER_DAY);
    turn(&b);
    const struct road_deliver d = delivered(&b);
    send_release(&b, &d, true);
    turn(&b);
    acknowledge(&b, &d, 0);
    turn(&b);
    ask_due(&b, "", &a);
    assert_true(bytes_is(a.item[0].subject, "scope 1"));
    assert_true(bytes_is(a.item[0].failed, "nothing-left"));
    assert_true(bytes_is(a.item[0].unit, "0"));
    assert_int_equal(a.item[0].due_us, b.wall_us + SPOOL_LINGER);
    assert_int_equal(a.item[0].since_us, b.wall_us + US_PER_DAY);
    buf_free(&a.bytes);
    bench_free(&b);
}

static void what_is_being_destroyed_is_due_no_more(void **state)
{
    (void)state;
    struct bench b;
    struct answered a;
    bench_init(&b);
    publish_for(&b, 1, US_PER_HOUR);
    advance(&b, US_PER_HOUR); /* the edge has not confirmed yet */
    ask_due(&b, "", &a);
    for (size_t i = 0; i < a.is.items; i++)
        assert_false(bytes_is(a.item[i].subject, "scope 1"));
    buf_free(&a.bytes);
    confirm_wipe(&b);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_due_first_stands_in_front_with_why_and_what_waits),
        cmocka_unit_test(a_scope_without_deliveries_goes_soon_for_nothing_is_left),
        cmocka_unit_test(what_is_being_destroyed_is_due_no_more),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

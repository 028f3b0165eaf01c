#include "spool/stored.h"

#include "support.h"

static struct stored *came(struct stored_round *r, uint64_t index)
{
    return stored_new(r, index, NOON, (struct journal_place){1, 2, 3, 0}, 0);
}

/* What a lap meets, as digits; it ends where the lap does. */
static uint64_t rest_of_lap(struct stored_round *r)
{
    struct stored *s;
    uint64_t met = 0;
    while ((s = stored_next(r)) != NULL) {
        met = met * 10 + s->index;
        stored_done(r, s);
    }
    return met;
}

static void drop_all(struct stored_round *r)
{
    struct stored *s;
    while ((s = TAILQ_FIRST(&r->turns)) != NULL)
        stored_drop(r, s);
}

static void a_lap_meets_each_once_and_none_that_came_meanwhile(void **state)
{
    (void)state;
    struct stored_round r;
    stored_round_init(&r);
    (void)came(&r, 1);
    (void)came(&r, 2);
    assert_null(stored_next(&r)); /* no lap has begun */
    stored_begin_lap(&r);
    stored_done(&r, stored_next(&r));
    (void)came(&r, 3);
    assert_int_equal(rest_of_lap(&r), 2);
    assert_int_equal(rest_of_lap(&r), 0);
    drop_all(&r);
}

static void the_next_lap_meets_all_in_the_order_in_which_they_came(void **state)
{
    (void)state;
    struct stored_round r;
    stored_round_init(&r);
    for (uint64_t i = 1; i <= 3; i++)
        (void)came(&r, i);
    stored_begin_lap(&r);
    stored_done(&r, stored_next(&r));
    (void)came(&r, 4);
    stored_done(&r, stored_next(&r));
    (void)came(&r, 5);
    assert_int_equal(rest_of_lap(&r), 3);
    (void)came(&r, 6);
    stored_begin_lap(&r);
    assert_int_equal(rest_of_lap(&r), 123456);
    stored_begin_lap(&r);
    assert_int_equal(rest_of_lap(&r), 123456);
    drop_all(&r);
}

static void what_came_first_in_a_lap_may_go_before_the_lap_ends(void **state)
{
    (void)state;
    struct stored_round r;
    stored_round_init(&r);
    (void)came(&r, 1);
    (void)came(&r, 2);
    stored_begin_lap(&r);
    struct stored *third = came(&r, 3);
    (void)came(&r, 4);
    stored_drop(&r, third);
    assert_int_equal(rest_of_lap(&r), 12);
    stored_begin_lap(&r);
    struct stored *fifth = came(&r, 5); /* alone */
    stored_drop(&r, fifth);
    assert_int_equal(rest_of_lap(&r), 124);
    stored_begin_lap(&r);
    assert_int_equal(rest_of_lap(&r), 124);
    drop_all(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lap_meets_each_once_and_none_that_came_meanwhile),
        cmocka_unit_test(the_next_lap_meets_all_in_the_order_in_which_they_came),
        cmocka_unit_test(what_came_first_in_a_lap_may_go_before_the_lap_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

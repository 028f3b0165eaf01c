#include "base/lanes.h"

#include "support.h"

#include "base/attr.h"
#include "base/map.h"

#include <stdio.h>

enum { ITEMS = 5000, MANY = 1000000 };

/* Something that waits: its number is the order in which it came. */
struct parcel {
    unsigned number;
    size_t bytes;
    struct lanes_item item;
};

struct bench {
    struct lanes_book book;
    struct lanes lanes;
    struct lanes_window window;
    struct parcel parcel[ITEMS];
    unsigned count;
};

static struct parcel *parcel_of(struct lanes_item *i)
{
    return i == NULL ? NULL : CONTAINER_OF(i, struct parcel, item);
}

static size_t bytes_of_item(const struct lanes_item *i)
{
    return CONTAINER_OF(i, const struct parcel, item)->bytes;
}

static bool is_before(const struct lanes_item *a, const struct lanes_item *b)
{
    return CONTAINER_OF(a, const struct parcel, item)->number <
           CONTAINER_OF(b, const struct parcel, item)->number;
}

static void bench_init(struct bench *b)
{
    memset(b, 0, sizeof *b);
    b->window = (struct lanes_window){.most = MANY, .most_bytes = (uint64_t)1 << 40};
    lanes_book_init(&b->book, bytes_of_item, is_before);
    lanes_init(&b->lanes, &b->book);
}

static void bench_free(struct bench *b)
{
    lanes_book_free(&b->book);
}

static struct parcel *join(struct bench *b, const char *party, unsigned lane, size_t bytes)
{
    assert_true(b->count < ITEMS);
    struct parcel *p = &b->parcel[b->count];
    *p = (struct parcel){.number = b->count++, .bytes = bytes};
    lanes_join(&b->lanes, lane, bytes_of_text(party), &p->item);
    return p;
}

static struct parcel *put(struct bench *b, const char *party, unsigned lane, size_t bytes)
{
    struct parcel *p = join(b, party, lane, bytes);
    lanes_put(&p->item);
    return p;
}

static void put_many(struct bench *b, unsigned count, const char *party, unsigned lane,
                     size_t bytes)
{
    for (unsigned i = 0; i < count; i++)
        (void)put(b, party, lane, bytes);
}

static struct parcel *serve(struct bench *b)
{
    struct parcel *p = parcel_of(lanes_next(&b->lanes, &b->window));
    if (p != NULL)
        lanes_serve(&p->item, &b->window);
    return p;
}

/* The next goes and is done. */
static struct parcel *go(struct bench *b)
{
    struct parcel *p = serve(b);
    if (p != NULL)
        lanes_done(&p->item, &b->window);
    return p;
}

/* How many go before this one does, and how many bytes. */
static unsigned passed(struct bench *b, const struct parcel *wanted, size_t *bytes)
{
    unsigned count = 0;
    const struct parcel *p;
    size_t ignored = 0;
    bytes = bytes == NULL ? &ignored : bytes;
    *bytes = 0;
    while ((p = go(b)) != wanted) {
        assert_non_null(p);
        count++;
        *bytes += p->bytes;
    }
    return count;
}

/* ---- parties */

static void a_party_that_floods_delays_the_alert_of_another_by_four_of_its_own_at_most(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    put_many(&b, 4000, "flood/desk", 0, 700);
    for (unsigned i = 0; i < 200; i++) {
        for (unsigned k = 0; k < i % 7; k++)
            (void)go(&b);
        assert_true(passed(&b, put(&b, "quiet/desk", 0, 700), NULL) <= 4);
    }
    bench_free(&b);
}

static void nor_do_many_parties_each_by_more(void **state)
{
    (void)state;
    enum { PARTIES = 100 };
    struct bench b;
    char name[24];
    bench_init(&b);
    for (unsigned i = 0; i < PARTIES; i++) {
        (void)snprintf(name, sizeof name, "flood-%u/desk", i);
        put_many(&b, 40, name, 0, 1000);
    }
    for (unsigned i = 0; i < 5; i++)
        assert_true(passed(&b, put(&b, "quiet/desk", 0, 700), NULL) <= 4 * PARTIES);
    bench_free(&b);
}

static void units_of_one_party_share_its_turn(void **state)
{
    (void)state;
    struct bench b;
    char name[24];
    bench_init(&b);
    for (unsigned i = 0; i < 100; i++) {
        (void)snprintf(name, sizeof name, "flood/unit-%u", i);
        put_many(&b, 10, name, 0, 700);
    }
    assert_true(passed(&b, put(&b, "quiet/desk", 0, 700), NULL) <= 4);
    bench_free(&b);
}

static void whoever_sends_large_ones_gets_no_more_bytes_than_who_sends_small_ones(void **state)
{
    (void)state;
    struct bench b;
    size_t large = 0, small = 0;
    bench_init(&b);
    put_many(&b, 300, "large/desk", 0, 60000);
    put_many(&b, 4000, "small/desk", 0, 1200);
    for (unsigned i = 0; i < 2000; i++) {
        const struct parcel *p = go(&b);
        *(p->bytes == 60000 ? &large : &small) += p->bytes;
    }
    assert_true(large <= small + 60000 && small <= large + 60000);
    bench_free(&b);
}

/* What was too much in one turn is taken off the next ones, also when nothing waits meanwhile. */
static void nobody_gains_by_sending_one_large_one_at_a_time(void **state)
{
    (void)state;
    struct bench b;
    size_t bytes = 0, small = 0;
    bench_init(&b);
    put_many(&b, 3000, "small/desk", 1, 1024);
    struct parcel *held = join(&b, "large/desk", 1, 0); /* it is under way all the time */
    for (unsigned i = 0; i < 20; i++) {
        (void)passed(&b, put(&b, "large/desk", 1, 64 * 1024), &bytes);
        small += i == 0 ? 0 : bytes;
    }
    assert_true(small >= 19 * 56 * 1024);
    lanes_leave(&held->item, false);
    bench_free(&b);
}

static void one_party_s_items_keep_their_order(void **state)
{
    (void)state;
    struct bench b;
    struct chance chance = {0};
    static const char *const party[] = {"a/x", "b/x", "c/x", "a/y"};
    unsigned last[3][LANES] = {{0}};
    const struct parcel *p;
    bench_init(&b);
    for (unsigned i = 0; i < 3000; i++)
        (void)put(&b, party[chance_below(&chance, 4)], (unsigned)chance_below(&chance, LANES),
                  chance_below(&chance, 20000));
    for (unsigned i = 0; i < 3000; i++) {
        assert_non_null(p = go(&b));
        unsigned *before = &last[p->item.flow->party[0] - 'a'][p->item.flow->lane];
        assert_true(*before <= p->number);
        *before = p->number;
    }
    assert_null(go(&b));
    assert_true(lanes_are_empty(&b.lanes));
    bench_free(&b);
}

/* ---- lanes */

static void nothing_of_a_later_lane_goes_before_what_came_later_in_an_earlier_one(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    put_many(&b, 5, "a/x", 2, 100);
    put_many(&b, 5, "b/x", 1, 100);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(passed(&b, put(&b, "c/x", 0, 100), NULL), 0);
    assert_int_equal(go(&b)->item.flow->lane, 1);
    bench_free(&b);
}

/* The guard: sixteen alerts for a message as large as they are. */
static void what_waits_behind_urgent_ones_goes_when_sixteen_times_its_size_has_passed(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const struct parcel *normal = put(&b, "a/x", 1, 900), *bulk = put(&b, "a/x", 2, 900);
    put_many(&b, 100, "b/x", 0, 900);
    assert_int_equal(passed(&b, normal, NULL), LANES_GUARD);
    assert_int_equal(passed(&b, bulk, NULL), 0);
    put_many(&b, 1000, "b/x", 0, 900);
    const struct parcel *photo = put(&b, "a/x", 1, 45000);
    size_t bytes;
    (void)passed(&b, photo, &bytes);
    assert_in_range(bytes, LANES_GUARD * 45000 * 800 / 1024, LANES_GUARD * 45000 + 1024);
    bench_free(&b);
}

/* However many large ones wait, alerts have sixteen bytes of seventeen. */
static void no_flood_of_a_later_lane_takes_more_than_the_guard_gives_it(void **state)
{
    (void)state;
    struct bench b;
    unsigned urgent = 0, other = 0;
    bench_init(&b);
    put_many(&b, 2000, "a/x", 1, 1024);
    put_many(&b, 1700, "b/x", 0, 1024);
    for (unsigned i = 0; i < 1700; i++)
        *(go(&b)->item.flow->lane == 0 ? &urgent : &other) += 1;
    assert_int_equal(urgent, 1600);
    assert_int_equal(other, 100);
    bench_free(&b);
}

/* ---- the window */

static void alerts_may_have_a_quarter_more_than_the_window(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    b.window = (struct lanes_window){.most = 8, .most_bytes = 100000};
    put_many(&b, 10, "a/x", 1, 1000);
    for (unsigned i = 0; i < 8; i++)
        assert_non_null(serve(&b));
    assert_null(serve(&b));
    put_many(&b, 3, "b/x", 0, 1000);
    assert_int_equal(serve(&b)->item.flow->lane, 0);
    assert_int_equal(serve(&b)->item.flow->lane, 0);
    assert_null(serve(&b)); /* and it is full */
    bench_free(&b);
}

static void the_same_of_its_bytes(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    b.window = (struct lanes_window){.most = 100, .most_bytes = 7000};
    put_many(&b, 2, "a/x", 1, 3000);
    put_many(&b, 2, "a/x", 2, 3000);
    assert_non_null(serve(&b));
    assert_non_null(serve(&b));
    assert_null(serve(&b));
    put_many(&b, 2, "b/x", 0, 2000);
    assert_int_equal(serve(&b)->bytes, 2000);
    assert_null(serve(&b));
    bench_free(&b);
}

/* Alerts would keep the window too full for it for ever. */
static void one_that_needs_the_whole_window_is_waited_for_in_the_end(void **state)
{
    (void)state;
    struct bench b;
    const struct parcel *flight[2] = {NULL};
    bench_init(&b);
    b.window = (struct lanes_window){.most = 100, .most_bytes = 4096};
    const struct parcel *large = put(&b, "a/x", 1, 5000);
    put_many(&b, 1000, "b/x", 0, 1024);
    flight[0] = serve(&b);
    for (unsigned i = 1; i < 1000 && flight[0] != large; i++) {
        flight[1] = serve(&b);
        lanes_done(&flight[0]->item, &b.window);
        flight[0] = flight[1] != NULL ? flight[1] : serve(&b);
    }
    assert_ptr_equal(flight[0], large);
    bench_free(&b);
}

/* ---- coming back, and leaving */

static void what_comes_back_stands_before_what_came_later(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    put_many(&b, 6, "a/x", 0, 10);
    struct parcel *taken[3];
    for (unsigned i = 0; i < 3; i++)
        taken[i] = serve(&b);
    lanes_put_back(&taken[1]->item);
    lanes_put_back(&taken[2]->item);
    lanes_put_back(&taken[0]->item);
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(go(&b)->number, i);
    bench_free(&b);
}

static void what_is_restored_stands_in_order_before_what_came_meanwhile(void **state)
{
    (void)state;
    struct bench b;
    struct chance chance = {0};
    const struct parcel *p;
    unsigned last = 0;
    bench_init(&b);
    for (unsigned i = 0; i < 300; i++)
        (void)join(&b, i % 3 == 0 ? "a/x" : "b/x", 0, 10);
    for (unsigned n = 0; n < 300; n++) {
        unsigned i = (unsigned)chance_below(&chance, 300);
        while (b.parcel[i].bytes == 0)
            i = (i + 1) % 300;
        b.parcel[i].bytes = 0;
        lanes_restore(&b.parcel[i].item);
        if (n % 50 == 0)
            (void)put(&b, "b/x", 0, 10);
    }
    lanes_sort(&b.lanes);
    for (unsigned n = 0; n < 306; n++) {
        assert_non_null(p = go(&b));
        if (p->item.flow->party[0] == 'a')
            continue;
        assert_true(last < p->number);
        last = p->number;
    }
    assert_null(go(&b));
    bench_free(&b);
}

static void a_party_that_has_nothing_left_is_forgotten(void **state)
{
    (void)state;
    struct bench b;
    char name[24];
    bench_init(&b);
    for (unsigned i = 0; i < 1000; i++) {
        (void)snprintf(name, sizeof name, "party-%u/desk", i);
        struct parcel *p = put(&b, name, i % LANES, 10);
        if (i % 2 == 0)
            assert_ptr_equal(serve(&b), p);
        lanes_leave(&p->item, i % 2 != 0);
        assert_true(map_count(b.book.flows) <= LANES);
    }
    assert_true(lanes_are_empty(&b.lanes));
    bench_free(&b);
}

static void what_is_set_aside_costs_its_party_nothing(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    put_many(&b, 100, "a/x", 0, 1024);
    for (unsigned i = 0; i < 50; i++)
        lanes_set_aside(lanes_next(&b.lanes, &b.window));
    const struct parcel *other = put(&b, "b/x", 0, 1024);
    assert_int_equal(passed(&b, other, NULL), 4);
    assert_int_equal(b.window.taken, 0);
    bench_free(&b);
}

/* What waits for a turn pays for what it is when it goes. */
static void what_changes_its_size_is_counted_with_the_new_one(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct parcel *p = put(&b, "one/desk", 0, 5000);
    (void)put(&b, "one/desk", 0, 10);
    p->bytes = 70;
    lanes_resized(&p->item, 5000);
    assert_int_equal(p->item.flow->bytes, 80);
    assert_ptr_equal(serve(&b), p);
    assert_int_equal(b.window.taken_bytes, 70);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_changes_its_size_is_counted_with_the_new_one),
        cmocka_unit_test(
            a_party_that_floods_delays_the_alert_of_another_by_four_of_its_own_at_most),
        cmocka_unit_test(nor_do_many_parties_each_by_more),
        cmocka_unit_test(units_of_one_party_share_its_turn),
        cmocka_unit_test(whoever_sends_large_ones_gets_no_more_bytes_than_who_sends_small_ones),
        cmocka_unit_test(nobody_gains_by_sending_one_large_one_at_a_time),
        cmocka_unit_test(one_party_s_items_keep_their_order),
        cmocka_unit_test(nothing_of_a_later_lane_goes_before_what_came_later_in_an_earlier_one),
        cmocka_unit_test(what_waits_behind_urgent_ones_goes_when_sixteen_times_its_size_has_passed),
        cmocka_unit_test(no_flood_of_a_later_lane_takes_more_than_the_guard_gives_it),
        cmocka_unit_test(alerts_may_have_a_quarter_more_than_the_window),
        cmocka_unit_test(the_same_of_its_bytes),
        cmocka_unit_test(one_that_needs_the_whole_window_is_waited_for_in_the_end),
        cmocka_unit_test(what_comes_back_stands_before_what_came_later),
        cmocka_unit_test(what_is_restored_stands_in_order_before_what_came_meanwhile),
        cmocka_unit_test(a_party_that_has_nothing_left_is_forgotten),
        cmocka_unit_test(what_is_set_aside_costs_its_party_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

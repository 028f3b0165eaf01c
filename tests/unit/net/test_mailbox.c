/* Mail between threads: order, completeness, bells. */
#include "net/mailbox.h"

#include "net/mailroom.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct mail_test {
    struct bell *bell;
    struct mailbox *box;
};

static int start(void **state)
{
    struct mail_test *t = calloc(1, sizeof *t);
    t->bell = bell_new();
    t->box = mailbox_new(t->bell);
    *state = t;
    return 0;
}

static int end(void **state)
{
    struct mail_test *t = *state;
    mailbox_free(t->box);
    bell_free(t->bell);
    free(t);
    return 0;
}

/* A record that says which one it is and how long, with bytes that follow from both. */
static void put_record(struct mailbox *m, uint64_t number, size_t n)
{
    uint64_t *r = mailbox_put(m, 2 * sizeof *r + n);
    r[0] = number;
    r[1] = n;
    memset(r + 2, (int)(number % 251), n);
    mailbox_post(m);
}

static bool is_record(const uint64_t *r, uint64_t number)
{
    const uint8_t *p = (const uint8_t *)(r + 2);
    for (size_t i = 0; i < r[1]; i++)
        if (p[i] != number % 251)
            return false;
    return r[0] == number;
}

static bool is_rung(const struct bell *b)
{
    struct pollfd p = {bell_fd(b), POLLIN, 0};
    return poll(&p, 1, 0) == 1;
}

/* ---- one thread is enough to see these */

static void records_come_out_as_they_went_in(void **state)
{
    struct mail_test *t = *state;
    static const size_t sizes[] = {0, 1, 15, 16, 17, 1000, 40000, 65536, 300000, 3, 65520, 65521};
    enum { SIZES = sizeof sizes / sizeof sizes[0] };
    assert_null(mailbox_take(t->box));
    for (size_t i = 0; i < 10 * SIZES; i++)
        put_record(t->box, i, sizes[i % SIZES]);
    for (size_t i = 0; i < 10 * SIZES; i++) {
        const uint64_t *r = mailbox_take(t->box);
        assert_non_null(r);
        assert_int_equal((uintptr_t)r % _Alignof(max_align_t), 0);
        assert_int_equal(r[1], sizes[i % SIZES]);
        assert_true(is_record(r, i));
    }
    assert_null(mailbox_take(t->box));
}

static void a_record_is_not_seen_before_it_is_posted(void **state)
{
    struct mail_test *t = *state;
    (void)mailbox_put(t->box, 8);
    assert_null(mailbox_take(t->box));
    mailbox_post(t->box);
    assert_non_null(mailbox_take(t->box));
}

static void what_was_taken_is_wiped(void **state)
{
    struct mail_test *t = *state;
    put_record(t->box, 7, 100);
    const uint8_t *p = mailbox_take(t->box);
    assert_int_equal(p[16], 7);
    assert_null(mailbox_take(t->box));
    for (size_t i = 0; i < 2 * sizeof(uint64_t) + 100; i++)
        assert_int_equal(p[i], 0);
}

static void what_nobody_takes_is_freed_with_the_mailbox(void **state)
{
    struct mail_test *t = *state;
    for (size_t i = 0; i < 1000; i++)
        put_record(t->box, i, 1000); /* end() frees; the sanitizer sees the rest */
}

static void a_bell_rings_once_for_many_records(void **state)
{
    struct mail_test *t = *state;
    put_record(t->box, 0, 8);
    assert_false(is_rung(t->bell));
    mailbox_ring(t->box);
    assert_true(is_rung(t->bell));
    bell_answer(t->bell);
    assert_false(is_rung(t->bell));
    put_record(t->box, 1, 8);
    mailbox_ring(t->box);
    assert_false(is_rung(t->bell)); /* the owner is awake */
    bell_listen(t->bell);
    mailbox_ring(t->box);
    assert_false(is_rung(t->bell)); /* nothing was posted since */
    put_record(t->box, 2, 8);
    mailbox_ring(t->box);
    assert_true(is_rung(t->bell));
}

static void a_long_turn_of_the_putter_rings_in_between(void **state)
{
    struct mail_test *t = *state;
    for (size_t i = 0; i < 1000; i++)
        put_record(t->box, i, 8);
    assert_false(is_rung(t->bell)); /* small rounds make small commits */
    for (size_t i = 0; i < 4000; i++)
        put_record(t->box, i, 8);
    assert_true(is_rung(t->bell));
}

/* ---- two threads */

enum { RECORDS = 300000 };

static size_t size_of(uint64_t number)
{
    return number % 1000 == 999 ? 70000 : (size_t)(number * 7919 % 300);
}

static void *put_all(void *arg)
{
    struct mail_test *t = arg;
    for (uint64_t i = 0; i < RECORDS; i++) {
        put_record(t->box, i, size_of(i));
        if (i % 7 == 0)
            mailbox_ring(t->box);
    }
    mailbox_ring(t->box);
    return NULL;
}

/* Sleeps as a mailroom does: a ring that were lost would leave it asleep. */
static void no_record_and_no_ring_is_lost_between_threads(void **state)
{
    struct mail_test *t = *state;
    pthread_t putter;
    uint64_t taken = 0;
    assert_int_equal(pthread_create(&putter, NULL, put_all, t), 0);
    while (taken < RECORDS) {
        struct pollfd p = {bell_fd(t->bell), POLLIN, 0};
        assert_int_equal(poll(&p, 1, 60000), 1);
        bell_answer(t->bell);
        for (int looks = 0; looks < 2; looks++) {
            const uint64_t *r;
            for (; (r = mailbox_take(t->box)) != NULL; taken++) {
                assert_int_equal(r[1], size_of(taken));
                assert_true(is_record(r, taken));
            }
            bell_listen(t->bell);
        }
    }
    assert_int_equal(pthread_join(putter, NULL), 0);
    assert_null(mailbox_take(t->box));
}

/* ---- on a loop */

struct office {
    struct mailroom *room;
    struct mailbox *box;
    unsigned taken, most, rings, turns;
};

static unsigned take(void *arg, unsigned most)
{
    struct office *o = arg;
    unsigned n = 0;
    for (; n < most && mailbox_take(o->box) != NULL; n++)
        o->taken++;
    o->most = n > o->most ? n : o->most;
    return n;
}

static void ring(void *arg)
{
    struct office *o = arg;
    o->rings++;
    mailbox_ring(o->box);
}

static void a_mailroom_takes_in_bounded_turns_and_rings_once_a_turn(void **state)
{
    static const struct mailroom_events events = {take, ring};
    struct loop *loop = loop_new();
    struct office o = {0};
    (void)state;
    o.room = mailroom_new(loop, &events, &o);
    o.box = mailbox_new(mailroom_bell(o.room));
    for (unsigned i = 0; i < 5000; i++) {
        (void)mailbox_put(o.box, 8);
        mailroom_post(o.room, o.box);
    }
    for (; o.taken < 5000 && o.turns < 1000; o.turns++)
        loop_turn(loop, 0);
    assert_int_equal(o.taken, 5000);
    assert_int_equal(o.rings, 1);
    assert_in_range(o.most, 1, 500);
    assert_in_range(o.turns, 10, 100); /* others had theirs in between */
    mailroom_free(o.room);
    mailbox_free(o.box);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(records_come_out_as_they_went_in, start, end),
        cmocka_unit_test_setup_teardown(a_record_is_not_seen_before_it_is_posted, start, end),
        cmocka_unit_test_setup_teardown(what_was_taken_is_wiped, start, end),
        cmocka_unit_test_setup_teardown(what_nobody_takes_is_freed_with_the_mailbox, start, end),
        cmocka_unit_test_setup_teardown(a_bell_rings_once_for_many_records, start, end),
        cmocka_unit_test_setup_teardown(a_long_turn_of_the_putter_rings_in_between, start, end),
        cmocka_unit_test_setup_teardown(no_record_and_no_ring_is_lost_between_threads, start, end),
        cmocka_unit_test(a_mailroom_takes_in_bounded_turns_and_rings_once_a_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

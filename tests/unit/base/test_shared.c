#include "base/shared.h"

#include "support.h"
#include "wiped.h"

#include <pthread.h>
#include <stdatomic.h>

static void a_copy_lives_until_its_last_holder_drops_it(void **state)
{
    (void)state;
    char text[] = "hello";
    struct shared *s = shared_copy(bytes_of_text(text));
    text[0] = 'j';
    assert_ptr_equal(shared_hold(s), s);
    shared_drop(s);
    assert_bytes(shared_view(s), "hello");
    shared_drop(s);
    shared_drop(NULL);
}

static void the_last_holder_wipes(void **state)
{
    (void)state;
    struct shared *s = shared_new(1000);
    uintptr_t at = (uintptr_t)shared_view(s).p;
    memset(shared_room(s), 'x', 1000);
    (void)shared_hold(s);
    wiped_forget();
    shared_drop(s);
    assert_false(was_wiped(at, 1000));
    shared_drop(s);
    assert_true(was_wiped(at, 1000));
}

static void nothing_can_be_shared_too(void **state)
{
    (void)state;
    struct shared *s = shared_copy(bytes_of(NULL, 0));
    assert_int_equal(shared_view(s).n, 0);
    shared_drop(s);
}

static void *hold_and_drop(void *arg)
{
    for (size_t i = 0; i < 20000; i++) {
        struct shared *s = shared_hold(arg);
        if (shared_view(s).p[0] != 'x')
            return arg;
        shared_drop(s);
    }
    shared_drop(arg);
    return NULL;
}

static void threads_may_hold_and_drop_at_once(void **state)
{
    (void)state;
    pthread_t thread[4];
    void *wrong;
    struct shared *s = shared_copy(bytes_of_text("x"));
    uintptr_t at = (uintptr_t)shared_view(s).p;
    for (size_t i = 0; i < 4; i++)
        (void)shared_hold(s);
    wiped_forget();
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, hold_and_drop, s), 0);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(thread[i], &wrong), 0);
        assert_null(wrong);
    }
    assert_false(was_wiped(at, 1));
    shared_drop(s);
    assert_true(was_wiped(at, 1));
}

/* ---- pools */

static void what_was_dropped_is_used_again_and_is_empty(void **state)
{
    (void)state;
    struct shared_pool *pool = shared_pool_new(1 << 20);
    assert_null(shared_pool_reuse(pool, 5000));
    struct shared *s = shared_pool_take(pool, 5000);
    const uint8_t *at = shared_view(s).p;
    assert_int_equal(shared_view(s).n, 5000);
    memset(shared_room(s), 'x', 5000);
    wiped_forget();
    shared_drop(s);
    assert_true(was_wiped((uintptr_t)at, 5000));
    s = shared_pool_reuse(pool, 5100);
    assert_ptr_equal(shared_view(s).p, at);
    assert_int_equal(shared_view(s).n, 5100);
    assert_null(shared_pool_reuse(pool, 5100)); /* it is in use */
    for (size_t i = 0; i < 5000; i++)
        assert_int_equal(at[i], 0);
    shared_drop(s);
    shared_pool_free(pool);
}

static void a_buffer_is_used_again_only_for_what_it_is_made_for(void **state)
{
    (void)state;
    struct shared_pool *pool = shared_pool_new(1 << 20);
    shared_drop(shared_pool_take(pool, 64 << 10));
    assert_null(shared_pool_reuse(pool, (64 << 10) + 1)); /* no room */
    assert_null(shared_pool_reuse(pool, (32 << 10) - 1)); /* most of it would be idle */
    struct shared *s = shared_pool_reuse(pool, 32 << 10);
    assert_non_null(s);
    shared_drop(s);
    shared_drop(shared_pool_take(pool, 1000));
    assert_null(shared_pool_reuse(pool, 1000)); /* small ones are not kept */
    s = shared_pool_take(NULL, 8192);
    assert_int_equal(shared_view(s).n, 8192);
    shared_drop(s);
    shared_pool_free(pool);
}

static size_t kept_of(struct shared_pool *pool, size_t n, struct shared *taken[], size_t most)
{
    size_t kept = 0;
    while (kept < most && (taken[kept] = shared_pool_reuse(pool, n)) != NULL)
        kept++;
    return kept;
}

static void a_pool_keeps_no_more_than_it_may(void **state)
{
    (void)state;
    enum { COUNT = 20, SIZE = 8192, MAY = 10 };
    struct shared *taken[COUNT];
    struct shared_pool *pool = shared_pool_new(MAY * SIZE);
    for (size_t i = 0; i < COUNT; i++)
        taken[i] = shared_pool_take(pool, SIZE);
    for (size_t i = 0; i < COUNT; i++)
        shared_drop(taken[i]);
    size_t kept = kept_of(pool, SIZE, taken, COUNT);
    assert_in_range(kept, MAY, MAY + 1);
    for (size_t i = 0; i < kept; i++)
        shared_drop(taken[i]);
    assert_int_equal(kept_of(pool, SIZE, taken, COUNT), kept);
    for (size_t i = 0; i < kept; i++)
        shared_drop(taken[i]);
    shared_pool_free(pool);
}

static void what_nobody_needed_for_a_while_is_freed(void **state)
{
    (void)state;
    enum { COUNT = 8, SIZE = 8192 };
    struct shared *taken[COUNT];
    struct shared_pool *pool = shared_pool_new(1 << 20);
    for (size_t i = 0; i < COUNT; i++)
        taken[i] = shared_pool_take(pool, SIZE);
    for (size_t i = 0; i < COUNT; i++)
        shared_drop(taken[i]);
    shared_pool_tick(pool); /* all of them were in use since the last one */
    for (size_t i = 0; i < 3; i++)
        assert_non_null(taken[i] = shared_pool_reuse(pool, SIZE));
    for (size_t i = 0; i < 3; i++)
        shared_drop(taken[i]);
    shared_pool_tick(pool); /* of eight, three were needed */
    assert_int_equal(kept_of(pool, SIZE, taken, COUNT), 3);
    for (size_t i = 0; i < 3; i++)
        shared_drop(taken[i]);
    shared_pool_tick(pool);
    shared_pool_tick(pool);
    assert_null(shared_pool_reuse(pool, SIZE));
    shared_pool_free(pool);
}

static void a_buffer_outlives_its_pool(void **state)
{
    (void)state;
    struct shared_pool *pool = shared_pool_new(1 << 20);
    struct shared *first = shared_pool_take(pool, 8192), *second = shared_pool_take(pool, 8192);
    shared_pool_free(pool);
    shared_drop(first);
    assert_int_equal(shared_view(second).n, 8192);
    shared_drop(second);
    shared_pool_free(NULL);
}

/* A thread that drops what it finds in its place, until it finds its own address. */
struct dropper {
    _Atomic(struct shared *) place;
    _Atomic bool ends;
};

static void *drop_what_comes(void *arg)
{
    struct dropper *d = arg;
    for (;;) {
        bool ends = atomic_load(&d->ends);
        struct shared *s = atomic_exchange(&d->place, NULL);
        if (s != NULL && shared_view(s).p[0] != 'x')
            return arg;
        shared_drop(s);
        if (s == NULL && ends)
            return NULL;
    }
}

static void other_threads_may_give_back_while_the_owner_takes(void **state)
{
    (void)state;
    enum { DROPPERS = 3, ROUNDS = 20000, SIZE = 4096 };
    static struct dropper dropper[DROPPERS];
    pthread_t thread[DROPPERS];
    void *wrong;
    struct shared_pool *pool = shared_pool_new(16 * SIZE);
    for (size_t i = 0; i < DROPPERS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, drop_what_comes, &dropper[i]), 0);
    for (size_t i = 0; i < ROUNDS; i++) {
        struct shared *s = shared_pool_take(pool, SIZE);
        assert_int_equal(shared_view(s).p[0] == 'x', false); /* nobody has it */
        shared_room(s)[0] = 'x';
        shared_drop(atomic_exchange(&dropper[i % DROPPERS].place, s));
        if (i % 1000 == 0)
            shared_pool_tick(pool);
    }
    shared_pool_free(pool);
    for (size_t i = 0; i < DROPPERS; i++) {
        atomic_store(&dropper[i].ends, true);
        assert_int_equal(pthread_join(thread[i], &wrong), 0);
        assert_null(wrong);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_lives_until_its_last_holder_drops_it),
        cmocka_unit_test(the_last_holder_wipes),
        cmocka_unit_test(nothing_can_be_shared_too),
        cmocka_unit_test(threads_may_hold_and_drop_at_once),
        cmocka_unit_test(what_was_dropped_is_used_again_and_is_empty),
        cmocka_unit_test(a_buffer_is_used_again_only_for_what_it_is_made_for),
        cmocka_unit_test(a_pool_keeps_no_more_than_it_may),
        cmocka_unit_test(what_nobody_needed_for_a_while_is_freed),
        cmocka_unit_test(a_buffer_outlives_its_pool),
        cmocka_unit_test(other_threads_may_give_back_while_the_owner_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

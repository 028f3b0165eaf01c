#include "base/shared.h"

#include "support.h"
#include "wiped.h"

#include <pthread.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_lives_until_its_last_holder_drops_it),
        cmocka_unit_test(the_last_holder_wipes),
        cmocka_unit_test(nothing_can_be_shared_too),
        cmocka_unit_test(threads_may_hold_and_drop_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

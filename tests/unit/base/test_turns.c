#include "base/turns.h"

#include "support.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

static int niceness(void)
{
    return getpriority(PRIO_PROCESS, (id_t)gettid());
}

static void *give_way(void *arg)
{
    int *is = arg;
    is[0] = turns_give_way();
    is[1] = niceness();
    return NULL;
}

static void test_a_thread_that_gives_way_does_so_alone(void **state)
{
    (void)state;
    const int before = niceness();
    int is[2] = {0, 0};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, give_way, is), 0);
    (void)pthread_join(thread, NULL);
    assert_true(is[0]);
    assert_int_equal(is[1], 10);
    assert_int_equal(niceness(), before);
}

static void *ask_short(void *arg)
{
    int *is = arg;
    is[0] = turns_ask_short();
    is[1] = niceness();
    return NULL;
}

static void test_short_turns_leave_its_share_as_it_was(void **state)
{
    (void)state;
    int is[2] = {0, 0};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, ask_short, is), 0);
    (void)pthread_join(thread, NULL);
    assert_true(is[0]);
    assert_int_equal(is[1], niceness());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thread_that_gives_way_does_so_alone),
        cmocka_unit_test(test_short_turns_leave_its_share_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/aside.h"

#include "support.h"

#include <pthread.h>

/* A piece of work that goes on only when the test lets it. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t opened;
    bool is_open;
    size_t passed;
    pthread_t by;
};

#define GATE_INIT                                                                                  \
    {                                                                                              \
        .lock = PTHREAD_MUTEX_INITIALIZER, .opened = PTHREAD_COND_INITIALIZER                      \
    }

static void pass(void *arg)
{
    struct gate *g = arg;
    (void)pthread_mutex_lock(&g->lock);
    while (!g->is_open)
        (void)pthread_cond_wait(&g->opened, &g->lock);
    (void)pthread_mutex_unlock(&g->lock);
    g->by = pthread_self();
    g->passed++;
}

static void open_gate(struct gate *g)
{
    (void)pthread_mutex_lock(&g->lock);
    g->is_open = true;
    (void)pthread_cond_broadcast(&g->opened);
    (void)pthread_mutex_unlock(&g->lock);
}

static void work_is_done_by_another_thread_while_its_owner_goes_on(void **state)
{
    (void)state;
    struct gate g = GATE_INIT;
    struct aside *a = aside_new();
    assert_non_null(a);
    assert_true(aside_is_done(a));
    aside_do(a, pass, &g);
    assert_false(aside_is_done(a));
    open_gate(&g);
    aside_wait(a);
    assert_true(aside_is_done(a));
    assert_int_equal(g.passed, 1);
    assert_false(pthread_equal(g.by, pthread_self()));
    aside_free(a);
}

static void one_piece_follows_the_other(void **state)
{
    (void)state;
    struct gate g = GATE_INIT;
    struct aside *a = aside_new();
    open_gate(&g);
    for (size_t i = 1; i <= 1000; i++) {
        aside_do(a, pass, &g);
        aside_wait(a);
        assert_int_equal(g.passed, i);
    }
    aside_free(a);
}

static void freeing_waits_for_what_is_under_way(void **state)
{
    (void)state;
    struct gate g = GATE_INIT;
    struct aside *a = aside_new();
    aside_do(a, pass, &g);
    open_gate(&g);
    aside_free(a);
    assert_int_equal(g.passed, 1);
    aside_free(NULL);
}

static void without_a_thread_it_is_done_at_once(void **state)
{
    (void)state;
    struct gate g = GATE_INIT;
    open_gate(&g);
    aside_do(NULL, pass, &g);
    assert_int_equal(g.passed, 1);
    assert_true(pthread_equal(g.by, pthread_self()));
    assert_true(aside_is_done(NULL));
    aside_wait(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_is_done_by_another_thread_while_its_owner_goes_on),
        cmocka_unit_test(one_piece_follows_the_other),
        cmocka_unit_test(freeing_waits_for_what_is_under_way),
        cmocka_unit_test(without_a_thread_it_is_done_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

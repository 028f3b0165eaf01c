#include "net/loop.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <unistd.h>

static int64_t now_us;

static int64_t test_time(void *arg)
{
    (void)arg;
    return now_us;
}

static struct loop *virtual_loop(void)
{
    const struct clock clock = {test_time, test_time, NULL};
    now_us = US_PER_S;
    return loop_new_with_clock(&clock);
}

/* What was called, in order. */
static char trace[64];

static void note(void *arg)
{
    strncat(trace, arg, sizeof trace - strlen(trace) - 1);
}

static void timers_run_in_the_order_of_their_times(void **state)
{
    struct loop *l = virtual_loop();
    struct loop_timer *a = loop_timer_new(l, note, (char[]){"a"});
    struct loop_timer *b = loop_timer_new(l, note, (char[]){"b"});
    struct loop_timer *c = loop_timer_new(l, note, (char[]){"c"});
    (void)state;
    trace[0] = '\0';
    loop_timer_set(a, 30);
    loop_timer_set(b, 10);
    loop_timer_set(c, 20);
    loop_turn(l, 0);
    assert_string_equal(trace, "");
    now_us += 20;
    loop_turn(l, 0);
    assert_string_equal(trace, "bc");
    now_us += US_PER_DAY;
    loop_turn(l, 0);
    loop_turn(l, 0);
    assert_string_equal(trace, "bca");
    loop_timer_free(a);
    loop_timer_free(b);
    loop_timer_free(c);
    loop_free(l);
}

static void a_timer_set_again_replaces_the_first_time(void **state)
{
    struct loop *l = virtual_loop();
    struct loop_timer *a = loop_timer_new(l, note, (char[]){"a"});
    (void)state;
    trace[0] = '\0';
    loop_timer_set(a, 10);
    loop_timer_set(a, 100);
    now_us += 50;
    loop_turn(l, 0);
    assert_string_equal(trace, "");
    loop_timer_set(a, 0);
    loop_timer_stop(a);
    now_us += US_PER_DAY;
    loop_turn(l, 0);
    assert_string_equal(trace, "");
    loop_timer_set(a, 0);
    loop_timer_set(a, INT64_MAX);
    loop_turn(l, 0);
    assert_string_equal(trace, "");
    loop_timer_free(a);
    loop_free(l);
}

struct again {
    struct loop_timer *timer;
    int calls;
};

static void set_again(void *arg)
{
    struct again *a = arg;
    a->calls++;
    loop_timer_set(a->timer, 0);
}

static void a_turn_ends_even_when_its_last_timers_set_themselves_again(void **state)
{
    struct loop *l = virtual_loop();
    struct again a = {0};
    (void)state;
    a.timer = loop_timer_new(l, set_again, &a);
    loop_timer_set(a.timer, 0);
    loop_turn(l, 0);
    assert_int_equal(a.calls, 1);
    loop_turn(l, US_PER_DAY); /* does not wait */
    assert_int_equal(a.calls, 2);
    loop_timer_free(a.timer);
    loop_free(l);
}

struct pair {
    struct loop_timer *self, *other;
};

static void free_both(void *arg)
{
    struct pair *p = arg;
    loop_timer_free(p->other);
    loop_timer_free(p->self);
    p->self = p->other = NULL;
}

static void timers_may_be_freed_from_callbacks(void **state)
{
    struct loop *l = virtual_loop();
    struct pair soon = {0}, later = {0};
    (void)state;
    soon.self = loop_timer_new(l, free_both, &soon);
    soon.other = loop_timer_new(l, note, (char[]){"x"});
    later.self = loop_timer_new(l, free_both, &later);
    later.other = loop_timer_new(l, note, (char[]){"x"});
    trace[0] = '\0';
    loop_timer_set(soon.self, 0);
    loop_timer_set(soon.other, 0);
    loop_timer_set(later.self, 5);
    loop_timer_set(later.other, 6);
    now_us += 10;
    loop_turn(l, 0);
    assert_null(soon.self);
    assert_null(later.self);
    assert_string_equal(trace, "");
    loop_timer_free(NULL);
    loop_free(l);
}

/* ---- descriptors */

struct ends {
    struct loop *loop;
    int fd[2];
    struct loop_watch *watch;
    struct loop_timer *timer;
    int events;
    bool stop;
};

static void take_events(void *arg, int events)
{
    struct ends *e = arg;
    e->events |= events;
    note((char[]){"w"});
    if (e->stop)
        loop_stop(e->loop);
}

static struct ends ends_new(struct loop *l)
{
    struct ends e = {.loop = l};
    assert_int_equal(pipe(e.fd), 0);
    return e;
}

static void ends_free(struct ends *e)
{
    loop_watch_free(e->watch);
    (void)close(e->fd[0]);
    (void)close(e->fd[1]);
}

static void a_ready_descriptor_is_told_until_it_is_taken_off(void **state)
{
    struct loop *l = virtual_loop();
    struct ends e = ends_new(l);
    char byte;
    (void)state;
    e.watch = loop_watch_new(l, e.fd[0], take_events, &e);
    trace[0] = '\0';
    assert_int_equal(write(e.fd[1], "x", 1), 1);
    loop_turn(l, 0);
    assert_string_equal(trace, "");
    loop_watch_set(e.watch, LOOP_READ);
    loop_turn(l, 0);
    loop_turn(l, 0);
    assert_string_equal(trace, "ww");
    assert_int_equal(e.events, LOOP_READ);
    loop_watch_set(e.watch, 0);
    loop_turn(l, 0);
    assert_string_equal(trace, "ww");
    assert_int_equal(read(e.fd[0], &byte, 1), 1);
    loop_watch_set(e.watch, LOOP_READ);
    loop_turn(l, 0);
    assert_string_equal(trace, "ww");
    ends_free(&e);
    loop_free(l);
}

static void timers_set_at_once_run_behind_what_is_ready(void **state)
{
    struct loop *l = virtual_loop();
    struct ends e = ends_new(l);
    struct loop_timer *t = loop_timer_new(l, note, (char[]){"t"});
    (void)state;
    e.watch = loop_watch_new(l, e.fd[1], take_events, &e);
    loop_watch_set(e.watch, LOOP_WRITE);
    trace[0] = '\0';
    loop_timer_set(t, 0);
    loop_turn(l, 0);
    assert_string_equal(trace, "wt");
    assert_int_equal(e.events, LOOP_WRITE);
    loop_timer_free(t);
    ends_free(&e);
    loop_free(l);
}

static void free_own_watch(void *arg, int events)
{
    struct ends *e = arg;
    (void)events;
    loop_watch_free(e->watch);
    e->watch = NULL;
}

static void a_watch_may_be_freed_from_its_own_callback(void **state)
{
    struct loop *l = virtual_loop();
    struct ends e = ends_new(l);
    (void)state;
    e.watch = loop_watch_new(l, e.fd[1], free_own_watch, &e);
    loop_watch_set(e.watch, LOOP_WRITE);
    loop_turn(l, 0);
    assert_null(e.watch);
    loop_turn(l, 0);
    ends_free(&e);
    loop_free(l);
}

static void the_loop_runs_until_it_is_stopped(void **state)
{
    struct loop *l = loop_new();
    struct ends e = ends_new(l);
    (void)state;
    e.stop = true;
    e.watch = loop_watch_new(l, e.fd[1], take_events, &e);
    loop_watch_set(e.watch, LOOP_WRITE);
    loop_run(l);
    assert_int_equal(e.events, LOOP_WRITE);
    ends_free(&e);
    loop_free(l);
}

static void stop(void *arg)
{
    loop_stop(arg);
}

static void the_first_timer_ends_the_wait(void **state)
{
    struct loop *l = loop_new();
    struct loop_timer *t = loop_timer_new(l, stop, l);
    int64_t began = loop_now_us(l);
    (void)state;
    loop_timer_set(t, 3000);
    loop_run(l);
    assert_true(loop_now_us(l) - began >= 3000);
    loop_timer_free(t);
    loop_free(l);
}

static void a_signal_comes_to_the_loop(void **state)
{
    struct loop *l = loop_new();
    struct loop_signal *s = loop_signal_new(l, SIGUSR1, stop, l);
    (void)state;
    assert_int_equal(raise(SIGUSR1), 0);
    loop_run(l);
    loop_signal_free(s);
    loop_signal_free(NULL);
    sigset_t blocked;
    assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &blocked), 0);
    assert_int_equal(sigismember(&blocked, SIGUSR1), 0);
    loop_free(l);
}

static void scratch_room_grows_to_what_is_asked(void **state)
{
    struct loop *l = loop_new();
    (void)state;
    memset(loop_scratch(l, 10), 1, 10);
    memset(loop_scratch(l, 100000), 2, 100000);
    assert_ptr_equal(loop_scratch(l, 5), loop_scratch(l, 100000));
    loop_free(l);
    loop_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_run_in_the_order_of_their_times),
        cmocka_unit_test(a_timer_set_again_replaces_the_first_time),
        cmocka_unit_test(a_turn_ends_even_when_its_last_timers_set_themselves_again),
        cmocka_unit_test(timers_may_be_freed_from_callbacks),
        cmocka_unit_test(a_ready_descriptor_is_told_until_it_is_taken_off),
        cmocka_unit_test(timers_set_at_once_run_behind_what_is_ready),
        cmocka_unit_test(a_watch_may_be_freed_from_its_own_callback),
        cmocka_unit_test(the_loop_runs_until_it_is_stopped),
        cmocka_unit_test(the_first_timer_ends_the_wait),
        cmocka_unit_test(a_signal_comes_to_the_loop),
        cmocka_unit_test(scratch_room_grows_to_what_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "net/loop.h"

#include "base/attr.h"
#include "base/heap.h"
#include "base/mem.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/signalfd.h>
#include <unistd.h>

/*
 * libevent waits for the descriptors. The timers are a heap of our own over an injected clock, so
 * that tests run them in virtual time; those that are due at once stand in a queue, in the order in
 * which they were set.
 */
TAILQ_HEAD(timers, loop_timer);

struct loop {
    struct event_base *base;
    struct event *wake; /* ends the wait when the first timer is due */
    struct clock clock;
    struct heap heap;
    struct timers soon;
    bool stopped;
    uint8_t *scratch;
    size_t scratch_bytes;
};

struct loop_watch {
    struct loop *loop;
    int fd, events;
    struct event *event;
    void (*ready)(void *arg, int events);
    void *arg;
};

struct loop_timer {
    struct heap_entry entry;
    TAILQ_ENTRY(loop_timer) next;
    struct timers *queue; /* the queue it stands in, or NULL */
    struct loop *loop;
    void (*due)(void *arg);
    void *arg;
};

struct loop_signal {
    int fd, signal;
    bool was_blocked;
    struct loop_watch *watch;
    void (*came)(void *arg);
    void *arg;
};

static void do_nothing(evutil_socket_t fd, short events, void *arg)
{
    (void)fd;
    (void)events;
    (void)arg;
}

/* Without an event base there is no gateway, and no caller that could go on. */
static void *or_abort(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

struct loop *loop_new_with_clock(const struct clock *clock)
{
    struct loop *l = mem_new(sizeof *l);
    struct event_config *config = or_abort(event_config_new());
    (void)event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV |
                                            EVENT_BASE_FLAG_PRECISE_TIMER);
    l->base = or_abort(event_base_new_with_config(config));
    event_config_free(config);
    l->wake = or_abort(event_new(l->base, -1, 0, do_nothing, NULL));
    l->clock = *clock;
    TAILQ_INIT(&l->soon);
    return l;
}

struct loop *loop_new(void)
{
    struct clock clock = clock_system();
    return loop_new_with_clock(&clock);
}

void loop_free(struct loop *l)
{
    if (l == NULL)
        return;
    event_free(l->wake);
    event_base_free(l->base);
    heap_free(&l->heap);
    mem_free(l->scratch);
    mem_free(l);
}

int64_t loop_now_us(const struct loop *l)
{
    return clock_steady_us(&l->clock);
}

uint8_t *loop_scratch(struct loop *l, size_t n)
{
    if (n > l->scratch_bytes) {
        mem_free(l->scratch);
        l->scratch = mem_new(n);
        l->scratch_bytes = n;
    }
    return l->scratch;
}

/* How long this turn may wait, in microseconds: not past the first timer. */
static int64_t wait_for(const struct loop *l, int64_t most_us)
{
    struct heap_entry *first = heap_first(&l->heap);
    if (!TAILQ_EMPTY(&l->soon))
        return 0;
    if (first != NULL) {
        int64_t left = first->due_us - loop_now_us(l);
        if (left < most_us)
            most_us = left;
    }
    return most_us < 0 ? 0 : most_us;
}

static void poll_descriptors(struct loop *l, int64_t wait_us)
{
    int flags = EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY;
    if (wait_us == 0) {
        flags |= EVLOOP_NONBLOCK;
    } else if (wait_us < INT64_MAX) {
        struct timeval wait = {wait_us / US_PER_S, wait_us % US_PER_S};
        (void)event_add(l->wake, &wait);
    }
    (void)event_base_loop(l->base, flags);
    if (wait_us > 0)
        (void)event_del(l->wake);
}

static void run_due(struct loop *l)
{
    int64_t now = loop_now_us(l);
    struct heap_entry *first;
    while ((first = heap_first(&l->heap)) != NULL && first->due_us <= now) {
        struct loop_timer *t = CONTAINER_OF(first, struct loop_timer, entry);
        heap_remove(&l->heap, first);
        t->due(t->arg);
    }
}

/* Those that are set meanwhile wait for the next turn, so that a turn ends. */
static void run_soon(struct loop *l)
{
    struct timers now = TAILQ_HEAD_INITIALIZER(now);
    struct loop_timer *t;
    TAILQ_CONCAT(&now, &l->soon, next);
    TAILQ_FOREACH (t, &now, next) {
        t->queue = &now;
    }
    while ((t = TAILQ_FIRST(&now)) != NULL) {
        loop_timer_stop(t);
        t->due(t->arg);
    }
}

void loop_turn(struct loop *l, int64_t most_us)
{
    poll_descriptors(l, wait_for(l, most_us));
    run_due(l);
    run_soon(l);
}

void loop_run(struct loop *l)
{
    l->stopped = false;
    while (!l->stopped)
        loop_turn(l, INT64_MAX);
}

void loop_stop(struct loop *l)
{
    l->stopped = true;
}

static void watch_ready(evutil_socket_t fd, short events, void *arg)
{
    struct loop_watch *w = arg;
    (void)fd;
    w->ready(w->arg, ((events & EV_READ) != 0 ? LOOP_READ : 0) |
                         ((events & EV_WRITE) != 0 ? LOOP_WRITE : 0));
}

struct loop_watch *loop_watch_new(struct loop *l, int fd, void (*ready)(void *arg, int events),
                                  void *arg)
{
    struct loop_watch *w = mem_new(sizeof *w);
    *w = (struct loop_watch){.loop = l, .fd = fd, .ready = ready, .arg = arg};
    w->event = or_abort(event_new(l->base, fd, EV_PERSIST, watch_ready, w));
    return w;
}

void loop_watch_set(struct loop_watch *w, int events)
{
    if (events == w->events)
        return;
    short wanted = EV_PERSIST;
    if ((events & LOOP_READ) != 0)
        wanted |= EV_READ;
    if ((events & LOOP_WRITE) != 0)
        wanted |= EV_WRITE;
    w->events = events;
    (void)event_del(w->event);
    (void)event_assign(w->event, w->loop->base, w->fd, wanted, watch_ready, w);
    if (events != 0 && event_add(w->event, NULL) != 0)
        abort(); /* a descriptor that the kernel does not know: a bug of ours */
}

void loop_watch_free(struct loop_watch *w)
{
    if (w == NULL)
        return;
    event_free(w->event);
    mem_free(w);
}

struct loop_timer *loop_timer_new(struct loop *l, void (*due)(void *arg), void *arg)
{
    struct loop_timer *t = mem_new(sizeof *t);
    *t = (struct loop_timer){.loop = l, .due = due, .arg = arg};
    return t;
}

void loop_timer_set(struct loop_timer *t, int64_t in_us)
{
    loop_timer_stop(t);
    if (in_us <= 0) {
        TAILQ_INSERT_TAIL(&t->loop->soon, t, next);
        t->queue = &t->loop->soon;
        return;
    }
    int64_t now = loop_now_us(t->loop);
    heap_set(&t->loop->heap, &t->entry, in_us > INT64_MAX - now ? INT64_MAX : now + in_us);
}

void loop_timer_stop(struct loop_timer *t)
{
    heap_remove(&t->loop->heap, &t->entry);
    if (t->queue != NULL)
        TAILQ_REMOVE(t->queue, t, next);
    t->queue = NULL;
}

void loop_timer_free(struct loop_timer *t)
{
    if (t == NULL)
        return;
    loop_timer_stop(t);
    mem_free(t);
}

static void signal_ready(void *arg, int events)
{
    struct loop_signal *s = arg;
    struct signalfd_siginfo info;
    (void)events;
    if (read(s->fd, &info, sizeof info) == (ssize_t)sizeof info)
        s->came(s->arg);
}

struct loop_signal *loop_signal_new(struct loop *l, int signal, void (*came)(void *arg), void *arg)
{
    struct loop_signal *s = mem_new(sizeof *s);
    sigset_t set, before;
    *s = (struct loop_signal){.signal = signal, .came = came, .arg = arg};
    (void)sigemptyset(&set);
    (void)sigaddset(&set, signal);
    if (pthread_sigmask(SIG_BLOCK, &set, &before) != 0)
        abort();
    s->was_blocked = sigismember(&before, signal) == 1;
    s->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (s->fd < 0)
        abort();
    s->watch = loop_watch_new(l, s->fd, signal_ready, s);
    loop_watch_set(s->watch, LOOP_READ);
    return s;
}

void loop_signal_free(struct loop_signal *s)
{
    if (s == NULL)
        return;
    loop_watch_free(s->watch);
    (void)close(s->fd);
    if (!s->was_blocked) {
        sigset_t set;
        (void)sigemptyset(&set);
        (void)sigaddset(&set, s->signal);
        (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    }
    mem_free(s);
}

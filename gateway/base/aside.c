#include "base/aside.h"

#include "base/mem.h"

#include <pthread.h>
#include <signal.h>

struct aside {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    void (*work)(void *arg); /* NULL: it is done */
    void *arg;
    bool ends;
};

static void *work_on(void *arg)
{
    struct aside *a = arg;
    (void)pthread_mutex_lock(&a->lock);
    for (;;) {
        while (a->work == NULL && !a->ends)
            (void)pthread_cond_wait(&a->changed, &a->lock);
        if (a->work == NULL)
            break;
        (void)pthread_mutex_unlock(&a->lock);
        a->work(a->arg);
        (void)pthread_mutex_lock(&a->lock);
        a->work = NULL;
        (void)pthread_cond_broadcast(&a->changed);
    }
    (void)pthread_mutex_unlock(&a->lock);
    return NULL;
}

/* Signals are the owner's. */
static bool begin_thread(struct aside *a)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return false;
    bool begun = pthread_create(&a->thread, NULL, work_on, a) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return begun;
}

static void free_all(struct aside *a)
{
    (void)pthread_cond_destroy(&a->changed);
    (void)pthread_mutex_destroy(&a->lock);
    mem_free(a);
}

struct aside *aside_new(void)
{
    struct aside *a = mem_new(sizeof *a);
    (void)pthread_mutex_init(&a->lock, NULL);
    (void)pthread_cond_init(&a->changed, NULL);
    if (begin_thread(a))
        return a;
    free_all(a);
    return NULL;
}

void aside_free(struct aside *a)
{
    if (a == NULL)
        return;
    (void)pthread_mutex_lock(&a->lock);
    a->ends = true;
    (void)pthread_cond_broadcast(&a->changed);
    (void)pthread_mutex_unlock(&a->lock);
    (void)pthread_join(a->thread, NULL);
    free_all(a);
}

void aside_do(struct aside *a, void (*work)(void *arg), void *arg)
{
    if (a == NULL) {
        work(arg);
        return;
    }
    (void)pthread_mutex_lock(&a->lock);
    a->work = work;
    a->arg = arg;
    (void)pthread_cond_broadcast(&a->changed);
    (void)pthread_mutex_unlock(&a->lock);
}

bool aside_is_done(struct aside *a)
{
    if (a == NULL)
        return true;
    (void)pthread_mutex_lock(&a->lock);
    bool done = a->work == NULL;
    (void)pthread_mutex_unlock(&a->lock);
    return done;
}

void aside_wait(struct aside *a)
{
    if (a == NULL)
        return;
    (void)pthread_mutex_lock(&a->lock);
    while (a->work != NULL)
        (void)pthread_cond_wait(&a->changed, &a->lock);
    (void)pthread_mutex_unlock(&a->lock);
}

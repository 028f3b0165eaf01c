#include "journal/ahead.h"

#include "base/mem.h"

#include <pthread.h>

enum { BATCHES = 4, FETCHED = 4 };

struct batch {
    struct buf window;
    struct journal_record *record; /* their bodies are in the window */
    size_t count, room;
};

struct ahead {
    enum result (*read)(struct ahead *a, void *arg);
    void *arg;
    struct batch batch[BATCHES]; /* a ring */
    size_t filling;              /* the reader's */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t full;         /* batches before the one being filled, which are the taker's */
    bool ended, stopped; /* the reader has; the taker has */
    enum result result;  /* the reader's */
};

/* ---- the reader's side */

/* Hands the batch over when there is room for another one, which begins with `kept`. */
static bool pass(struct ahead *a, struct bytes kept)
{
    struct batch *next = &a->batch[(a->filling + 1) % BATCHES];
    (void)pthread_mutex_lock(&a->lock);
    while (a->full == BATCHES - 1 && !a->stopped)
        (void)pthread_cond_wait(&a->changed, &a->lock);
    bool goes_on = !a->stopped;
    (void)pthread_mutex_unlock(&a->lock);
    if (!goes_on)
        return false;
    next->window.n = 0;
    buf_put(&next->window, kept.p, kept.n);
    (void)pthread_mutex_lock(&a->lock);
    a->full++;
    (void)pthread_cond_signal(&a->changed);
    (void)pthread_mutex_unlock(&a->lock);
    a->filling = (a->filling + 1) % BATCHES;
    return true;
}

struct buf *ahead_next(void *ahead, struct bytes kept)
{
    struct ahead *a = ahead;
    if (a->batch[a->filling].count == 0)
        walk_keep(&a->batch[a->filling].window, kept);
    else if (!pass(a, kept))
        return NULL;
    return &a->batch[a->filling].window;
}

void ahead_give(struct ahead *a, const struct journal_record *r)
{
    struct batch *b = &a->batch[a->filling];
    if (b->count == b->room) {
        size_t room = b->room == 0 ? 1024 : 2 * b->room;
        b->record = mem_grow_array(b->record, b->room, room, sizeof *b->record);
        b->room = room;
    }
    b->record[b->count++] = *r;
}

/* What was read before anything went wrong is taken first. */
static void *read_on(void *arg)
{
    struct ahead *a = arg;
    a->result = a->read(a, a->arg);
    (void)pthread_mutex_lock(&a->lock);
    if (a->batch[a->filling].count > 0)
        a->full++;
    a->ended = true;
    (void)pthread_cond_signal(&a->changed);
    (void)pthread_mutex_unlock(&a->lock);
    return NULL;
}

/* ---- the taker's side */

/* Whether there is another one; waits for it. */
static bool await_batch(struct ahead *a)
{
    (void)pthread_mutex_lock(&a->lock);
    while (a->full == 0 && !a->ended)
        (void)pthread_cond_wait(&a->changed, &a->lock);
    bool is_there = a->full > 0;
    (void)pthread_mutex_unlock(&a->lock);
    return is_there;
}

static void give_back(struct ahead *a, struct batch *b, bool stop)
{
    b->count = 0;
    (void)pthread_mutex_lock(&a->lock);
    a->full--;
    a->stopped = stop;
    (void)pthread_cond_signal(&a->changed);
    (void)pthread_mutex_unlock(&a->lock);
}

/* The bodies come from another processor's cache, or from none: the next ones are asked for while
 * one is taken. */
static enum result take_batch(void *arg, const struct batch *b,
                              enum result (*take)(void *arg, const struct journal_record *r))
{
    for (size_t i = 0; i < b->count; i++) {
        if (i + FETCHED < b->count)
            __builtin_prefetch(b->record[i + FETCHED].body.p);
        TRY(take(arg, &b->record[i]));
    }
    return RESULT_OK;
}

static struct ahead *new_ahead(enum result (*read)(struct ahead *a, void *arg), void *arg)
{
    struct ahead *a = mem_new(sizeof *a);
    a->read = read;
    a->arg = arg;
    for (size_t i = 0; i < BATCHES; i++)
        buf_init(&a->batch[i].window, WALK_WINDOW_MAX);
    (void)pthread_mutex_init(&a->lock, NULL);
    (void)pthread_cond_init(&a->changed, NULL);
    return a;
}

static void free_ahead(struct ahead *a)
{
    for (size_t i = 0; i < BATCHES; i++) {
        buf_free(&a->batch[i].window);
        mem_free(a->batch[i].record);
    }
    (void)pthread_mutex_destroy(&a->lock);
    (void)pthread_cond_destroy(&a->changed);
    mem_free(a);
}

enum result ahead_run(enum result (*read)(struct ahead *a, void *arg),
                      enum result (*take)(void *arg, const struct journal_record *r), void *arg)
{
    struct ahead *a = new_ahead(read, arg);
    enum result r = RESULT_OK;
    pthread_t reader;
    if (pthread_create(&reader, NULL, read_on, a) != 0) {
        free_ahead(a);
        return RESULT_NO_MEMORY;
    }
    for (size_t i = 0; r == RESULT_OK && await_batch(a); i = (i + 1) % BATCHES) {
        r = take_batch(arg, &a->batch[i], take);
        give_back(a, &a->batch[i], r != RESULT_OK);
    }
    (void)pthread_join(reader, NULL);
    if (r == RESULT_OK)
        r = a->result;
    free_ahead(a);
    return r;
}

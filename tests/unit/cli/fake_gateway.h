/* The fake gateway of ../client/ in a thread of its own, on the system's clock, for a command that
 * runs to its end. */
#ifndef FEDGATE_TESTS_CLI_FAKE_GATEWAY_H
#define FEDGATE_TESTS_CLI_FAKE_GATEWAY_H

#include "../client/fake.h"
#include "capture.h"

#include <pthread.h>
#include <stdatomic.h>

struct fake_gateway {
    struct fake *fake; /* what it is to do is said before it is started; not touched then */
    pthread_t thread;
    atomic_bool over;
};

static inline void *fake_gateway_serve(void *arg)
{
    struct fake_gateway *g = arg;
    fake_serve(g->fake);
    while (!atomic_load(&g->over))
        loop_turn(g->fake->loop, US_PER_S / 100);
    return NULL;
}

static inline void fake_gateway_start(struct fake_gateway *g)
{
    atomic_store(&g->over, false);
    assert_int_equal(pthread_create(&g->thread, NULL, fake_gateway_serve, g), 0);
}

/* From here on one may look at what came. */
static inline void fake_gateway_stop(struct fake_gateway *g)
{
    if (!atomic_exchange(&g->over, true))
        assert_int_equal(pthread_join(g->thread, NULL), 0);
}

static inline void fake_gateway_free(struct fake_gateway *g)
{
    fake_gateway_stop(g);
    fake_free(g->fake);
}

/* Runs a command at it: `rest` follows the options that name it. One that hangs ends the test. */
static inline void run_at(const struct fake_gateway *g, struct printed *p,
                          int (*command)(int argc, char **argv), const char *name, const char *rest)
{
    const char *folder = g->fake->folder;
    char line[1000];
    (void)snprintf(line, sizeof line,
                   "%s --gateway %s --certificate %s/unit.pem --key %s/unit.key --root %s/root.pem "
                   "%s",
                   name, g->fake->address, folder, folder, folder, rest);
    (void)alarm(60);
    run_line(p, command, line);
    (void)alarm(0);
}

#endif

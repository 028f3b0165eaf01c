#include "net/mailroom.h"

#include "base/mem.h"

enum { TURN = 256 }; /* records; then the loop's descriptors and timers have theirs */

struct mailroom {
    const struct mailroom_events *events;
    void *arg;
    struct bell *bell;
    struct loop_watch *watch;
    struct loop_timer *turn, *ring;
    bool ringing;
};

/* While there is more than a turn's share, nobody rings. */
void mailroom_look(struct mailroom *r)
{
    if (r->events->take(r->arg, TURN) < TURN) {
        bell_listen(r->bell);
        if (r->events->take(r->arg, TURN) < TURN)
            return;
    }
    loop_timer_set(r->turn, 0);
}

static void look(void *arg)
{
    mailroom_look(arg);
}

static void rung(void *arg, int events)
{
    struct mailroom *r = arg;
    (void)events;
    bell_answer(r->bell);
    mailroom_look(r);
}

static void ring(void *arg)
{
    struct mailroom *r = arg;
    r->ringing = false;
    r->events->ring(r->arg);
}

void mailroom_look_and_ring(struct mailroom *r)
{
    mailroom_look(r);
    if (!r->ringing)
        return;
    loop_timer_stop(r->ring);
    ring(r);
}

struct mailroom *mailroom_new(struct loop *loop, const struct mailroom_events *events, void *arg)
{
    struct mailroom *r = mem_new(sizeof *r);
    *r = (struct mailroom){.events = events, .arg = arg, .bell = bell_new()};
    r->watch = loop_watch_new(loop, bell_fd(r->bell), rung, r);
    r->turn = loop_timer_new(loop, look, r);
    r->ring = loop_timer_new(loop, ring, r);
    loop_watch_set(r->watch, LOOP_READ);
    return r;
}

void mailroom_free(struct mailroom *r)
{
    if (r == NULL)
        return;
    loop_watch_free(r->watch);
    loop_timer_free(r->turn);
    loop_timer_free(r->ring);
    bell_free(r->bell);
    mem_free(r);
}

struct bell *mailroom_bell(const struct mailroom *r)
{
    return r->bell;
}

void mailroom_post(struct mailroom *r, struct mailbox *m)
{
    mailbox_post(m);
    if (r->ringing)
        return;
    r->ringing = true;
    loop_timer_set(r->ring, 0);
}

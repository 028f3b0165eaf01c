/* A thread's mail on its loop: it looks into its mailboxes in bounded turns when its bell rings,
 * and rings the others' bells once a turn. */
#ifndef FEDGATE_NET_MAILROOM_H
#define FEDGATE_NET_MAILROOM_H

#include "net/loop.h"
#include "net/mailbox.h"

struct mailroom;

struct mailroom_events {
    /* Takes at most so many records out of the thread's mailboxes; how many there were. */
    unsigned (*take)(void *arg, unsigned most);
    void (*ring)(void *arg); /* mailbox_ring for every mailbox that the thread puts into */
};

struct mailroom *mailroom_new(struct loop *loop, const struct mailroom_events *events, void *arg);
void mailroom_free(struct mailroom *r); /* accepts NULL */

/* For the mailboxes that the thread takes from. */
struct bell *mailroom_bell(const struct mailroom *r);

/* Posts what was put, and rings at the end of the turn. */
void mailroom_post(struct mailroom *r, struct mailbox *m);

/* For a neighbour on the same loop, in place of a ring: looks for mail now, and rings now for what
 * is posted meanwhile. Neighbours that do this to each other would go round for ever: one of them
 * only looks. */
void mailroom_look(struct mailroom *r);
void mailroom_look_and_ring(struct mailroom *r);

#endif

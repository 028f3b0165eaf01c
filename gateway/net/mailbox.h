/*
 * Mail between threads. A mailbox carries records of any size from the one thread that puts to the
 * one that takes: in order, none lost, none refused, and neither ever waits for the other. It grows
 * with what is not taken yet, so whoever puts for a peer bounds that by a credit of his own
 * (net/server_mail.h). A bell wakes the thread that takes, once for many records.
 */
#ifndef FEDGATE_NET_MAILBOX_H
#define FEDGATE_NET_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>

/* ---- a bell: one for each thread that takes, for all of its mailboxes */
struct bell;

struct bell *bell_new(void);
void bell_free(struct bell *b); /* accepts NULL */

/* Readable after somebody rang. */
int bell_fd(const struct bell *b);

/* Any thread: wakes the owner, unless it is known to look again by itself. */
void bell_ring(struct bell *b);

/* The owner, who is awake: nobody needs to ring before the next bell_listen. */
void bell_answer(struct bell *b);

/* The owner is about to sleep: it must look into its mailboxes once more after this, since what was
 * put before may not have rung. */
void bell_listen(struct bell *b);

/* ---- a mailbox */
struct mailbox;

/* `bell` is the taker's, and outlives the mailbox. */
struct mailbox *mailbox_new(struct bell *bell);

/* When neither side uses it any more; what was not taken is wiped. Accepts NULL. */
void mailbox_free(struct mailbox *m);

/* Room for a record of `n` bytes, aligned for any type, to be filled by the putter; it is on its
 * way with mailbox_post. */
void *mailbox_put(struct mailbox *m, size_t n);

/* The record is there for the taker. Every few records it rings; the rest is for mailbox_ring, at
 * the end of a putter's turn. */
void mailbox_post(struct mailbox *m);
void mailbox_ring(struct mailbox *m);

/* The next record, or NULL. It stays until the next call, which wipes it. */
void *mailbox_take(struct mailbox *m);

#endif

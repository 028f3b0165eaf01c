/* The ledger's control socket: connections of people's tools on this machine. Bytes in and out;
 * what they mean is ledger/control.c's. */
#ifndef FEDGATE_PROCESS_CONTROL_H
#define FEDGATE_PROCESS_CONTROL_H

#include "base/buf.h"

#include <poll.h>

enum { CONTROL_CONNECTIONS = 16, CONTROL_POLLS = CONTROL_CONNECTIONS + 1 };

struct control;

/* Over a listening stream socket, which it owns; -1: there is none, and nothing ever comes. */
struct control *control_new(int listener);
void control_free(struct control *c);

/* Fills CONTROL_POLLS places; those without a descriptor are -1. */
void control_poll(const struct control *c, struct pollfd p[CONTROL_POLLS]);

/* Answers a whole request, appending to `out`. RESULT_AGAIN: the answer comes later, with
 * control_reply, under a ticket that is not 0 and within a time, both of which are filled. */
struct control_later {
    uint64_t ticket;
    int64_t within_us;
};
typedef enum result control_answerer(void *arg, struct bytes request, struct buf *out,
                                     struct control_later *later);

/*
 * Takes connections and requests, a few in one turn, so that messages do not wait behind them.
 * `answer` is called with each whole request. Answers stay here until control_flush. Peers that are
 * neither this user nor root, that send more than a request, or that take longer than five seconds
 * of the steady clock, or whose answer does not come in time, are dropped. What `answer` returns
 * other than RESULT_OK and RESULT_AGAIN is returned.
 */
MUST_USE enum result control_hear(struct control *c, const struct pollfd p[CONTROL_POLLS],
                                  int64_t now_us, control_answerer *answer, void *arg);

/* The answer that came later; nothing when whoever asked is gone. */
void control_reply(struct control *c, uint64_t ticket, const struct buf *body);

/* Writes what is ready, as far as the sockets take it. */
void control_flush(struct control *c);

#endif

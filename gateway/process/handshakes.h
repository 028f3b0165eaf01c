/* The way of the door's thread to the keeper, which signs handshakes: a channel of its own, so that
 * its wait holds up nothing else. Inside process/ only. */
#ifndef FEDGATE_PROCESS_HANDSHAKES_H
#define FEDGATE_PROCESS_HANDSHAKES_H

#include "base/log.h"
#include "ipc/channel.h"

#include <stdatomic.h>

struct handshakes {
    const struct log *log;
    struct channel *keeper; /* the door's */
    atomic_int next;        /* a new channel's descriptor, for the door; -1: none */
    atomic_bool lost;       /* the door gave its channel up, though the keeper may still run */
};

void handshakes_init(struct handshakes *h, const struct log *log);

/* When no other thread uses it any more. */
void handshakes_end(struct handshakes *h);

/* A new channel, in place of the one before. */
void handshakes_connect(struct handshakes *h, int fd);

/* Whether the door lost its channel since this was last asked. */
bool handshakes_lost(struct handshakes *h);

/* struct generation_keeper, on the door's thread. */
enum result handshakes_ask(void *handshakes, enum ipc_type type, struct bytes body,
                           enum ipc_type expected, struct buf *reply);

#endif

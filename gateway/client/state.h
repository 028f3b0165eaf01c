/* The client from the inside: for client/'s own use, and for tests that turn its clock. */
#ifndef FEDGATE_CLIENT_STATE_H
#define FEDGATE_CLIENT_STATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/shared.h"
#include "client/backoff.h"
#include "client/client.h"
#include "net/grpc.h"

#include <sys/queue.h>

/*
 * One call of the application's - a publisher, a subscriber, a sender, a watcher - and what it is
 * made of. It is embedded in its owner, first. When it was freed with its call still open it stays
 * until the call has closed; and while its callbacks run, until they return.
 */
struct object;

struct object_class {
    const char *path;      /* of the method */
    size_t largest_answer; /* bytes of one message */
    bool lasts;            /* goes on with a new call after a reconnection */
    /* The call is open: what is said first. */
    void (*opened)(struct object *o);
    /* Anything but RESULT_OK and RESULT_AGAIN ends the call. */
    enum result (*message)(struct object *o, struct bytes message);
    void (*writable)(struct object *o);
    /* The call has ended; what of it is lost goes back to the application. May be NULL. */
    void (*closed)(struct object *o);
    /* Last callback to the application. */
    void (*ended)(struct object *o, const struct fedgate_end *end);
    /* Everything but the client and its list. */
    void (*destroy)(struct object *o);
};

TAILQ_HEAD(objects, object);

struct object {
    TAILQ_ENTRY(object) next;
    struct fedgate_client *client;
    const struct object_class *class;
    struct grpc_call *call; /* NULL: none */
    unsigned busy;          /* how many callbacks run */
    bool finishing;         /* the application has no more */
    bool over;              /* `ended` was called */
    bool dead;              /* freed by the application */
};

struct fedgate_client {
    struct loop *loop;
    struct tls_context *tls;
    struct fedgate_client_config config;
    char *host, *unit;
    char *text[4]; /* copies of the configuration's, which are needed for each connection */
    uint16_t port;
    struct grpc_channel *channel; /* NULL: none */
    bool closing;                 /* being freed: nothing is begun any more */
    bool was_connected;           /* this channel's handshake was done */
    struct backoff backoff;
    int64_t retry_in_us; /* -1: the timer is not set */
    struct loop_timer *retry;
    struct loop_timer *leave; /* set: the gateway asked to connect again */
    struct objects objects;
    struct arena *arena; /* of the answer that is being handed out */
};

/* ---- client.c */

/* fedgate_client_new with timers on another clock; NULL: the system's. */
struct fedgate_client *client_new(const struct fedgate_client_config *config,
                                  const struct clock *clock, char *why, size_t n);

/* Connects, and opens calls, again after a while; a client that does not reconnect ends in the next
 * turn what has no call then. */
void client_retry_later(struct fedgate_client *c);

/* ---- object.c */

/* Hangs the object on the client and opens its call if it can be. */
void object_begin(struct object *o, struct fedgate_client *c, const struct object_class *class);

/* Opens the call of an object that has none; `ended` when that will never be. From the loop. */
void object_retry(struct object *o);

/* Nothing more is said to the application; the call is cancelled, and the object goes. */
void object_free(struct object *o);

/* Around callbacks of the application, which may free the object: false when it did. */
void object_enter(struct object *o);
bool object_leave(struct object *o);

/* Moves what a buffer holds to the application; empty, it is a NUL that is not counted. */
void buffer_hand_over(struct buf *from, struct fedgate_buffer *to);

#endif

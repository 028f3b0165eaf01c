/*
 * Inside of the server on several threads: the mail, and what both sides of it know. For
 * net/server*.c, net/worker.c and net/door.c only.
 *
 * A call and a connection are one structure with a part for each side, made by the worker or the
 * door, so that mail can name it at once. The worker's last word about it is CLOSED or ENDED, the
 * deciding thread's answer RELEASE; then the worker frees it. So whatever mail is under way finds
 * it there.
 */
#ifndef FEDGATE_NET_SERVER_STATE_H
#define FEDGATE_NET_SERVER_STATE_H

#include "base/limits.h"
#include "net/grpc_call.h"
#include "net/grpc_server.h"
#include "net/mailroom.h"
#include "net/server.h"

#include <pthread.h>
#include <semaphore.h>

/*
 * Bytes of messages that a worker has mailed and of which it does not know yet that they were
 * taken: of one call, and of all calls of a connection; then the window stays shut. What was taken
 * is told when it is as much as an eighth of a call's credit, so what is not told of all calls
 * together stays below the connection's.
 */
enum {
    CREDIT_CALL = LIMIT_STREAM_WINDOW,
    CREDIT_CONNECTION = LIMIT_KEPT,
    CREDIT_TELL = CREDIT_CALL / 8,
    CREDIT_MESSAGE = 128,             /* what a message takes beside its bytes */
    CALLS_IN_FLIGHT = 4 * LIMIT_CALLS /* of a connection: those that end, too */
};
_Static_assert(CREDIT_TELL *LIMIT_CALLS < CREDIT_CONNECTION, "a connection could stand still");

enum mail_kind {
    /* from the door and to it: a connection */
    MAIL_ARRIVED,
    MAIL_DENY, /* text: why */
    MAIL_SET_TLS,

    /* from a worker: a call, a connection */
    MAIL_OPENED, /* text: the path of a GET */
    MAIL_MESSAGE,
    MAIL_HALF_CLOSED,
    MAIL_WRITABLE,
    MAIL_CLOSED, /* status, text */
    MAIL_ENDED,  /* number: calls that were opened on it, all told; status: the peer abused it */

    /* to a worker: a call */
    MAIL_SEND,   /* number: tag; text: head; owner, payload */
    MAIL_ANSWER, /* status: HTTP's; number: bytes of type and caching, NULs counted; text: those
                    two, then the body */
    MAIL_FINISH, /* status, text; number: 0, or within so many microseconds */
    MAIL_CANCEL,
    MAIL_TAKEN, /* number: bytes */
    MAIL_HOLD,  /* no message is wanted, until */
    MAIL_RESUME,
    MAIL_TELL_AT, /* number: WRITABLE is wanted when so many bytes have left, ever */
    MAIL_RELEASE,

    /* to a worker: a connection */
    MAIL_ADOPT,
    MAIL_CLOSE,    /* text: why */
    MAIL_WITHDRAW, /* text: tags, in order */
    MAIL_RELEASE_CONNECTION,

    /* to door and workers, and back */
    MAIL_DRAIN, /* number: within so many microseconds */
    MAIL_DRAINED,
    MAIL_PASS, /* to: a semaphore, to be posted */
    MAIL_STOP
};

struct mail {
    enum mail_kind kind;
    uint32_t status;
    void *to; /* the call or connection, or what the kind says */
    uint64_t number;
    struct shared *owner; /* a hold goes along */
    struct bytes payload; /* a view into it */
    size_t n;             /* bytes of text; a NUL follows */
    char text[];
};

/* A mail with a copy of `text`, to be completed and posted. */
struct mail *mail_put(struct mailbox *m, enum mail_kind kind, void *to, struct bytes text);

/* A mail of a kind and a number, on its way. */
void mail_post(struct mailroom *r, struct mailbox *m, enum mail_kind kind, void *to,
               uint64_t number);

static inline struct bytes mail_text(const struct mail *m)
{
    return bytes_of(m->text, m->n);
}

LIST_HEAD(server_calls, server_call);
LIST_HEAD(worker_calls, server_call);
LIST_HEAD(server_connections, server_connection);

struct server_connection {
    struct server *server;
    struct worker *worker;       /* set when it is welcome */
    struct grpc_arrival arrival; /* between door and worker */
    struct tls_peer peer;        /* with holds on its certificates */

    /* the worker's */
    struct grpc_connection *grpc; /* NULL before and after */
    struct worker_calls in;
    size_t unanswered; /* bytes of credit in use */
    unsigned in_flight;
    uint64_t opened;  /* calls, ever */
    size_t withdrawn; /* messages, by the last WITHDRAW; read behind PASS */
    bool abused;

    /* the deciding thread's */
    LIST_ENTRY(server_connection) next;
    void *session;
    struct server_calls calls;
    uint64_t closed;          /* calls, ever */
    uint64_t ends_with;       /* how many there were, once it has ended; else UINT64_MAX */
    bool asked;               /* a WITHDRAW is under way */
    bool leaving;             /* it is being closed: whatever call comes yet is not opened */
    const char *not_for_long; /* why it is closed as soon as it is open; else NULL */
};

/* A tagged message that was sent, and where it ends among all bytes of its call. */
struct sent_tag {
    uint64_t tag, end;
};

/* A message with its owner, which is held. */
struct later {
    struct shared *owner;
    struct bytes bytes;
};

struct server_call {
    struct server_connection *connection;
    const struct server_method *method; /* NULL: a GET */

    /* the worker's */
    LIST_ENTRY(server_call) in;
    struct grpc_call *grpc; /* NULL: it is over there */
    size_t unanswered;
    bool pressed;     /* the application wants nothing */
    bool shut;        /* the window, for that or for want of credit */
    uint64_t put;     /* bytes that were given to its queue, ever */
    uint64_t tell_at; /* UINT64_MAX: never */
    uint64_t pulled;  /* bytes that were withdrawn, ever, or left meanwhile; read behind PASS */
    bool withdrawn;   /* by the last WITHDRAW; read behind PASS */

    atomic_ullong left; /* bytes that are not in its queue any more, ever; the worker writes it */

    /* the deciding thread's */
    LIST_ENTRY(server_call) next;
    const struct grpc_call_events *events; /* NULL: the application does not know of it */
    void *arg;
    bool finished;       /* by this side */
    bool over;           /* `closed` was called */
    bool held;           /* by RESULT_AGAIN */
    bool half_closed;    /* the end waits behind `later` */
    struct later *later; /* messages that came since it was held: a ring */
    size_t later_room, later_first, later_count;
    uint64_t sent;    /* bytes, ever */
    uint64_t settled; /* of `pulled`, when the queue was seen empty last */
    size_t untold;    /* bytes taken, of which the worker was not told */
    size_t mark;
    bool marked;          /* a WRITABLE is to come */
    struct sent_tag *tag; /* those that may wait, a ring in the order of sending */
    size_t tag_room, tag_first, tag_count;
};

/* The door's or a worker's thread, and the mail between it and the deciding thread. */
struct outpost {
    struct server *server;
    bool at_home;   /* no thread: it shares the deciding thread's loop */
    bool gives_way; /* to whoever else computes: base/turns.h */
    struct loop *loop;
    struct grpc_server *grpc; /* its own; NULL: it has stopped */
    struct mailroom *room;
    struct mailbox *inbox;       /* to it */
    struct mailbox *mail, *bulk; /* from it; the second of bulk methods */
    void (*take)(struct outpost *p, const struct mail *m);
    char name[16]; /* as much as the kernel keeps */
    pthread_t thread;
    bool runs;
    bool drained; /* the deciding thread's */
};

struct worker {
    struct outpost post;
    unsigned connections; /* the deciding thread's count */

    /* the worker's own */
    struct grpc_method *method;
};

struct door {
    struct outpost post;
};

struct server {
    struct server_config config;
    struct mailroom *room;
    struct door door;
    struct worker *worker;
    unsigned workers;
    unsigned from;           /* whose mail is looked at first */
    unsigned taken;          /* mails, ever: server.c */
    atomic_uint connections; /* all threads' */
    atomic_ullong waved_off; /* by the door */
    struct server_connections list;
    sem_t passed;
    bool closed;                /* nobody is let in any more */
    void (*drained)(void *arg); /* NULL: not draining */
    void *drained_arg;
};

/* ---- server.c */

/* A connection that nobody mails about any more, with its arrival, if it has one. */
void server_connection_free(struct server_connection *c);

/* Tags in the order of WITHDRAW, for qsort and bsearch. */
int server_compare_tags(const void *a, const void *b);

/* ---- outpost.c: the threads beside the deciding one */

/* Loop and mailboxes, then the server, then the thread, which takes each mail with `take` until it
 * is told to stop; to drain and to stop the outpost does itself.
 * RESULT_IO when there is no thread to be had. */
void outpost_open(struct outpost *p, struct server *s, bool at_home,
                  void (*take)(struct outpost *p, const struct mail *m));
MUST_USE enum result outpost_start(struct outpost *p, const char *name);

/* Tells it to stop, and waits for its end. */
void outpost_stop(struct outpost *p);

/* On the deciding thread, at home or when the other has ended: takes what mail is left. How much
 * there was. */
unsigned outpost_clear(struct outpost *p);
void outpost_close(struct outpost *p);

/* ---- server_call.c: the deciding thread's side of a call */
void server_call_opened(struct server_call *c, const char *path);
void server_call_message(struct server_call *c, struct shared *owner, struct bytes bytes);
void server_call_half_closed(struct server_call *c);
void server_call_writable(struct server_call *c);
void server_call_closed(struct server_call *c, enum grpc_status status, const char *text);

/* Appends the tags that may wait and are `gone`, and forgets them: they are withdrawn next. */
void server_call_gone_tags(struct server_call *c, bool (*gone)(void *arg, uint64_t tag), void *arg,
                           struct buf *out);
void server_call_withdrawn(struct server_call *c);

/* ---- worker.c, door.c: what runs on the threads. Made before they start, freed when they ended.
 */
void worker_open(struct worker *w, struct server *s);
void worker_close(struct worker *w);
void door_open(struct door *d, struct server *s, struct tls_context *tls);
void door_close(struct door *d);

#endif

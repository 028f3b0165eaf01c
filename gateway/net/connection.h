/*
 * One HTTP/2 connection over TLS over a socket, on either side: for net/'s own use. It moves bytes
 * in bounded turns, keeps the timers, and ends in one place. What the two sides do differently is a
 * struct connection_role.
 *
 * Callbacks of the application may end and free anything, this connection too. So whoever works on
 * a connection brackets that with connection_enter and connection_leave: what has ended is freed
 * when the last one leaves.
 */
#ifndef FEDGATE_NET_CONNECTION_H
#define FEDGATE_NET_CONNECTION_H

#include "net/grpc_server.h"
#include "net/http2_budget.h"
#include "net/tls_session.h"

#include <nghttp2/nghttp2.h>
#include <sys/queue.h>

struct connection_role {
    bool server;
    /* The handshake is done and the peer is known. RESULT_DENIED: it is refused, for what `why` of
     * the connection says. */
    enum result (*established)(struct grpc_connection *c);
    /* It is refused in its handshake; `ended` follows. */
    void (*refused)(struct grpc_connection *c, const char *why);
    /* One field of a call's request (server) or answer (client), and the end of such a block. */
    void (*field)(struct grpc_call *call, struct bytes name, struct bytes value);
    void (*fields_done)(struct grpc_call *call, bool last);
    /* The other side wants it to end soon; no call may begin on it any more. NULL: nobody asks. */
    void (*asked_to_go)(struct grpc_connection *c);
    /* It has ended, every call of it has got `closed`. Called once. */
    void (*ended)(struct grpc_connection *c, const char *why);
    /* It gives up its place; its memory goes when nobody works on it any more. */
    void (*gone)(struct grpc_connection *c);
};

enum connection_state {
    CONNECTION_HANDSHAKE, /* and before: a client's waits for its socket */
    CONNECTION_OPEN,
    CONNECTION_LINGER, /* ended; the last bytes are on their way */
    CONNECTION_GONE    /* its socket is closed */
};

LIST_HEAD(grpc_calls, grpc_call);

struct grpc_connection {
    const struct connection_role *role;
    void *owner, *session; /* the server's or channel's; the application's */
    struct loop *loop;
    const struct log *log;
    enum connection_state state;
    unsigned busy; /* how many work on it right now */

    int fd; /* -1: none */
    struct loop_watch *watch;
    struct loop_timer *turn; /* at the end of a turn of the loop: write, or end */
    struct tls_session *tls;
    struct tls_peer peer;
    uint8_t *stage;          /* plain text that waits to be encrypted; NULL outside of that */
    size_t staged, produced; /* bytes of it, and bytes given to TLS in this turn */

    nghttp2_session *http2;              /* NULL during a server's handshake */
    bool in_http2;                       /* inside nghttp2: it must not be called for sending */
    bool broken;                         /* the peer does not speak HTTP/2: no farewell in it */
    bool paused;                         /* there is more to write in the next turn */
    bool settings_acked, draining, told; /* told: everybody knows of the end */
    bool takes_http; /* a server's: requests in plain HTTP are kept with all of their fields */
    struct http2_budget budget;

    bool closing;    /* by grpc_connection_close, or for a fault found inside nghttp2 */
    bool abused;     /* it ends for what the peer did, and no bad network does */
    bool last_words; /* the former: what calls were given goes first */
    uint32_t fault;
    char why[96];

    int64_t state_us;    /* since when it is in its state */
    int64_t received_us; /* the last byte came */
    int64_t sent_us;     /* the last byte that the socket took, or the first that waits */
    int64_t block_us;    /* a block of fields is under way since then; 0: none */
    int64_t ping_us;     /* our PING has no answer since then; 0: none */
    int64_t old_us;      /* when the next step of its leaving is due (connection_age.c); 0: never */
    int64_t grace_us;    /* and the last of them behind the others */
    unsigned old_steps;
    int64_t stall_us; /* how long it may have something to move, and move nothing */

    struct shared_pool *buffers;   /* that messages are put together in */
    struct grpc_calls calls, over; /* the second: closed, to be freed */
    unsigned open_calls;
    size_t block_bytes;               /* of the block of fields under way */
    size_t kept;                      /* bytes of messages that its calls have not taken yet */
    LIST_ENTRY(grpc_connection) next; /* the owner's list */
};

/* A connection without a socket yet. `tls` is held. */
struct grpc_connection *connection_new(const struct connection_role *role, void *owner,
                                       struct loop *loop, const struct log *log,
                                       struct tls_context *tls);

/* Takes a connected, non-blocking socket and begins the handshake. */
void connection_attach(struct grpc_connection *c, int fd, const char *address);

/* The peer is known, and nobody was told of the connection: socket and session become the
 * arrival's, and the connection goes without a word. */
void connection_part(struct grpc_connection *c, struct grpc_arrival *out);

/* Takes an arrival over. It waits for connection_begin or connection_refuse. */
struct grpc_connection *connection_adopt(const struct connection_role *role, void *owner,
                                         struct loop *loop, const struct log *log,
                                         struct grpc_arrival *arrival);

/* It is to last so long, less up to a tenth of that, and its calls so much longer. Every second:
 * whether the time for the next step has come (connection_age.c). */
void connection_set_age(struct grpc_connection *c, int64_t age_us, int64_t grace_us);
void connection_grow_old(struct grpc_connection *c, int64_t now_us);

void connection_enter(struct grpc_connection *c);
void connection_leave(struct grpc_connection *c);

/* There is something to write, or to end: at the end of this turn. */
void connection_wake(struct grpc_connection *c);

/* Found at fault, inside nghttp2 or elsewhere: ends at the end of this turn. The first fault
 * counts; `why` is copied. */
void connection_fault(struct grpc_connection *c, uint32_t http2_error, const char *why);

/* The same, for a flood or frames against HTTP/2: inside TLS nobody but the peer can have sent
 * them.
 */
void connection_abuse(struct grpc_connection *c, uint32_t http2_error, const char *why);

/*
 * Ends it now: a farewell (GOAWAY with `why`, alert), then `closed` for every call, then `ended`.
 * The socket lingers until the peer has had the chance to read that.
 */
void connection_end(struct grpc_connection *c, uint32_t http2_error, const char *why);

/* Ends it now, without waiting for the peer: `gone` is called before this returns. */
void connection_abort(struct grpc_connection *c, const char *why);

/* Once a second, by the owner. */
void connection_tick(struct grpc_connection *c, int64_t now_us);

/* Plain text to be encrypted and sent, staged so that small pieces share a record. */
void connection_put(struct grpc_connection *c, const uint8_t *p, size_t n);

/* The same from a call's queue, which has as much. */
struct grpc_queue;
void connection_put_queued(struct grpc_connection *c, struct grpc_queue *q, size_t n);

/* ---- between connection.c, connection_in.c and connection_out.c */

enum { CONNECTION_STAGE = 16384 }; /* the largest TLS record (RFC 8446, 5.1) */

/* The socket is closed and the owner's list left; memory stays until connection_leave. */
void connection_go(struct grpc_connection *c);

/* Once its last bytes are out, a lingering connection only listens for the peer's end, so that the
 * kernel does not throw those bytes away for unread input. */
void connection_linger(struct grpc_connection *c);

/* HTTP/2 begins on a connection whose peer is known, with what came already; or the peer gets the
 * alert access_denied, and the log `why`. */
void connection_begin(struct grpc_connection *c);
void connection_refuse(struct grpc_connection *c, const char *why);

/* Goes on with the handshake; what it ends in is taken from there. */
void connection_handshake(struct grpc_connection *c);

/* The loop's callbacks: the socket is ready; a turn ends. */
void connection_ready(void *arg, int events);
void connection_take_turn(void *arg);

/* The writing part of a turn now: what the socket takes at once. It may end the connection. */
void connection_flush(struct grpc_connection *c);

/* Gives the socket what TLS has for it. False when the socket is no more. */
bool connection_send(struct grpc_connection *c);

/* What HTTP/2 wants to send, up to a turn's share, through TLS. */
void connection_encrypt(struct grpc_connection *c);

/* Waits for what there is to wait for: always to read, and to write while bytes wait. */
void connection_watch(struct grpc_connection *c);

/* ---- http2.c: nghttp2's side of it */
nghttp2_nv http2_field(const char *name, const char *value);
void http2_open(struct grpc_connection *c);
MUST_USE enum result http2_receive(struct grpc_connection *c, struct bytes plain);
MUST_USE enum result http2_send(struct grpc_connection *c);
/* Queues a GOAWAY with a text. */
void http2_farewell(struct grpc_connection *c, uint32_t http2_error, const char *why);

#endif

/*
 * gRPC over HTTP/2 over mutual TLS, both sides: calls with messages in either direction. Everything
 * runs on one loop and never blocks. (gRPC over HTTP2 protocol description; RFC 9113)
 *
 * Back-pressure: a message callback that answers RESULT_AGAIN has taken the message but leaves the
 * window shut until grpc_call_resume. What is sent is queued; a sender looks at grpc_call_queued
 * and waits for `writable`.
 */
#ifndef FEDGATE_NET_GRPC_H
#define FEDGATE_NET_GRPC_H

#include "base/bucket.h"
#include "base/log.h"
#include "base/shared.h"
#include "net/loop.h"
#include "net/tls.h"

#include <stdatomic.h>

enum grpc_status {
    GRPC_OK = 0,
    GRPC_CANCELLED = 1,
    GRPC_UNKNOWN = 2,
    GRPC_INVALID_ARGUMENT = 3,
    GRPC_DEADLINE_EXCEEDED = 4,
    GRPC_NOT_FOUND = 5,
    GRPC_ALREADY_EXISTS = 6,
    GRPC_PERMISSION_DENIED = 7,
    GRPC_RESOURCE_EXHAUSTED = 8,
    GRPC_FAILED_PRECONDITION = 9,
    GRPC_ABORTED = 10,
    GRPC_OUT_OF_RANGE = 11,
    GRPC_UNIMPLEMENTED = 12,
    GRPC_INTERNAL = 13,
    GRPC_UNAVAILABLE = 14,
    GRPC_DATA_LOSS = 15,
    GRPC_UNAUTHENTICATED = 16
};

/* The word of a status ("UNAVAILABLE"); static. */
const char *grpc_status_name(enum grpc_status s);

/* One call, on either side. Valid until its `closed` was called. Every function of this file may be
 * called from every callback. */
struct grpc_call;

/* What happens to a call; `arg` is what `open` (server) or grpc_channel_call (client) gave. Each
 * may be NULL. */
struct grpc_call_events {
    /* A whole message, a view into `owner`, which may be held; or a piece of the body of a request
     * in plain HTTP, valid during the call, with `owner` NULL. RESULT_OK: taken. RESULT_AGAIN:
     * taken, and no more until grpc_call_resume: the window stays shut. On the client what is under
     * way, at most LIMIT_STREAM_WINDOW, still comes. Other results end the call with
     * INVALID_ARGUMENT. */
    enum result (*message)(void *arg, struct shared *owner, struct bytes message);
    void (*half_closed)(void *arg); /* on the server: the client sends no more messages, or the
                                       body of its request is complete */
    void (*writable)(
        void *arg); /* the queue fell below half of the mark given at grpc_call_set_mark */
    /* The call is over, whatever ended it; last callback. On the client `status` and `text` are
     * what the server said (or UNAVAILABLE when the connection went). On the server they are what
     * this side said, or CANCELLED when the client or the connection ended it first. */
    void (*closed)(void *arg, enum grpc_status status, const char *text);
    /* Messages of it were withdrawn (grpc_connection_withdraw), and it goes on. */
    void (*withdrawn)(void *arg);
};

/* Queues one message: the bytes of `head` (copied; may be empty) then `payload` (a view into
 * `owner`, held until sent; both may be empty). RESULT_CLOSED after the end, RESULT_TOO_LARGE past
 * 4 GiB. */
MUST_USE enum result grpc_call_send(struct grpc_call *c, struct bytes head, struct shared *owner,
                                    struct bytes payload);

/* The same under a tag, by which it can be withdrawn as long as it waits; 0: it cannot. */
MUST_USE enum result grpc_call_send_tagged(struct grpc_call *c, uint64_t tag, struct bytes head,
                                           struct shared *owner, struct bytes payload);

/* ---- plain HTTP (RFC 9110) beside gRPC, on the server: for whoever is no gRPC client */

/* Views, valid during the call of `request`; what the client did not say is "". Of a field that
 * came more than once all values, joined (net/http_request.h). */
struct http_request {
    const char *method; /* "GET", "HEAD" or "POST" */
    const char *path;   /* with its query, as it came */
    const char *authority, *cookie, *origin;
    const char *site;     /* Sec-Fetch-Site */
    const char *type;     /* Content-Type */
    const char *language; /* Accept-Language */
    uint64_t length;      /* Content-Length, which a body then has (RFC 9113, 8.1.1); or 0 */
    bool has_length;
};

enum { HTTP_FIELDS_MOST = 24 }; /* of an answer, besides the known ones */

struct http_field {
    const char *name; /* in lower case */
    const char *value;
};

/* The head of an answer; `type` and `caching` (Cache-Control) "" or NULL: nothing is said. */
struct http_head {
    unsigned status; /* 200 to 599 */
    const char *type, *caching;
    const struct http_field *field;
    size_t fields;
};

/*
 * Begins the answer to a call that `request` or `get` opened. An answer to HEAD, and a 204 or 304,
 * has ended with that. A head that cannot be sent - a value with CR, LF or NUL in it, a name that
 * is none, a status out of range, more than HTTP_FIELDS_MOST fields or LIMIT_HEADER_LIST bytes - is
 * sent in no part: the client gets 500, `closed` gets INTERNAL. So a hostile value neither ends the
 * process nor takes the fields behind it off a page that they protect.
 */
void grpc_call_answer_begin(struct grpc_call *c, const struct http_head *head);

/* A piece of its body, copied. grpc_call_queued, grpc_call_set_mark and `writable` are as for
 * messages. RESULT_CLOSED behind the end, RESULT_STATE before the beginning. */
MUST_USE enum result grpc_call_answer_put(struct grpc_call *c, struct bytes piece);

/* The body is complete. grpc_call_finish and grpc_call_cancel instead tear it, so that the client
 * sees that something is missing; before the beginning, grpc_call_finish answers with the HTTP
 * status that says as much as its own (net/grpc_text.h). */
void grpc_call_answer_end(struct grpc_call *c);

/* All three at once: the status, the body's type, what caches may do with it, and the body, whose
 * length is told. */
void grpc_call_answer(struct grpc_call *c, unsigned http_status, const char *type,
                      const char *caching, struct bytes body);

/* Bytes queued and not yet handed to TLS. */
size_t grpc_call_queued(const struct grpc_call *c);
void grpc_call_set_mark(struct grpc_call *c, size_t bytes);

/* Ends the call from this side: the server with a status and a text (queued messages go first), the
 * client by sending no more. */
void grpc_call_finish(struct grpc_call *c, enum grpc_status status, const char *text);
void grpc_call_half_close(struct grpc_call *c);

/* The server's end, but what is queued has only so long to leave: then the rest of it is wiped, and
 * the call is reset. */
void grpc_call_finish_within(struct grpc_call *c, enum grpc_status status, const char *text,
                             int64_t within_us);

/* Ends it at once (RST_STREAM CANCEL), dropping what is queued. `closed` follows from the loop, not
 * from inside this call. */
void grpc_call_cancel(struct grpc_call *c);

/* Opens the window again after RESULT_AGAIN. */
void grpc_call_resume(struct grpc_call *c);

/* ---------------------------------------------------------------- server */

struct grpc_method {
    const char *path; /* "/fedgate.v1.ExchangeService/Publish" */
    size_t largest;   /* bytes of one request message */
    const struct grpc_call_events *events;
    /* A call begins; returns its arg, or NULL after grpc_call_finish: then no callback follows. */
    void *(*open)(void *session, struct grpc_call *call);
};

struct grpc_connection;
struct grpc_server;
struct grpc_arrival;

struct grpc_server_config {
    struct loop *loop;
    const struct log *log;
    int listen_fd; /* listening, non-blocking; stays the caller's; -1: none */
    const struct grpc_method *method;
    size_t methods;
    /* A plain GET of this path, like a method's `open`; the answer is grpc_call_answer. NULL: GET
     * is not known. */
    void *(*get)(void *session, struct grpc_call *call, const char *path);
    const struct grpc_call_events *get_events;
    /* Any GET, HEAD or POST that does not speak gRPC, instead of `get`, like a method's `open`. The
     * body of a POST comes by `message` and ends with `half_closed`; what another carries is
     * dropped. NULL: such a request is not known. */
    void *(*request)(void *session, struct grpc_call *call, const struct http_request *request);
    const struct grpc_call_events *request_events;
    size_t request_largest; /* bytes of a body: more is answered with 413 */
    void *arg;
    /* A peer has shown its certificate: returns its session, or NULL, with a static text in *why
     * for the log; the peer then gets a TLS alert (access_denied). */
    void *(*accept)(void *arg, const struct tls_peer *peer, struct grpc_connection *connection,
                    const char **why);
    void (*ended)(void *arg, void *session);
    /* The session ends, and `ended` follows, for a flood or for frames against HTTP/2; NULL. */
    void (*abused)(void *arg, void *session);
    /* Instead of `accept`: a peer has shown its certificate, and goes on elsewhere
     * (net/grpc_server.h). NULL: it goes on here. */
    void (*arrived)(void *arg, struct grpc_arrival *arrival);
    unsigned most_connections;
    atomic_uint *connections; /* how many there are; shared by servers on several threads, or NULL:
                                 this one's own */
    /* Handshakes that one address (of IPv6: one /64) may begin; all at 0: as many as it likes.
     * Whoever has none left is closed at once, before anything is spent on it. */
    struct bucket_size handshakes;
    atomic_ullong *waved_off; /* counts those who were; NULL: nobody wants to know */
    int64_t stall_us;         /* how long nothing moves that should; 0: LIMIT_STALL */
    int64_t age_us, grace_us; /* how old a connection becomes, 0: as old as it likes; and then, how
                                 long calls that are open may take to end */
};

/* `tls` is held; NULL where nobody listens. grpc_server_set_tls serves new connections with another
 * context; the others keep theirs. */
struct grpc_server *grpc_server_new(const struct grpc_server_config *config,
                                    struct tls_context *tls);
void grpc_server_set_tls(struct grpc_server *s, struct tls_context *tls);

/* Stops accepting and sends GOAWAY to everyone (at first one that still lets in what is under way,
 * RFC 9113, 6.8); `done` is called, once, from the loop, when no connection is left or `within_us`
 * has passed. */
void grpc_server_drain(struct grpc_server *s, int64_t within_us, void (*done)(void *arg),
                       void *arg);

/* Closes everything at once. Every open call gets `closed`, every session `ended`. */
void grpc_server_free(struct grpc_server *s);

/* Ends one connection now (revoked, suspended); its calls get `closed` and its session `ended` from
 * the loop. What they were given before goes first, as far as the peer takes it at once: why a call
 * ended, too. `why` is copied, and told to the peer. */
void grpc_connection_close(struct grpc_connection *c, const char *why);
/*
 * Wipes and drops what waits in any call of the connection under a tag that is `gone`; how many
 * messages. A call of which a part of such a message has left is reset, so that nothing more of it
 * goes. Before, what the peer takes at once is sent: it was on its way, and only a slow peer loses
 * something. What TLS or the socket has cannot be taken back.
 */
size_t grpc_connection_withdraw(struct grpc_connection *c, bool (*gone)(void *arg, uint64_t tag),
                                void *arg);

const struct tls_peer *grpc_connection_peer(const struct grpc_connection *c);

/* ---------------------------------------------------------------- client */

struct grpc_channel_config {
    struct loop *loop;
    const struct log *log;
    const char *host; /* name or address */
    uint16_t port;
    void *arg;
    void (*connected)(void *arg);             /* the handshake is done */
    void (*asked_to_go)(void *arg);           /* the server wants it to end soon (GOAWAY); NULL */
    void (*lost)(void *arg, const char *why); /* it failed or ended; static or valid during the
                                                 call; every call got `closed` */
};

struct grpc_channel;

/* Begins to connect (name look-up may block briefly). One connection; whoever wants another makes
 * another channel. */
struct grpc_channel *grpc_channel_new(const struct grpc_channel_config *config,
                                      struct tls_context *tls);

/* Every open call gets `closed` (UNAVAILABLE); `lost` is not called. Accepts NULL. */
void grpc_channel_free(struct grpc_channel *c);

/* Begins a call; may be used before `connected`. NULL when the channel is lost. */
struct grpc_call *grpc_channel_call(struct grpc_channel *c, const char *path, size_t largest_answer,
                                    const struct grpc_call_events *events, void *arg);

#endif

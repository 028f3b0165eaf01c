/*
 * A gRPC server on several threads. One thread decides: all callbacks come on its loop, and all
 * functions here are called on it, as if everything were on that one loop (net/grpc.h, whose words
 * hold here too). Sockets, TLS and HTTP/2 are on worker threads, handshakes on a thread of their
 * own, the door; between them goes mail (net/mailbox.h), without a lock.
 *
 *       peers ──► door ── who is it? ──► deciding thread ── welcome ──► worker ◄──► peers
 *                  ▲                       │    ▲  │                      │
 *                  └────────── no ─────────┘    │  └── send, finish ─────►│
 *                                               └── messages, ends ───────┘
 *
 * What a peer's messages take between the threads is bounded by a credit for each call and
 * connection: past it the window of the call that causes it stays shut. It is shut, too, while the
 * application holds the call: what comes then is not taken apart. Messages of `bulk` methods wait
 * behind all others.
 */
#ifndef FEDGATE_NET_SERVER_H
#define FEDGATE_NET_SERVER_H

#include "net/grpc.h"

struct server;
struct server_connection;
struct server_call; /* valid until its `closed` was called */

struct server_method {
    const char *path;
    size_t largest; /* bytes of one request message */
    const struct grpc_call_events *events;
    /* A call begins; returns its arg, or NULL after server_call_finish: then no callback follows.
     */
    void *(*open)(void *session, struct server_call *call);
    bool bulk; /* behind the messages of methods that are not */
};

enum { SERVER_WORKERS_MOST = 64 };

struct server_config {
    struct loop *loop; /* the deciding thread's */
    const struct log *log;
    int listen_fd;    /* listening, non-blocking; stays the caller's */
    unsigned workers; /* 1 to SERVER_WORKERS_MOST; one has no thread, but shares `loop` */
    const struct server_method *method;
    size_t methods;
    void *(*get)(void *session, struct server_call *call, const char *path);
    const struct grpc_call_events *get_events;
    void *arg;
    void *(*accept)(void *arg, const struct tls_peer *peer, struct server_connection *connection,
                    const char **why);
    void (*ended)(void *arg, void *session);
    void (*abused)(void *arg, void *session); /* as in net/grpc.h */
    unsigned most_connections;
    struct bucket_size handshakes; /* of one address, as in net/grpc.h; */
    int64_t stall_us;              /* and this */
    int64_t age_us, grace_us;      /* and these */
};

/* Makes ready what the threads need, and starts them: apart, so that a sandbox can be closed in
 * between. `tls` is held; its key signs on the door's thread. RESULT_IO when there are no threads
 * to be had. */
struct server *server_new(const struct server_config *config, struct tls_context *tls);
MUST_USE enum result server_start(struct server *s);
void server_set_tls(struct server *s, struct tls_context *tls);

/* How many peers were closed since then because their address had begun too many handshakes. */
uint64_t server_waved_off(const struct server *s);

/* As grpc_server_drain. */
void server_drain(struct server *s, int64_t within_us, void (*done)(void *arg), void *arg);

/* Ends everything at once, and the threads: every open call gets `closed`, every session `ended`.
 * Not from a callback. Accepts NULL. */
void server_free(struct server *s);

/*
 * Wipes and drops what waits in any call under a tag that is `gone`, as grpc_connection_withdraw
 * does; `told` hears how many messages of which session. When it returns, it is done: workers that
 * have something of it are waited for, for a turn of theirs.
 */
void server_withdraw(struct server *s, bool (*gone)(void *arg, uint64_t tag),
                     void (*told)(void *arg, void *session, size_t messages), void *arg);

/* ---- a connection; once `accept` has let it in. Closed in `accept`, with a text that outlives it,
 * it opens, so that the peer can be told why, and is closed then. No call of it is opened any more,
 * not even one that came with the peer's last bytes of the handshake. */
void server_connection_close(struct server_connection *c, const char *why);
const struct tls_peer *server_connection_peer(const struct server_connection *c);

/* ---- a call; each as the one of net/grpc.h */
MUST_USE enum result server_call_send(struct server_call *c, struct bytes head,
                                      struct shared *owner, struct bytes payload);
MUST_USE enum result server_call_send_tagged(struct server_call *c, uint64_t tag, struct bytes head,
                                             struct shared *owner, struct bytes payload);
void server_call_answer(struct server_call *c, unsigned http_status, const char *type,
                        const char *caching, struct bytes body);
size_t server_call_queued(const struct server_call *c); /* on the way to the worker, too */
void server_call_set_mark(struct server_call *c, size_t bytes);
void server_call_finish(struct server_call *c, enum grpc_status status, const char *text);
void server_call_finish_within(struct server_call *c, enum grpc_status status, const char *text,
                               int64_t within_us);
void server_call_cancel(struct server_call *c);
void server_call_resume(struct server_call *c);

#endif

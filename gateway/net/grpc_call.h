/* A call from the inside, on either side: for net/'s own use. */
#ifndef FEDGATE_NET_GRPC_CALL_H
#define FEDGATE_NET_GRPC_CALL_H

#include "net/connection.h"
#include "net/grpc_frame.h"
#include "net/grpc_queue.h"

struct grpc_call {
    struct grpc_connection *connection;
    LIST_ENTRY(grpc_call) next;
    int32_t stream;
    const struct grpc_call_events *events; /* NULL: the application does not know of it */
    void *arg;
    const struct grpc_method *method; /* the server's; NULL: plain HTTP */

    /* in */
    struct grpc_deframer deframer;
    size_t field_bytes; /* of the block of fields under way */
    bool fields_seen;   /* one block is complete: what follows are trailers */
    bool held;          /* the window stays shut */
    size_t owed;        /* bytes to consume when it opens */
    struct buf later;   /* what came behind the message that held it, and */
    size_t later_taken; /* how much of that was taken since; the server's only */
    bool half_closed;   /* the end comes behind `later` */
    size_t kept;        /* its share of the connection's `kept` */
    int64_t received_us;
    int64_t looked_us;   /* when it was seen last how fast the message or body under way comes, */
    size_t looked_bytes; /* and what of it was there; or when it began */

    /* in, of plain HTTP */
    bool takes_body, is_head;
    size_t body_bytes, body_most; /* that came; that may come */

    /* out */
    struct grpc_queue queue;
    size_t mark;
    bool no_more;            /* nothing will be added to the queue */
    bool deferred;           /* nghttp2 waits for us to have more */
    int64_t taken_us;        /* the peer's window took something, or the queue began */
    void (*left)(void *arg); /* NULL, or is told whenever something has left the queue */

    /* end */
    bool finished; /* by this side: what comes in is ignored */
    bool reset;    /* by this side: no trailers */
    bool over;     /* `closed` was called */
    enum grpc_status status;
    char *text; /* NULL: none */

    struct grpc_request *request; /* the server's, until the call is opened */
    bool answered;                /* the server's: response fields are submitted */
    bool plain;                   /* the server's: plain HTTP, which has no trailers */
    struct loop_timer *deadline;  /* the server's, where the caller gave one */
    struct grpc_answer *answer;   /* the client's: fields of the answer */
};

struct grpc_call *grpc_call_new(struct grpc_connection *c, int32_t stream);

/* What nghttp2 sends for a call; its source is the call (http2.c). */
nghttp2_data_provider grpc_call_source(struct grpc_call *call);

/* The next `n` bytes of the queue go to the connection. */
void grpc_call_put(struct grpc_call *call, size_t n);

/* The queue ends with the next DATA frame: that frame's flags. The server's trailers follow it. */
uint32_t grpc_call_last_data(struct grpc_call *call);

/* Nothing more comes from this side: what its own application is told in the end. */
void grpc_call_set_end(struct grpc_call *call, enum grpc_status status, const char *text);

/* There is more in the queue, or its end. */
void grpc_call_more_to_send(struct grpc_call *call);

/* What the application answered to a message or to a piece of a body. */
void grpc_call_heard(struct grpc_call *call, enum result r);

/* As if its last message had been answered with RESULT_AGAIN. */
void grpc_call_hold(struct grpc_call *call);

/* DATA came, and the end of what the peer sends. */
void grpc_call_receive(struct grpc_call *call, struct bytes data);
void grpc_call_remote_end(struct grpc_call *call);

/* Ends the call from this side for a reason of its own: the server with the status, the client by a
 * reset, and with that status for its own application. */
void grpc_call_fail(struct grpc_call *call, enum grpc_status status, const char *text);

/* Ends the call from this side at once, by a reset, with what its own application is told. */
void grpc_call_reset(struct grpc_call *call, enum grpc_status status, const char *text);

/* The other side need not go on: all was said and heard (RST_STREAM NO_ERROR). */
void grpc_call_stop(struct grpc_call *call);

/* What waits under a tag that is gone (grpc_connection_withdraw). */
size_t grpc_call_withdraw(struct grpc_call *call, bool (*gone)(void *arg, uint64_t tag), void *arg);

/* nghttp2 has closed the stream, with this HTTP/2 error code or NO_ERROR. */
void grpc_call_stream_closed(struct grpc_call *call, uint32_t error);

/* The last callback, then the call is over. */
void grpc_call_over(struct grpc_call *call, enum grpc_status status, const char *text);

/* ---- grpc_patience.c */

/* How fast the message or body under way comes is reckoned from here. */
void grpc_call_look(struct grpc_call *call, int64_t at_us);

/* Its timers, once a second. */
void grpc_call_tick(struct grpc_call *call, int64_t now_us);

void grpc_call_free(struct grpc_call *call);

/* ---- grpc_request.c: the server's side */
void grpc_request_field(struct grpc_call *call, struct bytes name, struct bytes value);

/* The request's fields are complete: the call is opened with the method it names, or refused. */
void grpc_request_done(struct grpc_call *call, const struct grpc_server_config *config);

/* The fields of an answer, and where its body comes from; NULL: there is none. */
void grpc_request_submit(struct grpc_call *call, const nghttp2_nv *nv, size_t n,
                         const nghttp2_data_provider *source);

/* The status in the fields that end a call, after the messages or instead of them. */
void grpc_request_submit_trailers(struct grpc_call *call);
void grpc_request_submit_status_only(struct grpc_call *call);
void grpc_request_free(struct grpc_request *r);

/* ---- http_call.c: plain HTTP, on the server */

/* What came of the request's body. */
void http_call_take(struct grpc_call *call, struct cursor *in);

/* Whether the request is not complete yet. */
bool http_call_is_inside(const struct grpc_call *call);

/* Ends it: with the HTTP status that says as much, or, where the answer has begun, by a reset, so
 * that nobody takes a part of it for the whole. */
void http_call_fail(struct grpc_call *call, enum grpc_status status, const char *text);

/* ---- grpc_answer.c: the client's side */

/* Begins a call over an open HTTP/2 session. NULL when the connection has no stream left. */
struct grpc_call *grpc_answer_call(struct grpc_connection *c, const char *authority,
                                   const char *path, size_t largest_answer,
                                   const struct grpc_call_events *events, void *arg);
struct grpc_answer *grpc_answer_new(void);
void grpc_answer_free(struct grpc_answer *a);
void grpc_answer_field(struct grpc_call *call, struct bytes name, struct bytes value);

/* A block of fields is complete. An answer that is not gRPC's fails the call. */
void grpc_answer_done(struct grpc_call *call);

/* What the server said in the end; false when it said nothing. `text` lives as long as the call. */
bool grpc_answer_status(struct grpc_call *call, enum grpc_status *status, const char **text);

#endif

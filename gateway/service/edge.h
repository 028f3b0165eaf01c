/*
 * The road of a message through the edge, without sockets: sessions hand bytes in and get answers
 * back through callbacks; the ledger and the keeper are two functions. process/edge.c puts it on an
 * event loop; tests put it on a virtual clock.
 *
 *   session.c    who is connected
 *   publisher.c  a call's messages and receipts; intake.c: identify, decode, decide, seal, commit
 *   delivery.c   a unit's consumers; offer.c: open, decide again, transform, commit
 *   stream.c     live video: decided when it opens, judged again whenever something changes
 *   incidents.c  the view of incidents;  scopes.c: the keys of scopes
 *   notices.c    what the gateway says itself
 *   vault.c      the gateway's half of the keys of units' vaults; calls_vault.c: by gRPC
 *   health.c     whether work is taken; calls_health.c: by gRPC
 *   grants.c     what a unit may send and receive; calls_grants.c: by gRPC
 *   transparency.c  the audit log, for whoever asks; calls_log.c: by gRPC and by plain GET
 */
#ifndef FEDGATE_SERVICE_EDGE_H
#define FEDGATE_SERVICE_EDGE_H

#include "base/log.h"
#include "base/shared.h"
#include "crypto/digest.h"
#include "ipc/channel.h"
#include "ipc/half_road.h"
#include "ipc/log_road.h"
#include "ipc/offender.h"
#include "policy/policy.h"

struct edge;
struct session;

enum { EDGE_OFFENCES_MAX = 100 };

/* Handshakes that were refused: of an address, or of a unit, that had begun too many. */
struct edge_refused {
    uint64_t of_addresses, of_units;
};

struct edge_config {
    struct clock clock;
    const struct log *log;
    int64_t summary_every_us; /* how often a running watch is summed up */
    size_t watcher_queue;     /* bytes that may wait for one slow watcher */
    const char *log_name;     /* origin of log references in receipts and deliveries */
    unsigned offences;        /* that get a unit suspended, up to EDGE_OFFENCES_MAX; 0: none do; */
    int64_t offences_within_us; /* in so long */
    void *arg;
    void (*tell_ledger)(void *arg, enum ipc_type type, struct bytes body);
    enum result (*ask_keeper)(void *arg, enum ipc_type type, struct bytes body,
                              enum ipc_type expected, struct buf *reply);
    /* The session's unit is not in the policy set any more, or is barred (static text): its
     * connection is to be closed, and session_close to follow. */
    void (*close_session)(void *arg, struct session *s, const char *why);
    /* Keys were destroyed: what waits unsent in any session's calls under a scope of which
     * edge_scope_is_gone is to be wiped, and not sent any more. Done when it returns. */
    void (*withdraw)(void *arg);
    /* Counts since the start, for who asks how the edge stands; NULL: there are none. */
    void (*count_refused)(void *arg, struct edge_refused *out);
};

/* The edge takes the policy over. RESULT_UNAVAILABLE without a keeper. */
MUST_USE enum result edge_new(const struct edge_config *config, struct policy *policy,
                              struct edge **out);

/* Whether the key of a scope that something was sent under is not there any more. */
bool edge_scope_is_gone(const struct edge *e, uint64_t scope);

/* Every session must be closed before. */
void edge_free(struct edge *e);

/* A new policy set: everything open is judged again. The old one is closed. */
void edge_set_policy(struct edge *e, struct policy *policy);
const struct policy *edge_policy(const struct edge *e);

/* ---- the ledger */

/* It is there (again): its view is asked for. It is gone: calls end, nothing is forwarded until it
 * is back. */
void edge_ledger_came(struct edge *e);
void edge_ledger_went(struct edge *e);
MUST_USE enum result edge_ledger_said(struct edge *e, const struct channel_message *m);

/* Whether work can be taken: the ledger is there, its view is complete, and what the register keeps
 * can be sealed. */
bool edge_is_ready(struct edge *e);

/* The keeper was restarted: keys that the ledger does not know yet are forgotten. */
void edge_keeper_came(struct edge *e);

/* Now and then, at least ten times a second while there is video: judges again what is due, sums
 * up, frees what waits too long. */
void edge_tick(struct edge *e);

/* ---- sessions */

/* A unit connected; `address` is for the log. Closing ends everything that the session has open. */
struct session *session_open(struct edge *e, uint32_t unit, const char *address);
void session_close(struct session *s);
const char *session_unit(const struct session *s);

/* Whether officers bar it from being connected: its party is suspended, or its certificate revoked
 * (bar.c). REASON_NONE, or the reason, with a static text in *why. */
enum reason session_bar(const struct session *s, const char **why);

/* Which certificate it was shown: SHA-256 of its DER form. */
void session_set_certificate(struct session *s, const uint8_t fingerprint[SHA256_BYTES]);

/* A unit did this, with its own key: it is suspended when it does so again and again (offences.c).
 */
void edge_offends(struct edge *e, const char *unit, enum offence what);

/* ---- the audit log, for whoever asks: one question each (transparency.c) */
struct log_reader;

/* One of the two is called, once; the reader is gone already. */
struct log_reader_events {
    void (*answer)(void *arg, struct bytes text, struct bytes entry); /* entry: with a proof */
    void (*refused)(void *arg, int grpc_status, const char *why);
};

/* Asks; `question` says what, its ticket and unit are filled in here. NULL when it was refused at
 * once. */
struct log_reader *log_reader_open(struct session *s, const struct log_reader_events *events,
                                   void *arg, const struct log_ask *question);
void log_reader_close(struct log_reader *r);
const char *session_origin(const struct session *s); /* the log's name */

/* ---- vaults of units: one question each (vault.c) */
struct vault_ask;
struct Fedgate__V1__Actor;

struct vault_question {
    uint8_t what;                           /* half_what */
    uint64_t index;                         /* of the record; HALF_HELD: of the first */
    const uint8_t *reader;                  /* HALF_READER bytes, or NULL where no half is given */
    const struct Fedgate__V1__Actor *actor; /* NULL for HALF_STORE and HALF_HELD */
    struct bytes reason;
    int64_t used_us; /* HALF_REPORT */
};

struct vault_answer {
    enum reason refused;
    struct bytes half; /* sealed for the reader, or empty */
    bool not_needed, limited;
    uint32_t left;
    struct bytes clause;
    uint64_t entry;    /* of the log; 0: none */
    struct bytes held; /* HALF_HELD: half_holds, and */
    uint64_t next;     /* where to ask on; 0: nowhere */
};

/* One of the two is called, once; the question is gone already. */
struct vault_ask_events {
    void (*answer)(void *arg, const struct vault_answer *answer);
    void (*refused)(void *arg, int grpc_status, const char *why);
};

/* Asks; the question was checked (message/half.h). NULL when it was refused at once. */
struct vault_ask *vault_ask_open(struct session *s, const struct vault_ask_events *events,
                                 void *arg, const struct vault_question *question);
void vault_ask_close(struct vault_ask *v);

/* ---- health.c: whether work is taken, for whoever wants to know when that changes */
struct health_watch;
struct health_watch *health_watch_open(struct session *s, void (*changed)(void *arg, bool serves),
                                       void *arg);
void health_watch_close(struct health_watch *w);
bool session_is_served(const struct session *s); /* whether work is taken now */

/* ---- grants.c: which messages may pass that begin or end at a session's unit, by the set in force
 */
struct policy_flow;

struct session_flow {
    const struct policy_flow *flow;
    unsigned passes;    /* bits 1 << STATUS_*: of which messages may pass now; none: */
    enum reason closed; /* why not, and */
    const char *failed; /* what does not hold, in the policy language's words */
};

/* Whether its unit has not used up LIMIT_WAYS, which each question takes from by what it looks at.
 */
bool session_may_ask_flows(const struct session *s);

/* As policy_unit_flows. */
uint32_t session_flows(const struct session *s, uint32_t from,
                       void (*each)(const struct session_flow *flow, void *arg), void *arg);
const struct policy *session_policy(const struct session *s);
int64_t session_now(const struct session *s); /* the time to go by */

/* Whether officers have suspended its unit; and what its messages are checked with now. */
bool session_is_suspended(const struct session *s);
struct check_limits session_limits(const struct session *s);

/* ---- Publish */
struct publisher;

struct publisher_events {
    /* Encoded receipts, in the order of the messages, with the scope that the salt in it rests on
     * (0: none). It may not close the publisher. */
    void (*receipt)(void *arg, struct bytes receipt, uint64_t scope);
    /* Last: no more messages are wanted, since the ledger is not there. Messages without a receipt
     * are to be sent again. The publisher is gone already. */
    void (*unavailable)(void *arg, const char *why);
    /* There is room again after publisher_take answered RESULT_AGAIN. */
    void (*room)(void *arg);
};

struct publisher *publisher_open(struct session *s, const struct publisher_events *events,
                                 void *arg);
void publisher_close(struct publisher *p);

/* Takes one encoded Message (a view into `owner`, which is held). RESULT_OK; RESULT_AGAIN: taken,
 * but wait for `room`. */
enum result publisher_take(struct publisher *p, struct shared *owner, struct bytes message);

/* How many messages have no receipt yet. */
size_t publisher_waiting(const struct publisher *p);

/* The receipt of an earlier message of the session's unit; `receipt` is called with it, or
 * `unavailable` ("not found"). */
void publisher_ask_receipt(struct publisher *p, struct bytes id);

/* ---- Subscribe */
struct subscriber;

struct subscriber_events {
    /* Encoded, with the scope that its body rests on (0: none). */
    void (*delivery)(void *arg, struct bytes delivery, uint64_t scope);
    size_t (*queued)(void *arg); /* bytes not yet sent; subscriber_room when they are fewer */
    void (*ended)(void *arg, int grpc_status,
                  const char *why); /* last; the subscriber is gone already */
};

/* `start` is an encoded SubscribeStart, checked here: NULL with *why set (static) when it is not
 * acceptable. */
struct subscriber *subscriber_open(struct session *s, const struct subscriber_events *events,
                                   void *arg, struct bytes start, const char **why);
void subscriber_close(struct subscriber *s);

/* Less than half of LIMIT_DELIVERIES_UNSENT is queued: more may follow. It may end the subscriber.
 */
void subscriber_room(struct subscriber *s);

/* Acknowledges deliveries by their sequence numbers of this call; `refuse` is the contract's
 * AckRefusal. */
void subscriber_ack(struct subscriber *s, const uint64_t *seq, size_t count, unsigned refuse);

/* ---- video */
struct sender;

struct sender_events {
    void (*control)(void *arg, struct bytes control);           /* an encoded VideoControl */
    void (*ended)(void *arg, int grpc_status, const char *why); /* last */
    void (*room)(void *arg); /* after sender_take answered RESULT_AGAIN */
};

struct sender *sender_open(struct session *s, const struct sender_events *events, void *arg);

/* One encoded VideoFrame. RESULT_OK, RESULT_AGAIN as above, RESULT_MALFORMED: the call is to be
 * ended. */
enum result sender_take(struct sender *s, struct shared *owner, struct bytes frame);
void sender_finish(struct sender *s); /* the sender has no more */
void sender_close(struct sender *s);  /* the call is over */

struct watcher;

struct watcher_events {
    /* A VideoFrame: `head`, then `payload`, a view into `owner` to be held (may be NULL with an
     * empty payload). */
    void (*frame)(void *arg, struct bytes head, struct shared *owner, struct bytes payload);
    size_t (*queued)(void *arg); /* bytes not yet sent */
    /* Last. within_us: how long what waits unsent may still be sent; 0: as long as it takes. */
    void (*ended)(void *arg, int grpc_status, const char *why, int64_t within_us);
};

/* `request` is an encoded WatchRequest. The answer comes through the events. */
struct watcher *watcher_open(struct session *s, const struct watcher_events *events, void *arg,
                             struct bytes request);
void watcher_close(struct watcher *w);

#endif

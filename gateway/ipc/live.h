/*
 * What a gateway has at this moment, for fedgatectl: who is connected, which streams run, which
 * roles. Asked for over the control socket of the ledger, which passes the questions about the
 * edge on to it, and hands on only what it took apart itself. Takers and putters as in road.h.
 */
#ifndef FEDGATE_IPC_LIVE_H
#define FEDGATE_IPC_LIVE_H

#include "ipc/road.h"

enum {
    LIVE_ITEMS_MAX = 200, /* in one answer; the next ones are asked for */
    LIVE_ADDRESS_MAX = 63,
    LIVE_DIGEST = 32,
    LIVE_CLAUSE_MAX = 127,
    LIVE_ROLE_MAX = 63, /* bytes of a text about a role */
    LIVE_SAID_MAX = 1 << 20
};

/* The lists: of which LIVE_EDGE has one item. */
enum live_what { LIVE_EDGE = 1, LIVE_UNITS = 2, LIVE_SESSIONS = 3, LIVE_STREAMS = 4 };

/* IPC_LIVE_ASK: `after` is the last number that was seen of a list that has them, or 0. */
struct live_ask {
    uint64_t ticket;
    uint8_t what;
    uint64_t after;
};

/* The head of IPC_LIVE_SAID; the items follow. */
struct live_said {
    uint64_t ticket;
    uint8_t what;
    size_t items;
    bool more;
};

struct live_edge {
    bool serves;      /* work is taken */
    bool draining;    /* nothing is taken any more: an operator wants it to end */
    int64_t since_us; /* when it started, by the wall's clock */
    uint32_t sessions;
    uint32_t streams, watchers, subscribers;
    uint64_t under_way;                        /* bytes of messages whose receipts have not left */
    uint64_t refused_addresses, refused_units; /* handshakes past the budgets of those, ever */
};

struct live_unit {
    uint64_t number;   /* ascending; of the policy set in force, from 1 */
    struct bytes unit; /* party/unit */
    uint32_t sessions, streams, watchers, subscribers;
};

struct live_session {
    uint64_t number; /* ascending in the order of connecting, of this edge */
    struct bytes unit, address;
    uint8_t certificate[LIVE_DIGEST]; /* SHA-256 of its DER form */
    int64_t since_us;
    uint32_t streams, watchers, subscribers;
};

struct live_stream {
    uint64_t index;        /* of its entry in the log */
    struct bytes id;       /* as its sender gave it */
    struct bytes unit;     /* who sends */
    struct bytes clause;   /* that permits it */
    struct bytes incident; /* or empty */
    uint8_t status;        /* STATUS_* */
    int64_t since_us;
    uint32_t watchers;
    uint64_t frames, bytes;
};

void live_ask_put(const struct live_ask *a, struct buf *out);
MUST_USE enum result live_ask_take(struct cursor *in, struct live_ask *out);
void live_said_put(const struct live_said *s, struct buf *out);
MUST_USE enum result live_said_take(struct cursor *in, struct live_said *out);

void live_edge_put(const struct live_edge *e, struct buf *out);
MUST_USE enum result live_edge_take(struct cursor *in, struct live_edge *out);
void live_unit_put(const struct live_unit *u, struct buf *out);
MUST_USE enum result live_unit_take(struct cursor *in, struct live_unit *out);
void live_session_put(const struct live_session *s, struct buf *out);
MUST_USE enum result live_session_take(struct cursor *in, struct live_session *out);
void live_stream_put(const struct live_stream *s, struct buf *out);
MUST_USE enum result live_stream_take(struct cursor *in, struct live_stream *out);

/* Whether so many items of this list, and nothing else, are left in `in`. */
bool live_items_fit(struct cursor in, uint8_t what, size_t count);

/* ---- what the ledger itself answers with, and the supervisor through it */

/* What one lane has, of all queues that are counted. */
struct live_lane {
    uint64_t waiting, unacknowledged; /* deliveries */
    int64_t oldest_us; /* when the first of those that wait came; 0: none waits that may go */
};

/* One item: how the ledger stands. */
struct live_ledger {
    struct bytes set;                    /* in force; empty: none */
    uint64_t serial, entries, published; /* of the log; of its last checkpoint, */
    int64_t signed_us;  /* which was signed then; 0: none yet since the ledger began */
    uint64_t incidents; /* open */
    struct live_lane lane[ROAD_LANES];
    uint64_t waiting, unacknowledged;    /* of all lanes; */
    uint64_t deliverable;                /* of both, for those who are connected */
    uint64_t cases, suspensions, scopes; /* open cases; live key scopes */
    bool second_device, log_is_full, clock_is_held;
    bool edge_is_there;
};

struct live_party {
    struct bytes party;
    uint32_t units;
    struct live_lane lane[ROAD_LANES];
    uint64_t waiting, unacknowledged; /* deliveries for its units, of all lanes */
    int64_t suspended_us;             /* since when; 0: it is not */
};

struct live_incident {
    struct bytes id, type, owner;
    uint32_t participants, assigned; /* units */
    uint8_t status;                  /* STATUS_* */
    bool emergency;                  /* somebody went past a condition for it */
    int64_t opened_us, ended_us;     /* 0: it is open */
};

/* A process of the gateway; IPC_ROLES is of them, each once. */
struct live_role {
    uint8_t role;          /* ipc_role */
    uint32_t pid;          /* 0: it does not run */
    int64_t since_us;      /* when it started, by the wall's clock; 0: it does not run */
    uint32_t ends;         /* how often it has ended since the gateway started */
    int64_t ended_us;      /* when it ended last; 0: it never did */
    struct bytes end;      /* how: "signal 9", "exit 1" */
    struct bytes attained; /* how far it is shut in; empty: it is not, or not yet */
};

void live_role_put(const struct live_role *r, struct buf *out);
MUST_USE enum result live_role_take(struct cursor *in, struct live_role *out);

/* Whether these are roles, each at most once, and nothing else; and how many. */
bool live_roles_fit(struct bytes roles, size_t *count);

void live_ledger_put(const struct live_ledger *s, struct buf *out);
MUST_USE enum result live_ledger_take(struct cursor *in, struct live_ledger *out);
void live_party_put(const struct live_party *p, struct buf *out);
MUST_USE enum result live_party_take(struct cursor *in, struct live_party *out);
void live_incident_put(const struct live_incident *i, struct buf *out);
MUST_USE enum result live_incident_take(struct cursor *in, struct live_incident *out);

#endif

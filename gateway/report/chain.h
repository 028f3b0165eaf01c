/*
 * The chain of one record: the leaves that tell what became of a message or stream, from its
 * arrival to its destruction, here and with whom it was given to. Only what stands in a leaf
 * counts: a date that passed is no destruction.
 */
#ifndef FEDGATE_REPORT_CHAIN_H
#define FEDGATE_REPORT_CHAIN_H

#include "audit/proof.h"
#include "report/owed.h"
#include "report/registers.h"

enum { CHAIN_SCOPES_MAX = 16, CHAIN_LINKS_MAX = 10000, CHAIN_OPENINGS_MAX = 1000 };

/* A key that a stored copy is sealed under. */
struct chain_scope {
    struct bytes number;
    uint64_t destroyed; /* leaf; 0: its key was not erased */
    int64_t destroyed_us;
    struct bytes cause, method, level;
    bool edge_unconfirmed; /* that the edge forgot it, too */
};

/* What one recipient got: a delivery, or a stream that it watched. */
struct chain_provision {
    struct bytes unit, clause;
    uint64_t index, policy;
    int64_t time_us, destroy_by_us;
    enum audit_event event; /* AUDIT_RELEASED, AUDIT_WATCH_OPENED */
    uint64_t taken;         /* leaf: acknowledged, set aside, or the watch's end; 0: none yet */
    int64_t taken_us;
    struct owed owed; /* by its recipient; ordered 0: nothing yet */
    struct chain_provision *next;
};

/* A leaf of the chain, as it stands in the log; its proof is for its user to fill in. */
struct chain_link {
    uint64_t index;
    struct bytes entry;
    struct proof proof;
    struct chain_link *next;
};

enum chain_state {
    CHAIN_ABSENT,   /* the record was not among the leaves */
    CHAIN_UNSTORED, /* nothing of it was ever stored: refused, for the gateway alone, or live video
                     */
    CHAIN_STORED,   /* a copy can still be opened */
    CHAIN_DESTROYED /* the keys of all copies were erased */
};

struct chain {
    struct arena *arena;
    uint64_t record; /* leaf "received" or "stream-opened" */
    bool is_there;
    struct bytes incident; /* that ends it; or empty */
    struct chain_scope scope[CHAIN_SCOPES_MAX];
    size_t scopes, links;
    struct chain_provision *provision, **last_provision;
    struct chain_link *link, **last_link;
    size_t openings; /* links about vaults: what is behind the first ones is left out */
    bool is_cut;     /* some were */
    bool is_full;    /* more than was kept: what it says is not whole */
};

/* Whether a chain may begin with this leaf; if not, and it refers to another (*refers), that one
 * may be nearer. */
bool chain_is_root(const struct leaf *leaf);

struct chain *chain_new(uint64_t record);
void chain_free(struct chain *c); /* accepts NULL */

/* The next leaf of the log, in order; leaves in between may be left out. Whether it belongs to the
 * chain: then it is kept. */
bool chain_take(struct chain *c, const struct leaf *leaf);

enum chain_state chain_state(const struct chain *c);

/* Appends what the chain comes to, in JSON: the same for the same leaves. */
void chain_json(const struct chain *c, struct buf *out);

enum { CHAIN_TABLES = 3 };

/* The chain leaf by leaf; the keys here; the recipients. Each freed by table_free. Of the report
 * only the names are read. */
void chain_tables(const struct report *r, const struct chain *c,
                  struct report_table *out[CHAIN_TABLES]);

/* Appends a sentence: what became of the record here. */
void chain_say(const struct chain *c, bool korean, struct buf *out);

#endif

/* A subscriber and what is being delivered to it. Inside service/ only. */
#ifndef FEDGATE_SERVICE_DELIVERY_H
#define FEDGATE_SERVICE_DELIVERY_H

#include "service/state.h"

/* One delivery in a subscriber's hands. */
struct outgoing {
    uint64_t entry, seq;
    uint64_t scope; /* that its body rests on; 0: it has none */
    int64_t deadline_us;
    struct buf frame; /* the encoded Delivery, but for record and seq */
    bool released;
    uint8_t lane;
    uint64_t index;         /* of the leaf that released it */
    struct lanes_item turn; /* once it is released, until it is sent */
    unsigned tries;
    struct buf offer; /* the DELIVER, to decide again when the state changed */
};

struct subscriber {
    struct session *session;
    uint64_t number; /* names the consumer to the ledger */
    const struct subscriber_events *events;
    void *arg;
    uint64_t next_seq;
    struct map *by_entry, *by_seq;
    struct lanes turns;
    TAILQ_ENTRY(subscriber) next;
};

/* What is being decided about one offer, on the stack. */
struct offer {
    struct edge *e;
    struct subscriber *s;
    struct outgoing *o;
    const struct road_deliver *d;
    struct message m;
    const struct incident *incident[FACTS_INCIDENT_MAX];
    struct policy_question q;
    uint32_t to;
    struct decision decision;
    struct drawn drawn; /* what the message draws on */
    struct obligations obligations;
    bool by_gateway; /* the gateway's own message: under the clause that caused it */
    struct field_path changed[POLICY_CHANGED_MAX];
    size_t changes;
    uint8_t salt[SEAL_SALT];
    struct road_fact fact; /* what the register keeps of it */
};

/* ---- offer.c */

/*
 * Decides an offer a second time and asks the ledger to let it go, or not; the message of the
 * edge's drafts is what would leave, in o->frame. When nothing was asked: RESULT_UNAVAILABLE, no
 * keeper can say now; RESULT_DENIED, the set does not know the unit any more, whose session is
 * being closed.
 */
MUST_USE enum result offer_decide(struct subscriber *s, struct outgoing *o,
                                  const struct road_deliver *d);

/* Whether the recipient may pass it on: its clause and its sender allow it. */
bool offer_may_go_on(const struct offer *x);

/* ---- offer_frame.c: the Delivery that carries the message of the drafts */

/* All of it but record and seq, which are known when it is released. */
MUST_USE enum result offer_frame_put(const struct offer *x);
MUST_USE enum result offer_frame_put_record(const struct edge *e, struct outgoing *o,
                                            uint64_t index);

#endif

/* fedgate-agent vault run from the inside: one file a task. */
#ifndef FEDGATE_CLI_AGENT_VAULT_RUN_H
#define FEDGATE_CLI_AGENT_VAULT_RUN_H

#include "cli/agent/vault.h"

#include <sys/queue.h>

enum { VAULT_HELD_NEVER = 1 << 20 }; /* ticks: of what the gateway has not said yet */

struct keeping;
struct recording;
struct receipt_sent;

struct vault_run {
    struct agent agent;
    struct vault_place place;
    struct fedgate_subscriber *subscriber;
    struct fedgate_publisher *publisher; /* of receipts */
    struct minisign_secret *receipt_key; /* NULL: receipts stay owed */
    const char *staff;                   /* whom they name */
    struct fedgate_timer *tick;
    bool finishing;
    bool reporting;                         /* an opening is being reported */
    bool asking;                            /* the gateway, what is held; */
    uint64_t held_from;                     /* from this record on; */
    unsigned held_age;                      /* so many ticks ago it said it all, */
    unsigned held_waits;                    /* and for so many deadlines wait for it */
    unsigned full;                          /* there is no room: so many ticks to the next try */
    TAILQ_HEAD(keepings, keeping) keepings; /* deliveries that are not stored yet */
    TAILQ_HEAD(recordings, recording) recordings; /* streams */
    TAILQ_HEAD(receipts, receipt_sent) receipts;  /* under way */
    struct buf line;
};

/* Prints what happened to an item, as a line of JSON; `text` may be NULL. */
void vault_tell(struct vault_run *r, const char *event, uint64_t record, const char *key,
                const char *text);

/* The vault cannot go on: an error message, and the end. */
void vault_run_failed(struct vault_run *r, enum result why);

/* Whether that was for want of room, which keeps nothing from being destroyed: it goes on, after an
 * error message, and tries again in a minute. */
bool vault_run_is_full(struct vault_run *r, enum result why);

/* ---- vault_keep.c: deliveries */

/* Takes a delivery: stored, then acknowledged. */
void vault_keep(struct vault_run *r, const struct fedgate_delivery *d);

/* Asks again for those that the gateway could not answer. */
void vault_keep_again(struct vault_run *r);
void vault_keep_drop_all(struct vault_run *r);

/* Fills what an entry says of a delivery or a stream's start. */
void vault_entry_of(const struct fedgate_record *record, const struct fedgate_obligations *must,
                    const char *kind, const char *provider, int64_t now_us,
                    struct vault_entry *out);

/* ---- vault_record.c: streams */

/* Watches a stream into the vault, as an encoded WatchRequest asks. */
void vault_record_stream(struct vault_run *r, const char *stream, struct bytes request);

/* Ends those whose items were destroyed meanwhile; or all, each with its end. */
void vault_record_check(struct vault_run *r);
void vault_record_end_all(struct vault_run *r);

/* ---- vault_held.c: what an order of the Commission or a court keeps from destruction */

/* A second has passed: asks, when it is time to. */
void vault_held_tick(struct vault_run *r);

/* Whether what is past its deadline may be destroyed: the gateway has just said what is held, or
 * could not be asked for some seconds. */
bool vault_held_is_known(struct vault_run *r);

/* ---- vault_orders.c: orders of destruction */

/* Whether the delivery is an order; if so, it is carried out and acknowledged. */
bool vault_order(struct vault_run *r, const struct fedgate_delivery *d);

/* Destroys what is past its deadline, and not held. */
void vault_deadlines(struct vault_run *r);

/* ---- vault_receipts.c: what is answered */

/* An order was carried out: it is acknowledged with its receipt. */
struct Fedgate__V1__Message;
void vault_receipt_owed(struct vault_run *r, const struct Fedgate__V1__Message *order,
                        uint64_t seq);

/* Sends the receipts that are owed and not under way. */
void vault_receipts(struct vault_run *r);
void vault_receipts_drop_all(struct vault_run *r);
extern const struct fedgate_publisher_events vault_receipt_events;

#endif

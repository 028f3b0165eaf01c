/*
 * What recipients owe: to destroy what was released to them, and to say so (PIPA 18(5), 21).
 *
 * A group is what one unit owes under one clause for deliveries that end together: those whose
 * bodies were under scopes of one tuple (incident, subject, rule, deadline). It begins with the
 * first delivery that is released, runs by the same clock as its scopes, and outlives them. When it
 * is due it becomes orders, of at most ROAD_ITEMS_MAX deliveries each: recorded, entered in the log
 * and queued for the unit in one commit. A receipt settles what it names. What is not settled in
 * time is overdue, and told to the operator, to whoever provided it, and to the edge where the
 * clause suspends.
 *
 * Where the clause asks for no receipt, and the time comes that the delivery itself named, nothing
 * is left to order: the group just ends. What was retained under an Act is a group of its own until
 * that ends, and is ordered again then, also where no receipt is asked for: only the unit has said
 * that time.
 *
 * Crashes: a group is made in the commit of its first delivery, before that leaves. An order is in
 * one commit with its leaf, and takes its deliveries out of the group there: whatever is lost with
 * an unwritten commit is due again, and no delivery is ordered twice. A receipt is one commit with
 * its leaves, and what it names twice is settled once.
 *
 * Inside ledger/ only.
 */
#ifndef FEDGATE_LEDGER_OWED_H
#define FEDGATE_LEDGER_OWED_H

#include "ledger/state.h"

struct ledger_owed {
    uint64_t id;               /* of the leaf that it began with */
    struct spool_scope *clock; /* what its scopes had in common, its end and the cause; by the same
                                  number in l->owing->clocks */
    uint8_t *key;              /* tuple, unit NUL, clause NUL */
    size_t key_bytes;
    const char *unit, *clause; /* in the key */
    int64_t receipt_within_us; /* 0: no receipt is asked for */
    bool suspends;
    uint32_t uses;  /* how often a vault may open each; 0: as often as it is needed */
    bool is_closed; /* being ordered: nothing is added any more */
    uint64_t *item; /* leaves "released", ascending */
    size_t items, room;
    size_t ordered; /* of these, from the first on */
};

/* An order, until its receipt has settled it and it was remembered long enough. */
struct ledger_order {
    struct uuid id;
    uint64_t index; /* of the leaf "ordered" */
    char unit[IDENT_UNIT_MAX + 1], incident[IDENT_INCIDENT_MAX + 1];
    char *clause;
    uint8_t cause; /* enum spool_cause */
    int64_t due_us, at_us;
    int64_t receipt_by_us; /* 0: no receipt is asked for */
    int64_t settled_us;    /* 0: not yet */
    bool suspends, overdue;
    bool is_queued;     /* also when its delivery is still to come back from a snapshot */
    uint64_t *item;     /* ascending */
    uint8_t *state;     /* of each: enum road_item_state */
    size_t items, owed; /* owed 0 where no receipt is asked for */
    struct order_delivery *queued; /* NULL: taken over, or over, or still to come back */
    struct heap_entry due;         /* in receipts_due while something is owed, else in over */
};

/* An order's place in its unit's queues. */
struct order_delivery {
    struct delivery delivery; /* first */
    struct ledger_order *order;
};

/* Once it is settled, or made where no receipt is asked for: a receipt may come, or come again; and
 * how long its unit may take to fetch one that asks for none. */
#define ORDER_REMEMBERED LIMIT_ID_WINDOW

struct owing {
    struct map *groups; /* struct ledger_owed by id */
    struct map *open;   /* those that are not closed, by key */
    struct map *items;  /* their deliveries (owed_index.c); NULL: nobody asked for one yet */
    struct map *orders; /* struct ledger_order by id */
    struct spool_scopes *clocks;
    struct heap receipts_due, over;
};

struct owing *owing_new(void);
void owing_free(struct ledger *l);

/* ---- owed.c: groups */

/* Before a release or a watcher's begin is recorded: the group that it goes into, 0 where nothing
 * is owed. A new one is recorded, to begin with the leaf `index`. */
MUST_USE enum result owed_group(struct ledger *l, const struct delivery *d, const char *unit,
                                const struct road_release *r, uint64_t index, uint64_t *group);
MUST_USE enum result owed_watched(struct ledger *l, const struct road_event *e, uint64_t index,
                                  uint64_t *group);

/* What RELEASED and OWED do. RESULT_DAMAGED. */
MUST_USE enum result owed_add(struct ledger *l, uint64_t group, uint64_t item);
MUST_USE enum result owed_apply(struct ledger *l, struct bytes body);

/* Where it stands among ascending items; `items` when it does not. */
size_t owed_place(const uint64_t *item, size_t items, uint64_t wanted);

/* The tuple of what is retained by the leaf `index`, which nothing else has; whether the group is
 * one of these. */
void owed_retained_tuple(uint64_t index, uint8_t tuple[ROAD_DIGEST]);
bool owed_is_retained(const struct ledger_owed *g);

/* Why it is due, or will be. */
enum spool_cause owed_cause(const struct ledger_owed *g);

/* Nothing is added any more; it is removed and freed. */
void owed_close(struct ledger *l, struct ledger_owed *g);
void owed_remove(struct ledger *l, struct ledger_owed *g);

/* Parts of records: its key; a group but for its deliveries; one more delivery. The taker frees a
 * group that cannot be read. RESULT_DAMAGED. */
void owed_put_key(struct buf *out, const uint8_t tuple[ROAD_DIGEST], struct bytes unit,
                  struct bytes clause);
void owed_put_group(struct bytes key, const struct spool_scope *clock, int64_t receipt_within_us,
                    bool suspends, uint32_t uses, struct buf *out);
MUST_USE enum result owed_take_group(struct ledger *l, struct ledger_owed *g, struct cursor *in);
MUST_USE enum result owed_add_item(struct ledger_owed *g, uint64_t item);

/* ---- owed_index.c: which group a delivery is in */

/* The open group with a delivery to this unit that was released at this leaf, or NULL. Only vaults
 * ask: there is no index before the first of them did. */
struct ledger_owed *owed_find(const struct ledger *l, struct bytes unit, uint64_t released);

/* An open group has one more; it is open no more. */
void owed_index_add(struct owing *w, struct ledger_owed *g, uint64_t item);
void owed_index_drop(struct owing *w, const struct ledger_owed *g);
void owed_index_free(struct owing *w);

/* ---- orders.c */

/* What is due is ordered; what is overdue is told. */
MUST_USE enum result orders_turn(struct ledger *l, int64_t now_us);
/* When there is something of it to do; INT64_MAX: never. */
int64_t orders_due_us(const struct ledger *l);
MUST_USE enum result orders_apply(struct ledger *l, struct bytes body);

/* Its delivery is over; at the ledger's end, all are. */
void orders_delivery_over(struct ledger *l, struct order_delivery *d);
void orders_end_deliveries(struct ledger *l);

/* What the edge gets of an order's delivery, with its items in `items`; and what its leaves say. */
void orders_fill(const struct ledger *l, const struct delivery *d, struct buf *items,
                 struct road_deliver *out);
void orders_leaf_about(const struct delivery *d, struct leaf *leaf);

/* Those that were settled long ago; by records alone, as all that is forgotten. */
void orders_forget(struct ledger *l);

/* Puts it into its unit's queues; or makes its delivery without that, for what a snapshot says. */
void order_queue(struct ledger *l, struct ledger_order *o, int64_t at_us);
struct order_delivery *order_delivery_new(struct ledger *l, struct ledger_order *o, int64_t at_us);
void order_free(struct ledger_order *o);

/* It waits for its receipt, or, when none is owed, to be forgotten. */
void order_wait(struct ledger *l, struct ledger_order *o);

/* What a leaf says of an order and some of its items; so long is an item in a leaf and a record. */
enum { ORDER_BYTES_AN_ITEM = 24 };
void order_put_words(struct buf *detail, const struct uuid *id, const uint64_t *item, size_t count);

/* ---- orders_overdue.c */

/* Tells of some of what is overdue by `now_us`; and what its record does. RESULT_DAMAGED. */
MUST_USE enum result orders_overdue_turn(struct ledger *l, int64_t now_us);
MUST_USE enum result orders_apply_overdue(struct ledger *l, struct bytes body);

/* Tells the edge which clauses of which units are suspended for a receipt that is overdue. */
void orders_tell(struct ledger *l);

/* ---- settle.c: receipts */

/* ORDER_GET. */
MUST_USE enum result settle_order_get(struct ledger *l, struct bytes body);

/* Whether what the message says of an order fits it: false also for what was settled otherwise
 * meanwhile. */
bool settle_fits(const struct ledger *l, const struct road_commit *c);

/* About how much more than the message itself its entries and groups take. */
size_t settle_bytes(const struct road_commit *c);

/* Before its record: leaves of what it settles anew, about the leaf `about`, and groups of what is
 * retained. Behind it: the edge hears whether a clause goes on. */
MUST_USE enum result settle_leaves(struct ledger *l, const struct road_commit *c, uint64_t about);
void settle_tell(struct ledger *l, const struct road_commit *c);

/* An officer of the recipient refused what the receipt at this leaf retains: it is ordered to be
 * destroyed, in this turn. */
MUST_USE enum result settle_refused(struct ledger *l, uint64_t about);

/* What the message's record does. */
MUST_USE enum result settle_apply(struct ledger *l, const struct road_commit *c);

/* ---- owed_kept.c: snapshots */

/* About how much groups and orders take in one. */
uint64_t owed_bytes(const struct ledger *l);

MUST_USE enum result owed_take(struct ledger *l, struct cursor *in);
MUST_USE enum result owed_take_more(struct ledger *l, struct cursor *in);
MUST_USE enum result order_take(struct ledger *l, struct cursor *in);
/* A group but for its deliveries; deliveries from `from` on, at most ROAD_ITEMS_MAX of them; how
 * many. An order, whole. */
void owed_put(const struct ledger_owed *g, struct buf *out);
size_t owed_put_items(const struct ledger_owed *g, size_t from, struct buf *out);
void order_put(const struct ledger_order *o, struct buf *out);

#endif

/*
 * Queues of units: what waits for whom, in three lanes, in which its senders take turns
 * (base/lanes.h); one sender's messages keep the order in which they came. A message
 * for a unit is one delivery, with an entry in every queue of the unit whose filter matches, else
 * in `default`; exercises go to `exercise` only. An entry is done when its consumer acknowledged
 * it; a delivery when all of its entries are. One that may not leave yet is held: it has an entry,
 * by which records name it, that stands in no queue. A position may take the place of an older one
 * (succession.h), and is then in front of what its sender sent between the two.
 *
 * Identifiers are given in the order of the journal, so that recovery gives the same ones again.
 */
#ifndef FEDGATE_SPOOL_QUEUES_H
#define FEDGATE_SPOOL_QUEUES_H

#include "base/lanes.h"
#include "ipc/road.h"
#include "spool/scopes.h"
#include "spool/stored.h"

enum { SPOOL_QUEUES_A_UNIT = 16 };

struct entry;

struct delivery {
    struct stored *stored;
    struct spool_scope *scope; /* NULL: an outcome, which has no body */
    uint8_t recipient;         /* which of the message's recipients */
    uint8_t lane;
    uint8_t duty;    /* which of the message's duties, counted from 1; 0: none */
    bool duty_waits; /* nobody can attend to it before persons have let it go */
    bool is_order;   /* of destruction, without a scope as an outcome */
    uint32_t size;   /* bytes of the message */
    int64_t deadline_us;
    bool was_released;
    bool is_kept; /* over, but for a hold of officers: in no queue, and nobody is told */
    uint64_t released_index;
    uint8_t released_digest[ROAD_DIGEST];
    struct heap_entry due; /* of an outcome; the others end with their scope */
    size_t entries;        /* not done */
    TAILQ_HEAD(, entry) all;
    TAILQ_ENTRY(delivery) of_scope;
    LIST_ENTRY(delivery) of_stored;
    struct succession *succession; /* positions of one person that it is one of, or NULL */
    TAILQ_ENTRY(delivery) of_succession;
};

enum entry_state {
    ENTRY_QUEUED,    /* waits */
    ENTRY_OFFERED,   /* with the edge, for the second decision */
    ENTRY_IN_FLIGHT, /* released; waits for its acknowledgement */
    ENTRY_SETTLING,  /* acknowledged, in the record being written */
    ENTRY_HELD,      /* in no queue: waits until the delivery may leave */
    ENTRY_PARKED     /* in its queue, but nobody is offered it for now; others pass it */
};

struct spool_queue;

struct entry {
    uint64_t id;
    struct delivery *delivery;
    struct spool_queue *queue; /* NULL while it is held */
    enum entry_state state;
    bool sent_before;       /* its next delivery is a redelivery */
    struct lanes_item item; /* waits in its lane, or is parked, or in the consumer's hands */
    TAILQ_ENTRY(entry) of_delivery;
};
TAILQ_HEAD(entry_list, entry);

/* The entry of an item; NULL of NULL. */
static inline struct entry *entry_of(const struct lanes_item *i)
{
    return i == NULL ? NULL : CONTAINER_OF(i, struct entry, item);
}

/* Whoever empties a queue; the edge names it. */
struct consumer {
    uint64_t id;
    struct lanes_window window; /* what it has in hand, */
    uint32_t hand[LANES];       /* and how many of each lane that are */
};

struct spool_queue {
    char unit[IDENT_UNIT_MAX + 1], name[IDENT_WORD_MAX + 1];
    struct lanes lanes;        /* waiting */
    struct lanes_items hand;   /* with the consumer */
    struct lanes_items parked; /* in no order */
    bool has_consumer;
    struct consumer consumer;
    char **kind, **incident; /* the filter; none: everything */
    size_t kinds, incidents;
    uint8_t awake_in; /* which list of those that are awake */
    bool awake;       /* something changed: its consumer may be offered more */
    TAILQ_ENTRY(spool_queue) in_awake;
};

struct spool_queues;
struct unit;

struct spool_queues *spool_queues_new(void);
void spool_queues_free(struct spool_queues *q);

/* The queue of this name; made, without a filter, when `make`. NULL when there is none, or no room:
 * two places of SPOOL_QUEUES_A_UNIT are kept for `default` and `exercise`. */
struct spool_queue *spool_queue(struct spool_queues *q, struct bytes unit, struct bytes name,
                                bool make);

/* Fixes a new queue's filter. */
void spool_queue_set_filter(struct spool_queue *queue, const struct road_subscribe *s);

/* Enters a delivery into the queues that match. */
void spool_enqueue(struct spool_queues *q, struct delivery *d, struct bytes unit,
                   const struct road_envelope *envelope);

/* Holds a new delivery back; enters one that was held into the queues that match. */
void spool_hold(struct spool_queues *q, struct delivery *d);
void spool_unhold(struct spool_queues *q, struct delivery *d, struct bytes unit,
                  const struct road_envelope *envelope);
bool spool_is_held(const struct delivery *d);

/* What a snapshot says of a delivery's entry: `queue` NULL while it is held. Numbers below that of
 * spool_next_number only, and each once; spool_sort brings the queues in order when all are there.
 */
struct spool_entry_kept {
    uint64_t id;
    struct spool_queue *queue;
    struct bytes source; /* the unit that the message is from */
    bool sent_before;
};
void spool_restore(struct spool_queues *q, struct delivery *d, const struct spool_entry_kept *e);
void spool_sort(struct spool_queues *q);

/* The number that the next entry gets; recovery goes on from it. */
uint64_t spool_next_number(const struct spool_queues *q);
void spool_set_next_number(struct spool_queues *q, uint64_t id);

struct entry *spool_entry(const struct spool_queues *q, uint64_t id);
size_t spool_entries(const struct spool_queues *q);

/* The next entry that may be offered to the queue's consumer, by lanes and turns, within its
 * bounds; NULL when there is none. */
struct entry *spool_next(struct spool_queue *queue);

/*
 * The next queue in which something changed since it was last asked for, those with something
 * urgent first (with a guard, as between lanes), or NULL: there is none, or the edge has enough to
 * decide (spool_has_room). Queues take turns: who has offered LANES_QUANTUM bytes lets it be awake
 * again, behind the others.
 */
struct spool_queue *spool_take_awake(struct spool_queues *q);
bool spool_has_room(const struct spool_queues *q, const struct spool_queue *queue);
void spool_stay_awake(struct spool_queues *q, struct spool_queue *queue);

/* Moves it into the consumer's hands; the edge has it to decide again, and has decided. */
void spool_offer(struct spool_queues *q, struct entry *e);
void spool_release(struct spool_queues *q, struct entry *e);

/* Sets one aside that waits, or that the consumer was only offered; and puts all that is set aside
 * of a delivery back where it waited. What is set aside is nothing that a record says: recovery and
 * snapshots have it waiting. */
void spool_park(struct spool_queues *q, struct entry *e);
void spool_unpark(struct spool_queues *q, struct delivery *d);
void spool_unpark_all(struct spool_queues *q);

/* Takes it out of its queues, for good: all of its entries but one, which is in none. */
void spool_keep(struct spool_queues *q, struct delivery *d);

/* Puts everything in the consumer's hands back in front of what its senders sent later, in order,
 * and forgets the consumer. */
void spool_lose_consumer(struct spool_queues *q, struct spool_queue *queue);

/* Takes the entry out: acknowledged, refused or expired. Returns whether its delivery is done with
 * that. */
bool spool_settle(struct spool_queues *q, struct entry *e);

/* Walks all queues in no order; start with a zeroed walk. Nothing may be added meanwhile. */
struct spool_walk {
    const struct unit *unit;
    size_t at, queue;
};
struct spool_queue *spool_queues_next(const struct spool_queues *q, struct spool_walk *w);

/* What one sender's party has in one lane of a queue. */
struct spool_flow {
    const struct spool_queue *queue;
    unsigned lane;
    size_t entries;            /* those that wait, are parked, or in the consumer's hands */
    const struct entry *first; /* in front of those that wait; NULL: none does */
};

/* Walks what senders have in queues, in no order, and looks at no entry behind the first. Start
 * with *at = 0; false at the end. Nothing may be added meanwhile. */
bool spool_flows_next(const struct spool_queues *q, size_t *at, struct spool_flow *out);

/* The queue whose consumer this is, or NULL. */
struct spool_queue *spool_queue_of(const struct spool_queues *q, uint64_t consumer);
void spool_set_consumer(struct spool_queues *q, struct spool_queue *queue,
                        const struct road_subscribe *s);

#endif

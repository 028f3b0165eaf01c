/*
 * What edge and ledger say to each other about messages, as structures with their encoding. Views
 * in a structure that was taken point into the message it came from. Every taker bounds what it
 * reads; any other result than RESULT_OK ends the channel. What its taker would refuse, a putter
 * refuses: the buffer has failed then.
 */
#ifndef FEDGATE_IPC_ROAD_H
#define FEDGATE_IPC_ROAD_H

#include "base/buf.h"
#include "base/cursor.h"
#include "base/ident.h"

enum {
    ROAD_RECIPIENTS_MAX = 64,
    ROAD_BODIES_MAX = 16,
    ROAD_SCOPES_MAX = 16,
    ROAD_CHANGES_MAX = 4,
    ROAD_INCIDENTS_MAX = 4,
    ROAD_DUTIES_MAX = 16,
    ROAD_ANSWERS_MAX = 32,
    ROAD_NAMES_MAX = 2,
    ROAD_REGIONS_MAX = 64 * (IDENT_WORD_MAX + 1), /* bytes of names */
    ROAD_ACKS_MAX = 1024,
    ROAD_CASES_MAX = 2,
    ROAD_CASE_PARTIES_MAX = 2,
    ROAD_CASE_PERSONS_MAX = 2,
    ROAD_ITEMS_MAX = 1000, /* of one order */
    ROAD_RETAINED_MAX = 64,
    ROAD_TEXT_MAX = 1024,
    ROAD_DIGEST = 32,
    ROAD_TAG = 16,
    ROAD_SEED = 32,
    ROAD_KEY = 32,
    ROAD_WRAPPED = 48,
    ROAD_CONSENT_DIGEST =
        32, /* keyed digest of a subject and the reference of a consent (standing/) */
    ROAD_CONSENT = ROAD_CONSENT_DIGEST + 16 /* and a keyed tag of the purpose */
};

/* A key scope as the ledger keeps it: what its bodies have in common, and so what ends them
 * together. */
struct road_scope {
    uint64_t id;
    uint8_t tuple[ROAD_DIGEST]; /* keyed digest of everything below but the last two */
    struct bytes incident;      /* party/unit:uuid, or empty */
    struct bytes regions;       /* words, a blank between two; starts 3 */
    struct bytes consent; /* without which nobody may have them: ROAD_CONSENT bytes, or empty */
    struct bytes mou;     /* the memorandum that they are under, or empty */
    uint8_t starts;       /* 0 arrival, 1 the incident's end, 2 found, 3 the end of the last
                             headquarters of the regions */
    int64_t delay_us;     /* after that */
    int64_t deadline_us;  /* the latest */
    uint64_t generation;  /* of the wrapping secret */
    uint8_t wrapped[ROAD_WRAPPED];
};

/* A message's bytes, sealed under one scope. */
struct road_body {
    uint64_t scope;
    uint8_t seed[ROAD_SEED];
    struct bytes sealed;
};

/* What is bound to a body: the message and its deadline, so that no other can be put in its place.
 */
enum { ROAD_CONTEXT = UUID_BYTES + ROAD_DIGEST + 8 };
void road_context(const struct uuid *id, const uint8_t commitment[ROAD_DIGEST], int64_t deadline_us,
                  uint8_t out[ROAD_CONTEXT]);

/* What persons have to do about a message for one recipient. The first two hold it: it is sealed
 * and on record, and offered to nobody until they have decided. */
enum road_case_kind {
    ROAD_APPROVAL = 1,   /* officers of the providing party approve it, or one refuses */
    ROAD_QUARANTINE = 2, /* an officer has looked at it and releases or rejects it */
    ROAD_EMERGENCY = 3,  /* it went past a condition: officers review that afterwards */
    ROAD_KEEPING = 4     /* its sender keeps what it was ordered to destroy: an officer of its own
                            approves that, or refuses, and it is ordered again */
};

struct road_case {
    uint8_t kind;                              /* road_case_kind; 0: there is none */
    uint8_t persons;                           /* how many different ones: 1 or 2 */
    struct bytes role;                         /* officers with this role */
    struct bytes party[ROAD_CASE_PARTIES_MAX]; /* of one of these parties */
    size_t parties;
    int64_t due_us;           /* by then; 0: as long as the message is kept */
    int64_t second_within_us; /* above 0: one is enough to begin with, and the second has so long */
};

/* What the register keeps of a leaf, sealed under a scope of its own; nothing when `sealed` is
 * empty. */
struct road_fact {
    uint64_t scope;
    uint8_t seed[ROAD_SEED];
    uint8_t commitment[ROAD_DIGEST]; /* over the fact, salted; its leaf says it */
    struct bytes sealed;
};

void road_fact_put(const struct road_fact *f, struct buf *out);
MUST_USE enum result road_fact_take(struct cursor *in, struct road_fact *out);
void road_case_put(const struct road_case *x, struct buf *out);
MUST_USE enum result road_case_take(struct cursor *in, struct road_case *out);

/* What was decided for one recipient. */
struct road_recipient {
    struct bytes unit, reason, clause, failed, flags;
    bool permitted; /* also when it is held: it is sealed then, and waits for its cases */
    uint8_t body;   /* which of the bodies; ignored unless permitted */
    int64_t deadline_us;
    uint8_t duty;    /* which of the duties, counted from 1; 0: none */
    bool reserve;    /* gets the message only when nobody attends to that duty in time; these stand
                        behind the others */
    bool supersedes; /* it stands for what waits for this recipient under its commit's succession */
    struct road_case open[ROAD_CASES_MAX]; /* of different kinds */
    size_t cases;
};

/* One of a clause's recipients is to attend to the message by then: to answer it with one of these
 * kinds; without kinds, by any message that names what it was delivered, or by an acknowledgement
 * where that is enough. Each duty has one recipient in reserve. */
struct road_duty {
    int64_t by_us;
    struct bytes answer[ROAD_ANSWERS_MAX];
    size_t answers;
    bool by_ack;
};

/* Whether one of the recipient's cases holds the message. */
bool road_is_held(const struct road_recipient *r);

/* The lanes that messages wait in, the first one first; what the log calls them. "" for none. */
enum { ROAD_LANES = 3 };
const char *road_lane_word(unsigned lane);

/* The envelope that every record about a message shows: words and names only. */
struct road_envelope {
    struct uuid id;
    struct bytes source, kind, service, purpose, basis, status;
    struct bytes incident[ROAD_INCIDENTS_MAX];
    size_t incidents;
    uint8_t lane;    /* 0 urgent, 1 normal, 2 bulk: road_lane_word */
    uint64_t policy; /* serial of the set that decided */
    uint64_t size;   /* bytes */
};

void road_envelope_put(const struct road_envelope *e, struct buf *out);
MUST_USE enum result road_envelope_take(struct cursor *in, struct road_envelope *out);

enum road_verdict { ROAD_ACCEPTED = 1, ROAD_PARTLY = 2, ROAD_REFUSED = 3, ROAD_HELD = 4 };

/* The verdict on a message as a whole: HELD when nobody may have it yet, and somebody perhaps will.
 */
enum road_verdict road_verdict_of(const struct road_recipient *r, size_t count);

/* IPC_COMMIT */
struct road_commit {
    uint64_t ticket; /* comes back in the answer; 0: nobody waits */
    struct road_envelope envelope;
    int64_t at_us;   /* when it was decided */
    uint8_t verdict; /* road_verdict */
    uint8_t commitment[ROAD_DIGEST], content[ROAD_TAG];
    bool remembered; /* (source, id) counts as seen */
    size_t recipients, scopes, bodies, duties;
    struct bytes change[ROAD_CHANGES_MAX]; /* of incidents, encoded (incident/) */
    size_t changes;
    struct bytes
        standing; /* a change of what stands beside incidents, encoded (standing/); or empty
                   */
    uint64_t change_scope;          /* the scope that a change's sealed place is under; 0: none */
    uint64_t names[ROAD_NAMES_MAX]; /* leaves "released" of this log that it answers, or draws on */
    size_t named;
    uint8_t drawn; /* which of those it draws on, counted from 1; 0: none */
    struct road_fact fact;
    struct bytes settle; /* an encoded road_settle: what a receipt of destruction says; or empty */
    struct bytes succession; /* keyed tag of whose position it is, ROAD_TAG bytes, where the clause
                                of a recipient lets a newer one stand for an older one; or empty */
    /* The lists, 30 KB: nothing stands behind their counts. */
    struct road_recipient recipient[ROAD_RECIPIENTS_MAX];
    struct road_scope scope[ROAD_SCOPES_MAX]; /* new ones */
    struct road_body body[ROAD_BODIES_MAX];
    struct road_duty duty[ROAD_DUTIES_MAX];
};

/* An empty one, whose lists are not touched. */
void road_commit_init(struct road_commit *c);

/* Leaves "released", 8 bytes each, ascending: how many, and one of them. */
size_t road_items(struct bytes items);
uint64_t road_item(struct bytes items, size_t i);

/* Where a leaf stands among them; false: nowhere. */
bool road_find_item(struct bytes items, uint64_t item, size_t *at);

/* At most ROAD_ITEMS_MAX, ascending; none is fine. */
bool road_items_fit(struct bytes items);

/* What a recipient keeps instead of destroying it. */
struct road_retained {
    uint64_t item;
    struct bytes act; /* basis of the set's catalogue */
    int64_t until_us;
};

/* What a receipt of destruction says of the items of one order. */
struct road_settle {
    struct uuid order;
    struct bytes destroyed, never_stored; /* items, ascending */
    struct road_retained retained[ROAD_RETAINED_MAX];
    size_t retains;
    int64_t at_us;  /* when they were destroyed */
    uint8_t method; /* DestructionMethod of the contract */
};

void road_settle_put(const struct road_settle *s, struct buf *out);
MUST_USE enum result road_settle_take(struct cursor *in, struct road_settle *out);

/* IPC_ORDER_IS: an order of destruction and what of it is owed yet. */
struct road_order_state {
    uint64_t ticket;
    bool found;
    struct bytes unit, clause;
    struct bytes items; /* ascending */
    struct bytes state; /* a byte each: enum road_item_state */
};

enum road_item_state { ROAD_OWED, ROAD_DESTROYED, ROAD_NEVER_STORED, ROAD_RETAINED };

void road_order_state_put(const struct road_order_state *s, struct buf *out);
MUST_USE enum result road_order_state_take(struct cursor *in, struct road_order_state *out);

void road_commit_put(const struct road_commit *c, struct buf *out);
MUST_USE enum result road_commit_take(struct cursor *in, struct road_commit *out);

/* Only what every record about it shows. The cursor stands behind it then. */
MUST_USE enum result road_commit_envelope(struct cursor *in, struct road_envelope *out);

/* Only whose message it is, of a commit that need not be taken apart otherwise; what is longer than
 * a unit's name is cut. The cursor stands behind it then. */
MUST_USE enum result road_commit_source(struct cursor *in, char out[IDENT_UNIT_MAX + 1]);

/* IPC_COMMITTED: also the answer to RECEIPT_GET. */
enum road_answer {
    ROAD_ON_DISK = 1,      /* committed now */
    ROAD_REPEATED = 2,     /* committed before; the recipients are what was decided then */
    ROAD_ID_REUSED = 3,    /* committed before with other content */
    ROAD_STALE = 4,        /* decided on an older state: decide again */
    ROAD_NO_ROOM = 5,      /* the disk is full */
    ROAD_NOT_FOUND = 6,    /* RECEIPT_GET: never seen, or too long ago */
    ROAD_MANY_KEYS = 7,    /* as many scopes live as one destruction can wrap again */
    ROAD_MANY_OF_PARTY = 8 /* its sender's party has as many of them as are left for all others */
};

/* IPC_CONSUMER_ENDED: u64 consumer, u8 why. */
enum road_consumer_end {
    ROAD_REPLACED = 1,    /* another consumer took the queue */
    ROAD_MANY_QUEUES = 2, /* the unit has as many queues as it may have */
    ROAD_DISK_FULL = 3    /* a new queue cannot be recorded */
};

struct road_committed {
    uint64_t ticket;
    uint8_t answer;  /* road_answer */
    uint64_t index;  /* of the leaf "received" */
    uint8_t verdict; /* road_verdict */
    uint64_t scope;  /* of the copy that lives longest; 0: none is left */
    uint8_t seed[ROAD_SEED];
    uint8_t commitment[ROAD_DIGEST];
    size_t recipients;
    struct road_recipient recipient[ROAD_RECIPIENTS_MAX]; /* ROAD_REPEATED only */
};

/* An empty one, whose list is not touched. */
void road_committed_init(struct road_committed *c, uint64_t ticket, enum road_answer answer);

void road_committed_put(const struct road_committed *c, struct buf *out);
MUST_USE enum result road_committed_take(struct cursor *in, struct road_committed *out);

/* IPC_SUBSCRIBE: a consumer, named by the edge, for a queue of a unit. */
struct road_subscribe {
    uint64_t consumer;
    struct bytes unit, queue;
    struct bytes kind[ROAD_RECIPIENTS_MAX],
        incident[ROAD_RECIPIENTS_MAX]; /* the filter; none: everything */
    size_t kinds, incidents;
    uint32_t most;       /* deliveries in flight */
    uint64_t most_bytes; /* and their size */
};

void road_subscribe_put(const struct road_subscribe *s, struct buf *out);
MUST_USE enum result road_subscribe_take(struct cursor *in, struct road_subscribe *out);

/* What the gateway itself has to tell a sender, made into an Outcome by the edge; it has no body of
 * its own. */
struct road_outcome {
    struct uuid about;       /* the message */
    uint64_t about_index;    /* its leaf "received" */
    struct bytes to, reason; /* the recipient, and why */
    uint8_t step;            /* DeliveryStep of the contract */
    int64_t at_us;
};

/* An order of destruction, made into a message by the edge; it has no body either. */
struct road_order {
    struct uuid id;
    uint8_t cause; /* DestructionCause of the contract */
    int64_t due_us, at_us;
    struct bytes items; /* ascending */
};

/* IPC_PROVISION: what was released at a leaf, from the log itself. */
struct road_provision {
    uint64_t ticket;
    bool found;  /* false: no leaf "released" stands there */
    bool onward; /* its recipient may pass it on */
    struct bytes source, unit, clause;
    int64_t deadline_us;
};

void road_provision_put(const struct road_provision *p, struct buf *out);
MUST_USE enum result road_provision_take(struct cursor *in, struct road_provision *out);

/* IPC_DELIVER */
struct road_deliver {
    uint64_t consumer, entry; /* entry: names this delivery in RELEASE and ACK */
    struct road_envelope envelope;
    struct bytes unit, clause, flags; /* as decided at first */
    int64_t received_us, deadline_us;
    uint64_t received_index; /* leaf "received" */
    uint64_t refers;   /* for the gateway's own notices: the leaf that they are about; 0: none */
    bool redelivery;   /* sent before, not acknowledged */
    bool was_released; /* a leaf "released" stands at released_index, over released_digest */
    uint64_t released_index;
    uint8_t released_digest[ROAD_DIGEST];
    bool is_outcome;
    struct road_outcome outcome; /* is_outcome */
    bool is_order;
    struct road_order order;    /* is_order */
    struct road_body body;      /* neither */
    int64_t sealed_deadline_us; /* bound into the seal */
    uint8_t commitment[ROAD_DIGEST];
    struct road_provision drawn; /* what it draws on; found is false when it draws on nothing */
    int64_t attend_by_us;        /* by when its recipient is to attend to it; 0: no such duty */
    bool reserve;                /* it came to this unit since nobody else attended to it */
    bool approved; /* persons approved it, or it came in an emergency, which waits for nobody */
};

void road_deliver_put(const struct road_deliver *d, struct buf *out);
MUST_USE enum result road_deliver_take(struct cursor *in, struct road_deliver *out);

/* IPC_RELEASE */
struct road_release {
    uint64_t consumer, entry;
    bool permitted;
    bool onward; /* the recipient may pass it on */
    struct bytes reason, clause, failed, flags;
    uint8_t commitment[ROAD_DIGEST]; /* over what the recipient gets */
    uint64_t size, policy;
    int64_t at_us;
    struct bytes notice;     /* an encoded road_commit for a notice about this release, in the same
                                commit; may be empty */
    struct road_case review; /* ROAD_EMERGENCY when this decision went past a condition */
    struct road_fact fact;
    bool owes;                 /* the recipient is to destroy it when it is due, */
    int64_t receipt_within_us; /* and to say so within this time; 0: nobody asks for it; */
    bool suspends;             /* else it gets nothing but alerts under this clause */
    uint32_t uses;             /* how often it may open it in a vault; 0: as it needs */
};

void road_release_put(const struct road_release *r, struct buf *out);
MUST_USE enum result road_release_take(struct cursor *in, struct road_release *out);

/* IPC_RELEASED */
struct road_released {
    uint64_t consumer, entry;
    bool again; /* decided on an older state: decide again */
    bool go; /* false: it must not leave (destroyed meanwhile, replaced consumer, not permitted) */
    uint64_t index; /* of the leaf "released" */
};

void road_released_put(const struct road_released *r, struct buf *out);
MUST_USE enum result road_released_take(struct cursor *in, struct road_released *out);

/* IPC_ACK */
struct road_ack {
    uint64_t consumer;
    uint8_t refuse; /* AckRefusal of the contract; 0: taken over */
    bool unsent;    /* neither: their deadline passed before the edge could send them */
    size_t entries;
    uint64_t entry[ROAD_ACKS_MAX]; /* nothing stands behind their count */
};

void road_ack_put(const struct road_ack *a, struct buf *out);
MUST_USE enum result road_ack_take(struct cursor *in, struct road_ack *out);

/* IPC_EVENT: a leaf that the edge asks for, by the event's number in audit/events.def. */
struct road_event {
    uint64_t ticket;
    uint8_t event;
    struct road_envelope envelope; /* id zero where there is none */
    int64_t at_us;
    struct bytes unit, reason, clause, failed; /* of the one it is about; may be empty */
    uint64_t refers;                           /* leaf that it continues; 0: none */
    struct bytes detail;                       /* words of ours */
    struct road_case review; /* ROAD_EMERGENCY when what began went past a condition */
    struct road_fact fact;
    bool owes; /* as in road_release, of a watcher that begins, */
    int64_t receipt_within_us;
    bool suspends;
    uint32_t uses;
    struct road_scope terms; /* with what a scope of it would have in common; id 1, no key */
};

void road_event_put(const struct road_event *e, struct buf *out);
MUST_USE enum result road_event_take(struct cursor *in, struct road_event *out);

#endif

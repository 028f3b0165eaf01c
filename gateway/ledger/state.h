/* What the ledger knows, all of it derived from the journal. Inside ledger/ only. */
#ifndef FEDGATE_LEDGER_STATE_H
#define FEDGATE_LEDGER_STATE_H

#include "audit/leaf.h"
#include "audit/note.h"
#include "audit/tiles.h"
#include "base/limits.h"
#include "base/map.h"
#include "crypto/random.h"
#include "incident/incident.h"
#include "ledger/ledger.h"
#include "spool/queues.h"
#include "spool/succession.h"
#include "spool/seen.h"
#include "spool/slots.h"
#include "spool/stored.h"
#include "standing/standing.h"

enum record_type {
#define R(NAME, number, by, text) RECORD_##NAME = (number),
#include "ledger/records.def"
#undef R
};

/* Records that belong together go into one frame: past this much, what is there is committed before
 * the next message is taken; and no message is so long that its frame could not bear it. */
enum { FRAME_FULL = 4 << 20, MESSAGE_MOST = 15 << 20 };

#define OUTCOME_KEPT                                                                               \
    US_PER_DAY /* how long a sender may take to fetch what became of its message                   \
                */
#define SEEN_KEPT     LIMIT_ID_WINDOW
#define INCIDENT_KEPT SEEN_KEPT /* after its end, so that it is known to be closed */

/* An edge reads the same clock; a step of it lies between the two readings at worst. Times beyond
 * would move the clock of all deadlines. */
#define AHEAD_MOST US_PER_MINUTE

struct ledger_incident {
    struct incident is;
    uint64_t place_scope;   /* held while the incident is open; 0: none, or its key was erased */
    struct heap_entry over; /* once it ended: when it is forgotten */
};

/* A stream or watcher that began and has not ended. */
struct ledger_stream {
    uint64_t index; /* of the leaf that opened it */
    uint8_t event;
    char source[IDENT_UNIT_MAX + 1], unit[IDENT_UNIT_MAX + 1];
};

/* An outcome's content, beside its delivery. */
struct ledger_outcome {
    struct delivery delivery; /* first */
    struct uuid about;
    uint64_t about_index;
    char sender[IDENT_UNIT_MAX + 1], to[IDENT_UNIT_MAX + 1], reason[IDENT_WORD_MAX + 1];
    uint8_t step, status; /* STATUS_*: of the message */
};

/* A duty that is not met yet (duties.c). */
struct ledger_duty {
    uint64_t key[2];       /* the leaf "received" of its message; which of the duties, from 1 */
    struct stored *stored; /* that message */
    int64_t within_us, by_us;
    struct heap_entry due;    /* in duties_due, once escalated in duties_over */
    size_t waiting;           /* of its recipients' copies, those that persons hold */
    bool begun;               /* its time runs: somebody may have the message */
    bool escalated;           /* nobody attended in time */
    struct delivery *reserve; /* NULL: it was not permitted, or is over */
    LIST_HEAD(, duty_name) names;
};

/* How a recipient names what it is to attend to: the leaf "released" of its delivery. */
struct duty_name {
    uint64_t index;
    struct ledger_duty *duty;
    char unit[IDENT_UNIT_MAX + 1];
    LIST_ENTRY(duty_name) of_duty;
};

enum destruction_step { DESTRUCTION_IDLE, DESTRUCTION_WAITS_FOR_EDGE, DESTRUCTION_READY };

struct destruction {
    enum destruction_step step;
    uint64_t batch;  /* number of the batch, to know its WIPED */
    uint64_t *scope; /* ids */
    size_t scopes, room;
    int64_t since_us; /* when collecting began (steady clock) */
    bool wipe_is_out; /* the edge was asked, */
    int64_t asked_us; /* then (steady clock), */
    bool unconfirmed; /* and did not answer in time */
    int64_t retry_us; /* without a keeper or room: not before (steady clock) */
    int64_t rest_us;  /* until then others have their turn (steady clock) */
};

/* What the system's clock is measured against (clocks.h). */
struct ledger_time {
    int64_t base_us, base_steady_us; /* it was trusted to be there, then */
    bool uncertain;                  /* somebody is asked, */
    bool refused;                    /* and said that it is wrong */
    int64_t ahead_us, since_us;      /* how far it was then, and when */
    size_t due, scopes;              /* what hung on it */
};

enum snapshot_step { SNAPSHOT_NONE, SNAPSHOT_WRITING, SNAPSHOT_WHOLE };

/* What recovery has of the state: nothing, some of a snapshot, all. */
enum snapshot_base { BASE_NONE, BASE_PART, BASE_ALL };

struct snapshot {
    enum snapshot_step step;
    uint32_t segment;  /* that it begins */
    uint64_t leaves;   /* entries of the log before it */
    uint32_t segments; /* that the last one took */
    size_t others;     /* bytes of other records since it was written on */
    int64_t retry_us;  /* without room: not before (steady clock) */
    bool began_low;    /* it fits into the spare segments */
    bool missed;       /* a record changed a message that was to be written first */
    struct buf read, item;

    /* recovery */
    enum snapshot_base base;
    bool any;                        /* a record was read */
    uint64_t index, refers;          /* of the message that was read last, */
    struct journal_place place;      /* where, */
    char source[IDENT_UNIT_MAX + 1]; /* and from whom */
};

/* Entries that are being let go (prune.h). */
struct prune {
    uint64_t wanted; /* what was signed; */
    uint64_t below;  /* and, once the statement stands, is let go */
    uint64_t next;   /* bundle */
    struct buf text, signature;
};

/* The process of a role whose level stands in the log (shut_in.c); pid 0: none does. */
struct shut_in {
    uint32_t pid;
    int64_t since_us;
};

struct ledger {
    struct ledger_config config;
    struct journal *journal;
    struct tiles *tiles;
    struct slots *slots;
    struct spool_scopes *scopes;
    struct spool_queues *queues;
    struct successions *successions;
    struct stored_round messages;
    struct seen *seen;
    struct map *incidents; /* struct ledger_incident by id */
    struct map *streams;   /* struct ledger_stream by index */
    struct standing *standing;
    struct map *duties; /* struct ledger_duty by key */
    struct map *names;  /* struct duty_name by index */
    struct heap outcomes_due, incidents_over, duties_due, duties_over;
    struct owing *owing; /* what recipients are to destroy (owed.h) */
    struct map *cases;   /* struct ledger_case by key (cases.h) */
    struct heap cases_due, cases_over;
    struct halves *halves;   /* what vaults of units have (halves.h) */
    struct acts *acts;       /* what officers may sign now, and what is suspended (acts.h) */
    struct buf in_force;     /* the activation recorded last (ipc/activation.h); empty: none */
    uint64_t highest_serial; /* of all policy sets that were activated */
    struct transparency *transparency; /* what others see of the log (transparency.h) */
    struct views *views;               /* who looks at it in the console (views.h) */
    struct hasher *hasher;
    struct note_key log_key;
    uint64_t generation;   /* of the wrapping secret */
    uint64_t leaves;       /* entries of the log, committed or being collected */
    int64_t high_water_us; /* the latest time on record: the clock never goes back behind it */
    struct ledger_time time;
    bool recovering, has_edge;
    uint64_t ended_below; /* streams of leaves before this one are to be recorded as ended */
    int64_t memoranda_us; /* when they were looked at last */
    bool ending;          /* its state is being freed: nothing is kept for a hold */
    struct destruction destruction;
    uint64_t register_scope; /* that facts are sealed under now; 0: there is none yet */
    int64_t register_ends_us;
    struct snapshot snapshot;
    int64_t scrub_us; /* when the scrubber reads next (steady clock) */
    struct prune prune;
    uint64_t published_size;
    int64_t signed_us;        /* when its checkpoint was signed; 0: none was since the start */
    int64_t published_us;     /* steady clock */
    uint64_t publishing_size; /* of the checkpoint that is being published; 0: none is */
    int64_t publishing_us;    /* when that was signed */
    struct buf publishing;    /* its text */
    bool log_is_full;         /* its folder had no room at the last checkpoint */
    bool scopes_are_many;     /* and an operator was told */
    int64_t share_told_us;    /* steady: the same of one party's; 0: never */
    bool is_over;             /* the journal is on its second device, as the log says */
    struct buf
        outbox; /* answers that wait for the commit: u16 type, u32 length, body, again and again */
    size_t pending_bytes; /* of records that were added since the last commit */
    struct buf record, leaf, scratch, answer;
    struct random_pool random; /* for the leaves' salts */
    struct road_ack heard;     /* acknowledgements that are settled together (acks.c) */
    struct shut_in shut_in[ROLE_ID_COUNT];
};

/* ---- making and freeing (recovery.c) */

/* All that recovery makes: freed, and made anew, empty. */
void ledger_forget(struct ledger *l);

/* ---- time */
int64_t ledger_now(const struct ledger *l);

/* A record is of this time. */
void ledger_saw_time(struct ledger *l, int64_t at_us);

/* ---- records: written (record.c), then applied (apply.c, apply_message.c) */

/* Whether the journal surely has room for the records that a message of `bytes` makes. Asked before
 * the first of them: what was begun must not be committed by halves. */
bool ledger_has_room(const struct ledger *l, size_t bytes);

/* Adds a record. Without room, which was asked for, RESULT_IO. */
MUST_USE enum result ledger_add(struct ledger *l, enum record_type type, struct bytes body,
                                struct journal_place *place);

/* Adds a record and applies it, as recovery does. */
MUST_USE enum result ledger_record(struct ledger *l, enum record_type type, struct bytes body);
MUST_USE enum result ledger_apply(struct ledger *l, enum record_type type, struct bytes body,
                                  struct journal_place place);
MUST_USE enum result ledger_apply_message(struct ledger *l, struct bytes body,
                                          struct journal_place place);

/* RECORD_MESSAGE of a message that was taken apart already; `encoded` is what it was taken from.
 * And what that record does. */
MUST_USE enum result ledger_record_message(struct ledger *l, const struct road_commit *c,
                                           struct bytes encoded, uint64_t index, uint64_t refers);
MUST_USE enum result ledger_apply_commit(struct ledger *l, const struct road_commit *c,
                                         uint64_t index, uint64_t refers,
                                         struct journal_place place);

/* The record of a committed message again, or only its envelope, decoded into `out`, whose views
 * point into l->scratch. */
MUST_USE enum result ledger_recall(struct ledger *l, struct journal_place place,
                                   struct road_commit *out);
MUST_USE enum result ledger_recall_envelope(struct ledger *l, struct journal_place place,
                                            struct road_envelope *out);

/* Commits what was added; ledger_make_frame_room only when it is much with `bytes` more, or when
 * they might not fit into the present segment. */
MUST_USE enum result ledger_commit(struct ledger *l);
MUST_USE enum result ledger_make_frame_room(struct ledger *l, size_t bytes);

/* Ends a delivery with all its entries, at `now_us`. */
void ledger_end_delivery(struct ledger *l, struct delivery *d, int64_t now_us);

/* Whether it may still be offered: not past its deadline, its key not about to be erased. */
bool ledger_may_leave(const struct ledger *l, const struct delivery *d);

/* Whether it waits for a consent that is suspended: it is kept, and offered to nobody. */
bool ledger_is_suspended(const struct ledger *l, const struct delivery *d);

/* Takes a text with its length in front into `room` bytes. RESULT_DAMAGED when it is longer. */
MUST_USE enum result ledger_take_text(struct cursor *in, char *out, size_t room);

struct ledger_incident *ledger_incident(const struct ledger *l, struct bytes id);

/* ---- leaves (leaves.c): each fills salt, index and time, and adds the record. *index may be NULL.
 */
MUST_USE enum result ledger_leaf(struct ledger *l, struct leaf *leaf, uint64_t *index);
/* The same with what the register keeps of it, which must fit (register.h). */
MUST_USE enum result ledger_leaf_with(struct ledger *l, struct leaf *leaf,
                                      const struct road_fact *fact, uint64_t *index);
/* An entry of the log, read again into `entry`; the leaf's views point into `room`, which the
 * caller frees in any case. RESULT_NOT_FOUND: there is none, or not any more. RESULT_DAMAGED: the
 * file is not what was written, and that was told; whoever asked for the entry ends no channel and
 * no process by it. RESULT_IO. */
MUST_USE enum result ledger_leaf_read(const struct ledger *l, uint64_t index, struct buf *entry,
                                      struct leaf *leaf, struct leaf_room **room);

void ledger_leaf_envelope(struct leaf *leaf, const struct road_envelope *e,
                          char id_text[UUID_TEXT + 1]);
/* "12,15-18": leaves, in any order; neighbours are joined. */
void ledger_put_ranges(struct buf *out, const uint64_t *index, size_t count);
enum { LEDGER_LANE_URGENT }; /* the first of the contract's lanes */

/* ---- outcomes.c: what a sender is told */

/* Makes one a delivery, which stands in no queue yet. */
void outcome_begin(struct ledger *l, struct ledger_outcome *o, uint64_t index, int64_t at_us);

/* The content of an outcome's record behind its index and time. */
void outcome_put(const struct ledger_outcome *o, struct buf *out);
MUST_USE enum result outcome_take(struct cursor *in, struct ledger_outcome *out);

/* DeliveryStep of the contract; OUTCOME_DECIDED says only how the receipt now stands. */
enum outcome_step {
    OUTCOME_DECIDED = 0,
    OUTCOME_ATTENDED = 2,
    OUTCOME_ESCALATED = 3,
    OUTCOME_EXPIRED = 4
};

struct outcome_news {
    const struct road_envelope *envelope; /* of the message */
    uint64_t index;                       /* of its leaf "received" */
    struct bytes unit;                    /* the recipient that it is about */
    const char *reason;                   /* its word */
    enum outcome_step step;
};

/* Records an Outcome for the message's sender; nothing for the gateway's own messages, which have
 * no sender to tell. */
MUST_USE enum result ledger_tell_sender(struct ledger *l, const struct outcome_news *n,
                                        int64_t now_us);

/* ---- answers */
void ledger_answer(struct ledger *l, enum ipc_type type, struct bytes body);

/* ---- receipts.c: what became of a message */
void receipt_answer(struct ledger *l, const struct road_committed *c);

/* The message with this source and id, if it is remembered; and its receipt, answered again, as it
 * stands now. What the log has not any more, or not as it was written, is not found. RESULT_IO. */
const struct seen_message *receipt_find(const struct ledger *l, struct bytes source,
                                        const struct uuid *id);
MUST_USE enum result receipt_again(struct ledger *l, uint64_t ticket,
                                   const struct seen_message *known);
MUST_USE enum result receipt_get(struct ledger *l, struct bytes body);

/* ---- what the edge asks (intake.c, outlet.c, events.c) */
MUST_USE enum result intake_commit(struct ledger *l, struct bytes body);

/* A message, also one that a release brings with it: checked, then recorded with the leaf that it
 * is about. RESULT_STALE when it was decided on an older state. */
/* Whose share a message's scopes are of: its sender's party, a view; none for the gateway itself.
 */
struct bytes intake_party(const struct road_commit *c);
MUST_USE enum result intake_check(struct ledger *l, const struct road_commit *c);
MUST_USE enum result intake_record(struct ledger *l, const struct road_commit *c,
                                   struct bytes encoded, uint64_t refers, uint64_t *index);

MUST_USE enum result outlet_subscribe(struct ledger *l, struct bytes body);
MUST_USE enum result outlet_unsubscribe(struct ledger *l, struct bytes body);
MUST_USE enum result outlet_release(struct ledger *l, struct bytes body);
MUST_USE enum result outlet_ack(struct ledger *l, struct bytes body);
MUST_USE enum result outlet_settle(struct ledger *l); /* what outlet_ack heard */

/* Offers what may be offered, after a commit. */
MUST_USE enum result outlet_pump(struct ledger *l);

/* What was set aside of a scope that does not end now, or whose consent stands again. */
void outlet_go_on(struct ledger *l, const struct spool_scope *x);

MUST_USE enum result activation_apply(struct ledger *l, struct bytes body);

MUST_USE enum result events_record(struct ledger *l, struct bytes body);

/* Ends what edges left open that went (ended_below); what does not fit into the journal waits until
 * it is called again. */
MUST_USE enum result events_end_all(struct ledger *l, const char *cause);

/* What was released at a leaf (provision.c). In the leaf's detail, that it may be passed on. */
#define ONWARD_DETAIL " onward=yes"
MUST_USE enum result provision_read(struct ledger *l, uint64_t index, struct road_provision *out,
                                    struct leaf_room **room); /* what the views point into */
MUST_USE enum result provision_get(struct ledger *l, struct bytes body);

/* ---- supersede.c: positions that a newer one stands for */

/* Behind a message that was recorded: what waits for its recipients and need not wait any more is
 * over, and on record. */
MUST_USE enum result supersede_older(struct ledger *l, const struct road_commit *c, uint64_t index);
MUST_USE enum result supersede_apply(struct ledger *l, struct bytes body);

/* ---- duties.c: what somebody among the recipients has to attend to in time */

/* What records do: a message came with its duties, whose deliveries stand in `d`; one of them was
 * released; one is over; what nobody can attend to any more is forgotten. */
void duty_begin(struct ledger *l, const struct road_commit *c, struct stored *stored);
void duty_add(struct ledger *l, struct delivery *d, bool reserve);
void duty_let_go(struct ledger *l, struct delivery *d, int64_t at_us); /* by persons */
void duty_released(struct ledger *l, const struct delivery *d, const char *unit);
void duty_delivery_over(struct ledger *l, const struct delivery *d, int64_t now_us);

/* The newer one stands for the older one: when that was the last that anybody could have attended
 * to, its duty is over, and that of the newer one is due when it was. */
void duty_superseded(struct ledger *l, const struct delivery *older, const struct delivery *newer,
                     int64_t now_us);
void duty_forget_old(struct ledger *l);
MUST_USE enum result duty_apply_attended(struct ledger *l, struct bytes body);
MUST_USE enum result duty_apply_escalated(struct ledger *l, struct bytes body);
void duty_free_all(struct ledger *l);

/* Between duties.c and duties_kept.c. */
#define DUTY_OVER_AFTER US_PER_DAY /* once escalated: how long attending is still told of */
struct ledger_duty *duty_of(const struct ledger *l, uint64_t index, uint64_t number);
void duty_add_name(struct ledger *l, struct ledger_duty *duty, uint64_t index, const char *unit);

/* A message's duty in a snapshot, and back. RESULT_DAMAGED. */
void duty_put(const struct ledger *l, const struct stored *s, unsigned number, struct buf *out);
MUST_USE enum result duty_restore(struct ledger *l, struct stored *s, unsigned number,
                                  struct cursor *in);

/* Whether the delivery is held in reserve; by when its recipient is to attend, 0 when nobody has
 * to.
 */
bool duty_holds(const struct ledger *l, const struct delivery *d);
int64_t duty_by_us(const struct ledger *l, const struct delivery *d);

/* The unit sent a message of this kind and status (empty: it acknowledged) that names a leaf
 * "released": if a duty is met by that, it is recorded and the sender is told. */
MUST_USE enum result duty_attend(struct ledger *l, uint64_t named, struct bytes unit,
                                 struct bytes kind, struct bytes status, int64_t now_us);

/* What nobody attended to in time goes to those in reserve. */
MUST_USE enum result duty_escalate_due(struct ledger *l, int64_t now_us);

/* ---- standing.c: headquarters of regions, and consents */

/* Whether the message's change fits what stands, for it has one. */
bool standing_fits(const struct ledger *l, const struct road_commit *c);

/* What its record does: the change, and the clocks of scopes that wait for a disaster's end. */
MUST_USE enum result standing_apply_record(struct ledger *l, const struct road_commit *c);
MUST_USE enum result standing_leaf(struct ledger *l, const struct road_commit *c, uint64_t about);

/* Tells the edge all of it. */
void standing_view(struct ledger *l);

/* Whether a headquarters works for one of the regions (words, a blank between two). */
bool standing_has_headquarters(const struct ledger *l, const char *regions);

/* Whether the consent that bodies rest on (road_scope.consent, ROAD_CONSENT bytes) does not stand.
 */
bool standing_lacks(const struct ledger *l, const uint8_t *consent);

/* ---- ends.c: what ends before its time */

/* Ends the scope: what waits in it is over, and its key is erased, in this turn. What records do.
 */
void ends_scope(struct ledger *l, struct spool_scope *x, enum spool_cause cause, int64_t at_us);

/* Ends a group of what a recipient owes, by its clock in l->owing->clocks (owed.h): it is ordered
 * in this turn. Whatever ends scopes ends these beside them. */
void ends_owed(struct ledger *l, struct spool_scope *clock, enum spool_cause cause, int64_t at_us);

/* Ends scopes, and groups of what recipients owe, by their numbers; recorded, with an entry of the
 * log that says the cause and about what. And what the record does. */
struct ends {
    enum spool_cause cause;
    struct bytes about; /* words of ours */
    const uint64_t *scope, *group;
    size_t scopes, groups;
};
MUST_USE enum result ends_record(struct ledger *l, const struct ends *e);
MUST_USE enum result ends_apply(struct ledger *l, struct bytes body);

/* What is under memoranda that are over ends, once a second. */
MUST_USE enum result ends_turn(struct ledger *l, int64_t now_us);

/* The word for it in the log, that of the contract's DestructionCause. */
const char *ends_cause_word(enum spool_cause cause);

/* ---- destruction.c */
MUST_USE enum result destruction_begin(struct ledger *l,
                                       int64_t now_us); /* before the commit: what is due expires */
MUST_USE enum result destruction_finish(struct ledger *l); /* after it: keys are erased, recorded */
/* At the start: scopes whose keys were erased before that could be recorded. */
MUST_USE enum result destruction_record_lost(struct ledger *l);
MUST_USE enum result destruction_wiped(struct ledger *l, struct bytes body);
void destruction_edge_went(struct ledger *l);

#endif
